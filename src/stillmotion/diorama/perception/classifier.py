"""What a whole picture shows: PP-LCNetV2 (Cui et al. 2022), the 1000 classes of ImageNet."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama import runtime
from stillmotion.diorama.perception.pixels import imagenet_tensor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from stillmotion.diorama.runtime import Floats, Picture

ASSET = "pplcnet"
_SIDE = 224


def _data(name: str) -> str:
    return resources.files("stillmotion.assets").joinpath("data", name).read_text(encoding="utf-8")


LABELS: tuple[str, ...] = tuple(_data("imagenet_labels.txt").splitlines())
"""Names by class index; synonyms are separated by commas, the first is the usual one."""


def classify(photo: Picture) -> Floats:
    """Probability of each class in the picture, or in a crop of one.

    Returns:
        Shape (1000,), adds up to 1; `LABELS` names them and `groups` sums them into what a scene cares about.
    """
    (chances,) = runtime.onnx(ASSET)({"x": imagenet_tensor(_squared(photo))})
    return np.asarray(chances[0], dtype=np.float32)


def name(index: int) -> str:
    """The usual name of a class."""
    return LABELS[index].split(",")[0]


@cache
def groups() -> Mapping[str, NDArray[np.intp]]:
    """Class indices by group: "animal", "building", "vehicle", "plant", "water", "sea", "sky" and others."""
    listed = tomllib.loads(_data("imagenet_groups.toml"))
    return MappingProxyType({group: _indices(entries) for group, entries in listed.items()})


def group_score(chances: Floats, group: str) -> float:
    """How likely it is that the picture shows one of the group's classes, 0..1.

    Raises:
        KeyError: there is no such group.
    """
    return float(chances[groups()[group]].sum())


def _indices(entries: list[int | list[int]]) -> NDArray[np.intp]:
    spans = [range(one, one + 1) if isinstance(one, int) else range(one[0], one[1] + 1) for one in entries]
    return np.array(sorted({index for span in spans for index in span}), dtype=np.intp)


def _squared(photo: Picture) -> Picture:
    shrinks = min(photo.shape[:2]) > _SIDE
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, (_SIDE, _SIDE), interpolation=how), dtype=np.uint8)
