"""From what the networks said to a layout: what kind of picture this is, and which layers it may be cut into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stillmotion.diorama.perception import classifier
from stillmotion.diorama.scene import gates, layout, sky, subject, surfaces
from stillmotion.diorama.scene.features import Mask
from stillmotion.diorama.scene.layout import Layout
from stillmotion.diorama.scene.naming import Name, name_subject
from stillmotion.diorama.scene.observe import Observed
from stillmotion.diorama.scene.records import Gate, Surface
from stillmotion.diorama.scene.sky import Sky
from stillmotion.diorama.scene.subject import LEAST_CONFIDENCE, Subject

_TABLE = 0.6
_TABLE_COVERS = 0.35


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decision:
    """What the photo is, at feature size."""

    layout: Layout | None
    """None when the photo is one piece."""
    gates: tuple[Gate, ...]
    subject: Subject | None
    name: Name | None
    sky: Sky | None


def decide(seen: Observed) -> Decision:
    """Find subject, sky and what lies between, and whether the outlines are good enough to cut."""
    found = subject.find(seen.features, seen.segments, seen.opinions)
    unsure = found is not None and found.confidence < LEAST_CONFIDENCE
    hero = None if unsure else found
    name = None if hero is None else name_subject(seen.features, hero.mask, seen.detections, seen.classes)
    heaven = _sky(seen, hero, name)
    plan = _layout(seen, hero, name, heaven)
    reasons: list[Gate] = []
    if plan is None and not unsure:
        reasons.append(gates.no_subject())
    if unsure and found is not None:
        reasons.append(gates.low_confidence(found.confidence, LEAST_CONFIDENCE))
    if hero is not None and plan is not None:
        share = float(hero.doubt.sum()) / max(float(hero.mask.sum()), 1.0)
        reasons.extend(gates.outline_gates(seen.features, plan.sketch("subject").mask, share))
    return Decision(layout=plan, gates=tuple(reasons), subject=hero or found, name=name, sky=heaven)


def _sky(seen: Observed, hero: Subject | None, name: Name | None) -> Sky | None:
    mask = None if hero is None else hero.mask
    person = name is not None and name.surface is Surface.PERSON
    full = mask is not None and person and sky.is_portrait(mask)
    return sky.find(seen.features, seen.segments, mask, portrait=full)


def _layout(seen: Observed, hero: Subject | None, name: Name | None, heaven: Sky | None) -> Layout | None:
    if heaven is not None:
        taken = np.zeros(seen.features.shape, np.bool_) if hero is None else hero.mask
        wet = classifier.group_score(seen.classes, "water")
        parts = surfaces.name_parts(seen.features, seen.segments, heaven, taken, wet)
        return layout.landscape(heaven, parts, hero, name)
    if hero is None or name is None:
        return None
    return layout.portrait(seen.features, seen.segments, hero, name, seen.nearness, _table(seen, hero.mask))


def _table(seen: Observed, mask: Mask) -> Mask | None:
    """What a detector calls a table, if the subject stands on it."""
    for thing in seen.detections:
        box = thing.box
        if thing.label == "dining table" and thing.score > _TABLE and box.width * box.height > _TABLE_COVERS:
            return ~mask
    return None
