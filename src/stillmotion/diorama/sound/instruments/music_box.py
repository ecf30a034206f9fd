"""A music box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import pings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take
    from stillmotion.diorama.sound.score.notes import Note

_RATIOS = np.array([1.0, 6.267, 17.55])
_LEVELS = np.array([1.0, 0.22, 0.07])
_TOP_HZ = 18_000.0


def play(notes: Iterable[Note], take: Take) -> NDArray[np.float32]:
    """Steel tongues, plucked: the modes of a bar clamped at one end, the high ones gone at once.

    Ratios 1 : 6.27 : 17.55 after Fletcher and Rossing (1998, ch. 2).
    """
    tongues = [_tongue(note, take) for note in notes]
    return pings.render(pings.together(tongues), take.count, take.sample_rate) if tongues else _nothing(take)


def _nothing(take: Take) -> NDArray[np.float32]:
    return np.zeros((take.count, 2), np.float32)


def _tongue(note: Note, take: Take) -> pings.Pings:
    hz = note.hz * _RATIOS * (1 + take.rng.normal(0, 4e-4, _RATIOS.size))
    kept = hz < _TOP_HZ
    count = int(kept.sum())
    pluck_s = np.full(count, note.start_s + take.rng.uniform(0, 0.012))
    decay = (1.6 + note.hz / 900) * np.array([1.0, 4.0, 16.0])
    return pings.Pings(
        onset_s=pluck_s,
        hz=hz[kept],
        decay_per_s=decay[kept],
        amplitude=0.12 * (0.3 + note.loudness) * _LEVELS[kept],
        pan=np.full(count, float(np.clip((note.pitch - 84) / 40, -0.4, 0.4))),
        rise_per_s=np.zeros(count),
    )
