"""What prompts mean: camera, motion, sound and looks, phrase by phrase."""

from __future__ import annotations

import pytest

from stillmotion.diorama.shot.parse import parse

CAMERA = [
    ("The camera glides forward over the meadow, then slowly tilts up to the sky.", ["dolly in", "tilt up"]),
    ("Smooth tracking shot to the right along the quay", ["truck right"]),
    ("Crane up, revealing the valley.", ["pedestal up"]),
    ("A gentle 30-degree orbit to the left around the vase.", ["orbit left"]),
    ("Zoom in 1.5x on her eyes.", ["zoom in"]),
    ("Truck right for the first three seconds, then hold.", ["truck right", "static none"]),
    ("Camera slowly pulls back and pans left.", ["dolly out", "pan left"]),
    ("Slow pan from left to right across the skyline.", ["pan right"]),
    ("The camera shakes as the train passes.", ["handheld none"]),
    ("Handheld camera, documentary style.", ["handheld none"]),
    ("Vertigo effect on the staircase.", ["dolly_zoom in"]),
    ("After 2 seconds, whip pan right.", ["pan right"]),
    ("The drone ascends over the forest canopy.", ["rise up"]),
    ("Aerial drone shot, pushing in on the roof", ["dolly in"]),
    ("Push in slowly while racking focus from the cup to the window.", ["dolly in", "focus_pull none"]),
    ("Static shot of a harbour", ["static none"]),
    ("keep the camera perfectly still", ["static none"]),
    ("The camera doesn't move.", ["static none"]),
    ("Locked-off tripod shot", ["static none"]),
    ("Slow dolly left.", ["truck left"]),
    ('She whispers, "Don\'t move." The camera inches closer.', ["dolly in"]),
    ("pan left, tilt up, zoom in", ["pan left", "tilt up", "zoom in"]),
    ("Dolly in. Dolly out.", ["dolly in", "dolly out"]),
    ("Fast dolly in, camera shaking", ["dolly in", "handheld none"]),
    ("Focus shifts from the flower to the background", ["focus_pull none"]),
    ("Camera moves up", ["pedestal up"]),
    ("The camera follows the car to the right", ["truck right"]),
    ("Over 3 seconds the camera rises", ["rise up"]),
    ("Slowly zooming out from the face to reveal the room", ["zoom out"]),
    ("slow cinematic push", ["dolly in"]),
    ("gentle parallax", ["truck none"]),
    ("Crash zoom out from the clock", ["zoom out"]),
    ("Dutch roll to the left", ["roll left"]),
    ("the camera jibs down", ["pedestal down"]),
    ("camera: boom up\nsound: birds", ["pedestal up"]),
    ("A slow 180 arc around the statue, clockwise", ["orbit right"]),
    ("The camera wooshes forward", ["dolly in"]),
    ("la camera recule lentement, bruit des vagues", ["dolly out"]),
    ("Die Kamera schwenkt nach links", ["pan left"]),
    ("Cámara fija, viento suave.", ["static none"]),
    ("Travelling avant, lent.", ["dolly in"]),
    ("MACRO PUSH-IN", ["dolly in"]),
]

NO_CAMERA = [
    "The chef pans the mushrooms while steam curls up.",
    "She pans for gold in the river.",
    "The red truck turns left at the corner.",
    "The branch shakes in the wind.",
    "A crane lifts its beak out of the reeds.",
    "The cat breathes, then tilts its head to the left.",
    "The moon orbits slowly.",
    "A low drone of machines.",
    "A ball rolls off the shelf to the right.",
    "He focuses the telescope and pushes the door.",
    "A boat drifts past on the left.",
    "A frying pan on the stove.",
]


@pytest.mark.parametrize(("prompt", "expected"), CAMERA)
def test_camera_moves_are_read(prompt: str, expected: list[str]) -> None:
    """Every named move is found, with its direction, in the order of the words."""
    assert [f"{move.kind} {move.direction}" for move in parse(prompt).camera] == expected


@pytest.mark.parametrize("prompt", NO_CAMERA)
def test_what_things_do_is_not_the_camera(prompt: str) -> None:
    """A verb with a subject of its own never moves the camera."""
    assert parse(prompt).camera == ()


MOTION = [
    ("The flag waves proudly; the camera slowly circles around it.", [("sway", "flag", "")]),
    ("Waves roll in.", [("waves", "waves", "in")]),
    ("The old woman waves.", [("gesture", "old woman", "")]),
    ("She says hello and waves", [("talk", "she", ""), ("gesture", "she", "")]),
    ("Steam curls up from the soup", [("steam", "steam", "up")]),
    ("Candle flame flickers, smoke rises", [("fire", "candle flame", ""), ("smoke", "smoke", "")]),
    ("A gentle wind moves the reeds", [("move", "reeds", "")]),
    ("Clouds drift to the left, fast", [("clouds", "clouds", "left")]),
    ("The lake ripples gently, the boat on the left bobs", [("ripple", "lake", ""), ("float", "boat", "")]),
    ("A barrel rolls in from the right and stops", [("roll", "barrel", "left"), ("settle", "barrel", "")]),
    ("Rain starts softly, then pours", [("rain", "rain", ""), ("rain", "rain", "")]),
    ("The rider turns her head to the right", [("turn_head", "rider", "right")]),
    ("Its ears twitch", [("twitch", "its ears", "")]),
    ("The bus turns left", [("drive", "bus", "left")]),
    ("Petals drift down slowly", [("petals", "petals", "down")]),
    ("Dusk falls", [("dusk", "dusk falls", "")]),
    ("The ice melts", [("transform", "ice", "")]),
    ("The pony gallops off", [("walk", "pony", "")]),
]


