"""Somebody breathes, pants, gasps, sighs or snores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, clothes, filters, level, vocal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Breath:
    """Controls of breathing."""

    kind: str = "calm"
    """How: calm, pant, gasp, sigh or snore."""
    count: int = 0
    """Exactly so many breaths; 0 for as many as the time takes."""
    every_s: float = 0.0
    """Time from breath to breath; 0 for a natural one."""
    pace: float = 1.0
    """Factor of the usual rate."""
    tract: float = 1.3
    """Resonances over those of a man: with the mouth wide open or a short tract up to 1.4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phase:
    """Air in or out: how long, how strong, through which mouth, with how much voice."""

    length_s: float
    air: float
    mouth: tuple[float, ...]
    """Resonances in hertz."""
    shape: tuple[tuple[float, float], ...]
    """Strength over the share of the length."""
    pitch_hz: tuple[float, float] = (100.0, 100.0)
    voiced: float = 0.0
    flutter: float = 0.03
    """Irregularity of the pulses."""
    effort: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    phases: tuple[_Phase, ...]
    rest_s: tuple[float, float]
    """Pause between two breaths."""


_CORNER_HZ = 7000.0
_SWELL = ((0.0, 0.0), (0.35, 0.8), (0.65, 1.0), (0.92, 0.35), (1.0, 0.0))
_RELEASE = ((0.0, 0.0), (0.12, 1.0), (0.4, 0.6), (0.8, 0.15), (1.0, 0.0))
_PUFF = ((0.0, 0.0), (0.25, 1.0), (0.6, 0.7), (1.0, 0.0))
_DRAWN = ((0.0, 0.0), (0.2, 0.35), (0.8, 1.0), (0.93, 0.8), (1.0, 0.0))
_OPEN, _NOSE = (700.0, 1300.0, 2500.0), (320.0, 1150.0, 2200.0)
_IN, _OUT = (720.0, 1750.0, 2870.0), (735.0, 1770.0, 3250.0)
_KINDS = {
    "calm": _Kind(
        phases=(
            _Phase(length_s=0.9, air=0.45, mouth=_IN, shape=_SWELL),
            _Phase(length_s=1.1, air=1.0, mouth=_OUT, shape=_PUFF),
        ),
        rest_s=(0.5, 0.8),
    ),
    "pant": _Kind(
        phases=(
            _Phase(length_s=0.27, air=0.7, mouth=(600.0, 2050.0, 3350.0), shape=_SWELL),
            _Phase(length_s=0.34, air=1.1, mouth=(780.0, 1150.0, 2200.0), shape=_RELEASE),
        ),
        rest_s=(0.01, 0.06),
    ),
    "gasp": _Kind(
        phases=(
            _Phase(length_s=0.5, air=1.0, mouth=_OPEN, shape=_DRAWN, pitch_hz=(260.0, 420.0), voiced=0.05, effort=0.3),
            _Phase(length_s=0.9, air=0.25, mouth=_OUT, shape=_RELEASE),
        ),
        rest_s=(0.9, 1.6),
    ),
    "sigh": _Kind(
        phases=(
            _Phase(length_s=0.8, air=0.6, mouth=_IN, shape=_SWELL),
            _Phase(length_s=1.5, air=1.0, mouth=_OPEN, shape=_RELEASE, pitch_hz=(250.0, 140.0), voiced=0.22),
        ),
        rest_s=(0.9, 1.6),
    ),
    "snore": _Kind(
        phases=(
            _Phase(
                length_s=1.5, air=0.25, mouth=_NOSE, shape=_DRAWN, pitch_hz=(34.0, 48.0), voiced=1.0, flutter=0.12,
                effort=0.8,
            ),
            _Phase(length_s=1.3, air=0.5, mouth=_OUT, shape=_RELEASE),
        ),
        rest_s=(0.5, 0.8),
    ),
}  # fmt: skip


def signal(controls: Breath, take: Take) -> NDArray[np.float32]:
    """Turbulent air through the tract, in and out; the glottis or the soft palate joins in where they do.

    A quiet adult takes 12 to 18 breaths a minute, in a little shorter than out. A snore is the soft palate that
    flutters at 30 to 60 Hz while air is drawn in (Pevernagie et al. 2010, "The acoustics of snoring").
    """
    kind = _KINDS.get(controls.kind, _KINDS["calm"])
    faster = 1 / max(controls.pace, 0.2)
    length_s = faster * sum(phase.length_s for phase in kind.phases)
    gap_s = kind.rest_s[0] * faster, kind.rest_s[1] * faster
    starts = calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=length_s, gap_s=gap_s)
    breaths = [(onset, _breath(kind.phases, controls.tract, faster, take)) for onset in starts]
    out = calls.stage(take, calls.line(take, breaths), decay_s=0.3, wet=0.02) + clothes.rustle(take)
    return level.fade(out, take.sample_rate, in_s=0.0, out_s=0.02)


def _breath(phases: Sequence[_Phase], tract: float, faster: float, take: Take) -> NDArray[np.float32]:
    return np.concatenate([_air(phase, tract, faster * take.rng.uniform(0.92, 1.08), take) for phase in phases])


def _air(phase: _Phase, tract: float, longer: float, take: Take) -> NDArray[np.float32]:
    rng = take.rng
    length_s = max(phase.length_s * longer, 0.08)
    shape = vocal.curve(length_s, phase.shape, smooth_s=0.1 * length_s)
    shape *= np.exp(0.12 * vocal.waver(rng, shape.size, 7.0)) * rng.uniform(0.8, 1.1)
    drift = 1 + 0.04 * vocal.waver(rng, shape.size, 2.0)
    opening = np.linspace(0.94, 1.05, shape.size) * rng.uniform(0.95, 1.05)
    pitch = np.linspace(*phase.pitch_hz, shape.size) * drift * rng.uniform(0.9, 1.1)
    voice = vocal.Voice(
        pitch_hz=pitch,
        formants_hz=np.array(phase.mouth)[:, None] * tract * opening * drift,
        voiced=phase.voiced * shape**1.5,
        breath=phase.air * shape,
        effort=phase.effort,
        damping=1.7,
        jitter=phase.flutter,
        shimmer=2 * phase.flutter,
    )
    return filters.low(vocal.render(voice, take.sample_rate, rng), take.sample_rate, _CORNER_HZ)
