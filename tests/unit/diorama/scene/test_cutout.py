"""What a shot moves on its own becomes a layer: exact, nothing of it left behind, and the photo stays what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from stillmotion.diorama import scene as scene_room
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.scene import Layer, Scene, Surface, cutout, outline
from stillmotion.errors import ShotInvalid

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SIZE_PX = (480, 320)
RED = (200.0, 30.0, 30.0)
CENTRE, RADIUS = (150.0, 120.0), 30.0
AROUND = Box(x0=0.22, y0=0.24, x1=0.4, y1=0.5)


def textured() -> NDArray[np.float32]:
    """A wall with fine and coarse grain."""
    noise = np.random.default_rng(3)
    wall = np.full((SIZE_PX[1], SIZE_PX[0], 3), (150.0, 155.0, 148.0), np.float32)
    for sigma, amount in ((1.2, 6), (4, 9), (16, 10)):
        grain = cv2.GaussianBlur(noise.standard_normal(wall.shape[:2]).astype(np.float32), (0, 0), sigma)
        wall += (amount * grain / grain.std())[..., None]
    return wall


def disc(centre: tuple[float, float], radius: float) -> NDArray[np.float32]:
    """How much of each pixel a disc covers."""
    y, x = np.mgrid[0 : SIZE_PX[1], 0 : SIZE_PX[0]].astype(np.float32) + np.float32(0.5)
    return np.clip(radius - np.hypot(x - centre[0], y - centre[1]) + 0.5, 0, 1)


def whole(picture: NDArray[np.uint8], name: str, plane: Plane) -> Layer:
    """An opaque layer."""
    opaque = np.full((*picture.shape[:2], 1), 255, np.uint8)
    rgba = np.concatenate([picture, opaque], axis=2)
    return Layer(name=name, surface=Surface.BACKDROP, label=name, rgba=rgba, left_px=0, top_px=0, plane=plane)


def drawn() -> Scene:
    """A red ball on a wall, in one tilted layer with a bump where the ball is."""
    cover = disc(CENTRE, RADIUS)[..., None]
    photo = np.clip(textured() * (1 - cover) + cover * np.array(RED) + 0.5, 0, 255).astype(np.uint8)
    relief = cv2.resize(0.1 * disc(CENTRE, RADIUS), (60, 40), interpolation=cv2.INTER_AREA)
    picture = replace(whole(photo, "picture", Plane(per_y=0.2, constant=0.4)), relief=relief)
    return Scene(photo_sha256="drawn", photo=photo, layers=(picture,), horizon_y=None, focal=1.0)


def two_balls() -> Scene:
    """A wall, and before it one layer with two balls that lie apart."""
    wall = np.clip(textured(), 0, 255).astype(np.uint8)
    cover = np.maximum(disc(CENTRE, RADIUS), disc((330.0, 200.0), 29.0))[..., None]
    rgba = np.concatenate([cover * np.array(RED), cover * 255], axis=2)
    photo = np.clip(wall * (1 - cover) + rgba[..., :3] + 0.5, 0, 255).astype(np.uint8)
    balls = replace(whole(photo, "subject", Plane(constant=1.0)), rgba=(rgba + 0.5).astype(np.uint8))
    return Scene(
        photo_sha256="balls",
        photo=photo,
        layers=(whole(wall, "backdrop", Plane(constant=0.9)), balls),
        horizon_y=None,
        focal=1.0,
    )


def stacked(scene: Scene) -> NDArray[np.float64]:
    """The layers laid over each other unmoved."""
    out = np.zeros(scene.photo.shape)
    for layer in scene.layers:
        width, height = layer.size_px
        box = slice(layer.top_px, layer.top_px + height), slice(layer.left_px, layer.left_px + width)
        pixels = layer.rgba.astype(float)
        out[box] = pixels[..., :3] + out[box] * (1 - pixels[..., 3:] / 255)
    return out


def opacity(scene: Scene, name: str) -> NDArray[np.float64]:
    """The alpha of a layer over the photo, 0..1."""
    layer = scene.layer(name)
    out = np.zeros(scene.photo.shape[:2])
    width, height = layer.size_px
    out[layer.top_px : layer.top_px + height, layer.left_px : layer.left_px + width] = layer.rgba[..., 3] / 255
    return out


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scene, Path]:
    """The ball cut out of the drawn photo by its box, and the cache that knows it."""
    folder = tmp_path_factory.mktemp("cache")
    scene, names = scene_room.with_cutouts(drawn(), (AROUND,), folder)
    assert names == ("cutout",)
    return scene, folder


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network may be asked."""

    def asked(*_: object) -> None:
        message = "a network was asked"
        raise AssertionError(message)

    monkeypatch.setattr(outline.regions, "embed", asked)
    monkeypatch.setattr(cutout, "fill", asked)


