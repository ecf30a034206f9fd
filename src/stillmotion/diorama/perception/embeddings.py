"""Compare what short texts mean: all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019), eight-bit weights."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from tokenizers import Encoding, Tokenizer

from stillmotion import assets
from stillmotion.diorama import runtime
from stillmotion.progress import Progress, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.runtime import Floats

ASSET = "minilm"
TOKENIZER = "minilm_tokenizer"
SIZE = 384
_LONGEST = 256
"""Word pieces; the network was trained on no more."""


def ready(progress: Progress = ignore_progress) -> None:
    """Fetch what `embed_texts` needs under a bar of its own that can be cancelled; returns at once when it is here.

    Raises as `assets.path` does.
    """
    assets.fetch((ASSET, TOKENIZER), progress)


def embed_texts(texts: Sequence[str]) -> Floats:
    """One unit vector for each text; their dot product says how close two meanings are (1 the same, near 0 unrelated).

    Each text is embedded by itself, so that its vector does not depend on its company.

    Returns:
        Shape (len(texts), 384).
    """
    vectors = [_embed(one) for one in _tokenizer().encode_batch(list(texts))]
    return np.stack(vectors) if vectors else np.zeros((0, SIZE), dtype=np.float32)


def _embed(encoding: Encoding) -> Floats:
    inputs = {
        "input_ids": np.array([encoding.ids], dtype=np.int64),
        "attention_mask": np.array([encoding.attention_mask], dtype=np.int64),
        "token_type_ids": np.array([encoding.type_ids], dtype=np.int64),
    }
    (states,) = runtime.onnx(ASSET)(inputs, ("last_hidden_state",))
    mean = np.asarray(states[0], dtype=np.float32).mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(assets.path(TOKENIZER)))
    tokenizer.no_padding()
    tokenizer.enable_truncation(_LONGEST)
    return tokenizer
