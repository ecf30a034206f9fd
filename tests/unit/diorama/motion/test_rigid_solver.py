"""Cues become movement: what the Shot fixes is obeyed, what words ask for can be seen."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import simulate
from stillmotion.diorama.motion.rigid import refusals
from stillmotion.diorama.motion.rigid.pendulum import Pendulum
from stillmotion.diorama.motion.solvers import in_place, rigid, swing
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.shot.records import MotionCue, Physics, Shot, World
from stillmotion.errors import ShotInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stillmotion.diorama.motion.records import Track
    from stillmotion.diorama.motion.registry import Solver

WIDTH, HEIGHT = 1000, 500
ASPECT = HEIGHT / WIDTH
METRES = 4.0
PX_PER_M = WIDTH / METRES


def drawn(
    name: str,
    centre: tuple[int, int],
    draw: Callable[[NDArray[np.uint8]], object],
    *,
    q: float = 1.0,
    label: str = "thing",
    surface: Surface = Surface.RIGID,
    contact: float | None = None,
) -> Layer:
    """A layer of 200 x 200 pixels about a centre in pixels."""
    alpha = np.zeros((200, 200), np.uint8)
    draw(alpha)
    return Layer(
        name=name,
        surface=surface,
        label=label,
        rgba=np.repeat(alpha[..., None], 4, axis=-1),
        left_px=centre[0] - 100,
        top_px=centre[1] - 100,
        plane=Plane(constant=q),
        contact_y=contact,
    )


def disc(name: str = "disc", centre: tuple[int, int] = (300, 150), radius: int = 30, **changes: Any) -> Layer:
    """A round layer."""
    return drawn(name, centre, lambda a: cv2.circle(a, (100, 100), radius, 255, -1, cv2.LINE_AA), **changes)


def block(
    name: str = "block", centre: tuple[int, int] = (300, 150), half: tuple[int, int] = (30, 40), **changes: Any
) -> Layer:
    """A rectangular layer."""
    low, high = (100 - half[0], 100 - half[1]), (99 + half[0], 99 + half[1])
    return drawn(name, centre, lambda a: cv2.rectangle(a, low, high, 255, -1), **changes)


def stage(*layers: Layer, cues: list[MotionCue], duration_s: int = 4, **world: Any) -> Stage:
    """A flat wall with things in front of it."""
    rgba = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    wall = Layer(
        name="backdrop",
        surface=Surface.BACKDROP,
        label="wall",
        rgba=rgba,
        left_px=0,
        top_px=0,
        plane=Plane(constant=0.3),
    )
    scene = Scene(
        photo_sha256="0",
        photo=np.zeros((HEIGHT, WIDTH, 3), np.uint8),
        layers=(wall, *layers),
        horizon_y=None,
        focal=1.0,
    )
    shot = Shot(
        size_px=(1280, 720),
        duration_s=duration_s,
        framing=Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0),
        world=World(**{"metres_per_width": METRES, **world}),
        motion=tuple(replace(cue, performed=True) for cue in cues),
    )
    return Stage(scene=scene, shot=shot)


def cue(verb: str = "fall", layer: str = "disc", **changes: Any) -> MotionCue:
    """A cue for a layer."""
    return MotionCue(
        verb=verb, subject=layer, layer=layer, words=changes.pop("words", f"the {layer} {verb}s"), **changes
    )


def track(set_stage: Stage, name: str = "disc") -> Track:
    """How a layer travels."""
    (found,) = simulate(set_stage.scene, set_stage.shot).layers[name].tracks
    return found


def seen(way: Track, point_px: tuple[float, float], time_s: float) -> NDArray[np.float64]:
    """Where a point of the photo, in pixels, is at a time."""
    x, y, one = way.matrix(time_s) @ np.array([point_px[0] / WIDTH, point_px[1] / HEIGHT, 1.0])
    return np.array([x / one * WIDTH, y / one * HEIGHT])


class TestFixedNumbers:
    """A person's numbers are obeyed to the pixel."""

    def test_free_fall(self) -> None:
        """A disc falls g t^2 / 2 from where it is, from the start of its cue, and does not turn."""
        one = stage(disc(), cues=[cue(physics=Physics(restitution=0.5), start_s=0.5)], ground_y=0.98)
        way = track(one)
        for time in (0.2, 0.5, 0.7, 0.9):
            fallen = 9.81 / 2 * max(time - 0.5, 0.0) ** 2 * PX_PER_M
            assert seen(way, (300.5, 150.5), time) == pytest.approx((300.5, 150.5 + fallen), abs=0.1)
        assert way.matrix(0.9)[0, 1] == pytest.approx(0.0, abs=1e-9)

    def test_projectile_and_bounce(self) -> None:
        """A throw flies to the ground row, and bounces there as the restitution says; the event is at that place."""
        fixed = Physics(restitution=0.75, velocity_m_s=(1.0, 0.0), friction=0.0)
        one = stage(disc(), cues=[cue(physics=fixed)], ground_y=0.9)
        motion = simulate(one.scene, one.shot)
        hits = [event for event in motion.events if event.kind == "contact"]
        drop = (0.9 * HEIGHT - 150.5 - 30.5) / PX_PER_M
        lands = math.sqrt(2 * drop / 9.81)
        assert hits[0].time_s == pytest.approx(lands, abs=0.005)
        assert hits[0].y == pytest.approx(0.9, abs=0.004)
        assert hits[0].x == pytest.approx((300.5 + lands * PX_PER_M) / WIDTH, abs=0.003)
        assert hits[1].speed / hits[0].speed == pytest.approx(0.75, abs=0.01)
        assert hits[0].subject == "disc"
        assert all(hits[0].materials)

    def test_depth_sets_the_scale(self) -> None:
        """At inverse depth q a metre is q times as many pixels."""
        fixed = Physics(restitution=0.5)
        near = track(stage(disc(q=1.0), cues=[cue(physics=fixed)], ground_y=0.98))
        far = track(stage(disc(q=0.5), cues=[cue(physics=fixed)], ground_y=0.98))
        fallen = [seen(way, (300.5, 150.5), 0.3)[1] - 150.5 for way in (near, far)]
        assert fallen[1] == pytest.approx(fallen[0] / 2, rel=1e-3)

    def test_gravity_is_the_worlds(self) -> None:
        """On the Moon things fall a sixth as fast; without gravity they stay."""
        moon = track(stage(disc(), cues=[cue(physics=Physics())], ground_y=0.98, gravity_m_s2=1.62))
        assert seen(moon, (300.5, 150.5), 1.0)[1] == pytest.approx(150.5 + 0.81 * PX_PER_M, abs=0.2)
        free = track(stage(disc(), cues=[cue(physics=Physics())], gravity_m_s2=0.0))
        assert seen(free, (300.5, 150.5), 3.0) == pytest.approx((300.5, 150.5), abs=1e-6)

    def test_two_layers_collide(self) -> None:
        """Momentum in the film's pixels is what it was before."""
        fixed = Physics(velocity_m_s=(1.0, 0.0), restitution=0.9, mass_kg=2.0, friction=0.0)
        still = Physics(velocity_m_s=(0.0, 0.0), restitution=0.9, mass_kg=1.0, friction=0.0)
        cues = [cue("slide", "disc", physics=fixed), cue("slide", "other", physics=still)]
        one = stage(disc(), disc("other", (500, 150)), cues=cues, gravity_m_s2=0.0)
        motion = simulate(one.scene, one.shot)
        speeds = []
        for name, x in (("disc", 300.5), ("other", 500.5)):
            (way,) = motion.layers[name].tracks
            speeds.append((seen(way, (x, 150.5), 1.5) - seen(way, (x, 150.5), 1.0))[0] / 0.5 / PX_PER_M)
        assert 2 * speeds[0] + speeds[1] == pytest.approx(2.0, abs=0.01)
        assert speeds[1] - speeds[0] == pytest.approx(0.9, abs=0.01)

    def test_rolling_turns_by_v_over_r(self) -> None:
        """A disc with a speed rolls: its turn is its way over its radius, clockwise to the right."""
        one = stage(
            disc(centre=(300, 420)), cues=[cue("roll", physics=Physics(velocity_m_s=(0.5, 0.0)))], ground_y=0.902
        )
        way = track(one)
        gone = seen(way, (300.5, 420.5), 1.0)[0] - 300.5
        assert gone == pytest.approx(0.5 * PX_PER_M, rel=0.01)
        matrix = way.matrix(1.0)
        turned = math.atan2(matrix[1, 0] * ASPECT, matrix[0, 0]) % (2 * math.pi)
        assert turned == pytest.approx((gone / 30.5) % (2 * math.pi), rel=0.03)

    def test_walls_hold(self) -> None:
        """With walls a thing does not leave the picture; it comes back."""
        fixed = Physics(velocity_m_s=(-2.0, 0.0), restitution=0.8, friction=0.0)
        way = track(stage(disc(), cues=[cue("slide", physics=fixed)], gravity_m_s2=0.0, walls=True))
        places = [seen(way, (300.5, 150.5), time)[0] for time in np.linspace(0, 4, 60)]
        assert min(places) > 30
        assert places[-1] > places[20]

    def test_what_rests_stays(self) -> None:
        """A block that stands on its row does not stir."""
        one = stage(block(centre=(300, 410)), cues=[cue("settle", "block", physics=Physics())], ground_y=0.9)
        way = track(one, "block")
        for time in (1.0, 3.9):
            assert seen(way, (300.0, 410.0), time) == pytest.approx((300.0, 410.0), abs=0.3)

    def test_a_shape_is_not_squashed(self) -> None:
        """With fixed numbers a thing keeps its shape at every time."""
        fixed = Physics(restitution=0.8, material="rubber")
        way = track(stage(disc(), cues=[cue(physics=fixed)], ground_y=0.9))
        for time in np.linspace(0, 3, 90):
            assert abs(np.linalg.det(way.matrix(float(time))[:2, :2])) == pytest.approx(1.0, abs=1e-9)
            assert way.matrix(float(time))[0, 0] == pytest.approx(1.0, abs=1e-6)