def test_a_drawn_ball_is_cut_out_to_the_pixel(cut: tuple[Scene, Path]) -> None:
    """The new layer covers the disc that was drawn: its area to 2 %, no pixel inside missing, none outside solid."""
    scene, _ = cut
    alpha, true = opacity(scene, "cutout"), disc(CENTRE, RADIUS)
    assert alpha.sum() == pytest.approx(true.sum(), rel=0.02)
    assert alpha[disc(CENTRE, RADIUS - 1) == 1].min() > 0.9
    assert alpha[disc(CENTRE, RADIUS + 1) == 0].max() < 0.35


def test_nothing_of_it_stays_behind(cut: tuple[Scene, Path]) -> None:
    """Without the new layer the place looks like the wall around it: no red is left, and the relief has no bump."""
    scene, _ = cut
    wall = scene.layer("picture").rgba[..., :3].astype(float)
    hole = disc(CENTRE, RADIUS + 8) > 0
    redness = wall[..., 0] - wall[..., 1:].mean(axis=2)
    assert redness[hole].max() < 15
    assert wall[hole].mean() == pytest.approx(wall[~hole].mean(), abs=12)
    assert float(np.abs(scene.layer("picture").relief).max()) < 0.02


def test_stacked_unmoved_the_layers_are_the_photo(cut: tuple[Scene, Path]) -> None:
    """Less than half a level off in the mean, nowhere more than three."""
    scene, _ = cut
    off = np.abs(np.rint(stacked(scene)) - scene.photo)
    assert off.mean() < 0.5
    assert off.max() <= 3


def test_it_keeps_its_distance(cut: tuple[Scene, Path]) -> None:
    """It is upright, as far away as the photo was where it ends below, and right in front of what it came from."""
    scene, _ = cut
    plane, contact = scene.layer("cutout").plane, (CENTRE[1] + RADIUS) / SIZE_PX[1]
    assert (plane.per_x, plane.per_y) == (0, 0)
    assert 0.4 + 0.2 * contact - 0.01 <= plane.constant <= 0.5 + 0.2 * contact
    assert scene.layer("cutout").contact_y == pytest.approx(contact, abs=1.5 / SIZE_PX[1])
    assert [layer.name for layer in scene.layers] == ["picture", "cutout"]


@pytest.mark.usefixtures("blind")
def test_the_second_time_comes_from_the_cache(cut: tuple[Scene, Path]) -> None:
    """The same want in the same photo asks no network and gives the same pixels."""
    scene, folder = cut
    again, names = scene_room.with_cutouts(drawn(), (AROUND, AROUND), folder)
    assert names == ("cutout", "cutout")
    for one, other in zip(scene.layers, again.layers, strict=True):
        assert np.array_equal(one.rgba, other.rgba)
        assert one.plane == other.plane


def test_an_outline_is_found_once_for_a_photo(cut: tuple[Scene, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """In another scene of the same photo, with other layers, the segmenter is not asked again."""
    scene, folder = cut
    asked: list[object] = []
    monkeypatch.setattr(outline.regions, "embed", asked.append)
    other = replace(drawn(), layers=(replace(drawn().layers[0], name="wall"),))
    again, names = scene_room.with_cutouts(other, (AROUND,), folder)
    assert names == ("cutout",)
    assert not asked
    assert np.array_equal(again.layer("cutout").rgba, scene.layer("cutout").rgba)


def test_a_point_on_it_names_the_same_layer(cut: tuple[Scene, Path]) -> None:
    """What is already a layer is not cut out twice."""
    scene, folder = cut
    point = (CENTRE[0] / SIZE_PX[0], CENTRE[1] / SIZE_PX[1])
    same, names = scene_room.with_cutouts(scene, (point,), folder)
    assert names == ("cutout",)
    assert same.layers == scene.layers


@pytest.mark.usefixtures("blind")
def test_one_of_two_things_in_a_layer_parts_without_a_network(tmp_path: Path) -> None:
    """Pieces that lie apart are told apart by the layer itself; what is left keeps its name, and no pixel changes."""
    scene = two_balls()
    first, second = AROUND, Box(x0=0.61, y0=0.52, x1=0.76, y1=0.73)
    parted, names = scene_room.with_cutouts(scene, (first, second), tmp_path)
    assert names == ("cutout", "subject")
    assert np.array_equal(stacked(parted), stacked(scene))
    assert opacity(parted, "cutout").sum() == pytest.approx(disc(CENTRE, RADIUS).sum(), rel=0.01)
    assert parted.layer("cutout").plane == scene.layer("subject").plane


@pytest.mark.parametrize("want", [Box(x0=0.6, y0=0.55, x1=0.75, y1=0.8), Box(x0=0.5, y0=0.5, x1=0.502, y1=0.9)])
def test_where_nothing_is_the_shot_is_refused(tmp_path: Path, want: Box) -> None:
    """A box on the bare wall, or too narrow for anything, ends in one sentence that says which box."""
    with pytest.raises(ShotInvalid, match=f"box {want.x0}"):
        scene_room.with_cutouts(drawn(), (want,), tmp_path)
