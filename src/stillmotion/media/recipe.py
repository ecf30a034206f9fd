"""The recipe inside an MP4: JSON text under a tag of our own, so that a film can be planned and rendered again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import av
import av.error

from stillmotion.errors import RecipeMissing

if TYPE_CHECKING:
    from pathlib import Path

RECIPE_TAG = "stillmotion_recipe"


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
