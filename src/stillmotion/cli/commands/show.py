"""`stillmotion show`, `history`, `download`, `upload`, `cancel`, `delete`: predictions and files of a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.display import say
from stillmotion.cli.downloads import check_template, fetch_outputs
from stillmotion.cli.following import follow, wait_option
from stillmotion.cli.options import talk_options
from stillmotion.cli.remote import details, moment, server, server_options, show_json, table
from stillmotion.errors import InputRefused, PredictionUnknown

if TYPE_CHECKING:
    from datetime import datetime

    from stillmotion.client import Client

FACTS = ("id", "model", "status", "created_at", "error")
_OPEN = ("created", "processing")
STATUSES = (*_OPEN, "completed", "failed")
_PAGE = 100
_STOPPED = {"processing": "is being stopped", "completed": "is completed already"}


@click.command("show", short_help="Show how a prediction stands.")
@click.argument("prediction_id", metavar="ID")
@wait_option
@server_options
@talk_options
def show(
    *,
    prediction_id: str,
    waits: bool,
    base_url: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Show the prediction ID: its status, its outputs, why it failed.

    \b
    Examples:
      stillmotion show 0123456789abcdef0123456789abcdef
      stillmotion show 0123456789abcdef0123456789abcdef --wait
    """
    with server(base_url, api_key) as client:
        if waits:
            follow(client, prediction_id, quiet=quiet, verbose=verbose)
        made = client.get_result(prediction_id)
        more = {} if as_json else details(client, prediction_id)
        if as_json:
            show_json(made)
            return
        facts = [(name, str(made[name])) for name in FACTS if made.get(name)]
        if made["status"] == "processing" and more.get("stage"):
            facts.append(("stage", f"{more['stage']}, {more['progress']}%"))
        facts += [("engine", str(more["engine"]))] if more.get("engine") else []
        notes = [("note", str(words)) for words in more.get("notes", [])]
        table([*facts, *(("output", str(url)) for url in made.get("outputs", [])), *notes])


@click.command("history", short_help="List predictions, newest first.")
@click.option("--model", help="Only of this model.")
@click.option("--status", type=click.Choice(STATUSES), help="Only those.")
@click.option("--since", type=click.DateTime(), help="Only later ones, in this machine's time.")
@click.option("-n", "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many at most.")
@server_options
@talk_options
def history(
    *,
    model: str | None,
    status: str | None,
    since: datetime | None,
    limit: int,
    base_url: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """List your predictions: id, status, time (UTC), model; with -v also the prompt.

    \b
    Examples:
      stillmotion history
      stillmotion history --status failed --json
    """
    with server(base_url, api_key) as client:
        found = _newest(client, model, status, since, limit, inputs=as_json or verbose)
        if as_json:
            show_json(found)
            return
        table([_line(made, verbose=verbose) for made in found])
        if not found and not quiet:
            say("nothing that fits" if model or status or since else "nothing yet")


@click.command("download", short_help="Fetch the outputs of a prediction.")
@click.argument("prediction_id", metavar="ID")
@click.option("-o", "--output", "template", default="", help="A folder, or a name with {id}, {index}, {model}, {ext}.")
@wait_option
@server_options
@talk_options
def download(
    *,
    prediction_id: str,
    template: str,
    waits: bool,
    base_url: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Fetch the outputs of the prediction ID into files here and print their paths.

    \b
    Example:
      stillmotion download 0123456789abcdef0123456789abcdef --wait -o "film-{index}.{ext}"
    """
    check_template(template)
    with server(base_url, api_key) as client:
        if waits:
            follow(client, prediction_id, quiet=quiet, verbose=verbose)
        paths = [str(path) for path in fetch_outputs(client, client.get_result(prediction_id), template)]
    if as_json:
        show_json({"files": paths})
        return
    for path in paths:
        click.echo(path)


@click.command("upload", short_help="Give the server a file, and print its address.")
@click.argument("file", type=click.Path(path_type=Path))
@server_options
@talk_options
def upload(*, file: Path, base_url: str | None, api_key: str | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Give the server FILE and print the address by which a run can name it.

    \b
    Example:
      stillmotion upload cat.png
    """
    del quiet, verbose
    with server(base_url, api_key) as client:
        address = client.upload(file)
    if as_json:
        show_json({"download_url": address})
    else:
        click.echo(address)


@click.command("cancel", short_help="Stop a prediction; nothing is charged for it.")
@click.argument("prediction_id", metavar="ID")
@server_options
@talk_options
def cancel(
    *, prediction_id: str, base_url: str | None, api_key: str | None, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """Stop the prediction ID, waiting or running.

    \b
    Example:
      stillmotion cancel 0123456789abcdef0123456789abcdef
    """
    del verbose
    with server(base_url, api_key) as client:
        made = client.cancel(prediction_id)
    if as_json:
        show_json(made)
    elif not quiet:
        say(f"{prediction_id} {_STOPPED.get(str(made.get('status')), 'is stopped')}")


@click.command("delete", short_help="Delete predictions with their files.")
@click.argument("prediction_ids", metavar="ID...", nargs=-1, required=True)
@server_options
@talk_options
def delete(
    *,
    prediction_ids: tuple[str, ...],
    base_url: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Delete finished predictions with their files.

    One that still runs is left alone unless it is being stopped, and one that is not there is named: exit code 4; all
    others are deleted.

    \b
    Example:
      stillmotion delete 0123456789abcdef0123456789abcdef
    """
    del verbose
    several = tuple(dict.fromkeys(prediction_ids))
    with server(base_url, api_key) as client:
        status = {one: _status(client, one) for one in several}
        ended = [one for one in several if status[one] not in (*_OPEN, "")]
        count = client.delete(ended) if ended else 0
        # The server knows which of them are being stopped, and deletes those.
        stopped = [one for one in several if status[one] in _OPEN and client.delete(one)]
    count += len(stopped)
    told = f"{count} of {len(several)} deleted"
    faults = [_fault(one, status[one]) for one in several if one not in {*ended, *stopped}]
    if faults:
        raise InputRefused(" ".join([*faults, f"{told}."]))
    if as_json:
        show_json({"deleted_count": count})
    elif not quiet:
        say(told)


def _status(client: Client, prediction_id: str) -> str:
    """How a prediction stands; empty when it is not there."""
    try:
        return str(client.get_result(prediction_id)["status"])
    except PredictionUnknown:
        return ""


def _fault(prediction_id: str, status: str) -> str:
    """Why a prediction was not deleted, and what to do."""
    if not status:
        return f"There is no prediction {prediction_id}."
    return f"{prediction_id} still runs: `stillmotion cancel {prediction_id}` stops it, then it can be deleted."


def _newest(
    client: Client, model: str | None, status: str | None, since: datetime | None, limit: int, *, inputs: bool
) -> list[dict[str, Any]]:
    """The newest predictions, page by page."""
    found: list[dict[str, Any]] = []
    size = min(limit, _PAGE)
    after = since.astimezone() if since else None
    for page in range(1, -(-limit // size) + 1):
        items = client.history(
            page=page, page_size=size, model=model, status=status, created_after=after, include_inputs=inputs
        )["items"]
        found += items
        if len(items) < size:
            break
    return found[:limit]


def _line(made: dict[str, Any], *, verbose: bool) -> tuple[str, ...]:
    prompt = str((made.get("input") or {}).get("prompt", "")).replace("\n", " ")
    told = (made["id"], made["status"], moment(made.get("created_at")), str(made.get("model", "")))
    return (*told, prompt) if verbose else told