class TestWords:
    """Without numbers the words are shown plainly."""

    def test_a_bounce_is_counted(self) -> None:
        """A thing in the air that bounces twice touches the ground three times, the last time for good."""
        one = stage(disc(), cues=[cue("bounce", count=2)], ground_y=0.9)
        hits = [event for event in simulate(one.scene, one.shot).events if event.kind == "contact"]
        assert len(hits) == 3

    def test_what_stands_hops_to_bounce(self) -> None:
        """A thing on the ground goes up before it comes down."""
        way = track(stage(disc(centre=(300, 420), contact=0.902), cues=[cue("bounce")], ground_y=0.902))
        heights = [seen(way, (300.5, 420.5), time)[1] for time in np.linspace(0, 2, 100)]
        assert min(heights) < 420 - 20
        assert max(heights) < 424

    @pytest.mark.parametrize(("direction", "sign"), [("left", -1), ("right", 1)])
    def test_a_block_topples_to_its_side(self, direction: str, sign: int) -> None:
        """A standing block ends on its side, where the words say, and stays on the ground."""
        one = stage(
            block(centre=(500, 400), half=(25, 50), contact=0.9),
            cues=[cue("topple", "block", direction=direction)],
            ground_y=0.9,
        )
        way = track(one, "block")
        matrix = way.matrix(3.9)
        turned = math.degrees(math.atan2(matrix[1, 0] * ASPECT, matrix[0, 0]))
        assert sign * turned == pytest.approx(90, abs=4)
        middle = seen(way, (500, 400), 3.9)
        assert sign * (middle[0] - 500) > 30
        assert middle[1] == pytest.approx(425, abs=3)

    def test_a_standing_thing_tips_when_it_should_fall(self) -> None:
        """Falling over is what a standing thing can do."""
        one = stage(block(centre=(500, 400), half=(25, 50), contact=0.9), cues=[cue("fall", "block")], ground_y=0.9)
        matrix = track(one, "block").matrix(3.9)
        assert abs(math.degrees(math.atan2(matrix[1, 0] * ASPECT, matrix[0, 0]))) > 80

    def test_rolls_off(self) -> None:
        """A thing that rolls off to the left is out of the picture at the end, and was rolling."""
        low = disc(centre=(300, 420), contact=0.902)
        one = stage(low, cues=[cue("roll", direction="left", words="the disc rolls off to the left")], ground_y=0.902)
        motion = simulate(one.scene, one.shot)
        assert seen(motion.layers["disc"].tracks[0], (300.5, 420.5), 4.0)[0] < -30
        (rolled,) = [event for event in motion.events if event.kind == "roll"]
        assert rolled.duration_s > 2

    def test_rolls_up_to_its_target_and_stops(self) -> None:
        """A thing that hits another touches it in the first half of the shot and then comes to rest before it."""
        target = block("cup", (700, 410), contact=0.9)
        cues = [
            cue("roll", words="the disc rolls in"),
            cue("collide", target="cup", words="hits the cup"),
            cue("settle", words="and stops"),
        ]
        one = stage(disc(centre=(200, 420), contact=0.902), target, cues=cues, ground_y=0.902)
        motion = simulate(one.scene, one.shot)
        hit = next(event for event in motion.events if event.kind == "contact")
        assert 0.5 < hit.time_s < 2.5
        assert hit.x == pytest.approx(0.67, abs=0.01)
        (way,) = motion.layers["disc"].tracks
        ends = [seen(way, (200.5, 420.5), time)[0] for time in (3.6, 3.99)]
        assert ends[0] == pytest.approx(ends[1], abs=0.5)
        assert 480 < ends[1] < 645

    def test_thrown_into_something(self) -> None:
        """A throw into a target passes over its rim on a parabola and disappears inside."""
        target = block("cup", (700, 410), contact=0.9)
        words = "the disc flies into the cup"
        one = stage(disc(), target, cues=[cue("throw", target="cup", words=words)], ground_y=0.95)
        way = track(one)
        ends = way.hides_s
        assert seen(way, (300.5, 150.5), ends)[0] == pytest.approx(700, abs=60)
        assert way.opacity(0.1) == 1.0
        assert way.opacity(ends + 0.1) == 0.0

    def test_slides_off_and_falls(self) -> None:
        """What slides off comes to lie lower, to its side, after the bounces that were asked for."""
        lying = block(centre=(560, 300), half=(40, 10))
        cues = [
            cue("slide", "block", words="slides off the plate"),
            cue("fall", "block", words="falls on the table"),
            cue("bounce", "block", count=2, words="and bounces twice"),
        ]
        way = track(stage(lying, cues=cues), "block")
        end = seen(way, (560, 300), 3.9)
        assert end[1] > 310
        assert end[0] > 600

    def test_a_shot_is_shown_for_what_left_its_place(self) -> None:
        """A thing of the photo throws no second shadow before it moves."""
        one = stage(disc(), cues=[cue("fall", start_s=1.0)], ground_y=0.9)
        motion = simulate(one.scene, one.shot)
        shadows = [item.layer.name for item in motion.added if "shadow" in item.layer.name]
        assert shadows
        for name in shadows:
            assert motion.layers[name].tracks[0].opacity(0.5) == 0.0
        assert max(motion.layers[name].tracks[0].opacity(3.0) for name in shadows) > 0.1


