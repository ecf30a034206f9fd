"""What motion looks like in frames: layers bend, flow, travel and are lit; things are drawn between them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from stillmotion.diorama import camera
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion.records import Added, LayerMotion, Motion, Stamps, Strokes, Tone, Veil
from stillmotion.diorama.render.frames import ShotFrames
from stillmotion.diorama.scene.records import Layer, Surface
from stillmotion.diorama.shot.records import CameraMove, Direction, Look, MoveKind
from synthetic import scenes

SIZE = (640, 360)
SMALL = (960, 600)
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Shift:
    """Everything in the layer sits further right by an amount that grows with time."""

    per_s: float
    step_px: int = 8

    @property
    def reach(self) -> float:
        """See Warp."""
        return abs(self.per_s) * 4.0

    def source(self, points: Floats, time_s: float) -> Floats:
        """See Warp."""
        return points - np.array([self.per_s * time_s, 0.0], np.float32)


@dataclass(frozen=True)
class Drift:
    """Two copies that drift right, half a cycle of one second apart, over the whole layer."""

    per_s: float = 0.05
    step_px: int = 8
    reach: float = 0.05

    def sources(self, points: Floats, time_s: float) -> tuple[Floats, Floats, Floats, Floats]:
        """See Flow."""
        one, two = time_s % 1.0 - 0.5, (time_s + 0.5) % 1.0 - 0.5
        weight = np.full(points.shape[:2], 2 * abs(one), np.float32)
        away = np.array([self.per_s, 0.0], np.float32)
        return points - away * one, points - away * two, weight, np.ones(points.shape[:2], np.float32)


@dataclass(frozen=True)
class Dim:
    """Half the light."""

    step_px: int = 8

    def factor(self, points: Floats, time_s: float) -> Floats:  # noqa: ARG002 - the protocol's
        """See Light."""
        return np.full((*points.shape[:2], 3), 0.5, np.float32)


@dataclass(frozen=True)
class Ride:
    """Travels to the right at a constant speed, in photo widths a second."""

    per_s: float
    seen: float = 1.0

    def matrix(self, time_s: float) -> NDArray[np.float64]:
        """See Track."""
        return np.array([[1.0, 0.0, self.per_s * time_s], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])

    def opacity(self, time_s: float) -> float:  # noqa: ARG002 - the protocol's
        """See Track."""
        return self.seen


@dataclass(frozen=True)
class Raise:
    """Stands higher than at rest, in photo heights."""

    by: float

    def matrix(self, time_s: float) -> NDArray[np.float64]:
        """See Track."""
        return np.array([[1.0, 0.0, 0.0], [0.0, 1.0, -self.by + 0.0 * time_s], [0.0, 0.0, 1.0]])

    def opacity(self, time_s: float) -> float:
        """See Track."""
        return 1.0 + 0.0 * time_s


@dataclass(frozen=True)
class Drawn:
    """The same picture at all times."""

    what: Strokes | Stamps | Veil
    before: str | None = None

    def at(self, time_s: float, shutter_s: float) -> Strokes | Stamps | Veil | None:  # noqa: ARG002 - the protocol's
        """See Overlay."""
        return self.what


@dataclass(frozen=True)
class Toned:
    """One tone at all times."""

    tone: Tone

    def at(self, time_s: float) -> Tone:  # noqa: ARG002 - the protocol's
        """See Grade."""
        return self.tone


@dataclass(frozen=True)
class Lift:
    """Everything in the layer sits 0.01 photo heights higher."""

    reach: float = 0.02
    step_px: int = 8

    def source(self, points: Floats, time_s: float) -> Floats:  # noqa: ARG002 - the protocol's
        """See Warp."""
        return points + np.array([0.0, 0.01], np.float32)


LIFTED = Motion(layers={"subject": LayerMotion(layer="subject", warps=(Lift(),))})


def film(motion: Motion, *moves: CameraMove) -> ShotFrames:
    """A clean film of a portrait: a subject before a backdrop."""
    scene = scenes.portrait(SMALL)
    shot = camera.fit(scene, scenes.shot(*moves, size_px=SIZE))
    return ShotFrames(scene, shot, camera.path(scene, shot), motion)


def still() -> NDArray[np.uint8]:
    """The first frame of a film in which nothing moves."""
    return film(Motion()).rgb(0)


def of(name: str, **parts: object) -> Motion:
    """One layer's motion."""
    return Motion(layers={name: LayerMotion(layer=name, **parts)})  # type: ignore[arg-type]


