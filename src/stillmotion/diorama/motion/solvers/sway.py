"""Plants, grass and hair in the wind: damped modes pushed by gusts that cross the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama import gust, randomness
from stillmotion.diorama.motion import cloth, fields, living, modes, plants, regions, strain, strands
from stillmotion.diorama.motion.fields import MappedWarp, mapped
from stillmotion.diorama.motion.records import Event, LayerMotion, Part
from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.shot.ambient import AMBIENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.plants import Growth
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("sway", "wind")
_FARTHEST = 0.0094
"""12 pixels of a picture 1280 wide: no tip goes farther."""
_BOWS = 0.0105
"""The same for crowns in a strong wind, where most tips stay well below the farthest one."""
_USUAL = 0.0078
_SMOOTHER = (0.0, 0.008, 0.014, 0.022)
"""Over how much of the photo's width a movement is evened out until it stretches nothing too much."""
_KEPT = 0.9
_STRONG = 1.3
"""Amount from which on a wind is a strong one: crowns bow under its gusts."""
_CROSSING_S = 1.4
_BEFORE_S = 8.0
_EASE_S = 0.9
"""Things begin to sway and come to rest over this long."""
_RINGS_DOWN = 0.06
_GRASS = frozenset({"grass", "grasses", "reed", "reeds", "wheat", "corn", "hay", "straw", "field", "meadow", "blade"})
_FLOWERS = frozenset({"flower", "flowers", "blossom", "blossoms", "petals", "tulips", "roses", "daisies"})
_LEAVES = frozenset({"tree", "trees", "leaves", "branches", "plants", "bushes", "foliage", "forest", "crowns"})
_NO_CLOTH = '"{}" could not be made out in the photo; a box in the shot tells where it is.'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Temper:
    """How a kind of thing sways."""

    hz: tuple[float, float]
    """Slowest and fastest mode."""
    size: tuple[float, float]
    """How large, in photo widths, what moves together is for the slowest and for the fastest mode."""
    together: float
    """Share of the movement that the whole thing makes as one."""
    strength: float = 1.0


_TREES = _Temper(hz=(0.35, 3.2), size=(0.16, 0.05), together=0.35)
_STEMS = _Temper(hz=(0.55, 3.0), size=(0.3, 0.08), together=0.8)
_BLADES = _Temper(hz=(0.6, 2.5), size=(0.12, 0.045), together=0.4)
_STRANDS = _Temper(hz=(0.9, 4.5), size=(0.08, 0.03), together=0.3, strength=0.65)
_BODIES = _Temper(hz=(0.3, 0.5), size=(1.0, 1.0), together=1.0, strength=0.5)


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Buildings stand firm; wind needs something that it can move."""
    layer = stage.layer(cue)
    if _rings(cue) and layer is not None:
        return None
    if cloth.said(cue) and not _plant_words(cue):
        return None if cloth.find(stage, cue) is not None else _NO_CLOTH.format(cue.subject)
    if layer is None and cue.verb == "sway" and not _plant_words(cue):
        return f'"{cue.subject}" was not found in the photo, so it cannot sway.'
    if layer is not None and layer.surface is Surface.STRUCTURE and not _plant_words(cue):
        return f"The {layer.label} stands firm: buildings do not sway."
    return None if _growth(stage, cue) is not None else _nothing(layer)


def _nothing(layer: Layer | None) -> str:
    if layer is not None and layer.surface in living.LIVING:
        return f"What sways on the {layer.label} was not made out."
    return "No leaves, grass or flowers that the wind could move were found in the photo."


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Every named thing sways; the wind moves the plants that no other cue names."""
    layers: list[LayerMotion] = []
    taken: set[str] = set()
    for cue in sorted(cues, key=_last):
        if cloth.said(cue) and not _plant_words(cue) and not _rings(cue):
            layers += _cloth(stage, cue)
            continue
        grown = _growth(stage, cue)
        free = tuple(name for name in grown.layers if name not in taken or not _last(cue)) if grown else ()
        if grown is None or not free:
            continue
        warp = _warp(stage, cue, grown)
        layers += [LayerMotion(layer=name, warps=(warp,)) for name in free]
        taken.update(free)
    return Part(layers=tuple(layers), events=_gusts(stage, cues))


def _last(cue: MotionCue) -> int:
    """What was named moves first; wind and ambient life move what is left."""
    return 2 if cue.words == AMBIENT else 1 if cue.verb == "wind" else 0


def _rings(cue: MotionCue) -> bool:
    return cue.physics is not None and cue.physics.frequency_hz is not None


def _cloth(stage: Stage, cue: MotionCue) -> list[LayerMotion]:
    found = cloth.find(stage, cue)
    if found is None:
        return []
    warp, light = cloth.drape(stage, cue, found)
    return [LayerMotion(layer=found.layer, warps=(warp,), lights=(light,))]


