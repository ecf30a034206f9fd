"""Real photos become scenes. Each photo is analysed once for the whole file: that is what takes the time."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from matplotlib.cbook import get_sample_data
from skimage import data
from sklearn.datasets import load_sample_image

from stillmotion.diorama import scene as scene_room
from stillmotion.diorama.scene import Scene, Surface, analyse, store
from stillmotion.media.image import read_picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

LAYERED = ("china", "coffee", "grace_hopper")

_SOLID = 200


def photo(name: str) -> NDArray[np.uint8]:
    """A sample photo that an installed package carries."""
    if name == "china":
        return np.ascontiguousarray(load_sample_image("china.jpg"))
    if name == "grace_hopper":
        return read_picture(Path(str(get_sample_data("grace_hopper.jpg", asfileobj=False))))
    picture = np.asarray(getattr(data, name)())
    return np.ascontiguousarray(np.stack([picture] * 3, axis=2) if picture.ndim == 2 else picture[..., :3])


@lru_cache(maxsize=8)
def scene_of(name: str) -> Scene:
    """The scene of a sample photo, analysed once."""
    return analyse(photo(name))


def ridge(scene: Scene) -> tuple[float, float]:
    """How much the backdrop bends across the outline of the subject, along the outline and away from it.

    The second derivative across the outline, averaged along it with its sign: texture cancels, a line that follows
    the outline does not.
    """
    subject, backdrop = scene.layer("subject"), scene.layers[0]
    solid = np.zeros(scene.photo.shape[:2], np.uint8)
    height, width = subject.rgba.shape[:2]
    rows, columns = slice(subject.top_px, subject.top_px + height), slice(subject.left_px, subject.left_px + width)
    solid[rows, columns] = subject.rgba[..., 3] > _SOLID
    signed = cv2.distanceTransform(1 - solid, cv2.DIST_L2, 5) - cv2.distanceTransform(solid, cv2.DIST_L2, 5)
    beyond = cv2.GaussianBlur(signed, (0, 0), 4)
    grey = cv2.GaussianBlur(
        cv2.cvtColor(backdrop.rgba[..., :3].copy(), cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.5
    )
    x, y = cv2.Sobel(beyond, cv2.CV_32F, 1, 0), cv2.Sobel(beyond, cv2.CV_32F, 0, 1)
    steep = np.maximum(x * x + y * y, 1e-6)
    xx, yy, xy = (cv2.Sobel(grey, cv2.CV_32F, *order, scale=0.25) for order in ((2, 0), (0, 2), (1, 1)))
    bend = (x * x * xx + 2 * x * y * xy + y * y * yy) / steep

    def along(start: float) -> float:
        band = ((beyond >= start) & (beyond < start + 2)).astype(np.float32)
        total, count = (cv2.boxFilter(one, -1, (31, 31), normalize=False) for one in (bend * band, band))
        return float(np.abs(total / np.maximum(count, 1))[band > 0].mean())

    return max(along(start) for start in range(-2, 8, 2)), float(np.mean([along(start) for start in range(16, 32, 4)]))


def stacked(scene: Scene) -> NDArray[np.float64]:
    """The layers laid over each other unmoved."""
    whole = np.zeros(scene.photo.shape, np.float64)
    for layer in scene.layers:
        height, width = layer.rgba.shape[:2]
        box = (slice(layer.top_px, layer.top_px + height), slice(layer.left_px, layer.left_px + width))
        pixels = layer.rgba.astype(np.float64)
        whole[box] = pixels[..., :3] + whole[box] * (1 - pixels[..., 3:] / 255)
    return whole


@pytest.mark.parametrize("name", [*LAYERED, "brick"])
def test_layers_give_the_photo_back(name: str) -> None:
    """Stacked unmoved, the layers are the photo: less than 0.6 levels off, and hardly a pixel off by more than 24."""
    scene = scene_of(name)
    off = np.abs(np.rint(stacked(scene)) - scene.photo)
    assert off.mean() < 0.6
    assert (off.max(axis=2) > 24).mean() < 0.003


@pytest.mark.parametrize("name", LAYERED)
def test_nothing_but_picture_is_behind_the_layers(name: str) -> None:
    """The farthest layer is opaque over the whole picture, and premultiplied colours never exceed their alpha."""
    scene = scene_of(name)
    assert scene.layers[0].size_px == scene.size_px
    assert (scene.layers[0].rgba[..., 3] == 255).all()
    assert all((layer.rgba[..., :3] <= layer.rgba[..., 3:]).all() for layer in scene.layers)


@pytest.mark.parametrize("name", LAYERED)
def test_ordinary_photos_keep_their_layers(name: str) -> None:
    """Photos with a clear subject are trusted, the subject is at 1 and something is well behind it."""
    scene = scene_of(name)
    depths = [layer.plane.inverse_depth(0.5, 0.1) for layer in scene.layers]
    assert scene.trusted
    assert scene.layer("subject").plane.inverse_depth(0.5, 0.5) == pytest.approx(1.0)
    assert min(depths) < 0.65


@pytest.mark.parametrize(("name", "most"), [("grace_hopper", 1.6), ("coffee", 1.5)])
def test_no_outline_stays_behind(name: str, most: float) -> None:
    """The backdrop has no line where the subject ended, though sharpening and compression drew one in the photo."""
    near, far = ridge(scene_of(name))
    assert near < most * far


def test_small_photos_are_enlarged_and_keep_their_shape() -> None:
    """The scene's long side is at least 1280 pixels."""
    assert scene_of("coffee").size_px == (1280, 853)


