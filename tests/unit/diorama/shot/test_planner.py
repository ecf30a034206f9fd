"""Plans: moves with amounts, layers, sound beds, loudness and honest notes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stillmotion.diorama.brief import Brief
from stillmotion.diorama.geometry import Box
from stillmotion.diorama.scene.records import Gate
from stillmotion.diorama.shot import describe, from_json, plan, planner, to_json
from stillmotion.diorama.shot.ambient import AMBIENT
from stillmotion.diorama.shot.records import MOVES_LIMIT, Direction, MotionCue, MoveKind, Shot
from stillmotion.errors import AssetUnavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.scene.records import Scene

Build = Callable[..., "Scene"]


@pytest.fixture(autouse=True)
def _without_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meaning is looked up in its own tests."""
    monkeypatch.setattr(planner, "nearest", lambda clauses, _progress: ([], list(clauses)))


def _plan(scene: Scene, prompt: str, duration_s: int = 4) -> Shot:
    return plan(scene, Brief(prompt=prompt, duration_s=duration_s, seed=11))


def _asked(shot: Shot) -> list[MotionCue]:
    """What the prompt moves, without what moves by itself."""
    return [cue for cue in shot.motion if cue.words != AMBIENT]


def _codes(shot: Shot) -> list[str]:
    return [note.code for note in shot.notes]


def test_a_portrait_gets_a_push_towards_the_face(portrait: Scene) -> None:
    """Without words for the camera a face draws it in, and the plan says so."""
    shot = _plan(portrait, "a quiet afternoon")
    (move,) = shot.camera
    assert (move.kind, move.direction, move.target) == (MoveKind.DOLLY, Direction.IN, "subject")
    assert (move.start_s, move.end_s) == (0.0, 4.0)
    assert "camera-chosen" in _codes(shot)


def test_a_deep_landscape_gets_a_truck(lake: Scene) -> None:
    """A layered landscape is passed by, towards where people look."""
    (move,) = _plan(lake, "a summer day").camera
    assert (move.kind, move.direction) == (MoveKind.TRUCK, Direction.RIGHT)


def test_a_flat_picture_gets_a_zoom(flat: Scene) -> None:
    """What has no depth is not given any."""
    assert _plan(flat, "a page of text").camera[0].kind is MoveKind.ZOOM


def test_excluded_moves_are_never_the_default(flat: Scene) -> None:
    """No zoom means no zoom, also when the picture would get one."""
    (move,) = _plan(flat, "no zoom, please").camera
    assert move.kind is MoveKind.STATIC


@pytest.mark.parametrize("prompt", ["Static camera.", "No camera movement.", "locked-off shot, birds sing"])
def test_static_stays_static(lake: Scene, prompt: str) -> None:
    """A static camera gets neither a move nor a note about one."""
    shot = _plan(lake, prompt)
    assert [move.kind for move in shot.camera] == [MoveKind.STATIC]
    assert shot.camera[0].amount == 0.0
    assert "camera-chosen" not in _codes(shot)


def test_amount_follows_speed_amount_and_length(lake: Scene) -> None:
    """Slow goes less far than fast in the same time; a longer shot goes farther, yet at a lower speed."""
    slow, plain, fast = (_plan(lake, f"{word} dolly in").camera[0].amount for word in ("slow", "", "fast"))
    assert slow < plain < fast
    long = _plan(lake, "dolly in", 16).camera[0].amount
    assert plain < long < 4 * plain


def test_said_quantities_are_planned(lake: Scene) -> None:
    """Twenty degrees are twenty degrees; the camera fits them to the photo later."""
    assert _plan(lake, "a 20 degree orbit to the left").camera[0].amount == 20
    assert _plan(lake, "zoom in 1.5x").camera[0].amount == 1.5


def test_pans_take_their_direction_from_the_picture(lake: Scene) -> None:
    """Pan to the temple: it stands on the right."""
    (move,) = _plan(lake, "Pan from the trees to the temple").camera
    assert (move.direction, move.target) == (Direction.RIGHT, "subject")


def test_focus_pulls_know_both_ends(portrait: Scene) -> None:
    """From the woman to the background, and the other way when only the end is named."""
    (there,) = _plan(portrait, "Rack focus from the woman to the background").camera
    assert (there.source, there.target) == ("subject", "backdrop")
    (back,) = _plan(portrait, "Rack focus to the woman").camera
    assert (back.source, back.target) == ("backdrop", "subject")


def test_subjects_are_bound(harbour: Scene) -> None:
    """By name and side; what is not there is said."""
    shot = _plan(harbour, "The left boat bobs, the ship on the right sails off, a zebra hops.")
    assert [cue.layer for cue in shot.motion if cue.words != AMBIENT] == ["boat-left", "boat-right", None]
    assert any(note.code == "unbound" and "zebra" in note.words for note in shot.notes)


