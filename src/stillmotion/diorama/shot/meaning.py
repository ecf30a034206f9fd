"""What two names have in common, by the network for texts: only for words that the lexicon does not know."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.errors import AssetError

if TYPE_CHECKING:
    from numpy.typing import NDArray

THRESHOLD = 0.55
"""Cosine beyond which two names are taken for one thing: "automobile" and "car" 0.86, "spoon" and "cup" 0.45."""
_LONGEST = 60


@lru_cache(maxsize=256)
def closest(words: str, labels: tuple[str, ...]) -> str | None:
    """The label that means nearly what the words mean; None when none does, or the network is not here."""
    if not labels or not words.strip():
        return None
    try:
        vectors = _embed((words[:_LONGEST], *labels))
    except AssetError:
        return None
    scores = vectors[1:] @ vectors[0]
    best = int(np.argmax(scores))
    return labels[best] if float(scores[best]) >= THRESHOLD else None


def _embed(texts: tuple[str, ...]) -> NDArray[np.float32]:
    from stillmotion.diorama.perception.embeddings import embed_texts  # noqa: PLC0415 - heavy, and seldom needed

    return np.asarray(embed_texts(list(texts)), dtype=np.float32)
