"""`stillmotion config`: which settings are in force, and where each one came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.options import talk_options
from stillmotion.cli.remote import server_options, show_json, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stillmotion.client.configuration import Setting

_HIDDEN = "********"
_SECRET = frozenset(("api_key", "database_url", "metrics_key"))


@click.group("config", short_help="Show the settings in force, and where they came from.")
def command() -> None:
    """Settings: options count most, then the environment, the nearest `stillmotion.toml`, yours, the defaults.

    \b
    Example:
      stillmotion config show --origin
    """


@command.command("show")
@click.option("--origin", is_flag=True, help="Also where each one came from.")
@server_options
@talk_options
def show(*, origin: bool, base_url: str | None, api_key: str | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Show every setting of the client and of the service, secrets hidden.

    \b
    Examples:
      stillmotion config show --origin
      STILLMOTION_PORT=9000 stillmotion config show --json
    """
    del quiet, verbose
    found = [*_of_client(base_url, api_key), *_of_service()]
    if as_json:
        show_json({name: {"value": value, "origin": place} if origin else value for name, value, place in found})
        return
    table([(name, _written(value), place) if origin else (name, _written(value)) for name, value, place in found])


def _of_client(base_url: str | None, api_key: str | None) -> Iterator[tuple[str, Any, str]]:
    from stillmotion.client import configuration

    known = configuration.read(base_url, api_key)
    settings: dict[str, Setting] = {"base_url": known.base_url, "api_key": known.api_key}
    for name, setting in settings.items():
        shown = _HIDDEN if name in _SECRET and setting.value else setting.value or None
        yield f"client.{name}", shown, setting.origin
    for name, alias in known.aliases.items():
        yield f"client.alias.{name}", alias.model, alias.origin


def _of_service() -> Iterator[tuple[str, Any, str]]:
    from stillmotion.cli.installation import settings_of
    from stillmotion.server import settings as service

    values = settings_of(None).model_dump(mode="json")
    origins = service.origins()
    for name, value in values.items():
        shown = _HIDDEN if name in _SECRET and value is not None else value
        yield name, shown, origins.get(name, "default")


def _written(value: object) -> str:
    if value is None:
        return "-"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
