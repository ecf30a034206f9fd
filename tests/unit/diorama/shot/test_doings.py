"""What a sounding thing does is one sound and no movement; sounds carry who makes them, how many, and from where."""

from __future__ import annotations

import pytest

from stillmotion.diorama.shot.parse import parse


@pytest.mark.parametrize(
    ("prompt", "sounds"),
    [
        ("traffic hums", ["traffic"]),
        ("a woodpecker knocks", ["woodpecker"]),
        ("the wind whistles", ["wind"]),
        ("birds whistle", ["birds"]),
        ("horse hooves clatter", ["hooves"]),
        ("an engine rumbles", ["engine"]),
        ("a piano plays a sad melody", ["piano"]),
        ("the fire crackles and pops", ["fire", "pop"]),
        ("a man whistles a tune", ["whistle"]),
    ],
)
def test_what_a_sounding_thing_does_is_its_own_sound(prompt: str, sounds: list[str]) -> None:
    """The verb behind a sound's name makes no second sound."""
    assert [cue.sound for cue in parse(prompt).sounds] == sounds


@pytest.mark.parametrize(
    "prompt",
    [
        "thunder cracks",
        "a phone rings",
        "a ship horn blows twice",
        "the clock strikes twelve",
        "four knocks on the door",
        "eight steps on wood",
        "barefoot steps on wood",
    ],
)
def test_what_is_only_heard_moves_nothing(prompt: str) -> None:
    """A verb of sound, and sounds that are counted, ask for no movement of the picture."""
    intent = parse(prompt)
    assert intent.sounds
    assert intent.motion == ()


def test_what_moves_still_moves() -> None:
    """The same verbs of other subjects are seen."""
    assert [cue.verb for cue in parse("the vase shatters, the bell swings, two hops").motion][:2] == [
        "shatter",
        "swing",
    ]


@pytest.mark.parametrize(
    ("prompt", "kind"),
    [
        ("a choir sings softly", "choir"),
        ("high heels click on the floor", "heels"),
        ("barefoot steps on wood", "barefoot"),
        ("footsteps on wood", ""),
    ],
)
def test_who_makes_a_sound(prompt: str, kind: str) -> None:
    """Heels, bare feet and choirs are heard as such."""
    assert parse(prompt).sounds[0].kind == kind


def test_steps_are_counted_in_a_clause_of_their_own() -> None:
    """The number holds for the sound that the clause before it named."""
    (steps,) = (cue for cue in parse("A woman in high heels walks past on the left: eight steps.").sounds)
    assert (steps.sound, steps.count, steps.kind) == ("footsteps", 8, "heels")


def test_a_sound_comes_from_the_side_that_words_add() -> None:
    """Coming from the left: a place of the sound, and no move of the camera."""
    intent = parse("Footsteps on gravel, coming from the left.")
    assert [cue.pan for cue in intent.sounds] == [-0.6]
    assert intent.camera == ()
    assert intent.unknown == ()


def test_what_is_outside_is_quiet_however_strong() -> None:
    """Distance goes before strength."""
    assert parse("Heavy rain outside").sounds[0].level_db == -9.0
    assert parse("Heavy rain").sounds[0].level_db == 3.0


@pytest.mark.parametrize(
    ("prompt", "movements"),
    [
        ("a bee buzzes past the yellow petals", [("insects", "bee")]),
        ("the wind sways the yellow petals", [("sway", "petals")]),
        (
            "a bee buzzes past the yellow petals while a breeze sways them",
            [("insects", "bee"), ("sway", "petals")],
        ),
        ("the yellow petals drift down", [("petals", "petals")]),
        ("she runs through the falling petals", [("walk", "she"), ("petals", "falling petals")]),
    ],
)
def test_what_stands_there_is_no_movement(prompt: str, movements: list[tuple[str, str]]) -> None:
    """Of petals that the photo shows none fall; those that fall, or do something, are new ones."""
    assert [(cue.verb, cue.subject) for cue in parse(prompt).motion] == movements
