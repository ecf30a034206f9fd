"""Frames are pure functions of their index; the first is the photo; nothing moves that should not."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage.metrics import structural_similarity

from stillmotion.diorama import camera, render
from stillmotion.diorama.shot.records import CameraMove, Direction, Lens, Look, MoveKind, Shot
from synthetic import scenes

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.clip import FrameSource
    from stillmotion.diorama.scene.records import Scene

SIZE = (640, 360)
SMALL = (960, 600)
LUMA = np.array([0.2126, 0.7152, 0.0722])


def film(scene: Scene, *moves: CameraMove, **changes: object) -> tuple[Shot, FrameSource]:
    """A fitted shot and its frames."""
    shot = camera.fit(scene, scenes.shot(*moves, size_px=SIZE, **changes))
    return shot, render.frames(scene, shot, camera.path(scene, shot))


def move(kind: MoveKind, direction: Direction, amount: float, **changes: object) -> CameraMove:
    """A move over the whole of a four-second shot."""
    return CameraMove(**({"kind": kind, "direction": direction, "end_s": 4.0, "amount": amount} | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("build", [scenes.landscape, scenes.portrait, scenes.single])
@pytest.mark.parametrize("size", [SMALL, (1920, 1200)])
def test_frame_0_is_the_photo_resampled_by_lanczos(
    build: Callable[[tuple[int, int]], Scene], size: tuple[int, int]
) -> None:
    """Enlarged or reduced, frame 0 equals Pillow's Lanczos resampling of the crop."""
    scene = build(size)
    shot, frames = film(scene, move(MoveKind.TRUCK, Direction.RIGHT, 0.05))
    width, height = scene.size_px
    box = shot.framing
    corners = (box.x0 * width, box.y0 * height, box.x1 * width, box.y1 * height)
    expected = np.asarray(Image.fromarray(scene.photo).resize(SIZE, Image.Resampling.LANCZOS, box=corners))
    first = frames.rgb(0)
    assert structural_similarity(first, expected, channel_axis=2) > 0.995
    assert np.abs(first.astype(int) - expected).mean() < 0.6


def test_default_grain_leaves_the_photo_recognisable() -> None:
    """With the default look frame 0 still has SSIM 0.97 with the photo, on luma, before any codec."""
    scene = scenes.portrait(SMALL)
    _, clean = film(scene)
    _, grainy = film(scene, look=Look())
    one, two = (cv2.cvtColor(frames.rgb(0), cv2.COLOR_RGB2GRAY) for frames in (clean, grainy))
    assert structural_similarity(one, two) > 0.97
    assert 0.5 < (two.astype(float) - one).std() < 1.6


def test_a_static_shot_is_perfectly_still() -> None:
    """Without moves and grain every frame is the same, to the bit."""
    _, frames = film(scenes.landscape(SMALL))
    first = frames.i420(0)
    assert all(np.array_equal(first, frames.i420(k)) for k in (1, 57, 119))


def test_a_frame_alone_is_the_frame_in_sequence() -> None:
    """The order and the thread in which frames are asked for change nothing, moving focus and grain included."""
    scene = scenes.landscape(SMALL)
    moves = (
        move(MoveKind.HANDHELD, Direction.NONE, 0.3),
        move(MoveKind.FOCUS_PULL, Direction.NONE, 1.0, source="sky", target="subject"),
    )
    _, frames = film(scene, *moves, look=Look(grain=1.0, vignette=0.3))
    in_order = [frames.i420(k) for k in (40, 41, 42, 43)]
    _, again = film(scene, *moves, look=Look(grain=1.0, vignette=0.3))
    assert np.array_equal(again.i420(43), in_order[3])
    with ThreadPoolExecutor(2) as pool:
        assert all(map(np.array_equal, pool.map(again.i420, (42, 40, 41)), (in_order[2], in_order[0], in_order[1])))


def test_grain_is_new_in_every_frame_and_the_same_for_the_same_seed() -> None:
    """Two frames of a still shot differ by grain alone; the same seed grains alike, another differently."""
    scene = scenes.portrait(SMALL)
    _, frames = film(scene, look=Look())
    _, again = film(scene, look=Look())
    _, other = film(scene, look=Look(), seed=5)
    assert np.array_equal(frames.rgb(3), again.rgb(3))
    assert not np.array_equal(frames.rgb(3), frames.rgb(4))
    assert not np.array_equal(frames.rgb(3), other.rgb(3))


