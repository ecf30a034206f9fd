"""The recipe inside an MP4: JSON text under a tag of our own, so that a film can be planned and rendered again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import av
import av.error

from stillmotion.errors import RecipeMissing, ShotInvalid

if TYPE_CHECKING:
    from pathlib import Path

RECIPE_TAG = "stillmotion_recipe"
RECIPE_LIMIT = 4_000_000
"""Characters; a Shot may have half as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What is known of a film that was made before; what the text does not say is None."""

    shot: str
    """The Shot as indented JSON."""
    version: str | None = None
    """Of stillmotion."""
    engine: str | None = None
    seed: int | None = None
    photo_sha256: str | None = None


def parse_recipe(text: str) -> Recipe | None:
    """The recipe in a text from anywhere; None when it is something else, for example the JSON of a bare Shot.

    Raises:
        ShotInvalid: the text is too long or too deeply nested for either.
    """
    if len(text) > RECIPE_LIMIT:
        message = f"The Shot has {len(text):,} characters; the limit of a recipe is {RECIPE_LIMIT:,}."
        raise ShotInvalid(message)
    try:
        given = json.loads(text)
        if not isinstance(given, dict) or not isinstance(given.get("shot"), dict):
            return None
        shot = json.dumps(given["shot"], indent=2, ensure_ascii=False, allow_nan=False)
        shot.encode()  # half a character cannot be printed
    except RecursionError:
        message = "The Shot is not JSON that we read: nested too deeply."
        raise ShotInvalid(message) from None
    except ValueError:
        return None
    texts = {name: _kind(given.get(key), str) for name, key in _TEXTS.items()}
    return Recipe(shot=shot, seed=_kind(given.get("seed"), int), **texts)


_TEXTS = {"version": "stillmotion", "engine": "engine", "photo_sha256": "photo_sha256"}
Kind = TypeVar("Kind", str, int)


def _kind(value: object, kind: type[Kind]) -> Kind | None:
    return value if isinstance(value, kind) else None


def read_recipe(path: str | Path) -> str:
    """The recipe that a film carries, as JSON text.

    Raises:
        RecipeMissing: the file cannot be read, is not a film, or carries no recipe.
    """
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            recipe = container.metadata.get(RECIPE_TAG)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{path} cannot be read as a film: {reason}."
        raise RecipeMissing(message) from error
    if recipe is None:
        message = f"{path} carries no recipe: stillmotion did not make it, or another program removed the tags."
        raise RecipeMissing(message)
    return recipe
