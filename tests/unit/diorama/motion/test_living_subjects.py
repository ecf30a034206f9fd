"""Blinks, smiles, glances, heads, breath, hops and twitches: how far, how often, when, and when not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import eyes, registry
from stillmotion.diorama.motion.fit import fit
from stillmotion.diorama.motion.lids import lids
from stillmotion.diorama.motion.solvers import breathe, face, head, hop, lean, sway, talk, twitch
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.scene.records import Face, Layer, Scene, Surface
from stillmotion.diorama.shot.records import MotionCue, Physics, World
from synthetic import scenes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.records import LayerMotion, Part, Warp

SIZE = (320, 240)
ASPECT = 0.75
EYES = ((0.42, 0.35), (0.58, 0.35))
HALF, OPENING = 0.035, 0.024


def layer(name: str, surface: Surface, rgb: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> Layer:
    """A layer as large as the photo."""
    rgba = np.dstack([rgb * (alpha[..., None] > 0), alpha]).astype(np.uint8)
    return Layer(name=name, surface=surface, label=name, rgba=rgba, left_px=0, top_px=0, plane=Plane(constant=1.0))


def mask(*ellipses: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    """Ellipses by middle and half axes in photo widths."""
    out = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    for x, y, across, down in ellipses:
        centre, axes = (int(x * SIZE[0]), int(y * SIZE[1])), (int(across * SIZE[0]), int(down * SIZE[0]))
        cv2.ellipse(out, centre, axes, 0, 0, 360, 255, -1)
    return out


def landmarks() -> NDArray[np.float32]:
    """A face mesh in which only the points that are read are in their places."""
    points = np.zeros((478, 3), np.float32)
    points[:, :2] = (0.5, 0.42)
    points[10, :2], points[152, :2] = (0.5, 0.2), (0.5, 0.62)
    points[61, :2], points[291, :2] = (0.45, 0.53), (0.55, 0.53)
    points[205, :2], points[425, :2] = (0.43, 0.47), (0.57, 0.47)
    for k, (x, y) in enumerate(EYES):
        for sign, group in ((-1, eyes._HUMAN_UPPER[k]), (1, eyes._HUMAN_LOWER[k])):
            for share, point in zip(np.linspace(-1, 1, 9), group, strict=True):
                bend = OPENING / 2 * (1 - share**2) / ASPECT
                points[point, :2] = (x + share * HALF, y + sign * bend)
        points[(468, 473)[k], :2] = (x, y)
    return points


def person(*, cut: bool = True, found: bool = True) -> Scene:
    """Somebody with a face before a wall; without a cut-out all is one picture."""
    rgb = np.full((SIZE[1], SIZE[0], 3), 120, np.uint8)
    shape = mask((0.5, 0.42, 0.14, 0.18), (0.5, 1.1, 0.3, 0.36))
    whole = np.full_like(shape, 255)
    behind, who = layer("backdrop", Surface.BACKDROP, rgb, whole), layer("person", Surface.PERSON, rgb, shape)
    alone = layer("person", Surface.PERSON, rgb, whole)
    one = Face(box=Box(x0=0.38, y0=0.2, x1=0.62, y1=0.62), landmarks=landmarks(), score=1.0, layer="person")
    return Scene(
        photo_sha256="0" * 64,
        photo=rgb,
        layers=(behind, who) if cut else (alone,),
        horizon_y=None,
        focal=1.0,
        faces=(one,) if found else (),
    )


def cat() -> Scene:
    """A brown animal with two ears, two green eyes and a thin tail, that stands in the picture."""
    shape = mask((0.4, 0.45, 0.12, 0.11), (0.55, 0.72, 0.2, 0.14))
    for tip in ((0.3, 0.2), (0.5, 0.2)):
        corners = np.array([tip, (tip[0] - 0.06, 0.4), (tip[0] + 0.06, 0.4)]) * SIZE
        cv2.fillPoly(shape, [corners.astype(np.int32)], 255)
    cv2.line(shape, (230, 170), (300, 90), 255, 7)
    rgb = np.full((SIZE[1], SIZE[0], 3), (150, 105, 70), np.uint8)
    for x in (0.35, 0.45):
        cv2.circle(rgb, (int(x * SIZE[0]), int(0.44 * SIZE[1])), 9, (150, 170, 60), -1)
        cv2.circle(rgb, (int(x * SIZE[0]), int(0.44 * SIZE[1])), 3, (15, 15, 15), -1)
    whole = np.full_like(shape, 255)
    wall = np.full_like(rgb, 120)
    layers = (layer("backdrop", Surface.BACKDROP, wall, whole), layer("cat", Surface.ANIMAL, rgb, shape))
    photo = np.where(shape[..., None] > 0, rgb, wall).astype(np.uint8)
    return Scene(photo_sha256="0" * 64, photo=photo, layers=layers, horizon_y=None, focal=1.0)


def stage(seen: Scene, *cues: MotionCue) -> Stage:
    """A stage with a scale."""
    shot = replace(scenes.shot(), duration_s=4, motion=cues, world=World(metres_per_width=1.5))
    return Stage(scene=seen, shot=shot)


def cue(verb: str, name: str = "person", **changes: Any) -> MotionCue:
    """A cue for somebody."""
    return MotionCue(verb=verb, subject=name, layer=name, performed=True, **changes)


def made(solver: Any, seen: Scene, *cues: MotionCue) -> Part:
    """What a solver makes of cues that it does not refuse."""
    there = stage(seen, *cues)
    assert [solver.refusal(there, one) for one in cues] == [None] * len(cues)
    part: Part = solver.perform(there, cues)
    return part


def motion(solver: Any, seen: Scene, *cues: MotionCue) -> LayerMotion:
    """The motion of the only layer that moves."""
    return made(solver, seen, *cues).layers[0]


def shift(warps: tuple[Warp, ...], x: float, y: float, time_s: float) -> NDArray[np.float32]:
    """How far the picture moved at a point, photo coordinates."""
    points = at = np.array([[[x, y]]], np.float32)
    for warp in warps:
        at = warp.source(at, time_s)
    moved: NDArray[np.float32] = (points - at)[0, 0]
    return moved


def closed(warps: tuple[Warp, ...], times: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the middle of the left eye shows skin from above it instead of the iris."""
    x, y = EYES[0]
    return np.array([shift(warps, x, y, t)[1] > 0.3 * OPENING / ASPECT for t in times])


