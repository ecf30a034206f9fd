"""Many small things: closed forms of time, steady density, hidden by what is nearer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillmotion.diorama.motion import depth_bins, particles, pictures
from stillmotion.diorama.motion.records import Part, Stamps, Strokes, Veil
from stillmotion.diorama.motion.solvers import (
    birds_fly,
    bubbles,
    confetti,
    drip,
    dust,
    fireflies,
    hail,
    insects,
    leaves,
    light,
    lightning,
    petals,
    rain,
    snow,
    sparks,
)
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.shot.records import MotionCue, World
from synthetic import scenes

SMALL = (480, 300)
FIELDS = (
    (rain, "Heavy rain"),
    (snow, "Snow falls"),
    (hail, "Hail"),
    (leaves, "Leaves fall"),
    (leaves, "Leaves fly past in the wind"),
    (petals, "Petals fall"),
    (confetti, "Confetti falls"),
    (confetti, "Feathers fall"),
    (dust, "Dust floats"),
    (dust, "Sand blows over the ground"),
    (sparks, "Embers drift up"),
    (sparks, "Fireworks"),
    (fireflies, "Fireflies glow"),
    (bubbles, "Bubbles rise"),
    (insects, "Butterflies flutter by"),
    (insects, "Bees buzz around"),
    (insects, "A swarm of midges"),
    (birds_fly, "Birds fly"),
    (drip, "Water drips"),
    (drip, "Dew drops glint"),
    (light, "Sun rays move"),
    (lightning, "Lightning strikes"),
)


def stage(*, seed: int = 0, metres: float | None = 4.0, duration_s: int = 4) -> Stage:
    """A landscape with a subject at q = 1 on the ground."""
    world = World(metres_per_width=metres)
    shot = scenes.shot(seed=seed, world=world, duration_s=duration_s)
    return Stage(scene=scenes.landscape(SMALL), shot=shot)


def cue(module: object, words: str, **changes: object) -> MotionCue:
    """A performed cue over the whole shot."""
    verb = module.VERBS[0]  # type: ignore[attr-defined]
    return replace(MotionCue(verb=verb, subject="", words=words, performed=True), **changes)  # type: ignore[arg-type]


def arrays(batch: Strokes | Stamps | Veil | None) -> list[np.ndarray]:
    """All numbers of a batch."""
    if batch is None:
        return []
    if isinstance(batch, Veil):
        return [batch.rgba]
    names = ("heads", "tails", "radius", "colour", "alpha") if isinstance(batch, Strokes) else (
        "which", "places", "size", "turn_deg", "squash", "tint", "alpha")  # fmt: skip
    return [np.asarray(getattr(batch, name)) for name in names]


def everything(part: Part, time_s: float) -> list[np.ndarray]:
    """All numbers of all overlays at one time."""
    return [one for overlay in part.overlays for one in arrays(overlay.at(time_s, 1 / 60))]


@pytest.mark.parametrize(("module", "words"), FIELDS)
def test_a_frame_alone_is_the_frame_in_sequence(module: object, words: str) -> None:
    """Asked for in any order, by a solver made anew, an instant looks the same; another seed looks different."""
    first = module.perform(stage(), (cue(module, words),))  # type: ignore[attr-defined]
    for time_s in (0.0, 3.3, 0.7):
        everything(first, time_s)
    again = module.perform(stage(), (cue(module, words),))  # type: ignore[attr-defined]
    one, two = everything(first, 1.9), everything(again, 1.9)
    assert len(one) == len(two)
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    other = module.perform(stage(seed=5), (cue(module, words),))  # type: ignore[attr-defined]
    differs = [
        not (len(a := everything(first, t)) == len(b := everything(other, t)) and all(map(np.array_equal, a, b)))
        for t in (0.5, 1.0, 1.9, 2.6, 3.4)
    ]
    assert any(differs)


@pytest.mark.parametrize(("module", "words"), FIELDS)
def test_batches_are_well_formed(module: object, words: str) -> None:
    """Every array has one row for each thing, finite, and opacities stay within 0..1; a batch names a real layer."""
    part = module.perform(stage(), (cue(module, words),))  # type: ignore[attr-defined]
    names = {layer.name for layer in stage().scene.layers} | {None}
    for overlay in part.overlays:
        assert overlay.before in names
        for time_s in (0.0, 1.37, 3.9):
            batch = overlay.at(time_s, 1 / 60)
            rows = arrays(batch)
            assert all(np.isfinite(one).all() for one in rows)
            if isinstance(batch, Strokes | Stamps):
                assert len({len(one) for one in rows}) == 1
                assert batch.alpha.min() >= 0
                assert batch.alpha.max() <= 1
            if isinstance(batch, Stamps):
                assert 0 <= batch.which.min() <= batch.which.max() < len(batch.pictures)


@pytest.mark.parametrize(
    ("module", "words"), [(rain, "Rain"), (snow, "Snow"), (confetti, "Confetti"), (dust, "Dust"), (leaves, "Leaves")]
)
def test_density_is_constant_from_frame_0(module: object, words: str) -> None:
    """The number of things in the picture at the start is that at any later time, within chance."""
    part = module.perform(stage(), (cue(module, words),))  # type: ignore[attr-defined]

    def visible(time_s: float) -> int:
        total = 0
        for overlay in part.overlays:
            batch = overlay.at(time_s, 1 / 60)
            if isinstance(batch, Strokes | Stamps):
                places = batch.heads if isinstance(batch, Strokes) else batch.places
                inside = (places[:, :2] > 0).all(axis=1) & (places[:, :2] < 1).all(axis=1)
                total += int((inside & (batch.alpha > 0.01)).sum())
        return total

    counts = np.array([visible(time_s) for time_s in np.arange(0, 4, 0.25)])
    mean = counts.mean()
    assert mean > 8
    assert np.abs(counts - mean).max() < 5 * np.sqrt(mean)
    assert abs(counts[:4].mean() - counts[-4:].mean()) < 3 * np.sqrt(mean)


@pytest.mark.parametrize("module", [rain, snow, leaves, dust])
def test_a_cue_that_starts_later_shows_nothing_before(module: object) -> None:
    """Before its cue a field is not there; at its end it is."""
    part = module.perform(stage(), (cue(module, "it starts", start_s=2.0),))  # type: ignore[attr-defined]

    def opacity(time_s: float) -> float:
        batches = [overlay.at(time_s, 1 / 60) for overlay in part.overlays]
        return float(sum(batch.alpha.sum() for batch in batches if isinstance(batch, Strokes | Stamps)))

    assert opacity(1.95) == pytest.approx(0.0, abs=1e-3)
    assert opacity(3.9) > 1.0


@pytest.mark.parametrize("module", [snow, leaves, dust, bubbles])
def test_nothing_jumps_inside_the_picture(module: object) -> None:
    """From frame to frame nothing moves farther than its speed allows, unless it is outside the picture."""
    part = module.perform(stage(), (cue(module, ""),))  # type: ignore[attr-defined]
    for overlay in part.overlays:
        before = None
        for time_s in np.arange(0, 4, 1 / 30):
            batch = overlay.at(float(time_s), 0.0)
            assert isinstance(batch, Strokes | Stamps)
            places = batch.heads if isinstance(batch, Strokes) else batch.places
            if before is not None and len(before) == len(places):
                inside = ((places[:, :2] > 0.0) & (places[:, :2] < 1.0)).all(axis=1)
                inside &= ((before[:, :2] > 0.0) & (before[:, :2] < 1.0)).all(axis=1)
                landed = before[:, 1] > depth_bins.landing_row(stage().scene, before[:, 2], 9.0) - 0.05
                assert np.abs(places - before)[inside & ~landed, :2].max(initial=0) < 0.15
            before = places


def test_far_things_are_behind_near_layers() -> None:
    """A range of depth is drawn right before the first standing layer nearer than it; lying layers hide nothing."""
    scene = scenes.landscape(SMALL)
    assert depth_bins.before(scene, 0.5) == "subject"
    assert depth_bins.before(scene, 1.3) is None
    rooms = depth_bins.bins(scene, 4.0, 0.2, 4)
    assert [room.before for room in rooms] == [None, None, "subject", "subject"]
    assert all(room.near_q > room.far_q for room in rooms)


def test_nothing_is_put_behind_the_farthest_layer() -> None:
    """A backdrop at q = 0.5 has no snow behind it."""
    rooms = depth_bins.bins(scenes.portrait(SMALL), 3.0, 0.1, 4)
    assert min(room.far_q for room in rooms) >= 0.5


def test_a_photo_that_is_one_picture_still_has_far_flakes() -> None:
    """Its only layer hides nothing that is drawn before it, so things fall at all distances."""
    scene = scenes.portrait(SMALL)
    rooms = depth_bins.bins(replace(scene, layers=scene.layers[:1]), 3.0, 0.1, 4)
    assert min(room.far_q for room in rooms) < 0.25
    assert {room.before for room in rooms} == {None}


def test_what_falls_ends_on_the_ground() -> None:
    """The ground's plane says at which row something at a depth lands; at q = 1 where the subject stands."""
    rows = depth_bins.landing_row(scenes.landscape(SMALL), np.array([1.0, 0.5, 50.0], np.float32), 2.0)
    middle = (scenes.CONTACT_Y + scenes.HORIZON_Y) / 2
    assert rows == pytest.approx([scenes.CONTACT_Y, middle, 2.0], abs=1e-5)