def strokes(x: float, y: float, q: float, **changes: object) -> Strokes:
    """One red dot, 0.02 of the photo's width in radius."""
    place = np.array([[x, y, q]], np.float32)
    given = {"radius": np.array([0.02], np.float32), "colour": np.array([[255, 0, 0]], np.float32)}
    return Strokes(heads=place, tails=place, alpha=np.array([1.0], np.float32), **(given | changes))  # type: ignore[arg-type]


def middle(change: NDArray[np.int_]) -> NDArray[np.float64]:
    """The centre of what differs: x, y in pixels."""
    weight = (np.abs(change).max(axis=2) > 20).astype(float)
    rows, columns = np.indices(weight.shape) + 0.5
    return np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()


def test_a_warp_moves_a_layer_by_what_it_says() -> None:
    """A backdrop that is shifted by 0.01 photo widths a second shows that shift after two seconds."""
    first, later = still(), film(of("backdrop", warps=(Shift(0.01),))).rgb(60)
    shift = cv2.phaseCorrelate(*(cv2.cvtColor(f, cv2.COLOR_RGB2GRAY)[:, :160].astype(float) for f in (first, later)))[0]
    scale = 640 / camera.fit(scenes.portrait(SMALL), scenes.shot(size_px=SIZE)).framing.width
    assert shift[0] == pytest.approx(0.02 * scale, abs=0.4)


def test_a_warp_of_nothing_changes_nothing() -> None:
    """The path of moving layers shows the still layer where nothing moves, within rounding."""
    for name in ("backdrop", "subject"):
        picture = film(of(name, warps=(Shift(0.0),))).rgb(30)
        assert np.abs(picture.astype(int) - still()).max() <= 3


def test_bending_bares_nothing_where_the_photo_cuts_a_layer_off() -> None:
    """A subject that the bottom of the photo cuts is shifted up by a warp; its border repeats, no backdrop shows."""
    scene = scenes.portrait(SMALL)
    shot = replace(scenes.shot(size_px=SIZE), framing=Box(x0=0.1, y0=0.28, x1=0.9, y1=1.0))
    frames = [ShotFrames(scene, shot, camera.path(scene, shot), motion) for motion in (Motion(), LIFTED)]
    still_frame, lifted = (one.rgb(60)[-1, 300:340].astype(int) for one in frames)
    assert np.abs(lifted - still_frame).mean() < 6


@dataclass(frozen=True)
class Edge:
    """Left of a line the layer is shifted, right of it nothing moves: a jump that no coarse grid can hold."""

    x: float
    reach: float = 0.02
    step_px: int = 8

    def source(self, points: Floats, time_s: float) -> Floats:  # noqa: ARG002 - the protocol's
        """See Warp."""
        return points + np.where(points[..., :1] < self.x, np.float32(0.02), np.float32(0)) * np.array([1, 0], "f4")


