"""Rain and snow by the numbers: streaks, speed, slant, splashes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillmotion.diorama.motion import drops, splashes
from stillmotion.diorama.motion.records import Stamps, Strokes
from stillmotion.diorama.motion.solvers import rain, snow
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.shot.records import MotionCue, World
from synthetic import scenes

METRES = 4.0
SHUTTER_S = 1 / 60


def stage(metres: float = METRES) -> Stage:
    """A landscape that is 4 m wide at the subject."""
    world = World(metres_per_width=metres)
    return Stage(scene=scenes.landscape((480, 300)), shot=scenes.shot(world=world))


def cue(words: str = "Rain", **changes: object) -> MotionCue:
    """Rain over the whole shot."""
    return replace(MotionCue(verb="rain", subject="rain", words=words, performed=True), **changes)  # type: ignore[arg-type]


def streaks(*cues: MotionCue, metres: float = METRES, time_s: float = 1.0) -> list[Strokes]:
    """What falls, near to far."""
    part = rain.perform(stage(metres), cues)
    batches = [one.at(time_s, SHUTTER_S) for one in part.overlays if isinstance(one, drops.Falling)]
    return [batch for batch in batches if isinstance(batch, Strokes)]


@pytest.mark.parametrize(("speed", "metres"), [(1.0, 4.0), (0.5, 4.0), (1.0, 9.0)])
def test_a_streak_is_as_long_as_the_drop_falls_while_the_shutter_is_open(speed: float, metres: float) -> None:
    """Length in metres at the drop's own distance = 8 m/s x speed x shutter time, for every drop of every depth."""
    for batch in streaks(cue(speed=speed), metres=metres):
        fallen = (batch.heads[:, 1] - batch.tails[:, 1]) * stage().aspect
        expected = 8.0 * speed * SHUTTER_S / metres * batch.heads[:, 2]
        np.testing.assert_allclose(fallen, expected, rtol=2e-3)


def test_drops_move_at_the_speed_that_their_streaks_show() -> None:
    """From one frame to the next a drop falls twice the length of its streak at a 180 degree shutter."""
    part = rain.perform(stage(), (cue(count=12),))
    field = next(one for one in part.overlays if isinstance(one, drops.Falling))
    one, two = field.at(1.0, SHUTTER_S), field.at(1.0 + 2 * SHUTTER_S, SHUTTER_S)
    assert isinstance(one, Strokes)
    assert isinstance(two, Strokes)
    moved = two.heads[:, 1] - one.heads[:, 1]
    same = moved > 0
    assert same.sum() > 8
    np.testing.assert_allclose(moved[same], 2 * (one.heads - one.tails)[same, 1], rtol=1e-3)


def test_a_counted_rain_falls_at_the_subjects_distance() -> None:
    """With a count there are that many drops, all at q = 1, so that a streak can be measured in pixels."""
    batches = streaks(cue(count=12))
    assert [len(batch.heads) for batch in batches] == [12]
    assert (batches[0].heads[:, 2] == 1).all()


def test_far_drops_are_more_and_fainter() -> None:
    """Nearest to farthest: more drops, thinner, shorter."""
    batches = streaks(cue())
    assert len(batches) >= 4
    assert len(batches[0].heads) < len(batches[1].heads) < len(batches[2].heads)
    widths = [float(batch.radius.mean()) for batch in batches]
    assert widths == sorted(widths, reverse=True)


@pytest.mark.parametrize(("direction", "sign"), [("left", -1), ("right", 1)])
def test_rain_slants_to_the_side_that_the_cue_says(direction: str, sign: int) -> None:
    """All streaks lean the same way, and storm wind leans them more than none."""
    calm, windy = streaks(cue()), streaks(cue("Rain in a storm", direction=direction))
    lean = [np.concatenate([one.heads[:, 0] - one.tails[:, 0] for one in batches]) for batches in (calm, windy)]
    assert (np.sign(lean[1]) == sign).all()
    assert np.abs(lean[1]).mean() > 2 * np.abs(lean[0]).mean()


def test_rain_starts_gently_then_pours() -> None:
    """Two cues in a row make one field whose density grows at least threefold."""
    cues = (cue("Rain starts gently", end_s=2.0), cue("then pours", start_s=2.0))
    early, late = (sum(len(one.heads) for one in streaks(*cues, time_s=time_s)) for time_s in (1.0, 3.9))
    assert late > 3 * early > 0


