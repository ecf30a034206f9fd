"""The outline of somebody or something that stands, as coordinates: how high up, how far aside, where it is held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import regions
from stillmotion.diorama.motion.modes import smooth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer

_FILLS = 0.97
_NEAR = 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """Fields over the photo, each (rows, columns) on the grid of `motion.regions`."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    """Photo coordinates."""
    height: NDArray[np.float64]
    """0 at the foot, 1 at the top of the head; beyond them it goes on."""
    aside: NDArray[np.float64]
    """-1 at the left side, 1 at the right one."""
    hold: NDArray[np.float64]
    """1 where it may move, 0 where the photo cuts it off."""
    foot: float
    top: float
    """Rows in photo coordinates."""
    middle: float
    """Column of its foot."""
    cut: frozenset[str]
    """Sides of the photo that it touches: left, right, top, bottom."""


def cover(stage: Stage, layer: Layer) -> NDArray[np.bool_] | None:
    """Cells that somebody fills; for one that was not cut out, its box; None when neither is known."""
    inside = regions.coverage(stage, layer) > 0.5
    if inside.mean() < _FILLS:
        return inside if inside.any() else None
    box = next((one.box for one in stage.scene.objects if one.layer == layer.name and one.label == layer.label), None)
    if box is None or box.width * box.height > _FILLS:
        return None
    x, y = regions.places(stage.aspect)
    near = ((x - box.centre[0]) / box.width) ** 2 + ((y - box.centre[1]) / box.height) ** 2
    return np.asarray(near < 0.25, np.bool_)


def shape(stage: Stage, layer: Layer) -> Body:
    """The body on a layer; see `cover`."""
    inside = cover(stage, layer)
    if inside is None:
        inside = np.ones(regions.grid_size(stage.aspect), np.bool_)
    x, y = (grid.astype(np.float64) for grid in regions.places(stage.aspect))
    rows = np.nonzero(inside)[0]
    top, foot = float(np.percentile(rows, 0.5)) / inside.shape[0], float(rows.max() + 1) / inside.shape[0]
    height = (foot - y) / max(foot - top, 1e-3)
    middle, half = _sides(inside, x)
    base = x[inside & (y > foot - 0.12 * (foot - top))]
    cut = _cut(inside)
    return Body(
        x=x,
        y=y,
        height=height,
        aside=(x - middle) / np.maximum(half, 0.02),
        hold=_hold(stage, cut, boxed=regions.coverage(stage, layer).mean() >= _FILLS, inside=inside),
        foot=foot,
        top=top,
        middle=float(base.mean()) if base.size else 0.5,
        cut=cut,
    )


def _sides(inside: NDArray[np.bool_], x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Middle column and half width in each row, smooth from row to row, in photo widths."""
    filled = np.asarray(inside.any(axis=1), np.bool_)
    left = np.where(filled, np.where(inside, x, np.inf).min(axis=1), np.nan)
    right = np.where(filled, np.where(inside, x, -np.inf).max(axis=1), np.nan)
    rows = np.arange(len(filled))
    known = rows[filled]
    middle = np.interp(rows, known, (left[filled] + right[filled]) / 2)
    half = np.interp(rows, known, (right[filled] - left[filled]) / 2)
    soft = np.hanning(15)[1:-1] / np.hanning(15)[1:-1].sum()
    pad = len(soft) // 2
    middle, half = (np.convolve(np.pad(line, pad, mode="edge"), soft, mode="valid") for line in (middle, half))
    return middle[:, None], half[:, None]


def _cut(inside: NDArray[np.bool_]) -> frozenset[str]:
    sides = {"left": inside[:, 0], "right": inside[:, -1], "top": inside[0], "bottom": inside[-1]}
    return frozenset(name for name, line in sides.items() if line.mean() > _NEAR)


def _hold(stage: Stage, cut: frozenset[str], *, boxed: bool, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    hold = regions.window(
        stage.aspect, top=0.08 * ("top" in cut), bottom=0.0, sides=0.08 * bool(cut & {"left", "right"})
    ).astype(np.float64)
    if not boxed:
        return hold
    soft = regions.smoothed(inside.astype(np.float32), 0.03).astype(np.float64)
    return hold * smooth((soft - 0.1) / 0.8)
