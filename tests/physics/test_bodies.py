"""Bodies in decoded films obey mechanics: each check of the design with its own tolerance, from pixels alone."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from measure import bodies, laws
from measure.lab import DRAFT_PX, WIDTH_M
from synthetic import bench
from synthetic.bench import THINGS

if TYPE_CHECKING:
    from measure.bodies import Floats
    from measure.lab import Lab, Take

BALL, OTHER, BOB, CRATE, WHEEL = THINGS.values()
FLOOR = bench.FLOOR_PX / bench.SIZE_PX[1]
SHARE, SPEED_M_S = 0.75, (-1.2, 2.5)
MASSES, CLOSING_M_S, GIVES_BACK = (1.0, 2.0), (1.2, -1.2), 0.9
FRICTION, ROLLING_M_S = 0.3, -0.6
METRES = WIDTH_M / bench.SIZE_PX[0]
DAMPING = 0.05
NEAR_PX = (662.0, 160.0)
"""A pivot nearer to the bob: it swings more often while the film lasts."""


def in_photo(place_px: tuple[float, float]) -> tuple[float, float]:
    """Photo coordinates of a place in pixels."""
    return place_px[0] / bench.SIZE_PX[0], place_px[1] / bench.SIZE_PX[1]


def cue(verb: str, name: str, start_s: float = 0.0, **physics: Any) -> dict[str, Any]:
    """A cue for one of the drawn things."""
    return {"verb": verb, "subject": name, "box": THINGS[name].box, "start_s": start_s, "physics": physics}


@pytest.fixture
def dropped(lab: Lab) -> Take:
    """A ball falls and bounces; at the same time another is thrown."""
    return lab.film(
        bench.bench(),
        "bench",
        motion=[
            cue("fall", "ball", 0.2, restitution=SHARE),
            cue("throw", "other", velocity_m_s=SPEED_M_S, restitution=0.5),
        ],
    )


@pytest.fixture
def met(lab: Lab) -> Take:
    """Without gravity two balls fly at each other."""
    weightless = {"metres_per_width": 8.0, "gravity_m_s2": 0.0, "ground_y": FLOOR}
    motion = [
        cue("throw", name, velocity_m_s=(speed, 0.0), mass_kg=mass, restitution=GIVES_BACK)
        for name, speed, mass in zip(("ball", "other"), CLOSING_M_S, MASSES, strict=True)
    ]
    return lab.film(bench.bench(), "bench", motion=motion, world=weightless)


@pytest.fixture
def settled(lab: Lab) -> Take:
    """A crate slides and stops, a wheel rolls on, a ball falls and comes to rest."""
    return lab.film(
        bench.bench(),
        "bench",
        motion=[
            cue("slide", "crate", velocity_m_s=(3.0, 0.0), friction=FRICTION, restitution=0.0),
            cue("roll", "wheel", velocity_m_s=(ROLLING_M_S, 0.0), friction=0.6),
            cue("fall", "ball", 0.5, restitution=0.3),
        ],
    )


@pytest.fixture
def swung(lab: Lab) -> Take:
    """A bob swings without loss."""
    return lab.film(bench.bench(), "bench", motion=[cue("swing", "bob", damping=0.0, pivot=in_photo(bench.PIVOT_PX))])


@pytest.fixture
def swayed(lab: Lab) -> Take:
    """A bob swings and calms down."""
    return lab.film(bench.bench(), "bench", motion=[cue("swing", "bob", damping=DAMPING, pivot=in_photo(NEAR_PX))])


def flights(take: Take, path: Floats, start_s: float) -> list[laws.Flight]:
    """Free flights after a thing was let go."""
    height = take.frames[0].shape[0]
    gone = take.times_s > start_s
    return laws.flights(take.times_s[gone], path[gone, 0], height - path[gone, 1])


def test_free_fall(dropped: Take) -> None:
    """Check 1: what falls, falls with g to 3 %, and stays within a pixel of its parabola."""
    laws.free_fall(flights(dropped, dropped.path(BALL), 0.2)[0], dropped.scale)


def test_projectile(dropped: Take) -> None:
    """Check 2: what is thrown keeps its speed sideways and falls with g."""
    flight = flights(dropped, dropped.path(OTHER), 0.0)[0]
    laws.projectile(flight, dropped.scale, SPEED_M_S[0])
    assert flight.rise.speed_at(0.0) / dropped.scale == pytest.approx(SPEED_M_S[1], rel=0.03)


def test_restitution(dropped: Take) -> None:
    """Check 3: each bounce gives back the share of the speed that the Shot names."""
    laws.restitution(flights(dropped, dropped.path(BALL), 0.2), SHARE)


def test_bounce_series(dropped: Take) -> None:
    """Check 4: each bounce is lower than the one before, by the square of that share."""
    path = dropped.path(BALL)
    reach = float(np.median(path[:, 5] - path[:, 1]))
    floor = dropped.frames[0].shape[0] - dropped.row(FLOOR) + reach
    laws.bounce_series(flights(dropped, path, 0.2)[1:], floor, SHARE)


def test_energy_never_rises_without_a_cause(dropped: Take) -> None:
    """From flight to flight the energy of either ball only falls."""
    for thing, start_s in ((BALL, 0.2), (OTHER, 0.0)):
        path = flights(dropped, dropped.path(thing), start_s)
        laws.energy_never_rises(path, laws.GRAVITY * dropped.scale)


def test_contacts_are_told_when_they_are_seen(dropped: Take) -> None:
    """Check 11, the picture's half: every crossing of two parabolas has its event within one frame."""
    for thing, start_s in ((BALL, 0.2), (OTHER, 0.0)):
        path = flights(dropped, dropped.path(thing), start_s)
        seen = [laws.contact_s(one, two) for one, two in itertools.pairwise(path)]
        laws.agree(dropped.told_s("contact"), seen, dropped.frame_s)


