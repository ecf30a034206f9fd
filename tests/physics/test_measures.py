"""The measures themselves: ideal paths pass every check, and the same paths a little wrong fail it."""

from __future__ import annotations

import numpy as np
import pytest

from measure import bodies, fields, laws
from synthetic import bench
from synthetic.bench import THINGS

TIMES_S = np.arange(120) / 30
SCALE, GRAVITY, SHARE = 80.0, 9.81, 0.75


def bouncing(gravity: float = GRAVITY, share: float = SHARE, pull: float = 0.0) -> list[laws.Flight]:
    """A ball that is let go 2.8 m above the ground and moves to the right, in pixels with a tenth of one as noise."""
    heights, start, speed, height = [], 0.0, 0.0, 2.8
    for now in TIMES_S:
        while height + speed * (now - start) - gravity * (now - start) ** 2 / 2 < 0:
            lasts = (speed + np.sqrt(speed**2 + 2 * gravity * height)) / gravity
            start, speed, height = start + lasts, share * (gravity * lasts - speed), 0.0
        heights.append(height + speed * (now - start) - gravity * (now - start) ** 2 / 2)
    across = 0.5 * TIMES_S + pull * TIMES_S**2 / 2
    noise = np.random.default_rng(4).normal(0, 0.1, (2, len(TIMES_S)))
    return laws.flights(TIMES_S, across * SCALE + noise[0], np.array(heights) * SCALE + 13 + noise[1])


def swinging(length_m: float = 1.25, damping: float = 0.0) -> np.ndarray:
    """Degrees of a small swing."""
    rate = np.sqrt(GRAVITY / length_m)
    return 12 * np.exp(-damping * rate * TIMES_S) * np.cos(rate * np.sqrt(1 - damping**2) * TIMES_S)


def test_ideal_bounces_pass() -> None:
    """Checks 1 to 4 and the energy hold for a path that obeys them."""
    path = bouncing()
    laws.free_fall(path[0], SCALE)
    laws.projectile(path[0], SCALE, 0.5)
    laws.restitution(path, SHARE)
    laws.bounce_series(path[1:], 13, SHARE)
    laws.energy_never_rises(path, GRAVITY * SCALE)


def test_wrong_gravity_fails() -> None:
    """A tenth too much gravity is noticed, in a fall and in a throw."""
    wrong = bouncing(gravity=1.1 * GRAVITY)[0]
    with pytest.raises(AssertionError, match=r"g is 10\.[78]"):
        laws.free_fall(wrong, SCALE)
    with pytest.raises(AssertionError, match=r"g is 10\.[78]"):
        laws.projectile(wrong, SCALE, 0.5)


def test_a_pull_sideways_fails() -> None:
    """A twentieth of gravity to the side is noticed."""
    with pytest.raises(AssertionError, match="sideways"):
        laws.projectile(bouncing(pull=0.05 * GRAVITY)[0], SCALE, 0.5)


def test_wrong_bounces_fail() -> None:
    """A restitution that is off by 0.06 is noticed at each bounce and in the apexes; so is energy that comes back."""
    wrong = bouncing(share=SHARE + 0.06)
    with pytest.raises(AssertionError, match=r"e is 0\.8"):
        laws.restitution(wrong, SHARE)
    with pytest.raises(AssertionError, match="h ratio"):
        laws.bounce_series(wrong[1:], 13, SHARE)
    with pytest.raises(AssertionError, match="energy"):
        laws.energy_never_rises(bouncing()[::-1], GRAVITY * SCALE)


def test_collisions_are_judged() -> None:
    """Two balls that obey momentum and restitution pass; a twentieth off, they fail."""
    masses, before, after = (1.0, 2.0), (1.2, -1.2), (-1.84, 0.32)
    laws.momentum(masses, before, after)
    laws.collision_energy(masses, before, after, 0.9)
    with pytest.raises(AssertionError, match="became"):
        laws.momentum(masses, before, (-1.84, 0.26))
    with pytest.raises(AssertionError, match="e is"):
        laws.collision_energy(masses, before, (-1.7, 0.32), 0.9)
    with pytest.raises(AssertionError, match="energy grew"):
        laws.collision_energy(masses, before, (-2.1, 0.45), 1.0)


