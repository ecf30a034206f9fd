"""Light that fades, shifts and flickers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama.motion.records import Part, Veil
from stillmotion.diorama.motion.solvers import dusk, flicker, light
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.render import tone
from stillmotion.diorama.shot.records import MotionCue
from synthetic import scenes

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene

TIMES = np.arange(0, 4.001, 1 / 30)


def perform(module: object, words: str, scene: Scene | None = None, **changes: object) -> Part:
    """What a cue makes happen over a landscape."""
    verb = module.VERBS[0]  # type: ignore[attr-defined]
    cue = MotionCue(verb=verb, subject="", words=words, performed=True, **changes)  # type: ignore[arg-type]
    stage = Stage(scene=scene or scenes.landscape((480, 300)), shot=scenes.shot())
    return module.perform(stage, (cue,))  # type: ignore[attr-defined, no-any-return]


def points() -> np.ndarray:
    """A grid over the photo, photo coordinates."""
    return np.stack(np.meshgrid(np.linspace(0, 1, 48), np.linspace(0, 1, 30)), axis=-1).astype(np.float32)


def test_dusk_gets_darker_and_never_lighter() -> None:
    """Exposure falls monotonically from the photo's own to less than half, and the end is bluer than the start."""
    (grade,) = perform(dusk, "Dusk falls").grades
    tones = [grade.at(float(time_s)) for time_s in TIMES]
    exposures = np.array([tone.exposure for tone in tones])
    assert exposures[0] == 1.0
    assert (np.diff(exposures) <= 1e-9).all()
    assert 0.3 < exposures[-1] < 0.5
    assert tones[0].warmth == pytest.approx(0.0)
    assert tones[-1].warmth < -0.1
    assert max(tone.warmth for tone in tones) > 0.02


def test_night_is_darker_than_dusk_and_dawn_is_dusk_backwards() -> None:
    """Words decide how dark it gets and which way it goes."""
    (fall,), (night,), (dawn,) = (perform(dusk, words).grades for words in ("Dusk falls", "Night falls", "Sun rises"))
    assert night.at(4.0).exposure < fall.at(4.0).exposure
    assert dawn.at(0.0).exposure == pytest.approx(fall.at(4.0).exposure)
    assert dawn.at(4.0).exposure == 1.0


def test_dusk_keeps_to_its_cue() -> None:
    """Before the cue nothing changes, after it nothing more."""
    (grade,) = perform(dusk, "Dusk falls", start_s=1.0, end_s=3.0).grades
    assert grade.at(0.9).exposure == 1.0
    assert grade.at(3.0) == grade.at(4.0)
    assert grade.at(2.0).exposure == pytest.approx((grade.at(3.0).exposure) ** 0.5)


def test_a_slight_flicker_is_slight() -> None:
    """Old film: the whole picture by a few per cent about its own light, fast, and no layer by itself."""
    part = perform(flicker, "Old film look, slight flicker", amount=0.5)
    (grade,) = part.grades
    exposures = np.array([grade.at(float(time_s)).exposure for time_s in TIMES])
    assert part.layers == ()
    assert 0.003 < exposures.std() < 0.03
    assert abs(exposures.mean() - 1) < 0.01
    assert (np.diff(np.sign(exposures - 1)) != 0).sum() > 10


def test_lamps_flicker_where_they_are() -> None:
    """A lamp in a dark photo gets brighter and dimmer, and so does its surrounding, but not the far side."""
    dark = scenes.landscape((480, 300))
    photo = (dark.photo // 5).astype(np.uint8)
    photo[60:80, 100:120] = (255, 214, 150)
    part = perform(flicker, "The lights flicker", replace(dark, photo=photo))
    sky = next(one for one in part.layers if one.layer == "sky")
    factors = np.array([sky.lights[0].factor(points(), float(time_s)) for time_s in TIMES[::4]])
    spread = factors[..., 1].std(axis=0)
    assert spread[7, 11] > 0.05
    assert spread[25, 45] < 0.01


def test_rays_add_light_slowly() -> None:
    """Sun rays only brighten, and change little from frame to frame."""
    (rays,) = perform(light, "Sun rays move").overlays
    one, two, later = (rays.at(time_s, 1 / 60) for time_s in (1.0, 1.0 + 1 / 30, 3.0))
    assert isinstance(one, Veil)
    assert isinstance(two, Veil)
    assert isinstance(later, Veil)
    assert one.rgba[..., 3].max() == 0
    assert one.rgba.max() > 8
    assert np.abs(one.rgba.astype(int) - two.rgba).max() <= 4
    assert np.abs(one.rgba.astype(int) - later.rgba).max() > 4


@pytest.mark.parametrize(("direction", "sign"), [("left", -1), ("right", 1)])
def test_shadows_of_clouds_cross_the_ground(direction: str, sign: int) -> None:
    """The pattern travels to the side that the cue says, and the sky has no shadow."""
    part = perform(light, "Shadows drift", direction=direction)
    assert {one.layer for one in part.layers} == {"ground", "subject"}
    shade = part.layers[0].lights[0]
    grid = points()
    moved = grid.copy()
    moved[..., 0] += np.float32(sign * 0.05)
    np.testing.assert_allclose(shade.factor(grid, 1.0)[10:20], shade.factor(moved, 2.0)[10:20], atol=0.03)
    assert shade.factor(grid, 1.0).std() > 0.03


def test_lamps_stay_bright_as_it_gets_dark() -> None:
    """Where fireflies glow the brightest places keep their light; a pale sky goes dark with the day."""
    (plain,) = perform(dusk, "Dusk falls").grades
    assert plain.at(4.0).lamps == 0
    cues = tuple(MotionCue(verb=verb, subject="", words=verb, performed=True) for verb in ("dusk", "fireflies"))
    scene = scenes.landscape((480, 300))
    dim = replace(scene, photo=(scene.photo // 2).astype(np.uint8))
    stage = Stage(scene=dim, shot=replace(scenes.shot(), motion=cues))
    (grade,) = dusk.perform(stage, cues[:1]).grades
    picture = np.zeros((2, 2, 4), np.uint8)
    picture[..., :3] = np.array([[100, 200], [245, 255]])[..., None]
    night = picture.copy()
    tone.on_rgba(night, tone.numbers(replace(grade.at(4.0), warmth=0.0)))
    assert night[0, 0, 1] < 0.5 * picture[0, 0, 1]
    assert night[0, 1, 1] < 0.5 * picture[0, 1, 1]
    assert night[1, 1, 1] > 240
