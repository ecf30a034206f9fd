"""A closer look at the photo: windows, and a point on what the words name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama.perception import classifier
from stillmotion.diorama.shot import grounding as looking

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.scene.records import Scene

Build = Callable[..., "Scene"]
FIND = looking.find
LADYBUG = next(index for index, name in enumerate(classifier.LABELS) if "ladybug" in name)


@pytest.fixture
def meadow(make_scene: Build, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A photo with one red pixel block, and a classifier that knows red when it fills enough of a window."""
    scene = make_scene([("picture", "backdrop", "backdrop", (0.0, 0.0, 1.0, 1.0))], salience=(0.2, 0.2))
    photo = np.zeros_like(scene.photo)
    photo[336:384, 416:480] = (255, 0, 0)

    def classify(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
        chances = np.zeros(len(classifier.LABELS), np.float32)
        chances[LADYBUG] = min(float(crop[..., 0].mean()) / 255 * 12, 1.0)
        return chances

    monkeypatch.setattr(classifier, "classify", classify)
    looking._looked.cache_clear()
    return replace(scene, photo=photo, photo_sha256="a red dot")


def test_a_thing_is_found_where_windows_show_it(meadow: Scene) -> None:
    """The point lies on the thing, within a tenth of the photo."""
    point = FIND(meadow, ("ladybird",))
    assert point == pytest.approx((0.7, 0.75), abs=0.1)


def test_what_people_look_at_is_taken_when_it_fits(meadow: Scene) -> None:
    """Where the best window also holds the salient point, that is the thing."""
    assert FIND(replace(meadow, salience=(0.69, 0.74)), ("ladybird",)) == (0.69, 0.74)


def test_what_no_window_shows_is_not_found(meadow: Scene) -> None:
    """A name of another thing, and a word that no class has, find nothing."""
    assert FIND(meadow, ("spoon",)) is None
    assert FIND(meadow, ("frobnicator",)) is None
