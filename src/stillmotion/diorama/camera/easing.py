"""The shape of a move between its start and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.shot.records import CameraMove, Easing

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOLD_S = 0.2
_SHORTEST_WITH_HOLD_S = 1.2


def minimum_jerk(progress: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 to 1 with zero speed and zero acceleration at both ends (Flash and Hogan 1985); clamped outside 0..1."""
    u = np.clip(progress, 0.0, 1.0)
    result: NDArray[np.float64] = u * u * u * (10.0 + u * (6.0 * u - 15.0))
    return result


def ease(easing: Easing, progress: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much of a move is done when `progress` of its time has passed."""
    if easing is Easing.LINEAR:
        return np.clip(progress, 0.0, 1.0)
    return minimum_jerk(progress)


def done(move: CameraMove, times_s: NDArray[np.float64], duration_s: float) -> NDArray[np.float64]:
    """How much of a move is done at each time, 0..1.

    An eased move that begins or ends with the shot first holds still for 0.2 s there, as an operator would.
    """
    start, end = move.start_s, min(move.end_s, duration_s)
    if move.easing is Easing.MINIMUM_JERK and end - start >= _SHORTEST_WITH_HOLD_S:
        start += HOLD_S if start <= 0.0 else 0.0
        end -= HOLD_S if end >= duration_s else 0.0
    return ease(move.easing, (times_s - start) / max(end - start, 1e-6))