def test_swings_are_judged() -> None:
    """A pendulum passes with its own length and damping, and fails with a length 6 % or a damping 30 % off."""
    laws.pendulum(TIMES_S, swinging(), 1.25 / (1 + np.radians(12) ** 2 / 8))
    with pytest.raises(AssertionError, match="period"):
        laws.pendulum(TIMES_S, swinging(1.25 * 1.06), 1.25)
    frequency_hz = float(np.sqrt(GRAVITY / 0.5)) / (2 * np.pi)
    laws.damped(TIMES_S, swinging(0.5, 0.05), frequency_hz, 0.05)
    with pytest.raises(AssertionError, match="damping"):
        laws.damped(TIMES_S, swinging(0.5, 0.065), frequency_hz, 0.05)
    with pytest.raises(AssertionError, match="Hz"):
        laws.damped(TIMES_S, swinging(0.45, 0.05), frequency_hz, 0.05)


def test_sliding_and_rolling_are_judged() -> None:
    """Friction that is 12 % off and a wheel that slips by 6 % are noticed."""
    times = TIMES_S[:24]
    slide = (3.0 * times - 0.3 * GRAVITY * times**2 / 2) * SCALE
    laws.friction_slide(times, slide, SCALE, 0.3)
    with pytest.raises(AssertionError, match="mu is"):
        laws.friction_slide(times, slide, SCALE, 0.34)
    turn = np.degrees(TIMES_S * 48 / 17)
    laws.rolling(TIMES_S, 48 * TIMES_S, (turn + 180) % 360 - 180, 17)
    with pytest.raises(AssertionError, match="w r"):
        laws.rolling(TIMES_S, 48 * TIMES_S, 1.06 * turn, 17)
    with pytest.raises(AssertionError, match="w r"):
        laws.rolling(TIMES_S, 48 * TIMES_S, -turn, 17)


def test_rest_and_contacts_are_judged() -> None:
    """A creep of half a pixel a frame, a sunk body, a lost part and a late event are noticed."""
    laws.at_rest(np.zeros((30, 2)))
    with pytest.raises(AssertionError, match="px a frame"):
        laws.at_rest(np.outer(np.arange(30), (0.5, 0)))
    with pytest.raises(AssertionError, match="in the ground"):
        laws.outside(np.array([280.0, 282.5]), 281.0)
    with pytest.raises(AssertionError, match="area"):
        laws.same_size(np.linspace(500, 470, 60))
    with pytest.raises(AssertionError, match="no event"):
        laws.agree([1.1], [1.0], 1 / 30)


def test_bodies_are_found_to_a_tenth_of_a_pixel() -> None:
    """Centre, box and area of every drawn thing are what was drawn."""
    frame = bench.bench()
    for thing in THINGS.values():
        found = bodies.find(bodies.coverage(frame, thing.colour))
        assert found is not None
        assert found.middle == pytest.approx(thing.centre, abs=0.1)
        assert found.right - found.left == pytest.approx(2 * thing.radius, abs=0.2)
        if thing.spot is None:
            area = (np.pi if thing.round else 4) * thing.radius**2
            assert (found.x, found.y) == pytest.approx(thing.centre, abs=0.1)
            assert found.area == pytest.approx(area, rel=0.01)


def test_a_drawn_wave_is_read() -> None:
    """Length, direction and frequency of a wave that is drawn are read to 2 %."""
    x = np.arange(440)
    frames = [
        np.repeat((128 + 20 * np.sin(2 * np.pi * (x / 97 - 1.2 * now)))[None, :, None], 9, axis=0)
        .repeat(3, axis=2)
        .astype(np.uint8)
        for now in TIMES_S
    ]
    found = fields.wave(frames, slice(0, 9), slice(0, 440), 30)
    assert 1 / found.cycles_per_px == pytest.approx(97, rel=0.02)
    assert found.frequency_hz == pytest.approx(1.2, rel=0.02)