def test_two_blinks_are_two_and_short() -> None:
    """Asked twice, the eyes close twice, for less than a fifth of a second each, and are open in between."""
    times = np.arange(0, 4, 1 / 240)
    shut = closed(motion(face, person(), cue("blink", count=2)).warps, times)
    starts = np.flatnonzero(np.diff(shut.astype(int)) == 1)
    assert len(starts) == 2
    assert 0.03 < shut.mean() * 4 / 2 < 0.2
    assert not shut[0]
    assert not shut[-1]


def test_lids_slide_and_the_face_stays() -> None:
    """At the moment of a blink the lid's skin has come down over the eye; nose and mouth have not moved."""
    warps = motion(face, person(), cue("blink", count=1)).warps
    times = np.arange(0, 2, 1 / 240)
    shut_s = float(times[closed(warps, times)].mean())
    for x, y in ((0.5, 0.45), (0.5, 0.53), (0.3, 0.35)):
        assert not shift(warps, x, y, shut_s).any()
    x, y = EYES[0]
    source = y - shift(warps, x, y, shut_s)[1]
    assert source < y - 0.4 * OPENING / ASPECT


def test_a_wink_is_one_eye() -> None:
    """Winking leaves the other eye open."""
    warps = motion(face, person(), cue("blink", count=1, words="she winks")).warps
    times = np.arange(0, 2, 1 / 120)
    assert not closed(warps, times).any()
    assert max(shift(warps, *EYES[1], t)[1] for t in times) > 0.3 * OPENING / ASPECT


def test_smiling_lifts_the_corners_a_little() -> None:
    """Corners go up and out, by less than 3 % of the face's width, and stay; eyes hardly move."""
    warps = motion(face, person(), cue("smile")).warps
    left, right = shift(warps, 0.445, 0.52, 2.0), shift(warps, 0.555, 0.52, 2.0)
    assert left[1] < -0.001
    assert right[1] < -0.001
    assert left[0] < 0 < right[0]
    assert np.abs([left, right]).max() < 0.03 * 0.24 / ASPECT
    assert not shift(warps, 0.445, 0.52, 0.0).any()


@pytest.mark.parametrize(("direction", "sign"), [("left", -1), ("right", 1)])
def test_glances_go_where_they_are_sent(direction: str, sign: int) -> None:
    """Both irises go to the named side of the picture."""
    warps = motion(face, person(), cue("glance", direction=direction)).warps
    for x, y in EYES:
        assert sign * shift(warps, x, y, 2.0)[0] > 0.002


