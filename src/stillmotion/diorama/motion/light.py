"""What light fell on the photo: what is added is lit from the same side, in the same colours, as dark or bright.

Colours are linear light, 1 is what the photo shows as white. Directions point towards the light: x right, y down, z
towards the camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Layer, Scene

Floats = NDArray[np.floating[Any]]
Colour = tuple[float, float, float]

DEFAULT_DIRECTION = (-0.34, -0.76, 0.55)
"""From above, a little from the left, from behind the camera: what people expect when nothing tells otherwise."""
_VIEW_PX = 96
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_SOLID = (Surface.RIGID, Surface.VEHICLE, Surface.PERSON, Surface.ANIMAL, Surface.PLANT, Surface.STRUCTURE)
_WHITE = 0.62
"""Share of light that the brighter things of a picture give back."""
_PALEST_BLACK = 0.12
_FEW, _CLIPPED = 0.75, 0.9
_FOREGROUND = 0.2
"""Share of a picture that must lie below the horizon to tell how bright it is there."""
_SUREST = 0.45
"""Share of a picture's shading that a direction must explain to be believed entirely."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lighting:
    """The light of a photo."""

    direction: Colour
    """Unit vector towards the key light."""
    key: Colour
    """What the key light adds to a white surface that faces it."""
    sky: Colour
    """What falls on a white surface from above."""
    bounce: Colour
    """What falls on a white surface from below."""
    haze: Colour
    """The colour into which far things fade."""
    black: Colour
    """The darkest tone of the photo, sRGB-encoded 0..1."""
    saturation: float
    """Factor on the colours of what is added; 1 keeps them."""
    view: Floats
    """The photo, small: what polished things mirror and glass shows; shape (rows, columns, 3)."""
    night: bool = False


def of(scene: Scene) -> Lighting:
    """The light of a scene. Where the shading tells nothing it comes from above, slightly from the left."""
    view = _view(scene)
    luma = view @ _LUMA
    bright, dark = _brightest(scene, luma), float(np.percentile(luma, 12))
    white = float(np.clip(bright / _WHITE, 0.16, 1.3))
    hardness = float(np.clip(1 - 2.6 * dark / max(bright, 1e-3), 0.4, 0.8))
    tint = _tint(view, luma >= np.percentile(luma, 70), 0.45)
    shade = _tint(view, luma <= np.percentile(luma, 45), 0.35)
    rows = view.shape[0]
    above, below = view[: rows // 3].mean((0, 1)), view[-rows // 3 :].mean((0, 1))
    sky = white * (1 - hardness) * (0.75 * shade + 0.25 * above / max(float(above @ _LUMA), 1e-3))
    return Lighting(
        direction=_direction(scene),
        key=_triple(white * (0.35 + 0.65 * hardness) * tint),
        sky=_triple(sky * 0.8),
        bounce=_triple(0.10 * white * shade + 0.22 * np.minimum(below, white)),
        haze=_triple(_far_colour(scene, view)),
        black=_triple(_black(scene)),
        saturation=_saturation(scene),
        view=view,
        night=scene.night,
    )


def to_linear(encoded: Floats) -> Floats:
    """SRGB 0..1 to linear light (IEC 61966-2-1)."""
    return np.asarray(np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4), np.float32)


def to_encoded(linear: Floats) -> Floats:
    """Linear light 0..1 to sRGB (IEC 61966-2-1)."""
    held = np.clip(linear, 0, 1)
    return np.asarray(np.where(held <= 0.0031308, held * 12.92, 1.055 * held ** (1 / 2.4) - 0.055), np.float32)


def _brightest(scene: Scene, luma: Floats) -> float:
    """What the brighter things give back: a sky with a low sun in it is far brighter than all that it lights."""
    everywhere = float(np.percentile(luma, 94))
    if not scene.night:
        # A dark subject fills some photos: then the few bright things tell.
        everywhere = max(
            everywhere, _FEW * float(np.percentile(luma[luma < _CLIPPED], 99.3)) if luma.min() < _CLIPPED else 0
        )
    if scene.horizon_y is None or not scene.outdoors or scene.horizon_y > 1 - _FOREGROUND:
        return everywhere
    below = float(np.percentile(luma[round(max(scene.horizon_y, 0.0) * len(luma)) :], 94))
    return float(np.sqrt(everywhere * min(below, everywhere)))


def _view(scene: Scene) -> Floats:
    width, height = scene.size_px
    small = (_VIEW_PX, max(8, round(_VIEW_PX * height / width)))
    return to_linear(cv2.resize(scene.photo, small, interpolation=cv2.INTER_AREA).astype(np.float32) / 255)


def _triple(colour: NDArray[np.floating]) -> Colour:
    red, green, blue = (float(value) for value in colour)
    return red, green, blue


