"""`stillmotion plugins`: which models other packages added to this installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.display import say
from stillmotion.cli.options import talk_options
from stillmotion.cli.remote import show_json, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stillmotion.catalog.added import Plugin


@click.command("plugins", short_help="List the models that other packages added, and what could not be loaded.")
@talk_options
@click.pass_context
def command(context: click.Context, *, as_json: bool, quiet: bool, verbose: bool) -> None:
    """List the models that packages beside stillmotion add to it, with their engines and where they come from.

    A package adds models by an entry point of the group `stillmotion.models`. Exit code 1 when one cannot be used; then
    the service does not start either.

    \b
    Example:
      stillmotion plugins
    """
    del verbose
    from stillmotion import catalog  # loads pydantic

    plugins = catalog.plugins()
    if as_json:
        show_json([_facts(plugin) for plugin in plugins])
    else:
        table([row for plugin in plugins for row in _rows(plugin)])
        if not plugins and not quiet:
            say("no plug-ins")
    context.exit(1 if any(plugin.problem for plugin in plugins) else 0)


def _facts(plugin: Plugin) -> dict[str, Any]:
    models = [{"model_id": model.id, "engines": list(model.engines)} for model in plugin.models]
    known = {"name": plugin.name, "package": plugin.package, "value": plugin.value, "models": models}
    return {**known, "problem": plugin.problem or None}


def _rows(plugin: Plugin) -> Iterator[tuple[str, ...]]:
    origin = plugin.package, plugin.value
    if plugin.problem:
        yield "PROBLEM", plugin.name, *origin, plugin.problem
        return
    for model in plugin.models:
        yield model.id, ", ".join(model.engines), *origin, ""
