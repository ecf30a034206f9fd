"""Where the server is and what key to send: argument, environment, the nearest `stillmotion.toml`, the user's, default.

Secrets may also lie in a file of their own, which `STILLMOTION_API_KEY_FILE` names.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from stillmotion.errors import SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = "stillmotion.toml"
TABLE = "client"
ARGUMENT = "argument"
"""The origin of what the caller said."""
DEFAULT_URL = "http://127.0.0.1:8000"
URL_VARIABLE, KEY_VARIABLE, KEY_FILE_VARIABLE = (
    "STILLMOTION_BASE_URL",
    "STILLMOTION_API_KEY",
    "STILLMOTION_API_KEY_FILE",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A short name for a model with inputs of one's own."""

    model: str
    inputs: Mapping[str, Any]
    origin: str
    """The file that says it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A value and where it came from."""

    value: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What a client needs to know."""

    base_url: Setting
    api_key: Setting = field(repr=False)
    aliases: Mapping[str, Alias]


def read(
    base_url: str | None = None,
    api_key: str | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Configuration:
    """The configuration in force.

    Args:
        base_url: what the caller says; None asks the places below.
        api_key: likewise.
        environment: instead of the process's.
        folder: where the search for `stillmotion.toml` begins, instead of the working directory.

    Raises:
        SettingsInvalid: a file cannot be read, or says something that it cannot say.
    """
    known = os.environ if environment is None else environment
    tables = [(str(path), _table(path)) for path in files(folder or Path.cwd())]
    given = [Setting(value=value, origin=ARGUMENT) for value in (base_url,) if value]
    urls = [*given, *_variable(known, URL_VARIABLE), *_in_files(tables, "base_url")]
    keys = [Setting(value=api_key, origin=ARGUMENT)] if api_key else []
    keys = [*keys, *_variable(known, KEY_VARIABLE), *_secret_file(known), *_in_files(tables, "api_key")]
    return Configuration(
        base_url=urls[0] if urls else Setting(value=DEFAULT_URL, origin="default"),
        api_key=keys[0] if keys else Setting(value="", origin="default"),
        aliases=_aliases(tables),
    )


def files(folder: Path) -> tuple[Path, ...]:
    """The files that are read, the first of them counting most: the nearest one upwards, then the user's."""
    upwards = (each / FILE for each in (folder, *folder.absolute().parents))
    users = Path(platformdirs.user_config_dir("stillmotion")) / FILE
    nearest = next((path for path in upwards if path.is_file()), None)
    return tuple(dict.fromkeys(path for path in (nearest, users) if path is not None and path.is_file()))


def _table(path: Path) -> Mapping[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"{path} cannot be read: {error}."
        raise SettingsInvalid(message) from None
    table = content.get(TABLE, {})
    if not isinstance(table, dict):
        message = f"{path}: [{TABLE}] is a table, with base_url, api_key and alias."
        raise SettingsInvalid(message)
    return table


def _variable(known: Mapping[str, str], name: str) -> list[Setting]:
    return [Setting(value=known[name], origin=name)] if known.get(name) else []


def _secret_file(known: Mapping[str, str]) -> list[Setting]:
    name = known.get(KEY_FILE_VARIABLE)
    if not name:
        return []
    try:
        text = Path(name).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        message = f"{KEY_FILE_VARIABLE} names {name}, which cannot be read: {error}."
        raise SettingsInvalid(message) from None
    return [Setting(value=text, origin=f"{KEY_FILE_VARIABLE}, {name}")]


def _in_files(tables: list[tuple[str, Mapping[str, Any]]], name: str) -> list[Setting]:
    found = [(path, table[name]) for path, table in tables if name in table]
    for path, value in found:
        if not isinstance(value, str):
            message = f"{path}: {name} of [{TABLE}] is text."
            raise SettingsInvalid(message)
    return [Setting(value=value, origin=path) for path, value in found]


def _aliases(tables: list[tuple[str, Mapping[str, Any]]]) -> Mapping[str, Alias]:
    found: dict[str, Alias] = {}
    for path, table in reversed(tables):
        for name, one in table.get("alias", {}).items():
            if not isinstance(one, dict) or not isinstance(one.get("model"), str):
                message = f"{path}: [{TABLE}.alias.{name}] needs a model, and may have inputs."
                raise SettingsInvalid(message)
            found[name] = Alias(model=one["model"], inputs=one.get("inputs", {}), origin=path)
    return found
