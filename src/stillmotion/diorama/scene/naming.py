"""What the subject is called, and what it may therefore do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.perception import classifier
from stillmotion.diorama.scene.features import Features, Floats, Mask, Picture, grow, sharpness
from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.scene.subject import STAGE

if TYPE_CHECKING:
    from stillmotion.diorama.perception.detector import Detection

ANIMALS = frozenset({"bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"})
LIVING = ANIMALS | {"person"}
_VEHICLES = frozenset({"bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat"})
_PLANTS = frozenset({"potted plant"})
_SURE = 0.45
_SURE_BUILDING = 0.35
_SURE_CLASS = 0.6
_SURE_THING = 0.55
_WORTH_SAYING = 0.25
_SURE_BOAT = 0.75
"""Pagodas and other roofed things are often taken for boats."""
_MARGIN = 0.08
_WHOLE_PICTURE = 0.8
_COVERS = 0.3
_COLOURFUL, _MAYBE_PLANT = 0.55, 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a layer is."""

    surface: Surface
    label: str


def name_subject(features: Features, mask: Mask, detections: tuple[Detection, ...], whole: Floats) -> Name:
    """Name the thing under a mask.

    Args:
        features: of the photo.
        mask: the thing.
        detections: of the photo.
        whole: class probabilities of the whole photo.
    """
    detected = _best_detection(mask, detections)
    if detected is not None and detected.label == "person":
        return Name(surface=Surface.PERSON, label="person")
    chances = np.maximum(classifier.classify(crop(features.rgb, mask)), np.float32(_WHOLE_PICTURE) * whole)
    if detected is not None and detected.label in ANIMALS:
        return Name(surface=Surface.ANIMAL, label=detected.label)
    certain = detected is not None and detected.score > _SURE_THING and detected.label not in _PLANTS
    if not certain and _is_flower(features, mask, chances):
        return Name(surface=Surface.PLANT, label=_said(chances, "plant", "flower"))
    return _by_class(chances, detected)


def name_part(rgb: Picture, detected: str | None) -> Name:
    """Name a part of a photo that was cut out of it.

    Args:
        rgb: the part with a margin.
        detected: what a detector called it, if it did.
    """
    if detected == "person":
        return Name(surface=Surface.PERSON, label=detected)
    if detected in ANIMALS:
        return Name(surface=Surface.ANIMAL, label=str(detected))
    if detected is not None:
        return Name(surface=Surface.VEHICLE if detected in _VEHICLES else Surface.RIGID, label=detected)
    chances = classifier.classify(np.ascontiguousarray(rgb))
    top = int(np.argmax(chances))
    known = float(chances[top]) > _SURE_CLASS
    return Name(surface=Surface.RIGID, label=classifier.name(top) if known else "thing")


def _by_class(chances: Floats, detected: Detection | None) -> Name:
    scores = {group: min(classifier.group_score(chances, group), 1.0) for group in ("animal", "vehicle", "plant")}
    if detected is not None and detected.label in _VEHICLES:
        scores["vehicle"] = max(scores["vehicle"], detected.score)
    if detected is not None and detected.label in _PLANTS:
        scores["plant"] = max(scores["plant"], detected.score)
    best = max(scores, key=lambda group: scores[group])
    if scores[best] > _SURE:
        label = detected.label if detected is not None and best == "vehicle" else _said(chances, best, best)
        return Name(surface=Surface(best), label=label)
    if classifier.group_score(chances, "building") > _SURE_BUILDING:
        return Name(surface=Surface.STRUCTURE, label=_said(chances, "building", "building"))
    if detected is not None:
        return Name(surface=Surface.RIGID, label=detected.label)
    top = int(np.argmax(chances))
    said = classifier.name(top) if float(chances[top]) > _SURE_CLASS else "subject"
    return Name(surface=Surface.RIGID, label=said)


def crop(rgb: Picture, mask: Mask) -> Picture:
    """The picture around a mask with a margin."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    down, across = round(_MARGIN * mask.shape[0]), round(_MARGIN * mask.shape[1])
    return np.ascontiguousarray(
        rgb[max(0, rows[0] - down) : rows[-1] + down + 1, max(0, columns[0] - across) : columns[-1] + across + 1]
    )


def covered(mask: Mask, thing: Detection) -> float:
    """Share of a detector's box that the mask fills."""
    height, width = mask.shape
    box = thing.box
    part = mask[
        int(box.y0 * height) : max(int(box.y1 * height), int(box.y0 * height) + 1),
        int(box.x0 * width) : max(int(box.x1 * width), int(box.x0 * width) + 1),
    ]
    return float(part.mean()) if part.size else 0.0


def _best_detection(mask: Mask, detections: tuple[Detection, ...]) -> Detection | None:
    """The detection that explains most of the mask."""
    best: Detection | None = None
    most = 0.0
    for thing in detections:
        least = _SURE_BOAT if thing.label == "boat" else _SURE
        if thing.score < least or thing.label in STAGE or covered(mask, thing) < _COVERS:
            continue
        score = thing.score * _explained(mask, thing)
        if score > most:
            best, most = thing, score
    return best if most > 0.3 else None


def _explained(mask: Mask, thing: Detection) -> float:
    height, width = mask.shape
    inside = np.zeros_like(mask)
    inside[
        int(thing.box.y0 * height) : int(thing.box.y1 * height) + 1,
        int(thing.box.x0 * width) : int(thing.box.x1 * width) + 1,
    ] = True
    return float((mask & inside).sum()) / max(float(mask.sum()), 1.0)


def _is_flower(features: Features, mask: Mask, chances: Floats) -> bool:
    """Classifiers call flowers bees, butterflies and sea anemones; colour and sharpness know better."""
    if float(features.saturation[mask].mean()) < _COLOURFUL:
        return False
    if classifier.group_score(chances, "plant") > _MAYBE_PLANT:
        return True
    sharp = sharpness(features, mask) > 2 * sharpness(features, ~grow(mask, 10))
    return sharp and float(chances.max()) < _SURE_CLASS


def _said(chances: Floats, group: str, otherwise: str) -> str:
    members = classifier.groups()[group]
    top = int(members[int(np.argmax(chances[members]))])
    return classifier.name(top) if float(chances[top]) > _WORTH_SAYING else otherwise