def speeds(take: Take) -> tuple[tuple[float, float], tuple[float, float]]:
    """Speeds to the right of the two balls before and after they met, two frames away from it."""
    paths = [take.path(BALL), take.path(OTHER)]
    gap = paths[1][:, 2] - paths[0][:, 4]
    hit = int(np.argmin(gap))
    before, after = slice(3, hit - 1), slice(hit + 2, hit + 20)
    return (
        tuple(bodies.line(take.times_s[before], path[before, 0])[0] for path in paths),
        tuple(bodies.line(take.times_s[after], path[after, 0])[0] for path in paths),
    )


def test_momentum(met: Take) -> None:
    """Check 5: what the two balls carry together is the same before and after."""
    laws.momentum(MASSES, *speeds(met))


def test_collision_energy(met: Take) -> None:
    """Check 6: no energy appears, and they part with the share of the closing speed that the Shot names."""
    laws.collision_energy(MASSES, *speeds(met), GIVES_BACK)


def test_collision_is_told_when_it_is_seen(met: Take) -> None:
    """Check 11: the event of the collision is where the straight paths of the balls change."""
    (before, after), path = speeds(met), met.path(BALL)
    one, two = (bodies.line(met.times_s[part], path[part, 0])[1] for part in (slice(3, 30), slice(-30, None)))
    laws.agree(met.told_s("contact"), [(two - one) / (before[0] - after[0])], met.frame_s)


def test_friction(settled: Take) -> None:
    """Check 9: the crate slows down evenly, by friction times gravity."""
    path = settled.path(CRATE)
    moving = (settled.times_s > 0.05) & (settled.times_s < 0.9)
    laws.friction_slide(settled.times_s[moving], path[moving, 0], settled.scale, FRICTION)


def test_rolling(settled: Take) -> None:
    """Check 9: the wheel turns as far as it goes."""
    part = slice(10, 100)
    wheel = settled.bodies(WHEEL)[part]
    turn = np.array([bodies.turn_deg(*pair) for pair in zip(settled.frames[part], wheel, strict=True)])
    middle = np.array([one.middle[0] for one in wheel])
    laws.rolling(settled.times_s[part], middle, turn, WHEEL.radius * settled.scale * 8.0 / bench.SIZE_PX[0])
    assert bodies.line(settled.times_s[part], middle)[0] / settled.scale == pytest.approx(ROLLING_M_S, rel=0.05)


def test_what_settled_lies_still(settled: Take) -> None:
    """Check 10: after they came to rest the ball and the crate do not move."""
    for thing in (BALL, CRATE):
        laws.at_rest(settled.path(thing)[-30:, :2])


