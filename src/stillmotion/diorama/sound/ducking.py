"""Room for speech: while somebody talks, the other stems step back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from stillmotion.diorama.sound.records import Stem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

_BED_DB, _STROKE_DB = 7.5, 3.0
"""How far beds step back, and what is struck: a knock between two words is meant to be heard."""
DOWN_S, UP_S = 0.12, 0.25
"""Down before the first sound of a line, and up again after the last."""
_HOLD_S = 0.6
"""Pauses shorter than this are talked through: beds that swell between words are heard as pumping."""
_BLOCK_S = 0.01
_TALKING_DB = -30.0
"""Below the loudest, that is speech; quieter is the room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bus:
    """Sounds that step back alike."""

    stem: Stem
    lasting: bool = False
    """Foley that goes on and on, hooves or a keyboard: a bed to those who listen to words."""

    @property
    def depth_db(self) -> float:
        """How far these step back under speech."""
        if self.stem is Stem.DIALOGUE:
            return 0.0
        return _STROKE_DB if self.stem is Stem.FOLEY and not self.lasting else _BED_DB


def duck(tracks: Mapping[Bus, NDArray[np.float32]], sample_rate: int) -> dict[Stem, NDArray[np.float32]]:
    """The stems with the others lowered under the dialogue; unchanged when nothing is said."""
    speech = tracks.get(Bus(stem=Stem.DIALOGUE))
    share = None if speech is None or not speech.any() else presence(speech, sample_rate)
    stems: dict[Stem, NDArray[np.float32]] = {}
    for bus, samples in tracks.items():
        lowered = samples if share is None or bus.depth_db == 0 else samples * _gain(share, bus.depth_db)
        stems[bus.stem] = stems[bus.stem] + lowered if bus.stem in stems else lowered
    return stems


def _gain(share: NDArray[np.float32], depth_db: float) -> NDArray[np.float32]:
    return np.asarray(10 ** (-depth_db / 20 * share), np.float32)[:, None]


def presence(speech: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """How much others step back at every sample, shape (count,): 1 during speech, with ramps around it."""
    block = max(round(_BLOCK_S * sample_rate), 1)
    count = -(-len(speech) // block)
    padded = np.zeros(count * block, np.float32)
    padded[: len(speech)] = np.abs(speech).max(axis=1)
    loud = np.sqrt(np.mean(padded.reshape(count, block) ** 2, axis=1))
    talking = loud > loud.max() * 10 ** (_TALKING_DB / 20)
    size = round(_HOLD_S / _BLOCK_S)
    # Padded, so that nothing closes against the ends.
    held = ndimage.binary_closing(np.pad(talking, size), np.ones(size, bool))[size:-size]
    at = np.flatnonzero(held)
    now = np.arange(count)
    following = np.searchsorted(at, now)
    after_s = _BLOCK_S * (at[np.minimum(following, len(at) - 1)] - now)
    before_s = _BLOCK_S * (now - at[np.maximum(following - 1, 0)])
    falling = np.where(after_s >= 0, 1 - after_s / DOWN_S, 0.0)
    rising = np.where(before_s >= 0, 1 - before_s / UP_S, 0.0)
    share = np.clip(np.maximum(falling, rising), 0.0, 1.0)
    share[held] = 1.0
    return np.asarray(np.interp(np.arange(len(speech)) / block - 0.5, now, share), np.float32)