def _gusts(stage: Stage, cues: tuple[MotionCue, ...]) -> tuple[Event, ...]:
    """The moments at which the wind is strongest."""
    times = np.arange(0, stage.shot.duration_s, 0.05)
    blows = gust.strength(stage.shot.seed, times)
    peaks = np.flatnonzero((blows[1:-1] > blows[:-2]) & (blows[1:-1] >= blows[2:]) & (blows[1:-1] > 1.25)) + 1
    return tuple(
        Event(kind="gust", time_s=float(times[k]), x=0.5, y=0.5, speed=float(blows[k]), subject=cues[0].subject)
        for k in peaks
    )


def _words(cue: MotionCue) -> set[str]:
    return {word.strip(".,'").removesuffix("'s") for word in f"{cue.subject} {cue.words}".lower().split()}


def _plant_words(cue: MotionCue) -> bool:
    said = _words(cue)
    return bool(said & (_GRASS | _FLOWERS | _LEAVES))


def _growth(stage: Stage, cue: MotionCue) -> Growth | None:
    """What a cue moves, and how far each part of it gives way."""
    layer = stage.layer(cue)
    if layer is None and cue.verb == "wind":
        return _any_plant(stage)
    said = _words(cue)
    if layer is not None and layer.surface in living.LIVING and said & strands.WORDS:
        return strands.growing(stage, layer, said)
    if layer is not None and layer.name != "picture" and layer.surface not in _EVERYWHERE:
        if layer.surface is Surface.PLANT or not (said & (_GRASS | _LEAVES) and cue.verb == "sway"):
            return plants.standing(stage, layer)
        layer = None  # grass and leaves are not who or what they were bound to
    return plants.growing(stage, layer, grassy=bool(said & _GRASS), flowery=bool(said & _FLOWERS))


_EVERYWHERE = frozenset({Surface.FOLIAGE, Surface.GROUND, Surface.BACKDROP, Surface.SKY, Surface.WATER})
"""Surfaces that are no thing of their own: what sways in them is found by its colour."""


def _any_plant(stage: Stage) -> Growth | None:
    plant = next((one for one in stage.scene.layers if one.surface is Surface.PLANT and one.name != "picture"), None)
    if plant is not None:
        return plants.standing(stage, plant)
    leafy = next((one for one in stage.scene.layers if one.surface is Surface.FOLIAGE), None)
    return plants.growing(stage, leafy, grassy=False, flowery=False)


def _temper(cue: MotionCue, layer: Layer | None) -> _Temper:
    said = _words(cue)
    if said & strands.WORDS:
        return _STRANDS
    if layer is not None and layer.surface in {Surface.PERSON, Surface.ANIMAL, Surface.RIGID, Surface.VEHICLE}:
        return _BODIES
    if said & _GRASS:
        return _BLADES
    return _STEMS if said & _FLOWERS or (layer is not None and layer.surface is Surface.PLANT) else _TREES


def _warp(stage: Stage, cue: MotionCue, grown: Growth) -> MappedWarp:
    if cue.physics is not None and cue.physics.frequency_hz is not None:
        return _rung(stage, cue, grown, hz=cue.physics.frequency_hz, damping=cue.physics.damping or _RINGS_DOWN)
    temper = _temper(cue, stage.layer(cue))
    hz, damping = _modes(stage, temper, cue.speed)
    side = -1.0 if cue.direction == "left" else 1.0
    table, start_s = _table(stage, hz, damping, cue)
    lag_s = _CROSSING_S * side
    maps = _maps(stage, cue, grown, temper, len(hz)) * np.array([side, 1.0])
    bows = cue.amount >= _STRONG and temper is _TREES
    far = min((_BOWS if bows else _USUAL * cue.amount) * min(cue.speed, 1.0) * temper.strength, _BOWS)
    far = far if bows else min(far, _FARTHEST)
    seen = _seen(stage, grown)
    maps = _evened(stage, maps, table, far, (seen, lag_s * modes.RATE_HZ)) if grown.free else _bounded(maps, table, far)
    return mapped(
        maps,
        table,
        gate=modes.held(modes.clock(stage.shot.duration_s), cue.start_s, stage.end_s(cue), _EASE_S, _fall(stage, cue)),
        rate_hz=modes.RATE_HZ,
        aspect=stage.aspect,
        start_s=start_s + max(-lag_s, 0.0),
        lag_s=lag_s,
        seen=seen,
    )


