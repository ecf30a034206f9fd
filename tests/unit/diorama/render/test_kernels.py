"""The packed arithmetic of the hot loops agrees with plain arithmetic."""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.diorama.render import finish, kernels, lens, masters, plane_kernels, sampling, visibility


def premultiplied(random: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Random premultiplied RGBA."""
    alpha = random.integers(0, 256, (*shape, 1))
    return np.concatenate([random.integers(0, 256, (*shape, 3)) * alpha // 255, alpha], axis=2).astype(np.uint8)


def test_over_is_exact_within_a_rounding_step() -> None:
    """Every combination of colour and alpha composites as the formula says, inside the rectangle and nowhere else."""
    random = np.random.default_rng(0)
    near, canvas = premultiplied(random, (64, 96)), premultiplied(random, (64, 96))
    canvas[..., 3] = 255
    before = canvas.copy()
    kernels.lay_over(near, canvas, (8, 4, 90, 60))
    expected = near + before * (1.0 - near[..., 3:] / 255.0)
    inside = slice(4, 60), slice(8, 90)
    assert np.abs(canvas[inside].astype(float) - expected[inside].clip(0, 255)).max() <= 1.0
    outside = np.ones((64, 96), bool)
    outside[inside] = False
    assert np.array_equal(canvas[outside], before[outside])


def test_sampling_agrees_with_another_sampler() -> None:
    """Through a homography with perspective every pixel is what OpenCV samples, within a rounding step."""
    random = np.random.default_rng(4)
    master = cv2.GaussianBlur(premultiplied(random, (300, 400)), (0, 0), 1.5)
    matrix = np.array([[2.01, 0.03, 20.3], [-0.02, 1.97, 15.2], [1e-4, -5e-5, 1.0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    expected = cv2.warpPerspective(master, matrix, (150, 110), flags=flags).astype(float)
    canvas = np.zeros((110, 150, 4), np.uint8)
    sampling.paint(master, matrix, (0, 0, 150, 60), canvas, False)  # noqa: FBT003
    sampling.paint(master, matrix, (0, 60, 150, 110), canvas, True)  # noqa: FBT003
    assert np.abs(canvas - expected).max() <= 2.0


def test_sampling_moves_by_hundredths_of_a_pixel() -> None:
    """A shift of a hundredth of a sample changes a steep ramp by a hundredth of its step, not by a quantised one."""
    ramp = np.zeros((8, 64, 4), np.uint8)
    ramp[:, 32:] = 255
    seen = []
    for shift in (0.0, 0.01, 0.02, 0.05, 0.1):
        canvas = np.zeros((4, 32, 4), np.uint8)
        sampling.paint(ramp, np.array([[1, 0, 15.5 + shift], [0, 1, 2], [0, 0, 1]]), (0, 0, 32, 4), canvas, False)  # noqa: FBT003
        seen.append(int(canvas[0, 16, 0]))
    np.testing.assert_allclose(np.diff(seen), [2.55, 2.55, 7.65, 12.75], atol=1.1)


def test_planes_are_sampled_like_pixels() -> None:
    """Brightness sampled as a plane, opaque or laid over something, is that of the same pixels sampled as RGBA."""
    random = np.random.default_rng(6)
    grey = cv2.GaussianBlur(premultiplied(random, (300, 400)), (0, 0), 1.5)
    grey[..., :3] = grey[..., :1]
    matrix = np.array([[2.01, 0.03, 20.3], [-0.02, 1.97, 15.2], [1e-4, -5e-5, 1.0]])
    canvas, pixels = np.full((110, 150), 90, np.uint8), np.full((110, 150, 4), (90, 90, 90, 255), np.uint8)
    luma, alpha = np.ascontiguousarray(grey[..., 0]), np.ascontiguousarray(grey[..., 3])
    plane_kernels.cover(luma, matrix, np.array([[0, 0, 70, 60], [0, 60, 150, 110]], np.int32), canvas)
    plane_kernels.blend(luma, alpha, matrix, np.array([[70, 0, 150, 60]], np.int32), canvas)
    for rect, blend in (((0, 0, 70, 60), False), ((0, 60, 150, 110), False), ((70, 0, 150, 60), True)):
        sampling.paint(grey, matrix, rect, pixels, blend)
    assert np.abs(canvas.astype(int) - pixels[..., 0]).max() <= 1


def test_nothing_over_something_changes_nothing() -> None:
    """Alpha 0 leaves the picture as it is and alpha 255 replaces it, exactly."""
    canvas = np.full((2, 8, 4), 137, np.uint8)
    near = np.zeros_like(canvas)
    near[1] = (12, 200, 255, 255)
    kernels.lay_over(near, canvas, (0, 0, 8, 2))
    assert (canvas[0] == 137).all()
    assert (canvas[1] == (12, 200, 255, 255)).all()


def test_colours_are_bt709_in_limited_range() -> None:
    """Luma and chroma of flat colours are what ITU-R BT.709 defines, rounded."""
    colours = np.random.default_rng(1).integers(0, 256, (20, 3))
    tile = finish.grain_tile(0)
    for red, green, blue in colours.tolist():
        canvas = np.empty((4, 16, 4), np.uint8)
        canvas[:] = (red, green, blue, 255)
        into = np.empty((6, 16), np.uint8)
        finish.to_i420(canvas, tile, (0, 0), 0, into)
        luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        assert abs(int(into[0, 0]) - (16 + luma * 219 / 255)) <= 0.52
        assert abs(int(into[4, 0]) - (128 + (blue - luma) / 1.8556 * 224 / 255)) <= 0.55
        assert abs(int(into[5, 0]) - (128 + (red - luma) / 1.5748 * 224 / 255)) <= 0.55


def test_grain_is_strongest_in_the_mid_tones() -> None:
    """At strength 1 grain is about one level in the middle and a third of that near black and white."""
    tile = finish.grain_tile(3)
    spread = []
    for grey in (4, 128, 250):
        canvas = np.full((256, 512, 4), grey, np.uint8)
        into = np.empty((256, 512, 3), np.uint8)
        finish.to_rgb(canvas, tile, (5, 9), finish.grain_strength(1.0), into)
        spread.append(into.astype(float).std())
        assert abs(into.astype(float).mean() - grey) < 0.3
    assert 0.85 < spread[1] < 1.25
    assert spread[0] < 0.75 * spread[1]
    assert spread[2] < 0.75 * spread[1]


def test_a_disc_blur_keeps_the_brightness_and_spreads_over_its_radius() -> None:
    """A point becomes a disc of that radius in output pixels, at whatever density the copy is kept."""
    pixels = np.zeros((201, 201, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[98:103, 98:103, :3] = 255
    master = masters.finished(pixels, np.eye(3))
    for radius in (2.0, 6.0, 10.0):
        blurred = lens.blurred(master, radius)
        scale = np.linalg.inv(blurred.from_photo)[0, 0]
        y, x = np.nonzero(blurred.pixels[..., 0] > 0)
        reach = (x.max() - x.min() + 1) * scale / 2
        assert abs(reach - (radius * masters.DENSITY + 2.5)) <= scale + 1.0
        middle = np.linalg.inv(blurred.from_photo) @ [x.mean(), y.mean(), 1.0]
        assert np.abs(middle[:2] - 100).max() < 0.6


def test_hidden_tiles_are_not_painted() -> None:
    """An opaque layer covers the tiles that it fills, blends at its edge, and hides what is behind."""
    pixels = np.zeros((720, 1280, 4), np.uint8)
    pixels[:, :700, 3] = 255
    master = masters.finished(pixels, np.eye(3))
    hidden = np.zeros((20, 20), np.bool_)
    kinds = np.empty((20, 20), np.uint8)
    visibility.look(np.eye(3), master.cells, (1280.0, 720.0, 0.0), hidden, kinds)
    assert (kinds[1:19, 1:10] == visibility.COVER).all()
    assert (kinds[1:19, 10] == visibility.BLEND).all()
    assert (kinds[:, 12:] == visibility.NOTHING).all()
    assert np.array_equal(hidden, kinds == visibility.COVER)
    again = np.empty_like(kinds)
    visibility.look(np.eye(3), master.cells, (1280.0, 720.0, 0.0), hidden, again)
    assert (again[hidden & (kinds == visibility.COVER)] == visibility.NOTHING).all()


def test_rectangles_cover_each_wanted_tile_once() -> None:
    """Joined rectangles hold exactly the tiles of the wanted kind, also where the last tiles are cut."""
    kinds = np.random.default_rng(2).integers(0, 3, (6, 9)).astype(np.uint8)
    across, down = visibility.TILE_PX
    size = (9 * across - 30, 6 * down - 20)
    painted = np.zeros((size[1], size[0]), int)
    for left, top, right, bottom in visibility.rectangles(kinds, 2, size).tolist():
        painted[top:bottom, left:right] += 1
    expected = np.repeat(np.repeat(kinds == 2, down, axis=0), across, axis=1)[: size[1], : size[0]]
    assert np.array_equal(painted, expected.astype(int))
