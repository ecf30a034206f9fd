"""Petals: they come loose from a flower one after another and fall, or drift down where no flower is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import depth_bins, particles, pictures, tumbling, winds
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.records import Part, Stamps
from stillmotion.diorama.motion.tumbling import Flurry, Kind
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("petals",)

Floats = NDArray[np.float32]
Colour = tuple[float, float, float]

_DRIFTING = Kind(
    name="petals",
    fall_m_s=(0.5, 0.9),
    size_m=(0.018, 0.03),
    counts=(3, 12, 24, 30),
    sway_m=0.12,
    tumble_hz=(0.4, 1.3),
)
_PINK: Colour = (238, 190, 204)
_FALL_M_S = 0.42
"""Terminal speed of a petal."""
_LOOSE_S = 0.35
"""Time that it takes to reach that."""
_EVERY_S = 0.32
_MOST = 40
_SHARE = 0.2
"""Width of a petal as a share of its flower's."""
_SIZES = (0.008, 0.045)
_STANDS_OUT = 40.0


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - petals drift anywhere
    """Petals can drift into any picture."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Out of the flower that is bound or that the picture shows; otherwise from above."""
    loose = [(cue, _flower(stage, cue)) for cue in cues]
    falling = tuple(cue for cue, layer in loose if layer is None)
    overlays = [_loose(stage, cue, layer, number) for number, (cue, layer) in enumerate(loose) if layer is not None]
    return Part(overlays=(*overlays, *(_drift(stage, falling) if falling else ())))


def _flower(stage: Stage, cue: MotionCue) -> Layer | None:
    bound = stage.layer(cue)
    if bound is not None and bound is not stage.scene.layers[0]:
        return bound
    plants = [layer for layer in stage.scene.layers[1:] if layer.surface is Surface.PLANT]
    return plants[-1] if plants else None