def test_hashed_numbers_are_uniform_and_unrelated() -> None:
    """Numbers of neighbours, of following lives and of other channels are spread evenly and do not resemble."""
    index = np.arange(4096, dtype=np.int64)
    one = particles.hashed(7, index, index * 0, 0)
    others = [particles.hashed(7, index, index * 0 + 1, 0), particles.hashed(7, index, index * 0, 1),
              particles.hashed(8, index, index * 0, 0), np.roll(one, 1)]  # fmt: skip
    histogram = np.histogram(one, 16, (0, 1))[0]
    assert np.abs(histogram - 256).max() < 80
    assert all(abs(np.corrcoef(one, other)[0, 1]) < 0.06 for other in others)


def test_presence_follows_the_cues() -> None:
    """Gently, then heavily: the amount rises smoothly from one cue's to the next one's and never in between to 0."""
    first, second = cue(rain, "", end_s=2.0), cue(rain, "", start_s=2.0)
    presence = particles.presence(stage(), [(first, 0.4), (second, 1.8)], 1.0)
    levels = presence.at(np.linspace(0, 4, 81, dtype=np.float32))
    assert levels[0] == pytest.approx(0.4)
    assert levels[-1] == pytest.approx(1.8)
    assert (np.diff(levels) > -0.1).all()
    assert levels.min() > 0.25


