"""Who talks: lips, jaw, teeth and head at the sounds of a line; who does not move lips, and why."""

# ruff: noqa: RUF001 - letters of the International Phonetic Alphabet
from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from stillmotion.diorama import voice
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import articulation, eyes, modes, mouth, oral, visemes
from stillmotion.diorama.motion.fit import fit
from stillmotion.diorama.motion.lips import CLOSE, CORNERS, JAW, LOW, POSES, UP, LipsWarp, lips
from stillmotion.diorama.motion.records import Inlay, LayerMotion
from stillmotion.diorama.motion.simulate import simulate
from stillmotion.diorama.render import moving
from stillmotion.diorama.scene.records import Face, Layer, Scene, Surface
from stillmotion.diorama.shot.records import DialogueLine, Mix, MotionCue, Shot
from stillmotion.diorama.voice.records import Phoneme, Speech

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDE, HIGH = 480, 480
FACE, MIDDLE = 0.4, (0.5, 0.62)
HALF = 0.085
_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
SOUNDS = "hɑpɑ mɑmɑ fɑ tu si"


def landmarks(gap: float = 0.0) -> NDArray[np.float32]:
    """A face mesh whose mouth is in its place; the lips are that far apart, in photo widths."""
    x, y = MIDDLE
    points = np.zeros((478, 3), np.float32)
    points[:, :2] = (0.5, 0.5)
    points[10, :2], points[152, :2], points[2, :2] = (0.5, 0.25), (0.5, 0.79), (0.5, y - 0.07)
    points[234, :2], points[454, :2] = (0.5 - FACE / 2, 0.5), (0.5 + FACE / 2, 0.5)
    for ring, side in ((_UPPER, -1), (_LOWER, 1)):
        for share, point in zip(np.linspace(-1, 1, 11), ring, strict=True):
            points[point, :2] = (x + share * HALF, y + side * gap / 2 * (1 - share**2))
    points[61, :2], points[291, :2] = (x - HALF - 0.006, y), (x + HALF + 0.006, y)
    for k, eye in enumerate((0.41, 0.59)):
        for sign, group in ((-1, eyes._HUMAN_UPPER[k]), (1, eyes._HUMAN_LOWER[k])):
            for share, point in zip(np.linspace(-1, 1, 9), group, strict=True):
                points[point, :2] = (eye + 0.04 * share, 0.4 + sign * 0.012 * (1 - share**2))
        points[(468, 473)[k], :2] = (eye, 0.4)
    points[0, :2], points[17, :2] = (x, y - gap / 2 - 0.022), (x, y + gap / 2 + 0.03)
    return points


def picture(gap: float = 0.0) -> NDArray[np.uint8]:
    """Skin with lips that meet in a dark line, or that show white teeth with dark seams."""
    rgb = np.full((HIGH, WIDE, 3), (205, 160, 135), np.uint8)
    centre = (int(MIDDLE[0] * WIDE), int(MIDDLE[1] * HIGH))
    cv2.ellipse(rgb, centre, (int(HALF * WIDE) + 3, int((gap / 2 + 0.026) * WIDE)), 0, 0, 360, (180, 95, 90), -1)
    if gap:
        inside = np.zeros((HIGH, WIDE), np.uint8)
        cv2.ellipse(inside, centre, (int(HALF * WIDE), int(gap / 2 * WIDE)), 0, 0, 360, 255, -1)
        teeth = np.where((np.arange(WIDE) - centre[0]) % 14 < 2, 150, 235).astype(np.uint8)
        rgb[inside > 0] = np.broadcast_to(teeth[None, :, None], rgb.shape)[inside > 0]
    else:
        cv2.line(
            rgb, (centre[0] - int(HALF * WIDE), centre[1]), (centre[0] + int(HALF * WIDE), centre[1]), (70, 30, 30), 2
        )
    return np.asarray(cv2.GaussianBlur(rgb, (0, 0), 0.8), np.uint8)


