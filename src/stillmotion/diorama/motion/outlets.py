"""Where smoke, steam and flames come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import shares, water
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

_LAUNCH = (
    "rocket",
    "lift off",
    "lifts off",
    "liftoff",
    "lift-off",
    "launch",
    "blast",
    "ignition",
    "exhaust",
    "thruster",
)
_STANDING = (Surface.RIGID, Surface.STRUCTURE, Surface.VEHICLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An opening that something rises from."""

    x: float
    y: float
    """Its middle, in photo coordinates."""
    radius: float
    """Half its width in photo widths."""
    q: float
    """Inverse depth."""
    before: str | None
    """Name of the layer right in front of what comes out."""
    layer: str = ""
    jet: bool = False
    """A nozzle that points down."""
    ground_y: float = 1.0
    """Row of the ground under a nozzle."""


def outlet(stage: Stage, cue: MotionCue) -> Outlet | None:
    """The opening that a cue means: its place, the nozzle of a rocket, the rim of a cup, the top of a thing."""
    place = shares.pointed(stage, cue.place, cue.target_point, cue.point)
    if place is not None:
        return _at_place(stage, place)
    named = _named(stage, cue)
    if is_launch(stage, cue):
        tall = named if named is not None and named.surface in _STANDING else _tallest(stage)
        if tall is not None:
            return _nozzle(stage, tall)
    thing = named or _hot(stage, cue)
    if thing is None:
        return None
    if _behind_it(cue, thing):
        return _from_behind(stage, thing)
    if cue.box is not None:
        return _at_place(stage, (cue.box.centre[0], cue.box.y0 + 0.1 * cue.box.height))
    return _rim(stage, thing) or _top(stage, thing)


def _behind_it(cue: MotionCue, thing: Layer) -> bool:
    return thing.surface in _STANDING and "behind" in f" {cue.words} ".casefold().split()


def _from_behind(stage: Stage, layer: Layer) -> Outlet:
    """A wide place hidden by a thing: what rises from it shows around and above it."""
    width, height = stage.scene.size_px
    wide, tall = layer.size_px[0] / width, layer.size_px[1] / height
    x, y = layer.left_px / width + wide / 2, layer.top_px / height + 0.42 * tall
    q = float(np.clip(0.9 * layer.plane.inverse_depth(x, y), 0.05, 1.5))
    return Outlet(x=x, y=y, radius=float(np.clip(0.3 * wide, 0.02, 0.22)), q=q, before=layer.name, layer=layer.name)


def is_launch(stage: Stage, cue: MotionCue) -> bool:
    """Whether the words are about a rocket's engines."""
    text = f"{cue.subject} {cue.words} {stage.shot.prompt}".casefold()
    return any(word in text for word in _LAUNCH) and "fireworks" not in text


def _named(stage: Stage, cue: MotionCue) -> Layer | None:
    for name in (cue.target, cue.layer):
        found = next((layer for layer in stage.scene.layers if layer.name == name), None)
        if found is not None and found.surface not in {Surface.SKY, Surface.BACKDROP}:
            return found
    return None


def _hot(stage: Stage, cue: MotionCue) -> Layer | None:
    """What is likely to steam or smoke when nobody says: a vessel, else the subject."""
    standing = [layer for layer in stage.scene.layers if layer.surface in _STANDING]
    if cue.verb == "steam":
        wet = [layer for layer in stage.scene.layers if layer.surface is Surface.WATER]
        likely = [*(one for one in standing if one.name == "subject"), *wet, *standing]
        return likely[0] if likely else None
    likely = [*(one for one in standing if one.name == "subject"), *standing[::-1]]
    return likely[0] if likely else None


def _tallest(stage: Stage) -> Layer | None:
    """What may be a rocket: narrow and tall."""
    standing = [layer for layer in stage.scene.layers if layer.surface in _STANDING]
    slim = [layer for layer in standing if layer.size_px[1] > 1.5 * layer.size_px[0]]
    named = [layer for layer in slim if layer.name == "subject"]
    likely = named or slim
    return likely[0] if likely else None


def _at_place(stage: Stage, place: tuple[float, float]) -> Outlet:
    layer = shares.layer_at(stage, place)
    return Outlet(
        x=place[0],
        y=place[1],
        radius=0.025,
        q=float(np.clip(layer.plane.inverse_depth(*place), 0.05, 1.5)),
        before=shares.in_front_of(stage, layer.name),
        layer=layer.name,
    )


def _rim(stage: Stage, layer: Layer) -> Outlet | None:
    """The drink in a cup: steam leaves all of its surface."""
    if layer.surface not in {Surface.RIGID, Surface.SUPPORT}:
        return None
    found = water.vessel(stage, layer)
    if found is None:
        return None
    (x, y), (across, down) = found
    q = float(np.clip(layer.plane.inverse_depth(x, y), 0.1, 1.5))
    before = shares.in_front_of(stage, layer.name)
    return Outlet(x=x, y=y - 0.1 * down, radius=0.72 * across, q=q, before=before, layer=layer.name)


def _top(stage: Stage, layer: Layer) -> Outlet | None:
    """The highest point of a thing: a chimney, a torch."""
    seen = shares.visible(stage, layer) > 0.5
    if not seen.any():
        return None
    rows = np.flatnonzero(seen.sum(axis=1) >= 1)
    row = int(rows[0])
    columns = np.flatnonzero(seen[row : row + 3].any(axis=0))
    height, width = seen.shape
    x = (float(np.median(columns)) + 0.5) / width
    q = float(np.clip(layer.plane.inverse_depth(x, row / height), 0.05, 1.5))
    radius = float(np.clip(0.5 * len(columns) / width, 0.012, 0.12))
    before = shares.in_front_of(stage, layer.name)
    return Outlet(x=x, y=row / height + 0.01, radius=radius, q=q, before=before, layer=layer.name)


def _nozzle(stage: Stage, layer: Layer) -> Outlet | None:
    """The foot of a rocket."""
    seen = shares.alpha_over_photo(stage, layer) > 0.5
    if not seen.any():
        return None
    height, width = seen.shape
    row = int(np.flatnonzero(seen.any(axis=1))[-1])
    columns = np.flatnonzero(seen[max(row - 12, 0) : row + 1].any(axis=0))
    x = (float(np.median(columns)) + 0.5) / width
    y = (row + 1) / height
    ground = min(max(layer.contact_y or y, y) + 0.03, 1.0)
    return Outlet(
        x=x,
        y=y - 0.005,
        radius=float(np.clip(0.4 * len(columns) / width, 0.008, 0.08)),
        q=float(layer.plane.inverse_depth(x, y)),
        before=shares.in_front_of(stage, layer.name),
        layer=layer.name,
        jet=True,
        ground_y=ground,
    )
