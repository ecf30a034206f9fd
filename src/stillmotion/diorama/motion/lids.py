"""Lids that slide over the eye and eyes that turn under them, as one warp."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion.eyes import RIM, SAMPLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.motion.eyes import Eye
    from stillmotion.diorama.motion.records import Points

Numbers = NDArray[np.float32]
_LASHES = 0.14
"""Share of the opening above the lid's margin that moves as one, so that lashes keep their thickness."""
_BESIDE = 1.35
"""How far beside the eye the skin is drawn along, in half lengths of the eye."""
_UNDER = 0.1
"""Depth under a lid, in openings, at which an eye turns fully."""
_LINE = 0.06
"""Thickness of the rim on each lid, in openings."""
_WIDE = 0.75
"""How long the rim is, in lengths of the opening."""
_RING = (1.04, 0.2)
"""Where in the photo the dark rim is: its inner radius and how wide it is, in radii of the iris."""
_SHUT = 0.88
"""Lids that have come so far meet: a slit thinner than a pixel or two would only flicker."""
_CLOSE = 0.012
"""How far from a large eye's opening every pixel is asked for, photo widths; farther off the skin gives way evenly."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LidsWarp:
    """The skin of the lids slides over the eyes; what is between the lids stays or turns. See `records.Warp`."""

    eyes: Numbers
    """One row an eye: x, y, cosine, sine, half, opening, share below, iris a, iris radius, skin, rim, wet shares.

    The rim is how thick the dark line is that each lid of an animal brings along, in photo widths; wet is
    what shines above and below the margins, in openings.
    """
    margins: Numbers
    """Upper and lower margins, shape (eyes, 2, SAMPLES)."""
    table: Numbers
    """How closed, gaze along, gaze down in photo widths; shape (instants, eyes, 3), from time 0 on."""
    rate_hz: float
    aspect: float
    reach: float
    step_px: int = 8
    """Of the grid outside `parts`: the jump at a lid's edge needs every pixel."""

    @property
    def parts(self) -> tuple[Box, ...]:
        """All that moves about each eye, photo coordinates."""
        return tuple(_around(eye, self.aspect) for eye in self.eyes)

    def source(self, points: Points, time_s: float) -> Points:
        """Where the colour of each point comes from."""
        at = min(max(time_s * self.rate_hz, 0.0), len(self.table) - 1.0)
        k = min(int(at), len(self.table) - 2)
        now = self.table[k] + np.float32(at - k) * (self.table[k + 1] - self.table[k])
        out = points.copy()
        if np.abs(now).max() > 0:
            now[:, 0] = np.minimum(now[:, 0] / _SHUT, 1)
            _slide(out, self.eyes, self.margins, now.astype(np.float32), np.float32(self.aspect))
        return out


def _around(eye: Numbers, aspect: float) -> Box:
    x, y, cosine, sine, half, opening = (float(value) for value in eye[:6])
    across = half + min((_BESIDE - 1) * half, _CLOSE)
    down = opening * 0.55 + min((_LASHES + float(eye[9])) * opening, _CLOSE)
    wide, tall = across * cosine + down * abs(sine), (across * abs(sine) + down * cosine) / aspect
    return Box(x0=x - wide, y0=y - tall, x1=x + wide, y1=y + tall)


def lids(eyes: Sequence[Eye], table: NDArray[np.floating], *, rate_hz: float, aspect: float) -> LidsWarp:
    """The lids of those eyes, moved by a table as in `LidsWarp`."""
    rows = []
    for eye in eyes:
        turn = (np.cos(eye.angle), np.sin(eye.angle))
        rows.append(
            (
                eye.x,
                eye.y,
                *turn,
                eye.half,
                _opened(eye),
                eye.below,
                _iris_a(eye, aspect),
                eye.iris_radius,
                _skin(eye, aspect),
                _LINE * eye.opening * eye.rimmed,
                *(share * eye.opening / _opened(eye) for share in eye.wet),
            )
        )
    return LidsWarp(
        eyes=np.array(rows, dtype=np.float32),
        margins=np.array([[eye.upper, eye.lower] for eye in eyes], dtype=np.float32),
        table=np.ascontiguousarray(table, dtype=np.float32),
        rate_hz=rate_hz,
        aspect=aspect,
        reach=max(_opened(eye) for eye in eyes),
    )


def _opened(eye: Eye) -> float:
    """How far the lids are apart, with what shines beyond their margins."""
    return eye.opening * (1 + sum(eye.wet))


def _skin(eye: Eye, aspect: float) -> float:
    """How far the skin follows a lid: never from beyond the upper border of the photo."""
    above = eye.y * aspect + float(eye.upper.min())
    return float(np.clip(above / max(_opened(eye), 1e-6) - _LASHES, 0.2, eye.skin))


def _iris_a(eye: Eye, aspect: float) -> float:
    return float((eye.iris[0] - eye.x) * np.cos(eye.angle) + (eye.iris[1] - eye.y) * aspect * np.sin(eye.angle))


