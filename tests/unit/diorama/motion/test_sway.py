"""Plants sway where they are free, hold where they grow, each part at its own time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.motion.solvers import flutter, sway
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.shot.records import MotionCue, Physics
from synthetic import scenes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.records import Warp

SIZE = (320, 200)
STALK = (slice(60, 200), slice(150, 170))
FARTHEST = 0.0094


def layer(name: str, surface: Surface, rgb: NDArray[np.uint8], alpha: NDArray[np.bool_]) -> Layer:
    """A layer as large as the photo."""
    rgba = np.dstack([rgb * alpha[..., None], alpha * 255]).astype(np.uint8)
    return Layer(name=name, surface=surface, label=name, rgba=rgba, left_px=0, top_px=0, plane=Plane(constant=1.0))


def scene(*layers: Layer) -> Scene:
    """A scene whose photo is its layers stacked."""
    photo = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    for one in layers:
        photo = np.where(one.rgba[..., 3:] > 0, one.rgba[..., :3], photo)
    return Scene(photo_sha256="0" * 64, photo=photo, layers=layers, horizon_y=None, focal=1.0)


def grey() -> NDArray[np.uint8]:
    """A wall."""
    return np.full((SIZE[1], SIZE[0], 3), 150, np.uint8)


def stalk() -> Scene:
    """A stalk that grows out of the picture's lower border."""
    alpha = np.zeros((SIZE[1], SIZE[0]), np.bool_)
    alpha[STALK] = True
    whole = np.ones_like(alpha)
    return scene(layer("backdrop", Surface.BACKDROP, grey(), whole), layer("stalk", Surface.PLANT, grey(), alpha))


