"""`stillmotion animate`: photo and words to a film."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stillmotion.cli.display import stages
from stillmotion.cli.film import CAPTION_SUFFIX, check_stems, tell, write
from stillmotion.cli.options import (
    FILM_SUFFIX,
    output_option,
    output_place,
    prompt_option,
    shot_options,
    sound_options,
    talk_options,
)
from stillmotion.diorama.brief import Brief

if TYPE_CHECKING:
    from pathlib import Path


@click.command("animate", short_help="Film a photo: photo and words in, MP4 with sound out.")
@click.argument("photo")
@prompt_option(required=True)
@shot_options
@output_option(FILM_SUFFIX)
@sound_options
@talk_options
def command(
    *,
    photo: str,
    prompt: str,
    seconds: int,
    size: tuple[int, int] | None,
    draft: bool,
    seed: int,
    output: Path | None,
    loudness: float | None,
    mute: tuple[str, ...],
    stems: Path | None,
    captions: bool,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Film PHOTO as the prompt says and write an MP4 with sound, and captions of what is heard beside it.

    The path of the film is printed on stdout. What the prompt asks and the film does not show is said on stderr. The
    Shot travels inside the film: `stillmotion plan out.mp4` prints it, `stillmotion render` films it again.

    \b
    Examples:
      stillmotion animate photo.jpg -p "Slow dolly in over the lake at dawn" -d 8 -o out.mp4
      stillmotion animate photo.jpg -p @prompt.txt --draft
      stillmotion animate photo.jpg -p "Rain, a far bell" --mute music --stems tracks -o out.mp4
    """
    Brief(prompt=prompt, duration_s=seconds, size_px=size, seed=seed)
    if draft and size:
        message = "--draft has a size of its own; leave out --size."
        raise click.UsageError(message)
    beside = (CAPTION_SUFFIX,) if captions else ()
    place = output_place(output, photo, FILM_SUFFIX, *beside)
    check_stems(stems)

    from stillmotion.media.image import read_picture  # keeps --help light

    picture = read_picture(photo)

    from stillmotion import studio  # loads the engine, after all that may be refused

    with stages(quiet=quiet, verbose=verbose) as progress:
        size = studio.draft_size(picture) if draft else size
        clip = studio.animate(
            picture,
            prompt,
            seconds=seconds,
            size=size,
            seed=seed,
            loudness=loudness,
            mute=mute,
            progress=progress,
        )
        files = write(clip, place, captions=captions, stems=stems, progress=progress)
    tell(clip, files, as_json=as_json, quiet=quiet)