def test_a_lake_has_its_horizon() -> None:
    """The horizon is within three hundredths of where a person sees it, and the water meets it at infinity."""
    scene = scene_of("china")
    water = next(layer for layer in scene.layers if layer.surface is Surface.WATER)
    assert scene.horizon_y == pytest.approx(0.485, abs=0.03)
    assert scene.horizon_y is not None
    assert water.plane.inverse_depth(0.5, scene.horizon_y) == pytest.approx(0.0, abs=1e-6)
    assert scene.layers[0].surface is Surface.SKY
    assert scene.outdoors


def test_sky_covers_what_a_person_calls_sky() -> None:
    """The top of the lake photo is sky up to its corners, except where the pagoda stands."""
    scene = scene_of("china")
    nearer = np.zeros(scene.photo.shape[:2], np.bool_)
    for layer in scene.layers[1:]:
        height, width = layer.rgba.shape[:2]
        box = (slice(layer.top_px, layer.top_px + height), slice(layer.left_px, layer.left_px + width))
        nearer[box] |= layer.rgba[..., 3] > 127
    assert not nearer[:30].any()
    assert not nearer[: int(0.25 * nearer.shape[0]), int(0.5 * nearer.shape[1]) :].any()
    assert nearer[int(0.55 * nearer.shape[0]) :].mean() > 0.97


def test_a_cup_is_called_cup() -> None:
    """The layer carries the detector's name, and the detection is bound to it."""
    scene = scene_of("coffee")
    subject = scene.layer("subject")
    assert (subject.surface, subject.label) == (Surface.RIGID, "cup")
    assert [thing.layer for thing in scene.objects if thing.label == "cup"] == ["subject"]


def test_a_face_belongs_to_its_person() -> None:
    """The officer's one face is bound to the person layer, lies inside the photo, and draws the eye."""
    scene = scene_of("grace_hopper")
    (face,) = scene.faces
    assert scene.layer(face.layer).surface is Surface.PERSON
    assert face.landmarks.shape == (478, 3)
    assert scene.salience == pytest.approx(face.box.centre)


def test_a_cup_stands_on_its_table() -> None:
    """The table is a true inclined plane that meets the cup where it stands, so that the cup does not slide."""
    scene = scene_of("coffee")
    table, cup = scene.layer("support"), scene.layer("subject")
    assert cup.contact_y is not None
    assert table.surface is Surface.SUPPORT
    assert table.plane.inverse_depth(0.5, cup.contact_y) == pytest.approx(1.0, abs=0.02)


def test_a_wall_is_one_plane() -> None:
    """A texture has nothing to cut out: one layer, and a gate that says so in words."""
    scene = scene_of("brick")
    assert len(scene.layers) == 1
    assert scene.gates
    assert all(gate.words.endswith(".") for gate in scene.gates)


def test_cached_scene_is_the_fresh_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look at a photo reads the file, never the networks, and gives the same scene bit for bit."""
    first = scene_of("coffee")
    monkeypatch.setattr(store, "analyse", lambda *_: first)
    assert scene_room.cached(photo("coffee"), tmp_path) is first
    monkeypatch.delattr(store, "analyse")
    again = scene_room.cached(photo("coffee"), tmp_path)
    assert same(first, again)


def test_the_same_photo_gives_the_same_scene() -> None:
    """Analysing twice gives identical layers: nothing depends on time, threads or chance."""
    assert same(scene_of("grace_hopper"), analyse(photo("grace_hopper")))


def test_the_sheet_shows_photo_depth_and_every_layer() -> None:
    """The sheet is a picture with a cell for the photo, the depth and each layer."""
    scene = scene_of("china")
    sheet = scene_room.picture(scene)
    rows = -(-(len(scene.layers) + 2) // 3)
    assert sheet.dtype == np.uint8
    assert sheet.shape[0] > rows * 560 * scene.size_px[1] / scene.size_px[0]


def same(one: Scene, other: Scene) -> bool:
    """Whether two scenes hold the same values."""
    layers = zip(one.layers, other.layers, strict=True)
    alike = all(
        np.array_equal(a.rgba, b.rgba) and (a.name, a.plane, a.contact_y) == (b.name, b.plane, b.contact_y)
        for a, b in layers
    )
    facts = ("photo_sha256", "horizon_y", "objects", "gates", "tags", "salience", "bokeh", "night", "outdoors")
    return alike and all(getattr(one, fact) == getattr(other, fact) for fact in facts)
