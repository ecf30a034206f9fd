"""Lines in time: voices, turns, speed, cuts and reasons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama import voice
from stillmotion.diorama.brief import Brief
from stillmotion.diorama.shot import from_json, plan, to_json
from stillmotion.diorama.voice import Speech
from stillmotion.errors import AssetUnavailable, Cancelled, ShotInvalid
from stillmotion.progress import Stage

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import Shot


@pytest.fixture(autouse=True)
def _quick_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A voice of three words a second that says nothing."""

    def speak(text: str, *, voice: str, speed: float = 1.0, manner: tuple[str, ...] = ()) -> object:
        del voice, manner
        samples = np.zeros(round(16_000 * len(text.split()) / speed), np.float32)
        return Speech(samples=samples, sample_rate=48_000, phonemes=(), words=())

    monkeypatch.setattr(voice, "ready", lambda _progress: None)
    monkeypatch.setattr(voice, "speak", speak)


def _plan(scene: Scene, prompt: str, duration_s: int = 8) -> Shot:
    return plan(scene, Brief(prompt=prompt, duration_s=duration_s))


def _notes(shot: Shot, code: str) -> list[str]:
    return [note.words for note in shot.notes if note.code == code]


def test_speakers_take_turns_with_voices_of_their_own(portrait: Scene) -> None:
    """Lines do not overlap, lie 0.15 to 0.3 s apart, and each speaker keeps one voice."""
    shot = _plan(portrait, 'She says "Are we there?" The boy says "Not yet, mother." She says "Then let us walk."')
    first, second, third = shot.dialogue
    assert first.voice == third.voice != second.voice
    assert voice.VOICES[second.voice].age == "child"
    for before, after in ((first, second), (second, third)):
        assert 0.15 <= (after.start_s or 0) - (before.end_s or 0) <= 0.3
    assert all(line.performed for line in shot.dialogue)
    assert shot.mix.loudness_lufs == -16.0


def test_a_line_that_is_a_little_long_is_sped_up(portrait: Scene) -> None:
    """Thirteen words, 4.3 s, are said whole in four seconds, at most a quarter faster."""
    shot = _plan(portrait, f'She says "{" ".join(["word"] * 13)}."', 4)
    (line,) = shot.dialogue
    assert 1.0 < line.speed <= 1.25
    assert line.said == ""
    assert (line.end_s or 9) <= 4.0
    assert not _notes(shot, "cut")


def test_what_does_not_fit_is_cut_at_a_clause_and_reported(portrait: Scene) -> None:
    """The plan says which words are not heard; what is heard ends with a clause."""
    text = "We waited here for a long and cold winter night, and then they all came back to us in the spring."
    shot = _plan(portrait, f'She says "{text}"', 4)
    (line,) = shot.dialogue
    assert line.performed
    assert line.said == "We waited here for a long and cold winter night"
    assert (line.end_s or 9) <= 4.0
    (words,) = _notes(shot, "cut")
    assert "and then they all" in words


def test_a_line_that_cannot_begin_is_reported(portrait: Scene) -> None:
    """The second of two long lines is named with the reason."""
    long = " ".join(["many"] * 30)
    shot = _plan(portrait, f'She says "{long}." He says "And I as well, of course."', 4)
    assert [line.performed for line in shot.dialogue] == [True, False]
    assert any("And I as well" in words for words in _notes(shot, "not-performed"))


@pytest.mark.parametrize("text", ["Привет, мир, как дела?", "你好 世界", "مرحبا بالعالم!"])
def test_other_scripts_are_refused_and_the_rest_is_spoken(portrait: Scene, text: str) -> None:
    """A note names the line and why; the other line is heard."""
    shot = _plan(portrait, f'She says "{text}" He says "Good morning to you."')
    assert [line.performed for line in shot.dialogue] == [False, True]
    assert any(text[:5] in words and "letters" in words for words in _notes(shot, "not-performed"))


def test_without_the_network_the_film_is_made_and_says_so(portrait: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is performed, and the note tells why."""

    def missing(_progress: object) -> None:
        message = "kokoro is not on this machine"
        raise AssetUnavailable(message)

    monkeypatch.setattr(voice, "ready", missing)
    shot = _plan(portrait, 'She says "Good morning."')
    assert not shot.dialogue[0].performed
    assert any("kokoro is not on this machine" in words for words in _notes(shot, "not-performed"))


def test_a_line_of_five_thousand_characters_ends_well(portrait: Scene) -> None:
    """It is cut to the shot, with a note of ordinary length."""
    shot = _plan(portrait, f'She says "{"and so on, " * 450}"', 4)
    assert shot.dialogue[0].performed
    assert all(len(words) < 400 for words in _notes(shot, "cut"))


@pytest.mark.parametrize("words", [4, 40])
def test_planning_lines_can_be_cancelled(portrait: Scene, words: int) -> None:
    """Raising from the progress callback ends it between two lines, whether they fit or not."""
    told: list[Stage] = []

    def stop(stage: Stage, _fraction: float) -> None:
        told.append(stage)
        if len(told) == 2:
            raise Cancelled

    said = " ".join(f'She says "{"word " * words}."' for _ in range(3))
    with pytest.raises(Cancelled):
        plan(portrait, Brief(prompt=said, duration_s=8), stop)
    assert told == [Stage.PLAN] * 2


def test_an_edited_voice_is_checked(portrait: Scene) -> None:
    """Another voice is read back; an unknown one is refused with the choices."""
    text = to_json(_plan(portrait, 'She says "Good morning."'))
    name = from_json(text).dialogue[0].voice
    assert from_json(text.replace(f'"{name}"', '"george"')).dialogue[0].voice == "george"
    with pytest.raises(ShotInvalid, match=r"dialogue\[0\].voice.*george"):
        from_json(text.replace(f'"{name}"', '"nobody"'))


def test_a_face_speaks_with_one_voice(portrait: Scene) -> None:
    """Whoever else speaks beside the only face is heard and not seen."""
    shot = plan(portrait, Brief(prompt='She says "Yes I will." A man says "No you will not."', duration_s=8))
    assert [line.layer is not None for line in shot.dialogue] == [True, False]


@pytest.mark.parametrize(("end_s", "words"), [(0.2, "later than start_s"), (500.0, "0 to 8 seconds")])
def test_the_end_of_an_edited_line_is_checked(portrait: Scene, end_s: float, words: str) -> None:
    """It lies behind the start and inside the shot."""
    shot = _plan(portrait, 'She says "Good morning."')
    line = replace(shot.dialogue[0], start_s=1.0, end_s=end_s)
    with pytest.raises(ShotInvalid, match=rf"dialogue\[0\].end_s.*{words}"):
        from_json(to_json(replace(shot, dialogue=(line,))))
