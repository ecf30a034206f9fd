"""Lines of dialogue: who, how, from where; and what is quoted but not said."""

from __future__ import annotations

import pytest

from stillmotion.diorama.shot.parse import parse

SPOKEN = [
    ('The pilot says: "Clear the runway."', ("pilot", "Clear the runway.", (), False)),
    ('Narrator (calm, male): "Once more."', ("narrator", "Once more.", ("calm", "male"), True)),
    ('"Hello there," says the old man warmly.', ("old man", "Hello there", ("warmly",), False)),
    ('She whispers, "Not yet."', ("she", "Not yet.", ("whispered",), False)),
    ('The sailor salutes, then shouts: "Land!"', ("sailor", "Land!", ("shouted",), False)),
    ('A woman\'s voice, off-screen, answers: "Only me."', ("woman", "Only me.", (), True)),
    ("He murmurs: \u2018Good night.\u2019", ("he", "Good night.", ("murmured",), False)),
    ("She says «Bonjour» softly", ("she", "Bonjour", ("softly",), False)),
    ('Dialogue: "We made it."', ("", "We made it.", (), False)),
    ("Dialogue:\n- Mia (quietly): Come closer.", ("mia", "Come closer.", ("quietly",), False)),
    ('Voice-over: "It began here."', ("narrator", "It began here.", (), True)),
    ("The guide says: follow me to the gate", ("guide", "follow me to the gate", (), False)),
    (
        '"It was long ago," a very old woman narrates over music',
        ("very old woman", "It was long ago", ("narrated",), True),
    ),
    ('The cat says: "Feed me." in a tiny voice, and purrs', ("cat", "Feed me.", ("tiny",), False)),
    ('She looks up. "Hello there"', ("", "Hello there", (), False)),
    ('She looks up, "Hello there", and smiles', ("", "Hello there", (), False)),
    ('"Hello there", says the guide, then smiles', ("guide", "Hello there", (), False)),
    ('A deep voice on the radio: "All clear."', ("deep", "All clear.", (), True)),
    ('"Wait here," says a man from the left', ("man", "Wait here", (), False)),
]


@pytest.mark.parametrize(("prompt", "expected"), SPOKEN)
def test_lines_are_read(prompt: str, expected: tuple[str, str, tuple[str, ...], bool]) -> None:
    """The speaker, the words, the manner and whether the speaker is out of the picture."""
    (line,) = parse(prompt).lines
    assert (line.speaker, line.text, line.manner, line.off_screen) == expected


def test_music_behind_a_line_is_heard() -> None:
    """What goes on beside the words is no part of the speaker."""
    assert [cue.sound for cue in parse('"It was long ago," she says over soft piano music').sounds] == ["piano"]


def test_several_speakers_keep_their_order() -> None:
    """Two speakers on one line of text are two lines of dialogue."""
    lines = parse('Woman: "Did you lock it?" Man, off screen: "I thought you did."').lines
    assert [(line.speaker, line.off_screen) for line in lines] == [("woman", False), ("man", True)]


def test_what_leads_to_the_next_line_is_not_how_this_one_is_said() -> None:
    """Behind "and" or "then", a verb of speech belongs to the line that follows; else to the one before it."""
    lines = parse('The woman says "One." "Two." and "Three." then she whispers: "Four."').lines
    assert [line.text for line in lines] == ["One.", "Two.", "Three.", "Four."]
    assert [line.manner for line in lines] == [(), (), (), ("whispered",)]
    assert [line.speaker for line in lines[:3]] == ["woman"] * 3
    lines = parse('"One," he murmurs, "two." and the guide shouts: "Three."').lines
    assert [line.speaker for line in lines] == ["he", "he", "guide"]
    assert [line.manner for line in lines] == [("murmured",), ("murmured",), ("shouted",)]


@pytest.mark.parametrize(
    "prompt",
    [
        'A neon sign reads "OPEN" above the door.',
        'A poster titled "The Long Night" hangs on the wall.',
        'in the style of "Great Masters"',
        'A ship called "Aurora" sails by',
        'a glass 6" tall',
        'The boat "Aurora" sails by',
    ],
)
def test_what_is_written_is_not_said(prompt: str) -> None:
    """Signs, titles and names are no dialogue."""
    assert parse(prompt).lines == ()


def test_a_line_is_no_stage_direction() -> None:
    """Words inside a line neither move the camera nor make a sound."""
    intent = parse('He says: "Zoom in, pan left, thunder and rain, no music!"')
    assert (intent.camera, intent.sounds, intent.motion, intent.muted) == ((), (), (), ())


def test_what_stands_beside_a_line_is_still_read() -> None:
    """Speech is taken out of the sentence, the rest stays."""
    intent = parse('She says "Go!" and a ball drops, bounces twice and rolls off right. Slow dolly in.')
    assert [cue.verb for cue in intent.motion] == ["fall", "bounce", "roll"]
    assert [str(move.kind) for move in intent.camera] == ["dolly"]


@pytest.mark.parametrize(
    ("prompt", "speaker", "start_s", "at_end"),
    [
        ('At 3 seconds she says "Go home now."', "she", 3.0, False),
        ('After two seconds, he shouts "Run!"', "he", 2.0, False),
        ('At the end the old man whispers: "Good night."', "old man", None, True),
        ('"Go home," says the guide at 3 seconds', "guide", 3.0, False),
        ('"Go home," she says at the end.', "she", None, True),
    ],
)
def test_a_time_beside_a_speaker_is_the_time_of_the_line(
    prompt: str, speaker: str, start_s: float | None, *, at_end: bool
) -> None:
    """The time is no part of the speaker's name."""
    (line,) = parse(prompt).lines
    assert (line.speaker, line.when.start_s, line.when.at_end) == (speaker, start_s, at_end)


@pytest.mark.parametrize(
    ("prompt", "pan"),
    [
        ('A child off screen calls from the left: "Come here!"', -0.6),
        ('"Over here," says a man from the right', 0.6),
        ('Anna (off screen, from the left): "Hello you."', -0.6),
        ('She says: "Turn from the left."', 0.0),
    ],
)
def test_words_put_a_voice_to_a_side(prompt: str, pan: float) -> None:
    """From the left, from the right: only where the words are about the speaker."""
    (line,) = parse(prompt).lines
    assert line.pan == pan


def test_seconds_are_no_count() -> None:
    """Thunder four seconds later is one thunder; four claps of thunder are four."""
    assert [cue.count for cue in parse("lightning strikes, thunder four seconds later").sounds] == [None]
    assert parse("four thunder claps").sounds[0].count == 4
