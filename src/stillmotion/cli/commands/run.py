"""`stillmotion run`: have a server run a model, wait, and print where the outputs are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.display import say
from stillmotion.cli.downloads import check_template, fetch_outputs
from stillmotion.cli.film import tell_notes
from stillmotion.cli.following import follow
from stillmotion.cli.options import prompt_option, talk_options
from stillmotion.cli.remote import (
    advised,
    details,
    field_lines,
    find_model,
    input_options,
    read_inputs,
    request_schema,
    resolved,
    server,
    server_options,
    show_json,
)
from stillmotion.errors import LeftRunning, ServerUnreachable, StillmotionError

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.client import Client


class RunCommand(click.Command):
    """A command whose help also tells the inputs of the model that is named with it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Help is asked for with a model: that of the command, then that of the model."""
        if any(word in ctx.help_option_names for word in args):
            rest = [word for word in args if word not in ctx.help_option_names]
            said, _, _ = self.make_parser(ctx).parse_args(rest)
            model, base_url, api_key = (_text(said.get(name)) for name in ("model", "base_url", "api_key"))
            if model:
                click.echo(ctx.get_help())
                _tell_inputs(model, base_url, api_key)
                ctx.exit()
        return super().parse_args(ctx, args)


def _text(value: object) -> str | None:
    """What was said; Click marks what was not said in a way of its own."""
    return value if isinstance(value, str) else None


def _tell_inputs(model: str, base_url: str | None, api_key: str | None) -> None:
    wanted, known = resolved(model)
    with server(base_url, api_key) as client:
        try:
            entry = find_model(client, wanted)
        except ServerUnreachable as error:
            entry = _from_here(wanted, error)
    click.echo(f"\nInputs of {wanted}:")
    for name, words in field_lines(request_schema(entry)):
        click.echo(f"  {name:<16} {words}" + (f" Here: {known[name]}." if name in known else ""))


def _from_here(model: str, error: StillmotionError) -> dict[str, Any]:
    """The model as this program knows it, when the server cannot be asked."""
    from stillmotion import catalog

    say(f"{error} These are the inputs as this version knows them.")
    return catalog.listing(catalog.get(model), "")


@click.command("run", cls=RunCommand, short_help="Have a server run a model, and wait for it.")
@click.argument("model")
@prompt_option(required=False)
@input_options
@click.option(
    "--download",
    "template",
    is_flag=False,
    flag_value="",
    metavar="[TEMPLATE]",
    help="Fetch the outputs too. A folder, or a name with {id}, {index}, {model}, {ext}; else {id}.{ext}.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0),
    help="Seconds to wait once it is accepted. Without it, until it ends.",
)
@click.option("--interval", "interval_s", type=click.FloatRange(min=0.05), default=1.0, hidden=True)
@click.option("--webhook", metavar="URL", help="An address that is told the end as well.")
@click.option("--idempotency-key", metavar="TEXT", help="Names this run: the same key never runs twice.")
@server_options
@talk_options
def command(
    *,
    model: str,
    prompt: str | None,
    inputs: tuple[str, ...],
    input_file: Path | None,
    template: str | None,
    timeout_s: float | None,
    interval_s: float,
    webhook: str | None,
    idempotency_key: str | None,
    base_url: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Run MODEL on the server, wait, and print the addresses of its outputs; with --download the paths of the files.

    The id is told on stderr as soon as there is one. Ctrl-C stops the waiting and not the run; `stillmotion show ID
    --wait` waits again, `stillmotion cancel ID` stops it. `stillmotion run MODEL -h` tells the inputs of that model.

    Inputs are taken from an alias of the settings, then --input-file, then -i, then -p; later ones count more. They are
    sent as they stand. A local file is read only where an @ says so.

    \b
    Examples:
      stillmotion run openai/sora-2/image-to-video -p "The cat jumps" -i image=@cat.png -i duration:=8
      stillmotion run openai/sora-2/image-to-video --input-file shot.json --download "{id}.{ext}" --json
    """
    check_template(template)
    wanted, known = resolved(model)
    with server(base_url, api_key) as client:
        given = read_inputs(known, input_file, inputs, client.upload)
        given = given if prompt is None else {**given, "prompt": prompt}
        with advised(wanted, inputs):
            prediction_id = _submit(client, wanted, given, webhook, idempotency_key)["id"]
        if not quiet:
            say(f"prediction {prediction_id}")
        made = follow(client, prediction_id, quiet=quiet, verbose=verbose, timeout_s=timeout_s, interval_s=interval_s)
        paths = [] if template is None else fetch_outputs(client, made, template)
        if not quiet:
            _tell_notes(client, made["id"])
    _tell(made, paths, as_json=as_json, downloaded=template is not None)


def _submit(client: Client, model: str, inputs: dict[str, Any], webhook: str | None, key: str | None) -> dict[str, Any]:
    try:
        return client.submit(model, inputs, webhook=webhook, idempotency_key=key)
    except KeyboardInterrupt:
        message = "Interrupted while submitting; the server may have accepted it: `stillmotion history` tells."
        raise LeftRunning(message) from None


def _tell_notes(client: Client, prediction_id: str) -> None:
    """What could not be done; the run is over and paid for, so a server that is away now takes nothing from it."""
    try:
        notes = details(client, prediction_id).get("notes", ())
    except StillmotionError as error:
        say(f"{error} What could not be done, if anything, says `stillmotion show {prediction_id}`.")
        return
    tell_notes(tuple(notes))


def _tell(made: dict[str, Any], paths: list[Path], *, as_json: bool, downloaded: bool) -> None:
    if as_json:
        show_json({**made, "files": [str(path) for path in paths]} if downloaded else made)
        return
    for place in paths or made["outputs"]:
        click.echo(place)
