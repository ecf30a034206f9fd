"""Speech: its samples, its times, and what manners and bodies do to it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from scipy import signal

from stillmotion.diorama import voice
from stillmotion.diorama.voice import speaking

TEXT = "We walk home along the river."


def _pitch_hz(speech: voice.Speech) -> float:
    """Median over voiced frames, by autocorrelation."""
    rate = speech.sample_rate // 4
    samples = signal.resample_poly(speech.samples, 1, 4)
    found = []
    for start in range(0, len(samples) - rate // 25, rate // 100):
        frame = samples[start : start + rate // 25]
        if np.sqrt(np.mean(frame**2)) < 0.03:
            continue
        curve = np.correlate(frame, frame, "full")[len(frame) - 1 :] / np.sum(frame**2)
        low, high = rate // 450, rate // 70
        best = low + int(np.argmax(curve[low:high]))
        if curve[best] > 0.5:
            found.append(rate / best)
    return float(np.median(found)) if len(found) > 3 else 0.0


def test_phonemes_and_words_follow_each_other_inside_the_samples() -> None:
    """Times rise, lie inside the speech, and every word of the line has its own."""
    speech = voice.speak(TEXT, voice="heart")
    assert [word.text for word in speech.words] == TEXT.rstrip(".").split()
    for row in (speech.words, speech.phonemes):
        assert all(one.start_s <= one.end_s for one in row)
        assert all(a.end_s <= b.start_s + 0.03 for a, b in pairwise(row))
        assert row[0].start_s >= 0
        assert row[-1].end_s <= speech.duration_s + 1e-3


def test_the_same_line_has_the_same_samples_from_any_thread() -> None:
    """Made anew and from several threads at once, it is equal to the last sample."""
    first = voice.speak(TEXT, voice="heart")
    speaking._spoken.cache_clear()
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda _: voice.speak(TEXT, voice="heart").samples, range(2)))
    assert all(np.array_equal(first.samples, samples) for samples in made)
    assert voice.speak(TEXT, voice="heart") is voice.speak(TEXT, voice="heart")


def test_a_child_is_higher_than_a_woman_and_a_woman_than_a_man() -> None:
    """Median pitches: a child above 220 Hz, a man under 150 Hz, a woman between them."""
    child, woman, man = (_pitch_hz(voice.speak(TEXT, voice=name)) for name in ("girl", "heart", "michael"))
    assert child > 220 > woman > 150 > man > 70


def test_a_whisper_is_quiet_and_not_voiced() -> None:
    """Nothing in it repeats at a pitch, and it is at least 4 dB quieter; a shout is louder and higher."""
    plain = voice.speak(TEXT, voice="michael")
    whisper = voice.speak(TEXT, voice="michael", manner=("whispered",))
    shout = voice.speak(TEXT, voice="michael", manner=("shouted",))
    assert _pitch_hz(whisper) == 0
    assert np.std(whisper.samples) < 0.63 * np.std(plain.samples)
    assert np.std(shout.samples) > 1.4 * np.std(plain.samples)
    assert _pitch_hz(shout) > 1.04 * _pitch_hz(plain)


def test_speed_shortens_and_slowness_lengthens() -> None:
    """Speed and words of pace change the length and leave it in step."""
    plain = voice.speak(TEXT, voice="heart").duration_s
    assert voice.speak(TEXT, voice="heart", speed=1.25).duration_s < 0.93 * plain
    assert voice.speak(TEXT, voice="heart", manner=("slowly",)).duration_s > 1.1 * plain


def test_an_unknown_voice_names_the_choices() -> None:
    """The message lists the voices that there are."""
    with pytest.raises(voice.VoiceUnknown, match="heart, michael"):
        voice.speak(TEXT, voice="nobody")


def test_a_line_without_words_is_an_empty_speech() -> None:
    """It ends well, with no samples."""
    assert voice.speak("😀", voice="heart").duration_s == 0
