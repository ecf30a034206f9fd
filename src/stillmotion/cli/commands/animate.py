"""`stillmotion animate`: photo and words to a film."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stillmotion.cli.display import stages
from stillmotion.cli.film import tell
from stillmotion.cli.options import FILM_SUFFIX, output_option, output_place, prompt_option, shot_options, talk_options
from stillmotion.diorama.brief import Brief

if TYPE_CHECKING:
    from pathlib import Path


@click.command("animate", short_help="Film a photo: photo and words in, MP4 with sound out.")
@click.argument("photo")
@prompt_option(required=True)
@shot_options
@output_option(FILM_SUFFIX)
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
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Film PHOTO as the prompt says and write an MP4 with sound.

    The path of the film is printed on stdout. What the prompt asks and the film does not show is said on stderr. The
    Shot travels inside the film: `stillmotion plan out.mp4` prints it, `stillmotion render` films it again.

    \b
    Examples:
      stillmotion animate photo.jpg -p "Slow dolly in over the lake at dawn" -d 8 -o out.mp4
      stillmotion animate photo.jpg -p @prompt.txt --draft
    """
    Brief(prompt=prompt, duration_s=seconds, size_px=size, seed=seed)
    if draft and size:
        message = "--draft has a size of its own; leave out --size."
        raise click.UsageError(message)
    place = output_place(output, photo, FILM_SUFFIX)

    from stillmotion.media.image import read_picture  # keeps --help light

    picture = read_picture(photo)

    from stillmotion import studio  # loads the engine, after all that may be refused

    with stages(quiet=quiet, verbose=verbose) as progress:
        size = studio.draft_size(picture) if draft else size
        clip = studio.animate(picture, prompt, seconds=seconds, size=size, seed=seed, progress=progress)
        path = place.write(lambda path: clip.save(path, progress=progress))
    tell(clip, path, as_json=as_json, quiet=quiet)
