"""`stillmotion models`, `schema`, `price`: what a server offers, and what it costs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.display import say
from stillmotion.cli.options import talk_options
from stillmotion.cli.remote import (
    advised,
    field_lines,
    find_model,
    input_options,
    read_inputs,
    request_schema,
    resolved,
    server,
    server_options,
    show_json,
    table,
)

if TYPE_CHECKING:
    from pathlib import Path


@click.command("models", short_help="List the models of a server, with their prices.")
@click.argument("query", nargs=-1)
@server_options
@talk_options
def models(
    *, query: tuple[str, ...], base_url: str | None, api_key: str | None, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """List the models of the server whose id, title or description holds all words of QUERY.

    The price is that of the model's default inputs; `stillmotion price` knows that of yours.

    \b
    Examples:
      stillmotion models
      stillmotion models sora pro
    """
    with server(base_url, api_key) as client:
        found = [one for one in client.models() if _fits(one, query)]
        if as_json:
            show_json(found)
            return
        table([(one["model_id"], _dollars(one.get("base_price")), str(one.get("name", ""))) for one in found])
        if verbose:
            for one in found:
                say(f"{one['model_id']}: {one.get('description', '')}")
        if not found and not quiet:
            say("no model fits")


@click.command("schema", short_help="Show the inputs of a model.")
@click.argument("model")
@server_options
@talk_options
def schema(*, model: str, base_url: str | None, api_key: str | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Show which inputs MODEL takes, one a line; with --json as JSON Schema.

    \b
    Example:
      stillmotion schema openai/sora-2/image-to-video
    """
    del quiet, verbose
    with server(base_url, api_key) as client:
        found = request_schema(find_model(client, resolved(model)[0]))
        if as_json:
            show_json(found)
        else:
            table(field_lines(found))


@click.command("price", short_help="What a run of these inputs costs.")
@click.argument("model")
@input_options
@server_options
@talk_options
def price(
    *,
    model: str,
    inputs: tuple[str, ...],
    input_file: Path | None,
    base_url: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Ask the server what a run of MODEL costs. Nothing is run, nothing is uploaded, nothing is charged.

    Inputs that the price does not look at are named on stderr.

    \b
    Example:
      stillmotion price openai/sora-2/image-to-video -i duration:=8
    """
    del verbose
    wanted, known = resolved(model)
    given = read_inputs(known, input_file, inputs, str)
    with server(base_url, api_key) as client, advised(wanted, inputs):
        quote = client.price(wanted, given)
        blind = _blind(find_model(client, wanted), given)
        if as_json:
            show_json({**quote, "blind_to": blind})
            return
        click.echo(_dollars(quote["price"]))
        if blind and not quiet:
            say(f"the price does not depend on: {', '.join(blind)}")


def _fits(entry: dict[str, Any], query: tuple[str, ...]) -> bool:
    text = " ".join(str(entry.get(name, "")) for name in ("model_id", "name", "description", "type")).lower()
    return all(word.lower() in text for word in query)


def _blind(entry: dict[str, Any], given: dict[str, Any]) -> list[str]:
    """The inputs that the model's price formula does not mention."""
    mentioned = set(re.findall(r"\w+", str(entry.get("formula", ""))))
    return sorted(set(given) - mentioned)


def _dollars(amount: object) -> str:
    """As people write it; an unknown amount is a dash."""
    from stillmotion.money import Money

    return "-" if amount is None else str(Money.of(str(amount)))