@njit(cache=True, nogil=True, error_model="numpy")
def _slide(points: Points, eyes: Numbers, margins: Numbers, now: Numbers, aspect: np.float32) -> None:
    """Move each point near an eye to where its colour comes from."""
    for i in range(points.shape[0]):
        for j in range(points.shape[1]):
            for k in range(len(eyes)):
                eye = eyes[k]
                dx, dy = points[i, j, 0] - eye[0], (points[i, j, 1] - eye[1]) * aspect
                a, b = dx * eye[2] + dy * eye[3], dy * eye[2] - dx * eye[3]
                if abs(a) >= np.float32(_BESIDE) * eye[4] or abs(b) > (eye[9] + 1) * eye[5]:
                    continue
                at = min(max((a / eye[4] + 1) * np.float32((SAMPLES - 1) / 2), np.float32(0)), np.float32(SAMPLES - 1))
                left = min(int(at), SAMPLES - 2)
                part = at - left
                upper = margins[k, 0, left] + part * (margins[k, 0, left + 1] - margins[k, 0, left])
                lower = margins[k, 1, left] + part * (margins[k, 1, left + 1] - margins[k, 1, left])
                from_a, from_b = _from((a, b), (upper, lower), eye, now[k])
                points[i, j, 0] = eye[0] + from_a * eye[2] - from_b * eye[3]
                points[i, j, 1] = eye[1] + (from_a * eye[3] + from_b * eye[2]) / aspect


@njit(cache=True, nogil=True, error_model="numpy")
def _from(
    place: tuple[np.float32, np.float32], margin: tuple[np.float32, np.float32], eye: Numbers, now: Numbers
) -> tuple[np.float32, np.float32]:
    """Source of one point in the eye's frame."""
    a, b = place
    wet = eye[5] * max(1 - (a / eye[4]) ** 4, np.float32(0)) * min(2 * now[0], np.float32(1))
    upper, lower = margin[0] - eye[11] * wet, margin[1] + eye[12] * wet
    opening = max(lower - upper, np.float32(0))
    top = upper + now[0] * (1 - eye[6]) * opening
    bottom = lower - now[0] * eye[6] * opening
    line = eye[10] * now[0] * max(1 - (a / (np.float32(_WIDE) * eye[4])) ** 2, np.float32(0))
    if line > 0 and (top - line < b <= top or bottom <= b < bottom + line):
        return _rim(a, max(top - b, b - bottom) / line, eye)
    if b <= top:
        most = now[0] * (1 - eye[6]) * eye[5]
        return a, b - _dragged(a, top - b, top - upper, most, eye)
    if b >= bottom:
        most = now[0] * eye[6] * eye[5]
        return a, b + _dragged(a, b - bottom, lower - bottom, most, eye)
    # Right under a lid nothing turns, so that no white shines between the lashes.
    deep = min(min(b - top, bottom - b) / (np.float32(_UNDER) * eye[5]), np.float32(1))
    across = _turned(a, eye[7], eye[8], eye[4], now[1]) - a
    return a + deep * across, b - deep * now[2] * (lower - b) / max(opening, np.float32(1e-6))


@njit(cache=True, nogil=True, error_model="numpy")
def _rim(a: np.float32, share: np.float32, eye: Numbers) -> tuple[np.float32, np.float32]:
    """The lower part of the dark ring around an iris, from its inner side outwards into the fur."""
    out = np.float32(_RING[0]) + np.float32(_RING[1]) * share
    across = np.float32(0.8) * (a - eye[7]) / eye[4]
    return eye[7] + across * out * eye[8], np.sqrt(1 - across * across) * out * np.float32(0.5 / RIM) * eye[5]


@njit(cache=True, nogil=True, error_model="numpy")
def _dragged(a: np.float32, away: np.float32, here: np.float32, most: np.float32, eye: Numbers) -> np.float32:
    """How far the skin moves at some distance from a lid's edge.

    At the edge just as the edge does; farther off the skin beside it is drawn along, as skin is, and it all fades.
    """
    lashes = np.float32(_LASHES) * eye[5]
    away = max(away - lashes, np.float32(0))
    reach = eye[9] * eye[5] + most
    if away >= reach:
        return np.float32(0)
    beside = np.cos(np.float32(np.pi / 2) * min(abs(a) / (np.float32(_BESIDE) * eye[4]), np.float32(1)))
    share = min(away / (np.float32(0.6) * eye[5]), np.float32(1))
    share = share * share * (3 - 2 * share)
    drawn = here + share * (most * beside * beside - here)
    left = 1 - away / reach
    return drawn * left * left * (2 - left) if most > 0 else np.float32(0)


@njit(cache=True, nogil=True, error_model="numpy")
def _turned(a: np.float32, iris: np.float32, radius: np.float32, half: np.float32, gaze: np.float32) -> np.float32:
    """The iris moves as one; the white beside it gives way."""
    left, right = iris - radius, iris + radius
    if a < left + gaze:
        span = left + gaze + half
        return a if span <= 0 else -half + (a + half) * max(left + half, np.float32(0)) / span
    if a > right + gaze:
        span = half - right - gaze
        return a if span <= 0 else half - (half - a) * max(half - right, np.float32(0)) / span
    return a - gaze