class TestHanging:
    """Pendulums."""

    @pytest.mark.parametrize(("angle", "gyration"), [(0.05, 0.0), (0.5, 0.0), (0.05, 0.3)])
    def test_period(self, angle: float, gyration: float) -> None:
        """2 pi sqrt(L_eff / g) (1 + a^2 / 16), with L_eff = L + k^2 / L."""
        angles = Pendulum(length=1.2, gyration=gyration, gravity=9.81).swing(angle, 0.0, 12.0)
        rising = np.flatnonzero((angles[:-1] < 0) & (angles[1:] >= 0))
        period = float(np.diff(rising).mean()) / 240
        long = 1.2 + gyration**2 / 1.2
        assert period == pytest.approx(2 * math.pi * math.sqrt(long / 9.81) * (1 + angle**2 / 16), rel=3e-3)

    def test_damping(self) -> None:
        """Peaks shrink by exp(-2 pi zeta / sqrt(1 - zeta^2)) a swing."""
        angles = Pendulum(length=1.0, gyration=0.0, gravity=9.81, damping=0.05).swing(0.1, 0.0, 8.0)
        peaks = [angles[i] for i in range(1, len(angles) - 1) if angles[i - 1] < angles[i] >= angles[i + 1]]
        ratios = np.array(peaks[1:]) / np.array(peaks[:-1])
        assert ratios == pytest.approx(math.exp(-2 * math.pi * 0.05 / math.sqrt(1 - 0.0025)), rel=0.01)

    def test_energy_stays_without_damping(self) -> None:
        """After ten seconds the highest point is as high as the first."""
        angles = Pendulum(length=0.7, gyration=0.1, gravity=9.81).swing(1.0, 0.0, 10.0)
        assert angles[-500:].max() == pytest.approx(1.0, abs=2e-3)

    def test_a_layer_swings_about_its_pivot(self) -> None:
        """The pivot stays, the bob keeps its distance and returns after a period."""
        pivot = (0.4, 0.1)
        bob = disc(centre=(300, 150), radius=12)
        one = stage(bob, cues=[cue("swing", physics=Physics(pivot=pivot))])
        way = track(one)
        length_px = math.hypot(300.5 - 400, 150.5 - 50)
        rate = Pendulum(length=length_px / PX_PER_M, gyration=12.5 / PX_PER_M / math.sqrt(2), gravity=9.81).rate
        assert seen(way, (400, 50), 1.3) == pytest.approx((400, 50), abs=1e-6)
        crossing = [t for t in np.arange(0, 4, 1 / 240) if seen(way, (300.5, 150.5), t)[0] < 400]
        assert seen(way, (300.5, 150.5), 0.0) == pytest.approx((300.5, 150.5), abs=1e-6)
        lean = math.atan2(300.5 - 400, 150.5 - 50)
        assert 2 * math.pi / rate * (1 + lean**2 / 16) < 4
        assert 0.4 < len(crossing) / 960 < 0.6
        far = [math.hypot(*(seen(way, (300.5, 150.5), t) - (400, 50))) for t in (0.4, 0.9, 2.2)]
        assert far == pytest.approx([length_px] * 3, abs=0.01)

    def test_what_stands_rocks_on_its_foot(self) -> None:
        """Without a pivot a standing thing keeps its foot, and a hanging one its upper edge."""
        standing = block(centre=(500, 400), contact=0.9)
        way = track(stage(standing, cues=[cue("swing", "block")], ground_y=0.9), "block")
        hanging = track(stage(block(centre=(500, 150)), cues=[cue("swing", "block")], ground_y=0.9), "block")
        for time in (0.7, 1.9, 3.1):
            assert seen(way, (500, 440), time) == pytest.approx((500, 440), abs=0.3)
            assert seen(hanging, (500, 110), time) == pytest.approx((500, 110), abs=0.3)
        assert max(abs(seen(hanging, (500, 190), t)[0] - 500) for t in np.linspace(0, 4, 50)) > 8