def test_pronouns_and_parts_mean_the_subject(portrait: Scene) -> None:
    """She, her eyes, his head: the person in the picture."""
    shot = _plan(portrait, "She blinks. Her eyes look up, then he turns his head.")
    assert {cue.layer for cue in shot.motion} == {"subject"}


def test_fields_need_no_layer(lake: Scene) -> None:
    """Rain falls on the whole picture, clouds are in the sky, waves on the water."""
    shot = _plan(lake, "Rain falls, clouds drift left, gentle waves")
    assert [cue.layer for cue in shot.motion if cue.words != AMBIENT] == [None, "sky", "water"]
    assert "unbound" not in _codes(shot)


def test_what_cannot_be_shown_is_said_with_a_substitute(portrait: Scene) -> None:
    """Dancing is not drawn; the plan names the nearest honest picture."""
    shot = _plan(portrait, "The woman dances.")
    assert any(note.code == "substitute" and "dances" in note.words and "lean" in note.words for note in shot.notes)
    assert not any(cue.performed for cue in shot.motion)


def test_a_line_is_spoken_beside_a_gesture(portrait: Scene) -> None:
    """The nod is a cue, the line has its speaker's layer, a voice and a time."""
    shot = _plan(portrait, 'She nods and says: "Not now." A door creaks.')
    assert [cue.verb for cue in _asked(shot)] == ["nod"]
    assert [(line.speaker, line.layer) for line in shot.dialogue] == [("she", "subject")]
    assert all(line.performed and line.voice and line.start_s is not None for line in shot.dialogue)


@pytest.mark.parametrize(
    ("surfaces", "more", "expected"),
    [
        (["sky", "water"], {"outdoors": True}, "lake"),
        (["sky", "water"], {"outdoors": True, "tags": (("seashore", 0.6),)}, "waves"),
        (["sky", "foliage"], {"outdoors": True}, "leaves"),
        (["sky", "ground"], {"outdoors": True}, "wind"),
        (["sky", "ground"], {"outdoors": True, "night": True}, "crickets"),
        (["backdrop", "person"], {}, "room_tone"),
        (["sky", "ground"], {"outdoors": True, "tags": (("traffic light", 0.4),)}, "traffic"),
    ],
)
def test_ambience_comes_from_the_scene(
    make_scene: Build, surfaces: Sequence[str], more: dict[str, object], expected: str
) -> None:
    """A prompt without sounds gets what such a place sounds like."""
    parts = [(f"{name}-{i}", name, name, (0.0, 0.0, 1.0, 1.0)) for i, name in enumerate(surfaces)]
    cues = _plan(make_scene(parts, **more), "dolly in").sound
    assert cues[0].sound == expected
    assert all(cue.performed for cue in cues)


def test_the_tone_of_a_room_is_under_what_is_heard_in_it(portrait: Scene) -> None:
    """Alone it leads; beside knocks or a line it is far under them."""
    alone, under = (_plan(portrait, words).sound[0] for words in ("static", "two knocks on the door"))
    assert (alone.sound, under.sound) == ("room_tone", "room_tone")
    assert alone.level_db == 0.0
    assert under.level_db <= -12.0


def test_named_beds_replace_the_default(lake: Scene) -> None:
    """Who names the rain does not get the birds as well."""
    assert [cue.sound for cue in _plan(lake, "heavy rain").sound] == ["rain"]


def test_loudness_follows_the_bed(lake: Scene, portrait: Scene) -> None:
    """A quiet room is planned near -30, heavy rain at -16, and nothing louder than that."""
    assert _plan(portrait, "static").mix.loudness_lufs == -30
    assert _plan(lake, "deafening rain, howling wind, thunder").mix.loudness_lufs == -16


def test_a_place_without_a_sound_stays_quiet(lake: Scene) -> None:
    """Where only the tone of the place is left, the Shot itself plans it at -38."""
    shot = _plan(lake, "static. No ambience.")
    assert not [cue for cue in shot.sound if cue.performed]
    assert shot.mix.loudness_lufs == -38


def test_doubts_about_the_layers_are_told_once(lake: Scene) -> None:
    """Where gates fired, one note says what that means for the film and why; else there is none."""
    gates = tuple(Gate(code=code, measured=1.0, limit=0.5, words=f"{code}.") for code in ("thin-edges", "weak"))
    (note,) = [note for note in _plan(replace(lake, gates=gates), "pan left").notes if note.code == "gated"]
    assert "one flat picture" in note.words
    assert note.words.endswith("thin-edges. weak.")
    assert "gated" not in _codes(_plan(lake, "pan left"))


def test_more_moves_than_a_shot_may_hold_are_said(lake: Scene) -> None:
    """The first 32 moves of a long list fill the shot, and a note tells of the rest."""
    shot = _plan(lake, "Pan left, then pan right, then " * 30, 20)
    assert len(shot.camera) == MOVES_LIMIT
    assert max(move.end_s for move in shot.camera) == 20
    (note,) = [note for note in shot.notes if note.code == "camera-limited"]
    assert "60 camera moves" in note.words


