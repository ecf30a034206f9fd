"""Fire: flames over what burns, flames of the photo that lick and flicker, a rocket's jet, and the light they throw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import flames, noise, outlets, shares
from stillmotion.diorama.motion.records import LayerMotion, Part
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.motion.outlets import Outlet
    from stillmotion.diorama.motion.records import Points
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
_WIDEST = 0.022
"""Half width of an opening, in photo widths, over which one flame stands."""
VERBS = ("fire",)
_LEAST_FIRE = 0.0004
_LICK = 0.0045
"""Photo widths that the flames of the photo sway."""
_SMALL = ("candle", "match", "lighter", "torch")


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Why this scene cannot show a cue."""
    if _burning(stage, cue) is None and outlets.outlet(stage, cue) is None:
        return f'Nothing in the photo was found that could burn for "{cue.words or cue.subject}".'
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Flames for each cue; several cues about one place are one fire."""
    done: set[tuple[float, float]] = set()
    parts: list[Part] = []
    for cue in cues:
        burning = _burning(stage, cue)
        outlet = outlets.outlet(stage, cue) if burning is None else None
        place = (0.0, 0.0) if outlet is None else (round(outlet.x, 2), round(outlet.y, 2))
        if place in done:
            continue
        done.add(place)
        if burning is not None:
            parts.append(_licking(stage, cue, burning))
        elif outlet is not None:
            parts.append(_lit(stage, cue, outlet))
    return Part(
        layers=tuple(one for part in parts for one in part.layers),
        overlays=tuple(one for part in parts for one in part.overlays),
    )


def _burning(stage: Stage, cue: MotionCue) -> tuple[str, Floats] | None:
    """Flames that the photo shows: bright, warm, with a white or yellow heart. The layer and the share of fire."""
    if outlets.is_launch(stage, cue) or shares.pointed(stage, cue.place) is not None:
        return None
    small = shares.photo_small(stage)
    red, green, blue = (small[..., index] for index in range(3))
    hot = (red > 0.85) & (green > 0.45) & (red - blue > 0.3) & (green - blue > 0.08)
    warm = cv2.GaussianBlur((hot | ((small.min(axis=2) > 0.93) & _near(hot))).astype(np.float32), (0, 0), 1.0)
    if not _LEAST_FIRE < float(hot.mean()) < 0.25:
        return None
    layer = stage.layer(cue)
    if layer is None:
        rows, columns = np.nonzero(hot)
        middle = ((float(np.median(columns)) + 0.5) / small.shape[1], (float(np.median(rows)) + 0.5) / small.shape[0])
        layer = shares.layer_at(stage, middle)
    share = warm * shares.visible(stage, layer)
    return (layer.name, share) if float(share.mean()) > _LEAST_FIRE else None


def _near(hot: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(cv2.dilate(hot.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0, np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lick:
    """Flames of the photo sway upwards. See `motion.records.Warp`."""

    share: Floats
    tile: Floats
    presence: Callable[[float], float]
    aspect: float
    size: float
    scale: float
    reach: float
    step_px: int = 4

    def source(self, points: Points, time_s: float) -> Points:
        """Where the colour of each point comes from."""
        share = shares.sample(self.share, points) * np.float32(self.size * self.presence(time_s))
        u = np.ascontiguousarray(points[..., 0] * np.float32(self.scale))
        v = np.ascontiguousarray(points[..., 1] * np.float32(self.scale * self.aspect * 0.6) + np.float32(0.9 * time_s))
        sway = noise.read(self.tile, u, v) * share
        lift = noise.read(self.tile, u + np.float32(0.37), v) * share
        return points + np.stack([sway, lift * np.float32(1.2 / self.aspect)], axis=-1).astype(np.float32)


def _licking(stage: Stage, cue: MotionCue, burning: tuple[str, Floats]) -> Part:
    name, share = burning
    layer = stage.scene.layer(name)
    presence = partial(shares.presence, stage, cue)
    size = _LICK * cue.amount
    thick = float(np.sqrt(max(float((share > 0.5).mean()), 1e-4)))
    lick = _Lick(
        share=share,
        tile=noise.tile(stage.shot.seed, "flames", size=128, slope=1.8),
        presence=presence,
        aspect=stage.aspect,
        size=min(size, 0.12 * thick),
        scale=float(np.clip(0.5 / thick, 1.5, 9.0)),
        reach=4 * size,
    )
    rows, columns = np.nonzero(share > 0.3)
    centre = (float(columns.mean()) / share.shape[1], float(rows.mean()) / share.shape[0])
    glow = _glow(stage, cue, centre, radius=max(0.25, 3 * thick), depth=0.13)
    others = tuple(one for one in _lighting(stage, glow) if one.layer != name)
    return Part(layers=(LayerMotion(layer=layer.name, warps=(lick,), lights=(glow,)), *others))


def _lighting(stage: Stage, glow: flames.Glow) -> tuple[LayerMotion, ...]:
    """Everything that a fire can light: not the sky."""
    lit = (layer for layer in stage.scene.layers if layer.surface is not Surface.SKY)
    return tuple(LayerMotion(layer=layer.name, lights=(glow,)) for layer in lit)


def _glow(
    stage: Stage, cue: MotionCue, centre: tuple[float, float], *, radius: float, depth: float, lights: float = 0.0
) -> flames.Glow:
    return flames.Glow(
        seed=stage.shot.seed,
        centre=centre,
        radius=radius,
        aspect=stage.aspect,
        depth=depth * min(cue.amount, 1.5),
        lights=lights,
        presence=partial(shares.presence, stage, cue),
    )


def _lit(stage: Stage, cue: MotionCue, outlet: Outlet) -> Part:
    """Flames that the photo does not have: upwards from a place, downwards from a nozzle."""
    small = any(word in f"{cue.subject} {cue.words}".casefold() for word in _SMALL)
    height = (0.3 if outlet.jet else 0.07 if small else 0.17) * cue.amount**0.5
    radius = outlet.radius if outlet.jet else min(outlet.radius, _WIDEST)
    width = max(radius * (1.5 if outlet.jet else 1.9), 0.02)
    down = outlet.jet
    top = outlet.y - (0.008 if down else height)
    box = Box(
        x0=outlet.x - 2.2 * width,
        x1=outlet.x + 2.2 * width,
        y0=top,
        y1=outlet.y + (height if down else 0.02),
    )
    flame = flames.Flame(
        before=outlet.before,
        rides=outlet.layer if outlet.jet else "",
        tile=noise.tile(stage.shot.seed, "flames", size=128, slope=1.8),
        seed=stage.shot.seed,
        box=box,
        plane=Plane(constant=outlet.q),
        down=down,
        speed=cue.speed * (2.6 if down else 1.0),
        presence=partial(shares.presence, stage, cue, rise_s=0.7, fall_s=0.8),
    )
    glow = _glow(stage, cue, (outlet.x, outlet.y), radius=0.34 if down else 0.22, depth=0.14, lights=0.4)
    return Part(layers=_lighting(stage, glow), overlays=(flame,))
