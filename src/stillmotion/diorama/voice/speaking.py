"""A line of text to speech: pieces are read one after the other, then given their body and manner."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion import assets
from stillmotion.diorama.voice import network
from stillmotion.diorama.voice.manners import delivery
from stillmotion.diorama.voice.people import VOICES, Voice
from stillmotion.diorama.voice.pronouncing import Word, pieces, symbols
from stillmotion.diorama.voice.records import Phoneme, Speech, SpokenWord
from stillmotion.diorama.voice.text import clean
from stillmotion.errors import InputRefused
from stillmotion.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stillmotion.diorama.voice.manners import Delivery

SAMPLE_RATE = 48_000
_BETWEEN_S = 0.22
"""Between sentences that are read apart."""
_LEAD_S, _TAIL_S = 0.02, 0.10
"""Kept before the first and after the last sound."""
_EARLY_S = 0.07
"""The network's sounds come three of its steps before their planned times: measured on the closures of p, t and k."""
_FADE_S = 0.012
_HEARD = 0.02
"""Share of the loudest 10 ms from which a sound counts as heard."""
_SPEECH_RMS = 0.1
"""Level of the loud parts of every voice; manners change it."""
_STRESS, _LONG = "\u02c8\u02cc", "\u02d0"
_MARKS = frozenset(' ;:,.!?\u2014\u2026"()\u201c\u201d')
_KEPT = 64
_SPEEDS = (0.5, 2.0)
_making = threading.RLock()

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    samples: Samples
    phonemes: tuple[Phoneme, ...]
    words: tuple[SpokenWord, ...]


class VoiceUnknown(InputRefused):
    """There is no voice of that name."""

    code = "voice_unknown"


def ready(progress: Progress = ignore_progress) -> None:
    """Fetch what speaking needs, about 110 MB, if it is not on this machine yet. Raises `AssetError`."""
    assets.fetch((network.MODEL, network.STYLES), progress)


def speak(text: str, *, voice: str, speed: float = 1.0, manner: tuple[str, ...] = ()) -> Speech:
    """A line as it is spoken; the same arguments give the same samples, from memory when they were asked for lately.

    Args:
        text: English; what cannot be read aloud is left out, and an empty rest gives an empty Speech.
        voice: a name in `VOICES`.
        speed: factor of the voice's own pace, 0.5 to 2.
        manner: words such as "whispered", "shouted", "slowly"; unknown ones change nothing.

    Raises:
        VoiceUnknown: there is no such voice.
        AssetError: the network is not on this machine and cannot be fetched.
    """
    if voice not in VOICES:
        message = f'There is no voice "{voice}"; choose one of {", ".join(VOICES)}.'
        raise VoiceUnknown(message)
    with _making:
        return _spoken(clean(text), voice, round(min(max(speed, _SPEEDS[0]), _SPEEDS[1]), 3), tuple(manner))


@lru_cache(maxsize=_KEPT)
def _spoken(text: str, name: str, speed: float, manner: tuple[str, ...]) -> Speech:
    voice, how = VOICES[name], delivery(manner)
    made = [_read(piece, voice, how, speed) for piece in pieces(text, british=voice.british)]
    joined = _joined([piece for piece in made if len(piece.samples)])
    samples = _levelled(joined.samples, how)
    samples.setflags(write=False)
    return Speech(samples=samples, sample_rate=SAMPLE_RATE, phonemes=joined.phonemes, words=joined.words)


def _read(words: Sequence[Word], voice: Voice, how: Delivery, speed: float) -> _Piece:
    """One piece, as loud as it comes."""
    from stillmotion.diorama.voice import timbre  # noqa: PLC0415 - SciPy, which who only reads a Shot can do without

    text = "".join(word.phonemes + " " * word.spaced for word in words).rstrip()
    if not text.strip("".join(_MARKS)):
        return _Piece(samples=np.zeros(0, np.float32), phonemes=(), words=())
    size = voice.size * how.size
    samples, lengths = network.read(
        [symbols()[symbol] for symbol in text], voice.style, speed * voice.pace * how.pace / size
    )
    seconds = (np.concatenate([[0.0], np.cumsum(lengths)]) / network.SAMPLE_RATE - _EARLY_S) / size
    heard = timbre.resample(samples, network.SAMPLE_RATE, SAMPLE_RATE, size)
    heard = timbre.tremble(timbre.whisper(heard, SAMPLE_RATE, how.breath), SAMPLE_RATE, voice.tremor)
    return _trimmed(heard, tuple(_phonemes(text, seconds)), tuple(_words(words, seconds)))


