"""Rendering a clip to a file and telling about it: what `animate` and `render` share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from stillmotion.cli.display import say

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.clip import Clip


def tell(clip: Clip, path: Path, *, as_json: bool, quiet: bool) -> None:
    """The path on stdout, then the notes on stderr; or all of it as one JSON value."""
    if as_json:
        click.echo(json.dumps(_facts(clip, path)))
        return
    click.echo(path)
    if not quiet:
        tell_notes(clip.notes)


def tell_notes(notes: tuple[str, ...]) -> None:
    """What the prompt asked for and the film does not show, a line each."""
    for words in notes:
        say(f"note: {words}")


def _facts(clip: Clip, path: Path) -> dict[str, object]:
    width, height = clip.size_px
    return {
        "path": str(path),
        "duration_s": float(clip.duration_s),
        "width": width,
        "height": height,
        "fps": float(clip.rate),
        "frames": len(clip.source),
        "engine": clip.engine,
        "seed": json.loads(clip.recipe).get("seed"),
        "notes": list(clip.notes),
    }
