"""Things that a photo does not have come in, hover, waft and land where the picture lets them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import light, props, shadow
from stillmotion.diorama.motion.flight import Hovering
from stillmotion.diorama.motion.journey import Lob
from stillmotion.diorama.motion.solvers import in_place, rigid, travel
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.shot.records import MotionCue, Shot, World
from synthetic import scenes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.records import Part

WHOLE = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)
LAWN = scenes.landscape((480, 300))
SIZE = (400, 400)


def flat(name: str, surface: Surface, *, per_y: float = 0.0, contact: float | None = None) -> Layer:
    """A layer that fills the lower three quarters, or all that is behind."""
    top = 0 if name != "subject" else SIZE[1] // 4
    return Layer(
        name=name,
        surface=surface,
        label="person" if surface is Surface.PERSON else "picture",
        rgba=np.full((SIZE[1] - top, SIZE[0], 4), 255, np.uint8),
        left_px=0,
        top_px=top,
        plane=Plane(per_y=per_y, constant=1.0 - per_y),
        contact_y=contact,
    )


def portrait() -> Scene:
    """Somebody whose feet are not seen, in front of a wall."""
    layers = (flat("backdrop", Surface.BACKDROP), flat("subject", Surface.PERSON, contact=0.998))
    return Scene(photo_sha256="0", photo=np.full((*SIZE, 3), 90, np.uint8), layers=layers, horizon_y=None, focal=1.0)


def planks() -> Scene:
    """A picture that is all one surface."""
    only = (flat("picture", Surface.BACKDROP, per_y=0.15),)
    return Scene(photo_sha256="0", photo=np.full((*SIZE, 3), 180, np.uint8), layers=only, horizon_y=None, focal=1.0)


def cue(verb: str, prop: str, words: str, **changes: Any) -> MotionCue:
    """A cue for a prop."""
    return MotionCue(verb=verb, subject=prop, prop=prop, words=words, performed=True, **changes)


def stage(scene: Scene, *cues: MotionCue, metres: float = 3.0) -> Stage:
    """Four seconds of some cues."""
    shot: Shot = replace(
        scenes.shot(), framing=WHOLE, duration_s=4, world=World(metres_per_width=metres), motion=tuple(cues)
    )
    return Stage(scene=scene, shot=shot)


def ways(on: Stage, part: Part, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the middle of the first prop is at times, shape (n, 2)."""
    one = next(one.layer for one in part.added if "shadow" not in one.layer.name and "shading" not in one.layer.name)
    (track,) = next(motion.tracks for motion in part.layers if motion.layer == one.name)
    wide, tall = one.size_px
    width, height = on.scene.size_px
    middle = np.array([(one.left_px + wide / 2) / width, (one.top_px + tall / 2) / height, 1.0])
    seen = np.array([track.matrix(float(time)) @ middle for time in times])
    return np.asarray(seen[:, :2] / seen[:, 2:], np.float64)


TIMES = np.arange(0, 4, 1 / 30)


class TestArrivals:
    """What comes in from a side."""

    @pytest.mark.parametrize(("side", "place"), [("left", (-0.08, 0.85)), ("right", (1.08, 0.85))])
    def test_a_ball_bounces_in_and_stays(self, side: str, place: tuple[float, float]) -> None:
        """It begins outside, hops several times, and comes to rest inside, beside what the picture shows."""
        one = cue("bounce", "ball", f"a ball bounces into the frame from the {side}", place=place)
        on = stage(LAWN, one)
        way = ways(on, rigid.perform(on, (one,)), TIMES)
        assert not 0 < way[0, 0] < 1
        assert 0.1 < way[-1, 0] < 0.9
        assert abs(way[-1, 0] - on.scene.salience[0]) > 0.15
        assert np.abs(way[-1] - way[-10]).max() < 0.002
        rising = np.diff(way[:, 1]) < -0.002
        assert (np.diff(rising.astype(int)) == 1).sum() + int(rising[0]) >= 2

    def test_a_ball_that_rolls_in_and_stops_stops_in_the_picture(self) -> None:
        """It slows down and comes to rest, and does not roll out on the other side."""
        cues = (cue("roll", "ball", "a ball rolls in from the left", direction="right"), cue("settle", "ball", "stops"))
        on = stage(LAWN, *cues)
        way = ways(on, rigid.perform(on, cues), TIMES)
        assert way[0, 0] < 0
        assert 0.1 < way[-1, 0] < 0.9
        assert np.all(np.diff(way[:, 0]) > -1e-4)
        assert way[-1, 0] - way[-15, 0] < 0.003

    def test_what_bounces_past_goes_from_side_to_side(self) -> None:
        """Past somebody means from outside to outside, and nothing that fills the picture throws it back."""
        one = cue("bounce", "tennis ball", "a tennis ball bounces past the person", target="subject")
        on = stage(portrait(), one)
        way = ways(on, rigid.perform(on, (one,)), TIMES)
        assert way[0, 0] < 0
        assert way[-1, 0] > 0.9
        assert np.diff(way[:, 0]).min() > 0


