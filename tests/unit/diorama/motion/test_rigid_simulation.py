"""Bodies obey mechanics: what a film shows of them can be measured against closed forms."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stillmotion.diorama.motion.rigid import Body, Obstacle, World, simulate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.rigid import Outcome, Path

G = 9.81
FLOOR = Obstacle(name="ground", pieces=(((-50.0, -20.0), (50.0, -20.0), (50.0, 0.0), (-50.0, 0.0)),), material="stone")
RADIUS = 0.1
BOX = ((-0.1, -0.1), (0.1, -0.1), (0.1, 0.1), (-0.1, 0.1))
BOX_GYRATION = math.sqrt((0.2**2 + 0.2**2) / 12)


def ball(name: str = "ball", place: tuple[float, float] = (0.0, 2.0), **changes: Any) -> Body:
    """A solid ball of 10 cm radius."""
    return Body(name=name, place=place, radius=RADIUS, gyration=RADIUS * math.sqrt(0.4), **changes)


def box(name: str = "box", place: tuple[float, float] = (0.0, 0.1), **changes: Any) -> Body:
    """A box with a side of 20 cm."""
    return Body(name=name, place=place, pieces=(BOX,), gyration=BOX_GYRATION, **changes)


def run(
    *bodies: Body, duration_s: float = 4.0, gravity: float = G, obstacles: tuple[Obstacle, ...] = (FLOOR,)
) -> Outcome:
    """What becomes of bodies above a floor."""
    return simulate(World(bodies=bodies, obstacles=obstacles, duration_s=duration_s, gravity=gravity))


def velocity(path: Path, time_s: float, span_s: float = 0.05) -> NDArray[np.float64]:
    """Mean velocity and spin over a short span."""
    before, after = np.array(path.at(time_s - span_s / 2)), np.array(path.at(time_s + span_s / 2))
    return (after - before) / span_s


def energy(body: Body, path: Path, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mechanical energy by time."""
    step = 1e-3
    values = []
    for time in times:
        x_speed, y_speed, spin = velocity(path, time, step)
        height = path.at(time)[1]
        kinetic = 0.5 * body.mass_kg * (x_speed**2 + y_speed**2 + (body.gyration * spin) ** 2)
        values.append(kinetic + body.mass_kg * G * height)
    return np.array(values)


class TestFreeFlight:
    """Nothing but gravity."""

    def test_a_fall_is_the_parabola(self) -> None:
        """Places at any time, also between steps, lie on h - g t^2 / 2 to a tenth of a millimetre."""
        path = run(ball(place=(0.0, 3.0)), duration_s=0.7).paths["ball"]
        times = np.linspace(0, 0.69, 57)
        heights = np.array([path.at(time)[1] for time in times])
        assert np.abs(heights - (3.0 - G * times**2 / 2)).max() < 1e-4

    def test_a_throw_is_a_projectile(self) -> None:
        """The horizontal speed stays, the vertical one loses g every second."""
        path = run(ball(velocity=(1.5, 3.0)), duration_s=0.9).paths["ball"]
        times = np.linspace(0, 0.88, 45)
        places = np.array([path.at(time) for time in times])
        assert np.abs(places[:, 0] - 1.5 * times).max() < 1e-4
        assert np.abs(places[:, 1] - (2.0 + 3.0 * times - G * times**2 / 2)).max() < 1e-4
        assert np.abs(places[:, 2]).max() == 0.0

    def test_a_late_start_is_the_same_fall(self) -> None:
        """A body that is let go between two steps falls as if there were no steps."""
        path = run(ball(start_s=0.5031), duration_s=1.2).paths["ball"]
        assert path.at(0.5) == (0.0, 2.0, 0.0)
        for time in (0.6, 0.801, 1.05):
            assert path.at(time)[1] == pytest.approx(2.0 - G * (time - 0.5031) ** 2 / 2, abs=2e-4)

    def test_spin_lasts(self) -> None:
        """Without contact nothing changes a spin."""
        path = run(ball(spin=3.0), duration_s=0.6).paths["ball"]
        assert path.at(0.5)[2] == pytest.approx(1.5, abs=1e-6)


