"""Outputs of predictions as files here: their names, and fetching them."""

from __future__ import annotations

import os
import string
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from stillmotion.errors import InputRefused, OutputUnwritable, StillmotionError, StillRunning

if TYPE_CHECKING:
    from stillmotion.client import Client

FIELDS = frozenset(("id", "index", "model", "ext"))


def check_template(template: str | None) -> None:
    """Refuse a template that cannot name files that can be written, before anything is paid for."""
    if template is None:
        return
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    except ValueError as error:
        message = f"{template!r} is no template: {error}."
        raise click.UsageError(message) from None
    if names - FIELDS:
        message = f"{template!r}: {{{min(names - FIELDS)}}} is none of {{id}}, {{index}}, {{model}}, {{ext}}."
        raise click.UsageError(message)
    folder = name_of(template, {}, "", 1, many=False).absolute().parent
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        message = f"{there} is no folder that files can be written to; name another place."
        raise OutputUnwritable(message)


def fetch_outputs(client: Client, made: dict[str, Any], template: str) -> list[Path]:
    """Fetch every output of a prediction into a file of its own. Folders of the template are made.

    Raises:
        StillRunning: there is nothing to fetch yet.
        RunFailed: there will never be.
        InputRefused: two outputs would get one name.
        StillmotionError: a file could not be fetched or written; the message says how to try again.
    """
    from stillmotion.client.waiting import check

    check(made)
    urls = [url for url in made.get("outputs", []) if isinstance(url, str)]
    if not urls:
        message = f"{made['id']} is {made['status']} and has no outputs yet; `--wait` waits for them."
        raise StillRunning(message, prediction_id=made["id"])
    paths = [name_of(template, made, url, index, many=len(urls) > 1) for index, url in enumerate(urls, 1)]
    if len(set(paths)) < len(paths):
        message = f"{template!r} gives several outputs one name; add {{index}}."
        raise InputRefused(message)
    try:
        return [_fetch(client, url, path) for url, path in zip(urls, paths, strict=True)]
    except StillmotionError as error:
        message = f"{error} The run is completed: `stillmotion download {made['id']}` fetches its outputs again."
        told = type(error)(message)
        told.prediction_id = str(made["id"])
        raise told from error


def _fetch(client: Client, url: str, path: Path) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        message = f"{path.parent} cannot be made: {error.strerror}."
        raise OutputUnwritable(message) from error
    return client.download(url, path)


def name_of(template: str, made: dict[str, Any], url: str, index: int, *, many: bool) -> Path:
    """The file for one output."""
    usual = "{id}-{index}.{ext}" if many else "{id}.{ext}"
    pattern = template or usual
    if pattern.endswith(("/", os.sep)) or Path(pattern).is_dir():
        pattern = str(Path(pattern) / usual)
    values = {
        "id": _safe(str(made.get("id", "output"))),
        "index": index,
        "model": _safe(str(made.get("model", ""))),
        "ext": _safe(PurePosixPath(urlsplit(url).path).suffix.lstrip(".") or "bin"),
    }
    return Path(pattern.format(**values))


def _safe(text: str) -> str:
    """What a server says never leads out of the folder."""
    return "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in text)
