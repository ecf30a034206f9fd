"""Combustion engines: cars, motorcycles, lorries, boats."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, level, noise, resonators, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 100.0
_JITTER, _CYCLE = 0.006, 0.05
"""How much one firing differs from the next of the same cylinder: in time over its interval, in strength."""
_SPEED_OF_SOUND = 500.0
"""In hot exhaust, metres per second."""
_INTAKE = ((60, -3.0), (200, 0.0), (600, -4.0), (2000, -12.0), (6000, -26.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Controls of an engine."""

    rpm: float = 850.0
    """Idle speed of the crank, turns a minute."""
    pace: float = 1.0
    """Factor on the revolutions: 1 idles, 4 is at speed."""
    cylinders: int = 4
    uneven: float = 0.15
    """How much cylinders differ in strength and spacing: 0.05 a smooth six, 0.5 a big V-twin."""
    throttle: float = 0.25
    """0 closed and dull, 1 wide open and bright."""
    exhaust_m: float = 2.2
    """Length of the pipe."""
    clatter: float = 0.15
    """Share of valves, injectors and knocking: high for Diesel."""
    revs: float = 0.0
    """How high the throttle is blipped now and then: 1 twice the speed."""
    gas: float = 0.1
    """Share of the rush of gas in each pulse."""
    pipe: float = 0.2
    """How strongly the pipe rings."""
    intake: float = 0.2
    """Share of air drawn in and moved by the fan."""
    dull_hz: float = 260.0
    """What the muffler lets through."""
    wash: float = 0.0
    """Share of water that a screw churns."""


def signal(controls: Engine, take: Take) -> NDArray[np.float32]:
    """Pressure pulses of each cylinder, rpm / 60 x cylinders / 2 a second, through a pipe with closed-end echoes.

    Pulse train and pipes after Farnell (2010, "Designing Sound", ch. 45) and Baldan et al. (2015, "Physically informed
    car engine sound synthesis"): cylinders differ by their own constant share, each cycle by a little more.
    """
    speed, throttle = _drive(controls, take)
    firing_s, strength = _firings(controls, take, speed)
    pulses = _pulses(take, firing_s, strength)
    gas = filters.band(noise.white(take.rng, take.count)[:, :1], take.sample_rate, 150, 5000)[:, 0]
    open_ = take.stretch(throttle, _RATE_HZ)
    flow = pulses + np.float32(controls.gas) * gas * np.maximum(pulses, 0.02) * (np.float32(0.4) + open_)
    pipe = _pipe(flow, take, controls)
    dull = filters.low(pipe[:, None], take.sample_rate, controls.dull_hz)[:, 0]
    out = dull + open_ * filters.low(pipe[:, None], take.sample_rate, 3500)[:, 0]
    out = out / np.float32(np.sqrt(np.mean(out**2)) + 1e-9)
    out = out + np.float32(controls.clatter) * _clatter(take, firing_s, strength)
    stereo = np.repeat(out[:, None], 2, axis=1)
    stereo += _around(controls, take, speed)
    stereo = rooms.reverberate(stereo, take.sample_rate, take.rng, decay_s=0.4, wet=0.06)
    return level.to_reference(filters.high(stereo, take.sample_rate, 28), take.sample_rate)


def _drive(controls: Engine, take: Take) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Turns per second and throttle at the slow rate, with blips of the throttle."""
    time_s = take.times_s(_RATE_HZ) - take.start_s
    lift = np.zeros(time_s.size)
    at_s = take.rng.uniform(0.05, 0.3)
    while controls.revs > 0 and at_s < take.duration_s:
        since = time_s - at_s
        up_s, down_s = take.rng.uniform(0.2, 0.4), take.rng.uniform(0.35, 0.7)
        blip = (1 - np.exp(-np.maximum(since, 0) / up_s)) * np.exp(-np.maximum(since - 2 * up_s, 0) / down_s)
        lift = np.maximum(lift, take.rng.uniform(0.6, 1.0) * np.where(since > 0, blip, 0.0))
        at_s += take.rng.uniform(1.3, 2.6)
    unsteady = 1 + 0.012 * noise.wander(take.rng, time_s.size, _RATE_HZ, 2.5)
    speed = controls.rpm / 60 * controls.pace * unsteady * (1 + controls.revs * lift)
    throttle = np.clip(controls.throttle + 0.12 * (controls.pace - 1) + 0.6 * lift * (controls.revs > 0), 0.0, 1.5)
    return speed, throttle


def _firings(
    controls: Engine, take: Take, speed: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When each cylinder fires, and how strongly."""
    rng = take.rng
    cylinders = max(int(controls.cylinders), 1)
    turns = np.concatenate([[0.0], np.cumsum(speed[:-1]) / _RATE_HZ])
    own_phase = controls.uneven * rng.uniform(-0.35, 0.35, cylinders)
    own_strength = 1 + controls.uneven * rng.uniform(-1.0, 1.0, cylinders)
    fired = np.arange(int(turns[-1] * cylinders / 2))
    at_turn = (fired + own_phase[fired % cylinders]) * 2 / cylinders
    at_turn += rng.normal(0, _JITTER, fired.size) * 2 / cylinders
    time_s = np.interp(np.maximum(at_turn, 0), turns, np.arange(turns.size) / _RATE_HZ)
    return time_s, own_strength[fired % cylinders] * rng.normal(1, _CYCLE, fired.size)