def test_rain_is_never_brighter_than_the_photo() -> None:
    """In a dark photo drops are dark: no stroke is brighter than the brightest the photo holds."""
    dark = scenes.landscape((480, 300))
    dim = replace(dark, photo=(dark.photo // 6).astype(np.uint8))
    part = rain.perform(replace(stage(), scene=dim), (cue(),))
    brightest = int(dim.photo.max())
    for overlay in part.overlays:
        batch = overlay.at(1.0, SHUTTER_S)
        if isinstance(batch, Strokes):
            assert batch.colour.max() <= brightest + 25


def test_rings_lie_on_the_ground_and_spread() -> None:
    """Rings start small where drops land, on what faces up, as flat as the ground is seen there."""
    part = rain.perform(stage(), (cue(),))
    rings = [one for one in part.overlays if isinstance(one, splashes.Rings)]
    assert rings
    for ring in rings:
        batch = ring.at(1.0, SHUTTER_S)
        if not isinstance(batch, Stamps):
            continue
        assert (batch.places[:, 1] > scenes.HORIZON_Y).all()
        plane = stage().scene.layer("ground").plane
        np.testing.assert_allclose(batch.places[:, 2], plane.per_y * batch.places[:, 1] + plane.constant, atol=2e-3)
        nearest = batch.places[:, 1] > np.median(batch.places[:, 1])
        assert batch.squash[nearest].mean() > batch.squash[~nearest].mean()


def test_it_gets_duller_while_it_rains() -> None:
    """Exposure and saturation go down with the rain and come back after it."""
    part = rain.perform(stage(), (cue(start_s=1.0, end_s=2.0),))
    (grade,) = part.grades
    dry, wet, after = (grade.at(time_s) for time_s in (0.5, 2.0, 3.9))
    assert dry.exposure == after.exposure == 1.0
    assert wet.exposure < 0.97
    assert wet.saturation < 0.95


def test_snow_is_slow_and_soft() -> None:
    """Flakes sink at 0.8 to 1.5 m/s, and the nearest ones have the softest edges."""
    part = snow.perform(stage(), (replace(cue("Snow"), verb="snow"),))
    batches = [one.at(1.0, SHUTTER_S) for one in part.overlays]
    speeds = [
        (one.heads - one.tails)[:, 1] * stage().aspect * METRES / one.heads[:, 2] / SHUTTER_S
        for one in batches
        if isinstance(one, Strokes)
    ]
    assert 0.75 < np.concatenate(speeds).min() < np.concatenate(speeds).max() < 1.55
    softness = [one.softness for one in batches if isinstance(one, Strokes)]
    assert softness == sorted(softness, reverse=True)


def test_a_downpour_hides_the_distance() -> None:
    """The veil of far rain is at least three times as thick as in ordinary rain, thickest at the horizon, and moves."""
    thick = []
    for words in ("Rain", "The rain pours"):
        part = rain.perform(stage(), (cue(words),))
        (haze,) = (one for one in part.overlays if isinstance(one, rain.Haze))
        veils = [haze.at(time_s, SHUTTER_S) for time_s in (1.0, 2.0)]
        rows = veils[0].box.y0 + (np.arange(len(veils[0].rgba)) + 0.5) / len(veils[0].rgba) * veils[0].box.height
        alpha = veils[0].rgba[..., 3].mean(axis=1)
        assert abs(rows[int(alpha.argmax())] - scenes.HORIZON_Y) < 0.2
        assert not np.array_equal(veils[0].rgba, veils[1].rgba)
        thick.append(alpha.max())
    assert thick[1] > 3 * thick[0] > 0


def test_flakes_are_darker_than_a_bright_sky_and_brighter_than_dark_ground() -> None:
    """What falls can be seen against both."""
    scene = scenes.landscape((480, 300))
    photo = np.full_like(scene.photo, 225)
    photo[len(photo) // 2 :] = 40
    part = snow.perform(replace(stage(), scene=replace(scene, photo=photo)), (replace(cue("Snow"), verb="snow"),))
    batches = [one.at(1.0, SHUTTER_S) for one in part.overlays]
    places = np.concatenate([one.heads for one in batches if isinstance(one, Strokes)])
    level = np.concatenate([one.colour for one in batches if isinstance(one, Strokes)]).mean(axis=1)
    assert level[places[:, 1] < 0.4].max() < 225 - 20
    assert level[(places[:, 1] > 0.6) & (places[:, 1] < 1)].min() > 40 + 60