class TestInPlace:
    """Spinning, floating and shaking."""

    def test_whole_turns_end_as_they_began(self) -> None:
        """A wheel that turns twice ends upright, and turns on the way."""
        one = stage(disc(label="wheel"), cues=[cue("spin", count=2, words="the wheel spins")])
        way = track(one)
        assert way.matrix(4.0)[:2, :2] == pytest.approx(np.eye(2), abs=1e-6)
        assert max(abs(way.matrix(t)[0, 0] - 1) for t in np.linspace(0, 4, 80)) > 1.5

    def test_a_fixed_spin_is_steady(self) -> None:
        """90 degrees a second clockwise is a quarter turn after a second."""
        one = stage(disc(), cues=[cue("spin", physics=Physics(spin_deg_s=90.0))])
        assert seen(track(one), (320.5, 150.5), 1.0) == pytest.approx((300.5, 170.5), abs=0.3)

    def test_what_stands_does_not_turn_upside_down(self) -> None:
        """A standing thing totters round and comes to rest as it was."""
        standing = block(centre=(500, 400), contact=0.9)
        way = track(stage(standing, cues=[cue("spin", "block", count=1)], ground_y=0.9), "block")
        tilts = [math.degrees(math.asin(way.matrix(t)[0, 1] / ASPECT)) for t in np.linspace(0, 4, 100)]
        assert 1.5 < max(abs(tilt) for tilt in tilts) < 8
        assert way.matrix(4.0) == pytest.approx(np.eye(3), abs=1e-4)

    @pytest.mark.parametrize("verb", ["float", "shake", "spin"])
    def test_starts_from_the_photo_and_is_smooth(self, verb: str) -> None:
        """Nothing jumps: the first pose is the photo's, before the cue nothing moves, and frames follow each other."""
        way = track(stage(disc(), cues=[cue(verb, start_s=1.0)]))
        assert way.matrix(0.5) == pytest.approx(np.eye(3), abs=1e-9)
        assert way.matrix(1.0) == pytest.approx(np.eye(3), abs=1e-6)
        places = np.array([seen(way, (320.5, 150.5), t) for t in np.linspace(0, 4, 481)])
        assert np.ptp(places, axis=0).max() > 1.0
        assert np.abs(np.diff(places, axis=0)).max() < 4.0

    def test_shaking_calms_down(self) -> None:
        """A shake that is to come to rest has faded at the end."""
        cues = [cue("shake"), cue("settle", start_s=2.0)]
        one = stage(disc(), cues=cues)
        assert rigid.refusal(one, cues[1]) is None
        way = track(one)
        early = max(abs(seen(way, (300.5, 150.5), t)[0] - 300.5) for t in np.linspace(0, 1, 50))
        late = max(abs(seen(way, (300.5, 150.5), t)[0] - 300.5) for t in np.linspace(3.5, 4, 50))
        assert late < 0.2 * early


