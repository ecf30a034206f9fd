"""Lips that part and meet over teeth that stay with the head, and a jaw that follows, as one warp with an inside.

A mouth is layered: the upper teeth are rigid, behind them is a dark cavity with a tongue, the lower lip goes down with
the jaw, the upper lip up a little, and the skin around gives way. Nothing that the lips open is stretched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion.mouth import SAMPLES

if TYPE_CHECKING:
    from stillmotion.diorama.motion.mouth import Mouth
    from stillmotion.diorama.motion.oral import Inside
    from stillmotion.diorama.motion.records import Points

Numbers = NDArray[np.float32]
CLOSE, LOW, UP, CORNERS, JAW, PURSE, POINTED, TONGUE = range(8)
"""Columns of a table of poses: share of the photo's gap that is closed; how far the lower lip goes down, the upper one
up, the corners apart and the chin down, in photo widths; how much thicker the lips are, as a share; how pointed the
opening is; how high the tongue lies, 0..1."""
POSES = 8
_UPPER_SHARE = 0.36
"""Share of the photo's gap that the upper lip closes."""
_CHEEKS, _BEYOND = 0.46, 0.55
"""Half the width over which a jaw draws skin along, and how far below the chin that reaches, in face widths."""
_MET = 0.45
"""How dark the line is along which lips meet that the photo shows apart."""
_STILL = 0.003
"""Lips that moved less, in face widths, show the photo's own inside."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LipsWarp:
    """Lips, chin and cheeks that move, and what is seen between the lips. See `records.Inlay`."""

    frame: Numbers
    """x, y, cosine, sine, half, middle, nose, chin, upper and lower thickness, face, aspect, softness of edges."""
    borders: Numbers
    """Inner borders of the upper and the lower lip in the photo, shape (2, SAMPLES)."""
    inside: Inside
    table: Numbers
    """Poses, shape (instants, POSES), from time 0 on."""
    rate_hz: float
    reach: float
    step_px: int = 8

    @property
    def part(self) -> Box:
        """Where every pixel counts, photo coordinates: all that the lips and the skin beside them cover."""
        _, _, _, _, half, _, nose, chin = (float(value) for value in self.frame[:8])
        a = np.array([-1.35, 1.35, 1.35, -1.35]) * half
        b = np.array([-0.9 * nose, -0.9 * nose, 1.0 * chin, 1.0 * chin]) + float(self.borders[1].max())
        x0, y0, cosine, sine, aspect = *(float(value) for value in self.frame[:4]), float(self.frame[11])
        x, y = x0 + a * cosine - b * sine, y0 + (a * sine + b * cosine) / aspect
        return Box(x0=float(x.min()), y0=float(y.min()), x1=float(x.max()), y1=float(y.max()))

    def pose(self, time_s: float) -> Numbers:
        """The pose at one instant, shape (POSES,)."""
        at = min(max(time_s * self.rate_hz, 0.0), len(self.table) - 1.0)
        k = min(int(at), len(self.table) - 2)
        return np.asarray(self.table[k] + np.float32(at - k) * (self.table[k + 1] - self.table[k]), np.float32)

    def source(self, points: Points, time_s: float) -> Points:
        """Where the colour of each point comes from."""
        out = points.copy()
        pose = self.pose(time_s)
        if np.abs(pose[:POINTED]).max() > 0:
            _part(out, self.frame, self.borders, pose)
        return out

    def opening(self, points: Points, time_s: float) -> NDArray[np.uint8] | None:
        """What is seen between the lips at each point: premultiplied sRGB RGBA; None when nothing is."""
        pose = self.pose(time_s)
        moved = pose[CLOSE] * (self.borders[1] - self.borders[0]).max() + pose[LOW] + pose[UP]
        shown = np.float32(min(float(moved) / (_STILL * float(self.frame[10])), 1.0))
        if shown <= 0:
            return None
        out = np.zeros((*points.shape[:2], 4), np.uint8)
        whole = self.inside
        _fill(
            points, (self.frame, self.borders, pose), (whole.teeth, whole.place, whole.colours, whole.shade), shown, out
        )
        return out


def lips(mouth: Mouth, inside: Inside, table: NDArray[np.floating], *, rate_hz: float, pixel: float) -> LipsWarp:
    """The lips of a mouth, moved by a table of poses.

    Args:
        mouth: where it is.
        inside: what its lips cover.
        table: as in `LipsWarp`.
        rate_hz: rows of the table a second.
        pixel: width of an output pixel in photo widths.
    """
    turn = (np.cos(mouth.angle), np.sin(mouth.angle))
    soft = float(np.hypot(pixel, 2.2 * mouth.blur))
    place = (mouth.x, mouth.y, *turn, mouth.half, mouth.middle, mouth.nose, mouth.chin)
    travel = np.abs(table[:, [LOW, UP, CORNERS, JAW]]).max(initial=0) + np.abs(table[:, CLOSE]).max() * mouth.gap.max()
    return LipsWarp(
        frame=np.array([*place, *mouth.lips, mouth.face, mouth.aspect, soft], np.float32),
        borders=np.array([mouth.upper, mouth.lower], np.float32),
        inside=inside,
        table=np.ascontiguousarray(table, np.float32),
        rate_hz=rate_hz,
        reach=float(travel + 0.2 * max(mouth.lips)),
    )


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _smooth(share: np.float32) -> np.float32:
    x = min(max(share, np.float32(0)), np.float32(1))
    return x * x * (3 - 2 * x)


@njit(cache=True, nogil=True, error_model="numpy")
def _column(
    a: np.float32, b: np.float32, frame: Numbers, borders: Numbers, pose: Numbers
) -> tuple[np.float32, np.float32, np.float32, np.float32, np.float32, np.float32, np.float32]:
    """Along the lips at one place: where it was at rest; borders at rest; how far they moved; share of the opening."""
    half, middle, face = frame[4], frame[5], frame[10]
    t, across = abs(a) / half, b / (np.float32(0.17) * face)
    beside = max(t - np.float32(0.6), np.float32(0)) / np.float32(0.6)
    drawn = min(t, np.float32(1.6)) * np.exp(np.float32(-0.5) * (beside * beside + across * across)) * np.float32(1.25)
    rest = a - pose[3] * drawn if a > 0 else a + pose[3] * drawn
    at = min(max((rest / half + 1) * np.float32(0.5 * (SAMPLES - 1)), np.float32(0)), np.float32(SAMPLES - 1.001))
    k = int(at)
    upper = borders[0, k] + (at - k) * (borders[0, k + 1] - borders[0, k])
    lower = borders[1, k] + (at - k) * (borders[1, k + 1] - borders[1, k])
    away = rest - middle
    q = away / (half - middle) if away > 0 else -away / (half + middle)
    bulge = max(1 - q * q, np.float32(0)) ** pose[6]
    closed = pose[0] * (lower - upper)
    return (
        rest,
        upper,
        lower,
        pose[2] * bulge - np.float32(_UPPER_SHARE) * closed,
        pose[1] * bulge - np.float32(1 - _UPPER_SHARE) * closed,
        bulge,
        q,
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _part(points: Points, frame: Numbers, borders: Numbers, pose: Numbers) -> None:
    """Move each point about the mouth to where its colour comes from."""
    x0, y0, cosine, sine, face, aspect = frame[0], frame[1], frame[2], frame[3], frame[10], frame[11]
    top = -max(np.float32(1.4) * frame[6], np.float32(0.6) * face)
    bottom = borders[1].max() + pose[1] + frame[7] + np.float32(_BEYOND) * face
    for i in range(points.shape[0]):
        for j in range(points.shape[1]):
            dx, dy = points[i, j, 0] - x0, (points[i, j, 1] - y0) * aspect
            a, b = dx * cosine + dy * sine, dy * cosine - dx * sine
            if abs(a) > np.float32(0.75) * face or b < top or b > bottom:
                continue
            rest, from_b = _from(a, b, frame, borders, pose)
            points[i, j, 0] = x0 + rest * cosine - from_b * sine
            points[i, j, 1] = y0 + (rest * sine + from_b * cosine) / aspect


@njit(cache=True, nogil=True, error_model="numpy")
def _from(
    a: np.float32, b: np.float32, frame: Numbers, borders: Numbers, pose: Numbers
) -> tuple[np.float32, np.float32]:
    """Source of one point in the mouth's frame."""
    rest, upper, lower, up, down, bulge, _ = _column(a, b, frame, borders, pose)
    top, bottom = upper - up, lower + down
    if bottom < top:
        top = bottom = (top + bottom) / 2
    if b <= top or (b < bottom and b - top < bottom - b):
        s = max(top - b, np.float32(0))
        fade = 1 - _smooth((s - np.float32(0.25) * frame[6]) / (np.float32(0.8) * frame[6]))
        thick = (
            min(s * pose[5] / (1 + pose[5]), pose[5] * frame[8])
            if pose[5] > 0
            else max(s * pose[5] / (1 + pose[5]), pose[5] * frame[8])
        )
        return rest, min(b, top) + (upper - top + thick * bulge) * fade
    s = max(b - bottom, np.float32(0))
    skin = np.cos(np.float32(np.pi / 2) * min(abs(a - frame[5]) / (np.float32(_CHEEKS) * frame[10]), np.float32(1)))
    deep = _smooth((s - np.float32(0.4) * frame[9]) / (np.float32(0.8) * frame[7]))
    fade = 1 - _smooth((s - np.float32(0.9) * frame[7]) / (np.float32(_BEYOND) * frame[10]))
    thick = (
        min(s * pose[5] / (1 + pose[5]), pose[5] * frame[9])
        if pose[5] > 0
        else max(s * pose[5] / (1 + pose[5]), pose[5] * frame[9])
    )
    shift = (bottom - lower) + deep * (pose[4] * skin * skin - (bottom - lower))
    near = 1 - _smooth(s / (np.float32(0.7) * frame[7]))
    return rest, max(b, bottom) - shift * fade - thick * bulge * near


