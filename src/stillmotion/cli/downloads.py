"""Outputs of predictions as files here: their names, and fetching them."""

from __future__ import annotations

import string
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from stillmotion.errors import InputRefused

if TYPE_CHECKING:
    from stillmotion.client import Client

FIELDS = frozenset(("id", "index", "model", "ext"))


def check_template(template: str | None) -> None:
    """Refuse a template that cannot name files, before anything is paid for."""
    if not template:
        return
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}
    except ValueError as error:
        message = f"{template!r} is no template: {error}."
        raise click.UsageError(message) from None
    if names - FIELDS:
        message = f"{template!r}: {{{min(names - FIELDS)}}} is none of {{id}}, {{index}}, {{model}}, {{ext}}."
        raise click.UsageError(message)


def fetch_outputs(client: Client, made: dict[str, Any], template: str) -> list[Path]:
    """Fetch every output of a prediction into a file of its own.

    Raises:
        InputRefused: there is nothing to fetch, or two outputs would get one name.
    """
    urls = [url for url in made.get("outputs", []) if isinstance(url, str)]
    if not urls:
        message = f"{made.get('id')} is {made.get('status')} and has no outputs to download."
        raise InputRefused(message)
    paths = [name_of(template, made, url, index, many=len(urls) > 1) for index, url in enumerate(urls, 1)]
    if len(set(paths)) < len(paths):
        message = f"{template!r} gives several outputs one name; add {{index}}."
        raise InputRefused(message)
    return [client.download(url, path) for url, path in zip(urls, paths, strict=True)]


def name_of(template: str, made: dict[str, Any], url: str, index: int, *, many: bool) -> Path:
    """The file for one output."""
    usual = "{id}-{index}.{ext}" if many else "{id}.{ext}"
    pattern = template or usual
    if Path(pattern).is_dir():
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
