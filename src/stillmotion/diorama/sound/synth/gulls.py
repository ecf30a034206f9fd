"""Gulls over a shore."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, rooms, vocal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_BIRDS = 4
_PAUSE_S = (0.8, 3.2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gulls:
    """Controls of crying gulls."""

    count: int = 0
    """Cries; 0 is several birds that answer each other."""
    every_s: float = 0.0
    """Time from cry to cry; 0 is with natural pauses."""
    pitch_hz: float = 1385.0
    length_s: float = 0.36


def signal(controls: Gulls, take: Take) -> NDArray[np.float32]:
    """Cries that leap up and fall, alone or in laughing series, from birds at several sides and distances.

    Herring gulls' calls lie at 600 to 1500 Hz with many harmonics up to 6 kHz, 0.2 to 0.8 s long (Hand 1979,
    "Vocal communication in the western gull"; Risi et al. 2022).
    """
    near = np.zeros((take.count, 2), np.float32)
    birds = 1 if controls.count else _BIRDS
    for k in range(birds):
        side = 0.0 if birds == 1 else (k + take.rng.uniform(0.2, 0.8)) / birds * 1.6 - 0.8
        gain = 1.0 if k == 0 else take.rng.uniform(0.4, 0.9)
        angle = (side + 1) * np.pi / 4
        near += (
            _bird(controls, take, first=k == 0)[:, None] * np.array([np.cos(angle), np.sin(angle)], np.float32) * gain
        )
    open_air = rooms.reverberate(near.astype(np.float32), take.sample_rate, take.rng, decay_s=0.9, wet=0.08)
    return calls.leveled(open_air, take.sample_rate)


def _bird(controls: Gulls, take: Take, *, first: bool) -> NDArray[np.float32]:
    """The cries of one bird: singles and series."""
    rng = take.rng
    voice = rng.uniform(0.88, 1.12)
    length_s = controls.length_s
    onsets = calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=length_s, gap_s=_PAUSE_S)
    if controls.count or controls.every_s:
        return calls.line(take, ((float(at), _cry(controls, take, voice)) for at in onsets))
    lead_s = 0.0 if first else rng.uniform(0.2, 2.5)
    cries = []
    for at in onsets:
        series = int(rng.choice([1, 2, 4, 6]))
        cries += [(lead_s + float(at) + k * rng.uniform(0.3, 0.36), _cry(controls, take, voice)) for k in range(series)]
    return calls.line(take, (cry for cry in cries if cry[0] < take.duration_s))


def _cry(controls: Gulls, take: Take, voice: float) -> NDArray[np.float32]:
    rng = take.rng
    length_s = min(controls.length_s * rng.uniform(0.6, 1.3), max(0.95 * take.duration_s, 0.1))
    gape = vocal.curve(length_s, ((0, 0.2), (0.3, 1), (0.7, 0.8), (1, 0.2)), 0.02)
    glide = vocal.curve(length_s, ((0, 0.65), (0.2, 1.15), (0.5, 1.0), (1, 0.72)), 0.025)
    loud = vocal.curve(length_s, ((0, 0), (0.1, 0.7), (0.3, 1), (0.75, 0.7), (1, 0)), 0.012)
    cry = vocal.Voice(
        pitch_hz=controls.pitch_hz * voice * rng.uniform(0.95, 1.05) * glide,
        formants_hz=np.stack([1320 + 600 * gape, 2760 + 720 * gape, 4680 + 360 * gape]),
        voiced=loud,
        breath=0.18 * loud,
        effort=1.0,
        rough=0.24,
        damping=0.73,
        jitter=0.022,
        shimmer=0.18,
    )
    return calls.unit(vocal.render(cry, take.sample_rate, rng), rng.uniform(0.6, 1.0))