@njit(cache=True, nogil=True, error_model="numpy")
def _fill(
    points: Points,
    shape: tuple[Numbers, Numbers, Numbers],
    inside: tuple[Numbers, Numbers, Numbers, Numbers],
    shown: np.float32,
    out: NDArray[np.uint8],
) -> None:
    """Colour what lies between the lips."""
    frame, borders, pose = shape
    x0, y0, cosine, sine, half, aspect = frame[0], frame[1], frame[2], frame[3], frame[4], frame[11]
    soft = frame[12]
    low, high = borders[0].min() - pose[2] - soft, borders[1].max() + pose[1] + soft
    colour = np.empty(3, np.float32)
    for i in range(points.shape[0]):
        for j in range(points.shape[1]):
            dx, dy = points[i, j, 0] - x0, (points[i, j, 1] - y0) * aspect
            a, b = dx * cosine + dy * sine, dy * cosine - dx * sine
            if abs(a) > np.float32(1.25) * half or b < low or b > high:
                continue
            rest, upper, lower, up, down, _, q = _column(a, b, frame, borders, pose)
            if abs(rest) >= half:
                continue
            above, below = b - (upper - up), lower + down - b
            cover = min(above / soft + np.float32(0.5), np.float32(1)) + min(
                below / soft + np.float32(0.5), np.float32(1)
            )
            alpha = max(cover - 1, np.float32(0)) * shown
            if above + below < soft:
                line = 1 - min(abs(above - below) / (2 * soft), np.float32(1))
                alpha = max(alpha, np.float32(_MET) * pose[0] * line * (1 - q * q * q * q))
            if alpha <= 0:
                continue
            _inner((a, b), (above, below, q), (pose[7], frame[10]), inside, colour)
            for c in range(3):
                out[i, j, c] = np.uint8(min(max(colour[c], np.float32(0)), np.float32(255)) * alpha + np.float32(0.5))
            out[i, j, 3] = np.uint8(255 * alpha + np.float32(0.5))


