"""Triangles of a simple polygon by clipping ears (Meisters 1975), for outlines that a decomposition fails on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stillmotion.diorama.motion.rigid.records import Points

Corner = tuple[float, float]


def triangles(corners: list[Corner]) -> tuple[Points, ...]:
    """Triangles, counter-clockwise, that fill a polygon.

    Args:
        corners: in counter-clockwise order, none twice.
    """
    left = list(corners)
    found: list[Points] = []
    while len(left) > 3:
        ear = next((index for index in range(len(left)) if _is_ear(left, index)), 0)
        found.append((left[ear - 1], left[ear], left[(ear + 1) % len(left)]))
        del left[ear]
    return tuple(one for one in (*found, tuple(left)) if _turn(one[0], one[1], one[2]) > 1e-12)


def _is_ear(corners: list[Corner], index: int) -> bool:
    before, here, after = corners[index - 1], corners[index], corners[(index + 1) % len(corners)]
    if _turn(before, here, after) <= 0:
        return False
    others = (point for point in corners if point not in {before, here, after})
    return not any(_inside(point, before, here, after) for point in others)


def _turn(a: Corner, b: Corner, c: Corner) -> float:
    """Twice the signed area; positive when the three turn left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _inside(point: Corner, a: Corner, b: Corner, c: Corner) -> bool:
    return _turn(a, b, point) >= 0 and _turn(b, c, point) >= 0 and _turn(c, a, point) >= 0