class TestRefusals:
    """What cannot be is said in words."""

    @pytest.mark.parametrize("solver", [rigid, swing, in_place])
    def test_a_missing_thing(self, solver: Solver) -> None:
        """Without a layer or a prop there is nothing to move."""
        lost = MotionCue(verb=solver.VERBS[0], subject="unicorn", words="the unicorn")
        assert "unicorn" in solver.refusal(stage(disc(), cues=[lost]), lost)

    def test_the_scene_itself(self) -> None:
        """The backdrop stays where it is."""
        whole = cue(layer="backdrop")
        assert "backdrop" in rigid.refusal(stage(disc(), cues=[whole]), whole)

    def test_a_thing_is_not_refused(self) -> None:
        """An ordinary layer is moved."""
        assert rigid.refusal(stage(disc(), cues=[cue()]), cue()) is None

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"physics": Physics(mass_kg=-1.0)}, "motion[0].physics.mass_kg"),
            ({"physics": Physics(pivot=(1.5, 0.5))}, "motion[0].physics.pivot"),
            ({"physics": Physics(restitution=1.2)}, "motion[0].physics.restitution"),
            ({"physics": Physics(material="mud")}, "motion[0].physics.material"),
            ({"physics": Physics(velocity_m_s=(1e5, 0.0))}, "motion[0].physics.velocity_m_s"),
            ({"box": Box(x0=0.5, y0=0.5, x1=0.5, y1=0.9)}, "motion[0].box"),
            ({"box": Box(x0=0.5, y0=0.5, x1=1.5, y1=0.9)}, "motion[0].box"),
            ({"start_s": 2.0, "end_s": 2.0}, "motion[0].end_s"),
            ({"start_s": 9.0}, "motion[0].start_s"),
            ({"prop": "ball", "layer": None, "count": 10_000}, "motion[0]"),
            ({"target_point": (0.5, -0.2)}, "motion[0].target_point"),
        ],
    )
    def test_impossible_cues(self, changes: dict[str, Any], field: str) -> None:
        """The message names the field."""
        shot = stage(disc(), cues=[replace(cue(), **changes)]).shot
        with pytest.raises(ShotInvalid) as caught:
            refusals.check(shot)
        assert str(caught.value).startswith(field)

    def test_too_many_cues(self) -> None:
        """More than five hundred bodies are refused, whoever they are."""
        shot = stage(disc(), cues=[cue() for _ in range(501)]).shot
        with pytest.raises(ShotInvalid, match="500"):
            refusals.check(shot)

    def test_unknown_targets(self) -> None:
        """An aim at a layer that is not there is told with the layers that are."""
        shot = stage(disc(), cues=[cue(target="moon")]).shot
        with pytest.raises(ShotInvalid, match="disc"):
            refusals.check_targets(shot, ("backdrop", "disc"))

    def test_an_empty_shot(self) -> None:
        """A shot without duration has nothing to show."""
        shot = replace(stage(disc(), cues=[cue()]).shot, duration_s=0)
        with pytest.raises(ShotInvalid, match="duration_s"):
            refusals.check(shot)


def test_what_flies_fast_passes() -> None:
    """A quick throw tells when it flies fastest, while it touches nothing; a short fall does not."""
    thrown = stage(
        disc(centre=(200, 250)),
        cues=[cue("throw", direction="right", physics=Physics(velocity_m_s=(9.0, 2.0)))],
    )
    events = simulate(thrown.scene, thrown.shot).events
    passes = [event for event in events if event.kind == "pass"]
    assert len(passes) == 1
    assert passes[0].speed > 7
    dropped = stage(disc(centre=(500, 400)), cues=[cue("fall")])
    assert not [event for event in simulate(dropped.scene, dropped.shot).events if event.kind == "pass"]
