"""Rendering a clip to files and telling about it: what `animate` and `render` share."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

import click

from stillmotion.cli.display import say
from stillmotion.diorama.brief import STEMS
from stillmotion.errors import StillmotionError

if TYPE_CHECKING:
    from collections.abc import Iterator
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
        check_folder(folder, STEMS)


def write(clip: Clip, place: Place, *, captions: bool, stems: Path | None, progress: Progress) -> Files:
    """The film, then what goes beside it.

    Raises:
        StillmotionError: what could not be written; when the film is there all the same, the words say where.
    """
    with clip if captions else replace(clip, captions=()) as shown:
        film = place.write(lambda path: shown.save(path, progress=progress))
        try:
            said = _captions(shown, film, replaced=place.replaced and captions)
            tracks = shown.save_stems(stems) if stems is not None else ()
        except StillmotionError as error:
            message = f"{error} The film itself is whole: {film}"
            raise type(error)(message) from error
    return Files(film=film, captions=said, stems=tracks)


def _captions(clip: Clip, film: Path, *, replaced: bool) -> Path | None:
    """Captions beside the film. Those of a film that was replaced are replaced; any other file of that name stays."""
    from stillmotion.media.output import write_new

    beside = film.with_suffix(CAPTION_SUFFIX)
    if replaced and not beside.is_dir():
        # The words of an earlier film of that name would be wrong beside this one.
        return clip.save_captions(beside) if clip.captions or beside.exists() else None
    if not clip.captions:
        return None
    return write_new(clip.save_captions, _free_names(beside))


def _free_names(beside: Path) -> Iterator[Path]:
    """The names film.vtt, film-2.vtt, film-3.vtt ... that are not there yet."""
    names = (beside.with_stem(f"{beside.stem}-{number}" if number > 1 else beside.stem) for number in count(1))
    return (name for name in names if not name.exists())


def tell(clip: Clip, files: Files, *, as_json: bool, quiet: bool) -> None:
    """The path on stdout, then the notes on stderr; or all of it as one JSON value."""
    if as_json:
        click.echo(json.dumps(_facts(clip, files)))
        return
    click.echo(files.film)
    if not quiet:
        tell_notes(clip.notes)
        beside = files.film.with_suffix(CAPTION_SUFFIX)
        if files.captions not in {None, beside}:
            tell_notes((f"{beside} was there before the film and stays; the captions are in {files.captions}",))


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
