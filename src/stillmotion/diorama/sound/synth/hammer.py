"""A hammer drives nails into wood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import calls, resonators

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take

_SNAP_S, _SNAP, _THUD, _WOOD = 0.004, 0.03, 0.03, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Hammer:
    """Controls of hammering."""

    count: int = 0
    """Exactly how many blows; 0 is as many as fit."""
    every_s: float = 0.0
    """Time from blow to blow; 0 is at a workman's natural pace."""
    pace: float = 1.0
    nail: float = 3.0
    """The ring of nail and hammer over the answer of the board."""


def signal(controls: Hammer, take: Take) -> NDArray[np.float32]:
    """Steel on a nail rings short and high, the board below answers dull; blows come about twice a second.

    Modes of a board: Fletcher and Rossing (1998, ch. 3); two close contacts as the hammer bounces.
    """
    rng, rate = take.rng, take.sample_rate
    pace = max(controls.pace, 0.1)
    gap_s = (0.28 / pace, 0.5 / pace)
    onsets = calls.onsets_s(take, count=controls.count, every_s=controls.every_s, length_s=0.12, gap_s=gap_s)
    steel, board = np.zeros(take.count, np.float32), np.zeros(take.count, np.float32)
    for onset_s in onsets:
        blow = rng.uniform(0.7, 1.0)
        for late_s, share in ((0.0, 1.0), (rng.uniform(0.03, 0.06), 0.12)):
            resonators.knock(steel, rate, onset_s + late_s, contact_s=0.0002, strength=blow * share)
            resonators.burst(steel, rate, rng, onset_s + late_s, length_s=_SNAP_S, strength=_SNAP * blow * share)
            resonators.knock(board, rate, onset_s + late_s, contact_s=0.0012, strength=2.2 * blow * share)
            resonators.burst(board, rate, rng, onset_s + late_s, length_s=0.004, strength=_THUD * blow * share)
    mono = np.float32(controls.nail) * resonators.ring(steel, rate, _STEEL) + np.float32(_WOOD) * resonators.ring(
        board, rate, _BOARD
    )
    return calls.stage(take, mono, decay_s=0.45, wet=0.05)


_STEEL = resonators.modes(
    (2150, 0.012, 0.5),
    (2900, 0.010, 0.7),
    (3700, 0.009, 0.8),
    (4720, 0.008, 0.7),
    (6100, 0.007, 0.6),
    (8300, 0.006, 0.4),
)
_BOARD = resonators.modes((210, 0.05, 0.4), (310, 0.042, 0.8), (540, 0.042, 0.8), (890, 0.04, 0.7), (1280, 0.03, 0.4))
