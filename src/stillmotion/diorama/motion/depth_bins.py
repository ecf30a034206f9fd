"""How near particles are, which layers hide them, and where those that fall reach the ground."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Plane
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer, Scene

_FLAT_Q = 0.2
_SLOPE = 0.2
"""Inverse depth a photo height above which a layer lies under things instead of standing behind them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """A range of distances between two layers."""

    near_q: float
    far_q: float
    before: str | None
    """Name of the layer right in front of it; None when nothing is."""


def bins(scene: Scene, near_q: float, far_q: float, count: int) -> tuple[Bin, ...]:
    """Ranges of inverse depth, near to far, each by the same factor deeper; none behind the farthest layer.

    Args:
        scene: whose layers hide what is behind them.
        near_q: the nearest particles.
        far_q: the farthest particles.
        count: how many ranges.
    """
    wall = backdrop_q(scene)
    far_q = min(max(far_q, wall), near_q / 1.5)
    edges = np.geomspace(near_q, far_q, count + 1)
    pairs = pairwise(edges)
    return tuple(
        Bin(near_q=float(near), far_q=float(far), before=before(scene, float(np.sqrt(near * far))))
        for near, far in pairs
    )


def before(scene: Scene, q: float) -> str | None:
    """The farthest standing layer that is nearer than q. Layers that lie hide nothing above them."""
    for layer in scene.layers[1:]:
        if not lies(layer) and middle_q(scene, layer) > q * 1.02:
            return layer.name
    return None


def lies(layer: Layer) -> bool:
    """Whether it is a surface that faces up: ground, water, a table."""
    return layer.plane.per_y > _SLOPE and layer.surface.value in {"ground", "water", "support"}


def middle_q(scene: Scene, layer: Layer) -> float:
    """Inverse depth in the middle of a layer's box."""
    width, height = scene.size_px
    x = (layer.left_px + layer.size_px[0] / 2) / width
    y = (layer.top_px + layer.size_px[1] / 2) / height
    return layer.plane.inverse_depth(x, y)


def backdrop_q(scene: Scene) -> float:
    """Inverse depth of what is behind everything: nothing is drawn behind it."""
    last = scene.layers[0]
    if len(scene.layers) == 1:
        # A photo that is filmed as one picture hides nothing: its own distance is not that of what it shows.
        return min(_FLAT_Q, max(0.0, last.plane.inverse_depth(0.5, 0.3)))
    return 0.0 if lies(last) or last.surface.value == "sky" else max(0.0, last.plane.inverse_depth(0.5, 0.3))


def floor(scene: Scene) -> Plane | None:
    """The plane of what lies under everything, or None."""
    return next((layer.plane for layer in scene.layers if lies(layer)), None)


def landing_row(scene: Scene, q: NDArray[np.float32], below: float) -> NDArray[np.float32]:
    """Row at which something at inverse depth q reaches the ground, at most `below`; photo heights, shape of q."""
    plane = floor(scene)
    if plane is None:
        return np.full(q.shape, below, np.float32)
    rows = (q - plane.constant - plane.per_x * 0.5) / plane.per_y
    return np.asarray(np.minimum(rows, below), np.float32)


def metres_per_width(stage: Stage) -> float:
    """What the width of the photo spans at the subject's distance: as the Shot says, or as the scene looks."""
    known = stage.shot.world.metres_per_width
    return scale.metres_per_width(stage.scene)[0] if known is None else known