def test_details_are_sampled_at_every_pixel() -> None:
    """A jump of a warp shows within a pixel inside a detail, and over a grid's step outside."""
    box = Box(x0=0.2, y0=0.3, x1=0.4, y1=0.5)
    frames = film(of("backdrop", warps=(Edge(0.3),), details=(box,)))
    moved, at_rest = frames.rgb(30).astype(int), still().astype(int)
    scale = 640 / camera.fit(scenes.portrait(SMALL), scenes.shot(size_px=SIZE)).framing.width
    framing = camera.fit(scenes.portrait(SMALL), scenes.shot(size_px=SIZE)).framing
    edge, row = round((0.3 - framing.x0) * scale), round((0.4 - framing.y0) / framing.height * 360)
    change = np.abs(moved - at_rest).max(axis=2)
    assert change[row - 10 : row + 10, edge + 1 : edge + 8].max() <= 3
    assert change[row + 60 : row + 80, edge + 1 : edge + 8].max() > 3


def test_a_flow_keeps_the_contrast() -> None:
    """Two advected copies half a cycle apart keep the layer's spread of brightness, at every phase."""
    frames = film(of("backdrop", flows=(Drift(),)))
    spread = [frames.rgb(k)[:, :160].std() for k in (0, 7, 15, 22, 30)]
    assert min(spread) > 0.88 * still()[:, :160].std()
    assert max(spread) < 1.12 * min(spread)


def test_light_dims_only_its_layer() -> None:
    """Half the light on the backdrop leaves the subject as it is."""
    first, dim = still().astype(float), film(of("backdrop", lights=(Dim(),))).rgb(0).astype(float)
    scene = scenes.portrait(SMALL)
    subject = cv2.resize(scenes.subject_mask(scene).astype(np.uint8), SIZE) > 0
    inside = cv2.erode(subject.astype(np.uint8), np.ones((25, 25))) > 0
    assert np.abs(dim - first)[inside].mean() < 1.0
    assert dim[:20, :20].mean() == pytest.approx(first[:20, :20].mean() / 2, abs=1.0)


def test_a_track_carries_a_layer_and_shows_what_was_behind() -> None:
    """The subject at another place is the subject; where it was there is the backdrop, not a hole."""
    frames = film(of("subject", tracks=(Ride(10.0),)))
    gone = frames.rgba(30)
    assert gone[..., 3].min() == 255
    assert np.abs(gone[..., :3].astype(int) - still()).max() > 40


def test_what_travels_ends_where_the_photo_cut_it_off() -> None:
    """A subject that the bottom of the photo cuts is lifted: below its cut edge the backdrop shows, without a smear."""
    scene = scenes.portrait(SMALL)
    shot = replace(scenes.shot(size_px=SIZE), framing=Box(x0=0.1, y0=0.28, x1=0.9, y1=1.0))
    path = camera.path(scene, shot)
    lifted = Motion(layers={"subject": LayerMotion(layer="subject", tracks=(Raise(0.15),))})
    gone = Motion(layers={"subject": LayerMotion(layer="subject", tracks=(Ride(10.0),))})
    up, away = (ShotFrames(scene, shot, path, motion).rgb(60)[-40:, 280:360].astype(int) for motion in (lifted, gone))
    assert np.abs(up - away).max() <= 4


def test_a_fast_mover_is_blurred_along_its_way() -> None:
    """A mover that crosses 10 px while the shutter is open has a soft front, a slow one a crisp front."""
    slow, fast = (film(of("subject", tracks=(Ride(speed),))) for speed in (0.001, 1.0))
    row = [cv2.Sobel(cv2.cvtColor(f.rgb(1), cv2.COLOR_RGB2GRAY), cv2.CV_32F, 1, 0) for f in (slow, fast)]
    assert np.abs(row[1][150:250]).max() < 0.8 * np.abs(row[0][150:250]).max()


def test_opacity_fades_a_layer() -> None:
    """Half an opacity is the mean of there and not there."""
    there, half, gone = (film(of("subject", tracks=(Ride(0.0, seen),))).rgb(0).astype(float) for seen in (1, 0.5, 0))
    assert np.abs(half - (there + gone) / 2).max() <= 2.5


