"""What the networks say about a photo, asked in turn: two at a time on two cores take longer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from stillmotion.diorama.perception import classifier, depth, detector, person_matte, saliency
from stillmotion.diorama.perception import faces as face_finder
from stillmotion.diorama.scene.features import Features, Floats, Picture, measure
from stillmotion.diorama.scene.naming import LIVING
from stillmotion.diorama.scene.segments import Segments, segment
from stillmotion.diorama.scene.subject import Opinions

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.perception.detector import Detection
    from stillmotion.diorama.perception.faces import FaceFound

_LEAST_SCORE = 0.3
_ALIVE = 0.5
_ASKED = 8
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observed:
    """Everything measured or said before anything is decided."""

    features: Features
    segments: Segments
    opinions: Opinions
    classes: Floats
    """Probability of each class for the whole photo."""
    nearness: Floats
    """Inverse depth as a network guesses it, at feature size."""
    faces: tuple[FaceFound, ...]

    @property
    def detections(self) -> tuple[Detection, ...]:
        """Things with names, best first."""
        return self.opinions.detections


def observe(photo: Picture, working: Picture, told: Callable[[float], None]) -> Observed:
    """Ask all networks.

    Args:
        photo: as given.
        working: at working size.
        told: after each of them, the share that was asked; what it raises ends the asking.
    """
    shares = iter((np.arange(_ASKED) + 1) / _ASKED)

    def asked(answer: Answer) -> Answer:
        told(float(next(shares)))
        return answer

    features = asked(measure(photo))
    detections = asked(detector.detect(working, _LEAST_SCORE))
    alive = any(one.label in LIVING and one.score > _ALIVE for one in detections)
    people = [one.box for one in detections if one.label == "person"]
    opinions = Opinions(
        saliency=asked(saliency.saliency(features.rgb)),
        matte=asked(person_matte.person_matte(features.rgb) if alive else None),
        detections=detections,
    )
    return Observed(
        features=features,
        segments=asked(segment(working, features.shape)),
        opinions=opinions,
        classes=asked(classifier.classify(features.rgb)),
        nearness=asked(depth.inverse_depth(features.rgb)),
        faces=asked(face_finder.faces(working, people)),
    )
