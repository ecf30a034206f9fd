"""Rendering a clip to files and telling about it: what `animate` and `render` share."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from stillmotion.cli.display import say

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.cli.options import Place
    from stillmotion.clip import Clip
    from stillmotion.progress import Progress

CAPTION_SUFFIX = ".vtt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What was written."""

    film: Path
    captions: Path | None
    stems: tuple[Path, ...]


def check_stems(folder: Path | None) -> None:
    """Refuse a folder for tracks that cannot be written, before any long work."""
    from stillmotion.media.wav import check_folder

    if folder is not None:
        check_folder(folder)


def write(clip: Clip, place: Place, *, captions: bool, stems: Path | None, progress: Progress) -> Files:
    """The film, then what goes beside it."""
    with clip if captions else replace(clip, captions=()) as shown:
        film = place.write(lambda path: shown.save(path, progress=progress))
        beside = film.with_suffix(CAPTION_SUFFIX)
        # The words of an earlier film of that name would be wrong beside this one.
        said = shown.save_captions(beside) if shown.captions or (captions and beside.exists()) else None
        tracks = shown.save_stems(stems) if stems is not None else ()
    return Files(film=film, captions=said, stems=tracks)


def tell(clip: Clip, files: Files, *, as_json: bool, quiet: bool) -> None:
    """The path on stdout, then the notes on stderr; or all of it as one JSON value."""
    if as_json:
        click.echo(json.dumps(_facts(clip, files)))
        return
    click.echo(files.film)
    if not quiet:
        tell_notes(clip.notes)


def tell_notes(notes: tuple[str, ...]) -> None:
    """What the prompt asked for and the film does not show, a line each."""
    for words in notes:
        say(f"note: {words}")


def _facts(clip: Clip, files: Files) -> dict[str, object]:
    width, height = clip.size_px
    return {
        "path": str(files.film),
        "captions": None if files.captions is None else str(files.captions),
        "stems": [str(path) for path in files.stems],
        "duration_s": float(clip.duration_s),
        "width": width,
        "height": height,
        "fps": float(clip.rate),
        "frames": len(clip.source),
        "engine": clip.engine,
        "seed": json.loads(clip.recipe).get("seed"),
        "notes": list(clip.notes),
    }
