"""Somebody coughs or sneezes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, level, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take


_CORNER_HZ = 4700.0
_THROAT = np.array([[1.1], [1.28], [1.74]])
"""Resonances of the open throat over those of the vowel in "bird"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cough:
    """Controls of a cough or sneeze."""

    kind: str = "cough"
    """Which: cough or sneeze."""
    f0_hz: float = 290.0
    """Pitch of the voice that joins in."""
    tract: float = 1.16
    """Resonances over those of a man."""
    count: int = 0
    """Exactly so many; 0 for as many as the time takes: coughs come two or three together."""
    every_s: float = 0.0
    """Time from one to the next; 0 for a natural one."""
    pace: float = 1.0
    """Factor of the usual rate."""


def signal(controls: Cough, take: Take) -> NDArray[np.float32]:
    """A closed throat bursts open; noise, then a little voice. A sneeze draws breath first and hisses at the teeth.

    The three phases of a cough, a burst of 50 ms, noise for 150 ms and an optional voiced one, after Korpas et al.
    (1996, "Analysis of the cough sound: an overview").
    """
    faster = max(controls.pace, 0.2)
    sneezes = controls.kind == "sneeze"
    length_s, gap_s = (1.0, (0.9, 1.6)) if sneezes else (0.34, (0.12, 0.2))
    starts = calls.onsets_s(
        take,
        count=controls.count,
        every_s=controls.every_s,
        length_s=length_s / faster,
        gap_s=(gap_s[0] / faster, gap_s[1] / faster),
    )
    if not sneezes and controls.count == 0 and controls.every_s == 0:
        starts = starts[np.arange(starts.size) % 5 < int(take.rng.integers(2, 4))]
    make = _sneeze if sneezes else _cough
    out = calls.stage(take, calls.line(take, [(onset, make(controls, faster, take)) for onset in starts]), wet=0.06)
    return level.fade(out, take.sample_rate, in_s=0.0, out_s=0.02)


def _cough(controls: Cough, faster: float, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = rng.uniform(0.28, 0.36) / faster
    burst = vocal.curve(length_s, ((0, 0), (0.02, 1), (0.16, 0.7), (0.3, 0.3), (0.7, 0.12), (1, 0)), smooth_s=0.012)
    voiced = vocal.curve(length_s, ((0, 0), (0.1, 0.35), (0.3, 0.2), (0.5, 0.5), (0.75, 0.3), (1, 0)), smooth_s=0.03)
    open_wide = vocal.curve(length_s, ((0, 1.15), (0.4, 1.0), (1, 0.8)))
    voice = vocal.Voice(
        pitch_hz=controls.f0_hz * np.linspace(1.35, 0.85, burst.size) * rng.uniform(0.9, 1.1),
        formants_hz=vocal.vowel("er", controls.tract) * _THROAT * open_wide,
        voiced=voiced * rng.uniform(0.16, 0.4),
        breath=5.4 * burst * rng.uniform(0.8, 1.1),
        effort=0.95,
        rough=0.05,
        damping=1.05,
        jitter=0.05,
        shimmer=0.1,
    )
    return filters.low(vocal.render(voice, take.sample_rate, rng), take.sample_rate, _CORNER_HZ)


def _sneeze(controls: Cough, faster: float, take: Take) -> NDArray[np.float32]:
    """Air in with a little voice, then out at once through nearly closed teeth and a round mouth."""
    rng = take.rng
    length_s = rng.uniform(0.85, 1.0) / faster
    drawn = vocal.curve(length_s, ((0, 0), (0.1, 0.25), (0.42, 0.6), (0.5, 0.1), (0.54, 0), (1, 0)), smooth_s=0.02)
    out = vocal.curve(length_s, ((0, 0), (0.55, 0), (0.58, 1), (0.7, 0.7), (0.85, 0.25), (1, 0)), smooth_s=0.012)
    sung = vocal.curve(length_s, ((0, 0), (0.6, 0), (0.7, 0.7), (0.85, 0.4), (1, 0)), smooth_s=0.03)
    voice = vocal.Voice(
        pitch_hz=controls.f0_hz * vocal.curve(length_s, ((0, 1.5), (0.5, 2.0), (0.56, 2.2), (1, 1.1))),
        formants_hz=vocal.vowel("uh", controls.tract)
        * vocal.curve(length_s, ((0, 1.2), (0.5, 1.25), (0.58, 1.3), (1, 0.85))),
        voiced=0.12 * drawn + 0.5 * sung,
        breath=0.5 * drawn + 2.0 * out,
        effort=0.7,
        rough=0.25,
        damping=1.6,
        jitter=0.03,
        shimmer=0.15,
    )
    mouth = vocal.render(voice, take.sample_rate, rng)
    teeth = filters.band(rng.standard_normal(mouth.size, dtype=np.float32)[:, None], take.sample_rate, 2800.0, 9000.0)
    hiss = np.interp(np.arange(mouth.size) * vocal.STEPS_HZ / take.sample_rate, np.arange(out.size), out**1.5)
    level = float(np.abs(mouth).max())
    return mouth + (0.35 * level * hiss).astype(np.float32) * teeth[:, 0]