@njit(cache=True, nogil=True, error_model="numpy")
def _inner(
    place: tuple[np.float32, np.float32],
    depth: tuple[np.float32, np.float32, np.float32],
    sizes: tuple[np.float32, np.float32],
    inside: tuple[Numbers, Numbers, Numbers, Numbers],
    colour: Numbers,
) -> None:
    """The colour at one place inside a mouth: cavity, tongue and teeth, under the shadow of the lips."""
    teeth, frame, colours, shade = inside
    above, below, q = depth
    tongue, face = sizes
    height = (np.float32(0.012) + np.float32(0.03) * tongue) * face
    lit = np.float32(0.8) * (1 - _smooth(below / height)) * (1 - np.float32(0.6) * q * q)
    u = min(max((place[0] - frame[0]) * frame[2] - np.float32(0.5), np.float32(0)), np.float32(teeth.shape[1] - 1.001))
    v = min(max((place[1] - frame[1]) * frame[2] - np.float32(0.5), np.float32(0)), np.float32(teeth.shape[0] - 1.001))
    i, j = int(u), int(v)
    fx, fy = u - i, v - j
    one = (1 - fx) * (1 - fy) * teeth[j, i, 3] + fx * (1 - fy) * teeth[j, i + 1, 3]
    cover = one + (1 - fx) * fy * teeth[j + 1, i, 3] + fx * fy * teeth[j + 1, i + 1, 3]
    roof = shade[0] + (1 - shade[0]) * _smooth(max(above, np.float32(0)) / (np.float32(0.028) * face))
    side = shade[1] + (1 - shade[1]) * _smooth((1 - q * q) / np.float32(0.6))
    floor = shade[2] + (1 - shade[2]) * _smooth(max(below, np.float32(0)) / (np.float32(0.012) * face))
    slit = shade[3] + (1 - shade[3]) * _smooth((above + below) / (np.float32(0.036) * face))
    # What light reaches the inside has come through flesh: the shade is red.
    shaded = roof * side * floor * slit
    red, others = shaded ** np.float32(0.8), shaded ** np.float32(1.35)
    for c in range(3):
        cavity = colours[0, c] + lit * (colours[1, c] - colours[0, c])
        row = (1 - fx) * (1 - fy) * teeth[j, i, c] + fx * (1 - fy) * teeth[j, i + 1, c]
        tooth = row + (1 - fx) * fy * teeth[j + 1, i, c] + fx * fy * teeth[j + 1, i + 1, c]
        colour[c] = (cavity + cover * (tooth - cavity)) * (red if c == 0 else others)
