"""From what is said to the poses of one mouth: how far its own lips, corners and chin go at each instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.motion import modes, visemes
from stillmotion.diorama.motion.lips import CLOSE, CORNERS, JAW, LOW, POINTED, POSES, PURSE, TONGUE, UP

if TYPE_CHECKING:
    from stillmotion.diorama.motion.mouth import Mouth

Curve = NDArray[np.float64]
MOST_OPEN = 0.06
"""Lips part by no more than that, in face widths: beyond it a mouth without its own photo is a black hole."""
_MORE_OPEN = (0.012, 0.085)
"""A mouth that the photo shows open opens that much farther, and to no more than that, in face widths."""
_TUCKED = 0.019
"""How far the upper teeth show while the lower lip touches them, in face widths."""
_CORNER = 0.02
"""How far corners go at most, in face widths."""
_LOWER_SHARE, _JAW_SHARE = 0.8, 0.72
_THICK, _THIN = 0.2, 0.22
_QUIET, _EAGER = 0.03, 0.65
"""Share of an opening that is left when the voice is hardly heard; below 1 lips part early for what is half open."""
_SMALL_PX, _TINY_PX = 28.0, 9.0
"""Mouths narrower than that move less; narrower still, hardly at all."""


def poses(mouth: Mouth, said: Curve, loud: Curve, gate: Curve, width_px: float) -> Curve:
    """How a mouth follows speech.

    Args:
        mouth: whose.
        said: curves of `visemes.curves`, shape (n, visemes.CHANNELS).
        loud: 0..1 and a little more: a louder vowel opens farther, shape (n,).
        gate: 0 as in the photo, 1 speaking, shape (n,).
        width_px: how wide the mouth is in the output.

    Returns:
        A table of `lips.LipsWarp`, shape (n, lips.POSES).
    """
    rest = float(mouth.gap.max()) / mouth.face
    most = _most(rest)
    gain = np.clip(_QUIET + (1 - _QUIET) * 1.05 * loud, _QUIET, 1.1)
    wanted = np.clip(said[:, visemes.OPEN] * gain, 0, 1) ** _EAGER
    opened = most * wanted * (1 - said[:, visemes.SHUT])
    tuck = said[:, visemes.TUCK]
    opened = opened + tuck * (min(_TUCKED, most) - opened)
    closed = np.clip(1 - opened / rest, 0, 1) if rest > 0 else np.zeros_like(opened)
    return _posed(mouth, said, (closed, np.maximum(opened - rest, 0)), gate * _size(mouth, width_px))


def _most(rest: float) -> float:
    if rest <= 0:
        return MOST_OPEN
    return max(MOST_OPEN, min(rest + _MORE_OPEN[0], max(_MORE_OPEN[1], rest)))


def _posed(mouth: Mouth, said: Curve, lips: tuple[Curve, Curve], share: Curve) -> Curve:
    closed, more = lips
    rest = float(mouth.gap.max())
    wide, tuck = said[:, visemes.WIDE], said[:, visemes.TUCK]
    lower = _LOWER_SHARE - 0.45 * tuck
    corners = _CORNER * np.where(wide > 0, wide * (0.35 if rest > 0 else 1.0), wide)
    rounded = np.maximum(-wide, 0) * (1 - said[:, visemes.SHUT])
    table = np.zeros((len(said), POSES))
    table[:, CLOSE] = closed * share
    table[:, LOW] = lower * more * mouth.face * share
    table[:, UP] = (1 - lower) * more * mouth.face * share
    table[:, CORNERS] = corners * mouth.face * (1 - 0.4 * mouth.turned) * share
    table[:, JAW] = _JAW_SHARE * (table[:, LOW] - 0.64 * rest * table[:, CLOSE])
    table[:, PURSE] = (_THICK * rounded - _THIN * said[:, visemes.SHUT]) * share
    table[:, POINTED] = 1.0 + 1.3 * rounded
    table[:, TONGUE] = said[:, visemes.TONGUE]
    return table


def _size(mouth: Mouth, width_px: float) -> float:
    """Less for mouths so small that nobody sees what they do, and for faces that are seen from the side."""
    small = 0.55 + 0.45 * float(modes.smooth((width_px - _TINY_PX) / (_SMALL_PX - _TINY_PX)))
    return small * (1 - 0.3 * mouth.turned)