def _phonemes(text: str, seconds: NDArray[np.floating]) -> Iterator[Phoneme]:
    """Symbols with their times: stress goes with the sound behind it, length with the one before, marks are pauses."""
    found: list[Phoneme] = []
    for index, symbol in enumerate(text):
        end = float(seconds[index + 2])
        if symbol in _STRESS:
            continue
        if symbol == _LONG and found:
            found[-1] = Phoneme(symbol=found[-1].symbol + symbol, start_s=found[-1].start_s, end_s=end)
        else:
            stressed = index > 0 and text[index - 1] in _STRESS
            start = float(seconds[index] if stressed else seconds[index + 1])
            found.append(Phoneme(symbol=" " if symbol in _MARKS else symbol, start_s=start, end_s=end))
    yield from found


def _words(words: Sequence[Word], seconds: NDArray[np.floating]) -> Iterator[SpokenWord]:
    at = 0
    for word in words:
        sounds = len(word.phonemes)
        if word.phonemes.strip("".join(_MARKS)):
            yield SpokenWord(text=word.text, start_s=float(seconds[at + 1]), end_s=float(seconds[at + 1 + sounds]))
        at += sounds + word.spaced


def _trimmed(samples: Samples, phonemes: tuple[Phoneme, ...], words: tuple[SpokenWord, ...]) -> _Piece:
    """Without the silence before the first sound and after the last."""
    block = SAMPLE_RATE // 100
    count = len(samples) // block
    loud = np.sqrt(np.mean(samples[: count * block].reshape(count, block) ** 2, axis=1)) if count else np.zeros(0)
    heard = np.flatnonzero(loud > _HEARD * loud.max(initial=0))
    if heard.size == 0:
        return _Piece(samples=np.zeros(0, np.float32), phonemes=(), words=())
    first = max(int(heard[0]) * block - round(_LEAD_S * SAMPLE_RATE), 0)
    last = min((int(heard[-1]) + 1) * block + round(_TAIL_S * SAMPLE_RATE), len(samples))
    kept = _faded(samples[first:last])
    start_s, length_s = first / SAMPLE_RATE, len(kept) / SAMPLE_RATE
    return _Piece(
        samples=kept,
        phonemes=tuple(
            Phoneme(
                symbol=one.symbol,
                start_s=_inside(one.start_s - start_s, length_s),
                end_s=_inside(one.end_s - start_s, length_s),
            )
            for one in phonemes
        ),
        words=tuple(
            SpokenWord(
                text=one.text,
                start_s=_inside(one.start_s - start_s, length_s),
                end_s=_inside(one.end_s - start_s, length_s),
            )
            for one in words
        ),
    )


def _inside(seconds: float, length_s: float) -> float:
    return round(min(max(seconds, 0.0), length_s), 4)


def _faded(samples: Samples) -> Samples:
    ramp = np.linspace(0, 1, round(_FADE_S * SAMPLE_RATE), dtype=np.float32)[: len(samples)]
    out = samples.copy()
    out[: len(ramp)] *= ramp
    out[len(out) - len(ramp) :] *= ramp[::-1]
    return out


def _joined(made: Sequence[_Piece]) -> _Piece:
    """Pieces one after the other with a breath between them."""
    blocks: list[Samples] = []
    phonemes: list[Phoneme] = []
    words: list[SpokenWord] = []
    at = 0
    for piece in made:
        if blocks:
            gap = round(_BETWEEN_S * SAMPLE_RATE)
            blocks.append(np.zeros(gap, np.float32))
            at += gap
        now = at / SAMPLE_RATE
        phonemes += [Phoneme(symbol=p.symbol, start_s=p.start_s + now, end_s=p.end_s + now) for p in piece.phonemes]
        words += [SpokenWord(text=w.text, start_s=w.start_s + now, end_s=w.end_s + now) for w in piece.words]
        blocks.append(piece.samples)
        at += len(piece.samples)
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    return _Piece(samples=samples, phonemes=tuple(phonemes), words=tuple(words))


def _levelled(samples: Samples, how: Delivery) -> Samples:
    """At the level of every voice, give or take the manner's; peaks stay under full scale."""
    from stillmotion.diorama.voice import timbre  # noqa: PLC0415 - as above

    if len(samples) == 0:
        return samples
    bright = timbre.brighten(samples, SAMPLE_RATE, how.bright_db)
    # The loud half of the squares leaves pauses out.
    squares = np.convolve(bright.astype(np.float64) ** 2, np.full(2400, 1 / 2400), mode="same")[::480]
    rms = float(np.sqrt(np.mean(np.sort(squares)[len(squares) // 2 :])))
    scaled = bright * np.float32(_SPEECH_RMS / max(rms, 1e-6) * 10 ** (how.gain_db / 20))
    # Straight up to 0.7, then rounded off below 1.
    over = np.abs(scaled) > 0.7
    scaled[over] = np.sign(scaled[over]) * (0.7 + 0.29 * np.tanh((np.abs(scaled[over]) - 0.7) / 0.29))
    return scaled
