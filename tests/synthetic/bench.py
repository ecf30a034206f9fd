"""Drawn pictures for checks of motion: coloured things before a grey wall, exact to the sub-pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.geometry import Box

if TYPE_CHECKING:
    from numpy.typing import NDArray

Colour = tuple[float, float, float]
SIZE_PX = (1280, 720)
FLOOR_PX = 562.0
"""Row on which things stand. No line shows it: a line would be a horizon, and the wall a sky without end."""
WALL = 168.0
RED, BLUE, GREEN, YELLOW = (205.0, 40.0, 45.0), (40.0, 80.0, 215.0), (30.0, 160.0, 60.0), (235.0, 200.0, 30.0)
VIOLET, WHITE = (150.0, 40.0, 190.0), (235.0, 235.0, 235.0)
"""Hues differ by more than 40 degrees, and no edge between two colours has the hue of a third."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A drawn body in pixels of the photo."""

    centre: tuple[float, float]
    radius: float
    """Of a ball; half a side of a box."""
    colour: Colour
    round: bool = True
    spot: Colour | None = None
    """Colour of a spot off the centre of a ball, by which one sees it turn."""

    @property
    def box(self) -> Box:
        """The box around it with a little room, in photo coordinates."""
        x, y, reach = *self.centre, self.radius + 5
        return Box(
            x0=(x - reach) / SIZE_PX[0],
            y0=(y - reach) / SIZE_PX[1],
            x1=(x + reach) / SIZE_PX[0],
            y1=(y + reach) / SIZE_PX[1],
        )

    @property
    def place(self) -> tuple[float, float]:
        """Centre in photo coordinates."""
        return self.centre[0] / SIZE_PX[0], self.centre[1] / SIZE_PX[1]


PIVOT_PX, CORD_PX, LEAN_DEG = (640.0, 60.0), 200.0, 18.0
_LEAN = np.radians(LEAN_DEG)
THINGS = {
    "ball": Thing(centre=(150.0, 100.0), radius=26.0, colour=RED),
    "other": Thing(centre=(1130.0, 100.0), radius=26.0, colour=BLUE),
    "bob": Thing(
        centre=(PIVOT_PX[0] + CORD_PX * float(np.sin(_LEAN)), PIVOT_PX[1] + CORD_PX * float(np.cos(_LEAN))),
        radius=24.0,
        colour=YELLOW,
    ),
    "crate": Thing(centre=(290.0, FLOOR_PX - 30), radius=30.0, colour=GREEN, round=False),
    "wheel": Thing(centre=(1060.0, FLOOR_PX - 34), radius=34.0, colour=VIOLET, spot=WHITE),
}


@cache
def bench() -> NDArray[np.uint8]:
    """All `THINGS` before a wall, sRGB, shape (720, 1280, 3)."""
    picture = room()
    for thing in THINGS.values():
        cover = coverage(thing.centre, thing.radius, is_round=thing.round)[..., None]
        picture = picture * (1 - cover) + cover * np.array(thing.colour, np.float32)
        if thing.spot is not None:
            x, y = thing.centre
            cover = coverage((x + thing.radius * 0.5, y), thing.radius * 0.4)[..., None]
            picture = picture * (1 - cover) + cover * np.array(thing.spot, np.float32)
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)


@cache
def room() -> NDArray[np.float32]:
    """A wall, grey with fine and coarse grain."""
    grey = WALL + _grain((SIZE_PX[1], SIZE_PX[0]), 5)
    return np.repeat(grey[..., None], 3, axis=2).astype(np.float32)


def _grain(shape: tuple[int, int], seed: int) -> NDArray[np.float32]:
    noise = np.random.default_rng(seed)
    out = np.zeros(shape, np.float32)
    for sigma, amount in ((1.5, 2.5), (5, 3.0), (24, 3.0)):
        grain = cv2.GaussianBlur(noise.standard_normal(shape).astype(np.float32), (0, 0), sigma)
        out += amount * grain / grain.std()
    return out


def coverage(centre: tuple[float, float], radius: float, *, is_round: bool = True) -> NDArray[np.float32]:
    """How much of each pixel a disc or a square covers, 0..1."""
    y, x = np.mgrid[0 : SIZE_PX[1], 0 : SIZE_PX[0]].astype(np.float32) + np.float32(0.5)
    if is_round:
        return np.clip(radius - np.hypot(x - centre[0], y - centre[1]) + 0.5, 0, 1)
    across, down = (np.clip(radius - np.abs(one) + 0.5, 0, 1) for one in (x - centre[0], y - centre[1]))
    return across * down


HORIZON_PX, FOOT_PX = 330.0, 600.0
"""Of the shore: where its water begins, and where its post stands."""
_NIGHT, _WATER = (42.0, 46.0, 60.0), (150.0, 165.0, 172.0)


@cache
def shore() -> NDArray[np.uint8]:
    """A dark sky over bright water in which a red post stands, sRGB, shape (720, 1280, 3)."""
    width, height = SIZE_PX
    rows = np.clip(np.arange(height, dtype=np.float32) + 0.5 - HORIZON_PX + 0.5, 0, 1)[:, None, None]
    picture = (1 - rows) * np.array(_NIGHT, np.float32) + rows * np.array(_WATER, np.float32)
    picture = picture + 0.4 * _grain((height, width), 9)[..., None] + 0 * picture
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) + np.float32(0.5)
    post = np.clip(24.5 - np.abs(x - 980), 0, 1) * np.clip(FOOT_PX + 0.5 - y, 0, 1) * np.clip(y - 379.5, 0, 1)
    picture = picture * (1 - post[..., None]) + post[..., None] * np.array(RED, np.float32)
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)
