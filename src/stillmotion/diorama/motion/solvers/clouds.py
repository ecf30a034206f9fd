"""Clouds drift; over a clear sky a few thin ones are drawn; storm clouds darken the picture as they roll in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion import noise, shares, skies
from stillmotion.diorama.motion.records import Flow, LayerMotion, Part, Tone, Veil
from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.shot.ambient import AMBIENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.geometry import Plane
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
VERBS = ("clouds",)
_SPEED = 0.085
"""Travel of the sheet of clouds in a second, in heights of the sheet: about 0.035 photo widths at the top of a sky."""
_TRAVEL = 0.3
"""Photo widths that a copy travels before the next one takes over."""
_ALONE = 0.24
"""Photo widths within which one copy is enough."""
_PERIOD_S = (4.0, 16.0)
_TEXTURE = 0.0065
"""Local contrast of a sky below which it counts as clear."""
_LEAST_SKY = 0.02
_STORM_WORDS = ("storm", "dark", "thunder", "black", "threat", "heavy")
_DRAWN_PX = (160, 90)


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Why this scene cannot show a cue."""
    layer = _sky(stage, cue)
    if layer is None:
        return f'No sky was found in the photo for "{cue.words or cue.subject}".'
    if cue.words == AMBIENT and _clear(stage, layer):
        return "The sky is clear, and clouds are drawn only where they are asked for."
    return None


def added(stage: Stage, cue: MotionCue) -> str | None:
    """What is drawn because the photo does not show it: clouds in a clear sky; None when nothing is."""
    layer = _sky(stage, cue)
    return "clouds" if layer is not None and _clear(stage, layer) else None


def _sky(stage: Stage, cue: MotionCue) -> Layer | None:
    own = stage.layer(cue)
    if own is not None and own.surface is Surface.SKY:
        return own
    skies_of = [layer for layer in stage.scene.layers if layer.surface is Surface.SKY]
    if not skies_of or float(shares.visible(stage, skies_of[0]).mean()) < _LEAST_SKY:
        return None
    return skies_of[0]


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """The sky of the first cue drifts; all of a sky has one wind."""
    cue = cues[0]
    layer = _sky(stage, cue)
    if layer is None:
        return Part()
    ceiling = skies.Ceiling(horizon_y=_horizon(stage, layer), drift=_drift(cue))
    storm = tuple(_Gathering(partial(shares.presence, stage, one, rise_s=5.0)) for one in cues if _stormy(one))
    flow = _flow(stage, cue, layer, ceiling)
    overlays = (_Drawn.of(stage, cue, layer, ceiling),) if _clear(stage, layer) else ()
    moving = () if stage.scene.night else (LayerMotion(layer=layer.name, flows=(flow,)),)
    return Part(layers=moving, overlays=overlays, grades=storm[:1])


def _horizon(stage: Stage, layer: Layer) -> float:
    if stage.scene.horizon_y is not None:
        return stage.scene.horizon_y + 0.02
    rows = np.flatnonzero(shares.visible(stage, layer).max(axis=1) > 0.5)
    return float(rows[-1] + 1) / len(shares.visible(stage, layer)) + 0.15 if len(rows) else 1.0


def _drift(cue: MotionCue) -> tuple[float, float]:
    speed = _SPEED * cue.speed**1.2 * min(0.3 + 0.7 * cue.amount, 1.0)
    towards = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "in": (0.5, -2.2), "down": (0.0, -2.2)}
    right, away = {**towards, "out": (0.4, 2.2), "up": (0.0, 2.2)}.get(cue.direction, (1.0, -0.2))
    return speed * right, speed * away


def _stormy(cue: MotionCue) -> bool:
    return any(word in f"{cue.subject} {cue.words}".casefold() for word in _STORM_WORDS)


def _flow(stage: Stage, cue: MotionCue, layer: Layer, ceiling: skies.Ceiling) -> Flow:
    highest = max(ceiling.horizon_y, 0.1)
    fastest = max(abs(ceiling.drift[0]) * highest, abs(ceiling.drift[1]) * highest**2 * stage.aspect, 1e-4)
    period_s = min(max(_TRAVEL / fastest, _PERIOD_S[0]), _PERIOD_S[1])
    whole = fastest * (stage.shot.duration_s - cue.start_s)
    rows, columns = shares.coarse_shape(stage)
    tile = noise.tile(stage.shot.seed, "clouds", "phase", slope=2.4)
    phase = cv2.resize(tile[:64, :96], (columns, rows), interpolation=cv2.INTER_CUBIC)
    return skies.Drift(
        ceiling=ceiling,
        share=_share(stage, ceiling.horizon_y),
        sky=_like_sky(stage, layer),
        phase=shares.gentle(np.asarray(phase, np.float32), fastest * period_s),
        period_s=period_s,
        start_s=cue.start_s,
        reach=min(max(fastest * period_s, whole), 0.5),
        alone=whole < _ALONE,
    )


def _share(stage: Stage, horizon_y: float) -> Floats:
    """The sun stays where it is, and so does the haze at the horizon."""
    rows, columns = shares.coarse_shape(stage)
    high = np.asarray(horizon_y - (np.arange(rows)[:, None] + 0.5) / rows, np.float32)
    share = shares.smooth_of(high, 0.02, 0.09) * np.ones((1, columns), np.float32)
    grey = shares.photo_small(stage).min(axis=2)
    sun = cv2.GaussianBlur((grey > 0.95).astype(np.float32), (0, 0), 2.0)
    small = 0.0 < float((grey > 0.95).mean()) < 0.012
    if small:
        share = share * (
            1 - shares.smooth_of(np.asarray(cv2.dilate(sun, np.ones((9, 9), np.uint8)), np.float32), 0.05, 0.5)
        )
    return np.asarray(share, np.float32)


