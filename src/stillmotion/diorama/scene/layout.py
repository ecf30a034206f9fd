"""Which layers the photo falls into and where each stands, before any pixel is cut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.scene.features import Features, Floats, Mask, components, contact_row, grow, sharpness
from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.scene.segments import Segments, cut_around

if TYPE_CHECKING:
    from stillmotion.diorama.scene.naming import Name
    from stillmotion.diorama.scene.sky import Sky
    from stillmotion.diorama.scene.subject import Subject
    from stillmotion.diorama.scene.surfaces import Part

_REFERENCE_ROW = 0.9
"""Where the ground is at q = 1 when no subject stands on it."""
_LEAST_DROP = 0.15
_BEHIND, _IN_FRONT = 0.95, (1.05, 1.5)
_LOWER = 0.05
_CUT = 0.985
_BOKEH_RATIO, _BLURRED = 3.0, 0.035
"""How much sharper the subject is than what is behind it, and how sharp that may be at most."""
_BOKEH_DEPTH = 0.4
_IN_FOCUS = 0.45
_FOCUS_AREA, _FOCUS_GAP = (0.003, 0.3), 4
_SAME_KIND = 25.0
_TABLE_SLOPE = 0.45
_OPEN_SKY_DEPTH = 0.25
_FLAT_WIDE, _FLAT_ABOVE = 0.5, 0.06
_BACKDROP_DEPTH = (0.35, 0.65)
_FOOT = (0.55, 0.975)
_SMALL, _ATTACHED_RING, _ATTACHED = 0.06, 7, 0.12
_ATTACHED_DEPTH = 0.9
_CLASP_RING, _CLASPS = 3, 0.2
_LEAST_PART = 0.02
_MOST_STANDING = 3
_SAME_DEPTH = 0.15
_LEAST_REST = 0.01
_FAR = 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sketch:
    """A layer at feature size."""

    name: str
    surface: Surface
    label: str
    mask: Mask
    doubt: Mask
    plane: Plane
    contact_y: float | None = None
    confidence: float = 1.0
    lies: bool = False
    """Whether it is a plane that reaches under what stands on it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """The layers far to near. The first covers everything that no other covers."""

    sketches: tuple[Sketch, ...]
    horizon_y: float | None = None
    bokeh: bool = False

    def sketch(self, name: str) -> Sketch:
        """The sketch of that name; raises StopIteration when there is none."""
        return next(sketch for sketch in self.sketches if sketch.name == name)


def landscape(sky: Sky, parts: list[Part], subject: Subject | None, name: Name | None) -> Layout:
    """Sky, ground and what stands on it, from a horizon: everything stands where its lowest row meets the ground."""
    horizon = sky.horizon_y
    contact = None if subject is None else contact_row(subject.mask)
    stands = contact is not None and contact > horizon + 0.02
    drop = max((contact if stands and contact is not None else _REFERENCE_ROW) - horizon, _LEAST_DROP)
    floor = Plane(per_y=1.0 / drop, constant=-horizon / drop)
    empty = np.zeros_like(sky.mask)
    far = Sketch(name="sky", surface=Surface.SKY, label="sky", mask=sky.mask, doubt=empty, plane=Plane())
    lying = _lying(parts, floor, round(horizon * empty.shape[0]), empty)
    standing = _standing(parts, floor, contact if stands else None, empty)
    if subject is None or name is None:
        return Layout(sketches=_in_order(far, lying, standing), horizon_y=horizon)
    depth = min(floor.inverse_depth(0.5, contact), 1.0) if stands and contact is not None else 1.0
    standing = [_held(sketch, subject.mask, depth) for sketch in standing]
    flat = name.surface in {Surface.RIGID, Surface.STRUCTURE} and _lies_flat(subject.mask, horizon)
    hero = replace(_hero(subject, name, floor if flat else Plane(constant=depth)), lies=flat)
    return Layout(sketches=_in_order(far, lying, [*standing, hero]), horizon_y=horizon)


