"""Where drawn bodies are in decoded frames, to a tenth of a pixel, and what their paths say about forces.

Bodies are coloured, walls and floors are grey: what is projected onto a body's colour, less grey, sees the body alone.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from measure.video import luma

if TYPE_CHECKING:
    from collections.abc import Sequence


Floats = NDArray[np.float64] if TYPE_CHECKING else np.ndarray
_CORE, _FLOOR, _RIM_PX = 0.25, 0.03, 6
"""A body is what is covered that much, with what of its rim is covered more than the codec's noise."""
_WHITE = (110.0, 200.0)
_HUE = float(np.tan(np.radians(20)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One body in one frame; pixels, the outer corner of the first pixel at 0, 0."""

    x: float
    y: float
    """Centre of mass of what is covered."""
    left: float
    top: float
    right: float
    bottom: float
    """Bounding box, where its coverage along a side falls to a half."""
    area: float

    @property
    def middle(self) -> tuple[float, float]:
        """Centre of the bounding box."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def coverage(frame: NDArray[np.uint8], colour: Sequence[float]) -> Floats:
    """How much of each pixel a colour covers, 0..1, whatever the grey behind it is.

    Args:
        frame: sRGB.
        colour: of the body. Other bodies must differ from it by more than 20 degrees of hue.
    """
    found, wanted = _chroma(np.asarray(frame, np.float32)), _chroma(np.asarray(colour, np.float32))
    strength = float(np.hypot(*wanted))
    along = (found @ wanted) / strength
    across = np.abs(found[..., 0] * wanted[1] - found[..., 1] * wanted[0]) / strength
    return np.where(across < _HUE * along, np.clip(along / strength, 0, 1.2), 0)


def _chroma(colours: Floats) -> Floats:
    """Colours less their grey: two numbers, whose angle is the hue."""
    red, green, blue = colours[..., 0], colours[..., 1], colours[..., 2]
    return np.stack([red - (green + blue) / 2, (green - blue) * 0.8660254], axis=-1)


def find(cover: Floats) -> Body | None:
    """The one body of a coverage, the largest piece of its colour; None when there is none."""
    _, _, pieces, _ = cv2.connectedComponentsWithStats((cover > _CORE).astype(np.uint8))
    if len(pieces) < 2:
        return None
    left, top, width, height, _ = pieces[1 + int(np.argmax(pieces[1:, cv2.CC_STAT_AREA]))]
    x0, y0 = max(left - _RIM_PX, 0), max(top - _RIM_PX, 0)
    part = cover[y0 : top + height + _RIM_PX, x0 : left + width + _RIM_PX]
    return _measured(np.where(part > _FLOOR, part, 0), float(x0), float(y0))


def _measured(cover: Floats, x0: float, y0: float) -> Body:
    area = float(cover.sum())
    rows, columns = np.arange(cover.shape[0]) + 0.5, np.arange(cover.shape[1]) + 0.5
    left, right = _edges(cover.max(axis=0))
    top, bottom = _edges(cover.max(axis=1))
    return Body(
        x=x0 + float((cover.sum(axis=0) * columns).sum() / area),
        y=y0 + float((cover.sum(axis=1) * rows).sum() / area),
        left=x0 + left,
        top=y0 + top,
        right=x0 + right,
        bottom=y0 + bottom,
        area=area,
    )


def _edges(profile: Floats) -> tuple[float, float]:
    """Where a profile rises through a half of its plateau and where it falls through it for the last time."""
    half = 0.5 * float(np.percentile(profile[profile > _FLOOR], 75))
    above = np.flatnonzero(profile >= half)
    first, last = int(above[0]), int(above[-1])
    before = profile[first - 1] if first else 0.0
    after = profile[last + 1] if last + 1 < len(profile) else 0.0
    start = first + 0.5 - (profile[first] - half) / max(profile[first] - before, 1e-6)
    end = last + 0.5 + (profile[last] - half) / max(profile[last] - after, 1e-6)
    return float(start), float(end)


def follow(frames: Sequence[NDArray[np.uint8]], colour: Sequence[float]) -> list[Body | None]:
    """A body in every frame."""
    return [find(coverage(frame, colour)) for frame in frames]


def turn_deg(frame: NDArray[np.uint8], ball: Body) -> float:
    """Which way a white spot lies from the middle of its dark ball, clockwise from the right, -180..180."""
    x, y = ball.middle
    reach = 0.42 * (ball.right - ball.left + ball.bottom - ball.top) / 2
    rows, columns = np.mgrid[0 : frame.shape[0], 0 : frame.shape[1]] + 0.5
    inside = np.hypot(columns - x, rows - y) < reach
    white = np.clip((luma(frame) - _WHITE[0]) / (_WHITE[1] - _WHITE[0]), 0, 1) * inside
    total = float(white.sum())
    return float(np.degrees(np.arctan2((white * (rows - y)).sum() / total, (white * (columns - x)).sum() / total)))


def track_patch(frames: Sequence[NDArray[np.uint8]], centre: tuple[float, float], radius: float) -> Floats:
    """Where a round patch of frame 0 is in every frame, (frames, 2): least squares within a disc, then a parabola.

    Args:
        frames: of the film; the patch may be textured and need not have a colour.
        centre: of the patch in frame 0, pixels.
        radius: of the disc that is compared.
    """
    reach = round(radius)
    x, y = (round(at - 0.5) for at in centre)
    patch = luma(frames[0])[y - reach : y + reach + 1, x - reach : x + reach + 1].astype(np.float32)
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    mask = (np.hypot(rows, columns) <= radius).astype(np.float32)
    places = []
    for frame in frames:
        cost = cv2.matchTemplate(luma(frame).astype(np.float32), patch, cv2.TM_SQDIFF, mask=mask)
        _, _, (left, top), _ = cv2.minMaxLoc(cost)
        across, down = (
            _dip(cost[top, left - 1 : left + 2] if 0 < left < cost.shape[1] - 1 else np.zeros(0)),
            _dip(cost[top - 1 : top + 2, left] if 0 < top < cost.shape[0] - 1 else np.zeros(0)),
        )
        places.append((left + across - (x - reach), top + down - (y - reach)))
    return np.array(places) + np.array(centre)


def _dip(costs: Floats) -> float:
    """How far the lowest point of a parabola through three values is from the middle one."""
    if len(costs) < 3:
        return 0.0
    one, two, three = (float(value) for value in costs)
    bend = one - 2 * two + three
    return 0.5 * (one - three) / bend if bend > 0 else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parabola:
    """y = start + speed t + pull t^2 / 2 through measured places."""

    start: float
    speed: float
    pull: float
    """Second derivative."""
    residual: float
    """Largest distance of a place from the curve."""
    r_squared: float

    def at(self, time_s: float) -> float:
        """Place at a time."""
        return self.start + self.speed * time_s + self.pull * time_s**2 / 2

    def speed_at(self, time_s: float) -> float:
        """Speed at a time."""
        return self.speed + self.pull * time_s

    def when(self, place: float, *, last: bool) -> float:
        """When it is at a place: the first or the last time."""
        root = np.sqrt(max(self.speed**2 - 2 * self.pull * (self.start - place), 0.0))
        times = sorted(((-self.speed - root) / self.pull, (-self.speed + root) / self.pull))
        return float(times[-1] if last else times[0])


def parabola(times_s: Floats, places: Floats) -> Parabola:
    """The quadratic that fits places best."""
    half, speed, start = np.polyfit(times_s, places, 2)
    rest = places - np.polyval([half, speed, start], times_s)
    spread = float(((places - places.mean()) ** 2).sum())
    return Parabola(
        start=float(start),
        speed=float(speed),
        pull=float(2 * half),
        residual=float(np.abs(rest).max()),
        r_squared=1 - float((rest**2).sum()) / max(spread, 1e-12),
    )


def line(times_s: Floats, places: Floats) -> tuple[float, float, float]:
    """Speed, the place at time 0, and the share of the spread that a straight line explains."""
    speed, start = np.polyfit(times_s, places, 1)
    rest = places - (speed * times_s + start)
    spread = float(((places - places.mean()) ** 2).sum())
    return float(speed), float(start), 1 - float((rest**2).sum()) / max(spread, 1e-12)


def flights(heights: Floats, *, least: int = 5, edge: int = 1) -> list[slice]:
    """Frames between contacts with the ground: free parabolas, `edge` frames away from each contact.

    A contact is where the speed turns from down to up: the second difference is far above that of free flight.

    Args:
        heights: place in each frame, upwards.
        least: frames in a flight.
        edge: frames left out on each side of a contact.
    """
    bend = np.zeros(len(heights))
    bend[1:-1] = heights[2:] - 2 * heights[1:-1] + heights[:-2]
    free = float(np.median(bend[bend < 0])) if (bend < 0).any() else 0.0
    kicks = [k for k in range(1, len(heights) - 1) if bend[k] > max(-1.5 * free, 0.3)]
    bounds = [-1 - edge, *kicks, len(heights) + edge]
    found = [slice(one + 1 + edge, other - edge) for one, other in itertools.pairwise(bounds)]
    return [part for part in found if part.stop - part.start >= least]


def zero_crossings(times_s: Floats, values: Floats) -> Floats:
    """Times at which values change sign, by straight lines between samples."""
    at = np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0)
    share = values[at] / (values[at] - values[at + 1])
    return times_s[at] + share * (times_s[at + 1] - times_s[at])


def peaks(times_s: Floats, values: Floats) -> tuple[Floats, Floats]:
    """Times and heights of the largest excursion on each side between two zero crossings, by parabolas."""
    marks = np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) < 0) + 1
    when, size = [], []
    for first, last in itertools.pairwise(marks):
        k = int(first + np.argmax(np.abs(values[first:last])))
        one, two, three = np.abs(values[k - 1 : k + 2])
        bend = one - 2 * two + three
        shift = 0.5 * (one - three) / bend if bend < 0 else 0.0
        when.append(times_s[k] + shift * (times_s[1] - times_s[0]))
        size.append(two - 0.25 * (one - three) * shift)
    return np.array(when), np.array(size)