def _like_sky(stage: Stage, layer: Layer) -> Floats:
    """Visible sky, and what was filled in behind nearer things where it has the colour of the sky around it."""
    rows, columns = shares.coarse_shape(stage)
    whole = np.zeros((stage.scene.size_px[1], stage.scene.size_px[0], 3), np.uint8)
    box = (slice(layer.top_px, layer.top_px + layer.size_px[1]), slice(layer.left_px, layer.left_px + layer.size_px[0]))
    whole[box] = layer.rgba[..., :3]
    own = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    seen = (shares.visible(stage, layer) > 0.97).astype(np.float32)
    amount = cv2.GaussianBlur(seen, (0, 0), 24.0)
    usual = cv2.GaussianBlur(own * seen[..., None], (0, 0), 24.0) / np.maximum(amount, 1e-3)[..., None]
    apart = np.abs(own - usual).max(axis=2) * (amount > 1e-3) + (amount <= 1e-3)
    filled = shares.smooth_of(np.asarray(apart, np.float32), 0.11, 0.04)
    trusted = np.asarray(cv2.erode(np.maximum(seen, filled), np.ones((5, 5), np.uint8)), np.float32)
    return np.asarray(cv2.GaussianBlur(trusted, (0, 0), 2.5), np.float32)


def _clear(stage: Stage, layer: Layer) -> bool:
    """Whether a sky has too little in it for a drift to be seen."""
    if stage.scene.night:
        return True
    grey = shares.photo_small(stage).mean(axis=2)
    inside = shares.visible(stage, layer) * shares.inner(shares.visible(stage, layer), 0.02) > 0.9
    weight = inside.astype(np.float32)
    around = cv2.GaussianBlur(grey * weight, (0, 0), 8.0) / np.maximum(cv2.GaussianBlur(weight, (0, 0), 8.0), 1e-3)
    detail = np.abs(grey - around)
    return bool(inside.any()) and float(np.mean(detail[inside])) < _TEXTURE


@dataclass(frozen=True, slots=True)
class _Gathering:
    """The light dims as a storm comes up."""

    presence: Callable[[float], float]

    def at(self, time_s: float) -> Tone:
        """The tone at one instant."""
        present = self.presence(time_s)
        return Tone(exposure=1 - 0.14 * present, saturation=1 - 0.08 * present, warmth=-0.02 * present)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Drawn:
    """Thin clouds over a clear sky."""

    before: str | None
    ceiling: skies.Ceiling
    tile: Floats
    points: Floats
    share: Floats
    colour: Floats
    presence: Callable[[float], float]
    start_s: float
    box: Box
    plane: Plane

    @classmethod
    def of(cls, stage: Stage, cue: MotionCue, layer: Layer, ceiling: skies.Ceiling) -> _Drawn:
        """Drawn clouds for a sky layer."""
        columns, rows = _DRAWN_PX
        box = Box(x0=-0.1, y0=-0.1, x1=1.1, y1=min(ceiling.horizon_y, 1.0))
        x = np.linspace(box.x0, box.x1, columns, dtype=np.float32)
        y = np.linspace(box.y0, box.y1, rows, dtype=np.float32)
        high = np.float32(ceiling.horizon_y) - y[:, None]
        share = shares.smooth_of(high, 0.03, 0.2) * np.ones((1, columns), np.float32)
        sky = shares.photo_small(stage)[shares.visible(stage, layer) > 0.8]
        return cls(
            before=shares.in_front_of(stage, layer.name),
            ceiling=ceiling,
            tile=noise.tile(stage.shot.seed, "clouds", size=256, slope=1.9, coarsest=2),
            points=np.stack(np.meshgrid(x, y), axis=-1),
            share=share,
            colour=_cloud_colour(sky, night=stage.scene.night),
            presence=partial(shares.presence, stage, cue, rise_s=2.2),
            start_s=cue.start_s,
            box=box,
            plane=layer.plane,
        )

    def at(self, time_s: float, shutter_s: float) -> Veil | None:
        """The clouds at one instant."""
        del shutter_s
        present = self.presence(time_s)
        if present <= 0:
            return None
        density = skies.drawn(self.tile, self.ceiling, self.points, time_s - self.start_s)
        alpha = density * self.share * np.float32(0.62 * present)
        rgba = np.empty((*alpha.shape, 4), np.float32)
        rgba[..., :3] = alpha[..., None] * self.colour
        rgba[..., 3] = alpha * 255
        return Veil(rgba=np.asarray(rgba + np.float32(0.5), np.uint8), box=self.box, plane=self.plane)


def _cloud_colour(sky: Floats, *, night: bool) -> Floats:
    """Nearly white in the light of this sky; at night a little brighter than it."""
    if not len(sky):
        return np.full(3, 235, np.float32)
    middle, bright = np.median(sky, axis=0), np.quantile(sky, 0.95, axis=0)
    if night:
        return np.asarray(255 * np.clip(1.35 * middle + 0.05, 0, 1), np.float32)
    white = np.clip(0.35 * bright + 0.65 * (0.25 + 0.78 * float(bright.max())), 0, 1)
    return np.asarray(255 * white, np.float32)
