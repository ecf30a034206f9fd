"""What commands of the operator share: the settings of this installation, and its parts."""

from __future__ import annotations

from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from stillmotion.errors import SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from stillmotion.server.service import Service
    from stillmotion.server.settings import Settings

Command = TypeVar("Command", bound="Callable[..., Any]")


def data_option(command: Command) -> Command:
    """--data-dir: whose installation."""
    option = click.option(
        "--data-dir",
        type=click.Path(path_type=Path, file_okay=False),
        help="Database and files of the installation. [default: STILLMOTION_DATA_DIR, or the user's data folder]",
    )
    return option(command)


def settings_of(data_dir: Path | None, **more: object) -> Settings:
    """The settings in force; what an option says goes before everything else, and None is no answer.

    Raises:
        SettingsInvalid: one of them is wrong.
    """
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from stillmotion.server.api import faults
    from stillmotion.server.settings import Settings, origins

    given: dict[str, Any] = {"data_dir": data_dir, **more}
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        fault = _no_such(name, Settings) if first["type"] == "extra_forbidden" else faults.words(first)
        message = f"{name}: {fault.rstrip('.')}. It comes from {origins().get(name, 'an option')}."
        raise SettingsInvalid(message) from None
    except SettingsError as error:  # a list in the environment; what it holds is not repeated
        name = next(iter(str(error).split('"')[1:2]), "settings")
        origin = origins().get(name, "the environment")
        message = f"""{name}: a list is written as JSON, as in '["10.1.0.0/16"]'. It comes from {origin}."""
        raise SettingsInvalid(message) from None
    except (OSError, ValueError) as error:
        why = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else error
        message = f"The settings cannot be read: {why}."
        raise SettingsInvalid(message) from None


def _no_such(name: str, settings: type[Settings]) -> str:
    near = get_close_matches(name, settings.model_fields, n=1)
    return "there is no such setting" + (f", the nearest is {near[0]}" if near else "")


@contextmanager
def service(data_dir: Path | None) -> Iterator[Service]:
    """The parts of this installation, which is there, with its database up to date; nothing is served."""
    from stillmotion.server.service import opened

    with opened(settings_of(data_dir)) as parts:
        yield parts


@contextmanager
def transaction(data_dir: Path | None) -> Iterator[tuple[Connection, datetime]]:
    """One transaction on this installation's database, and the time."""
    with service(data_dir) as parts, parts.database.begin() as connection:
        yield connection, parts.clock.now()


def moment(at: datetime | None) -> str:
    """A time, in UTC and saying so."""
    return "-" if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")