def test_nothing_sinks_into_the_ground(settled: Take, dropped: Take) -> None:
    """Check 10: no body is ever more than a pixel below the ground."""
    for take, thing in ((settled, BALL), (settled, CRATE), (dropped, BALL), (dropped, OTHER)):
        laws.outside(take.path(thing)[:, 5], take.row(FLOOR))


def test_bodies_do_not_pass_into_each_other(met: Take) -> None:
    """Check 10: where two balls meet, their outlines overlap by no more than a pixel, and they do touch."""
    ball, other = met.path(BALL), met.path(OTHER)
    apart = np.hypot(*(other[:, :2] - ball[:, :2]).T) - 2 * BALL.radius * METRES * met.scale
    assert -1 <= apart.min() <= float(np.abs(np.diff(apart)).max())


def test_bodies_keep_their_size(settled: Take, dropped: Take, met: Take) -> None:
    """Check 10: no body gains or loses area on its way."""
    for take, thing in ((settled, BALL), (settled, CRATE), (dropped, BALL), (met, BALL), (met, OTHER)):
        laws.same_size(take.path(thing)[:, 6])


def lean_deg(take: Take, pivot_px: tuple[float, float]) -> Floats:
    """How far the bob is from hanging straight down, positive to the right."""
    path = take.path(BOB)
    across, down = ((path[:, [2, 3]] + path[:, [4, 5]]) / 2 - np.array(pivot_px) * DRAFT_PX[0] / bench.SIZE_PX[0]).T
    return np.degrees(np.arctan2(across, down))


def test_pendulum(swung: Take) -> None:
    """Check 7: a bob on a cord swings with the period of its length, a little longer as it swings wide."""
    lean = lean_deg(swung, bench.PIVOT_PX)
    laws.pendulum(swung.times_s, lean, bench.CORD_PX * METRES)
    assert lean.max() == pytest.approx(bench.LEAN_DEG, abs=0.4)
    assert lean.min() == pytest.approx(-bench.LEAN_DEG, abs=0.4)


def test_the_cord_does_not_stretch(swung: Take) -> None:
    """The bob stays as far from its pivot as it was drawn, to half a pixel."""
    path = swung.path(BOB)
    middle = (path[:, [2, 3]] + path[:, [4, 5]]) / 2
    reach = np.hypot(*(middle - np.array(bench.PIVOT_PX) / 2).T)
    assert np.abs(reach - bench.CORD_PX / 2).max() < 0.5


def test_damped_swing(swayed: Take) -> None:
    """Check 8: the same bob with damping keeps its frequency, and each swing shrinks by the damping of the Shot."""
    length_m = float(np.hypot(*(np.array(BOB.centre) - NEAR_PX))) * METRES
    frequency_hz = float(np.sqrt(laws.GRAVITY / length_m)) / (2 * np.pi)
    laws.damped(swayed.times_s, lean_deg(swayed, NEAR_PX), frequency_hz, DAMPING)


def test_gravity_holds_while_the_camera_moves(lab: Lab) -> None:
    """Check 12 and 1 together: the film pans as planned, and beside what stands still the ball falls with g."""
    move = {"kind": "pan", "direction": "right", "amount": 1.5, "start_s": 0.0, "end_s": 4.0}
    take = lab.film(
        bench.bench(),
        "bench",
        motion=[cue("fall", "ball", 0.2, restitution=SHARE)],
        camera=[move],
        framing={"x0": 0.05, "y0": 0.05, "x1": 0.95, "y1": 0.95},
    )
    still, ball = take.path(BOB), take.path(BALL)
    width, height = DRAFT_PX
    moved = still[-1, :2] - still[0, :2]
    wanted = -np.tan(np.radians(move["amount"])) * width / (take.framing[2] - take.framing[0])
    assert moved[0] == pytest.approx(wanted, rel=0.1)
    assert abs(moved[1]) < 1
    gone = take.times_s > 0.2
    heights = height - (ball[:, 1] - still[:, 1])
    laws.free_fall(laws.flights(take.times_s[gone], ball[gone, 0], heights[gone])[0], take.scale)
