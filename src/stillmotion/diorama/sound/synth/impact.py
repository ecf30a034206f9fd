"""One thing strikes another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import randomness
from stillmotion.diorama.sound.dsp import filters, noise, pings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_LEVEL = 0.1
"""RMS of every impact at 0 dB of gain, over the time in which the ear judges how loud a knock is."""
_HEARD_S = 0.04
_MODES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Controls of an impact: one body that rings, and the contact that makes it ring."""

    f0_hz: float = 900.0
    """Lowest mode."""
    loss: float = 0.02
    """Loss factor: a mode of frequency f dies as exp(-pi f loss t)."""
    spread: float = 2.0
    """How far apart the modes lie: mode k rings at f0 k^spread; 2 a bar, 1 a plate, 0.6 a dense shell."""
    hardness: float = 0.7
    """0 a soft contact that excites only low modes, 1 a hard one that excites all."""
    knock: float = 0.3
    """Share of the broad-band noise of the contact itself."""
    at_s: float = 0.0
    """Time of the contact in the recording."""


def signal(controls: Impact, take: Take) -> NDArray[np.float32]:
    """Modes with damping by loss factor, excited by a contact as short as it is hard, and the contact's own noise.

    Modal synthesis after van den Doel and Pai (1998, "The sounds of physical shapes"); damping proportional to
    frequency after Wildes and Richards (1988); a contact of duration T passes little above 1 / T.
    """
    out = pings.render(_modes(controls, take), take.count, take.sample_rate)
    out += _contact(controls, take)
    first = round(controls.at_s * take.sample_rate)
    level = float(np.sqrt(np.mean(out[first : first + round(_HEARD_S * take.sample_rate)] ** 2)))
    return out * np.float32(_LEVEL / level) if level > 0 else out


def _contact_s(controls: Impact) -> float:
    """How long the two touch: 0.2 ms for steel on stone, 8 ms for rubber on cloth."""
    return float(0.008 * 0.025**controls.hardness)


def _modes(controls: Impact, take: Take) -> pings.Pings:
    """A body has its own modes, the same at each knock; where it is struck changes their shares a little."""
    rng = randomness.generator(take.seed, "modes", round(controls.f0_hz))
    k = np.arange(1, _MODES + 1)
    hz = np.asarray(controls.f0_hz * k**controls.spread * np.where(k > 1, rng.uniform(0.94, 1.06, _MODES), 1.0), float)
    # A half-sine push of that length: its spectrum falls from 1 / (2 T) on.
    excited = 1.0 / (1.0 + (2 * hz * _contact_s(controls)) ** 2)
    weight = excited * rng.uniform(0.4, 1.0, _MODES) * take.rng.uniform(0.8, 1.2, _MODES) / k**0.3
    heard = hz < 19_000
    count = int(heard.sum())
    return pings.Pings(
        onset_s=np.full(count, controls.at_s),
        hz=hz[heard],
        decay_per_s=np.maximum(np.pi * hz[heard] * controls.loss, 6.0),
        amplitude=weight[heard],
        pan=rng.uniform(-0.15, 0.15, count),
        rise_per_s=np.zeros(count),
    )


def _contact(controls: Impact, take: Take) -> NDArray[np.float32]:
    """A burst as long as the contact, duller when it is soft."""
    length_s = 2 * _contact_s(controls)
    count = max(int(length_s * take.sample_rate), 8)
    first = round(controls.at_s * take.sample_rate)
    out = np.zeros((take.count, 2), np.float32)
    last = min(first + 8 * count, take.count)
    if last <= first:
        return out
    t = np.arange(last - first) / count
    burst = noise.white(take.rng, last - first) * (np.minimum(4 * t, 1.0) * np.exp(-2.5 * t))[:, None]
    out[first:last] = burst.astype(np.float32) * np.float32(controls.knock)
    return filters.low(out, take.sample_rate, min(1.5 / length_s, 16_000.0))
