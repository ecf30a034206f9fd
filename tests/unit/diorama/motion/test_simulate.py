"""What several solvers contribute is joined without one moving what another has added."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.motion import fit, simulate
from stillmotion.diorama.motion.records import Added, LayerMotion, Part, Stamps, Strokes
from stillmotion.diorama.motion.registry import by_verb
from stillmotion.diorama.motion.simulate import join
from stillmotion.diorama.scene.records import Layer, Surface
from stillmotion.diorama.shot.records import MotionCue
from synthetic import scenes


def prop(name: str, shade: int) -> Added:
    """A small grey square."""
    rgba = np.full((8, 8, 4), shade, np.uint8)
    return Added(
        layer=Layer(name=name, surface=Surface.RIGID, label=name, rgba=rgba, left_px=0, top_px=0, plane=Plane())
    )


class Still:
    """A track that goes nowhere."""

    def matrix(self, time_s: float) -> np.ndarray:
        """See Track."""
        return np.eye(3) * (1.0 + 0.0 * time_s)

    def opacity(self, time_s: float) -> float:
        """See Track."""
        return 1.0 + 0.0 * time_s


def test_things_of_one_name_stay_two_things() -> None:
    """Two solvers add a ball each: both are there, each with its own track."""
    one, two = Still(), Still()
    parts = [
        Part(added=(prop("+ball", shade),), layers=(LayerMotion(layer="+ball", tracks=(track,)),))
        for shade, track in ((100, one), (200, two))
    ]
    motion = join(parts)
    assert len({item.layer.name for item in motion.added}) == 2
    tracks = {item.layer.rgba[0, 0, 0]: motion.layers[item.layer.name].tracks for item in motion.added}
    assert tracks == {100: (one,), 200: (two,)}


def test_what_happens_to_one_layer_adds_up() -> None:
    """A layer of the scene that two solvers move has both movements, in their order."""
    one, two = Still(), Still()
    motion = join([Part(layers=(LayerMotion(layer="cat", tracks=(track,)),)) for track in (one, two)])
    assert motion.layers["cat"].tracks == (one, two)


def test_a_red_and_a_blue_ball_are_two_bodies() -> None:
    """Props of one kind with words of their own have layers and tracks of their own; a pronoun means the last one."""
    scene = scenes.landscape((480, 300))
    cues = (
        MotionCue(verb="fall", subject="red ball", prop="ball", place=(0.7, -0.1)),
        MotionCue(verb="roll", subject="blue ball", prop="ball", place=(-0.1, 0.85), direction="right"),
        MotionCue(verb="settle", subject="it", prop="ball"),
    )
    shot = fit(scene, scenes.shot(motion=cues))
    motion = simulate(scene, shot)
    bodies = [item.layer.name for item in motion.added if "shad" not in item.layer.name]
    assert len(bodies) == len(set(bodies)) == 2
    assert all(len(motion.layers[name].tracks) == 1 for name in bodies)


def test_what_is_placed_in_the_air_falls() -> None:
    """A ball that a Shot puts high above the ground is lower after half a second."""
    scene = scenes.landscape((480, 300))
    cue = MotionCue(verb="fall", subject="ball", prop="ball", place=(0.3, 0.2))
    motion = simulate(scene, fit(scene, scenes.shot(motion=(cue,))))
    (ball,) = [item.layer.name for item in motion.added if "shad" not in item.layer.name]
    (track,) = motion.layers[ball].tracks
    assert (track.matrix(0.6) @ [0.3, 0.2, 1.0])[1] > 0.25


def test_a_direction_that_is_edited_wins_over_the_words() -> None:
    """A ball whose cue says left rolls left, whatever sentence it once came from."""
    scene = scenes.landscape((480, 300))
    cue = MotionCue(
        verb="roll", subject="ball", prop="ball", place=(0.5, 0.9), direction="left", words="rolls in from the left"
    )
    motion = simulate(scene, fit(scene, scenes.shot(motion=(cue,))))
    (ball,) = [item.layer.name for item in motion.added if "shad" not in item.layer.name]
    moved = [(track.matrix(1.5) @ [0.5, 0.9, 1.0])[0] - 0.5 for track in motion.layers[ball].tracks]
    assert moved[0] < -0.02


def test_what_a_side_of_the_photo_cuts_off_stays_where_it_is() -> None:
    """A thing that the left border cuts through does not topple, and the plan says why; another one does."""
    scene = scenes.landscape((480, 300))
    sky, ground, subject = scene.layers
    columns = subject.rgba.shape[1]
    cut = replace(subject, rgba=np.ascontiguousarray(subject.rgba[:, columns // 2 :]), left_px=0)
    for layer, shown in ((cut, False), (subject, True)):
        stage = replace(scene, layers=(sky, ground, layer))
        shot = fit(stage, scenes.shot(motion=(MotionCue(verb="topple", subject="crate", layer="subject"),)))
        assert shot.motion[0].performed is shown
        assert any("left border" in note.words for note in shot.notes) is not shown


EXTREMES = {"least": (0.05, 0.01), "most": (20.0, 20.0)}


@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("verb", sorted(by_verb()))
def test_every_behaviour_survives_the_limits(verb: str, extreme: str) -> None:
    """At the slowest and least and at the fastest and most that a Shot may ask for, everything stays finite."""
    speed, amount = EXTREMES[extreme]
    scene = scenes.landscape((480, 300))
    cues = tuple(
        MotionCue(verb=verb, subject=name, layer=name, speed=speed, amount=amount, start_s=0.5, direction="left")
        for name in ("subject", "ground", "sky")
    )
    motion = simulate(scene, fit(scene, scenes.shot(motion=cues)))
    points = np.random.default_rng(1).random((4, 5, 2)).astype(np.float32)
    for time_s in (0.0, 0.6, 3.9):
        for one in motion.layers.values():
            assert all(np.isfinite(track.matrix(time_s)).all() for track in one.tracks)
            assert all(np.isfinite(warp.source(points, time_s)).all() for warp in one.warps)
            assert all(np.isfinite(part).all() for flow in one.flows for part in flow.sources(points, time_s))
            assert all(np.isfinite(light.factor(points, time_s)).all() for light in one.lights)
        for overlay in motion.overlays:
            drawn = overlay.at(time_s, 1 / 60)
            if isinstance(drawn, Strokes | Stamps):
                assert np.isfinite(drawn.alpha).all()
        assert all(np.isfinite(grade.at(time_s).exposure) for grade in motion.grades)
    assert all(np.isfinite([event.time_s, event.impulse, event.speed]).all() for event in motion.events)