@pytest.mark.parametrize("index", [0, 12, 70])
@pytest.mark.parametrize("build", [scenes.portrait, scenes.landscape])
def test_rgb_and_i420_show_the_same_picture(build: Callable[[tuple[int, int]], Scene], index: int) -> None:
    """Both forms of a frame agree within what 4:2:0 and rounding lose: still, in a motion blur, with a vignette."""
    whip = move(MoveKind.PAN, Direction.RIGHT, 4.0, start_s=0.3, end_s=0.5)
    _, frames = film(build(SMALL), whip, look=Look(vignette=0.3))
    both = frames.i420(index).astype(float)
    rgb = frames.rgb(index).astype(float)
    luma = rgb @ LUMA
    away = np.abs(both[:360] - (16 + luma * 219 / 255))
    assert away.max() <= 3.0
    assert away.mean() <= 0.5
    chroma = both[360:].reshape(2, 180, 320)
    for plane, channel, scale in ((chroma[0], 2, 1.8556), (chroma[1], 0, 1.5748)):
        expected = cv2.resize((rgb[..., channel] - luma) / scale, (320, 180), interpolation=cv2.INTER_AREA)
        away = plane - (128 + expected * 224 / 255)
        assert abs(away.mean()) <= 0.1
        assert np.abs(away).mean() <= 0.6


def test_the_planes_of_a_film_are_not_biased() -> None:
    """Converted back exactly, a frame has the mean colour of the photo within a tenth of a level."""
    scene = scenes.portrait(SMALL)
    shot, frames = film(scene)
    planes = frames.i420(0).astype(float)
    luma, (blue, red) = (planes[:360].mean() - 16) / 219, (planes[360:].reshape(2, -1).mean(axis=1) - 128) / 224
    box = shot.framing
    corners = (box.x0 * 960, box.y0 * 600, box.x1 * 960, box.y1 * 600)
    photo = np.asarray(Image.fromarray(scene.photo).resize(SIZE, Image.Resampling.LANCZOS, box=corners), float)
    expected = photo.mean(axis=(0, 1)) / 255
    assert abs((luma - expected @ LUMA) * 255) < 0.1
    assert abs((luma + 1.8556 * blue - expected[2]) * 255) < 0.2
    assert abs((luma + 1.5748 * red - expected[0]) * 255) < 0.2


def test_two_films_of_one_scene_do_not_share_paper() -> None:
    """Frames that are kept while others are rendered stay as they were."""
    _, frames = film(scenes.portrait(SMALL), move(MoveKind.PAN, Direction.RIGHT, 3.0))
    first = frames.rgb(0)
    copy = first.copy()
    frames.rgb(80)
    assert np.array_equal(first, copy)


def test_a_whip_pan_is_blurred_along_its_way_and_a_slow_pan_is_not() -> None:
    """Motion blur takes sharpness across the motion away, only when the camera is fast, and only with a shutter."""
    scene = scenes.portrait(SMALL)
    whip = move(MoveKind.PAN, Direction.RIGHT, 4.0, start_s=1.0, end_s=1.2)
    _, fast = film(scene, whip)
    _, sharp = film(scene, whip, look=Look(grain=0.0, shutter_deg=0.0))
    _, slow = film(scene, move(MoveKind.PAN, Direction.RIGHT, 4.0))

    def across_and_along(picture: np.ndarray) -> tuple[float, float]:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(float)
        return float(np.abs(np.diff(grey, axis=1)).mean()), float(np.abs(np.diff(grey, axis=0)).mean())

    blurred, crisp, calm = (across_and_along(frames.rgb(33)) for frames in (fast, sharp, slow))
    assert blurred[0] < 0.6 * crisp[0]
    assert blurred[0] < 0.8 * blurred[1]
    assert calm[0] > 0.85 * crisp[0]