@pytest.mark.parametrize("kind", [None, MoveKind.TRUCK, MoveKind.ZOOM, MoveKind.ORBIT])
def test_drawn_things_stand_where_layers_of_their_depth_stand(kind: MoveKind | None) -> None:
    """A dot at the backdrop's depth is projected by the moving camera as the backdrop's homography does."""
    amounts = {MoveKind.TRUCK: 0.04, MoveKind.ZOOM: 1.1, MoveKind.ORBIT: 3.0}
    moves = () if kind is None else (CameraMove(kind=kind, direction=Direction.LEFT, end_s=4.0, amount=amounts[kind]),)
    if kind is MoveKind.ZOOM:
        moves = (CameraMove(kind=kind, direction=Direction.IN, end_s=4.0, amount=1.1),)
    scene = scenes.portrait(SMALL)
    shot = camera.fit(scene, scenes.shot(*moves, size_px=SIZE))
    plane = scene.layer("backdrop").plane
    x, y = 0.3, 0.25
    dot = strokes(x, y, plane.inverse_depth(x, y), softness=0.0, colour=np.array([[0, 255, 0]], np.float32))
    path = camera.path(scene, shot)
    plain, dotted = (ShotFrames(scene, shot, path, motion) for motion in (Motion(), Motion(overlays=(Drawn(dot),))))
    seen = path.homography(plane, 80 / 30, SIZE) @ [x, y, 1.0]
    found = middle(dotted.rgb(80).astype(int) - plain.rgb(80))
    assert found == pytest.approx(seen[:2] / seen[2], abs=0.25)


def test_what_is_drawn_behind_a_layer_is_hidden_by_it() -> None:
    """A dot behind the subject does not show; the same dot in front does."""
    scene = scenes.portrait(SMALL)
    rows, columns = np.nonzero(scenes.subject_mask(scene))
    place = strokes(float(columns.mean()) / SMALL[0], float(rows.mean()) / SMALL[1], 1.0)
    hidden, shown = (film(Motion(overlays=(Drawn(place, before),))).rgb(0) for before in ("subject", None))
    assert np.abs(hidden.astype(int) - still()).max() <= 3
    assert np.abs(shown.astype(int) - still()).max() > 60


def test_added_light_brightens_and_never_darkens() -> None:
    """A glow adds to what is there."""
    glow = strokes(0.2, 0.2, 0.5, adds=True, softness=1.0, colour=np.array([[90, 80, 40]], np.float32))
    change = film(Motion(overlays=(Drawn(glow),))).rgb(0).astype(int) - still()
    assert change.min() >= -2
    assert change.max() > 40


def test_a_stamp_is_drawn_turned_and_tinted() -> None:
    """A red bar that is wider than high stands upright after a quarter turn."""
    bar = np.zeros((16, 64, 4), np.uint8)
    bar[..., 0] = bar[..., 3] = 255
    one = np.ones((1,), np.float32)
    stamps = Stamps(
        pictures=(bar,),
        which=np.zeros(1, np.int32),
        places=np.array([[0.5, 0.5, 1.0]], np.float32),
        size=one * 0.2,
        turn_deg=one * 90,
        squash=one,
        tint=np.ones((1, 3), np.float32),
        alpha=one,
    )
    picture = film(Motion(overlays=(Drawn(stamps),))).rgb(0).astype(int)
    rows, columns = np.nonzero(picture[..., 0] - picture[..., 1:].max(axis=2) > 150)
    assert np.ptp(rows) == pytest.approx(4 * np.ptp(columns), rel=0.15)


def test_a_veil_covers_its_box() -> None:
    """An opaque veil over the left half of the photo hides that half and leaves the other."""
    rgba = np.full((8, 8, 4), 255, np.uint8)
    veil = Veil(rgba=rgba, box=Box(x0=0.0, y0=0.0, x1=0.5, y1=1.0), plane=Plane(constant=1.0))
    picture = film(Motion(overlays=(Drawn(veil),))).rgb(0).astype(int)
    assert picture[100:250, 20:280].min() >= 253
    assert np.abs(picture[:, 360:] - still()[:, 360:].astype(int)).max() <= 3