def _pulses(take: Take, firing_s: NDArray[np.float64], strength: NDArray[np.float64]) -> NDArray[np.float32]:
    """A valve opens: pressure rises within a millisecond and blows down over four."""
    drive = np.zeros(take.count, np.float32)
    first = (firing_s * take.sample_rate).astype(np.int64)
    inside = first < take.count
    np.add.at(drive, first[inside], strength[inside].astype(np.float32))
    t = np.arange(int(0.02 * take.sample_rate)) / take.sample_rate
    shape = (np.exp(-t / 0.004) - np.exp(-t / 0.0007)).astype(np.float32)
    return np.asarray(np.convolve(drive, shape)[: take.count], np.float32)


def _pipe(flow: NDArray[np.float32], take: Take, controls: Engine) -> NDArray[np.float32]:
    """Modes of a pipe closed at the valve and open at the end: odd multiples of c / 4 L, the higher the shorter."""
    odd = np.arange(1, 30, 2)
    hz = _SPEED_OF_SOUND / (4 * controls.exhaust_m) * odd * take.rng.uniform(0.97, 1.03, odd.size)
    driven = resonators.Modes(hz=hz, decay_per_s=30 + 0.35 * hz, gain=1 / odd**0.35)
    return flow + np.float32(controls.pipe) * resonators.ring(flow, take.sample_rate, driven)


def _clatter(take: Take, firing_s: NDArray[np.float64], strength: NDArray[np.float64]) -> NDArray[np.float32]:
    """Valves and injectors knock on the block."""
    drive = np.zeros(take.count, np.float32)
    between_s = float(np.median(np.diff(firing_s))) if firing_s.size > 1 else 0.02
    for late, share in ((0.0, 1.0), (0.5, 0.4)):
        at_s = firing_s + late * between_s + take.rng.normal(0, 0.0006, strength.size)
        first = (np.maximum(at_s, 0) * take.sample_rate).astype(np.int64)
        inside = first < take.count
        blow = share * strength * take.rng.uniform(0.3, 1.0, strength.size)
        np.add.at(drive, first[inside], blow[inside].astype(np.float32))
    rung = resonators.ring(drive, take.sample_rate, _BLOCK)
    rough = filters.high(noise.white(take.rng, take.count)[:, :1], take.sample_rate, 1200)[:, 0]
    heat = np.convolve(drive, np.exp(-np.arange(400) / 90).astype(np.float32))[: take.count].astype(np.float32)
    out = rung + np.float32(0.35) * rough * heat
    return np.asarray(out / np.float32(np.sqrt(np.mean(out**2)) + 1e-9), dtype=np.float32)


_BLOCK = resonators.modes(
    (640, 0.02, 0.5), (1150, 0.016, 0.7), (1900, 0.012, 0.8), (2900, 0.010, 0.6), (4300, 0.008, 0.4)
)


def _around(controls: Engine, take: Take, speed: NDArray[np.float64]) -> NDArray[np.float32]:
    """Air drawn in, and water that a screw churns, with the turns."""
    intake = noise.shaped(take.rng, take.count, take.sample_rate, _INTAKE)
    out = np.float32(controls.intake) * intake
    if controls.wash > 0:
        water = noise.shaped(
            take.rng, take.count, take.sample_rate, ((120, -8.0), (500, 0.0), (2500, -4.0), (9000, -18.0))
        )
        slosh = np.exp(0.45 * noise.wander(take.rng, speed.size, _RATE_HZ, 3.0))
        out += np.float32(controls.wash) * water * take.stretch(slosh, _RATE_HZ)[:, None]
    return out
