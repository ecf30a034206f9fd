"""Everything that is prepared once for a shot: what each layer shows of itself, sampled and blurred."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import Box, Matrix, Plane, project
from stillmotion.diorama.render import lens
from stillmotion.diorama.render.masters import make
from stillmotion.diorama.render.moving import STILL, mean_of
from stillmotion.diorama.render.painting import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.camera import CameraPath
    from stillmotion.diorama.camera.path import Poses
    from stillmotion.diorama.motion.records import LayerMotion, Motion
    from stillmotion.diorama.render.masters import Master
    from stillmotion.diorama.scene.records import Layer, Scene
    from stillmotion.diorama.shot.records import Shot

_RIM_PX = 3.0
_RIM = 4
"""Scene pixels."""
_LOOKS = 48
"""At how many times, evenly spread, the path is asked what it can see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Glance:
    """The camera at the times that decide what is prepared."""

    size_px: tuple[int, int]
    poses: Poses
    focus: NDArray[np.float64]
    aperture: NDArray[np.float64]
    moves: dict[str, LayerMotion]


def stack(scene: Scene, motion: Motion) -> Scene:
    """The scene with the added layers in their places."""
    layers: list[Layer] = list(scene.layers)
    for item in motion.added:
        layers.insert(index_of(layers, item.before), item.layer)
    return replace(scene, layers=tuple(layers))


def index_of(layers: Sequence[Layer], before: str | None) -> int:
    """The place in a stack right behind the layer of that name; the front when there is none."""
    return next((k for k, layer in enumerate(layers) if layer.name == before), len(layers))


