"""What things stand on: the plane of the ground, the table or the water, and how large a metre is on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.motion import regions, scale
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer

_FIRM = (Surface.GROUND, Surface.SUPPORT)
_GROUNDED = (*_FIRM, Surface.FOLIAGE)
_CLEAR, _ON_GROUND = 0.7, 0.025
_LOWEST = 0.95
"""Where things stand when the picture shows no ground: just inside its lower edge."""
_HORIZON_INDOORS = 0.25
_LEAST_SLOPE = 0.05


def metres_per_width(stage: Stage) -> float:
    """Metres that the photo's width spans at inverse depth 1, as the Shot says or as the scene tells."""
    return stage.shot.world.metres_per_width or scale.metres_per_width(stage.scene)[0]


def support(stage: Stage, *, on_water: bool = False) -> Layer | None:
    """The nearest layer that things can lie on, water only for what floats; None when the picture has none."""
    wanted = (Surface.WATER,) if on_water else _FIRM
    lying = [one for one in stage.scene.layers if one.surface in wanted and one.plane.per_y > _LEAST_SLOPE]
    return lying[-1] if lying else None


def plane(stage: Stage, *, on_water: bool = False) -> Plane:
    """Inverse depth of the ground, or of the water, over the photo; a level one where the scene shows none."""
    layer = support(stage, on_water=on_water)
    said = stage.shot.world.ground_y
    if layer is not None:
        found = layer.plane
        return found if said is None or on_water else Plane(per_y=found.per_y, constant=1.0 - found.per_y * said)
    row = said if said is not None else _standing(stage)
    horizon = stage.scene.horizon_y if stage.scene.horizon_y is not None else _HORIZON_INDOORS
    slope = 1.0 / max(row - horizon, 0.2)
    return Plane(per_y=slope, constant=1.0 - slope * row)


def row(stage: Stage, q: float, *, on_water: bool = False) -> float:
    """The row, in photo coordinates, where things at an inverse depth stand."""
    under = plane(stage, on_water=on_water)
    return (q - under.constant) / under.per_y


def first_row(stage: Stage, left: float, wide: float) -> float:
    """The row from which only ground is seen below it, between two columns; 0 where no ground is seen.

    Things put on the ground stand a little below it, or they would seem to hang in what rises behind it.
    """
    lying = [one for one in stage.scene.layers if one.surface in _GROUNDED and one.plane.per_y > _LEAST_SLOPE]
    if not any(one.surface in _FIRM for one in lying):
        return 0.0
    seen = np.minimum(sum(regions.visible(stage, one) for one in lying), 1.0)
    rows, columns = seen.shape
    first, last = (min(max(round(x * columns), 0), columns - 1) for x in (left, left + wide))
    clear = seen[:, first : last + 1].mean(1) > _CLEAR
    hidden = np.flatnonzero(~clear)
    start = int(hidden[-1]) + 1 if len(hidden) else 0
    return 0.0 if start >= _LOWEST * rows or start == 0 else start / rows + _ON_GROUND


def horizon(stage: Stage) -> float:
    """The row, in photo coordinates, to which the ground recedes."""
    return max(row(stage, 0.0), -1.0)


def slant(stage: Stage, at_row: float) -> float:
    """How flat a circle on the ground looks at a row: height over width, 0..1."""
    return min(max((at_row - horizon(stage)) * stage.aspect / stage.scene.focal, 0.08), 0.7)


def _standing(stage: Stage) -> float:
    feet = [one.contact_y for one in stage.scene.layers if one.contact_y is not None and one.plane.per_y == 0]
    return min(max(feet, default=_LOWEST), _LOWEST)
