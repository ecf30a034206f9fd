"""`stillmotion plan`: the Shot as JSON, from a photo and words or out of a film."""

from __future__ import annotations

from dataclasses import replace

import click

from stillmotion.cli.display import say, stages
from stillmotion.cli.film import tell_notes
from stillmotion.cli.options import prompt_option, shot_options, talk_options
from stillmotion.diorama.brief import Brief
from stillmotion.errors import RecipeMissing


@click.command("plan", short_help="Print the Shot as JSON, without filming; or read it out of a film.")
@click.argument("source", metavar="PHOTO|FILM")
@prompt_option(required=False)
@shot_options
@talk_options
def command(
    *,
    source: str,
    prompt: str | None,
    seconds: int,
    size: tuple[int, int] | None,
    draft: bool,
    seed: int,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Print what `animate` would film, as JSON on stdout; in words, and what of the prompt cannot be done, on stderr.

    Given a film that stillmotion made, print the Shot that travels inside it.

    \b
    Examples:
      stillmotion plan photo.jpg -p "Pan left, then push in" > shot.json
      stillmotion plan out.mp4
    """
    from stillmotion.media.probe import is_film_file  # loads the codec library

    if is_film_file(source):
        if prompt is not None:
            message = "A film carries its own prompt; leave out -p, or give a photo."
            raise click.UsageError(message)
        _from_film(source, quiet=quiet)
        return
    if prompt is None:
        message = "Missing option '-p' / '--prompt': say what to film."
        raise click.UsageError(message)
    Brief(prompt=prompt, duration_s=seconds, size_px=size, seed=seed)

    from stillmotion.media.image import read_picture  # keeps --help light

    picture = read_picture(source)

    from stillmotion import studio  # loads the engine, after all that may be refused
    from stillmotion.diorama.shot import describe, to_json

    with stages(quiet=quiet, verbose=verbose) as progress:
        size = studio.draft_size(picture) if draft else size
        shot = studio.plan(picture, prompt, seconds=seconds, size=size, seed=seed, progress=progress)
    click.echo(to_json(shot))
    if not quiet and not as_json:
        say(describe(replace(shot, notes=())).rstrip())
    if not quiet:
        tell_notes(tuple(note.words for note in shot.notes))


def _from_film(path: str, *, quiet: bool) -> None:
    from stillmotion.media.recipe import parse_recipe, read_recipe

    recipe = parse_recipe(read_recipe(path))
    if recipe is None or recipe.version is None:
        message = f"{path} carries a recipe that this version of stillmotion cannot read."
        raise RecipeMissing(message)
    click.echo(recipe.shot)
    if not quiet:
        say(f"made by stillmotion {recipe.version} with the engine {recipe.engine}, seed {recipe.seed}")
