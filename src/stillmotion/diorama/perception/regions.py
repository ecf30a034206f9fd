"""Cut out whatever lies under a point or in a box: SAM 2, hiera-tiny (Ravi et al. 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import runtime
from stillmotion.diorama.perception.pixels import imagenet_tensor, resized

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.runtime import Floats, Picture

ENCODER = "sam2_tiny_encoder"
DECODER = "sam2_tiny_decoder"
_SIDE = 1024
_MASK_SIDE = 256
_BATCH = 6
"""Prompts decoded in one call. Any number takes the same time for each prompt; this one keeps memory small."""
_FEATURES = ("image_embed", "high_res_feats_0", "high_res_feats_1")
_INSIDE, _CORNER_FIRST, _CORNER_LAST = 1.0, 2.0, 3.0
"""Labels of the prompt encoder: a point inside, the upper left and the lower right corner of a box."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embedding:
    """What the encoder saw in one photo; every prompt on that photo reuses it."""

    features: tuple[Floats, ...]
    """The decoder's three picture inputs, in its order."""


def embed(photo: Picture) -> Embedding:
    """Look at the photo once. By far the slowest call of perception."""
    outputs = runtime.onnx(ENCODER).once({"image": imagenet_tensor(resized(photo, _SIDE, _SIDE))}, _FEATURES)
    return Embedding(features=tuple(np.asarray(one, dtype=np.float32) for one in outputs))


def grid(count: int) -> Floats:
    """Points at the centres of count x count equal cells, shape (count * count, 2), row by row, photo coordinates."""
    steps = (np.arange(count, dtype=np.float32) + np.float32(0.5)) / np.float32(count)
    across, down = np.meshgrid(steps, steps)
    return np.stack([across.ravel(), down.ravel()], axis=1).astype(np.float32)


def point_masks(
    embedding: Embedding, points: Floats, labels: NDArray[np.integer] | None = None
) -> tuple[Floats, Floats]:
    """Three masks for each point: usually the part, the thing and the group that it belongs to.

    Args:
        embedding: of the photo.
        points: shape (n, 2), x and y in photo coordinates; each is a prompt of its own. Shape (n, k, 2) for prompts of
            k points that belong together.
        labels: 1 inside, 0 outside, shaped like the points without their last axis; all inside when None.

    Returns:
        Logits of shape (n, 3, 256, 256) over the whole photo (enlarge them first, then cut at 0), and the quality (an
        intersection over union) that the network predicts for each, shape (n, 3).
    """
    prompts = np.asarray(points, dtype=np.float32)
    prompts = prompts[:, None, :] if prompts.ndim == 2 else prompts
    kinds = np.full(prompts.shape[:2], _INSIDE) if labels is None else np.asarray(labels).reshape(prompts.shape[:2])
    return _decode(embedding, prompts, kinds.astype(np.float32))


def box_mask(embedding: Embedding, box: Box) -> tuple[Floats, Floats]:
    """Three masks of the thing that fills the box.

    Returns:
        Logits of shape (3, 256, 256) over the whole photo and predicted qualities of shape (3,).
    """
    corners = np.array([[[box.x0, box.y0], [box.x1, box.y1]]], dtype=np.float32)
    logits, quality = _decode(embedding, corners, np.array([[_CORNER_FIRST, _CORNER_LAST]], dtype=np.float32))
    return logits[0], quality[0]


def _decode(embedding: Embedding, prompts: Floats, kinds: Floats) -> tuple[Floats, Floats]:
    count = len(prompts)
    logits = np.empty((count, 3, _MASK_SIDE, _MASK_SIDE), dtype=np.float32)
    quality = np.empty((count, 3), dtype=np.float32)
    for start in range(0, count, _BATCH):
        part = slice(start, min(start + _BATCH, count))
        logits[part], quality[part] = _decode_batch(embedding, prompts[part], kinds[part])
    return logits, quality


def _decode_batch(embedding: Embedding, prompts: Floats, kinds: Floats) -> tuple[Floats, Floats]:
    inputs = dict(zip(_FEATURES, embedding.features, strict=True))
    inputs["point_coords"] = prompts * np.float32(_SIDE)
    inputs["point_labels"] = kinds
    inputs["mask_input"] = np.zeros((len(prompts), 1, _MASK_SIDE, _MASK_SIDE), dtype=np.float32)
    inputs["has_mask_input"] = np.zeros(1, dtype=np.float32)
    masks, quality = runtime.onnx(DECODER)(inputs, ("masks", "iou_predictions"))
    return np.asarray(masks, dtype=np.float32), np.asarray(quality, dtype=np.float32)
