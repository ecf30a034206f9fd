"""Several subjects: parted when each is sound and stands somewhere else, together whenever in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.scene import several
from stillmotion.diorama.scene.layout import Layout, Sketch
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.scene.features import Mask
    from stillmotion.diorama.scene.segments import Segments

NO_SEGMENTS = cast("Segments", None)


def two_things(near_row: int) -> Layout:
    """A table with a small thing whose foot is in row 100 of 200 and a large one whose foot is in another row."""
    mask = np.zeros((200, 300), np.bool_)
    mask[50:100, 30:80] = True
    mask[60:near_row, 150:230] = True
    table = Plane(per_y=0.5, constant=0.6)
    none = np.zeros_like(mask)
    behind = Sketch(name="support", surface=Surface.SUPPORT, label="table", mask=~mask, doubt=none, plane=table)
    hero = Sketch(name="subject", surface=Surface.RIGID, label="cup", mask=mask, doubt=none, plane=Plane(constant=1.0))
    return Layout(sketches=(behind, hero))


@pytest.fixture
def sure(monkeypatch: pytest.MonkeyPatch) -> None:
    """A segmenter that agrees with everything."""

    def same(_segments: Segments, around: Mask) -> Mask:
        return around

    monkeypatch.setattr(several, "cut_around", same)


@pytest.mark.usefixtures("sure")
def test_things_apart_get_layers_by_where_they_stand() -> None:
    """The larger, lower one stays the subject at 1; the one that stands higher up lies behind it."""
    parted = several.part_subjects(two_things(160), NO_SEGMENTS)
    assert [sketch.name for sketch in parted.sketches] == ["support", "subject-2", "subject"]
    small, large = parted.sketches[1:]
    assert large.plane.inverse_depth(0.5, 0.5) == pytest.approx(1.0)
    assert small.plane.inverse_depth(0.5, 0.5) == pytest.approx(0.85 / 1.0, abs=0.02)
    assert not (small.mask & large.mask).any()


@pytest.mark.usefixtures("sure")
@pytest.mark.parametrize("near_row", [101, 200])
def test_things_side_by_side_or_cut_off_stay_together(near_row: int) -> None:
    """Equal rows gain nothing, and a thing that the picture cuts off does not show where it stands."""
    together = two_things(near_row)
    assert several.part_subjects(together, NO_SEGMENTS).sketches == together.sketches


def test_things_that_the_segmenter_does_not_know_stay_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """An outline with one opinion behind it is not parted."""

    def other(_segments: Segments, around: Mask) -> Mask:
        return np.asarray(~around, np.bool_)

    monkeypatch.setattr(several, "cut_around", other)
    together = two_things(160)
    assert several.part_subjects(together, NO_SEGMENTS).sketches == together.sketches
