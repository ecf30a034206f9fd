"""Lips against sound, from the decoded film alone: a viewer who reads lips is not misled."""

# ruff: noqa: RUF001 - letters of the International Phonetic Alphabet
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import stillmotion
from measure import lips
from measure.video import Film, decode
from stillmotion.clip import Recorded
from stillmotion.diorama import voice
from stillmotion.diorama.shot.records import DialogueLine
from stillmotion.diorama.voice.records import Phoneme, Speech

if TYPE_CHECKING:
    from pathlib import Path

    from measure.films import Studio
    from stillmotion.diorama.shot.records import Shot

pytestmark = pytest.mark.quality
START_S = 0.3
SAID = "həlO, mI nAm ɪz mɑɹɡɹɪt. pApəɹ"
VOWELS, VOICELESS = "AIOəɪɑu", "pbtkɡ"
RATE = 24_000


def _length(symbol: str) -> float:
    usual = {" ": 0.05, ",": 0.2, ".": 0.25}
    return usual.get(symbol, 0.16 if symbol in "AIO" else 0.11 if symbol in VOWELS else 0.075)


def speech() -> Speech:
    """A hiss that is loud on vowels, soft on other sounds and silent where lips or tongue stop the air."""
    ends = np.cumsum([_length(symbol) for symbol in SAID])
    sounds = [
        Phoneme(symbol=symbol, start_s=float(end) - _length(symbol), end_s=float(end))
        for symbol, end in zip(SAID, ends, strict=True)
    ]
    count = int(ends[-1] * RATE)
    loud = np.zeros(count)
    for one in sounds:
        share = (
            0.9 if one.symbol in VOWELS else 0.04 if one.symbol in VOICELESS else 0.0 if one.symbol in " ,." else 0.3
        )
        loud[int(one.start_s * RATE) : int(one.end_s * RATE)] = share
    soft = np.convolve(loud, np.hanning(960) / np.hanning(960).sum(), mode="same")
    samples = (0.2 * soft * np.random.default_rng(1).standard_normal(count)).astype(np.float32)
    return Speech(samples=samples, sample_rate=RATE, phonemes=tuple(sounds), words=())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Talkie:
    """A film of somebody who speaks."""

    shot: Shot
    film: Film
    said: Speech
    opening: np.ndarray


@pytest.fixture(scope="module", params=["astronaut", "hopper"])
def talkie(request: pytest.FixtureRequest, films: Studio, tmp_path_factory: pytest.TempPathFactory) -> Talkie:
    """The line laid over a film whose own sound is left out."""
    said = speech()
    planned = films.plan(request.param, "A portrait. The camera holds still.", draft=True)
    line = DialogueLine(speaker="", text="Hello", layer="subject", start_s=START_S, end_s=START_S + 3, performed=True)
    shot = replace(planned, dialogue=(line,), motion=())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(voice, "speak", lambda *_args, **_how: said, raising=False)
        clip = stillmotion.render(films.photo(request.param), shot)
        path = _with_line(clip, said, tmp_path_factory.mktemp("talkie"))
    film = decode(path)
    return Talkie(shot=shot, film=film, said=said, opening=lips.openings(film.frames))


def _with_line(clip: stillmotion.Clip, said: Speech, folder: Path) -> Path:
    times = np.arange(round(len(clip.source) / clip.rate * clip.sample_rate)) / clip.sample_rate - START_S
    heard = np.interp(times, np.arange(len(said.samples)) / RATE, said.samples, left=0, right=0)
    both = np.repeat(heard[:, None], 2, axis=1).astype(np.float32)
    return replace(clip, sound=Recorded(both)).save(folder / "talkie.mp4")


def _during(talkie: Talkie) -> slice:
    rate = float(talkie.film.rate)
    return slice(int(START_S * rate), int((START_S + talkie.said.duration_s) * rate))


def test_lips_open_with_the_voice(talkie: Talkie) -> None:
    """As the landmark network sees them in the decoded film, lips part when the sound is loud."""
    assert np.isfinite(talkie.opening).all()
    times = np.arange(len(talkie.opening)) / float(talkie.film.rate)
    heard = lips.envelope(talkie.film.audio, talkie.film.sample_rate, times)
    lag, agree = lips.together(talkie.opening[_during(talkie)], heard[_during(talkie)])
    assert abs(lag) <= 1
    assert agree >= 0.6


def test_lips_meet_at_every_labial(talkie: Talkie) -> None:
    """Every p, b and m shows lips that touch, as the network sees them, and vowels show them apart."""
    rate = float(talkie.film.rate)
    least = {}
    for one in talkie.said.phonemes:
        frames = np.arange(np.floor((START_S + one.start_s) * rate), np.ceil((START_S + one.end_s) * rate) + 1)
        seen = talkie.opening[frames.astype(int)]
        if one.symbol in "pbm":
            least[one.start_s] = float(seen.min())
    assert max(least.values()) < 0.02
    assert np.percentile(talkie.opening[_during(talkie)], 90) > 0.022


def test_the_rest_of_the_face_is_as_it_was(talkie: Talkie) -> None:
    """When the line is over, the mouth is as the photo shows it."""
    after = talkie.opening[int((START_S + talkie.said.duration_s + 0.25) * float(talkie.film.rate)) :]
    assert np.abs(after - talkie.opening[0]).max() < 0.012
