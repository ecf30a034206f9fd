"""Calls and blows one after another: when each begins, how they are summed, how loud and from where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
from scipy import signal

from stillmotion.diorama.sound.dsp import filters, noise, rooms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_LEVEL = 0.085
"""RMS of a call while it sounds, at 0 dB of gain: a little over a bed at the reference."""
_PEAK = 0.9
_FRAME_S = 0.02
_SOUNDING_DB = 18.0
"""Frames so far under the loudest are pauses."""
_EDGE_S = 0.004
_AIR = ((40.0, 0.0), (10_000.0, -24.0))
_AIR_FADE_S = 0.4
_LEAST_STEP_S = 0.01
"""From one call to the next, however fast they come: they never go back in time."""


class Repeated(Protocol):
    """Controls of a sound that comes again and again."""

    @property
    def count(self) -> int:
        """Exactly how many; 0 is as many as fit."""

    @property
    def every_s(self) -> float:
        """From one to the next; 0 is as usual."""

    @property
    def length_s(self) -> float:
        """Of one."""


class Paced(Repeated, Protocol):
    """Controls of movements with rests between them."""

    @property
    def rest_s(self) -> float:
        """Between two."""

    @property
    def pace(self) -> float:
        """Factor on how fast they follow."""


def onsets_s(
    take: Take, *, count: float, every_s: float, length_s: float, gap_s: tuple[float, float]
) -> NDArray[np.float64]:
    """When each of several calls begins, from the start of the recording; the first at once.

    Args:
        take: how long the recording is.
        count: exactly how many; 0 is as many as fit.
        every_s: time from one to the next; 0 is a call and its pause.
        length_s: of one call.
        gap_s: shortest and longest pause between two; less than 0 lets them overlap.
    """
    wanted = round(count) or int(take.duration_s / max(every_s or length_s + gap_s[0], _LEAST_STEP_S)) + 1
    if every_s > 0:
        steps = np.full(wanted, every_s) * take.rng.uniform(0.98, 1.02, wanted)
    else:
        steps = np.maximum(length_s + take.rng.uniform(*gap_s, wanted), _LEAST_STEP_S)
    onsets = np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    room_s = max(take.duration_s - length_s, 0.0)
    if count:
        # More than fit at their own pace follow each other faster.
        last = float(onsets[-1])
        return onsets * min(1.0, (room_s or take.duration_s * (1 - 1 / wanted)) / last) if last > 0 else onsets
    return onsets[onsets <= room_s] if room_s > 0 else onsets[:1]


def line(take: Take, calls: Iterable[tuple[float, NDArray[np.float32]]]) -> NDArray[np.float32]:
    """The sum of calls, each given with its onset in seconds, shape (count,); cut at both ends of the recording."""
    out = np.zeros(take.count, np.float32)
    for onset_s, samples in calls:
        at = round(onset_s * take.sample_rate)
        first = max(at, 0)
        part = edged(samples[first - at : max(take.count - at, 0)], take.sample_rate)
        out[first : first + part.size] += part
    return out


def repeated(
    take: Take, controls: Repeated, call: Callable[[], NDArray[np.float32]], *, gap_s: tuple[float, float]
) -> NDArray[np.float32]:
    """Calls one after another, each made anew, shape (count,). See `onsets_s`."""
    onsets = onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=controls.length_s, gap_s=gap_s)
    return line(take, ((float(onset), call()) for onset in onsets))


def moves(
    take: Take, controls: Paced, move: Callable[[float], NDArray[np.float32]], *, rests: tuple[float, float]
) -> NDArray[np.float32]:
    """Movements one after another, at the pace that is asked for, shape (count,).

    Args:
        take: how long the recording is.
        controls: how many, how long, how fast.
        move: makes one of so many seconds.
        rests: shortest and longest rest between two, as shares of the usual one.
    """
    pace = max(controls.pace, 0.1)
    length_s = min(controls.length_s / pace, take.duration_s)
    onsets = onsets_s(
        take,
        count=controls.count,
        every_s=controls.every_s / pace,
        length_s=length_s,
        gap_s=(rests[0] * controls.rest_s / pace, rests[1] * controls.rest_s / pace),
    )
    return line(take, ((float(onset), move(length_s)) for onset in onsets))


def unit(samples: NDArray[np.float32], level: float = 1.0) -> NDArray[np.float32]:
    """The same call with its highest peak at `level`."""
    return samples * np.float32(level / (float(np.abs(samples).max(initial=0.0)) + 1e-12))


def edged(samples: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """The same call without a step at its end, wherever it was cut."""
    count = min(int(_EDGE_S * sample_rate), samples.size // 2)
    if count == 0:
        return samples
    out = samples.copy()
    out[-count:] *= np.linspace(1, 0, count, dtype=np.float32)
    return out


def smeared(strikes: NDArray[np.float64], shape: NDArray[np.float64]) -> NDArray[np.float32]:
    """A shape at every strike, as strong as the strike; as long as the strikes."""
    return np.asarray(signal.oaconvolve(strikes, shape)[: strikes.size], np.float32)


def stage(
    take: Take,
    mono: NDArray[np.float32],
    *,
    decay_s: float = 0.35,
    wet: float = 0.04,
    level: float = 1.0,
    air_db: float | None = None,
) -> NDArray[np.float32]:
    """Stand a voice in front of the listener: both channels alike, the place around it in each its own.

    Args:
        take: length and random numbers.
        mono: shape (count,).
        decay_s: of the place.
        wet: energy of the place over that of the voice.
        level: factor on the usual RMS of what sounds.
        air_db: level of the still air around it under what sounds; none is silence.
    """
    clean = filters.high(np.repeat(mono[:, None], 2, axis=1), take.sample_rate, 30.0)
    placed = rooms.reverberate(clean, take.sample_rate, take.rng, decay_s=decay_s, wet=wet)
    if air_db is not None:
        placed = placed + air(take, sounding(placed, take.sample_rate) * 10 ** (air_db / 20))
    return leveled(placed, take.sample_rate, level=level)


def air(take: Take, rms: float) -> NDArray[np.float32]:
    """Still air as long as the recording: no place is silent. It comes and goes slowly, shape (count, 2)."""
    floor = noise.shaped(take.rng, take.count, take.sample_rate, _AIR) * np.float32(rms)
    fade = min(int(_AIR_FADE_S * take.sample_rate), take.count // 2)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)[:, None]
    floor[:fade] *= ramp
    floor[take.count - fade :] *= ramp[::-1]
    return floor


def leveled(samples: NDArray[np.float32], sample_rate: int, *, level: float = 1.0) -> NDArray[np.float32]:
    """The same calls at the usual RMS while they sound, peaks below full scale; pauses do not count."""
    rms = sounding(samples, sample_rate)
    if rms <= 0:
        return samples
    return samples * np.float32(min(_LEVEL * level / rms, _PEAK / float(np.abs(samples).max())))


def sounding(samples: NDArray[np.float32], sample_rate: int) -> float:
    """RMS while calls sound; pauses do not count."""
    step = max(int(_FRAME_S * sample_rate), 1)
    whole = max(len(samples) // step, 1)
    power = np.mean(samples[: whole * step].reshape(whole, -1).astype(np.float64) ** 2, axis=1)
    if power.max() <= 0:
        return 0.0
    return float(np.sqrt(power[power >= power.max() * 10 ** (-_SOUNDING_DB / 10)].mean()))
