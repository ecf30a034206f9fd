"""Who is meant when somebody or something living moves, and shared shapes of such movements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion.modes import smooth
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

LIVING = frozenset({Surface.PERSON, Surface.ANIMAL})
_FALL_S = 0.6


def layer_of(stage: Stage, cue: MotionCue) -> Layer | None:
    """The layer that a cue names; without a name, the nearest living one."""
    if cue.layer is not None:
        return stage.layer(cue)
    return next((layer for layer in reversed(stage.scene.layers) if layer.surface in LIVING), None)


def cut_out(stage: Stage, layer: Layer) -> bool:
    """Whether something lies behind the layer, so that its outline may move."""
    return layer.name != stage.scene.layers[0].name


def fall_s(stage: Stage, cue: MotionCue) -> float:
    """How long a held pose takes to go back; 0 when it is held to the end of the shot."""
    return _FALL_S if stage.end_s(cue) < stage.shot.duration_s - 0.05 else 0.0


def edge(x: NDArray[np.float64], y: NDArray[np.float64], box: Box, share: float = 0.2) -> NDArray[np.float64]:
    """1 in a box, falling to 0 at its border over that share of its size."""
    across, down = (x - box.x0) / box.width, (y - box.y0) / box.height
    return np.asarray(
        smooth(across / share) * smooth((1 - across) / share) * smooth(down / share) * smooth((1 - down) / share)
    )
