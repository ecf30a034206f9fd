"""The sound of nothing in particular: a quiet room, or still air outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillmotion.diorama.sound.dsp import level, noise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_ROOM = ((25, 4.0), (60, 6.0), (120, 2.0), (250, -5.0), (1000, -18.0), (4000, -33.0), (12000, -46.0))
_AIR = ((25, -2.0), (60, 0.0), (120, 0.0), (250, -2.0), (1000, -10.0), (4000, -20.0), (12000, -32.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomTone:
    """Controls of a quiet place."""

    openness: float = 0.0
    """0 is a closed room with faint ventilation, 1 is open air."""


def signal(controls: RoomTone, take: Take) -> NDArray[np.float32]:
    """Falling noise whose slope follows noise-criterion curves of quiet places (Beranek 1957), hardly moving."""
    curve = [(a[0], a[1] + (b[1] - a[1]) * controls.openness) for a, b in zip(_ROOM, _AIR, strict=True)]
    bed = noise.shaped(take.rng, take.count, take.sample_rate, curve)
    drift = 1 + 0.12 * noise.wander(take.rng, take.times_s(10).size, 10, 0.3)
    return level.to_reference(bed * take.stretch(drift, 10)[:, None], take.sample_rate)