def scene(gap: float = 0.0, surface: Surface = Surface.PERSON, *, found: bool = True) -> Scene:
    """One layer with a face."""
    rgb = picture(gap)
    rgba = np.dstack([rgb, np.full((HIGH, WIDE), 255, np.uint8)])
    who = Layer(name="who", surface=surface, label="person", rgba=rgba, left_px=0, top_px=0, plane=Plane(constant=1.0))
    box = Box(x0=0.5 - FACE / 2, y0=0.25, x1=0.5 + FACE / 2, y1=0.79)
    one = Face(box=box, landmarks=landmarks(gap), score=1.0, layer="who")
    faces = (one,) if found else ()
    return Scene(photo_sha256="0" * 64, photo=rgb, layers=(who,), horizon_y=None, focal=1.0, faces=faces)


def line(**changes: object) -> DialogueLine:
    """Somebody on the layer speaks."""
    return replace(
        DialogueLine(speaker="woman", text="Hello", layer="who", start_s=0.4, end_s=3.0, performed=True), **changes
    )


def shot(*lines: DialogueLine, cues: tuple[MotionCue, ...] = ()) -> Shot:
    """Four seconds."""
    whole = Box(x0=0, y0=0, x1=1, y1=1)
    return Shot(size_px=(WIDE, HIGH), framing=whole, dialogue=lines, motion=cues)


def spoken_sounds() -> tuple[Phoneme, ...]:
    """A tenth of a second each."""
    return tuple(Phoneme(symbol=one, start_s=0.1 * k, end_s=0.1 * k + 0.1) for k, one in enumerate(SOUNDS))