@pytest.mark.parametrize(("words", "direction", "axis"), [("turns her head", "left", 0), ("nods", "", 1)])
def test_heads_move_and_shoulders_stay(words: str, direction: str, axis: int) -> None:
    """The face moves along the asked axis; the shoulders do not move at all."""
    verb = "nod" if words == "nods" else "turn_head"
    warps = motion(head, person(), cue(verb, direction=direction, words=words)).warps
    times = np.arange(0, 4, 0.05)
    nose = np.array([shift(warps, 0.5, 0.42, t) for t in times])
    assert 0.003 < np.abs(nose[:, axis]).max() < 0.04
    assert np.abs(nose[:, 1 - axis]).max() < 1e-4
    assert max(float(np.abs(shift(warps, 0.3, 0.95, t)).max()) for t in times) < 1e-5


def test_nods_are_counted() -> None:
    """Three nods are three times down and back."""
    warps = motion(head, person(), cue("nod", count=3, words="nods three times")).warps
    low = np.array([shift(warps, 0.5, 0.42, t)[1] for t in np.arange(0, 4, 1 / 60)])
    down = low > 0.4 * low.max()
    assert np.count_nonzero(np.diff(down.astype(int)) == 1) == 3


def test_heads_do_not_fold() -> None:
    """A head at its farthest tilt stretches nothing beyond 0.7 to 1.6."""
    warps = motion(head, person(), cue("turn_head", direction="left", words="tilts her head", amount=1.5)).warps
    points = np.stack(np.meshgrid(np.linspace(0, 1, 161), np.linspace(0, 1, 121)), axis=-1).astype(np.float32)
    source = warps[0].source(points, 3.0)
    across, down = np.diff(source[..., 0], axis=1) * 160, np.diff(source[..., 1], axis=0) * 120
    assert min(across.min(), down.min()) > 0.7
    assert max(across.max(), down.max()) < 1.6


def test_what_was_not_found_is_said() -> None:
    """Without a face nobody blinks, smiles or nods; one picture does not tilt, lean or hop."""
    blank, whole = person(found=False), person(cut=False)
    for solver, verb in ((face, "blink"), (face, "smile"), (head, "nod"), (twitch, "twitch")):
        assert solver.refusal(stage(blank), cue(verb)) is not None
    tilt = cue("turn_head", words="tilts her head")
    assert head.refusal(stage(whole), tilt) is not None
    for solver, verb in ((lean, "lean"), (hop, "hop"), (breathe, "breathe")):
        assert solver.refusal(stage(whole), cue(verb)) is not None


def test_breath_comes_every_four_seconds_and_is_small() -> None:
    """Shoulders rise and fall once in four seconds, by 1 to 5 pixels of 1280, and no faster."""
    warps = motion(breathe, person(), cue("breathe")).warps
    rise = np.array([-shift(warps, 0.5, 0.72, t)[1] * ASPECT for t in np.arange(0, 4, 0.05)])
    assert 1 / 1280 < rise.max() < 5 / 1280
    assert 0.9 < np.argmax(rise) * 0.05 < 2.2
    assert rise[-1] < 0.2 * rise.max()
    assert rise.min() > -1e-5


def test_a_cats_eyes_and_ears_are_found() -> None:
    """Two green irises in brown fur are eyes, and the peaks above them are ears that twitch."""
    seen = cat()
    pair = eyes.of(stage(seen), seen.layers[1])
    assert pair is not None
    assert [one.x for one in pair] == pytest.approx([0.35, 0.45], abs=0.01)
    assert [one.y for one in pair] == pytest.approx([0.44, 0.44], abs=0.02)
    warps = motion(twitch, seen, cue("twitch", "cat", words="its ears twitch")).warps
    assert len(warps) == 2
    times = np.arange(0, 4, 1 / 30)
    tip = max(float(np.abs(shift(warps, 0.3, 0.22, t)).max()) for t in times)
    body = max(float(np.abs(shift(warps, 0.55, 0.7, t)).max()) for t in times)
    assert tip > 0.004
    assert body < 1e-6