def test_the_sum_of_the_wind_is_its_integral() -> None:
    """What is carried along moves at the speed of the gusts."""
    blown = particles.breeze(stage())
    step = 1e-2
    for time_s in (0.5, 1.7, 3.2):
        speed = (blown.travelled_s(time_s + step) - blown.travelled_s(time_s - step)) / (2 * step)
        assert speed == pytest.approx(blown.factor(time_s), rel=0.05)
    assert blown.travelled_s(0.0) == pytest.approx(0.0, abs=1e-6)


def test_drawn_pictures_are_premultiplied() -> None:
    """No colour is brighter than its alpha allows, and no picture touches its border: nothing is cut off."""
    drawn = [pictures.leaf((170, 110, 50), 2), pictures.petal((240, 180, 190)), pictures.feather((240, 240, 236)),
             pictures.butterfly((226, 132, 44)), pictures.bee(), pictures.bubble(), pictures.bird(3)]  # fmt: skip
    for picture in drawn:
        assert (picture[..., :3] <= picture[..., 3:]).all()
        border = np.concatenate([picture[0, :, 3], picture[-1, :, 3], picture[:, 0, 3], picture[:, -1, 3]])
        assert border.mean() < 12


def test_a_smear_keeps_the_light() -> None:
    """A picture blurred by movement is wider, has the same sum, and is blurred along its direction."""
    sharp = pictures.leaf((170, 110, 50))
    blurred = pictures.smeared(sharp, 0.5)
    total = sharp[..., 3].sum(dtype=np.int64)
    assert all(abs(one[..., 3].sum(dtype=np.int64) - total) < 0.06 * total for one in blurred)
    across, down = blurred[0][..., 3].astype(float), blurred[pictures.DIRECTIONS // 2][..., 3].astype(float)
    assert (across.sum(axis=0) > 200).sum() > (down.sum(axis=0) > 200).sum()
    assert (across.sum(axis=1) > 200).sum() < (down.sum(axis=1) > 200).sum()