def portrait(features: Features, segments: Segments, subject: Subject, name: Name, nearness: Floats) -> Layout:
    """A subject before a backdrop, with no horizon: how far that is follows from its blur, else from a guess."""
    dull = sharpness(features, ~grow(subject.mask, 8))
    bokeh = dull < _BLURRED and sharpness(features, subject.mask) > _BOKEH_RATIO * dull
    mask = _focus_plane(features, segments, subject.mask) if bokeh else subject.mask
    depth = _backdrop_depth(features, subject.mask, nearness, bokeh=bokeh)
    plane = Plane(constant=depth) if bokeh else _behind_standing(subject.mask, depth)
    behind = _behind("backdrop", Surface.BACKDROP, "backdrop", ~mask, plane)
    return Layout(sketches=(behind, replace(_hero(subject, name, Plane(constant=1.0)), mask=mask)), bokeh=bokeh)


def on_table(subject: Subject, name: Name) -> Layout:
    """A subject on a table that fills the rest: a plane that meets the subject where it stands."""
    plane = Plane(per_y=_TABLE_SLOPE, constant=1.0 - _TABLE_SLOPE * contact_row(subject.mask))
    table = replace(_behind("support", Surface.SUPPORT, "table", ~subject.mask, plane), lies=True)
    return Layout(sketches=(table, _hero(subject, name, Plane(constant=1.0))))


def in_the_sky(subject: Subject, name: Name) -> Layout:
    """A subject with nothing but sky around it."""
    sky = _behind("sky", Surface.SKY, "sky", ~subject.mask, Plane(constant=_OPEN_SKY_DEPTH))
    return Layout(sketches=(sky, _hero(subject, name, Plane(constant=1.0))))


def _behind_standing(mask: Mask, depth: float) -> Plane:
    """The backdrop, tilted so that it meets a subject whose foot is in the picture: feet must not slide."""
    contact = contact_row(mask)
    if not _FOOT[0] < contact < _FOOT[1] or depth >= _ATTACHED_DEPTH:
        return Plane(constant=depth)
    slope = (1.0 - depth) / contact
    return Plane(per_y=slope, constant=1.0 - slope * contact)


def _behind(name: str, surface: Surface, label: str, mask: Mask, plane: Plane) -> Sketch:
    return Sketch(name=name, surface=surface, label=label, mask=mask, doubt=np.zeros_like(mask), plane=plane)


def _held(sketch: Sketch, mask: Mask, depth: float) -> Sketch:
    """A frame or a stand that clasps the subject goes with it: no outline tells where one ends and the other begins."""
    ring = grow(mask, _CLASP_RING) & ~mask
    clasps = sketch.surface is Surface.STRUCTURE and float(sketch.mask[ring].mean()) > _CLASPS
    return replace(sketch, plane=Plane(constant=depth)) if clasps else sketch


def _lies_flat(mask: Mask, horizon_y: float) -> bool:
    """A pier or a road: as wide as the picture at its bottom and all below the horizon."""
    above = mask[: round(horizon_y * mask.shape[0])]
    return float(mask[-1].mean()) > _FLAT_WIDE and float(above.sum()) < _FLAT_ABOVE * float(mask.sum())


def _hero(subject: Subject, name: Name, plane: Plane) -> Sketch:
    return Sketch(
        name="subject",
        surface=name.surface,
        label=name.label,
        mask=subject.mask,
        doubt=subject.doubt,
        plane=plane,
        contact_y=contact_row(subject.mask),
        confidence=subject.confidence,
    )


def _lying(parts: list[Part], floor: Plane, row: int, empty: Mask) -> list[Sketch]:
    """Water, ground and meadows, cut off at the horizon; what of them rises above it is far away and hardly moves."""
    kinds = ((Surface.WATER, "water"), (Surface.GROUND, "ground"), (Surface.FOLIAGE, "meadow"))
    masks = {name: [part.mask for part in parts if part.surface is kind and not part.stands] for kind, name in kinds}
    largest = max(masks, key=lambda name: sum(float(mask.mean()) for mask in masks[name]))
    for name, group in masks.items():
        if name != largest and sum(float(mask.mean()) for mask in group) < _LEAST_PART:
            masks[largest] += group
            masks[name] = []
    below = np.arange(empty.shape[0])[:, None] >= row
    sketches = [
        Sketch(
            name=name,
            surface=kind,
            label=name,
            mask=np.logical_or.reduce(masks[name]) & below,
            doubt=empty,
            plane=floor,
            lies=True,
        )
        for kind, name in kinds
        if masks[name]
    ]
    rest = np.logical_or.reduce([empty, *(mask for group in masks.values() for mask in group)]) & ~below
    if rest.mean() > _LEAST_REST:
        kind = max(kinds, key=lambda one: sum(float((mask & ~below).sum()) for mask in masks[one[1]]))[0]
        far = Sketch(name="far", surface=kind, label="far", mask=rest, doubt=empty, plane=Plane(constant=_FAR))
        return [far, *sketches]
    return sketches


