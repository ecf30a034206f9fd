"""Ways without contact: physics of the pace, perspective, direction, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion import manners
from stillmotion.diorama.motion.journey import Cruise, Journey, Pull, View
from stillmotion.diorama.motion.records import Stamps
from stillmotion.diorama.motion.solvers import travel
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.shot.records import MotionCue, World
from synthetic import scenes

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.motion.records import Track
    from stillmotion.diorama.scene.records import Scene

PLAIN = scenes.landscape((480, 300))
SCENE = replace(PLAIN, layers=(*PLAIN.layers[:2], replace(PLAIN.layers[2], surface=Surface.RIGID, label="rocket")))
WHOLE = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)


def stage_of(*cues: MotionCue, scene: Scene = SCENE, seconds: int = 4) -> Stage:
    """A stage with cues that are performed."""
    shot = replace(
        scenes.shot(),
        framing=WHOLE,
        duration_s=seconds,
        world=World(metres_per_width=6.0),
        motion=tuple(replace(cue, performed=True) for cue in cues),
    )
    return Stage(scene=scene, shot=shot)


def tracks_of(*cues: MotionCue) -> dict[str, Any]:
    """The track of each layer that some cues move."""
    part = travel.perform(stage_of(*cues), cues)
    return {one.layer: one.tracks[0] for one in part.layers}


def centre(track: Track, time_s: float, at: tuple[float, float] = (0.5, 0.6)) -> Matrix:
    """Where a point is at a time."""
    x, y, w = track.matrix(time_s) @ (*at, 1.0)
    return np.array([x / w, y / w])


def own(verb: str, **changes: Any) -> MotionCue:
    """A cue for the subject of the photo."""
    return MotionCue(verb=verb, subject="rocket", layer="subject", **changes)


def guest(verb: str, prop: str, **changes: Any) -> MotionCue:
    """A cue for a prop."""
    return MotionCue(verb=verb, subject=prop, prop=prop, **changes)


def test_a_lift_off_has_constant_acceleration_from_rest() -> None:
    """The height of a rocket is a parabola in time that starts with no speed."""
    track = replace(tracks_of(own("rise"))["subject"], wobbles=())
    times = np.linspace(0, 2, 21)
    heights = np.array([-centre(track, float(time))[1] for time in times])
    second = np.diff(heights, 2)
    assert second.min() > 0
    assert np.ptp(second) < 1e-6 * 21 + 0.01 * second.mean()
    assert abs(heights[1] - heights[0]) < 0.02 * (heights[-1] - heights[0])


def test_nothing_moves_before_its_cue() -> None:
    """Until the cue starts, the layer is exactly where the photo has it."""
    track = tracks_of(own("fly", start_s=1.5, direction="up right"))["subject"]
    assert np.abs(track.matrix(0.0) - np.eye(3)).max() < 1e-9
    assert np.abs(track.matrix(1.5) - np.eye(3)).max() < 1e-9
    assert np.abs(track.matrix(3.0) - np.eye(3)).max() > 0.05


@pytest.mark.parametrize(
    ("direction", "signs"), [("up right", (1, -1)), ("up left", (-1, -1)), ("down right", (1, 1)), ("left", (-1, -1))]
)
def test_flight_goes_where_the_words_say(direction: str, signs: tuple[int, int]) -> None:
    """Right is right, up is up."""
    track = replace(tracks_of(own("fly", direction=direction))["subject"], wobbles=())
    moved = centre(track, 2.5) - centre(track, 0.0)
    assert moved[0] * signs[0] > 0.02
    assert moved[1] * signs[1] > 0.005


def test_out_of_the_frame_means_gone_by_the_end() -> None:
    """Words that want it gone are kept within the shot."""
    cue = own("fly", direction="up right", words="the ladybird flies out of the frame to the top right")
    track = tracks_of(cue)["subject"]
    layer = SCENE.layers[2]
    left, bottom = layer.left_px / 480, (layer.top_px + layer.size_px[1]) / 300
    x, y = centre(track, 4.0, (left, bottom))
    assert x > 1.0 or y < 0.0


def test_speed_words_make_it_quicker() -> None:
    """Fast is sooner than slow."""
    slow, fast = (tracks_of(own("drive", direction="right", speed=speed))["subject"] for speed in (0.6, 1.6))
    assert centre(fast, 1.0)[0] - 0.5 > 1.5 * (centre(slow, 1.0)[0] - 0.5)


def test_what_drives_away_shrinks_as_a_camera_sees_it() -> None:
    """Sizes go with inverse distance, and the foot stays on the ground plane all the way to the horizon."""
    view = View(x=0.3, y=0.84, horizon=0.42, q=1.0, metres_per_width=6.0, focal=1.0, aspect=0.625)
    journey = Journey(view=view, pace=Cruise(start_s=0.0, speed=6.0), heading=(0.0, 0.0, 1.0), start_s=0.0)
    for time_s, larger in ((0.0, 1.0), (1.0, 0.5), (2.0, 1 / 3), (9.0, 0.1)):
        x, y, seen, _ = journey.place(time_s)
        assert seen == pytest.approx(larger)
        assert (y - 0.42) / (0.84 - 0.42) == pytest.approx(larger)
        assert (x - 0.5) / (0.3 - 0.5) == pytest.approx(larger)
        assert np.sqrt(np.linalg.det(journey.matrix(time_s)[:2, :2])) == pytest.approx(larger)


def test_a_car_that_drives_by_has_a_constant_speed_and_goes_from_outside_to_outside() -> None:
    """Equal steps in equal times; neither the first nor the last frame of its way shows it."""
    cue = guest("drive", "car", words="a car drives by from left to right", direction="right")
    stage = stage_of(cue)
    part = travel.perform(stage, (cue,))
    car = part.added[-1].layer
    track = next(one.tracks[0] for one in part.layers if one.layer == car.name)
    track = replace(track, wobbles=())
    left = np.array([centre(track, time, (car.left_px / 480, 0.8))[0] for time in (0.0, 0.5, 1.0, 1.5, 4.0)])
    assert np.diff(left[:4]) == pytest.approx(np.full(3, left[1] - left[0]))
    assert left[0] + car.size_px[0] / 480 <= 0.03
    assert left[-1] >= 0.99
    names = [one.layer.label for one in part.added]
    assert names == ["shadow", "car"]


def test_a_car_that_comes_from_the_right_faces_left() -> None:
    """Its picture is mirrored, so that it does not drive backwards."""
    there, back = (
        travel.perform(stage_of(cue), (cue,)).added[-1].layer.rgba
        for cue in (
            guest("drive", "car", words="from left to right", direction="right"),
            guest("drive", "car", words="from right to left", direction="left"),
        )
    )
    assert np.array_equal(there, back[:, ::-1])


def test_what_only_moves_aside_comes_to_rest_in_the_picture() -> None:
    """From rest to rest, to the side that was said, without a jump in speed."""
    plain = replace(SCENE, layers=(*SCENE.layers[:2], replace(SCENE.layers[2], label="vase")))
    cue = MotionCue(verb="move", subject="vase", layer="subject", direction="left")
    track = travel.perform(stage_of(cue, scene=plain), (cue,)).layers[0].tracks[0]
    path = np.array([centre(track, time_s)[0] for time_s in np.arange(0, 4, 0.05)])
    assert -0.4 < path[-1] - path[0] < -0.02
    assert path[-1] == pytest.approx(path[-10])
    assert np.abs(np.diff(path, 2)).max() < 0.002


def test_a_kite_stays_in_the_air_where_it_is() -> None:
    """It sways about its place and is in the picture all the time."""
    cue = guest("fly", "kite", words="a kite flies")
    part = travel.perform(stage_of(cue), (cue,))
    layer = part.added[-1].layer
    middle = ((layer.left_px + layer.size_px[0] / 2) / 480, (layer.top_px + layer.size_px[1] / 2) / 300)
    path = np.array([centre(part.layers[0].tracks[0], time_s, middle) for time_s in np.arange(0, 4, 0.1)])
    assert path.min() > 0
    assert path.max() < 1
    assert 0.01 < np.ptp(path[:, 0]) < 0.3


def test_a_drawn_car_comes_nearer_at_a_slant() -> None:
    """It is drawn from the side, so it crosses the picture while it grows."""
    cue = guest("drive", "car", words="a car drives towards the camera", direction="in")
    car = travel.perform(stage_of(cue), (cue,))
    track = next(one.tracks[0] for one in car.layers if one.layer == car.added[-1].layer.name)
    sizes = [np.sqrt(np.linalg.det(track.matrix(time_s)[:2, :2])) for time_s in (0.0, 1.0, 2.0)]
    assert sizes[0] < sizes[1] < sizes[2]
    assert centre(track, 2.0)[0] > centre(track, 0.0)[0] + 0.3


def test_a_boat_rocks_and_is_mirrored_in_the_water() -> None:
    """It turns a little about its foot all the time, and its image travels with it."""
    cue = guest("sail", "sailing boat", words="a boat sails from left to right", direction="right")
    part = travel.perform(stage_of(cue), (cue,))
    assert [one.layer.label for one in part.added] == ["reflection", "sailing boat"]
    track = part.layers[0].tracks[0]
    turns = [np.degrees(np.arctan2(track.matrix(t)[1, 0] * 0.625, track.matrix(t)[0, 0])) for t in np.arange(0, 4, 0.2)]
    assert 0.3 < max(turns) - min(turns) < 6


def test_birds_beat_their_wings_and_a_frame_alone_is_the_same() -> None:
    """Several poses are shown; what is shown depends on the time only."""
    cue = guest("fly", "bird", words="five birds fly past", direction="right", count=5)
    flock = travel.perform(stage_of(cue), (cue,)).overlays[0]
    shown = [flock.at(time_s, 0.01) for time_s in np.arange(0, 3, 0.05)]
    assert len({int(one.which[0]) for one in shown}) >= 4
    assert all(isinstance(one, Stamps) and one.places.shape == (5, 3) for one in shown)
    again = flock.at(1.0, 0.01)
    assert np.array_equal(again.places, shown[20].places)
    assert (np.diff([one.places[0, 0] for one in shown]) > 0).mean() > 0.9


def test_lifting_off_and_then_flying_away_is_one_way() -> None:
    """The first movement is small and goes on; there is no jump where the second begins."""
    cues = (own("rise", end_s=2.0), own("fly", start_s=2.0, direction="up right"))
    part = travel.perform(stage_of(*cues), cues)
    tracks = [one.tracks[0] for one in part.layers if one.layer == "subject"]
    path = [centre(tracks[0], t, centre(tracks[1], t)) for t in np.arange(0, 4, 1 / 30)]
    way = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert 0.005 < np.linalg.norm(path[60] - path[0]) < 0.25
    assert np.abs(np.diff(way)).max() < 0.02


def test_the_place_itself_does_not_travel() -> None:
    """Sky, ground and what fills the picture are refused in words; a thing in it is not."""
    stage = stage_of(scene=SCENE)
    for name in ("sky", "ground"):
        said = travel.refusal(stage, MotionCue(verb="move", subject=name, layer=name))
        assert said is not None
        assert name in said
    assert travel.refusal(stage, own("fly")) is None
    assert travel.refusal(stage, guest("fly", "bird")) is None
    assert travel.refusal(stage, guest("fly", "piano")) is not None
    whole = scenes.single((480, 300))
    assert travel.refusal(stage_of(scene=whole), MotionCue(verb="fly", subject="it", layer="photo")) is not None


def test_what_the_border_cuts_does_not_show_its_cut() -> None:
    """A subject that the lower border cuts may not rise; the living do not glide."""
    portrait = scenes.portrait((480, 300))
    subject = replace(portrait.layers[1], surface=Surface.RIGID)
    cut = stage_of(scene=replace(portrait, layers=(portrait.layers[0], subject)))
    said = travel.refusal(cut, own("rise"))
    assert said is not None
    assert "bottom border" in said
    assert "walk" in str(travel.refusal(stage_of(scene=PLAIN), own("move", direction="left")))


def test_events_tell_when_something_passes() -> None:
    """A span for as long as it is in the picture, and the moment in its middle, with the speed."""
    cue = guest("drive", "car", words="a car drives by from left to right", direction="right")
    span, passing = travel.perform(stage_of(cue), (cue,)).events
    assert (span.kind, passing.kind) == ("drive", "pass")
    assert 0 < span.duration_s <= 4
    assert passing.x == pytest.approx(0.5, abs=0.05)
    assert passing.speed > 0.5


def test_a_pull_reaches_its_top_speed_and_keeps_it() -> None:
    """Distance is the integral of the speed."""
    pull = Pull(start_s=1.0, acceleration=2.0, top=3.0)
    times = np.linspace(0, 5, 5001)
    integral = np.trapezoid([pull.speed_m_s(float(t)) for t in times], times)
    assert pull.distance_m(5.0) == pytest.approx(integral, rel=1e-3)
    assert pull.speed_m_s(9.0) == 3.0


def test_headings_are_unit_vectors_and_honour_the_frame() -> None:
    """Out of the frame is no way into depth."""
    away = manners.heading(own("drive", direction="out", words="the car drives away"), "car")
    flat = manners.heading(own("fly", direction="out", words="it flies out of the frame"), "bird")
    assert away[2] > 0.9
    assert flat[2] == 0
    assert np.linalg.norm(away) == pytest.approx(1)
    assert np.linalg.norm(flat) == pytest.approx(1)


def test_what_leaves_its_place_throws_no_shadow_before_it_has_left() -> None:
    """The photo shows its own shadow; ours comes up as it goes, and the thing does not swing on its way up."""
    cue = own("move", direction="right", words="the thing moves to the right")
    chest = replace(SCENE.layers[2], label="chest", contact_y=0.8)
    part = travel.perform(stage_of(cue, scene=replace(SCENE, layers=(*SCENE.layers[:2], chest))), (cue,))
    under = next(one.tracks[0] for one in part.layers if "shadow" in one.layer)
    assert under.opacity(0.0) == pytest.approx(0.0, abs=1e-6)
    assert under.opacity(3.9) > 0.1
    assert manners.of(guest("rise", "marble"), "cup", Surface.RIGID).sways < 0.1