def test_a_vignette_darkens_the_corners_only() -> None:
    """The middle keeps its brightness, the corners lose some."""
    scene = scenes.portrait(SMALL)
    _, plain = film(scene)
    _, shaded = film(scene, look=Look(grain=0.0, vignette=0.5))
    ratio = (shaded.rgb(0).astype(float) + 1) / (plain.rgb(0).astype(float) + 1)
    assert ratio[170:190, 310:330].mean() > 0.99
    assert ratio[:20, :20].mean() < 0.8


def test_depth_of_field_blurs_what_is_out_of_focus() -> None:
    """With focus on the subject the backdrop is soft, the subject crisp, and nothing is transparent."""
    scene = scenes.portrait(SMALL)
    _, plain = film(scene)
    _, shallow = film(scene, lens=Lens(aperture=1.0, focus="subject"))
    subject = slice(180, 260), slice(290, 350)
    backdrop = slice(40, 120), slice(20, 160)
    assert _detail(shallow.rgb(0)[subject]) > 0.95 * _detail(plain.rgb(0)[subject])
    assert _detail(shallow.rgb(0)[backdrop]) < 0.35 * _detail(plain.rgb(0)[backdrop])
    assert shallow.rgba(0)[..., 3].min() == 255  # type: ignore[attr-defined]


def test_a_focus_pull_moves_the_sharpness_from_one_layer_to_the_other() -> None:
    """The backdrop is crisp first and soft at the end; the subject the other way round."""
    scene = scenes.portrait(SMALL)
    pull = move(MoveKind.FOCUS_PULL, Direction.NONE, 1.0, source="backdrop", target="subject")
    _, frames = film(scene, pull)
    first, last = frames.rgb(0), frames.rgb(119)
    subject = slice(180, 260), slice(290, 350)
    backdrop = slice(40, 120), slice(20, 160)
    assert _detail(first[subject]) < 0.5 * _detail(last[subject])
    assert _detail(last[backdrop]) < 0.5 * _detail(first[backdrop])


def test_a_shallow_ground_is_sharp_only_where_the_focus_is() -> None:
    """On an inclined plane blur grows with distance from the plane of focus."""
    scene = scenes.landscape(SMALL)
    shot, frames = film(scene, lens=Lens(aperture=1.0, focus="subject"))
    _, plain = film(scene)
    rows = [(share - shot.framing.y0) / shot.framing.height * 360 for share in (scenes.CONTACT_Y, 0.5)]
    kept = []
    for row in rows:
        strip = slice(int(row) - 8, int(row) + 8), slice(20, 180)
        kept.append(_detail(frames.rgb(0)[strip]) / _detail(plain.rgb(0)[strip]))
    assert kept[0] > 0.9
    assert kept[1] < 0.5


def _detail(picture: np.ndarray) -> float:
    return float(cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_32F).std())


COLD_KERNELS = """
import importlib, pkgutil
from stillmotion.diorama import render
render.warm_up()
for found in pkgutil.iter_modules(render.__path__):
    module = importlib.import_module(f"{render.__name__}.{found.name}")
    for name, kernel in vars(module).items():
        if hasattr(kernel, "signatures") and kernel.__module__ == module.__name__ and not kernel.signatures:
            print(name)
"""
INSIDE_OTHERS = {"grain_of", "line_over", "line_places"}


def test_warming_up_loads_every_kernel() -> None:
    """In a fresh process nothing is left to compile afterwards but what only other kernels call."""
    done = subprocess.run([sys.executable, "-c", COLD_KERNELS], capture_output=True, text=True, check=True)
    cold = {name for name in done.stdout.split() if not name.startswith("_")}
    assert cold == INSIDE_OTHERS


def test_a_shot_can_be_replayed_at_another_size() -> None:
    """The same moves at another size show the same things."""
    scene = scenes.portrait(SMALL)
    shot, frames = film(scene, move(MoveKind.DOLLY, Direction.IN, 0.1))
    half = replace(shot, size_px=(320, 180))
    small = render.frames(scene, half, camera.path(scene, half)).rgb(100)
    large = cv2.resize(frames.rgb(100), (320, 180), interpolation=cv2.INTER_AREA)
    assert structural_similarity(small, large, channel_axis=2) > 0.95
