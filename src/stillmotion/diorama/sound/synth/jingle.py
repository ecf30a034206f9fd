"""Many small things that strike each other: coins, keys, dishes, whatever rattles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import randomness
from stillmotion.diorama.sound import matter
from stillmotion.diorama.sound.dsp import bodies, calls, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Jingle:
    """Controls of a handful of small bodies."""

    low_hz: float = 3000.0
    """Lowest mode of the largest piece."""
    high_hz: float = 7000.0
    """Lowest mode of the smallest piece."""
    loss: float = 0.004
    """Loss factor of the pieces."""
    spread: float = 1.3
    """Mode k of a piece rings at f0 k^spread."""
    modes: int = 9
    """How many modes a piece has."""
    hardness: float = 1.0
    """0 a soft contact, 1 a hard one."""
    pieces: int = 8
    """How many different ones there are."""
    rate_per_s: float = 20.0
    """Strikes a second while they move."""
    shake_hz: float = 0.0
    """How often a second they are shaken; 0 is a loose handling."""
    bounces: int = 0
    """Further strikes of a falling piece, each sooner than the last."""
    held_per_s: float = 8.0
    """What the hand or the heap takes of each ring."""
    knock: float = 0.2
    """Level of the noise of each contact."""
    burst_s: float = 0.9
    """How long one handling lasts."""
    rest_s: float = 0.6
    """Between two handlings."""
    surface: str = ""
    """What the pieces are of, when said."""
    count: int = 0
    """Exactly how many handlings, or falling pieces; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast they follow."""
    room_s: float = 0.3
    """Decay of the place around them."""
    wet: float = 0.05
    """Energy of the place over that of the pieces."""
    air_db: float | None = None
    """Level of the still air of the place under them; none is silence."""


def signal(controls: Jingle, take: Take) -> NDArray[np.float32]:
    """Strikes at random times of random pairs of pieces, as Cook's shakers (2002, "Real Sound Synthesis", ch. 12).

    A falling piece bounces: each flight lasts its restitution times the one before.
    """
    length_s = 0.05 if controls.bounces else controls.burst_s
    onsets = calls.onsets_s(
        take,
        count=controls.count,
        every_s=controls.every_s / max(controls.pace, 0.1),
        length_s=length_s,
        gap_s=(0.4 * controls.rest_s / max(controls.pace, 0.1), 1.5 * controls.rest_s / max(controls.pace, 0.1)),
    )
    made = [_handled(controls, take, float(onset)) for onset in onsets]
    mono = bodies.mono(pings.together(made), take.count, take.sample_rate)
    return calls.stage(take, mono, decay_s=controls.room_s, wet=controls.wet, air_db=controls.air_db)


def _handled(controls: Jingle, take: Take, onset_s: float) -> pings.Pings:
    at_s, strength = _bounces(controls, take) if controls.bounces else _shaken(controls, take)
    falls = int(take.rng.integers(controls.pieces))
    which = np.full(at_s.size, falls) if controls.bounces else take.rng.integers(controls.pieces, size=at_s.size)
    rung = [
        _rung(controls, take, int(piece), onset_s + float(when), float(loud))
        for when, loud, piece in zip(at_s, strength, which, strict=True)
    ]
    return pings.together(rung)


def _shaken(controls: Jingle, take: Take) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times and strengths while they are handled; the first strike at once."""
    rng = take.rng
    t = np.arange(0, controls.burst_s, 1 / _RATE_HZ)
    moved = np.sin(np.pi * np.clip((t + 0.15) / (controls.burst_s + 0.2), 0, 1))
    if controls.shake_hz > 0:
        moved *= (0.5 - 0.5 * np.cos(2 * np.pi * controls.shake_hz * t + 2.4)) ** 2 * 2.2
    at_s = np.concatenate([[0.0], pings.arrivals(rng, controls.rate_per_s * moved, _RATE_HZ)])
    loud = np.interp(at_s, t, moved + 0.15) * rng.uniform(0.05, 1.0, at_s.size) ** 1.6
    loud[0] = 0.6
    return at_s, loud


def _bounces(controls: Jingle, take: Take) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    back = take.rng.uniform(0.55, 0.68)
    flights = take.rng.uniform(0.16, 0.24) * back ** np.arange(controls.bounces)
    at_s = np.concatenate([[0.0], np.cumsum(flights)])
    return at_s, back ** np.arange(at_s.size) * take.rng.uniform(0.7, 1.0, at_s.size)


def _rung(controls: Jingle, take: Take, piece: int, onset_s: float, strength: float) -> pings.Pings:
    """One strike: the piece's own modes and the short broad click of the contact."""
    shape = randomness.generator(take.seed, "piece", piece)
    said = matter.of_surface(controls.surface)
    lift = 1.0 if said is None else (said.f0_hz / matter.SOUNDINGS["steel"].f0_hz) ** 0.5
    body = bodies.Body(
        f0_hz=lift * controls.low_hz * (controls.high_hz / controls.low_hz) ** float(shape.random()),
        loss=controls.loss if said is None else said.loss,
        spread=controls.spread,
        hardness=controls.hardness,
        modes=controls.modes,
        held_per_s=controls.held_per_s * float(shape.uniform(0.6, 1.6)),
    )
    rung = bodies.tones(body, shape, take.rng, onset_s=onset_s, strength=strength)
    clicks = np.full(6, onset_s) + take.rng.uniform(0, 0.002, 6)
    click = bodies.grains(take.rng, clicks, (1500.0, 11_000.0), loss=0.15, tail=4.0, tilt=0.1)
    return pings.together([rung, _scaled(click, strength * controls.knock)])


def _scaled(made: pings.Pings, factor: float) -> pings.Pings:
    return pings.Pings(
        onset_s=made.onset_s, hz=made.hz, decay_per_s=made.decay_per_s, amplitude=made.amplitude * factor,
        pan=made.pan, rise_per_s=made.rise_per_s,
    )  # fmt: skip
