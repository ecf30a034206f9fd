"""How props are painted: on a fine grid, in linear light, with the shape's own normals, then brought down to size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.motion.light import to_encoded

if TYPE_CHECKING:
    from stillmotion.diorama.motion.light import Lighting

Floats = NDArray[np.floating[Any]]
Picture = NDArray[np.uint8]
Random = np.random.Generator
Paint = tuple[float, float, float]

_FINE_PX = 1000
"""Widest grid that is worth painting on."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finish:
    """How a surface gives light back."""

    gloss: float = 0.0
    """0 is chalk, 1 is lacquer."""
    roughness: float = 0.35
    """How wide its highlight is."""
    wrap: float = 0.15
    """How far light creeps around the edge: fuzz, snow, thin things."""
    through: float = 0.0
    """Share of light that shines through from behind: leaves, sails."""


MATTE = Finish()


class Sheet:
    """A fine grid to paint on: x to the right and y down from the middle, in half widths of the picture."""

    def __init__(self, width_px: int, aspect: float, lighting: Lighting, rng: Random) -> None:
        """Blank.

        Args:
            width_px: width of the finished picture.
            aspect: height of the picture over its width.
            lighting: what falls on it.
            rng: for grain and irregularities.
        """
        self.fine = 4 if width_px <= 120 else 3 if width_px <= 300 else 2 if width_px <= _FINE_PX // 2 else 1
        self.size_px = (width_px, max(2, round(width_px * aspect)))
        columns, rows = width_px * self.fine, self.size_px[1] * self.fine
        self.pixel = 2.0 / columns
        self.lighting = lighting
        self.rng = rng
        across = (np.arange(columns, dtype=np.float32) + 0.5) * np.float32(self.pixel) - 1
        down = (np.arange(rows, dtype=np.float32) + 0.5 - rows / 2) * np.float32(self.pixel)
        self.x, self.y = np.meshgrid(across, down)
        self.colour = np.zeros((rows, columns, 3), np.float32)
        self.alpha: Floats = np.zeros((rows, columns), np.float32)

    def inside(self, distance: Floats, soft: float = 0.0) -> Floats:
        """Coverage of a shape from the signed distance to its outline, negative inside; `soft` widens the edge."""
        return np.asarray(np.clip(0.5 - distance / max(self.pixel, soft), 0, 1), np.float32)

    def lay(self, coverage: Floats, colour: Floats | Paint) -> None:
        """Paint over what is there."""
        keep = 1 - coverage
        self.colour *= keep[..., None]
        self.colour += np.asarray(colour, np.float32) * coverage[..., None]
        self.alpha = self.alpha * keep + coverage

    def add(self, light: Floats) -> None:
        """Add light, as from a highlight on glass; the surface below stays as transparent as it is."""
        self.colour += light

    def noise(self, cells: float, octaves: int = 4) -> Floats:
        """Smooth noise of mean 0 and about unit spread; `cells` across the picture at its coarsest."""
        rows, columns = self.alpha.shape
        total: Floats = np.zeros((rows, columns), np.float32)
        for octave in range(octaves):
            across = max(2, round(cells * 2**octave))
            if across > columns:
                break
            coarse = self.rng.standard_normal((max(2, round(across * rows / columns)) + 1, across + 1))
            total = (
                total
                + cv2.resize(coarse.astype(np.float32), (columns, rows), interpolation=cv2.INTER_CUBIC) / 2**octave
            )
        return np.asarray(total / max(float(total.std()), 1e-6), np.float32)

    def picture(self) -> Picture:
        """What was painted, premultiplied sRGB-encoded RGBA of the finished size, shape (height, width, 4)."""
        stack = np.dstack([self.colour, self.alpha])
        small = cv2.resize(stack, self.size_px, interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), 0.45, borderType=cv2.BORDER_CONSTANT)
        alpha = np.clip(small[..., 3:], 0, 1)
        plain = small[..., :3] / np.maximum(alpha, 1e-4)
        encoded = _developed(np.asarray(plain, np.float32), self.lighting)
        result = np.dstack([encoded * alpha, alpha])
        result[alpha[..., 0] < 1 / 255] = 0
        return np.asarray(np.rint(result * 255), np.uint8)


def _developed(linear: Floats, lighting: Lighting) -> Floats:
    """Linear light as the photo's camera would show it: rolled-off highlights, its blacks, its colourfulness."""
    grey = (linear @ _LUMA)[..., None]
    toned = np.maximum(grey + lighting.saturation * (linear - grey), 0)
    rolled = np.where(toned < 0.7, toned, 0.7 + 0.3 * np.tanh((toned - 0.7) / 0.3 * 0.8))
    black = np.asarray(lighting.black, np.float32)
    return np.asarray(black + (1 - black) * to_encoded(np.asarray(rolled, np.float32)), np.float32)


