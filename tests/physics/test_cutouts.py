"""The first three checks on things that were cut out of a real photo: antique coins on a cloth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from measure import bodies, laws, photos
from measure.lab import WIDTH_M
from stillmotion.diorama.geometry import Box

if TYPE_CHECKING:
    from pathlib import Path

    from measure.lab import Lab, Take

PHOTO_PX = (384, 303)
SHOWN = 9 / 16 * PHOTO_PX[0] / PHOTO_PX[1]
"""Share of the photo's height that a wide film shows."""
FALLING, THROWN = (154.5, 50.5), (335.5, 43.0)
"""Centres of two coins in the photo."""
FLOOR, SHARE, SPEED_M_S = 0.69, 0.7, (-0.6, 0.8)


def around(centre: tuple[float, float], radius: float) -> Box:
    """A box about a coin."""
    (x, y), (width, height) = centre, PHOTO_PX
    return Box(x0=(x - radius) / width, y0=(y - radius) / height, x1=(x + radius) / width, y1=(y + radius) / height)


@pytest.fixture
def coins(lab: Lab, tmp_path: Path) -> Take:
    """One coin falls and bounces, another is thrown."""
    cues: list[dict[str, Any]] = [
        {"verb": "fall", "box": around(FALLING, 27), "start_s": 0.2, "physics": {"restitution": SHARE}},
        {"verb": "throw", "box": around(THROWN, 34), "physics": {"velocity_m_s": SPEED_M_S, "restitution": 0.4}},
    ]
    return lab.film(
        photos.picture("coins", tmp_path),
        "coins",
        motion=[{**cue, "subject": "coin"} for cue in cues],
        framing={"x0": 0.0, "y0": 0.0, "x1": 1.0, "y1": SHOWN},
        world={"metres_per_width": WIDTH_M, "ground_y": FLOOR},
    )


def flights(take: Take, centre: tuple[float, float], radius: float, start_s: float) -> list[laws.Flight]:
    """Free flights of a coin after it was let go."""
    factor = take.frames[0].shape[1] / PHOTO_PX[0]
    path = bodies.track_patch(take.frames, (centre[0] * factor, centre[1] * factor), radius * factor)
    gone = take.times_s > start_s
    return laws.flights(take.times_s[gone], path[gone, 0], take.frames[0].shape[0] - path[gone, 1])


def test_free_fall_of_a_coin(coins: Take) -> None:
    """Check 1 on a cut-out: g to 3 %, within a pixel of the parabola."""
    laws.free_fall(flights(coins, FALLING, 17, 0.2)[0], coins.scale)


def test_throw_of_a_coin(coins: Take) -> None:
    """Check 2 on a cut-out: nothing pulls sideways, and it falls with g."""
    laws.projectile(flights(coins, THROWN, 22, 0.0)[0], coins.scale, SPEED_M_S[0])


def test_bounces_of_a_coin(coins: Take) -> None:
    """Check 3 on a cut-out: the share of the speed that the Shot names comes back."""
    laws.restitution(flights(coins, FALLING, 17, 0.2)[:3], SHARE)


def test_nothing_of_a_coin_stays_behind(coins: Take) -> None:
    """Where the coin was one sees cloth: far darker and smoother than the coin."""
    factor = coins.frames[0].shape[1] / PHOTO_PX[0]
    x, y, reach = round(FALLING[0] * factor), round(FALLING[1] * factor), round(16 * factor)
    before, there = (
        frame[y - reach : y + reach, x - reach : x + reach].mean(axis=2)
        for frame in (coins.frames[0], coins.frames[60])
    )
    assert there.mean() < 0.65 * before.mean()
    assert float(np.std(there)) < 0.5 * float(np.std(before))