def sheets(scene: Scene, shot: Shot, path: CameraPath, motion: Motion) -> tuple[Sheet, ...]:
    """The layers of a scene, far to near, as a shot needs them."""
    times = np.linspace(0.0, shot.duration_s, _LOOKS * max(shot.duration_s // 4, 1) + 1)
    focus, aperture = path.lens(times)
    glance = _Glance(size_px=shot.size_px, poses=path.poses(times), focus=focus, aperture=aperture, moves=motion.layers)
    return tuple(_sheet(scene, shot, path, glance, index) for index in range(len(scene.layers)))


def _sheet(scene: Scene, shot: Shot, path: CameraPath, glance: _Glance, index: int) -> Sheet:
    layer = scene.layers[index]
    motion = glance.moves.get(layer.name, STILL)
    stray = _stray_px(layer, path, glance, shot.size_px) + _bent_px(motion, glance, shot)
    blur = _largest_blur_px(scene, shot, glance, layer)
    seen = _seen(scene, layer, path, glance, stray + blur + _RIM_PX)
    rimmed = _with_rim(layer) if motion.tracks else layer
    region = layer_box(rimmed, scene.size_px) if motion.tracks else _beyond(seen, motion, scene.size_px)
    master = make(rimmed, scene.size_px, shot.framing, shot.size_px, region)
    copies = _copies(master, shot, glance, layer, blur)
    if motion.flows:
        copies = tuple((radius, replace(copy, mean=mean_of(copy.pixels))) for radius, copy in copies)
    return Sheet(layer=layer, scene_px=scene.size_px, copies=copies, backmost=index == 0, stray_px=stray, motion=motion)


def _with_rim(layer: Layer) -> Layer:
    """With nothing around it: where the photo's border cut it off, what travels ends, and its edge is not repeated."""
    rgba = np.pad(layer.rgba, ((_RIM, _RIM), (_RIM, _RIM), (0, 0)))
    return replace(layer, rgba=rgba, left_px=layer.left_px - _RIM, top_px=layer.top_px - _RIM)


def _beyond(seen: Box, motion: LayerMotion, scene_px: tuple[int, int]) -> Box:
    """With more of a layer's repeated border where the photo cuts it off, so that bending it bares nothing there."""
    across = _reach(motion)
    down = across * scene_px[0] / scene_px[1]
    return Box(
        x0=seen.x0 - across if seen.x0 <= 0.0 else seen.x0,
        y0=seen.y0 - down if seen.y0 <= 0.0 else seen.y0,
        x1=seen.x1 + across if seen.x1 >= 1.0 else seen.x1,
        y1=seen.y1 + down if seen.y1 >= 1.0 else seen.y1,
    )


def _reach(motion: LayerMotion) -> float:
    """How far warps and flows carry what they bend, in photo widths."""
    return sum(warp.reach for warp in motion.warps) + max((flow.reach for flow in motion.flows), default=0.0)


def _bent_px(motion: LayerMotion, glance: _Glance, shot: Shot) -> float:
    """How far warps and flows carry what they bend, in output pixels."""
    return float(_reach(motion) * shot.size_px[0] / shot.framing.width * glance.poses.zoom.max() * 1.2)


def _copies(
    master: Master, shot: Shot, glance: _Glance, layer: Layer, blur_px: float
) -> tuple[tuple[float, Master], ...]:
    """One master when the focus stays; several degrees of blur to choose from when it moves."""
    if blur_px < lens.SHARP_PX:
        return ((0.0, master),)
    still = np.ptp(glance.focus) < 1e-6 and np.ptp(glance.aperture) < 1e-9
    if not still:
        return tuple(lens.copies(master, blur_px))
    plane = layer.plane
    if plane.per_x == plane.per_y == 0.0:
        return ((0.0, lens.blurred(master, blur_px)),)
    radius = blur_of_photo(plane, float(glance.focus[0]), float(glance.aperture[0]), shot.size_px[0])
    return ((0.0, lens.baked(master, radius, blur_px)),)


def blur_of_photo(plane: Plane, focus: float, aperture: float, width_px: int) -> NDArray[np.float64]:
    """N such that the blur radius in output pixels is |n . (x, y, 1)| at photo coordinates x, y."""
    return np.array([plane.per_x, plane.per_y, plane.constant - focus]) * aperture * width_px


def _largest_blur_px(scene: Scene, shot: Shot, glance: _Glance, layer: Layer) -> float:
    """The largest blur radius of what a layer shows; none in a picture of a single layer, whose depth has no edges."""
    if len(scene.layers) < 2:
        return 0.0
    rows, columns = np.nonzero(layer.rgba[::8, ::8, 3] > 8)
    if not len(rows):
        return 0.0
    x = (columns * 8 + layer.left_px) / scene.size_px[0]
    y = (rows * 8 + layer.top_px) / scene.size_px[1]
    q = layer.plane.per_x * x + layer.plane.per_y * y + layer.plane.constant
    away = np.maximum(np.abs(q.max() - glance.focus), np.abs(q.min() - glance.focus))
    return float(min((away * glance.aperture).max() * shot.size_px[0], lens.RADII_PX[-1]))


def _seen(scene: Scene, layer: Layer, path: CameraPath, glance: _Glance, margin_px: float) -> Box:
    """The part of the photo, inside the layer's box, that the output shows of a layer at any time."""
    box = layer_box(layer, scene.size_px)
    right, bottom = (extent + margin_px for extent in glance.size_px)
    left = top = -margin_px
    corners: Matrix = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    points = project(np.asarray(np.linalg.inv(path.views(layer.plane, glance.poses, glance.size_px))), corners).reshape(
        -1, 2
    )
    if np.isnan(points).any():
        return box
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    x0, x1 = np.clip([x0, x1], box.x0, box.x1)
    y0, y1 = np.clip([y0, y1], box.y0, box.y1)
    return Box(x0=float(x0), y0=float(y0), x1=float(x1), y1=float(y1))


def layer_box(layer: Layer, scene_px: tuple[int, int]) -> Box:
    """Where a layer lies in the photo."""
    return Box(
        x0=layer.left_px / scene_px[0],
        y0=layer.top_px / scene_px[1],
        x1=(layer.left_px + layer.size_px[0]) / scene_px[0],
        y1=(layer.top_px + layer.size_px[1]) / scene_px[1],
    )


def _stray_px(layer: Layer, path: CameraPath, glance: _Glance, size_px: tuple[int, int]) -> float:
    """How far relief carries any point of the picture away from where the layer's plane puts it."""
    if layer.relief is None:
        return 0.0
    box = path.framing
    corners = np.array([[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]])
    flat = project(path.views(layer.plane, glance.poses, size_px), corners)
    strays = []
    for bump in (float(layer.relief.min()), float(layer.relief.max())):
        plane = Plane(per_x=layer.plane.per_x, per_y=layer.plane.per_y, constant=layer.plane.constant + bump)
        strays.append(np.abs(project(path.views(plane, glance.poses, size_px), corners) - flat).max())
    return float(np.nan_to_num(max(strays), nan=size_px[0])) + 1.0
