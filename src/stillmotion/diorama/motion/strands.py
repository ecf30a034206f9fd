"""Hair, fur and whiskers: what gives way to a breeze on somebody whose face and body hold still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.motion import bodies, heads, regions
from stillmotion.diorama.motion.modes import smooth
from stillmotion.diorama.motion.plants import Growth

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.regions import Grid
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer

HAIR = frozenset({"hair", "ponytail", "curls", "locks", "braid", "fringe", "beard"})
WHISKERS = frozenset({"whiskers", "whisker"})
FUR = frozenset({"fur", "mane", "feathers"})
WORDS = HAIR | WHISKERS | FUR
_RIM = 0.035
"""How deep into a body its fur stirs, photo widths."""


def growing(stage: Stage, layer: Layer, said: set[str]) -> Growth | None:
    """What the words name on a layer; None where no face or no outline tells where it is."""
    give = _fur(stage, layer) if said & FUR else _on_head(stage, layer, whiskers=bool(said & WHISKERS))
    if give is None or not give.any():
        return None
    return Growth(layers=(layer.name,), give=give * regions.window(stage.aspect))


def _on_head(stage: Stage, layer: Layer, *, whiskers: bool) -> Grid | None:
    head = heads.find(stage, layer)
    if head is None:
        return None
    x, y = (grid.astype(np.float64) for grid in regions.places(stage.aspect))
    across, down = (part / head.width for part in head.frame(x, y))
    give = _muzzle(across, down) if whiskers else _locks(across, down) * heads.belongs(head, x, y)
    return np.asarray(give, np.float32)


def _muzzle(across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
    """Beside the nose, more towards the tips."""
    tips = smooth((np.abs(across) - 0.08) / 0.4) * (1 - smooth((np.abs(across) - 0.6) / 0.35))
    return np.asarray(tips * smooth((down + 0.05) / 0.2) * (1 - smooth((down - 0.45) / 0.4)))


def _locks(across: NDArray[np.float64], down: NDArray[np.float64]) -> NDArray[np.float64]:
    """Around the face, little on the crown, most where hair hangs free."""
    away = np.hypot(across / 0.62, down / 0.85)
    return np.asarray(smooth((away - 0.8) / 0.5) * (0.35 + 0.65 * smooth((down + 0.6) / 1.0)))


def _fur(stage: Stage, layer: Layer) -> Grid | None:
    """Along the outline."""
    inside = bodies.cover(stage, layer)
    if inside is None:
        return None
    size = 2 * round(_RIM * regions.COLUMNS) + 1
    core = cv2.erode(inside.astype(np.uint8), np.ones((size, size), np.uint8)).astype(np.float32)
    return np.asarray(1 - regions.smoothed(core, _RIM / 2), np.float32)
