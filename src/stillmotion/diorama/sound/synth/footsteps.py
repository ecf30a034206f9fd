"""Somebody walks or runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, clothes, filters, grounds, level, noise, pings, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.grounds import Ground
    from stillmotion.diorama.sound.dsp.take import Take

_WALK_HZ = (1.8, 2.0)
_RUNS_FROM = 1.4
_PRESSURE_HZ = 2000.0
_STEP_S = 0.22
_HARDER = 8.0
"""How much louder the clicks of the hardest heel are than those of a bare foot."""
_HEELS = {"barefoot": 0.0, "heels": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Footsteps:
    """Controls of steps."""

    surface: str = ""
    """What is walked on: wood, stone, gravel, snow, grass, sand, leaves, water, metal, carpet; or like one of these."""
    count: int = 0
    """Exactly so many steps; 0 for as many as the time takes."""
    every_s: float = 0.0
    """Time from step to step; 0 for a natural cadence."""
    pace: float = 1.0
    """Factor of a walk; from 1.4 on it is a run."""
    heel: float = 0.5
    """Hardness of the heel: 0 a bare foot, 0.5 a shoe, 1 a stiletto."""
    kind: str = ""
    """Of the foot: "heels" or "barefoot"; it goes before the hardness."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Bumps:
    """Every contact of a heel or of a ball of the foot, arrays of shape (bumps,)."""

    onset_s: NDArray[np.float64]
    length_s: NDArray[np.float64]
    force: NDArray[np.float64]
    side: NDArray[np.float64]
    """-1 the left foot, 1 the right."""


def signal(controls: Footsteps, take: Take) -> NDArray[np.float32]:
    """Two bumps of pressure a step, heel and ball, drive a ground: its modes, its grains, the rub of the sole.

    The course of pressure follows Farnell (2007, "Marching onwards: procedural synthetic footsteps for video games and
    animation"); grounds that crumple are dense micro-impacts after Cook (1997, "Physically informed sonic modeling"),
    and Fontana and Bresin (2003, "Physics-based sound synthesis and control: crushing, walking and running by crumpling
    sounds"). People walk at 1.7 to 2.1 steps a second.
    """
    controls = replace(controls, heel=_HEELS.get(controls.kind, controls.heel))
    ground = grounds.named(controls.surface)
    bumps = _gait(controls, ground, take)
    pressure = _pressure(bumps, ground, take)
    struck = [_body(bumps, ground, take), _clicks(bumps, ground, controls, take), _grains(pressure, ground, take)]
    if ground.bubbles_per_s:
        struck.append(_bubbles(pressure, ground, take))
    out = pings.render(pings.together(struck), take.count, take.sample_rate)
    out += _rub(pressure, ground, take)
    out = rooms.reverberate(out, take.sample_rate, take.rng, decay_s=0.5, wet=ground.echo)
    out = calls.leveled(out, take.sample_rate) + clothes.rustle(take)
    return level.fade(out, take.sample_rate, in_s=0.0, out_s=0.02)


def _gait(controls: Footsteps, ground: Ground, take: Take) -> _Bumps:
    rng = take.rng
    pace = max(controls.pace, 0.2)
    apart_s = 1 / (rng.uniform(*_WALK_HZ) * pace**0.8)
    gap_s = apart_s * 0.97 - _STEP_S, apart_s * 1.03 - _STEP_S
    onset = calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=_STEP_S, gap_s=gap_s)
    many = onset.size
    side = np.where(np.arange(many) % 2, 1.0, -1.0) * rng.choice([-1.0, 1.0])
    force = (1 + 0.06 * side) * rng.uniform(0.8, 1.15, many) * pace**0.7
    # A runner lands on the middle of the foot: the two bumps nearly become one.
    later_s = rng.uniform(0.04, 0.06, many) if pace >= _RUNS_FROM else rng.uniform(0.11, 0.16, many) / pace**0.5
    return _Bumps(
        onset_s=np.concatenate([onset, onset + later_s]),
        length_s=np.concatenate([rng.uniform(0.03, 0.06, many), rng.uniform(0.04, 0.08, many)]) / pace**0.3,
        force=np.concatenate([force, force * ground.toe * rng.uniform(0.7, 1.2, many)]),
        side=np.concatenate([side, side]),
    )


def _pressure(bumps: _Bumps, ground: Ground, take: Take) -> NDArray[np.float64]:
    """How hard the ground is pressed and still gives way, at `_PRESSURE_HZ`."""
    total = np.zeros(int(take.duration_s * _PRESSURE_HZ) + 4)
    lasting = bumps.length_s + ground.yields_s * take.rng.uniform(0.8, 1.2, bumps.force.size)
    for onset_s, length_s, force in zip(bumps.onset_s, lasting, bumps.force, strict=True):
        first, last = int(onset_s * _PRESSURE_HZ), int((onset_s + length_s) * _PRESSURE_HZ) + 1
        u = (np.arange(first, min(last, total.size)) / _PRESSURE_HZ - onset_s).clip(0, length_s) / length_s
        # Skewed: the weight comes quickly and leaves slowly.
        total[first:last] += force * 3.2 * u**0.6 * (1 - u) ** 1.5
    return total