class TestBounces:
    """Restitution is what the body says."""

    @pytest.mark.parametrize("restitution", [0.3, 0.75, 0.95])
    def test_restitution(self, restitution: float) -> None:
        """The speed after a bounce over the speed before is the restitution."""
        path = run(ball(restitution=restitution)).paths["ball"]
        touch = math.sqrt(2 * 1.9 / G)
        before, after = velocity(path, touch - 0.05, 0.02)[1], velocity(path, touch + 0.02, 0.02)[1]
        up = after + G * 0.02
        down = before - G * 0.05
        assert -up / down == pytest.approx(restitution, abs=0.005)

    def test_the_series(self) -> None:
        """Bounces come when the closed form says, and their apexes shrink by e^2."""
        path_contacts = run(ball(restitution=0.75), duration_s=4.0).contacts
        time, speed = math.sqrt(2 * 1.9 / G), math.sqrt(2 * 1.9 * G)
        for contact in path_contacts[:6]:
            assert contact.time_s == pytest.approx(time, abs=2e-3)
            assert contact.speed == pytest.approx(speed, rel=5e-3)
            speed *= 0.75
            time += 2 * speed / G

    def test_an_impact_touches_the_floor(self) -> None:
        """At the instant of a contact the ball touches the floor, and it is never seen below it."""
        outcome = run(ball(restitution=0.8, velocity=(0.5, 0.0)))
        path = outcome.paths["ball"]
        for contact in outcome.contacts:
            assert path.at(contact.time_s)[1] - RADIUS == pytest.approx(0.0, abs=5e-4)
        assert path.places[:, 1].min() > RADIUS - 1e-3

    def test_impulse_is_the_change_of_momentum(self) -> None:
        """A contact reports m v (1 + e)."""
        contact = run(ball(restitution=0.5, mass_kg=3.0)).contacts[0]
        assert contact.impulse == pytest.approx(3.0 * 1.5 * math.sqrt(2 * 1.9 * G), rel=5e-3)
        assert contact.bodies[0] != contact.bodies[1]
        assert "stone" in contact.materials

    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_bounces_can_be_counted(self, count: int) -> None:
        """After so many bounces the next contact ends it."""
        outcome = run(ball(restitution=0.7, bounces=count))
        assert len(outcome.contacts) == count + 1
        last = outcome.contacts[-1].time_s
        assert abs(outcome.paths["ball"].at(last + 0.2)[1] - RADIUS) < 1e-3

    def test_soft_ground_takes_more(self) -> None:
        """The ground's softness scales a restitution, unless a person fixed it."""
        snow = Obstacle(name="snow", pieces=FLOOR.pieces, softness=0.1)
        soft = run(ball(restitution=0.8), obstacles=(snow,)).contacts
        fixed = run(ball(restitution=0.8, exact=True), obstacles=(snow,)).contacts
        assert len(soft) < 4 < len(fixed)


class TestCollisions:
    """Two bodies that meet."""

    @pytest.mark.parametrize(("one", "two", "restitution"), [(1.0, 1.0, 0.95), (2.0, 0.5, 0.6), (1.0, 5.0, 0.2)])
    def test_momentum_and_restitution(self, one: float, two: float, restitution: float) -> None:
        """Momentum stays, relative speed shrinks by the restitution, energy never grows."""
        first = ball("first", (0.0, 0.0), velocity=(2.0, 0.0), mass_kg=one, restitution=restitution)
        second = ball("second", (1.0, 0.0), velocity=(-1.0, 0.0), mass_kg=two, restitution=restitution)
        outcome = run(first, second, gravity=0.0, duration_s=2.0, obstacles=())
        after = [velocity(outcome.paths[name], 1.5)[0] for name in ("first", "second")]
        assert one * after[0] + two * after[1] == pytest.approx(one * 2.0 - two * 1.0, abs=1e-3)
        assert (after[1] - after[0]) / 3.0 == pytest.approx(restitution, abs=1e-3)
        assert one * after[0] ** 2 + two * after[1] ** 2 <= one * 4.0 + two * 1.0
        assert [contact.time_s for contact in outcome.contacts] == [pytest.approx(0.8 / 3.0, abs=1e-6)]

    def test_the_one_that_is_hit_waits(self) -> None:
        """A body that starts later stands still until then, and other bodies bounce off it."""
        hitter = ball("hitter", (0.0, 0.0), velocity=(2.0, 0.0), restitution=1.0)
        waits = ball("waits", (0.6, 0.0), start_s=3.0, restitution=1.0)
        outcome = run(hitter, waits, gravity=0.0, duration_s=2.0, obstacles=())
        assert velocity(outcome.paths["hitter"], 1.5)[0] == pytest.approx(-2.0, abs=1e-3)
        assert outcome.paths["waits"].at(2.0)[0] == 0.6

    def test_an_obstacle_may_hold_one_body_only(self) -> None:
        """What an obstacle does not hold falls through it."""
        board = Obstacle(name="board", pieces=FLOOR.pieces, holds=("first",))
        outcome = run(ball("first"), ball("second", (1.0, 2.0)), obstacles=(board,), duration_s=2.0)
        assert outcome.paths["first"].at(2.0)[1] > 0.0
        assert outcome.paths["second"].at(2.0)[1] < -5.0


