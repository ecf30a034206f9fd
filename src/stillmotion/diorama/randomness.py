"""Random numbers that depend on nothing but the seed and the purpose they are for."""

from __future__ import annotations

import hashlib

import numpy as np


def generator(seed: int, *purpose: str | int) -> np.random.Generator:
    """A generator of its own for each purpose: adding one never changes what another draws.

    Args:
        seed: the Shot's seed.
        purpose: what the numbers are for, for example `("grain", frame_index)`.
    """
    text = "\x1f".join([str(seed), *(str(part) for part in purpose)])
    digest = hashlib.sha256(text.encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest[:16], "little")))
