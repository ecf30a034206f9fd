"""The Shot as a file: readable, exact, strict."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.shot import from_json, to_json
from stillmotion.diorama.shot.records import (
    CameraMove,
    DialogueLine,
    Direction,
    Lens,
    Mix,
    MotionCue,
    MoveKind,
    Note,
    Shot,
    SoundCue,
)
from stillmotion.errors import ShotInvalid

SHOT = Shot(
    prompt="Slow push in \u2013 \u201c\u00e9mue\u201d\n",
    duration_s=8,
    size_px=(1280, 720),
    seed=2**40,
    framing=Box(x0=0.0, y0=0.125, x1=1.0, y1=0.875),
    camera=(
        CameraMove(kind=MoveKind.DOLLY, direction=Direction.IN, end_s=4.5, amount=0.1, target="subject"),
        CameraMove(kind=MoveKind.FOCUS_PULL, start_s=4.5, end_s=8.0, amount=0.7, source="subject", target="sky"),
    ),
    lens=Lens(aperture=1 / 3, focus="subject"),
    motion=(MotionCue(verb="bounce", subject="ball", start_s=0.1, end_s=0.2, count=3),),
    sound=(SoundCue(sound="rain", level_db=-6.0, pan=0.6),),
    dialogue=(DialogueLine(speaker="she", text='"Go"', manner=("calm", "low"), start_s=1.0),),
    mix=Mix(loudness_lufs=-20.5, muted=("music",)),
    notes=(Note(code="unbound", words="No ball."),),
)


def _changed(path: str, value: Any) -> str:
    """The Shot's JSON with one entry replaced; a missing field is added."""
    data = json.loads(to_json(SHOT))
    *way, last = [
        int(part) if part.isdecimal() else part for part in path.replace("[", ".").replace("]", "").split(".")
    ]
    place = data
    for part in way:
        place = place[part]
    place[last] = value
    return json.dumps(data)


def test_round_trip_is_exact() -> None:
    """What is written is read back, to the last bit, and written again alike."""
    text = to_json(SHOT)
    assert from_json(text) == SHOT
    assert to_json(from_json(text)) == text


def test_files_are_for_people() -> None:
    """Fields stand in the order of the records, one a line, defaults included, letters as letters."""
    text = to_json(SHOT)
    assert list(json.loads(text))[:4] == ["version", "prompt", "duration_s", "size_px"]
    assert '"easing": "minimum_jerk"' in text
    assert "\u00e9mue" in text
    assert text.endswith("}\n")


def test_left_out_fields_take_their_defaults() -> None:
    """A hand-written Shot needs only what has no default."""
    shot = from_json('{"size_px": [720, 1280], "framing": {"x0": 0, "y0": 0, "x1": 1, "y1": 1}}')
    assert (shot.duration_s, shot.fps, shot.camera, shot.mix.loudness_lufs) == (4, 30, (), -16.0)