class TestFriction:
    """Sliding and rolling."""

    @pytest.mark.parametrize("friction", [0.2, 0.5])
    def test_a_slide_slows_by_mu_g(self, friction: float) -> None:
        """A box slides v t - mu g t^2 / 2 and stops after v^2 / (2 mu g)."""
        path = run(box(friction=friction, velocity=(2.0, 0.0), restitution=0.0)).paths["box"]
        assert path.at(0.2)[0] == pytest.approx(2.0 * 0.2 - friction * G * 0.02, rel=0.03)
        assert path.at(4.0)[0] == pytest.approx(4.0 / (2 * friction * G), rel=0.03)

    def test_rolling_is_speed_over_radius(self) -> None:
        """A ball that rolls turns by v / r."""
        path = run(ball(place=(0.0, RADIUS), velocity=(1.0, 0.0), spin=-1.0 / RADIUS)).paths["ball"]
        speed, _, spin = velocity(path, 2.0)
        assert speed == pytest.approx(1.0, rel=5e-3)
        assert -spin * RADIUS == pytest.approx(speed, rel=5e-3)

    def test_a_sliding_ball_begins_to_roll(self) -> None:
        """A ball that starts without spin ends at 5/7 of its speed, rolling."""
        path = run(ball(place=(0.0, RADIUS), velocity=(1.4, 0.0), friction=0.4)).paths["ball"]
        speed, _, spin = velocity(path, 3.0)
        assert speed == pytest.approx(1.0, rel=0.02)
        assert -spin * RADIUS == pytest.approx(speed, rel=5e-3)

    def test_rolling_resistance_slows_by_its_share_of_g(self) -> None:
        """A rolling ball loses c g every second and then stays."""
        rolls = ball(place=(0.0, RADIUS), velocity=(1.0, 0.0), spin=-1.0 / RADIUS, rolling=0.05, friction=0.6)
        path = run(rolls).paths["ball"]
        assert velocity(path, 1.0)[0] == pytest.approx(1.0 - 0.05 * G, rel=0.04)
        assert path.at(4.0)[0] == path.at(3.0)[0]


class TestRest:
    """What has come to rest stays."""

    @pytest.mark.parametrize("angle", [0.0, 0.4])
    def test_no_creeping(self, angle: float) -> None:
        """Two seconds after the last bounce a box has moved less than a tenth of a millimetre in a second."""
        path = run(box(place=(0.0, 0.6), angle=angle, restitution=0.2, friction=0.6), duration_s=5.0).paths["box"]
        assert np.abs(np.array(path.at(5.0)) - np.array(path.at(4.0))).max() < 1e-4
        assert path.at(5.0)[1] == pytest.approx(0.1, abs=1e-3)

    def test_a_body_on_the_ground_does_not_stir(self) -> None:
        """A ball and a box that stand on the ground from the start stay where they are."""
        outcome = run(ball(place=(0.0, RADIUS)), box(place=(1.0, 0.1)))
        for name, height in (("ball", RADIUS), ("box", 0.1)):
            heights = outcome.paths[name].places[:, 1]
            assert np.abs(heights - height).max() < 5e-4
        assert outcome.contacts == ()

    def test_energy_never_rises(self) -> None:
        """A box that tumbles to rest only ever loses energy."""
        body = box(place=(0.0, 1.0), angle=0.5, velocity=(1.0, 0.0), spin=2.0, restitution=0.5)
        path = run(body, duration_s=3.0).paths["box"]
        values = energy(body, path, np.arange(0.01, 2.99, 1 / 48))
        assert np.diff(values).max() < 0.01 * values[0]
        assert values[-1] < 0.2 * values[0]


def test_the_same_world_is_the_same_film() -> None:
    """Two runs of one world agree to the last bit."""
    bodies = tuple(box(f"b{n}", (0.13 * n, 0.4 + 0.3 * n), angle=0.1 * n) for n in range(6))
    one, two = run(*bodies), run(*bodies)
    assert one.contacts == two.contacts
    for name, path in one.paths.items():
        assert np.array_equal(path.places, two.paths[name].places)
        assert np.array_equal(path.angles, two.paths[name].angles)


def test_a_heap_of_bodies_is_simulated() -> None:
    """Hundreds of bodies end up above the ground and apart from each other."""
    bodies = tuple(ball(f"b{n}", (0.23 * (n % 15) - 2, 0.3 + 0.25 * (n // 15)), rolling=0.01) for n in range(150))
    outcome = run(*bodies, duration_s=2.0)
    ends = np.array([path.at(2.0)[:2] for path in outcome.paths.values()])
    assert ends[:, 1].min() > RADIUS - 0.005
    gaps = np.hypot(*(ends[:, None] - ends[None]).transpose(2, 0, 1)) + np.eye(len(ends))
    assert gaps.min() > 2 * RADIUS - 0.02


def test_what_lies_still_in_a_heap_is_pushed_when_something_comes() -> None:
    """In a crowd resting bodies are left out of the sums, but a late blow still moves the one that it meets."""
    resting = tuple(ball(f"b{n}", (0.3 * n - 16, RADIUS), rolling=0.02) for n in range(110))
    late = ball("late", (-17.0, RADIUS), velocity=(3.0, 0.0), start_s=1.0)
    paths = run(*resting, late, duration_s=1.8).paths
    assert paths["b0"].at(1.0)[0] == pytest.approx(-16, abs=0.01)
    assert paths["b0"].at(1.8)[0] > -15.95
    assert paths["b50"].at(1.8)[0] == pytest.approx(-1.0, abs=0.01)
