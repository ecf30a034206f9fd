"""What a recogniser of speech hears (Whisper base), and how many words it gets wrong."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import signal

from measure import assets

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = 16_000
_FILES = {
    "whisper_base": "model.bin",
    "whisper_base_config": "config.json",
    "whisper_base_tokenizer": "tokenizer.json",
    "whisper_base_vocabulary": "vocabulary.json",
}
_NUMBERS = {"1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight"}


@cache
def _model() -> Any:
    from faster_whisper import WhisperModel  # noqa: PLC0415 - slow to import, and only speech needs it

    folder = Path(mkdtemp(prefix="whisper-"))
    for name, file in _FILES.items():
        (folder / file).symlink_to(assets.path(name))
    model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=2)
    for link in folder.iterdir():
        link.unlink()
    folder.rmdir()
    return model


def heard(samples: NDArray[np.float32], rate: int) -> str:
    """The words of one channel, as a person would write them."""
    at_16k = signal.resample_poly(samples, RATE, rate).astype(np.float32)
    segments, _ = _model().transcribe(
        at_16k, language="en", beam_size=5, temperature=0.0, condition_on_previous_text=False
    )
    return " ".join(segment.text.strip() for segment in segments)


def words(text: str) -> list[str]:
    """Words without case, punctuation and figures."""
    found = re.findall(r"[a-z0-9']+", text.casefold().replace("\u2019", "'").replace("-", " "))
    return [_NUMBERS.get(word, word) for word in found]


def errors(said: str, recognised: str) -> tuple[int, int]:
    """Wrong, missing and added words by the Levenshtein distance, and how many words were said."""
    want, got = words(said), words(recognised)
    row = list(range(len(got) + 1))
    for i, one in enumerate(want, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (one != other))
    return row[-1], len(want)
