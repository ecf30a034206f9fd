"""Several subjects side by side: each its own layer, when its outline is sound and where it stands can be seen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.scene.features import Mask, components, contact_row, grow
from stillmotion.diorama.scene.segments import Segments, agreement, cut_around

if TYPE_CHECKING:
    from stillmotion.diorama.scene.layout import Layout, Sketch

_LEAST_AREA = 0.02
_APART = 3
_SOUND = 0.8
_LEAST_STEP = 0.03
"""Contact rows nearer to each other than this stand side by side: one layer is as good, and safer."""
_FOOT = 0.975
"""A thing that the picture's lower edge cuts does not show where it stands."""
_DEPTHS = (0.75, 1.3)
"""A subject next to the first is hardly ever farther away from it than that; a wrong row must not tear them apart."""
_NOT_ON_FLOOR = 0.1
_MOST = 3
_NEAR = 10


def part_subjects(together: Layout, segments: Segments) -> Layout:
    """The layout with each subject in a layer of its own, where there is a floor that tells how far apart they are.

    Args:
        together: with one layer "subject" or none; the layer behind it that lies or leans is the floor.
        segments: every thing must be one that the segmenter cuts out too.
    """
    hero = next((sketch for sketch in together.sketches if sketch.name == "subject"), None)
    floor = next((sketch.plane for sketch in reversed(together.sketches) if sketch.plane.per_y > 0), None)
    if hero is None or floor is None or together.bokeh:
        return together
    parts = parted(hero, segments, floor)
    place = together.sketches.index(hero)
    return replace(together, sketches=(*together.sketches[:place], *parts, *together.sketches[place + 1 :]))


def parted(hero: Sketch, segments: Segments, floor: Plane) -> list[Sketch]:
    """The subject as one layer a thing, far to near; as it was when that is not certain to be better.

    The largest keeps the name and the depth, others stand before or behind it by the rows where they meet the floor.
    """
    things = _things(hero.mask)
    if len(things) < 2 or hero.lies or not all(_is_sound(thing, segments) for thing in things):
        return [hero]
    rows = [contact_row(thing) for thing in things]
    if max(rows) > _FOOT or max(rows) - min(rows) < _LEAST_STEP:
        return [hero]
    depths = [floor.inverse_depth(0.5, row) for row in rows]
    if min(depths) < _NOT_ON_FLOOR:
        return [hero]
    sketches = [
        replace(
            hero,
            name=f"{hero.name}-{number + 1}" if number else hero.name,
            mask=thing,
            doubt=hero.doubt & grow(thing, _NEAR),
            contact_y=row,
            plane=Plane(constant=hero.plane.constant * _clamped(depth / depths[0])),
        )
        for number, (thing, row, depth) in enumerate(zip(things, rows, depths, strict=True))
    ]
    return sorted(sketches, key=lambda sketch: sketch.plane.constant)


def _things(mask: Mask) -> list[Mask]:
    """Pieces that are large and clearly apart, largest first; none when crumbs are left over or there are too many."""
    numbers, _ = components(grow(mask, _APART))
    areas = np.bincount(numbers[mask], minlength=int(numbers.max()) + 1)
    large = [int(number) for number in np.argsort(-areas, kind="stable") if areas[number] > _LEAST_AREA * mask.size]
    crumbs = int(areas.sum()) - sum(int(areas[number]) for number in large)
    if not 2 <= len(large) <= _MOST or crumbs:
        return []
    return [np.asarray(mask & (numbers == number), np.bool_) for number in large]


def _is_sound(thing: Mask, segments: Segments) -> bool:
    return agreement(cut_around(segments, thing), thing) > _SOUND


def _clamped(ratio: float) -> float:
    return min(max(ratio, _DEPTHS[0]), _DEPTHS[1])