def test_an_added_layer_stands_in_its_place() -> None:
    """A prop right behind the subject covers the backdrop and is covered by the subject."""
    rgba = np.zeros((120, 960, 4), np.uint8)
    rgba[..., 0] = rgba[..., 3] = 255
    plane = scenes.portrait(SMALL).layer("subject").plane
    prop = Layer(name="prop", surface=Surface.RIGID, label="bar", rgba=rgba, left_px=0, top_px=240, plane=plane)
    picture = film(Motion(added=(Added(layer=prop, before="subject"),))).rgb(0).astype(int)
    red = picture[..., 0] - picture[..., 1:].max(axis=2) > 150
    assert red[180, :60].all()
    rows, columns = np.nonzero(scenes.subject_mask(scenes.portrait(SMALL))[250:350])
    assert not red[180, int(columns.mean() / SMALL[0] * SIZE[0])]
    assert rows.size


def test_a_tone_changes_both_forms_of_a_frame() -> None:
    """Half the exposure halves the brightness; warmth adds red and takes blue; in the film and in rgb alike."""
    dark = film(Motion(grades=(Toned(Tone(exposure=0.5)),))).rgb(0).astype(float)
    assert dark.mean() == pytest.approx(still().mean() / 2, rel=0.02)
    warm = film(Motion(grades=(Toned(Tone(warmth=0.4)),))).rgb(0).astype(float) - still()
    assert warm[..., 0].mean() > 3
    assert warm[..., 2].mean() < -3


MOVING: dict[str, Motion] = {
    "warp": of("subject", warps=(Shift(0.004),)),
    "flow": of("backdrop", flows=(Drift(),)),
    "light": of("backdrop", lights=(Dim(),)),
    "track": of("subject", tracks=(Ride(0.05, 0.8),)),
    "fast": of("subject", tracks=(Ride(0.8),)),
    "strokes": Motion(overlays=(Drawn(strokes(0.3, 0.3, 0.7)),)),
    "tone": Motion(grades=(Toned(Tone(exposure=0.8, saturation=0.6, warmth=0.3, flash=0.1)),)),
}


@pytest.mark.parametrize("name", sorted(MOVING))
def test_rgb_and_film_show_the_same_motion(name: str) -> None:
    """Both forms of a frame agree within what 4:2:0 and rounding lose, and a frame alone is the frame in sequence."""
    frames, again = film(MOVING[name]), film(MOVING[name])
    planes = [frames.i420(k) for k in (9, 10)]
    assert np.array_equal(again.i420(10), planes[1])
    luma = (planes[1][:360].astype(float) - 16) * 255 / 219
    rgb = frames.rgb(10).astype(float) @ [0.2126, 0.7152, 0.0722]
    assert np.abs(luma - rgb).mean() < 1.0
    assert np.percentile(np.abs(luma - rgb), 99) < 4.0


def test_a_camera_blur_goes_with_motion() -> None:
    """A whip pan over a travelling subject still covers the whole frame and repeats exactly."""
    whip = CameraMove(kind=MoveKind.PAN, direction=Direction.RIGHT, end_s=0.3, amount=6.0)
    motion = of("subject", tracks=(Ride(0.2),))
    assert np.array_equal(film(motion, whip).i420(4), film(motion, whip).i420(4))
    assert film(motion, whip).rgba(4)[..., 3].min() >= 254


def test_a_vignette_and_a_tone_leave_the_painted_frame_alone() -> None:
    """What is kept between calls is not what was toned."""
    scene = scenes.portrait(SMALL)
    shot = camera.fit(scene, scenes.shot(size_px=SIZE, look=Look(grain=0.0, vignette=0.5)))
    frames = ShotFrames(scene, shot, camera.path(scene, shot), MOVING["tone"])
    assert np.array_equal(frames.i420(3), frames.i420(3))
    assert np.array_equal(frames.rgb(3), frames.rgb(3))