def _drift(stage: Stage, cues: tuple[MotionCue, ...]) -> tuple[tumbling.Tumblers, ...]:
    return tumbling.tumblers(
        Flurry(
            stage=stage,
            kind=_DRIFTING,
            pictures=(pictures.petal(_PINK), pictures.petal((246, 214, 222))),
            presence=particles.presence(stage, [(cue, min(cue.amount, 3.0)) for cue in cues], 1.5),
            wind_m_s=winds.sideways_m_s(stage, cues, 0.3),
            speed=max(cue.speed for cue in cues),
            tint=ambient(stage.scene).tint,
            metres=tumbling.light_metres(stage),
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Loose:
    """Petals that leave a flower, each at its own time. An Overlay."""

    before: str | None
    picture: NDArray[np.uint8]
    start_s: Floats
    """When each comes loose, shape (n,)."""
    places: Floats
    """Where from: x, y, q, shape (n, 3)."""
    size: Floats
    turn_deg: Floats
    draw: Floats
    """0..1, shape (6, n)."""
    down: float
    """Terminal speed in photo heights a second."""
    across: float
    """Wind in photo widths a second."""
    sway: float

    def at(self, time_s: float, shutter_s: float) -> Stamps | None:  # noqa: ARG002 - slow
        """Those that are loose; one that has just come loose is where it grew."""
        age = np.float32(time_s) - self.start_s
        keep = age > 0
        if not keep.any():
            return None
        age, draw, places = age[keep], self.draw[:, keep], self.places[keep].copy()
        gone = age - _LOOSE_S * (1 - np.exp(-age / _LOOSE_S))
        free = 1 - np.exp(-age / _LOOSE_S)
        rate = 0.5 + 0.6 * draw[0]
        swing = np.sin(2 * np.pi * rate * age) * np.where(draw[1] < 0.5, -1, 1) * free
        places[:, 0] += self.across * gone + self.sway * swing
        places[:, 1] += self.down * (0.8 + 0.4 * draw[2]) * gone + 0.3 * self.sway * swing**2
        tumble = 2 * np.pi * (0.35 + 0.7 * draw[3]) * gone * 1.4
        shade = 0.8 + 0.2 * np.abs(np.cos(tumble))
        return Stamps(
            pictures=(self.picture,),
            which=np.zeros(len(age), np.int32),
            places=places,
            size=self.size[keep],
            turn_deg=(self.turn_deg[keep] + 60 * swing + 200 * (draw[4] - 0.5) * gone).astype(np.float32),
            squash=(np.cos(tumble) * (0.75 + 0.25 * np.cos(3 * tumble))).astype(np.float32),
            tint=np.repeat(shade[:, None], 3, axis=1).astype(np.float32),
            alpha=particles.smooth(age / 0.25),
        )


def _loose(stage: Stage, cue: MotionCue, layer: Layer, number: int) -> Loose:
    rng = randomness.generator(stage.shot.seed, "loose petals", number)
    seconds = stage.end_s(cue) - cue.start_s
    usual = max(2, round(seconds / _EVERY_S * cue.amount * cue.speed))
    count = min(cue.count or usual, _MOST)
    x, y, turn = _blossom(stage, layer, rng, count)
    q = depth_bins.middle_q(stage.scene, layer) * 1.03
    wide = float(np.ptp(x)) if count > 1 else 0.15
    size = np.clip(_SHARE * max(wide, 0.02), *_SIZES) * rng.uniform(0.75, 1.2, count)
    metres = tumbling.light_metres(stage)
    order = (np.arange(count) + rng.uniform(0.1, 0.7, count)) * 0.82 * seconds / count
    return Loose(
        before=depth_bins.before(stage.scene, q),
        picture=pictures.petal(_petal_colour(layer)),
        start_s=(cue.start_s + order).astype(np.float32),
        places=np.stack([x, y, np.full(count, q)], axis=1).astype(np.float32),
        size=size.astype(np.float32),
        turn_deg=turn,
        draw=rng.random((6, count)).astype(np.float32),
        down=_FALL_M_S * cue.speed / metres / stage.aspect,
        across=winds.sideways_m_s(stage, (cue,), 0.12) / metres,
        sway=0.07 / metres,
    )


def _colourful(layer: Layer) -> tuple[NDArray[np.bool_], Floats]:
    """Where a layer is solid and not green, and its colours, both at a quarter of the size."""
    height, width = layer.rgba.shape[:2]
    size = (max(2, width // 4), max(2, height // 4))
    small = cv2.resize(layer.rgba, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    red, green, blue, alpha = (small[..., channel] for channel in range(4))
    spread = small[..., :3].max(-1) - small[..., :3].min(-1)
    bloom = (alpha > 240) & ((np.maximum(red, blue) > 1.04 * green) | ((spread < _STANDS_OUT) & (green > 150)))
    if bloom.mean() < 0.02:
        bloom = alpha > 240
    return np.asarray(bloom, np.bool_), small[..., :3]


def _blossom(
    stage: Stage, layer: Layer, rng: np.random.Generator, count: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], Floats]:
    """Points of the outer part of a flower, and the way outwards in degrees."""
    bloom, _ = _colourful(layer)
    rows, columns = np.nonzero(bloom)
    middle = np.array([np.median(columns), np.median(rows)])
    away = np.hypot(columns - middle[0], rows - middle[1])
    outer = np.flatnonzero((away > np.percentile(away, 55)) & (away < np.percentile(away, 88)))
    chosen = rng.choice(outer, count)
    width, height = stage.scene.size_px
    x = (layer.left_px + 4 * columns[chosen]) / width
    y = (layer.top_px + 4 * rows[chosen]) / height
    turn = np.degrees(np.arctan2(rows[chosen] - middle[1], columns[chosen] - middle[0]))
    return x, y, turn.astype(np.float32)


def _petal_colour(layer: Layer) -> Colour:
    """The brighter half of the blossom's own colours: it is lit as the flower is."""
    bloom, colours = _colourful(layer)
    found = colours[bloom]
    bright = found[found.sum(1) >= np.percentile(found.sum(1), 55)].mean(0)
    red, green, blue = (round(float(value), 1) for value in bright)
    return red, green, blue