def shaded(
    albedo: Floats | Paint, normals: Floats, lighting: Lighting, finish: Finish = MATTE, open_sky: Floats | float = 1.0
) -> Floats:
    """Colour of a surface in linear light, shape (rows, columns, 3).

    Args:
        albedo: share of red, green and blue that it gives back.
        normals: unit vectors, shape (rows, columns, 3); x right, y down, z towards the camera.
        lighting: what falls on it.
        finish: how it gives it back.
        open_sky: how much of its surroundings each point sees: 0 in a crevice, 1 in the open.
    """
    towards = np.asarray(lighting.direction, np.float32)
    facing = normals @ towards
    lit = np.clip((facing + finish.wrap) / (1 + finish.wrap), 0, 1)
    lit = lit + finish.through * np.clip(-facing, 0, 1)
    up = 0.5 - 0.5 * normals[..., 1:2]
    around = up * np.asarray(lighting.sky, np.float32) + (1 - up) * np.asarray(lighting.bounce, np.float32)
    openness = np.asarray(open_sky, np.float32)[..., None]
    light = lit[..., None] * np.asarray(lighting.key, np.float32) * (0.6 + 0.4 * openness) + around * openness
    colour = np.asarray(albedo, np.float32) * light
    return colour if finish.gloss <= 0 else np.asarray(colour + gleam(normals, lighting, finish), np.float32)


def gleam(normals: Floats, lighting: Lighting, finish: Finish) -> Floats:
    """What a surface mirrors: the key light as a highlight (Blinn 1977) and its surroundings (Schlick 1994)."""
    half = np.asarray(lighting.direction, np.float32) + np.array([0, 0, 1], np.float32)
    half = half / np.linalg.norm(half)
    power = 2 / max(finish.roughness, 0.02) ** 2
    highlight = np.clip(normals @ half, 0, 1) ** power * min(power / 60, 3.0)
    fresnel = 0.04 + 0.96 * (1 - np.clip(normals[..., 2], 0, 1)) ** 5
    mirrored = seen_in(normals, lighting, finish.roughness)
    key = np.asarray(lighting.key, np.float32)
    return np.asarray(
        finish.gloss * (highlight[..., None] * key * 0.5 + fresnel[..., None] * mirrored * 0.8), np.float32
    )


def seen_in(normals: Floats, lighting: Lighting, roughness: float = 0.0) -> Floats:
    """The surroundings as mirrored by a surface: the photo stands for all of them."""
    mirrored = 2 * normals[..., 2:3] * normals - np.array([0, 0, 1], np.float32)
    return looked_up(lighting, 0.5 + 0.5 * mirrored[..., 0], 0.5 + 0.5 * mirrored[..., 1], roughness)


def looked_up(lighting: Lighting, across: Floats, down: Floats, roughness: float = 0.0) -> Floats:
    """The photo in linear light at some photo coordinates, the more blurred the rougher."""
    rows, columns = lighting.view.shape[:2]
    view = lighting.view if roughness <= 0.03 else cv2.GaussianBlur(lighting.view, (0, 0), roughness * columns / 4)
    at_x, at_y = np.asarray(across * columns - 0.5, np.float32), np.asarray(down * rows - 0.5, np.float32)
    return np.asarray(cv2.remap(view, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101), np.float32)


def bumped(normals: Floats, height: Floats, strength: float, pixel: float) -> Floats:
    """Normals of a surface with a relief; `height` in half widths."""
    down, across = np.gradient(height, pixel)
    tilted = normals - strength * np.stack([across, down, np.zeros_like(across)], axis=-1)
    return unit(np.asarray(tilted, np.float32))


def unit(vectors: Floats) -> Floats:
    """Vectors of length 1."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6), np.float32)


def facing(x: float = 0.0, y: float = 0.0) -> Floats:
    """The normal of a flat thing, tilted to the right and down, shape (1, 1, 3)."""
    return unit(np.array([[[x, y, 1.0]]], np.float32))


def mixed(one: Floats | Paint, two: Floats | Paint, share: Floats) -> Floats:
    """One colour where the share is 0, the other where it is 1."""
    weight = np.clip(share, 0, 1)[..., None]
    return np.asarray(np.asarray(one, np.float32) * (1 - weight) + np.asarray(two, np.float32) * weight, np.float32)


def step(low: float, high: float, value: Floats) -> Floats:
    """0 below, 1 above, smooth between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