def _body(bumps: _Bumps, ground: Ground, take: Take) -> pings.Pings:
    """What rings when it is struck: the mass below, and the modes of a board or plate."""
    rng = take.rng
    hz = np.array([*(ground.thump_hz * np.array([0.7, 1.0, 1.4])), *ground.modes_hz])
    base = np.array([*([ground.thump] * 3), *(ground.ring / np.arange(1, len(ground.modes_hz) + 1) ** 0.35)])
    # What lies under the foot is never the same twice; a board or plate keeps its modes.
    loose = np.where(np.arange(hz.size) < 3, 0.07, 0.004)
    struck = hz * (1 + loose * rng.uniform(-1, 1, (bumps.force.size, hz.size)))
    weight = base * rng.uniform(0.2, 1.0, struck.shape) ** 1.5 * bumps.force[:, None] ** 1.2
    decay = np.maximum(np.pi * struck * ground.loss, 14.0)
    decay[:, :3] = 55.0
    return pings.Pings(
        onset_s=(bumps.onset_s[:, None] + rng.uniform(0, 0.012, struck.shape)).ravel(),
        hz=struck.ravel(),
        decay_per_s=decay.ravel(),
        amplitude=(weight * rng.choice([-1.0, 1.0], struck.shape)).ravel(),
        pan=np.repeat(0.1 * bumps.side, hz.size),
        rise_per_s=np.zeros(struck.size),
    )


def _clicks(bumps: _Bumps, ground: Ground, controls: Footsteps, take: Take) -> pings.Pings:
    """The points of a sole that meet a hard ground one after the other, a hard heel in a shorter time."""
    rng = take.rng
    number = rng.poisson(ground.clicks, bumps.force.size) + (ground.clicks > 0)
    of = np.repeat(np.arange(bumps.force.size), number)
    spread_s = ground.clicks_s * 4 ** (0.5 - controls.heel)
    later = rng.beta(1.2, 2.5, of.size) * spread_s * np.where(of < bumps.force.size // 2, 1.0, 2.0)
    made = _rings(bumps.onset_s[of] + later, np.full(of.size, ground.click), ground, rng)
    # A foot falls with its force, however many points share it.
    energy = np.bincount(of, made.amplitude**2, minlength=bumps.force.size)
    even = np.sqrt(energy.mean() / np.maximum(energy, 1e-12)) * bumps.force
    return replace(made, amplitude=made.amplitude * even[of] * _HARDER ** (controls.heel - 0.5))


def _grains(pressure: NDArray[np.float64], ground: Ground, take: Take) -> pings.Pings:
    """Pebbles, crystals, leaves: each a short click of its own pitch, strong ones rare."""
    rate = pressure * ground.grains_per_s
    if ground.squeak_hz:
        rate = rate * _squeak(pressure.size, ground.squeak_hz, take.rng)
    onset = pings.arrivals(take.rng, rate, _PRESSURE_HZ)
    pressed = np.interp(onset, np.arange(pressure.size) / _PRESSURE_HZ, pressure)
    return _rings(onset, ground.grain * pressed**0.5, ground, take.rng)


def _rings(
    onset_s: NDArray[np.float64], strength: NDArray[np.float64], ground: Ground, rng: np.random.Generator
) -> pings.Pings:
    low, high = np.log(ground.grain_hz)
    hz = np.exp(rng.uniform(low, high, onset_s.size))
    size = np.minimum(rng.pareto(ground.grain_tail, onset_s.size), 6.0) * rng.choice([-1.0, 1.0], onset_s.size)
    return pings.Pings(
        onset_s=onset_s,
        hz=hz,
        decay_per_s=np.pi * hz * ground.grain_loss,
        amplitude=strength * size * (hz / ground.grain_hz[0]) ** -ground.grain_tilt,
        pan=rng.uniform(-0.25, 0.25, onset_s.size),
        rise_per_s=np.zeros(onset_s.size),
    )


def _bubbles(pressure: NDArray[np.float64], ground: Ground, take: Take) -> pings.Pings:
    """Air that a foot takes under water."""
    onset = pings.arrivals(take.rng, pressure * ground.bubbles_per_s, _PRESSURE_HZ) + 0.02
    radius_m = np.exp(take.rng.normal(np.log(0.0016), 0.5, onset.size))
    made = pings.bubbles(take.rng, onset, radius_m, spread=0.3)
    return replace(made, amplitude=made.amplitude * ground.bubble)


def _squeak(steps: int, squeak_hz: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Packed snow sticks and slips: its breaks bunch in a wavering rhythm."""
    hz = squeak_hz * (1 + 0.15 * noise.wander(rng, steps, _PRESSURE_HZ, 6.0))
    return np.asarray(1 + 0.9 * np.sin(2 * np.pi * np.cumsum(hz) / _PRESSURE_HZ), dtype=np.float64)


def _rub(pressure: NDArray[np.float64], ground: Ground, take: Take) -> NDArray[np.float32]:
    """The sole slides and turns a little under pressure."""
    mono = take.rng.standard_normal(take.count, dtype=np.float32)
    both = np.stack([mono, mono], axis=1) + np.float32(0.4) * noise.white(take.rng, take.count)
    swell = take.stretch(pressure * ground.rub * 0.5, _PRESSURE_HZ)
    return filters.band(both, take.sample_rate, *ground.rub_hz) * swell[:, None]