def _seen(stage: Stage, grown: Growth) -> NDArray[np.bool_]:
    """Cells in which any of the layers that sway is seen, and those beside them."""
    layers = [layer for layer in stage.scene.layers if layer.name in grown.layers]
    cover = np.max([regions.coverage(stage, layer) for layer in layers], axis=0)
    return np.asarray(cv2.dilate((cover > 0).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def _evened(
    stage: Stage,
    maps: NDArray[np.float64],
    table: NDArray[np.float64],
    far: float,
    where: tuple[NDArray[np.bool_], float],
) -> NDArray[np.float64]:
    """As `_bounded`, for what was cut out: smoother rather than smaller, since its outline moves with it."""
    seen, late = where
    found = _bounded(maps, table, far)
    for share in _SMOOTHER:
        even = [regions.smoothed(one.astype(np.float32), share) for one in maps] if share else maps
        found = _bounded(np.asarray(even, np.float64), table, far)
        bears = strain.bearable(found, table, box=fields.WHOLE, aspect=stage.aspect, late=late, seen=seen)
        if bears > _KEPT:
            break
    return found


def _fall(stage: Stage, cue: MotionCue) -> float:
    return _EASE_S if stage.end_s(cue) < stage.shot.duration_s else 0.0


def _modes(stage: Stage, temper: _Temper, speed: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = randomness.generator(stage.shot.seed, "sway", "modes")
    count = 1 if temper is _BODIES else 9
    quick = float(np.clip(speed, 0.5, 1.6)) ** 0.5
    hz = np.geomspace(*temper.hz, count) * rng.uniform(0.93, 1.07, count) * quick
    return hz, rng.uniform(0.04, 0.13, count)


def _table(
    stage: Stage, hz: NDArray[np.float64], damping: NDArray[np.float64], cue: MotionCue
) -> tuple[NDArray[np.float64], float]:
    """How each mode moves once it has been blowing for long, standard deviation 1, and the instant of its first row.

    The last column is the steady lean: the slow part of the wind.
    """
    times = modes.clock(stage.shot.duration_s, _BEFORE_S + _CROSSING_S)
    blows = gust.strength(stage.shot.seed, times, x=0.0, gustiness=0.5) ** 1.5
    moved = modes.responses(blows - blows.mean(), hz, damping, modes.RATE_HZ)
    flurry = randomness.generator(stage.shot.seed, "sway", "flurry").standard_normal(len(times)) * np.sqrt(blows)
    moved += 0.3 * modes.responses(flurry, hz, damping, modes.RATE_HZ)
    kept = times >= -_CROSSING_S - 0.1
    moved, blows = moved[kept], blows[kept]
    moved /= np.maximum(moved.std(axis=0), 1e-9)
    bows = 1.0 if cue.amount >= _STRONG else 0.5 if cue.verb == "wind" or cue.amount >= 1 else 0.3
    lean = np.clip(blows, 0.4, 2.2)[:, None] * bows
    return np.concatenate([moved, lean], axis=1), float(times[kept][0])


def _maps(stage: Stage, cue: MotionCue, grown: Growth, temper: _Temper, count: int) -> NDArray[np.float64]:
    """One displacement map a mode and one for the lean: noise that changes over the mode's own size."""
    rng = randomness.generator(stage.shot.seed, "sway", "maps", cue.layer or "")
    sizes = np.geomspace(*temper.size, count)
    loud = np.geomspace(1.0, 0.22, count)
    maps = np.zeros((count + 1, *grown.give.shape, 2))
    for k in range(count):
        apart = np.sqrt(1 - temper.together**2) * (k > 1 or count == 1)
        mix = regions.noise(rng, stage.aspect, sizes[k]) if count > 1 else np.ones_like(grown.give)
        across = temper.together * (k <= 1) + apart * mix if count > 1 else mix
        up = regions.noise(rng, stage.aspect, sizes[k]) if count > 1 else np.zeros_like(grown.give)
        maps[k, ..., 0] = loud[k] * across * grown.give
        maps[k, ..., 1] = 0.35 * loud[k] * up * grown.give / stage.aspect * (k > 1)
    maps[count, ..., 0] = grown.give
    return maps


def _bounded(maps: NDArray[np.float64], table: NDArray[np.float64], far: float) -> NDArray[np.float64]:
    """The same movement with its farthest point `far` photo widths away."""
    flat = maps.reshape(len(maps), -1, 2)[:, ::7]
    seen = table[::6] @ flat[..., 0]
    return maps * (far / max(float(np.abs(seen).max()), 1e-9))


def _rung(stage: Stage, cue: MotionCue, grown: Growth, *, hz: float, damping: float) -> MappedWarp:
    """One blow at the start of the cue, then one mode dying away."""
    times = modes.clock(stage.shot.duration_s)
    side = -1.0 if cue.direction == "left" else 1.0
    maps = np.zeros((1, *grown.give.shape, 2))
    maps[0, ..., 0] = grown.give * side
    table = modes.ring(times - cue.start_s, hz, damping)[:, None]
    maps = _bounded(maps, table, min(_USUAL * 1.5 * cue.amount, _FARTHEST))
    return mapped(maps, table, rate_hz=modes.RATE_HZ, aspect=stage.aspect)