BAD = [
    ("version", 2, "version", "version 1"),
    ("colour", "red", "colour", "known here are"),
    ("camera[0].colour", "red", "camera[0].colour", "known here are kind"),
    ("camera[1].end_s", 9, "camera[1].end_s", "0 to 8 seconds"),
    ("camera[1].end_s", 4.5, "camera[1].end_s", "later than start_s"),
    ("camera[1].start_s", -1, "camera[1].start_s", "0 to 8 seconds"),
    ("camera[0].kind", "slide", "camera[0].kind", "choose one of static"),
    ("camera[0].amount", "far", "camera[0].amount", "a number"),
    ("camera[0].amount", True, "camera[0].amount", "a number"),
    ("camera[0].amount", 3, "camera[0].amount", "between 0 and 2"),
    ("camera[0].amount", 1e300, "camera[0].amount", "ordinary size"),
    ("camera", {}, "camera", "a list"),
    ("camera[0]", 3, "camera[0]", "an object"),
    ("motion[0].count", 0, "motion[0].count", "between 1 and 1000"),
    ("motion[0].count", 2.5, "motion[0].count", "a whole number"),
    ("motion[0].end_s", 0.05, "motion[0].end_s", "later than start_s"),
    ("motion[0].box", {"x0": 0.5, "y0": 0.2, "x1": 0.4, "y1": 0.6}, "motion[0].box.x1", "more than x0"),
    ("motion[0].box", {"x0": 0.1, "y0": 0.2, "x1": 1.4, "y1": 0.6}, "motion[0].box.x1", "between 0 and 1"),
    ("motion[0].box", [0, 0, 1, 1], "motion[0].box", "an object with the fields of Box"),
    ("motion[0].point", [0.5, 1.5], "motion[0].point[1]", "between 0 and 1"),
    ("motion[0].point", [0.5], "motion[0].point", "it needs 2"),
    ("motion[0].point", "middle", "motion[0].point", "a list"),
    ("motion[0].prop", "dragon", "motion[0].prop", "choose one of apple, bag, ball"),
    ("motion[0].prop", 3, "motion[0].prop", "text"),
    ("motion[0].place", [9, 0], "motion[0].place[0]", "between -2 and 3"),
    ("motion[0].size_m", 0, "motion[0].size_m", "between 0.001 and 1000"),
    ("motion[0].target", 7, "motion[0].target", "text"),
    ("motion[0].target_point", [-0.1, 0], "motion[0].target_point[0]", "between 0 and 1"),
    ("motion[0].physics", {"mass": 3}, "motion[0].physics.mass", "known here are material, mass_kg"),
    ("motion[0].physics", {"mass_kg": 0}, "motion[0].physics.mass_kg", "between 0.0001 and"),
    ("motion[0].physics", {"restitution": 1.2}, "motion[0].physics.restitution", "between 0 and 1"),
    ("motion[0].physics", {"friction": -1}, "motion[0].physics.friction", "between 0 and 10"),
    ("motion[0].physics", {"velocity_m_s": [1, 2000]}, "motion[0].physics.velocity_m_s[1]", "between -1000 and 1000"),
    ("motion[0].physics", {"spin_deg_s": "fast"}, "motion[0].physics.spin_deg_s", "a number"),
    ("motion[0].physics", {"pivot": [2, 0]}, "motion[0].physics.pivot[0]", "between 0 and 1"),
    ("motion[0].physics", {"damping": 2}, "motion[0].physics.damping", "between 0 and 1"),
    ("motion[0].physics", {"frequency_hz": 0}, "motion[0].physics.frequency_hz", "between 0.01 and 20"),
    ("motion[0].physics", {"material": 5}, "motion[0].physics.material", "text"),
    ("world.metres_per_width", 0, "world.metres_per_width", "between 0.001"),
    ("world.gravity_m_s2", -1, "world.gravity_m_s2", "between 0 and 300"),
    ("world.ground_y", 2, "world.ground_y", "between 0 and 1.5"),
    ("world.walls", "left", "world.walls", "true or false"),
    ("sound[0].pan", 1.5, "sound[0].pan", "between -1 and 1"),
    ("dialogue[0].start_s", 20, "dialogue[0].start_s", "0 to 8 seconds"),
    ("dialogue[0].manner", [1], "dialogue[0].manner[0]", "text"),
    ("lens.aperture", 1.01, "lens.aperture", "between 0 and 1"),
    ("mix.silent", "yes", "mix.silent", "true or false"),
    ("mix.loudness_lufs", 0, "mix.loudness_lufs", "between -40 and -10"),
    ("size_px", [1280, 721], "size_px", "choose one of"),
    ("size_px", [1280], "size_px", "it needs 2"),
    ("duration_s", 5, "duration_s", "4, 8, 12, 16 or 20"),
    ("duration_s", None, "duration_s", "a whole number"),
    ("fps", 11, "fps", "between 12 and 60"),
    ("fps", 61, "fps", "between 12 and 60"),
    ("mix.muted", ["music", "drums"], "mix.muted[1]", "choose one of ambience"),
    ("camera", [{"kind": "pan", "end_s": 1, "amount": 1}] * 33, "camera", "the limit is 32"),
    ("seed", -1, "seed", "between 0 and"),
    ("framing.x0", -0.1, "framing.x0", "between 0 and 1"),
    ("framing.x1", 0.0, "framing.x1", "more than x0"),
    ("framing", {"x0": 0, "y0": 0, "x1": 1}, "framing.y1", "is missing"),
    ("prompt", "x" * 32_001, "prompt", "32,000"),
    ("notes", [{"code": "x", "words": "y"}] * 1001, "notes", "limit is 1000"),
]


@pytest.mark.parametrize(("path", "value", "named", "says"), BAD)
def test_bad_fields_are_named(path: str, value: object, named: str, says: str) -> None:
    """The message names the field by its path, then says the limit or what to write."""
    with pytest.raises(ShotInvalid) as caught:
        from_json(_changed(path, value))
    message = str(caught.value)
    assert message.startswith((f"{named}: ", f"{named} "))
    assert says in message
    assert len(message) < 500


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"shot"',
        "{",
        "{}",
        '{"size_px": [1280, 720], "size_px": [1280, 720]}',
        "[" * 100_000,
        "NaN",
        "\x00",
    ],
)
def test_other_files_are_refused(text: str) -> None:
    """What is no Shot at all gets a message too, never another error."""
    with pytest.raises(ShotInvalid):
        from_json(text)


@pytest.mark.parametrize("fps", [12, 24, 25, 60])
def test_rates_that_a_film_may_have(fps: int) -> None:
    """Any whole rate from 12 to 60 is read."""
    assert from_json(_changed("fps", fps)).fps == fps


@pytest.mark.parametrize("count", [2, 150])
def test_a_field_may_stand_only_once(count: int) -> None:
    """A twin is refused by name in an object of any size, before anything else is said of it."""
    fields = ", ".join(f'"f{index}": 1' for index in range(count))
    with pytest.raises(ShotInvalid, match='"f1" stands twice'):
        from_json(to_json(SHOT).replace('"lens": {', f'"lens": {{{fields}, "f1": 2, '))


@pytest.mark.parametrize("depth", [100, 900, 990, 5_000])
def test_any_depth_of_nesting_is_refused(depth: int) -> None:
    """However deep lists are nested, and wherever they stand, there is one message and no other error."""
    with pytest.raises(ShotInvalid):
        from_json(to_json(SHOT).replace('"aperture": 0.3333333333333333', '"aperture": ' + "[" * depth + "]" * depth))


def test_length_is_looked_at_before_the_text_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file far beyond any Shot is refused unread."""
    monkeypatch.setattr(json, "loads", lambda *_, **__: pytest.fail("was read"))
    with pytest.raises(ShotInvalid, match="2,000,001 characters"):
        from_json(" " * 2_000_001)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_are_finite(number: str) -> None:
    """No NaN, no infinity, however it is written."""
    with pytest.raises(ShotInvalid):
        from_json(to_json(SHOT).replace('"amount": 0.1', f'"amount": {number}'))
