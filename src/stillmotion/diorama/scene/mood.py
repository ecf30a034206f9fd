"""What can be said about the whole picture: words, where people look, night or day, indoors or out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.perception import classifier

if TYPE_CHECKING:
    from stillmotion.diorama.scene.decide import Decision
    from stillmotion.diorama.scene.features import Features, Floats
    from stillmotion.diorama.scene.observe import Observed

_MOST_TAGS = 5
_LEAST_CHANCE = 0.05
_DARK = 0.16
_INDOORS = 0.3
_OUTDOOR_GROUPS = ("sky", "mountain", "sea", "building", "flower")
_OUTDOOR_CHANCE = 0.3
_GREEN_SHARE = 0.3


def tags(classes: Floats) -> tuple[tuple[str, float], ...]:
    """Words for the whole picture with their probability, best first."""
    order = np.argsort(-classes, kind="stable")[:_MOST_TAGS]
    return tuple((classifier.name(int(one)), float(classes[one])) for one in order if classes[one] > _LEAST_CHANCE)


def salience_point(seen: Observed, decision: Decision) -> tuple[float, float]:
    """Where people look first: the largest face, else the middle of what stands out, else a little above the middle."""
    if seen.faces:
        return seen.faces[0].box.centre
    weight = seen.opinions.saliency
    if decision.subject is not None:
        weight = (weight + np.float32(1e-3)) * decision.subject.mask.astype(np.float32)
    elif float(weight.max()) < 0.3:
        return 0.5, 0.45
    height, width = weight.shape
    total = float(weight.sum())
    x = float((weight.sum(axis=0) * (np.arange(width) + 0.5)).sum()) / total / width
    y = float((weight.sum(axis=1) * (np.arange(height) + 0.5)).sum()) / total / height
    return x, y


def is_night(features: Features) -> bool:
    """Dark as a whole, and dark at the top where a day's sky would be."""
    top = features.value[: max(1, features.shape[0] // 3)]
    return float(np.median(features.value)) < _DARK * 2.2 and float(np.median(top)) < _DARK * 2.2


def is_outdoors(seen: Observed, decision: Decision) -> bool:
    """Sky, or plants, or a class that is only met outdoors."""
    if decision.sky is not None:
        return True
    if classifier.group_score(seen.classes, "indoors") > _INDOORS:
        return False
    green = float((seen.features.green > 0.06).mean()) > _GREEN_SHARE
    chances = [classifier.group_score(seen.classes, group) for group in _OUTDOOR_GROUPS]
    return green or max(chances) > _OUTDOOR_CHANCE
