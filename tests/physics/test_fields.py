"""Waves, rain, lightning and smoke in decoded films obey what is known of them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from measure import fields, laws
from measure.lab import DRAFT_PX, WIDTH_M
from measure.video import luma
from synthetic import bench

if TYPE_CHECKING:
    from measure.lab import Lab, Take

RAIN_WIDTH_M, DROP_M_S, SHUTTER = 3.0, 8.0, 0.5
LATE_S = 2.0


def shore(lab: Lab, *cues: dict[str, Any], **shot: Any) -> Take:
    """A film of the drawn shore."""
    world = {"metres_per_width": shot.pop("width_m", WIDTH_M)}
    return lab.film(bench.shore(), "shore", motion=list(cues), world=world, **shot)


@pytest.mark.parametrize("frequency_hz", [1.0, 1.4])
def test_wave_dispersion(lab: Lab, frequency_hz: float) -> None:
    """Waves of a given frequency are as long as gravity makes them, w^2 = g k to 5 %, at their place in perspective."""
    cue = {"verb": "waves", "subject": "sea", "direction": "right", "physics": {"frequency_hz": frequency_hz}}
    take = shore(lab, cue)
    row_px = 0.8 * bench.SIZE_PX[1]
    nearness = (row_px - bench.HORIZON_PX) / (bench.FOOT_PX - bench.HORIZON_PX)
    row = round(row_px * DRAFT_PX[1] / bench.SIZE_PX[1])
    found = fields.wave(take.frames, slice(row - 2, row + 3), slice(0, 440), take.fps)
    k = 2 * np.pi * found.cycles_per_px * take.scale * nearness
    assert found.frequency_hz == pytest.approx(frequency_hz, rel=0.05)
    assert (2 * np.pi * found.frequency_hz) ** 2 == pytest.approx(laws.GRAVITY * k, rel=0.05)


@pytest.fixture
def rain(lab: Lab) -> Take:
    """A few drops at the subject's distance, close up."""
    cue = {"verb": "rain", "subject": "rain", "count": 14}
    return shore(lab, cue, width_m=RAIN_WIDTH_M, look={"grain": 0.0, "shutter_deg": 360 * SHUTTER})


def test_streaks_are_as_long_as_drops_fall_while_the_shutter_is_open(rain: Take) -> None:
    """Length of the streaks = speed x shutter to 8 %, where the speed is measured between frames."""
    still = np.median([luma(frame) for frame in rain.frames[::4]], axis=0)
    seen = [fields.streaks(frame, still, 150) for frame in rain.frames[40:]]
    lengths = [one.length for frame in seen for one in frame]
    likely = DROP_M_S * DRAFT_PX[0] / RAIN_WIDTH_M / rain.fps
    steps = [step for one, two in pairwise(seen) for step in fields.steps_px(one, two, likely)]
    assert min(len(lengths), len(steps)) > 10, f"{len(lengths)} streaks, {len(steps)} steps"
    assert float(np.median(lengths)) == pytest.approx(float(np.median(steps)) * SHUTTER, rel=0.08)


def test_thunder_is_late_by_the_way_of_the_sound(lab: Lab) -> None:
    """The thunder of a flash 686 m away is told 2 s after the flash that the picture shows, within a frame."""
    words = "Lightning flashes, thunder follows two seconds later."
    take = shore(lab, {"verb": "lightning", "subject": "lightning", "words": words, "count": 1})
    brightness = np.array([float(luma(frame).mean()) for frame in take.frames])
    flash_s = take.times_s[int(np.argmax(np.diff(brightness) > 0.25 * np.diff(brightness).max())) + 1]
    (thunder_s,) = take.told_s("thunder")
    assert thunder_s - flash_s == pytest.approx(LATE_S, abs=take.frame_s)


@pytest.fixture
def smoke(lab: Lab) -> Take:
    """Smoke from the top of the post."""
    top = {"point": (980 / bench.SIZE_PX[0], 386 / bench.SIZE_PX[1])}
    return shore(lab, {"verb": "smoke", "subject": "smoke", "amount": 1.5, **top})


def test_smoke_rises(smoke: Take) -> None:
    """What changes above the post moves up, and more up than sideways."""
    right, down = fields.drift_px(smoke.frames[30:], (slice(40, 185), slice(400, 580)))
    assert down < -0.2
    assert abs(right) < abs(down)


def test_nothing_jumps(smoke: Take, rain: Take) -> None:
    """No frame differs from the one before by more than three times what is usual in its film."""
    for take in (smoke, rain):
        change = fields.changes(take.frames)[30:]
        assert change.max() <= 3 * float(np.median(change))
