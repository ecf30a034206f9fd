"""One thing is dragged over another: strokes of scraping, of sawing, of wipers."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import randomness
from stillmotion.diorama.sound import matter
from stillmotion.diorama.sound.dsp import bodies, calls, filters, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_RATE_HZ = 500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrape:
    """Controls of strokes."""

    low_hz: float = 700.0
    """Below this nothing is heard of the rubbing."""
    high_hz: float = 7000.0
    """Above this nothing is."""
    grit_per_s: float = 900.0
    """Asperities a second that catch and let go."""
    ring: float = 0.5
    """How much the scraped body resounds."""
    f0_hz: float = 600.0
    """Its lowest mode."""
    loss: float = 0.03
    """Loss factor of its modes."""
    chatter_hz: float = 0.0
    """Rate at which the edge judders; 0 is smoothly."""
    squeal: float = 0.0
    """How much the edge sings as the stroke ends: rubber on glass."""
    thunk: float = 0.0
    """Level of the knock with which a stroke turns."""
    length_s: float = 0.6
    """Of one stroke."""
    rest_s: float = 0.35
    """Between two."""
    surface: str = ""
    """What is scraped, when said."""
    count: int = 0
    """Exactly how many strokes; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast they follow."""


def signal(controls: Scrape, take: Take) -> NDArray[np.float32]:
    """Noise of the asperities, brighter as the stroke is faster, through the modes of the body (van den Doel 2001)."""
    ways = cycle((0, 1))
    mono = calls.moves(take, controls, lambda length_s: _stroke(controls, take, length_s, next(ways)), rests=(0.6, 1.4))
    return calls.stage(take, mono, decay_s=0.3, wet=0.04)


def _stroke(controls: Scrape, take: Take, length_s: float, back: int) -> NDArray[np.float32]:
    rng, rate = take.rng, take.sample_rate
    count = int(length_s * rate)
    along = np.arange(count) / max(count, 1)
    push = np.sin(np.pi * along**0.8) ** 0.7 * _uneven(take, count, length_s)
    if controls.chatter_hz > 0:
        turn = np.cumsum(controls.chatter_hz * (1 + 0.2 * _curve(take, count, length_s, 5.0))) / rate
        push = push * (0.35 + 0.65 * (1 - turn % 1) ** 2)
    out = _rub(controls, take, push) * np.float32(0.9 if back else 1.0)
    if controls.squeal > 0:
        out += _squeal(take, along, back) * np.float32(controls.squeal)
    if controls.thunk > 0:
        knock = bodies.Body(f0_hz=95.0 + 25 * back, loss=0.25, hardness=0.35, knock=0.5)
        struck = bodies.strike(knock, rng, rng, rate, 0.12)[:count]
        out[: struck.size] += struck * np.float32(controls.thunk)
    return out


def _rub(controls: Scrape, take: Take, push: NDArray[np.float64]) -> NDArray[np.float32]:
    """Hiss and grit of the contact, and what rings of it."""
    rng, rate, count = take.rng, take.sample_rate, push.size
    said = matter.of_surface(controls.surface)
    hiss = filters.band(rng.standard_normal(count, dtype=np.float32), rate, controls.low_hz, controls.high_hz)
    slow = push[:: max(int(rate / _RATE_HZ), 1)]
    at_s = pings.arrivals(rng, controls.grit_per_s * slow, _RATE_HZ)
    grit = bodies.mono(bodies.grains(rng, at_s, (controls.low_hz, controls.high_hz), loss=0.08, tail=2.6), count, rate)
    grit /= np.float32(np.std(grit) + 1e-9)
    hiss *= push.astype(np.float32) / np.float32(np.std(hiss) + 1e-9)
    f0_hz, loss = (controls.f0_hz, controls.loss) if said is None else (0.5 * said.f0_hz, said.loss)
    body = bodies.Body(f0_hz=f0_hz, loss=loss, spread=1.0, hardness=1.0, modes=14, held_per_s=20.0)
    modes = bodies.tones(body, randomness.generator(take.seed, "scraped"), rng)
    response = bodies.mono(modes, int(0.15 * rate), rate).astype(np.float64)
    rung = calls.smeared(np.asarray(hiss + grit, float), response)
    rung /= np.float32(np.std(rung) + 1e-9)
    mixed = 0.5 * hiss + 0.35 * grit + controls.ring * rung
    return np.asarray(mixed, np.float32)


def _uneven(take: Take, count: int, length_s: float) -> NDArray[np.float64]:
    return np.maximum(1 + 0.35 * _curve(take, count, length_s, 14.0), 0.1)


def _curve(take: Take, count: int, length_s: float, corner_hz: float) -> NDArray[np.float64]:
    slow = noise.wander(take.rng, max(int(length_s * _RATE_HZ), 4), _RATE_HZ, corner_hz)
    return np.interp(np.linspace(0, slow.size - 1, count), np.arange(slow.size), slow)


def _squeal(take: Take, along: NDArray[np.float64], back: int) -> NDArray[np.float32]:
    """The blade sings where it slows down."""
    pitch = (1.0 + 0.25 * back) * take.rng.uniform(620, 760) * 2 ** (0.5 * np.sin(np.pi * along) + 0.1 * along)
    phase = np.cumsum(pitch) / take.sample_rate
    tone = sum(np.sin(2 * np.pi * order * phase) / order**0.8 for order in range(1, 8))
    where = np.exp(-(((along - take.rng.uniform(0.7, 0.85)) / 0.13) ** 2)) + 0.35 * np.exp(
        -(((along - 0.2) / 0.1) ** 2)
    )
    return np.asarray(tone * where * _uneven(take, along.size, along.size / take.sample_rate), np.float32)
