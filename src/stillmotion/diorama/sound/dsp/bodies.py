"""Bodies that ring when they are struck, and the many small ones of what crumbles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import filters, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_SOFT_S, _HARD_SHARE = 0.008, 0.025
_SLOWEST_PER_S = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One body that rings."""

    f0_hz: float
    """Lowest mode."""
    loss: float
    """Loss factor: a mode of frequency f dies as exp(-pi f loss t)."""
    spread: float = 1.2
    """Mode k rings at f0 k^spread: 2 a bar, 1 a plate, 0.6 a dense shell."""
    hardness: float = 0.8
    """0 a soft contact that excites only low modes, 1 a hard one that excites all."""
    knock: float = 0.3
    """Level of the broad-band noise of the contact itself."""
    modes: int = 24
    held_per_s: float = _SLOWEST_PER_S
    """What holds or carries it takes at least so much."""


def contact_s(hardness: float) -> float:
    """How long two bodies touch: 0.2 ms for steel on stone, 8 ms for rubber on cloth."""
    return float(_SOFT_S * _HARD_SHARE**hardness)


def tones(
    body: Body, shape: np.random.Generator, hit: np.random.Generator, *, onset_s: float = 0.0, strength: float = 1.0
) -> pings.Pings:
    """The modes of one strike.

    Modal synthesis after van den Doel and Pai (1998, "The sounds of physical shapes"); damping proportional to
    frequency after Wildes and Richards (1988); a contact of duration T passes little above 1 / T.

    Args:
        body: what is struck.
        shape: random numbers that make this body, the same at each of its strikes.
        hit: random numbers of this strike: where it is struck.
        onset_s: when.
        strength: amplitude.
    """
    k = np.arange(1, body.modes + 1)
    bent = np.where(k > 1, shape.uniform(0.94, 1.06, k.size), 1.0)
    hz = np.asarray(body.f0_hz * k**body.spread * bent, float)
    excited = 1.0 / (1.0 + (2 * hz * contact_s(body.hardness)) ** 2)
    weight = excited * shape.uniform(0.4, 1.0, k.size) * hit.uniform(0.7, 1.3, k.size) / k**0.3
    heard = hz < 19_000
    count = int(heard.sum())
    return pings.Pings(
        onset_s=np.full(count, onset_s),
        hz=hz[heard],
        decay_per_s=np.maximum(np.pi * hz[heard] * body.loss, body.held_per_s),
        amplitude=strength * weight[heard],
        pan=np.zeros(count),
        rise_per_s=np.zeros(count),
    )


def strike(
    body: Body, shape: np.random.Generator, hit: np.random.Generator, sample_rate: int, seconds: float
) -> NDArray[np.float32]:
    """One strike with the noise of its contact, shape (count,), peak about 1."""
    count = max(int(seconds * sample_rate), 64)
    rung = mono(tones(body, shape, hit), count, sample_rate)
    rung /= np.float32(np.abs(rung).max() + 1e-9)
    return rung + contact(hit, count, sample_rate, body.hardness) * np.float32(body.knock)


def contact(rng: np.random.Generator, count: int, sample_rate: int, hardness: float) -> NDArray[np.float32]:
    """A burst as long as the contact, duller when it is soft, shape (count,)."""
    length_s = 2 * contact_s(hardness)
    t = np.arange(count) / max(length_s * sample_rate, 8)
    live = t < 8
    burst = np.zeros(count, np.float32)
    burst[live] = rng.standard_normal(int(live.sum())) * np.minimum(4 * t[live], 1.0) * np.exp(-2.5 * t[live])
    return filters.low(burst, sample_rate, min(1.5 / length_s, 16_000.0))


def mono(made: pings.Pings, count: int, sample_rate: int) -> NDArray[np.float32]:
    """The sum of tones that all sit in the middle, shape (count,)."""
    return np.ascontiguousarray(pings.render(made, count, sample_rate)[:, 0]) * np.float32(2**0.5)


def grains(
    rng: np.random.Generator,
    onset_s: NDArray[np.float64],
    hz: tuple[float, float],
    *,
    loss: float = 0.2,
    tail: float = 2.0,
    tilt: float = 0.5,
) -> pings.Pings:
    """Micro-impacts: fibres that snap, grains that shift, sheets that buckle.

    Energies follow a power law, as those of crumpling paper do (Houle and Sethna 1996, "Acoustic emission from
    crumpling paper").

    Args:
        rng: random numbers.
        onset_s: when each happens.
        hz: lowest and highest pitch; evenly spread over octaves between.
        loss: loss factor of each grain.
        tail: exponent of the amplitudes: small is few strong among many faint ones.
        tilt: amplitude falls with this power of frequency.
    """
    count = onset_s.size
    pitch = hz[0] * (hz[1] / hz[0]) ** rng.random(count)
    size = np.minimum((1 - rng.random(count)) ** (-1 / tail), 30.0)
    return pings.Pings(
        onset_s=onset_s,
        hz=pitch,
        decay_per_s=np.pi * pitch * loss,
        amplitude=size * rng.choice((-1.0, 1.0), count) * (pitch / hz[0]) ** -tilt,
        pan=np.zeros(count),
        rise_per_s=np.zeros(count),
    )


def noise(take: Take, seconds: float) -> NDArray[np.float32]:
    """White noise in the middle, shape (count,)."""
    return take.rng.standard_normal(max(int(seconds * take.sample_rate), 64), dtype=np.float32)


def times_s(samples: NDArray[np.float32], sample_rate: int) -> NDArray[np.float64]:
    """The instants of samples."""
    return np.arange(samples.shape[0]) / sample_rate
