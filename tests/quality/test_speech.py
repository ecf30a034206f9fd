"""Speech is understood, dry and in the mix, and starts when it should."""

from __future__ import annotations

import numpy as np
import pytest

from measure import recognition
from stillmotion.diorama import voice
from stillmotion.diorama.sound import mixing
from stillmotion.diorama.sound.dialogue import GENERATOR
from stillmotion.diorama.sound.palette import VOICES as SOUNDS
from stillmotion.diorama.sound.records import PlannedSound, SoundPlan, Stem

RATE = 48_000
VOICES = ("heart", "michael", "emma", "george", "girl", "grandfather")
SENTENCES = (
    "The boats come home before the storm.",
    "We should leave the house tonight.",
    "My sister found the letter under the chair.",
    "Nobody told me that the road was closed.",
    "There is a light in the window across the street.",
    "Please close the door and sit down.",
    "The children are playing in the garden.",
    "I have been waiting here for two hours.",
    "Look at the mountains in the morning sun.",
    "He never came back from the city.",
    "Did you hear that noise behind the wall?",
    "Tomorrow we will walk along the river.",
    "The bread is still warm from the oven.",
    "Somebody left a black umbrella on the train.",
    "Every winter the lake turns into ice.",
    "My grandfather built this table with his hands.",
    "The doctor will see you in a minute.",
    "Can you open the window a little?",
    "She wrote her name on the first page.",
    "The old bridge was painted red last summer.",
    "Listen to the wind in the trees.",
    "I think that we are almost there.",
    "The music stopped and everybody looked up.",
    "Bring me a glass of cold water.",
    "This is the happiest day of my life.",
    "The dog ran after the yellow ball.",
    "You can trust me with your secret.",
    "A small bird is sitting on the roof.",
    "They danced until the sun came up.",
    "It was the best dinner of the year.",
)
"""Thirty sentences of ordinary words; every voice reads five of them."""


def _text(index: int) -> str:
    return " ".join(SENTENCES[index :: len(VOICES)])


def _plan(*sounds: PlannedSound, duration_s: float) -> SoundPlan:
    return SoundPlan(duration_s=duration_s, sample_rate=RATE, seed=5, loudness_lufs=-16.0, silent=False, sounds=sounds)


def _bed(name: str, duration_s: float) -> PlannedSound:
    sound = SOUNDS[name]
    return PlannedSound(
        generator=sound.generator,
        stem=sound.stem,
        start_s=0.0,
        end_s=duration_s,
        gain_db=sound.gain_db,
        controls=sound.controls,
    )


def _line(text: str, name: str, start_s: float, end_s: float) -> PlannedSound:
    controls = (("text", text), ("voice", name), ("speed", 1.0), ("manner", ""))
    return PlannedSound(
        generator=GENERATOR, stem=Stem.DIALOGUE, start_s=start_s, end_s=end_s, gain_db=2.0, echo=0.05, controls=controls
    )


def _rate(pairs: list[tuple[int, int]]) -> float:
    return sum(wrong for wrong, _ in pairs) / sum(count for _, count in pairs)


@pytest.mark.quality
def test_a_recogniser_understands_thirty_sentences_of_six_voices() -> None:
    """At most 5 % of the words are misheard when nothing else is heard."""
    found = []
    for index, name in enumerate(VOICES):
        speech = voice.speak(_text(index), voice=name)
        found.append(recognition.errors(_text(index), recognition.heard(speech.samples, speech.sample_rate)))
    assert _rate(found) <= 0.05, found


@pytest.mark.quality
def test_a_recogniser_understands_them_in_the_mix() -> None:
    """At most 10 % are misheard over waves and wind at their usual level."""
    found = []
    for index, name in enumerate(VOICES):
        length_s = voice.speak(_text(index), voice=name).duration_s + 1.5
        plan = _plan(
            _bed("waves", length_s),
            _bed("wind", length_s),
            _line(_text(index), name, 0.5, length_s),
            duration_s=length_s,
        )
        found.append(recognition.errors(_text(index), recognition.heard(mixing.mix(plan).mean(axis=1), RATE)))
    assert _rate(found) <= 0.10, found


def _level_db(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2)))


def test_the_bed_steps_back_under_speech_and_comes_again() -> None:
    """Ambience is 6 to 9 dB lower under the words than it would be there without them."""
    text = "The boats come home before the storm."
    speech = voice.speak(text, voice="heart")
    with_line = mixing._raw_stems(
        _plan(_bed("wind", 8.0), _line(text, "heart", 2.0, 6.0), duration_s=8.0), lambda *_: None
    )
    without = mixing._raw_stems(_plan(_bed("wind", 8.0), duration_s=8.0), lambda *_: None)
    bed, alone = with_line[Stem.AMBIENCE], without[Stem.AMBIENCE]
    talking = slice(round(2.1 * RATE), round((1.9 + speech.duration_s) * RATE))
    before = slice(round(0.3 * RATE), round(1.7 * RATE))
    assert 6.0 <= _level_db(alone[talking]) - _level_db(bed[talking]) <= 9.0
    assert _level_db(alone[before]) == pytest.approx(_level_db(bed[before]), abs=0.1)


def test_a_line_is_heard_when_it_is_planned() -> None:
    """The first sound of a line comes within 30 ms of its time, and the same plan gives the same samples."""
    plan = _plan(_line("Tomorrow we will walk.", "michael", 1.5, 5.0), duration_s=6.0)
    samples = mixing.stems(plan)[Stem.DIALOGUE]
    loud = np.flatnonzero(np.abs(samples).max(axis=1) > 0.02 * np.abs(samples).max())
    assert loud[0] / RATE == pytest.approx(1.5, abs=0.03)
    assert np.array_equal(samples, mixing.stems(plan)[Stem.DIALOGUE])
