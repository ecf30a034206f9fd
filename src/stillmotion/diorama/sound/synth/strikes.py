"""Blows, knocks, clinks and clangs, one after another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import randomness
from stillmotion.diorama.sound import matter
from stillmotion.diorama.sound.dsp import bodies, calls, filters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.bodies import Body
    from stillmotion.diorama.sound.dsp.take import Take

_LONGEST_S = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Strikes:
    """Controls of a series of strikes."""

    f0_hz: float = 200.0
    """Lowest mode of what is struck."""
    loss: float = 0.1
    """Loss factor of its modes."""
    spread: float = 1.2
    """Mode k rings at f0 k^spread."""
    hardness: float = 0.75
    """0 a soft contact, 1 a hard one."""
    knock: float = 0.4
    """Level of the contact's own noise."""
    thump: float = 0.0
    """Level of the low push that a heavy blow gives to floor and air."""
    edge: float = 0.0
    """Level of the blade or ring that strikes: a short click above 3 kHz."""
    partner: float = 0.0
    """Level of the striking body, which is of the same kind and rings a fifth to an octave higher."""
    modes: int = 24
    """How many modes it has: a large sheet more than a small bar."""
    pieces: int = 1
    """How many bodies take turns at random."""
    group: int = 1
    """Strikes that belong together: three knocks on a door."""
    within_s: float = 0.2
    """From one to the next inside a group."""
    rest_s: float = 1.5
    """From one group to the next, when nobody says how often."""
    surface: str = ""
    """What is struck, when said: "metal", "glass"."""
    count: int = 0
    """Exactly how many strikes; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast they follow."""
    room_s: float = 0.35
    """Decay of the place around them."""
    wet: float = 0.04
    """Energy of the place over that of the strikes."""
    air_db: float | None = None
    """Level of the still air of the place under the strikes; none is silence."""


def signal(controls: Strikes, take: Take) -> NDArray[np.float32]:
    """Each strike rings one body anew (see `dsp.bodies`): another place, another strength, at hand-made times."""
    onsets = _onsets(controls, take)
    shapes = [take.rng.uniform(0.8, 1.3) if controls.pieces > 1 else 1.0 for _ in range(controls.pieces)]
    mono = calls.line(take, ((float(onset), _strike(controls, take, shapes)) for onset in onsets))
    return calls.stage(take, mono, decay_s=controls.room_s, wet=controls.wet, air_db=controls.air_db)


def _onsets(controls: Strikes, take: Take) -> NDArray[np.float64]:
    step = (controls.every_s or controls.within_s) / max(controls.pace, 0.1)
    if controls.count or controls.every_s or controls.group == 1:
        usual = controls.rest_s / max(controls.pace, 0.1) if controls.group == 1 else step
        return calls.onsets_s(
            take, count=controls.count, every_s=controls.every_s and step, length_s=0.05,
            gap_s=(0.85 * usual - 0.05, 1.2 * usual - 0.05),
        )  # fmt: skip
    return np.fromiter(_groups(controls, take, step), float)


def _groups(controls: Strikes, take: Take, step: float) -> Iterator[float]:
    """Groups of strikes and the rests between them."""
    at_s = 0.0
    while at_s < take.duration_s - 0.04:
        for _ in range(controls.group):
            if at_s < take.duration_s - 0.04:
                yield at_s
            at_s += step * take.rng.uniform(0.9, 1.12)
        at_s += controls.rest_s / max(controls.pace, 0.1) * take.rng.uniform(0.8, 1.3)


def _body(controls: Strikes) -> Body:
    said = matter.of_surface(controls.surface)
    if said is None:
        return bodies.Body(
            f0_hz=controls.f0_hz, loss=controls.loss, spread=controls.spread, hardness=controls.hardness,
            knock=controls.knock, modes=controls.modes,
        )  # fmt: skip
    # As large as the usual one, of the other stuff: pitch follows the speed of sound in it.
    lift = (said.f0_hz / matter.SOUNDINGS["wood"].f0_hz) ** 0.7
    return bodies.Body(
        f0_hz=max(controls.f0_hz, 120.0) * lift,
        loss=said.loss,
        spread=said.spread,
        hardness=0.5 * (controls.hardness + said.hardness),
        knock=0.5 * (controls.knock + said.knock),
        modes=controls.modes,
    )


def _strike(controls: Strikes, take: Take, shapes: list[float]) -> NDArray[np.float32]:
    rng, body = take.rng, _body(controls)
    which = int(rng.integers(len(shapes)))
    shape = randomness.generator(take.seed, "modes", which)
    longest = min(_LONGEST_S, max(0.25, 6.0 / max(np.pi * body.f0_hz * body.loss, 1.5)))
    hard = float(np.clip(body.hardness + rng.normal(0, 0.02), 0, 1))
    struck = replace(body, f0_hz=body.f0_hz * shapes[which], hardness=hard)
    out = bodies.strike(struck, shape, rng, take.sample_rate, longest)
    if controls.partner > 0:
        other = bodies.Body(f0_hz=struck.f0_hz * rng.uniform(1.4, 1.9), loss=body.loss, spread=body.spread, knock=0.0)
        out += bodies.strike(other, rng, rng, take.sample_rate, longest) * np.float32(controls.partner)
    if controls.thump > 0:
        out += _thump(take, out.size) * np.float32(controls.thump)
    if controls.edge > 0:
        out += _edge(take, out.size) * np.float32(controls.edge)
    return out * np.float32(rng.uniform(0.7, 1.0))


def _thump(take: Take, count: int) -> NDArray[np.float32]:
    """A push of 15 ms at 50 to 90 Hz that floor and air take up, with the dull noise of what is squashed."""
    t = np.arange(count) / take.sample_rate
    hz = take.rng.uniform(55, 80) * (1 + 0.7 * np.exp(-t / 0.015))
    low = np.sin(2 * np.pi * np.cumsum(hz) / take.sample_rate) * np.exp(-t / 0.05)
    noise = filters.band(take.rng.standard_normal(count, dtype=np.float32), take.sample_rate, 70.0, 420.0)
    return np.asarray(low + 2.2 * noise * np.exp(-t / 0.03), np.float32)


def _edge(take: Take, count: int) -> NDArray[np.float32]:
    blade = bodies.Body(f0_hz=take.rng.uniform(2800, 3400), loss=0.02, spread=0.9, hardness=1.0, knock=0.6, modes=8)
    return bodies.strike(blade, take.rng, take.rng, take.sample_rate, count / take.sample_rate)[:count]
