"""`stillmotion render`: a Shot, perhaps edited by hand, to a film."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from stillmotion.cli.display import stages
from stillmotion.cli.film import CAPTION_SUFFIX, check_stems, tell, write
from stillmotion.cli.options import FILM_SUFFIX, SizeType, output_option, output_place, sound_options, talk_options
from stillmotion.errors import ShotInvalid

UTF8_LONGEST = 4
"""Bytes of one character."""


@click.command("render", short_help="Film a Shot that was planned before, or edited by hand.")
@click.argument("photo")
@click.argument("shot", metavar="SHOT")
@click.option("--size", type=SizeType(), help="Another size than the Shot's.")
@click.option("--fps", type=int, help="Another frame rate than the Shot's.")
@output_option(FILM_SUFFIX)
@sound_options
@talk_options
def command(
    *,
    photo: str,
    shot: str,
    size: tuple[int, int] | None,
    fps: int | None,
    output: Path | None,
    loudness: float | None,
    mute: tuple[str, ...],
    stems: Path | None,
    captions: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Film PHOTO as SHOT says: a JSON file, a film that carries one, or - for stdin.

    \b
    Examples:
      stillmotion render photo.jpg shot.json -o out.mp4
      stillmotion plan photo.jpg -p "Pan left" | stillmotion render photo.jpg - -o out.mp4
    """
    beside = (CAPTION_SUFFIX,) if captions else ()
    place = output_place(output, photo, FILM_SUFFIX, *beside)
    check_stems(stems)
    text = _shot_text(shot)

    from stillmotion import studio  # loads the engine, after the cheap checks

    with stages(quiet=quiet, verbose=verbose) as progress:
        clip = studio.render(photo, text, fps=fps, size=size, loudness=loudness, mute=mute, progress=progress)
        files = write(clip, place, captions=captions, stems=stems, progress=progress)
    tell(clip, files, as_json=as_json, quiet=quiet)


def _shot_text(shot: str) -> str:
    """The JSON of a Shot or a recipe, from wherever it is; a pipe is read once, and nothing without end."""
    from stillmotion.media.formats import HEAD_BYTES, is_film
    from stillmotion.media.recipe import RECIPE_LIMIT, read_recipe  # loads the codec library

    try:
        with nullcontext(sys.stdin.buffer) if shot == "-" else Path(shot).open("rb") as file:
            data = file.read(HEAD_BYTES)
            if is_film(data) and shot != "-":
                return read_recipe(shot)
            data += file.read(RECIPE_LIMIT * UTF8_LONGEST)
        return data.decode("utf-8-sig")
    except OSError as error:
        message = f"{shot} cannot be read: {error.strerror}."
        raise ShotInvalid(message) from error
    except UnicodeDecodeError as error:
        message = f"{shot} is not a Shot: it is not text. `stillmotion plan` prints one."
        raise ShotInvalid(message) from error