def _standing(parts: list[Part], floor: Plane, contact: float | None, empty: Mask) -> list[Sketch]:
    """What rises from the ground: the largest things each for itself, the rest with its neighbour in depth."""
    tall = sorted((part for part in parts if part.stands), key=lambda part: -float(part.mask.sum()))
    groups: list[tuple[float, Part, list[Mask]]] = []
    for part in tall:
        depth = _standing_depth(part, floor, contact)
        closest = min(groups, key=lambda group: abs(group[0] - depth), default=None)
        alike = closest is not None and abs(closest[0] - depth) < _SAME_DEPTH
        if closest is not None and (alike or len(groups) >= _MOST_STANDING or part.mask.mean() < _LEAST_PART):
            closest[2].append(part.mask)
        else:
            groups.append((depth, part, [part.mask]))
    return [
        Sketch(
            name=f"{part.surface.value}-{number}" if number else part.surface.value,
            surface=part.surface,
            label="plants" if part.surface is Surface.FOLIAGE else "far shore" if depth < 0.3 else "structure",
            mask=np.logical_or.reduce(masks),
            doubt=empty,
            plane=Plane(constant=depth),
            contact_y=part.contact_y,
        )
        for number, (depth, part, masks) in enumerate(groups)
    ]


def _standing_depth(part: Part, floor: Plane, contact: float | None) -> float:
    depth = max(floor.inverse_depth(0.5, part.contact_y), 0.03)
    if contact is None:
        return min(depth, _IN_FRONT[1])
    cut = part.contact_y > _CUT > contact
    if cut or part.contact_y > contact + _LOWER:
        return min(max(depth, _IN_FRONT[0]), _IN_FRONT[1])
    return min(depth, _BEHIND)


def _in_order(far: Sketch, lying: list[Sketch], standing: list[Sketch]) -> tuple[Sketch, ...]:
    """Sky, then planes, then what stands on them by depth; what stands beyond the horizon goes behind the planes."""
    ordered = sorted(standing, key=lambda sketch: sketch.plane.constant)
    return (far, *lying, *ordered)


def _focus_plane(features: Features, segments: Segments, mask: Mask) -> Mask:
    """The subject with other things as sharp and of its colour: what is in focus stands at the same distance.

    The colour keeps out the edges that compression draws into blurred crowds.
    """
    least = _IN_FOCUS * sharpness(features, mask)
    colour = np.median(features.lab[mask], axis=0)
    edges = (features.laplacian > least) & ~grow(mask, 4)
    numbers, areas = components(grow(edges, _FOCUS_GAP))
    whole = mask.copy()
    for number in np.flatnonzero(areas > _FOCUS_AREA[0] * features.pixels):
        blob = numbers == number
        if number == 0 or blob.mean() > _FOCUS_AREA[1]:
            continue
        thing = cut_around(segments, blob) & ~mask
        if (thing & blob).sum() < 0.5 * blob.sum() or sharpness(features, thing) < least / 2:
            continue
        if float(np.linalg.norm(np.median(features.lab[thing], axis=0) - colour)) < _SAME_KIND:
            whole |= thing
    return whole


def _backdrop_depth(features: Features, mask: Mask, nearness: Floats, *, bokeh: bool) -> float:
    if _is_attached(features, mask):
        return _ATTACHED_DEPTH
    if bokeh:
        return _BOKEH_DEPTH
    ratio = float(np.median(nearness[~mask]) / max(float(np.median(nearness[mask])), 1e-6))
    return min(max(ratio, _BACKDROP_DEPTH[0]), _BACKDROP_DEPTH[1])


def _is_attached(features: Features, mask: Mask) -> bool:
    """A small thing on something as sharp as itself, like a beetle on a stem, must not slide along it."""
    if mask.mean() > _SMALL:
        return False
    ring = grow(mask, _ATTACHED_RING) & ~grow(mask, 1)
    limit = 0.35 * sharpness(features, mask)
    return float((features.laplacian[ring] > limit).mean()) > _ATTACHED if ring.any() else False
