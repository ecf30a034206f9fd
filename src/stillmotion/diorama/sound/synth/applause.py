"""Hands clap: one pair or a hall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, filters, level, noise, pings, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = (2.6, 4.8)
_HAND_HZ = (800.0, 2600.0)
_RESONANCES = 5
_HALL = ((120, -12.0), (400, 0.0), (1200, 0.0), (3500, -6.0), (9000, -18.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Applause:
    """Controls of clapping."""

    people: float = 30.0
    """How many clap; 1 is a single pair of hands."""
    count: int = 0
    """Exactly so many claps of each; 0 for as many as the time takes."""
    every_s: float = 0.0
    """Time from clap to clap; 0 for each at a pace of their own."""
    pace: float = 1.0
    """Factor of the usual rate."""


def signal(controls: Applause, take: Take) -> NDArray[np.float32]:
    """Everybody claps two to five times a second in a rhythm of their own; cupped hands ring low, flat ones high.

    Rates, resonances and their widths after Peltola et al. (2007, "Synthesis of hand clapping sounds"); the pairs of
    hands of Repp (1987, "The sound of two hands clapping").
    """
    people = max(1, round(controls.people))
    alone = people == 1
    claps = [
        _person(controls, take, alone=alone, side=0.0 if alone else take.rng.uniform(-1, 1)) for _ in range(people)
    ]
    out = pings.render(pings.together(claps), take.count, take.sample_rate)
    if alone:
        out = rooms.reverberate(out, take.sample_rate, take.rng, decay_s=0.5, wet=0.12)
        return level.fade(calls.leveled(out, take.sample_rate), take.sample_rate, in_s=0.0, out_s=0.01)
    out = rooms.reverberate(out, take.sample_rate, take.rng, decay_s=1.0, wet=0.3)
    out /= np.float32(np.sqrt(np.mean(out**2)) + 1e-9)
    # Those too far away to be told apart.
    out += np.float32(0.25) * noise.shaped(take.rng, take.count, take.sample_rate, _HALL)
    return level.to_reference(filters.high(out, take.sample_rate, 90.0), take.sample_rate)


def _person(controls: Applause, take: Take, *, alone: bool, side: float) -> pings.Pings:
    """All claps of one person: the same hands, never quite the same clap."""
    rng = take.rng
    onset = _rhythm(controls, take, alone=alone)
    # Near ones stand out from the rest.
    distance = 1.0 if alone else 1 / rng.uniform(0.25, 1.0) ** 0.5 / rng.uniform(1.0, 3.0)
    hand_hz = np.exp(rng.uniform(*np.log(_HAND_HZ).tolist()))
    shape = (onset.size, _RESONANCES)
    spread = np.exp(np.concatenate([[0.0], rng.uniform(-0.5, 1.5, _RESONANCES - 1)]))
    hz = hand_hz * spread * np.exp(0.08 * rng.standard_normal(shape))
    share = np.concatenate([[1.0], rng.uniform(0.2, 0.9, _RESONANCES - 1)]) / np.maximum(spread, 1.0) ** 0.2
    strength = distance * rng.uniform(0.7, 1.15, onset.size)
    return pings.Pings(
        # Palms and fingers do not meet at once.
        onset_s=(onset[:, None] + rng.exponential(0.0005 if alone else 0.003, shape)).ravel(),
        hz=np.clip(hz, 200.0, 14_000.0).ravel(),
        decay_per_s=(np.pi * np.clip(hz, 400.0, 5000.0) * rng.uniform(0.14, 0.32, shape)).ravel(),
        amplitude=(strength[:, None] * share * rng.uniform(0.3, 1.0, shape) * rng.choice([-1.0, 1.0], shape)).ravel(),
        pan=np.full(hz.size, side),
        rise_per_s=np.zeros(hz.size),
    )


def _rhythm(controls: Applause, take: Take, *, alone: bool) -> NDArray[np.float64]:
    apart_s = 1 / (take.rng.uniform(*_RATE_HZ) * max(controls.pace, 0.2))
    if alone:
        gap_s = apart_s * 0.96 - 0.1, apart_s * 1.04 - 0.1
        return calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=0.1, gap_s=gap_s)
    many = controls.count or int(take.duration_s / apart_s) + 1
    steps = (controls.every_s or apart_s) * np.exp(0.05 * take.rng.standard_normal(many))
    onset = np.cumsum(steps) - steps[0] * take.rng.random()
    return np.asarray(onset[onset < take.duration_s], dtype=np.float64)