@pytest.mark.parametrize(("prompt", "expected"), MOTION)
def test_motion_cues_are_read(prompt: str, expected: list[tuple[str, str, str]]) -> None:
    """What moves is found with who moves and which way."""
    assert [(cue.verb, cue.subject, cue.direction) for cue in parse(prompt).motion] == expected


SOUND = [
    ("Distant church bells", [("bell", -9.0)]),
    ("a dog barks twice outside", [("dog", -9.0)]),
    ("wind howling, heavy rain on the roof", [("wind", 6.0), ("rain_roof", 3.0)]),
    ("Ambient Sound: a clock ticking, soft jazz", [("clock", 0.0), ("music", -6.0)]),
    ("tense low drone", [("drone", 0.0)]),
    ("quiet cafe ambience with murmuring people", [("crowd", -6.0)]),
    ("the sound of a train", [("train", 0.0)]),
    ("a train on a bridge", []),
    ("a door in a wall", []),
    ("children laugh far away", [("children", -9.0)]),
    ("thunder far away; no voices; no birds", [("thunder_distant", -9.0)]),
    ("Vögel singen", [("birds", 0.0)]),
]


@pytest.mark.parametrize(("prompt", "expected"), SOUND)
def test_sound_cues_are_read(prompt: str, expected: list[tuple[str, float]]) -> None:
    """What is heard is found, as loud as the words say; things that are only seen make no sound."""
    assert [(cue.sound, cue.level_db) for cue in parse(prompt).sounds] == expected


def test_counts_are_read() -> None:
    """Numbers behind "times", twice, and a number before the noun all count."""
    assert parse("A ball bounces three times").motion[0].count == 3
    assert parse("An owl hoots twice").sounds[0].count == 2
    assert parse("It takes two bounces").motion[0].count == 2
    assert parse("Two boats sail by").motion[0].count is None


def test_speed_and_amount_are_read() -> None:
    """Very slow is slower than slow, slow than plain, plain than fast; slight is less than plain."""
    speeds = [parse(f"{word} dolly in").camera[0].speed for word in ("very slow", "slow", "", "fast", "very fast")]
    assert speeds == sorted(speeds)
    assert len(set(speeds)) == 5
    assert parse("a slight tilt up").camera[0].amount < parse("a tilt up").camera[0].amount


def test_and_carries_the_speed_on() -> None:
    """Slowly pulls back and pans: both are slow."""
    assert {move.speed for move in parse("The camera slowly pulls back and pans left").camera} == {0.6}


def test_quantities_are_read() -> None:
    """Degrees for turns, factors for zooms."""
    assert parse("a 45 degree orbit").camera[0].quantity == 45
    assert parse("zoom in 2x").camera[0].quantity == 2
    assert parse("zoom in by 20 percent").camera[0].quantity == pytest.approx(1.2)
    assert parse("three dogs, zoom in").camera[0].quantity is None


def test_negated_moves_are_excluded() -> None:
    """Don't pan: no pan is planned and the default may not be one."""
    intent = parse("Don't pan. No zoom, please. Gentle truck to the left.")
    assert {str(kind) for kind in intent.excluded_moves} == {"pan", "zoom"}
    assert [str(move.kind) for move in intent.camera] == ["truck"]


def test_negation_holds_for_a_list() -> None:
    """Without shake or zoom: the "without" reaches both."""
    kinds = {str(kind) for kind in parse("Without camera shake or zoom.").excluded_moves}
    assert kinds == {"handheld", "zoom"}


def test_muted_stems_and_silence() -> None:
    """No music mutes a stem; silence is asked for in so many words, and a silent forest does not ask."""
    intent = parse("No camera movement, no music, only the crackle of a fire.")
    assert intent.muted == ("music",)
    assert intent.only_named_sounds
    assert not intent.silent
    assert parse("Very slow zoom in. Silence.").silent
    assert parse("no sound").silent
    assert not parse("A silent forest at night").silent
    assert not parse("He watches silently. Birds sing.").silent


def test_negated_sounds_are_not_heard() -> None:
    """No birds: the sound is excluded, also from a default ambience."""
    intent = parse("A forest, but no birds and no wind")
    assert intent.sounds == ()
    assert set(intent.excluded_sounds) == {"birds", "wind"}


def test_looks_are_read() -> None:
    """Lens and look words in plain prose and in guide blocks."""
    looks = parse("Shallow depth of field, old film look with grain, slow motion, golden hour").looks
    assert set(looks) == {"shallow_focus", "film", "grain", "slow_motion", "golden_hour"}
    assert parse("no grain").looks == ("no_grain",)
    assert parse("no bokeh").looks == ("deep_focus",)


def test_places_suggest_an_ambience() -> None:
    """A named place says what may be heard there."""
    assert "lake" in parse("dolly in over the lake at dawn").places
    assert parse("shallow depth of field").places == ()


def test_unknown_clauses_are_kept() -> None:
    """What no reader understood is listed in the words of the prompt; things in the picture are no riddle."""
    assert parse("The zeppelin frobnicates. Pan left.").unknown == ("The zeppelin frobnicates",)
    assert parse("a beautiful landscape").unknown == ()
    assert parse("").unknown == ()