def hedge() -> Scene:
    """One flat picture, its left half leaves, its right half a wall."""
    rng = np.random.default_rng(3)
    rgb = grey()
    leaves = rng.integers(0, 90, (SIZE[1], SIZE[0] // 2, 1))
    rgb[:, : SIZE[0] // 2] = np.concatenate([leaves // 2 + 20, leaves + 90, leaves // 2 + 15], axis=-1)
    return scene(layer("picture", Surface.BACKDROP, rgb, np.ones((SIZE[1], SIZE[0]), np.bool_)))


def stage(seen: Scene, cue: MotionCue, seconds: int = 4) -> Stage:
    """A stage on which a cue is performed."""
    return Stage(scene=seen, shot=replace(scenes.shot(), duration_s=seconds, motion=(replace(cue, performed=True),)))


def warp_of(seen: Scene, cue: MotionCue) -> Warp:
    """The only warp that a cue makes."""
    part = sway.perform(stage(seen, cue), (cue,))
    return part.layers[0].warps[0]


def moved(warp: Warp, x: float, y: float, time_s: float) -> NDArray[np.float32]:
    """How far the picture moved at a point."""
    points = np.array([[[x, y]]], np.float32)
    shift: NDArray[np.float32] = (points - warp.source(points, time_s))[0, 0]
    return shift


def cue(layer_name: str | None = "stalk", verb: str = "sway", **changes: Any) -> MotionCue:
    """A cue for a plant."""
    return MotionCue(verb=verb, subject=changes.pop("subject", "stalk"), layer=layer_name, **changes)


def test_tip_moves_and_root_holds() -> None:
    """The top of a stalk travels at least five times as far as its foot, and never beyond 12 pixels of 1280."""
    warp = warp_of(stalk(), cue(amount=1.5))
    times = np.arange(0.5, 4, 0.05)
    tip = np.array([moved(warp, 0.5, 0.36, t)[0] for t in times])
    root = np.array([moved(warp, 0.5, 0.97, t)[0] for t in times])
    assert 0.002 < np.abs(tip).max() < FARTHEST * 1.1
    assert np.abs(root).max() < 0.2 * np.abs(tip).max()


def test_sway_begins_with_its_cue() -> None:
    """Nothing moves before the cue starts, and what moves then begins gently."""
    warp = warp_of(stalk(), cue(start_s=2.0))
    assert not moved(warp, 0.5, 0.36, 1.9).any()
    assert np.abs(moved(warp, 0.5, 0.36, 2.05)).max() < 5e-4
    assert max(abs(float(moved(warp, 0.5, 0.36, t)[0])) for t in np.arange(2.5, 4, 0.1)) > 1e-3


def test_explicit_mode_rings_as_asked() -> None:
    """A frequency and a damping give one mode: zero crossings and peaks of the tip tell both."""
    warp = warp_of(stalk(), cue(physics=Physics(frequency_hz=1.5, damping=0.08)))
    times = np.arange(0, 4, 1 / 240)
    tip = np.array([moved(warp, 0.5, 0.36, t)[0] for t in times], np.float64)
    peaks = np.flatnonzero((tip[1:-1] > tip[:-2]) & (tip[1:-1] >= tip[2:]) & (tip[1:-1] > 1e-5)) + 1
    assert 1 / np.diff(times[peaks]).mean() == pytest.approx(1.5, rel=0.05)
    decrement = np.log(tip[peaks[:-1]] / tip[peaks[1:]])
    assert decrement.mean() / (2 * np.pi) == pytest.approx(0.08, rel=0.2)


def test_wall_beside_leaves_stands_still() -> None:
    """In a picture that is one piece only what looks like leaves moves."""
    warp = warp_of(hedge(), cue("picture", subject="hedge"))
    times = np.arange(1, 4, 0.1)
    leaf = max(float(np.abs(moved(warp, 0.25, 0.4, t)).max()) for t in times)
    wall = max(float(np.abs(moved(warp, 0.75, 0.4, t)).max()) for t in times)
    assert leaf > 5e-4
    assert wall < 0.02 * leaf


def test_neighbours_are_not_one_jelly() -> None:
    """Places a fifth of the picture apart do not move in step."""
    warp = warp_of(hedge(), cue("picture", subject="hedge", amount=1.4))
    times = np.arange(1, 4, 0.03)
    one, two = (np.array([moved(warp, x, 0.3, t)[0] for t in times]) for x in (0.12, 0.34))
    assert np.corrcoef(one, two)[0, 1] < 0.9


def test_bending_never_folds_or_tears() -> None:
    """Neighbouring points keep between 0.7 and 1.6 of their distance."""
    warp = warp_of(hedge(), cue("picture", subject="hedge", amount=1.5))
    points = np.stack(np.meshgrid(np.linspace(0, 1, 161), np.linspace(0, 1, 101)), axis=-1).astype(np.float32)
    for time_s in np.arange(0.5, 4, 0.35):
        source = warp.source(points, time_s)
        along = np.diff(source[..., 0], axis=1) * 160
        assert along.min() > 0.7
        assert along.max() < 1.45


def test_frames_can_be_asked_for_in_any_order() -> None:
    """A frame alone equals the frame in sequence, and another take is another movement."""
    points = np.full((4, 5, 2), 0.4, np.float32)
    one, two = warp_of(stalk(), cue()), warp_of(stalk(), cue())
    two.source(points, 3.0)
    np.testing.assert_array_equal(one.source(points, 1.0), two.source(points, 1.0))


def test_wind_without_plants_is_refused() -> None:
    """Nothing bends where nothing grows, and buildings stand firm."""
    bare = scene(layer("backdrop", Surface.STRUCTURE, grey(), np.ones((SIZE[1], SIZE[0]), np.bool_)))
    wind = cue(None, "wind", subject="wind")
    assert "No leaves" in (sway.refusal(stage(bare, wind), wind) or "")
    tower = cue("backdrop", subject="tower")
    assert "stands firm" in (sway.refusal(stage(bare, tower), tower) or "")


def test_flag_is_found_by_its_colours() -> None:
    """Red beside navy in the backdrop is a flag: it moves, the wall does not; without one it is refused."""
    rgb = grey()
    rgb[20:90, 20:110] = (30, 40, 95)
    rgb[90:150, 20:110] = (190, 25, 35)
    whole = np.ones((SIZE[1], SIZE[0]), np.bool_)
    flag = cue(None, "flutter", subject="flag", words="the flag flutters")
    seen = scene(layer("backdrop", Surface.BACKDROP, rgb, whole))
    assert flutter.refusal(stage(seen, flag), flag) is None
    motion = flutter.perform(stage(seen, flag), (flag,)).layers[0]
    times = np.arange(1, 4, 0.1)
    assert max(float(np.abs(moved(motion.warps[0], 0.2, 0.7, t)).max()) for t in times) > 1e-3
    assert max(float(np.abs(moved(motion.warps[0], 0.8, 0.5, t)).max()) for t in times) < 1e-6
    shade = motion.lights[0].factor(np.array([[[0.2, 0.6], [0.8, 0.5]]], np.float32), 2.0)
    assert shade[0, 1] == pytest.approx(1.0)
    bare = scene(layer("backdrop", Surface.BACKDROP, grey(), whole))
    assert "could not be made out" in (flutter.refusal(stage(bare, flag), flag) or "")


def crowns() -> Scene:
    """A cut-out row of trees before a wall, held at the lower border of the picture."""
    rng = np.random.default_rng(2)
    rgb = np.stack(
        [rng.integers(20, 90, SIZE[::-1]), rng.integers(90, 170, SIZE[::-1]), rng.integers(10, 60, SIZE[::-1])], -1
    )
    cover = np.zeros((SIZE[1], SIZE[0]), np.bool_)
    for left in (0, 115, 230):
        cover[30:, left : left + 90] = True
    wall = layer("backdrop", Surface.BACKDROP, grey(), np.ones((SIZE[1], SIZE[0]), np.bool_))
    trees = layer("foliage", Surface.FOLIAGE, rgb, cover)
    return scene(wall, trees)


def farthest(warp: Warp) -> float:
    """How far anything on the crowns goes, photo widths."""
    spots = [(x, y) for x in (0.15, 0.5, 0.85) for y in (0.18, 0.3, 0.5)]
    return max(abs(float(moved(warp, x, y, t)[0])) for x, y in spots for t in np.arange(1, 4, 0.1))


def test_a_strong_wind_bows_trees_and_a_breeze_stirs_them() -> None:
    """Tree tops go 6 to 13 pixels of 1280 in a strong wind, and at most 6 in a gentle breeze, half as far."""
    strong = farthest(warp_of(crowns(), cue("foliage", subject="trees", amount=1.5)))
    gentle = farthest(warp_of(crowns(), cue("foliage", subject="trees", amount=1.0, speed=0.6)))
    assert 6 / 1280 < strong < 13.5 / 1280
    assert 1.5 / 1280 < gentle < min(6 / 1280, 0.7 * strong)


@pytest.mark.parametrize("colour", [(255, 240, 160), (60, 150, 50)])
def test_a_glow_and_a_soft_background_are_no_leaves(colour: tuple[int, int, int]) -> None:
    """A yellow sky and a green blur hold still; with nothing else there the wind finds nothing to move."""
    uneven = np.random.default_rng(4).normal(0, 400, (SIZE[1], SIZE[0], 1)).astype(np.float32)
    soft = cv2.GaussianBlur(uneven, (0, 0), 20)[..., None]
    rgb = np.clip(np.array(colour) + soft, 0, 255).astype(np.uint8)
    seen = scene(layer("picture", Surface.BACKDROP, rgb, np.ones((SIZE[1], SIZE[0]), np.bool_)))
    one = cue("picture", subject="trees")
    assert "No leaves" in (sway.refusal(stage(seen, one), one) or "")


def test_grass_bound_to_a_rock_does_not_move_the_rock() -> None:
    """What grass and leaves are bound to by mistake stays where it is."""
    bare = grey()
    stones = np.zeros((SIZE[1], SIZE[0]), np.bool_)
    stones[60:, 80:220] = True
    whole = np.ones((SIZE[1], SIZE[0]), np.bool_)
    seen = scene(layer("backdrop", Surface.BACKDROP, bare, whole), layer("subject", Surface.RIGID, bare, stones))
    one = cue("subject", subject="", words="wind blows through the grass")
    assert "No leaves" in (sway.refusal(stage(seen, one), one) or "")
