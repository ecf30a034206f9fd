"""Glass and crockery break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound import matter
from stillmotion.diorama.sound.dsp import bodies, calls, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Shatter:
    """Controls of something that breaks."""

    shards: int = 220
    """Pieces that are heard."""
    low_hz: float = 1800.0
    """Lowest mode of the largest shard."""
    high_hz: float = 11_000.0
    """Lowest mode of the smallest."""
    loss: float = 0.006
    """Loss factor."""
    falls_s: float = 0.9
    """How long pieces go on landing."""
    rest_s: float = 3.0
    """Until the next one breaks."""
    surface: str = ""
    """What breaks, when it is not glass: "ceramic"."""
    count: int = 0
    """Exactly how many; 0 is as many as fit."""
    every_s: float = 0.0
    """From one to the next; 0 is as usual."""
    pace: float = 1.0
    """Factor on how fast they follow."""


def signal(controls: Shatter, take: Take) -> NDArray[np.float32]:
    """The crack, the burst of shards and their rain: small ones ring high and land late and often (Farnell 2010)."""
    pace = max(controls.pace, 0.1)
    length_s = min(controls.falls_s + 0.6, take.duration_s)
    onsets = calls.onsets_s(
        take,
        count=controls.count,
        every_s=controls.every_s / pace,
        length_s=length_s,
        gap_s=(0.6 * controls.rest_s / pace, 1.3 * controls.rest_s / pace),
    )
    mono = calls.line(take, ((float(onset), _broken(controls, take)) for onset in onsets))
    return calls.stage(take, mono, decay_s=0.4, wet=0.05)


def _broken(controls: Shatter, take: Take) -> NDArray[np.float32]:
    rng, rate = take.rng, take.sample_rate
    said = matter.of_surface(controls.surface)
    glass = matter.SOUNDINGS["glass"]
    lift, loss = (1.0, controls.loss) if said is None else ((said.f0_hz / glass.f0_hz) ** 0.7, said.loss)
    count = int((controls.falls_s + 0.6) * rate)
    burst = rng.exponential(0.035, controls.shards // 2)
    rain = rng.gamma(2.2, controls.falls_s / 5, controls.shards) + 0.05
    at_s = np.concatenate([burst, rain, rain[::3] + rng.uniform(0.04, 0.12, rain[::3].size)])
    at_s = at_s[at_s < controls.falls_s + 0.3]
    out = bodies.mono(_shards(controls, rng, at_s, lift, loss), count, rate)
    out = calls.unit(out, 0.8)
    pane = bodies.Body(f0_hz=420.0 * lift, loss=0.03, spread=0.8, hardness=1.0, knock=1.2)
    crack = bodies.strike(pane, rng, rng, rate, 0.2)
    hiss = bodies.noise(take, 0.25) * np.exp(-np.arange(int(0.25 * rate)) / (0.03 * rate)).astype(np.float32)
    out[: crack.size] += np.float32(0.7) * crack
    out[: hiss.size] += np.float32(0.16) * hiss
    return out


def _shards(
    controls: Shatter, rng: np.random.Generator, at_s: NDArray[np.float64], lift: float, loss: float
) -> pings.Pings:
    """Three modes each; a larger one is louder, and what falls later falls from a pile and is softer."""
    octaves = rng.random(at_s.size) ** 0.8
    hz = lift * controls.low_hz * (controls.high_hz / controls.low_hz) ** octaves
    loud = rng.exponential(1.0, at_s.size) * np.exp(-1.9 * at_s / controls.falls_s) * (1 - 0.5 * octaves) + 0.02
    ratios = np.array([1.0, 1.62, 2.41])
    every = np.outer(hz, ratios) * rng.uniform(0.93, 1.07, (hz.size, 3))
    decay = np.pi * every * loss * rng.uniform(0.4, 1.6, every.shape) + 8
    return pings.Pings(
        onset_s=np.repeat(at_s, 3),
        hz=np.minimum(every.ravel(), 18_500.0),
        decay_per_s=decay.ravel(),
        amplitude=np.outer(loud * rng.choice((-1.0, 1.0), hz.size), (1.0, 0.6, 0.35)).ravel(),
        pan=np.zeros(every.size),
        rise_per_s=np.zeros(every.size),
    )
