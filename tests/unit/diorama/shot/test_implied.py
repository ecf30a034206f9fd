"""What is seen to happen is heard, and how something sounds is read from the words around it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from stillmotion.diorama.brief import Brief
from stillmotion.diorama.shot import lexicon, loudness_lufs, parse, performed, plan, sound_words
from stillmotion.diorama.shot.lexicon import table
from stillmotion.diorama.shot.nearest import nearest
from stillmotion.diorama.shot.sound_plan import floor
from stillmotion.diorama.shot.words import tokenize

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import SoundCue


def heard(scene: Scene, prompt: str) -> dict[str, SoundCue]:
    """The sounds of a prompt by name."""
    return {cue.sound: cue for cue in plan(scene, Brief(prompt=prompt, duration_s=4)).sound}


def test_every_rule_names_what_exists() -> None:
    """Behaviours and sounds of the table stand in their lexicons; an empty sound is a silence on purpose."""
    for rule in table("implied")["rule"]:
        assert rule["sound"] == "" or rule["sound"] in lexicon.sounds()
        assert any(verb in table("motion") for verb in rule["verbs"])


@pytest.mark.parametrize(
    ("prompt", "sound"),
    [("Flames burn in the grate.", "fire"), ("It pours down.", "rain"), ("A river flows past.", "stream")],
)
def test_what_moves_is_heard(lake: Scene, prompt: str, sound: str) -> None:
    """A movement that always makes a sound is heard although the words name none."""
    assert sound in heard(lake, prompt)


def test_nothing_is_heard_twice(lake: Scene) -> None:
    """Rain on a roof is rain enough; what the words exclude stays away."""
    if performed.makes("rain_roof"):
        assert "rain" not in heard(lake, "It pours down. Sound: rain on a tin roof.")
    assert "fire" not in heard(lake, "Flames burn in the grate. No crackling fire sound.")
    assert not heard(lake, "It pours down. Silence.")


def test_who_stands_still_takes_no_steps(portrait: Scene) -> None:
    """Walking that is not shown is not heard either; steps of somebody out of the picture are."""
    assert "footsteps" not in heard(portrait, "She walks toward the camera.")


def test_steps_fall_on_the_floor_of_the_photo(lake: Scene) -> None:
    """Snow and sand by what the photo is called, wood indoors, grass where something grows."""
    assert floor(replace(lake, tags=(("alp", 0.5),))) == "snow"
    assert floor(replace(lake, tags=(("seashore", 0.5),), outdoors=True)) == "sand"
    assert floor(replace(lake, tags=(), outdoors=False)) == "wood"


@pytest.mark.parametrize(
    ("words", "surface"),
    [("footsteps on gravel", "gravel"), ("steps across a wooden floor", "wood"), ("footsteps", "")],
)
def test_surfaces_are_read(words: str, surface: str) -> None:
    """What is stepped on, in the words of the generators."""
    assert sound_words.surface(tokenize(words)) == surface


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("piano music in d minor", "D minor"),
        ("a waltz in F# major", "F#"),
        ("music in a hall", ""),
        ("music in a minor", "A minor"),
        ("music in the key of E flat", "Eb"),
    ],
)
def test_keys_are_read(words: str, key: str) -> None:
    """A key is a note with a sign or a mode; "in a" alone is an article."""
    assert sound_words.key(tokenize(words)) == key


def test_tempo_mood_and_echo_are_read() -> None:
    """Numbers of beats, one word of mood, an echo as long as the place is large."""
    assert sound_words.tempo_bpm(tokenize("a beat at 96 bpm")) == 96.0
    assert sound_words.tempo_bpm(tokenize("a beat")) is None
    assert sound_words.mood(tokenize("ominous strings")) == "tense"
    assert sound_words.echo(tokenize("a drip with echo")) < sound_words.echo(tokenize("a drip echoing in a cave"))
    assert sound_words.echo(tokenize("a drip")) == 0.0


def test_soft_is_no_pace() -> None:
    """Soft steps are quiet, not slow; quick ones are quick."""
    assert sound_words.pace(tokenize("soft footsteps")) == 1.0
    assert sound_words.pace(tokenize("quick footsteps")) > 1.3


def test_what_happens_once_happens_once(lake: Scene) -> None:
    """A slam takes its own time and not the first instant; knocking and three knocks are as often as the words say."""
    slam = heard(lake, "A door slams.")["door_slam"]
    assert 0 < slam.start_s < 1.0
    assert slam.end_s is not None
    assert slam.end_s - slam.start_s <= 2.0
    assert heard(lake, "Knocking on the door.")["knock"].end_s is None
    three = heard(lake, "Three knocks on the door.")["knock"]
    assert three.count == 3
    assert 0 < three.start_s < 1.0
    assert heard(lake, "Explosions.")["explosion"].end_s is None


def test_what_is_left_out_makes_no_film_loud(lake: Scene) -> None:
    """Loudness counts what is heard: speech that is muted leaves the quiet of the room."""
    room = plan(lake, Brief(prompt="Only room tone.", duration_s=4)).sound
    assert loudness_lufs(room, (), spoken=True) == -16.0
    assert loudness_lufs(room, ("dialogue",), spoken=True) == -30.0
    assert loudness_lufs(room, ("dialogue", "ambience"), spoken=True) == -38.0


def test_exceptions_are_wanted() -> None:
    """What stands behind "except" is heard, whatever the words leave out."""
    intent = parse('No sound at all except her voice: she says "hello there"')
    assert "dialogue" not in intent.muted
    assert intent.only_named_sounds
    assert [line.text for line in intent.lines] == ["hello there"]


def test_louder_is_no_sound() -> None:
    """A comparison changes what is heard and brings nothing of its own."""
    known, unknown = nearest(["each louder", "the sound gets quieter"])
    assert known == []
    assert unknown == ["each louder", "the sound gets quieter"]