def test_a_fresh_plan_and_a_replayed_one_are_the_same_text(lake: Scene, flat: Scene) -> None:
    """Numbers are written alike whether a Shot was planned or read."""
    for scene in (lake, flat):
        for words in ("a summer day", "pan left then zoom in 2x, two birds, distant thunder at 2s, she says: go"):
            text = to_json(_plan(scene, words))
            assert to_json(from_json(text)) == text


def test_silence_only_when_asked(lake: Scene) -> None:
    """Silent when the words ask for it, and then without a single cue."""
    shot = _plan(lake, "Slow zoom in. Silence.")
    assert shot.mix.silent
    assert shot.sound == ()
    assert not _plan(lake, "A silent lake").mix.silent


def test_size_and_framing_follow_the_photo(make_scene: Build) -> None:
    """Standing photos make standing films; the crop has the film's aspect, stays inside, and keeps faces."""
    parts = [("all", "backdrop", "wall", (0.0, 0.0, 1.0, 1.0)), ("subject", "person", "person", (0.0, 0.0, 0.5, 0.3))]
    face = Box(x0=0.1, y0=0.02, x1=0.3, y1=0.2)
    scene = make_scene(parts, size=(480, 640), faces=[("subject", face)])
    shot = _plan(scene, "static")
    assert shot.size_px == (720, 1280)
    wide = plan(scene, Brief(prompt="static", size_px=(1280, 720)))
    for box, size in ((shot.framing, shot.size_px), (wide.framing, wide.size_px)):
        assert box.width * 480 / (box.height * 640) == pytest.approx(size[0] / size[1])
        assert max(box.width, box.height) == pytest.approx(1.0)
        assert min(box.x0, box.y0) >= 0
        assert max(box.x1, box.y1) <= 1 + 1e-9
        assert box.x0 <= face.x0
        assert face.x1 <= box.x1
        assert box.y0 <= face.y0
        assert face.y1 <= box.y1


def test_lens_and_look_follow_the_words(portrait: Scene) -> None:
    """Shallow focus opens the aperture on the subject; film brings grain; deep focus closes."""
    shot = _plan(portrait, "Shallow depth of field, old film look")
    assert shot.lens.aperture > 0.3
    assert shot.lens.focus == "subject"
    assert shot.look.grain > 1
    assert _plan(portrait, "no grain").look.grain == 0
    assert _plan(portrait, "a plain shot").lens.aperture == 0


def test_light_that_is_not_made_is_said(lake: Scene) -> None:
    """Night in the prompt does not darken the photo, and the plan says so."""
    assert any("night" in note.words for note in _plan(lake, "at night").notes)


def test_the_seed_and_the_prompt_are_kept(lake: Scene) -> None:
    """The Shot remembers what it came from; half characters are made whole."""
    shot = _plan(lake, "dolly in")
    assert (shot.seed, shot.prompt, shot.duration_s) == (11, "dolly in", 4)
    assert _plan(lake, "dolly in \ud800").prompt == "dolly in ?"


def test_unknown_words_are_reported(lake: Scene) -> None:
    """Nothing is dropped in silence."""
    shot = _plan(lake, "The zeppelin frobnicates. Pan left.")
    assert any(note.code == "unknown-words" and "frobnicates" in note.words for note in shot.notes)


def test_a_missing_language_network_is_said(lake: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the network the plan is made all the same, and says what was not looked up."""

    def unavailable(_clauses: Sequence[str], _progress: object) -> None:
        message = "minilm is not on this machine"
        raise AssetUnavailable(message)

    monkeypatch.setattr(planner, "nearest", unavailable)
    shot = _plan(lake, "The zeppelin frobnicates. Pan left.")
    assert [move.kind for move in shot.camera] == [MoveKind.PAN]
    assert any("minilm" in note.words for note in shot.notes)


def test_the_plan_reads_as_words(portrait: Scene) -> None:
    """People see camera, movement, sound, lines and what was left out."""
    shot = _plan(portrait, 'Pan left, then hold. She blinks twice. She says: "Well." Soft rain.')
    text = describe(replace(shot, motion=tuple(replace(cue, performed=True) for cue in shot.motion)))
    for words in ("pan left", "static", "blink, 2 times", "rain, -6 dB", '"Well."', "LUFS"):
        assert words in text


def test_the_tutorial_names_a_sound_that_cannot_be_made(lake: Scene) -> None:
    """The note that the first page of all promises does come."""
    page = (Path(__file__).parents[4] / "docs" / "tutorial" / "first-film.md").read_text(encoding="utf-8")
    (prompt,) = re.findall(r'-p "([^"]+)" --draft', page)
    assert any("not yet made" in note.words for note in _plan(lake, prompt).notes)