def _tint(view: Floats, where: NDArray[np.bool_], strength: float) -> Floats:
    """Colour of the light at brightness 1, from blue to orange like daylight and lamps, part of the way from grey.

    Nearly grey things tell most about it, colourful ones little.
    """
    pixels = view[where]
    spread = (pixels.max(1) - pixels.min(1)) / np.maximum(pixels.max(1), 1e-3)
    mean = (pixels * (np.exp(-spread / 0.18) + 0.01)[:, None]).sum(0)
    found = float(np.clip(np.log(max(mean[0], 1e-6) / max(mean[2], 1e-6)), -1.2, 1.2))
    # A blue sky does not make the light blue while what it falls on looks warm.
    lower = np.maximum(view[len(view) // 2 :].reshape(-1, 3), 1e-3)
    fallen_on = float(np.median(np.log(lower[:, 0] / lower[:, 2])))
    warmth = strength * 0.5 * max(found, min(0.0, fallen_on))
    tint = np.array([np.exp(warmth), 1.0, np.exp(-warmth)], np.float32)
    return np.asarray(tint / float(tint @ _LUMA), np.float32)


def _far_colour(scene: Scene, view: Floats) -> Floats:
    if scene.horizon_y is None:
        return np.asarray(np.median(view.reshape(-1, 3), axis=0), np.float32)
    row = int(np.clip(scene.horizon_y, 0.05, 1.0) * view.shape[0])
    return np.asarray(view[max(0, row - 8) : max(row, 1)].mean((0, 1)), np.float32)


def _black(scene: Scene) -> Floats:
    """The darkest tone, hardly coloured: a picture of grass has no green blacks."""
    darkest = np.percentile(scene.photo[::8, ::8].reshape(-1, 3), 0.7, axis=0) / 255
    return np.asarray(np.minimum(darkest.min() + 0.25 * (darkest - darkest.min()), _PALEST_BLACK), np.float32)


def _saturation(scene: Scene) -> float:
    """How colourful the photo is, as a factor on drawn colours: never as loud as the paint box."""
    small = scene.photo[::8, ::8].astype(np.float32)
    chroma = (small.max(2) - small.min(2)).mean() / 255
    return float(np.clip(0.72 + 0.9 * chroma, 0.72, 0.97))


def _direction(scene: Scene) -> Colour:
    """Fitted to the shading of what stands in the picture, held to what light does outdoors, weighed by its worth."""
    fits = [_fit(layer) for layer in scene.layers if layer.surface in _SOLID and layer.relief is None]
    total = sum(weight for _, weight in fits)
    default = np.array(DEFAULT_DIRECTION)
    if total <= 0:
        return _unit(default)
    slope = sum((vector * weight for vector, weight in fits), np.zeros(2)) / total
    trust = min(1.0, total / _SUREST)
    across = np.clip(slope[0], -0.75, 0.75)
    found = np.array([across, -max(0.45, abs(default[1]) - 0.3 * abs(across)), default[2]])
    return _unit(trust * found + (1 - trust) * default)


def _unit(vector: NDArray[np.float64]) -> Colour:
    return _triple(vector / np.linalg.norm(vector))


def _fit(layer: Layer) -> tuple[NDArray[np.float64], float]:
    """Least squares of brightness over the normals of a rounded outline, as if the layer were a cushion.

    Directional light on an estimated shape, as PhysGen (Liu et al. 2024) does with an intrinsic shading. Returns the
    slope to the right and down, and how far to trust it.
    """
    scale = 128 / max(layer.size_px)
    size = (max(8, round(layer.size_px[0] * scale)), max(8, round(layer.size_px[1] * scale)))
    small = cv2.resize(layer.rgba, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    solid = (small[..., 3] > 0.9).astype(np.uint8)
    if solid.sum() < 200:
        return np.zeros(2), 0.0
    depth = cv2.distanceTransform(cv2.copyMakeBorder(solid, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 5)[
        1:-1, 1:-1
    ]
    height = np.sqrt(np.maximum(cv2.GaussianBlur(depth, (0, 0), 3), 0)) * 6
    down, across = np.gradient(height)
    length = np.sqrt(across**2 + down**2 + 1)
    inside = solid > 0
    luma = np.log(0.03 + to_linear(small[..., :3]) @ _LUMA)[inside]
    normals = np.stack([-across / length, -down / length, np.ones_like(length)], axis=-1)[inside]
    answer, *_ = np.linalg.lstsq(normals, luma, rcond=None)
    residual = luma - normals @ answer
    explained = 1 - float(residual.var() / max(float(luma.var()), 1e-6))
    slope = answer[:2].astype(np.float64)
    return slope / max(float(np.linalg.norm(slope)), 0.6), max(0.0, explained) * float(np.sqrt(inside.mean()))
