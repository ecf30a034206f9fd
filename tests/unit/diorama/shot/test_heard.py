"""Which lines of a Shot are heard: bounded by the film, told where not, the same for picture, sound and captions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillmotion.diorama import voice
from stillmotion.diorama.geometry import Box
from stillmotion.diorama.shot import heard
from stillmotion.diorama.shot.records import DialogueLine, Mix, Shot
from stillmotion.diorama.voice import Speech
from stillmotion.errors import AssetUnavailable, Cancelled
from stillmotion.progress import Stage

RATE = 1000


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was spoken, by a voice of fifteen characters a second."""
    texts: list[str] = []

    def speak(text: str, *, speed: float = 1.0, **_how: object) -> Speech:
        texts.append(text)
        samples = np.zeros(round(RATE * len(text) / 15 / speed), np.float32)
        return Speech(samples=samples, sample_rate=RATE, phonemes=(), words=())

    monkeypatch.setattr(voice, "ready", lambda _progress: None)
    monkeypatch.setattr(voice, "speak", speak)
    return texts


def line(text: str, start_s: float | None = 1.0, **changes: object) -> DialogueLine:
    """A line of a Shot that was written by hand."""
    one = DialogueLine(speaker="woman", text=text, voice="heart", start_s=start_s, performed=True)
    return replace(one, **changes)  # type: ignore[arg-type]


def shot(*lines: DialogueLine, mix: Mix | None = None) -> Shot:
    """Four seconds."""
    return Shot(size_px=(640, 360), framing=Box(x0=0, y0=0, x1=1, y1=1), dialogue=lines, mix=mix or Mix())


def test_a_planned_line_stays_as_it_is(spoken: list[str]) -> None:
    """Its times fit already, and nothing is said about it."""
    planned = shot(line("Hello my dear friend.", 0.5, end_s=1.9))
    assert heard(planned) == (planned, ())
    assert spoken == ["Hello my dear friend."]


def test_a_line_without_a_start_begins_the_film(spoken: list[str]) -> None:
    """It gets the times at which it is heard, so that lips and captions have them too."""
    (one,), notes = heard(shot(line("Hello my dear friend.", None)))[0].dialogue, spoken
    assert (one.start_s, one.end_s, one.performed) == (0.0, 1.4, True)
    assert notes == ["Hello my dear friend."]


def test_text_without_end_is_cut_before_it_is_spoken(spoken: list[str]) -> None:
    """Of 4,000 characters no more than three seconds can hold, up to a whole word, and the note says where it ends."""
    audible, (note,) = heard(shot(line("many words " * 360)))
    (text,) = spoken
    assert 60 < len(text) <= 3 * 32
    assert text == audible.dialogue[0].said
    assert text.split()[-1] in {"many", "words"}
    assert "is longer than the film" in note


def test_one_word_without_end_is_cut_as_well(spoken: list[str]) -> None:
    """There is no whole word to end with."""
    heard(shot(line("a" * 4000)))
    assert [len(text) for text in spoken] == [96]


def test_all_lines_together_are_bounded(spoken: list[str]) -> None:
    """A thousand lines of 4,000 characters are no more work than two voices that speak all the time."""
    audible, notes = heard(shot(*[line("many words " * 360, 0.0)] * 1000))
    assert sum(len(text) for text in spoken) <= 2 * 32 * 4
    assert sum(one.performed for one in audible.dialogue) == len(spoken)
    assert len(notes) == 9
    assert notes[-1] == "992 more remarks on lines are of the same kind."


def test_what_is_cut_by_the_end_of_the_film_is_told(spoken: list[str]) -> None:
    """A line that runs past the end is heard up to it."""
    audible, (note,) = heard(shot(line("Hello there my friend, how are you on this day?", 2.0)))
    assert audible.dialogue[0].end_s == 4.0
    assert note.startswith("The film ends before")
    assert len(spoken) == 1


@pytest.mark.parametrize(
    ("text", "start_s", "reason"),
    [
        ("Hello.", 4.0, "the film is over before it could begin"),
        ("Hello.", 3.95, "the film is over before it could begin"),
        ("Привет мир", 1.0, "it is written in Cyrillic letters"),
        ("\U0001f600", 1.0, "it holds no words"),
    ],
)
def test_what_is_not_heard_is_not_spoken(spoken: list[str], text: str, start_s: float, reason: str) -> None:
    """Not performed any more, so without lips and captions, and the reason is told."""
    audible, (note,) = heard(shot(line(text, start_s)))
    assert spoken == []
    assert not audible.dialogue[0].performed
    assert f'The line "{text}" is not heard: {reason}' in note


@pytest.mark.parametrize("mix", [Mix(muted=("dialogue",)), Mix(silent=True)])
def test_muted_lines_are_not_spoken(spoken: list[str], mix: Mix) -> None:
    """Nothing is said about them: that is what was asked for."""
    audible, notes = heard(shot(line("Hello."), mix=mix))
    assert (spoken, notes) == ([], ())
    assert not audible.dialogue[0].performed


def test_without_voices_the_film_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """No captions, no lips, one note instead of an error."""

    def missing(_progress: object) -> None:
        message = "no network"
        raise AssetUnavailable(message)

    monkeypatch.setattr(voice, "ready", missing)
    audible, (note,) = heard(shot(line("Hello.")))
    assert not audible.dialogue[0].performed
    assert note == "Nothing is spoken, because the voices are not here (no network)."


def test_speaking_can_be_cancelled_between_lines(spoken: list[str]) -> None:
    """Raising from the progress callback ends it before the next line."""

    def stop(stage: Stage, _fraction: float) -> None:
        if stage is Stage.SOUND and spoken:
            raise Cancelled

    with pytest.raises(Cancelled):
        heard(shot(line("One."), line("Two."), line("Three.")), stop)
    assert spoken == ["One."]


def test_one_mouth_with_two_lines_is_told(spoken: list[str]) -> None:
    """Both are heard; of lines one after the other nothing is said."""
    _, (note,) = heard(shot(line("Hello my friend.", layer="who"), line("Other words.", layer="who")))
    assert note == '"Other words." begins while the same mouth still says "Hello my friend.".'
    assert heard(shot(line("One.", 0.0, layer="who"), line("Two.", 2.0, layer="who")))[1] == ()
    assert len(spoken) == 4
