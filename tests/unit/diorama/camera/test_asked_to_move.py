"""The framing keeps a fair share of what the prompt moves, after faces and the subject."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.diorama.camera.asked_to_move import FAIR_SHARE, loss, regions
from stillmotion.diorama.camera.fit import fit
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.scene.records import Face, Layer, Scene, Surface
from stillmotion.diorama.shot.ambient import AMBIENT
from stillmotion.diorama.shot.records import MotionCue, Shot

SIZE = (320, 320)
WHOLE = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)
SKY_END, SEA_START = 0.5, 0.68


def _layer(name: str, surface: Surface, box: tuple[float, float, float, float]) -> Layer:
    x0, y0, x1, y1 = (round(320 * edge) for edge in box)
    pixels = np.full((y1 - y0, x1 - x0, 4), 255, np.uint8)
    plane = Plane(constant=0.5)
    return Layer(name=name, surface=surface, label=name, rgba=pixels, left_px=x0, top_px=y0, plane=plane)


def _scene(*, face: bool = False, wet: bool = True) -> Scene:
    """A square photo: sky, a shore, the sea below; people look at a star high up."""
    layers = [
        _layer("backdrop", Surface.BACKDROP, (0, 0, 1, 1)),
        _layer("sky", Surface.SKY, (0, 0, 1, SKY_END)),
        *([_layer("sea", Surface.WATER, (0, SEA_START, 1, 1))] if wet else []),
    ]
    points = np.zeros((478, 3), np.float32)
    seen = Face(box=Box(x0=0.4, y0=0.05, x1=0.6, y1=0.25), landmarks=points, score=0.9, layer="sky")
    return Scene(
        photo_sha256="0" * 64,
        photo=np.zeros((320, 320, 3), np.uint8),
        layers=tuple(layers),
        horizon_y=None,
        focal=1.0,
        salience=(0.5, 0.3),
        faces=(seen,) if face else (),
    )


def _shot(*cues: MotionCue) -> Shot:
    return Shot(size_px=(1280, 720), framing=WHOLE, motion=cues)


def _cue(verb: str, layer: str | None, words: str = "x") -> MotionCue:
    return MotionCue(verb=verb, subject=verb, layer=layer, words=words, performed=True)


def _rows(framing: Box, low: float, high: float) -> float:
    return max(min(framing.y1, high) - max(framing.y0, low), 0.0)


def test_the_sea_that_moves_stays_in_the_picture() -> None:
    """Waves roll in: the crop goes down to the sea, although people look at the star."""
    still, waves = (fit(_scene(), _shot(*cues)).framing for cues in ((), (_cue("waves", "sea"),)))
    whole = 1.0 - SEA_START
    assert _rows(still, SEA_START, 1.0) < 0.3 * whole
    assert _rows(waves, SEA_START, 1.0) >= (FAIR_SHARE - 0.02) * whole


@pytest.mark.parametrize("verb", ["waves", "ripple"])
def test_water_without_a_layer_lies_below(verb: str) -> None:
    """The photo's layers do not show the sea: the crop then leans towards where seas lie."""
    scene = _scene(wet=False)
    assert fit(scene, _shot(_cue(verb, None))).framing.y1 > fit(scene, _shot()).framing.y1 + 0.05


def test_the_sky_that_moves_stays_in_the_picture() -> None:
    """Clouds drift, and what people look at first lies low."""
    scene = _scene()
    framing = fit(scene, _shot(_cue("clouds", "sky"), _cue("waves", "sea"))).framing
    assert _rows(framing, 0.0, SKY_END) > 0.25 * SKY_END
    assert _rows(framing, SEA_START, 1.0) > 0.25 * (1 - SEA_START)


def test_faces_come_first() -> None:
    """No forehead is cut off for the sake of waves."""
    framing = fit(_scene(face=True), _shot(_cue("waves", "sea"))).framing
    assert framing.y0 <= 0.06


def test_life_of_its_own_does_not_move_the_camera() -> None:
    """Only what the prompt names counts."""
    plain, alive = (fit(_scene(), _shot(*cues)).framing for cues in ((), (_cue("ripple", "sea", AMBIENT),)))
    assert plain == alive


def test_loss_is_measured_against_what_could_be_shown() -> None:
    """A crop that shows 60 % of what the best crop could has lost nothing; one without it has lost all."""
    masks = regions(_scene(), _shot(_cue("waves", "sea")))
    extent = (1.0, 0.5625)
    cover = (1 - SEA_START) * FAIR_SHARE
    fair = Box(x0=0.0, y0=SEA_START + cover - 0.5625, x1=1.0, y1=SEA_START + cover)
    assert loss(masks, fair, extent) == pytest.approx(0.0, abs=0.05)
    assert loss(masks, Box(x0=0.0, y0=0.0, x1=1.0, y1=0.5625), extent) == 1.0
    assert loss((), fair, extent) == 0.0
