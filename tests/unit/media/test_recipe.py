"""The recipe that travels in the film."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from stillmotion.errors import RecipeMissing
from stillmotion.media.recipe import RECIPE_TAG, read_recipe
from stillmotion.media.video import write_mp4
from unit.media.bars import bars_clip

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("prompt", ["", 'Wellen rollen heran, 海鸥 🌊 "quoted" = ; # \\ \n new line', "x" * 32_000])
def test_recipe_comes_back_as_it_went_in(tmp_path: Path, prompt: str) -> None:
    """Any text survives the container: long, in any script, with the container's own special characters."""
    recipe = json.dumps({"prompt": prompt, "seed": 2**63}, ensure_ascii=False)
    write_mp4(bars_clip(recipe=recipe), tmp_path / "film.mp4")
    assert read_recipe(tmp_path / "film.mp4") == recipe


def test_a_film_without_recipe_is_said(tmp_path: Path) -> None:
    """A film of somebody else is refused with the reason, not with a stack trace."""
    write_mp4(bars_clip(recipe='{"seed": 1}'), tmp_path / "film.mp4")
    data = (tmp_path / "film.mp4").read_bytes()
    (tmp_path / "foreign.mp4").write_bytes(data.replace(RECIPE_TAG.encode(), b"another_programme."[: len(RECIPE_TAG)]))
    with pytest.raises(RecipeMissing, match="carries no recipe"):
        read_recipe(tmp_path / "foreign.mp4")


@pytest.mark.parametrize("data", [b"", b"not a film", b"\x00\x00\x00\x18ftypmp42" + bytes(200)])
def test_what_is_no_film_is_said(tmp_path: Path, data: bytes) -> None:
    """Anything else that is called a film is refused with the reason."""
    (tmp_path / "film.mp4").write_bytes(data)
    with pytest.raises(RecipeMissing, match="cannot be read as a film"):
        read_recipe(tmp_path / "film.mp4")


def test_an_absent_film_is_said(tmp_path: Path) -> None:
    """A path that is not there is refused with the reason."""
    with pytest.raises(RecipeMissing, match="No such file"):
        read_recipe(tmp_path / "film.mp4")
