"""A photo, a Shot and a seed fix every frame and every sample; the film carries them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import stillmotion
from measure.films import FEW_FPS, Studio
from measure.video import decode
from stillmotion.diorama import shot as shots
from stillmotion.media.recipe import read_recipe
from stillmotion.studio import shot_json

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.diorama.shot.records import Shot

pytestmark = pytest.mark.quality

PROMPT = "Handheld push in. Waves lap on the shore, wind in the leaves."


def draft(films: Studio, seed: int = 0) -> Shot:
    """A Shot with grain, unrest and sound: all that is random."""
    return replace(films.plan("china", PROMPT, draft=True, seed=seed), fps=FEW_FPS)


def test_the_same_seed_gives_the_same_film(films: Studio, tmp_path: Path) -> None:
    """Decoded pictures and samples of two films of one Shot are equal, number by number."""
    shot = draft(films)
    one = decode(films.film("china", shot))
    two = decode(stillmotion.render(films.photo("china"), shot).save(tmp_path / "again.mp4"))
    assert np.array_equal(one.frames, two.frames)
    assert np.array_equal(one.audio, two.audio)


def test_another_seed_gives_another_take(films: Studio) -> None:
    """Pictures and samples differ, frame 0 by its grain alone."""
    one, two = (decode(films.film("china", draft(films, seed=seed))) for seed in (0, 1))
    first = np.abs(one.frames[0].astype(int) - two.frames[0]).mean()
    assert 0 < first < 4
    assert np.abs(one.frames[-1].astype(int) - two.frames[-1]).mean() > first
    assert np.abs(one.audio - two.audio).max() > 0.001


def test_a_frame_alone_is_the_frame_in_sequence(films: Studio) -> None:
    """Frame k of a clip asked for first, last or alone is frame k of the clip in order, as pixels and for the codec."""
    shot, photo = draft(films), films.photo("china")
    in_order = stillmotion.render(photo, shot)
    pictures, planes = list(in_order.frames), [in_order.source.i420(k) for k in range(len(in_order.frames))]
    for k in (40, 7, 47):
        alone = stillmotion.render(photo, shot)
        assert np.array_equal(alone.frames[k], pictures[k])
        assert np.array_equal(alone.source.i420(k), planes[k])


def test_a_film_carries_its_shot(films: Studio, tmp_path: Path) -> None:
    """The recipe in the MP4 is the Shot, and filming it again gives the same pictures and the same sound."""
    shot = films.plan("china", PROMPT, draft=True)
    film = films.film("china", shot)
    recipe = read_recipe(film)
    assert shots.from_json(shot_json(recipe)) == shot
    again = stillmotion.render(films.photo("china"), recipe).save(tmp_path / "again.mp4")
    one, two = decode(film), decode(again)
    assert np.array_equal(one.frames, two.frames)
    assert np.array_equal(one.audio, two.audio)