@pytest.fixture(autouse=True)
def _voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A voice that hums on the vowels."""
    rate = 8000
    samples = np.repeat([0.5 if one in "ɑui" else 0.05 for one in SOUNDS], rate // 10)
    tone = samples * np.sin(2 * np.pi * 200 * np.arange(len(samples)) / rate)
    speech = Speech(samples=tone.astype(np.float32), sample_rate=rate, phonemes=spoken_sounds(), words=())
    monkeypatch.setattr(voice, "speak", lambda *_args, **_how: speech, raising=False)


def lips_in(motion: dict[str, LayerMotion]) -> LipsWarp:
    """The lips of the layer."""
    return next(warp for warp in motion["who"].warps if isinstance(warp, LipsWarp))


def gap_at(warp: LipsWarp, time_s: float) -> float:
    """How far the lips are apart, in face widths."""
    pose, rest = warp.pose(time_s), warp.borders[1] - warp.borders[0]
    return float(pose[LOW] + pose[UP] + (1 - pose[CLOSE]) * rest.max()) / FACE


@pytest.mark.parametrize("rest", [0.0, 0.028])
def test_lips_follow_the_line(rest: float) -> None:
    """Closed in p and m, open in a, by at most 0.06 face widths unless the photo opens them farther; still outside."""
    warp = lips_in(simulate(scene(rest), shot(line())).layers)
    open_, shut = gap_at(warp, 0.4 + 0.15), [gap_at(warp, 0.4 + at) for at in (0.25, 0.55)]
    assert open_ > 0.035
    assert max(shut) < 0.003
    assert max(gap_at(warp, at) for at in np.arange(0, 4, 0.02)) <= max(0.0601, rest / FACE + 0.02)
    for quiet in (0.0, 0.21, 2.6, 3.5):
        assert not np.abs(warp.pose(quiet)[:JAW]).max() > 1e-6


def test_corners_go_at_most_two_hundredths() -> None:
    """Rounding and spreading stay within 0.02 face widths."""
    table = lips_in(simulate(scene(), shot(line())).layers).table
    assert 0.008 * FACE < np.abs(table[:, CORNERS]).max() <= 0.0201 * FACE
    assert table[:, CORNERS].min() < 0 < table[:, CORNERS].max()


def test_a_line_needs_no_cue_and_blinks_come_along() -> None:
    """A performed line moves head, lips and lids by itself; one that is not performed moves nothing."""
    kinds = {type(warp).__name__ for warp in simulate(scene(), shot(line())).layers["who"].warps}
    assert kinds >= {"LipsWarp", "MappedWarp", "LidsWarp"}
    assert not simulate(scene(), shot(line(performed=False))).layers
    assert not simulate(scene(), shot(line(off_screen=True))).layers


def test_lips_are_the_nearest_to_the_still_face() -> None:
    """Whatever else moves the face, what the lips open is where the photo has it."""
    cues = tuple(MotionCue(verb=verb, subject="woman", layer="who", performed=True) for verb in ("smile", "talk"))
    warps = simulate(scene(), shot(line(), cues=cues)).layers["who"].warps
    assert isinstance(warps[-1], Inlay)
    assert sum(isinstance(warp, Inlay) for warp in warps) == 1


def test_animals_get_no_lips() -> None:
    """Whatever a face detector says about an animal, its mouth stays as it is, and a note says so."""
    seen = scene(surface=Surface.ANIMAL)
    warps = simulate(seen, shot(line())).layers["who"].warps
    assert warps
    assert not any(isinstance(warp, Inlay) for warp in warps)
    assert any("animals get no human lips" in note.words for note in fit(seen, shot(line())).notes)


def test_a_speaker_without_a_face_is_heard_only() -> None:
    """No face, no lips: said in a note, and not for voices from outside the picture or that are muted."""
    seen = scene(found=False)
    assert not simulate(seen, shot(line())).layers
    assert any("no lips move" in note.words for note in fit(seen, shot(line())).notes)
    assert not fit(seen, shot(line(off_screen=True))).notes
    for mix in (Mix(muted=("dialogue",)), Mix(silent=True)):
        assert not fit(seen, replace(shot(line()), mix=mix)).notes
    assert not fit(scene(), shot(line())).notes


def test_talk_without_words_moves_lips_gently() -> None:
    """Mouths that chat open less than mouths that speak, again and again, and rest when they stop."""
    cue = MotionCue(verb="talk", subject="woman", layer="who", start_s=0.5, end_s=3.0, performed=True)
    warp = lips_in(simulate(scene(), shot(cues=(cue,))).layers)
    times = np.arange(0, 4, 1 / 60)
    opened = np.array([gap_at(warp, at) for at in times])
    assert 0.012 < opened.max() < 0.045
    peaks = (opened[1:-1] > opened[:-2]) & (opened[1:-1] >= opened[2:]) & (opened[1:-1] > 0.006)
    assert 4 <= np.count_nonzero(peaks) <= 13
    assert opened[(times < 0.5) | (times > 3.0)].max() < 1e-6


def shown(seen: Scene, pose: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The photo with its lips in a pose, at its own size."""
    own = mouth.of(seen, seen.faces[0])
    warp = lips(own, oral.inside(seen, own), np.stack([pose, pose]), rate_hz=1.0, pixel=1 / WIDE)
    x, y = np.meshgrid((np.arange(WIDE) + 0.5) / WIDE, (np.arange(HIGH) + 0.5) / HIGH)
    points = np.stack([x, y], axis=-1).astype(np.float32)
    places = warp.source(points, 0.0) * np.float32([WIDE, HIGH]) - np.float32(0.5)
    out = np.dstack([cv2.remap(seen.photo, places, None, cv2.INTER_LINEAR), np.full((HIGH, WIDE), 255, np.uint8)])
    opening = warp.opening(points, 0.0)
    if opening is not None:
        moving.inlay(opening, out)
    return np.asarray(out[..., :3], np.uint8)


def pose(**channels: float) -> NDArray[np.float64]:
    """A pose by names of channels, lengths in face widths."""
    names = {"close": CLOSE, "low": LOW, "up": UP, "jaw": JAW, "corners": CORNERS}
    table = np.zeros(POSES)
    table[6] = 1.0
    for name, value in channels.items():
        table[names[name]] = value * (1.0 if name == "close" else FACE)
    return table


def test_lips_at_rest_are_the_photo() -> None:
    """Nothing at all changes while nobody speaks."""
    for gap in (0.0, 0.028):
        seen = scene(gap)
        assert np.abs(shown(seen, pose()).astype(int) - seen.photo).max() <= 1


