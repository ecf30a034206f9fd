"""Kokoro-82M: phonemes and a style to samples and the length of every phoneme.

Kokoro-82M (hexgrad, Apache-2.0) is a StyleTTS 2 (Li et al. 2023, https://arxiv.org/abs/2306.07691): one predictor says
how many frames of 25 ms each phoneme lasts. The exported graph rounds those numbers inside; here they become an output.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from stillmotion import assets
from stillmotion.diorama import runtime

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLE_RATE = 24_000
FRAME = 600
"""Samples of one step of a duration."""
MODEL, STYLES = "kokoro", "kokoro_voices"
_DURATIONS = "/encoder/Clip_output_0"
_ROWS, _WIDTH = 510, 256
_NAMES = (
    "af_alloy", "af_aoede", "af_bella", "af_heart", "af_jessica", "af_kore", "af_nicole", "af_nova", "af_river",
    "af_sarah", "af_sky", "am_adam", "am_echo", "am_eric", "am_fenrir", "am_liam", "am_michael", "am_onyx", "am_puck",
    "am_santa", "bf_alice", "bf_emma", "bf_isabella", "bf_lily", "bm_daniel", "bm_fable", "bm_george", "bm_lewis",
)  # fmt: skip
"""Styles in the order of the file."""


@lru_cache(maxsize=len(_NAMES))
def _style(name: str) -> NDArray[np.float32]:
    size = 4 * _ROWS * _WIDTH
    with assets.path(STYLES).open("rb") as file:
        file.seek(_NAMES.index(name) * size)
        return np.frombuffer(file.read(size), "<f4").reshape(_ROWS, 1, _WIDTH)


def read(numbers: list[int], style: str, speed: float) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Read phonemes aloud.

    Args:
        numbers: of the phonemes, at most 509.
        style: one of the style names.
        speed: factor of the usual pace.

    Returns:
        Samples at 24 kHz, and how many samples each phoneme lasts, silence before and after included:
        shape (len(numbers) + 2,), their sum is the number of samples.

    Raises:
        AssetError: the network is not on this machine and cannot be fetched.
    """
    network = runtime.onnx_showing(MODEL, _DURATIONS)
    given = {
        "tokens": np.array([[0, *numbers, 0]], np.int64),
        "style": _style(style)[len(numbers)],
        "speed": np.array([speed], np.float32),
    }
    samples, steps = network(given, ("audio", _DURATIONS))
    return np.asarray(samples, np.float32).ravel(), np.rint(steps.ravel()).astype(np.int64) * FRAME
