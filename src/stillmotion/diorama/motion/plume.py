"""Smoke as it flows: a small two-dimensional fluid, computed once and played back by time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy import fft

from stillmotion.diorama.motion.records import Veil

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.geometry import Box, Plane

Floats = NDArray[np.float32]
RATE_HZ = 30.0
"""Steps a second."""
THICKEST = 3.0
"""Density that is kept as 255."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """What is simulated. Lengths are grid cells, times seconds; rows run downwards."""

    shape: tuple[int, int]
    seconds: float
    before_s: float
    """How long the smoke has been rising when the film begins."""
    source: Callable[[float], tuple[Floats, Floats, Floats]]
    """Density added in a second, and the velocity (right, down) that its place is driven to, at a time, (rows, columns)
    each."""
    swelling: float = 0.0
    """Divergence where smoke is added: hot gas expands."""
    buoyancy: float
    """Cells a second squared for a density of 1."""
    curl: float
    """Vorticity confinement, see Fedkiw, Stam and Jensen 2001, "Visual simulation of smoke"."""
    fading_s: float
    """Time in which density falls to 1/e."""
    wind: Callable[[float], float]
    """Cells a second to the right that the surrounding air moves at a time."""


def simulate(recipe: Recipe) -> NDArray[np.uint8]:
    """Density frame by frame from the film's start, 0..255 for 0..THICKEST, shape (frames, rows, columns).

    Semi-Lagrangian advection and exact projection by cosine transforms (Stam 1999, "Stable fluids").
    """
    rows, columns = recipe.shape
    right, down, smoke = (np.zeros((rows, columns), np.float32) for _ in range(3))
    inverse = _inverse_laplacian(rows, columns)
    step_s = 1.0 / RATE_HZ
    first = round(recipe.before_s * RATE_HZ)
    frames = np.empty((round(recipe.seconds * RATE_HZ) + 2, rows, columns), np.uint8)
    keep, calm = np.float32(np.exp(-step_s / recipe.fading_s)), np.float32(0.995)
    for step in range(first + len(frames)):
        time_s = (step - first) * step_s
        added, drive_right, drive_down = recipe.source(time_s)
        hold = np.minimum(added * np.float32(4 * step_s), 1)
        right += hold * (drive_right - right)
        down += hold * (drive_down - down) - np.float32(recipe.buoyancy * step_s) * smoke
        _confine(right, down, np.float32(recipe.curl * step_s))
        right, down = _solenoidal(right, down, inverse, recipe.swelling * added)
        wind = np.float32(recipe.wind(time_s) * step_s)
        smoke = _carried(smoke, right, down, step_s, wind) * keep + added * np.float32(step_s)
        right, down = (_carried(one, right, down, step_s, wind) * calm for one in (right, down))
        if step >= first:
            frames[step - first] = np.clip(smoke * (255 / THICKEST), 0, 255)
    return frames


def _inverse_laplacian(rows: int, columns: int) -> Floats:
    """Eigenvalues of the inverse of the five-point Laplacian with closed walls, for the type-2 cosine transform."""
    r, c = np.arange(rows)[:, None], np.arange(columns)[None]
    eigen = 2 * np.cos(np.pi * r / rows) + 2 * np.cos(np.pi * c / columns) - 4
    eigen[0, 0] = 1.0
    inverse = 1.0 / eigen
    inverse[0, 0] = 0.0
    return np.asarray(inverse, np.float32)


def _solenoidal(right: Floats, down: Floats, inverse: Floats, swell: Floats) -> tuple[Floats, Floats]:
    """Velocity without divergence but where the gas expands."""
    divergence = _divergence(right, down) - swell
    pressure = fft.idctn(fft.dctn(divergence, type=2, norm="ortho") * inverse, type=2, norm="ortho")
    return _less_gradient(right, down, np.asarray(pressure, np.float32))


@njit(cache=True, nogil=True)
def _divergence(right: Floats, down: Floats) -> Floats:
    rows, columns = right.shape
    out = np.empty_like(right)
    half = np.float32(0.5)
    for r in range(rows):
        for c in range(columns):
            a = right[r, c + 1] if c + 1 < columns else -right[r, c]
            b = right[r, c - 1] if c > 0 else -right[r, c]
            d = down[r + 1, c] if r + 1 < rows else -down[r, c]
            e = down[r - 1, c] if r > 0 else -down[r, c]
            out[r, c] = half * (a - b + d - e)
    return out


@njit(cache=True, nogil=True)
def _less_gradient(right: Floats, down: Floats, pressure: Floats) -> tuple[Floats, Floats]:
    rows, columns = right.shape
    to_right, to_down = np.empty_like(right), np.empty_like(down)
    half = np.float32(0.5)
    for r in range(rows):
        up, low = max(r - 1, 0), min(r + 1, rows - 1)
        for c in range(columns):
            left, far = max(c - 1, 0), min(c + 1, columns - 1)
            to_right[r, c] = right[r, c] - half * (pressure[r, far] - pressure[r, left])
            to_down[r, c] = down[r, c] - half * (pressure[low, c] - pressure[up, c])
    return to_right, to_down


@njit(cache=True, nogil=True)
def _carried(field: Floats, right: Floats, down: Floats, step_s: float, wind: np.float32) -> Floats:
    """Each cell takes what was upstream of it."""
    rows, columns = field.shape
    out = np.empty_like(field)
    dt = np.float32(step_s)
    for r in range(rows):
        for c in range(columns):
            x = c - dt * right[r, c] - wind
            y = r - dt * down[r, c]
            if x < 0 or x > columns - 1 or y < 0:
                out[r, c] = 0
                continue
            y = min(y, np.float32(rows - 1.001))
            x = min(x, np.float32(columns - 1.001))
            left, top = int(x), int(y)
            fx, fy = x - left, y - top
            upper = field[top, left] * (1 - fx) + field[top, left + 1] * fx
            lower = field[top + 1, left] * (1 - fx) + field[top + 1, left + 1] * fx
            out[r, c] = upper * (1 - fy) + lower * fy
    return out


@njit(cache=True, nogil=True)
def _confine(right: Floats, down: Floats, strength: np.float32) -> None:
    """Gives back the small eddies that the grid swallows: a push around each of them."""
    rows, columns = right.shape
    spin = np.zeros_like(right)
    half = np.float32(0.5)
    for r in range(1, rows - 1):
        for c in range(1, columns - 1):
            spin[r, c] = half * (down[r, c + 1] - down[r, c - 1] - right[r + 1, c] + right[r - 1, c])
    for r in range(2, rows - 2):
        for c in range(2, columns - 2):
            gx = half * (abs(spin[r, c + 1]) - abs(spin[r, c - 1]))
            gy = half * (abs(spin[r + 1, c]) - abs(spin[r - 1, c]))
            size = np.sqrt(gx * gx + gy * gy) + np.float32(1e-5)
            right[r, c] += strength * gy / size * spin[r, c]
            down[r, c] -= strength * gx / size * spin[r, c]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plume:
    """Smoke that was simulated, as it is drawn. See `motion.records.Overlay`."""

    before: str | None
    frames: NDArray[np.uint8]
    start_s: float
    """Film time of the first frame."""
    window: Floats
    """0..1 over the picture, so that its border is never seen, (rows, columns)."""
    colour: Floats
    """sRGB 0..255, shape (3,) or (rows, columns, 3)."""
    opacity: float
    glow: float
    """0 smoke that covers, 1 steam that only adds its light."""
    relief: float
    """How much light and shade its billows have."""
    presence: Callable[[float], float]
    box: Box
    plane: Plane

    def at(self, time_s: float, shutter_s: float) -> Veil | None:
        """The plume at one instant."""
        del shutter_s
        present = self.presence(time_s)
        if present <= 0:
            return None
        at = min(max((time_s - self.start_s) * RATE_HZ, 0.0), len(self.frames) - 1.001)
        index = int(at)
        part = np.float32(at - index)
        smoke = self.frames[index] * (1 - part) + self.frames[index + 1] * part
        alpha = 1 - np.exp(smoke * np.float32(-2.2 * THICKEST / 255))
        alpha *= self.window * np.float32(self.opacity * present)
        rgba = np.empty((*alpha.shape, 4), np.float32)
        rgba[..., :3] = (alpha * self._shade(smoke))[..., None] * self.colour
        rgba[..., 3] = alpha * np.float32(255 * (1 - self.glow))
        return Veil(rgba=np.asarray(np.minimum(rgba + np.float32(0.5), 255), np.uint8), box=self.box, plane=self.plane)

    def _shade(self, smoke: Floats) -> Floats:
        """Light from above: the upper side of every billow is brighter, hollows are darker."""
        if self.relief == 0:
            return np.ones_like(smoke)
        thick = np.sqrt(smoke * np.float32(1 / 255))
        wide = cv2.GaussianBlur(thick, (0, 0), 5.0)
        slope = cv2.Sobel(wide, cv2.CV_32F, 0, 1, ksize=3) - np.float32(0.5) * cv2.Sobel(
            wide, cv2.CV_32F, 1, 0, ksize=3
        )
        lit = np.float32(1) + np.float32(self.relief) * (slope * np.float32(1.4) + (thick - wide) * np.float32(1.6))
        return np.asarray(np.clip(lit, 0.74, 1.25), np.float32)


def window(rows: int, columns: int, *, top: float = 0.35, sides: float = 0.2, bottom: float = 0.0) -> Floats:
    """1 in the middle of a picture, 0 at its borders; each fade is a share of the size."""
    y = (np.arange(rows, dtype=np.float32)[:, None] + 0.5) / rows
    x = (np.arange(columns, dtype=np.float32)[None] + 0.5) / columns
    side = np.clip(np.minimum(x, 1 - x) / max(sides, 1e-3), 0, 1)
    upper = np.clip(y / max(top, 1e-3), 0, 1)
    lower = np.clip((1 - y) / max(bottom, 1e-3), 0, 1) if bottom else np.ones_like(y)
    share = side * side * (3 - 2 * side) * upper * upper * (3 - 2 * upper) * lower
    return np.asarray(share, np.float32)