def test_teeth_of_the_photo_stay_where_they_are() -> None:
    """Seams between teeth neither move nor stretch when the mouth opens farther; below the teeth it is dark."""
    seen = scene(0.028)
    row = int(MIDDLE[1] * HIGH)
    span = slice(int(0.46 * WIDE), int(0.54 * WIDE))
    opened = shown(seen, pose(low=0.05, up=0.01, jaw=0.035))
    before, after = (one[row - 2 : row + 2, span].mean(axis=(0, 2)) for one in (seen.photo.astype(float), opened))
    assert np.corrcoef(before, after)[0, 1] > 0.95
    below = opened[row + int((0.014 + 0.03 * FACE) * HIGH), span].mean()
    assert below < 0.5 * float(after.mean())


def test_a_closed_mouth_opens_over_teeth_and_a_cavity_that_is_no_hole() -> None:
    """Under the upper lip it is bright, farther down dark, nowhere black, and reddish."""
    opened = shown(scene(), pose(low=0.048, up=0.012, jaw=0.035)).astype(float)
    column = opened[:, int(0.49 * WIDE)]
    rest = MIDDLE[1] * HIGH
    teeth = column[int(rest) : int(rest + 0.012 * FACE * HIGH)].mean(axis=0)
    cavity = column[int(rest + 0.027 * FACE * HIGH) : int(rest + 0.034 * FACE * HIGH)].mean(axis=0)
    assert teeth.mean() > 1.6 * cavity.mean()
    assert cavity.min() > 5
    assert cavity[0] > cavity[2]


def test_skin_gives_way_smoothly() -> None:
    """No fold and no seam: away from the lips nothing moves by more than a little from one pixel to the next."""
    seen = scene()
    own = mouth.of(seen, seen.faces[0])
    wide = pose(low=0.048, up=0.012, jaw=0.035, corners=-0.02)
    warp = lips(own, oral.inside(seen, own), np.stack([wide, wide]), rate_hz=1.0, pixel=1 / WIDE)
    x, y = np.meshgrid((np.arange(WIDE) + 0.5) / WIDE, (np.arange(HIGH) + 0.5) / HIGH)
    points = np.stack([x, y], axis=-1).astype(np.float32)
    moved = (points - warp.source(points, 0.0)) * np.float32([WIDE, HIGH])
    far = np.abs(y - MIDDLE[1]) > 0.07 * FACE
    for axis in (0, 1):
        steps = np.abs(np.diff(moved, axis=axis)).max(axis=-1)
        assert steps[far[1:] & far[:-1] if axis == 0 else far[:, 1:]].max() < 0.6
    assert np.abs(moved[:, [0, -1]]).max() == 0
    assert np.abs(moved[[0, -1]]).max() < 0.1
    assert np.abs(moved).max() / WIDE <= warp.reach


def test_the_line_between_closed_lips_is_found() -> None:
    """Landmarks that miss the lips by a few pixels do not: the mouth opens along the dark line."""
    seen = scene()
    off = replace(seen.faces[0], landmarks=seen.faces[0].landmarks + np.float32([0, 0.008, 0]))
    own = mouth.of(seen, off)
    _, y = own.to_photo(np.zeros(1), own.upper[20:21])
    assert float(y[0]) == pytest.approx(MIDDLE[1], abs=1.5 / HIGH)


def test_small_mouths_and_turned_heads_move_less() -> None:
    """A mouth of a dozen pixels and a face seen from the side do less."""
    own = mouth.of(scene(), scene().faces[0])
    times = modes.clock(2)
    sounds = [replace(one, start_s=one.start_s + 0.2, end_s=one.end_s + 0.2) for one in spoken_sounds()]
    curves, full = visemes.curves(sounds, times), np.ones_like(times)
    large, small, turned = (
        articulation.poses(one, curves, full, full, width_px=px)[:, LOW].max()
        for one, px in ((own, 90.0), (own, 12.0), (replace(own, turned=1.0), 90.0))
    )
    assert small < 0.7 * large
    assert turned < 0.8 * large
