"""What mouths do at speech sounds: when they open, round and meet."""

# ruff: noqa: RUF001 - letters of the International Phonetic Alphabet
from __future__ import annotations

import numpy as np
import pytest

from stillmotion.diorama.motion import visemes
from stillmotion.diorama.motion.visemes import OPEN, SHUT, TUCK, WIDE
from stillmotion.diorama.voice.records import Phoneme

TIMES = np.arange(-12, 300) / 120


def said(*sounds: tuple[str, float]) -> list[Phoneme]:
    """Sounds by symbol and length, one after another, from 0.5 s on."""
    at_s, found = 0.5, []
    for symbol, length in sounds:
        found.append(Phoneme(symbol=symbol, start_s=at_s, end_s=at_s + length))
        at_s += length
    return found


def at(table: np.ndarray, time_s: float, channel: int) -> float:
    """A curve at one time."""
    return float(np.interp(time_s, TIMES, table[:, channel]))


@pytest.mark.parametrize("lips", ["m", "p", "b"])
def test_lips_meet_for_labials(lips: str) -> None:
    """However short a p, b or m between open vowels is, one frame of a film shows the lips together."""
    table = visemes.curves(said(("ɑ", 0.15), (lips, 0.05), ("ɑ", 0.15)), TIMES)
    frames = np.arange(0, 2, 1 / 30)
    shut = np.interp(frames, TIMES, table[:, SHUT])
    assert shut[(frames > 0.63) & (frames < 0.73)].max() > 0.99
    assert shut[(frames < 0.58) | (frames > 0.8)].max() < 0.01


def test_open_vowels_open_farther_than_closed_ones() -> None:
    """A as in father opens most, then e, then i and u; s and t hardly; a pause closes."""
    table = visemes.curves(said(*((symbol, 0.2) for symbol in "ɑɛiust ")), TIMES)
    opened = [at(table, 0.6 + 0.2 * k, OPEN) for k in range(7)]
    assert opened[0] > 0.85 > opened[1] > 0.5 > opened[2] > opened[4]
    assert opened[3] < 0.4
    assert opened[6] < 0.05


def test_lips_round_early() -> None:
    """The corners come in 40 to 80 ms before a u after a neutral sound, and go out for an i."""
    table = visemes.curves(said(("k", 0.3), ("u", 0.3), ("k", 0.3), ("i", 0.3)), TIMES)
    half = TIMES[np.flatnonzero((table[:, WIDE] < -0.5) & (TIMES > 0.6))[0]]
    assert 0.04 <= 0.8 - half <= 0.08
    assert at(table, 0.95, WIDE) < -0.8
    assert at(table, 1.5, WIDE) > 0.6


def test_the_lower_lip_meets_the_teeth_for_f_and_v() -> None:
    """F and v tuck the lip and no other sound does."""
    for symbol, tucked in (("f", True), ("v", True), ("s", False), ("p", False)):
        table = visemes.curves(said(("ɑ", 0.2), (symbol, 0.1), ("ɑ", 0.2)), TIMES)
        assert bool(table[:, TUCK].max() > 0.95) is tucked


def test_diphthongs_glide() -> None:
    """One letter of the voice's network is two sounds: ow starts open and ends rounded."""
    table = visemes.curves(said(("W", 0.4)), TIMES)
    assert at(table, 0.57, OPEN) > at(table, 0.83, OPEN) + 0.2
    assert at(table, 0.83, WIDE) < -0.4
    assert [one[0] for one in visemes.spans(said(("I", 0.2)))] == ["a", "ɪ"]


def test_stress_marks_are_no_sounds() -> None:
    """The time of a mark belongs to what stands before it, so that no gap opens."""
    found = visemes.spans(said(("t", 0.1), ("ˈ", 0.02), ("ɑ", 0.1)))
    assert [one[0] for one in found] == ["t", "ɑ"]
    assert found[0][2] == pytest.approx(found[1][1])


def test_nothing_is_quicker_than_lips() -> None:
    """Above 20 Hz the curves hold next to nothing, whatever is said."""
    quick = said(*((symbol, 0.03) for symbol in "pɑtipuk" * 6))
    table = visemes.curves(quick, TIMES)[:, [OPEN, WIDE]]
    spectrum = np.abs(np.fft.rfft((table - table.mean(axis=0)) * np.hanning(len(table))[:, None], axis=0)) ** 2
    hertz = np.fft.rfftfreq(len(table), 1 / 120)
    assert spectrum[hertz > 20].sum() < 0.01 * spectrum.sum()


def test_unknown_symbols_do_no_harm() -> None:
    """Letters that no language has, and none at all, give finite curves within their bounds."""
    table = visemes.curves(said(("§", 0.1), ("", 0.1), ("ʘ", 0.1), ("ˈ", 0.0)), TIMES)
    assert np.isfinite(table).all()
    assert np.abs(table).max() <= 1
    assert np.isfinite(visemes.curves([], TIMES)).all()


def test_loudness_follows_the_voice() -> None:
    """1 where a voice is loud, 0 where it is not, at the right times."""
    rate = 8000
    samples = np.random.default_rng(1).normal(0, 0.2, rate).astype(np.float32)
    samples[: rate // 2] *= 0.01
    loud = visemes.loudness(samples, rate, TIMES)
    assert np.interp([0.25, 0.8], TIMES, loud) == pytest.approx([0.01, 1.0], abs=0.25)
    assert loud[TIMES < 0].max() == 0 == loud[TIMES > 1.01].max()
    assert not visemes.loudness(samples[:3], rate, TIMES).any()


def test_invented_talk_has_three_to_five_syllables_a_second() -> None:
    """Mouths that move without words do so at the rate of speech, with pauses."""
    found = visemes.murmur(np.random.default_rng(3), 1.0, 9.0)
    vowels = [one for one in found if one[0] in "ɑɛiouəʌɪ"]
    gaps = np.diff([one[1] for one in vowels])
    assert 3 <= 1 / float(np.median(gaps)) <= 5
    assert gaps.max() > 0.4
    assert found[0][1] >= 1.0
    assert found[-1][2] <= 9.2