class TestLanding:
    """Where things from above come down."""

    def test_without_a_floor_a_ball_leaves_the_picture_below(self) -> None:
        """In front of a person cut off by the border it falls through the lower border."""
        one = cue("fall", "ball", "a ball falls", direction="down")
        on = stage(portrait(), one)
        assert ways(on, rigid.perform(on, (one,)), TIMES)[:, 1].max() > 1.0

    def test_a_floor_that_is_named_is_there(self) -> None:
        """When the words speak of the ground it lands inside the picture."""
        one = cue("fall", "ball", "a ball falls to the ground", direction="down")
        on = stage(portrait(), one)
        assert ways(on, rigid.perform(on, (one,)), TIMES)[:, 1].max() < 0.98

    def test_a_picture_of_one_surface_is_looked_down_on(self) -> None:
        """A die comes to rest well inside the picture, upright."""
        one = cue("fall", "die", "a die falls", direction="down")
        on = stage(planks(), one, metres=0.5)
        part = rigid.perform(on, (one,))
        assert 0.4 < ways(on, part, TIMES)[-1, 1] < 0.75
        turned = part.layers[0].tracks[0].matrix(3.9)
        assert abs(turned[0, 1]) < 0.02


class TestLightThings:
    """What the air carries."""

    @pytest.mark.parametrize("verb", ["float", "fall"])
    def test_a_feather_comes_down_in_swings(self, verb: str) -> None:
        """It sinks from above the picture to below it, much slower than a stone, from side to side."""
        one = cue(verb, "feather", "a feather floats down", direction="down")
        on = stage(portrait(), one)
        solver = in_place if verb == "float" else rigid
        way = ways(on, solver.perform(on, (one,)), TIMES)
        assert way[0, 1] < 0.05
        assert way[-1, 1] > 0.9
        assert np.diff(way[:, 1]).max() < 0.03
        turns = np.diff(np.sign(np.diff(way[:, 0])))
        assert (turns != 0).sum() >= 2

    def test_a_bee_hovers_with_beating_wings(self) -> None:
        """It stays in the picture around its place, looks where it goes, and a frame alone is the same."""
        one = cue("float", "bee", "a bee hovers around the flower")
        (overlay,) = in_place.perform(stage(LAWN, one), (one,)).overlays
        drawn = [overlay.at(float(time), 0.0) for time in TIMES]
        places = np.array([stamps.places[0, :2] for stamps in drawn if stamps is not None])  # type: ignore[union-attr]
        assert len(places) == len(TIMES)
        assert places.min() > 0
        assert places.max() < 1
        assert np.ptp(places[:, 0]) > 0.1
        assert len({int(stamps.which[0]) for stamps in drawn if stamps is not None}) > 2  # type: ignore[union-attr]
        again = overlay.at(float(TIMES[40]), 0.0)
        assert np.array_equal(again.places, drawn[40].places)  # type: ignore[union-attr]

    def test_what_hovers_later_flies_in(self) -> None:
        """Before its time it is outside, and it does not jump."""
        way = Hovering(middle=(0.5, 0.5), reach=(0.1, 0.1), wide=0.06, aspect=0.6, start_s=1.0, pace=1.0, phase=0.3)
        seen = np.array([way.place(float(time))[0] for time in np.arange(0.5, 4, 1 / 60)])
        assert not 0 < seen[0] < 1
        assert 0.2 < seen[-1] < 0.8


class TestLob:
    """A throw into a cup."""

    def test_it_goes_up_and_into_the_opening(self) -> None:
        """Start, apex and end are met, with the constant acceleration of a throw, and then it is gone."""
        lob = Lob(
            rest=(-0.1, 0.4), end=(0.5, 0.5), apex=0.1, start_s=1.0, lasts_s=1.5, turns=0.5, grows=0.8, aspect=0.6
        )
        places = np.array([lob.place(float(time))[:2] for time in np.linspace(1.0, 2.5, 61)])
        assert places[0] == pytest.approx((-0.1, 0.4))
        assert places[-1] == pytest.approx((0.5, 0.5))
        assert places[:, 1].min() == pytest.approx(0.1, abs=1e-3)
        assert np.ptp(np.diff(places[:, 1], 2)) < 1e-9
        assert (lob.opacity(2.0), lob.opacity(2.6)) == (1.0, 0.0)

    def test_flying_into_something_is_a_throw(self) -> None:
        """A marble that flies into a cup ends there, and the place where it enters is told."""
        one = cue("fly", "marble", "a marble flies into the cup", target="subject", target_point=(0.5, 0.6))
        part = travel.perform(stage(LAWN, one), (one,))
        (hit,) = part.events
        assert (hit.kind, hit.x, hit.y) == ("contact", 0.5, 0.6)


def test_a_box_stands_in_its_shadow() -> None:
    """Below both slanting lower edges of a box the ground is dark, not only below its nearest corner."""
    picture = props.KNOWN["crate"].draw(80, light.of(LAWN), 1)
    tall = picture.shape[0]
    crate = Layer(
        name="crate",
        surface=Surface.RIGID,
        label="crate",
        rgba=picture,
        left_px=200,
        top_px=240 - tall,
        plane=Plane(constant=1.0),
        contact_y=0.8,
    )

    class Still:
        """It does not move."""

        def matrix(self, _time_s: float) -> NDArray[np.float64]:
            """No change."""
            return np.eye(3)

        def opacity(self, _time_s: float) -> float:
            """It is there."""
            return 1.0

    under = shadow.cast(stage(LAWN), crate, Still()).added[0].layer
    solid = picture[..., 3] > 100
    for column in (8, 70):
        lowest = tall - 1 - int(np.argmax(solid[::-1, column]))
        row, across = crate.top_px + lowest + 1 - under.top_px, crate.left_px + column - under.left_px
        assert under.rgba[row, across, 3] > 90
