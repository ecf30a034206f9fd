"""Reasons to trust the layers less, measured. Each costs camera travel; none may ever show as a broken edge."""

from __future__ import annotations

import cv2
import numpy as np

from stillmotion.diorama.scene.features import Features, Floats, Mask, grow, opened, shrink
from stillmotion.diorama.scene.records import Gate

_THIN_EDGE, _THIN_AREA = 0.35, 0.015
_THIN_RADIUS, _THIN_SHARE = 5, 0.12
_UNKNOWN = 0.35
_WEAK_SHARE, _WEAK_STEP = 0.30, 9.0
_RECOMPOSITION = 0.015
_CLEARLY_OFF = 24


def no_subject() -> Gate:
    """Nothing stands out and there is no horizon."""
    return Gate(
        code="no-subject",
        measured=0.0,
        limit=1.0,
        words="Nothing stands out and no horizon was found: the photo moves as one.",
    )


def low_confidence(confidence: float, limit: float) -> Gate:
    """The opinions about the outline differ."""
    return Gate(
        code="low-confidence",
        measured=confidence,
        limit=limit,
        words="Two ways of finding the subject disagree about its outline.",
    )


def outline_gates(features: Features, mask: Mask, open_share: float) -> list[Gate]:
    """Gates on one layer's outline.

    Args:
        features: of the photo.
        mask: the layer at feature size.
        open_share: pixels that the matte had to decide over pixels of the layer.
    """
    edge, area = thin_shares(mask)
    weak = weak_boundary(features, mask)
    checks = (
        ("thin-edges", edge, _THIN_EDGE, "Much of the outline is thinner than a camera move could keep clean."),
        ("thin-edges", area, _THIN_AREA, "Thin parts such as stalks or wires make up too much of the picture."),
        ("unknown-share", open_share, _UNKNOWN, "Too much of the subject is half transparent or unclear."),
        ("weak-boundary", weak, _WEAK_SHARE, "The subject's outline can hardly be told from what is behind it."),
    )
    found: dict[str, Gate] = {}
    for code, measured, limit, words in checks:
        if measured > limit and code not in found:
            found[code] = Gate(code=code, measured=measured, limit=limit, words=words)
    return list(found.values())


def thin_shares(mask: Mask) -> tuple[float, float]:
    """Share of the outline, and of the picture, in parts narrower than eleven pixels, less for small things."""
    radius = min(_THIN_RADIUS, max(2, round(_THIN_SHARE * float(np.sqrt(mask.sum())))))
    thin = mask & ~opened(mask, radius)
    edge = mask & ~shrink(mask, 1)
    return float((edge & grow(thin, 1)).sum()) / max(float(edge.sum()), 1.0), float(thin.mean())


def weak_boundary(features: Features, mask: Mask) -> float:
    """Share of the outline across which the colour hardly changes."""
    inside, outside = shrink(mask, 2), ~grow(mask, 2)
    edge = grow(mask, 1) & ~mask
    edge[[0, -1]] = False
    edge[:, [0, -1]] = False
    if not edge.any() or not inside.any() or not outside.any():
        return 0.0
    step = np.linalg.norm(_near(features.lab, inside) - _near(features.lab, outside), axis=2)
    return float((step[edge] < _WEAK_STEP).mean())


def _near(lab: Floats, side: Mask) -> Floats:
    weight = side.astype(np.float32)
    total = cv2.GaussianBlur(lab * weight[..., None], (0, 0), 3.0)
    return np.asarray(total / np.maximum(cv2.GaussianBlur(weight, (0, 0), 3.0), 1e-4)[..., None], np.float32)
