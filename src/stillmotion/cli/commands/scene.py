"""`stillmotion scene`: a picture of what the engine sees."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

import click

from stillmotion.cli.display import stages
from stillmotion.cli.options import output_option, output_place, talk_options

if TYPE_CHECKING:
    from pathlib import Path


@click.command("scene", short_help="Write a picture of what the engine sees in a photo.")
@click.argument("photo")
@output_option("-scene.png")
@talk_options
def command(*, photo: str, output: Path | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Write a picture of the layers, the depth and the labels that the engine finds in PHOTO.

    \b
    Example:
      stillmotion scene photo.jpg -o scene.png
    """
    place = output_place(output, photo, "-scene.png")

    from stillmotion import studio  # loads the engine, after the cheap checks
    from stillmotion.media.image import write_png

    with stages(quiet=quiet, verbose=verbose) as progress:
        sheet = studio.look(photo, progress=progress)
    path = place.write(partial(write_png, sheet))
    click.echo(json.dumps({"path": str(path)}) if as_json else path)
