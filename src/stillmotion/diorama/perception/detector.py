"""Name and box everyday things: PicoDet (Yu et al. 2021), the 80 classes of COCO."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import runtime
from stillmotion.diorama.geometry import Box
from stillmotion.diorama.perception.pixels import imagenet_tensor, resized

if TYPE_CHECKING:
    from stillmotion.diorama.runtime import Floats, Picture

ASSET = "picodet"
FLOOR = 0.3
"""The network itself drops what scores less."""
_SIDE = 416
_BOXES = "multiclass_nms3_0.tmp_0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A thing with a name."""

    label: str
    score: float
    box: Box


@cache
def labels() -> tuple[str, ...]:
    """The 80 names, in the network's order."""
    text = resources.files("stillmotion.assets").joinpath("data/coco_labels.txt").read_text(encoding="utf-8")
    return tuple(text.split("\n")[: text.count("\n")])


def detect(photo: Picture, min_score: float) -> tuple[Detection, ...]:
    """Things in the photo, best first.

    Args:
        photo: the picture.
        min_score: 0..1; below `FLOOR` it changes nothing.
    """
    inputs = {
        "image": imagenet_tensor(resized(photo, _SIDE, _SIDE)),
        "scale_factor": np.ones((1, 2), dtype=np.float32),
    }
    (rows,) = runtime.onnx(ASSET)(inputs, (_BOXES,))
    kept = [row for row in np.asarray(rows, dtype=np.float32) if row[0] >= 0 and row[1] >= min_score]
    return tuple(_detection(row) for row in sorted(kept, key=lambda row: -float(row[1])))


def _detection(row: Floats) -> Detection:
    kind, score, *corners = (float(value) for value in row)
    x0, y0, x1, y1 = (min(max(value / _SIDE, 0.0), 1.0) for value in corners)
    return Detection(label=labels()[int(kind)], score=score, box=Box(x0=x0, y0=y0, x1=x1, y1=y1))