def test_a_thin_tail_flicks() -> None:
    """The end of a thin tail moves, the trunk does not."""
    warps = motion(twitch, cat(), cue("twitch", "cat", words="it wags its tail")).warps
    times = np.arange(0.5, 4, 1 / 30)
    assert max(float(np.abs(shift(warps, 0.92, 0.4, t)).max()) for t in times) > 0.002
    assert max(float(np.abs(shift(warps, 0.5, 0.75, t)).max()) for t in times) < 1e-6


def test_hops_fall_with_gravity_and_keep_their_area() -> None:
    """In the air the track is a parabola of the world's gravity; its area never changes; it lands where it began."""
    part = made(hop, cat(), cue("hop", "cat", physics=Physics(mass_kg=4.0)))
    track = next(one for one in part.layers if one.layer == "cat").tracks[0]
    landing = part.events[0]
    assert landing.kind == "contact"
    assert landing.impulse == pytest.approx(4.0 * landing.speed)
    times = np.arange(0, 4, 1 / 240)
    foot = np.array([(track.matrix(t) @ (landing.x, landing.y, 1.0))[1] for t in times])
    areas = np.array([np.linalg.det(track.matrix(t)[:2, :2]) for t in times])
    up = landing.y - foot
    flying = up > 0.05 * up.max()
    fit = np.polyfit(times[flying], up[flying] * ASPECT * 1.5, 2)
    assert -2 * fit[0] == pytest.approx(9.81, rel=0.03)
    assert areas == pytest.approx(1.0)
    assert times[flying].max() == pytest.approx(landing.time_s, abs=0.02)
    assert up[-1] == pytest.approx(0.0, abs=1e-6)


def test_leaning_keeps_the_foot() -> None:
    """Somebody who leans to the left moves at the top and stands still at the foot."""
    warps = motion(lean, cat(), cue("lean", "cat", direction="left", words="leans to the left")).warps
    assert shift(warps, 0.4, 0.3, 3.0)[0] < -0.003
    assert np.abs(shift(warps, 0.55, 0.96, 3.0)).max() < 5e-4


def test_every_living_behaviour_has_its_solver() -> None:
    """The registry knows who performs what lives and sways."""
    wanted = {"blink", "smile", "glance", "turn_head", "nod", "breathe", "twitch", "hop", "lean", "sway", "flutter"}
    assert wanted | {"talk"} <= set(registry.by_verb())


def test_lids_are_nearest_to_the_still_face() -> None:
    """Whoever moves a head comes before whoever closes its eyes, so that lids go where the head goes."""
    order = [registry.SOLVERS.index(registry.by_verb()[verb]) for verb in ("nod", "talk", "breathe", "lean", "sway")]
    assert max(order) < registry.SOLVERS.index(registry.by_verb()["blink"])


def test_hair_stirs_and_the_face_does_not() -> None:
    """In a breeze the hair beside a face moves, and eyes, nose and shoulders hold still."""
    warps = motion(sway, person(), cue("sway", words="her hair blows in the breeze")).warps
    times = np.arange(1, 4, 0.1)
    most = {
        place: max(float(np.abs(shift(warps, *place, t)).max()) for t in times)
        for place in ((0.34, 0.5), (0.5, 0.42), EYES[0], (0.3, 0.95))
    }
    assert most[0.34, 0.5] > 5e-4
    assert max(most[0.5, 0.42], most[EYES[0]], most[0.3, 0.95]) < 2e-4


def test_lids_take_no_skin_from_beyond_the_photo() -> None:
    """Eyes near the upper border close with the skin that there is."""
    seen = cat()
    pair = tuple(replace(one, y=0.09) for one in eyes.of(stage(seen), seen.layers[1]) or ())
    warp = lids(pair, np.ones((3, 2, 3)) * (1, 0, 0), rate_hz=1.0, aspect=ASPECT)
    points = np.stack(np.meshgrid(np.linspace(0.2, 0.6, 60), np.linspace(0, 0.3, 80)), axis=-1).astype(np.float32)
    source = warp.source(points, 1.0)
    assert np.abs(source - points).max() > 0.01
    assert source[..., 1].min() > -1e-3


