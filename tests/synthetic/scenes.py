"""Layered scenes from sample photos: a far wall or sky, an inclined ground, a subject that stands on it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
from skimage import data

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.shot.records import Look, Shot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.shot.records import CameraMove

SIZE_PX = (1440, 900)
HORIZON_Y = 0.42
CONTACT_Y = 0.84


@lru_cache(maxsize=8)
def landscape(size_px: tuple[int, int] = SIZE_PX) -> Scene:
    """Three layers: a far wall at infinity, a ground plane up to the horizon, a subject at depth 1 on the ground."""
    sky = _cover(data.coffee(), size_px)
    ground = _masked(_cover(data.rocket()[200:], size_px), _below(size_px, HORIZON_Y))
    subject = _masked(_cover(data.astronaut(), size_px), _blob(size_px))
    slope = 1.0 / (CONTACT_Y - HORIZON_Y)
    return stacked(
        (
            layer("sky", Surface.SKY, sky, Plane()),
            layer("ground", Surface.GROUND, ground, Plane(per_y=slope, constant=-HORIZON_Y * slope)),
            layer("subject", Surface.PERSON, subject, Plane(constant=1.0)),
        )
    )


@lru_cache(maxsize=8)
def portrait(size_px: tuple[int, int] = SIZE_PX) -> Scene:
    """Two flat layers: a backdrop at q = 0.5 and a subject at q = 1 that the bottom of the photo cuts."""
    backdrop = _cover(data.coffee(), size_px)
    mask = _blob(size_px)
    mask[size_px[1] * 3 // 5 :, size_px[0] * 2 // 5 : size_px[0] * 3 // 5] = 1.0
    subject = _masked(_cover(data.astronaut(), size_px), cv2.GaussianBlur(mask, (0, 0), 1.2))
    return stacked(
        (
            layer("backdrop", Surface.BACKDROP, backdrop, Plane(constant=0.5)),
            layer("subject", Surface.PERSON, subject, Plane(constant=1.0)),
        )
    )


@lru_cache(maxsize=8)
def single(size_px: tuple[int, int] = SIZE_PX, *, bump: float = 0.3) -> Scene:
    """One layer with smooth relief, as a gated photo gives."""
    x, y = np.meshgrid(np.linspace(-1, 1, 64), np.linspace(-1, 1, 40))
    relief = (bump * np.exp(-(x**2 + y**2) * 3)).astype(np.float32)
    whole = layer("photo", Surface.BACKDROP, _cover(data.coffee(), size_px), Plane(constant=0.7), relief=relief)
    return stacked((whole,))


def layer(
    name: str, surface: Surface, rgba: NDArray[np.uint8], plane: Plane, relief: NDArray[np.float32] | None = None
) -> Layer:
    """A layer over the whole photo, cut to the box of what is visible."""
    rows, columns = np.nonzero(rgba[..., 3])
    top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
    box = np.ascontiguousarray(rgba[top:bottom, left:right])
    return Layer(
        name=name,
        surface=surface,
        label=name,
        rgba=box,
        left_px=int(left),
        top_px=int(top),
        plane=plane,
        relief=relief,
    )


def stacked(layers: tuple[Layer, ...], focal: float = 1.0) -> Scene:
    """A scene whose photo is its layers, stacked unmoved."""
    height, width = layers[0].rgba.shape[:2]
    photo = np.zeros((height, width, 3))
    for part in layers:
        box = slice(part.top_px, part.top_px + part.size_px[1]), slice(part.left_px, part.left_px + part.size_px[0])
        keep = 1.0 - part.rgba[..., 3:] / 255.0
        photo[box] = part.rgba[..., :3] + photo[box] * keep
    return Scene(
        photo_sha256="synthetic",
        photo=np.round(photo).clip(0, 255).astype(np.uint8),
        layers=layers,
        horizon_y=HORIZON_Y,
        focal=focal,
    )


def shot(*moves: CameraMove, size_px: tuple[int, int] = (640, 360), **changes: object) -> Shot:
    """A four-second Shot without grain, framed by `fit`."""
    settings = {"look": Look(grain=0.0), "framing": Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)} | changes
    return Shot(size_px=size_px, camera=moves, **settings)  # type: ignore[arg-type]


def subject_mask(scene: Scene) -> NDArray[np.bool_]:
    """Where the nearest layer is, over the photo."""
    near = scene.layers[-1]
    mask = np.zeros(scene.photo.shape[:2], bool)
    rows, columns = (
        slice(near.top_px, near.top_px + near.size_px[1]),
        slice(near.left_px, near.left_px + near.size_px[0]),
    )
    mask[rows, columns] = near.rgba[..., 3] > 200
    return mask


def _cover(picture: NDArray[np.uint8], size_px: tuple[int, int]) -> NDArray[np.uint8]:
    """A photo scaled over the whole scene, opaque, with fine texture that a tracker can hold on to."""
    rgb = cv2.resize(picture, size_px, interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(7).normal(0, 60, (size_px[1], size_px[0])).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 2.5)[..., None] * 3
    textured = np.clip(rgb * 0.7 + 38 + soft, 0, 255).astype(np.uint8)
    return np.dstack([textured, np.full(rgb.shape[:2], 255, np.uint8)])


def _masked(rgba: NDArray[np.uint8], alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.round(rgba * alpha[..., None]).astype(np.uint8)


def _below(size_px: tuple[int, int], share: float) -> NDArray[np.float32]:
    rows = (np.arange(size_px[1]) - share * size_px[1]) / 2 + 0.5
    return np.repeat(np.clip(rows, 0, 1).astype(np.float32)[:, None], size_px[0], axis=1)


def _blob(size_px: tuple[int, int]) -> NDArray[np.float32]:
    mask = np.zeros((size_px[1], size_px[0]), np.float32)
    centre = (size_px[0] // 2, int(size_px[1] * 0.58))
    cv2.ellipse(mask, centre, (size_px[0] // 7, int(size_px[1] * 0.26)), 0, 0, 360, 1.0, -1)
    return cv2.GaussianBlur(mask, (0, 0), 1.2)
