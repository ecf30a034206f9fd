"""Something fast goes by through the air."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import bodies, calls, filters, noise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_STROUHAL = 0.2
_NEAR = 0.22
"""Share of its length during which it is near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whoosh:
    """Controls of a passing or swung thing."""

    speed_m_s: float = 18.0
    """At its nearest."""
    width_m: float = 0.006
    """Of what cuts the air."""
    length_s: float = 0.7
    """From when it is heard to when it is gone."""
    rest_s: float = 0.9
    """Between two."""
    count: int = 0
    """Exactly how many; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast they follow."""


def signal(controls: Whoosh, take: Take) -> NDArray[np.float32]:
    """Aeolian noise about 0.2 v / d, its power growing with the sixth power of the speed (Selfridge et al. 2017)."""
    pace = max(controls.pace, 0.1)
    length_s = min(controls.length_s / pace**0.5, take.duration_s)
    onsets = calls.onsets_s(
        take,
        count=controls.count,
        every_s=controls.every_s / pace,
        length_s=length_s,
        gap_s=(0.5 * controls.rest_s / pace, 1.6 * controls.rest_s / pace),
    )
    mono = calls.line(take, ((float(onset), _pass(controls, take, length_s)) for onset in onsets))
    return calls.stage(take, mono, decay_s=0.3, wet=0.03)


def _pass(controls: Whoosh, take: Take, length_s: float) -> NDArray[np.float32]:
    rng, rate = take.rng, take.sample_rate
    count = max(int(length_s * rate), 64)
    along = np.arange(count) / count
    peak = rng.uniform(0.45, 0.6)
    near = 1 / (1 + ((along - peak) / _NEAR) ** 2)
    tremble = np.interp(along, np.linspace(0, 1, 200), noise.wander(rng, 200, 200 / length_s, 12.0))
    speed = (0.25 + 0.75 * near) * (1 + 0.05 * tremble) * rng.uniform(0.88, 1.12)
    centre = _STROUHAL * controls.speed_m_s * speed / controls.width_m
    white = bodies.noise(take, count / rate)[:count, None]
    low = filters.moving_band(white, rate, np.asarray(centre, np.float32)[:, None], 1.3)[:, 0]
    over = filters.moving_band(white, rate, np.asarray(2.3 * centre, np.float32)[:, None], 0.8)[:, 0]
    ends = np.minimum(1, 12 * np.minimum(along, 1 - along))
    return calls.unit(np.asarray((low + 0.35 * over) * speed**3 * ends, np.float32), float(rng.uniform(0.7, 1.0)))