def test_whoever_talks_stirs_the_head_a_little() -> None:
    """While a line lasts the face nods by small and uneven amounts, then rests."""
    line = cue("talk", words="she says hello", start_s=0.5, end_s=3.0)
    warps = motion(talk, person(), line).warps
    times = np.arange(0, 4, 1 / 60)
    nose = np.array([shift(warps, 0.5, 0.42, t) for t in times])
    assert 1.5 / 1280 < np.abs(nose).max() < 8 / 1280
    assert not nose[times < 0.5].any()
    assert np.abs(nose[times > 3.05]).max() < 1e-6
    down = nose[:, 1]
    assert np.count_nonzero((down[1:-1] > down[:-2]) & (down[1:-1] >= down[2:]) & (down[1:-1] > 5e-4)) >= 3
    assert max(float(np.abs(shift(warps, 0.3, 0.95, t)).max()) for t in times) < 1e-5
    shot = fit(person(), stage(person(), line).shot)
    assert shot.motion[0].performed
    assert not shot.notes
    assert "No face" in (talk.refusal(stage(person(found=False)), line) or "")


def test_limbs_swing_after_a_landing() -> None:
    """Before the hop nothing bends; after the landing the tail's end swings to and fro, dies away, the trunk holds."""
    part = made(hop, cat(), cue("hop", "cat"))
    warps = next(one for one in part.layers if one.layer == "cat").warps
    landed_s = part.events[0].time_s
    tail = np.array([shift(warps, 0.93, 0.4, t)[1] * ASPECT for t in np.arange(landed_s, 4, 1 / 120)])
    assert not shift(warps, 0.93, 0.4, 0.1).any()
    assert 1 / 1280 < np.abs(tail).max() < 12 / 1280
    assert np.count_nonzero(np.diff(np.sign(tail[np.abs(tail) > 1e-5]))) >= 2
    assert np.abs(tail[-30:]).max() < 0.15 * np.abs(tail).max()
    assert np.abs(shift(warps, 0.5, 0.75, landed_s + 0.1)).max() < 1e-4


def test_nothing_living_is_rubber() -> None:
    """At their farthest, heads, leans, hops in place, smiles and breaths keep 0.7 to 1.6 in every direction."""
    points = np.stack(np.meshgrid(np.linspace(0, 1, 161), np.linspace(0, 1, 121)), axis=-1).astype(np.float32)
    asked = (
        (head, person(), cue("turn_head", words="tilts her head", amount=1.6)),
        (head, person(), cue("nod", words="nods", amount=1.6)),
        (lean, person(), cue("lean", words="leans to the left", direction="left", amount=1.6)),
        (lean, person(), cue("lean", words="leans forward", direction="in", amount=1.6)),
        (hop, person(), cue("hop", amount=1.5)),
        (face, person(), cue("smile", amount=1.3)),
        (breathe, person(), cue("breathe", amount=1.8)),
    )
    for solver, seen, one in asked:
        (warp,) = motion(solver, seen, one).warps
        for time_s in np.arange(0.2, 4, 0.2):
            values = strained(warp.source(points, float(time_s)))
            assert values.min() > 0.7, (one.verb, one.words, time_s)
            assert values.max() < 1.6, (one.verb, one.words, time_s)


def strained(source: NDArray[np.float32]) -> NDArray[np.float64]:
    """Singular values of the change from places to sources, in lengths; for a grid of 161 by 121 points."""
    lengths = source.astype(np.float64) * (1.0, ASPECT)
    across = np.diff(lengths, axis=1)[:-1] * 160
    down = np.diff(lengths, axis=0)[:, :-1] * 120 / ASPECT
    values: NDArray[np.float64] = np.linalg.svd(np.stack([across, down], axis=-1), compute_uv=False)
    return values


def test_shut_eyes_show_nothing_of_the_eye() -> None:
    """At a blink's deepest frames of 30 a second, no point between the lids is taken from inside the opening."""
    shown = motion(face, person(), cue("blink", count=1))
    x = np.linspace(EYES[0][0] - 0.8 * HALF, EYES[0][0] + 0.8 * HALF, 41)
    y = EYES[0][1] + np.linspace(-0.6, 0.6, 81) * OPENING / ASPECT
    points = np.stack(np.meshgrid(x, y), axis=-1).astype(np.float32)
    bend = OPENING / 2 * (1 - ((x - EYES[0][0]) / HALF) ** 2) / ASPECT
    least = min(
        int((np.abs(shown.warps[-1].source(points, k / 30)[..., 1] - EYES[0][1]) < 0.9 * bend).sum()) for k in range(60)
    )
    assert least == 0
    for place in EYES:
        assert any(box.x0 < place[0] < box.x1 and box.y0 < place[1] < box.y1 for box in shown.details)
    assert shown.warps[-1].step_px == 8
