"""Light that flickers: lamps, candles, neon and stars where they are; old film and strong sources everywhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import particles
from stillmotion.diorama.motion.records import LayerMotion, Part, Tone

if TYPE_CHECKING:
    from stillmotion.diorama.motion.particles import Presence
    from stillmotion.diorama.motion.records import Grade, Points
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("flicker",)

Floats = NDArray[np.float32]

_FILM = re.compile(r"\b(film|projector|old|vintage|slight flicker|screen)\b", re.IGNORECASE)
_STARS = re.compile(r"\b(twinkl\w*|stars?|fairy lights|string lights)\b", re.IGNORECASE)
_PULSE = re.compile(r"\b(puls\w*|glow\w*|throb\w*|breath\w*)\b", re.IGNORECASE)
_STROBE = re.compile(r"\b(strobe\w*|blink\w*|neon|faulty|broken)\b", re.IGNORECASE)
_IGNITION = re.compile(r"\b(ignition|bright|flash\w*|explo\w*|weld\w*)\b", re.IGNORECASE)
_TABLE_HZ = 60.0
_MAP = 160
_BRIGHT, _HEADROOM = 0.72, 0.1
_SPOTS = 12


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - there is light in every photo
    """Any light can flicker."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Old film flickers as a whole; everything else where the picture is bright, and a little around it."""
    layers: list[LayerMotion] = []
    grades: list[Grade] = []
    for number, cue in enumerate(cues):
        course = _course(stage, cue, number)
        if _FILM.search(cue.words):
            grades.append(Whole(course=course, depth=0.05))
            continue
        spots = [(layer, _glow_map(stage, layer)) for layer in _lit(stage, cue)]
        layers += [
            LayerMotion(layer=layer.name, lights=(Lamps(course=course, glow=glow),))
            for layer, glow in spots
            if glow.max() > 0
        ]
        if _IGNITION.search(cue.words) or not layers:
            grades.append(Whole(course=course, depth=0.16 if _IGNITION.search(cue.words) else 0.06))
    return Part(layers=tuple(layers), grades=tuple(grades))


def _lit(stage: Stage, cue: MotionCue) -> tuple[Layer, ...]:
    bound = stage.layer(cue)
    return stage.scene.layers if bound is None else (bound,)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """How lights go up and down over time, about 0, mostly within -1..1; each of several has its own course."""

    table: Floats
    """Shape (spots, times), at _TABLE_HZ."""
    presence: Presence

    def at(self, time_s: float) -> Floats:
        """One value a spot, 0 while the cue does not last."""
        place = float(np.clip(time_s * _TABLE_HZ, 0, self.table.shape[1] - 1.001))
        before = int(place)
        share = np.float32(place - before)
        value = self.table[:, before] * (1 - share) + self.table[:, before + 1] * share
        return np.asarray(value * self.presence.at(time_s), np.float32)


def _course(stage: Stage, cue: MotionCue, number: int) -> Course:
    """Flames and lamps have a 1/f flicker between 3 and 12 Hz; pulses are slow sines; faulty tubes switch."""
    rng = randomness.generator(stage.shot.seed, "flicker", number)
    times = np.arange(round(stage.shot.duration_s * _TABLE_HZ) + 2) / _TABLE_HZ
    if _PULSE.search(cue.words):
        table = np.sin(2 * np.pi * (0.5 * cue.speed * times + rng.random((1, 1)))) * np.ones((_SPOTS, 1))
    elif _STROBE.search(cue.words):
        noise = _coloured(rng, times, (1.5, 9.0), cue.speed)
        table = np.where(noise > 0.55, -1.6, 0.15 * noise)
        table = np.asarray(cv2.GaussianBlur(table, (0, 0), sigmaX=1.0, sigmaY=1e-3), np.float64)
    elif _STARS.search(cue.words):
        table = 0.9 * _coloured(rng, times, (0.4, 3.5), cue.speed)
    else:
        table = _coloured(rng, times, (2.5, 11.0), cue.speed)
        if not _FILM.search(cue.words):
            table = 0.75 * table[:1] + 0.45 * table
    amount = min(cue.amount, 2.5)
    return Course(
        table=np.asarray(np.clip(table, -1.8, 1.8), np.float32),
        presence=particles.presence(stage, [(cue, amount)], 0.25),
    )


def _coloured(
    rng: np.random.Generator, times: NDArray[np.float64], hz: tuple[float, float], speed: float
) -> NDArray[np.float64]:
    """Noise whose power falls as 1/f between two rates, standard deviation about 0.5, shape (spots, times)."""
    rates = np.geomspace(*hz, 14) * speed
    phase = rng.uniform(0, 2 * np.pi, (_SPOTS, len(rates), 1))
    waves = np.sin(2 * np.pi * rates[:, None] * times + phase)
    return np.asarray(0.5 * np.sqrt(2 / len(rates)) * waves.sum(axis=1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Whole:
    """The exposure of the whole picture. A Grade."""

    course: Course
    depth: float

    def at(self, time_s: float) -> Tone:
        """Around the photo's own light."""
        return Tone(exposure=1.0 + self.depth * float(self.course.at(time_s)[0]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lamps:
    """Bright spots of a layer and the glow around them. A Light."""

    course: Course
    glow: Floats
    """How strongly each spot's light falls on each part of the photo, shape (spots, rows, columns)."""
    step_px: int = 8

    def factor(self, points: Points, time_s: float) -> Floats:
        """Warm lights lose more blue than red when they get dim."""
        level = np.tensordot(self.course.at(time_s), self.glow, axes=1)
        rows, columns = level.shape
        x = (points[..., 0] * columns - 0.5).astype(np.float32)
        y = (points[..., 1] * rows - 0.5).astype(np.float32)
        here = cv2.remap(level, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.maximum(1 + here[..., None] * np.array([0.85, 1.0, 1.15], np.float32), 0.1).astype(np.float32)


def _glow_map(stage: Stage, layer: Layer) -> Floats:
    """The brightest spots of the photo that lie in a layer, each with its halo; all 0 when there is none."""
    rows = max(8, round(_MAP * stage.aspect))
    small = cv2.resize(stage.scene.photo, (_MAP, rows), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    value = small.max(axis=-1)
    around = cv2.GaussianBlur(value, (0, 0), _MAP / 12)
    bright = ((value > _BRIGHT) & (value > around + _HEADROOM)).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bright, connectivity=8)
    order = 1 + np.argsort(-stats[1:count, cv2.CC_STAT_AREA])
    glow = np.zeros((_SPOTS, rows, _MAP), np.float32)
    for number, label in enumerate(order.tolist()):
        spot = (labels == label).astype(np.float32)
        core, halo = cv2.GaussianBlur(spot, (0, 0), 1.0), cv2.GaussianBlur(spot, (0, 0), _MAP / 22)
        lit = 0.2 * core + 0.28 * halo / max(float(halo.max()), 1e-6)
        glow[number % _SPOTS] = np.maximum(glow[number % _SPOTS], lit)
    return glow if _holds(stage, layer, bright) else glow * 0


def _holds(stage: Stage, layer: Layer, bright: NDArray[np.uint8]) -> bool:
    """Whether a layer is near any of the lights; the light falls on those that are."""
    width, height = stage.scene.size_px
    rows, columns = np.nonzero(bright)
    x, y = (columns + 0.5) / bright.shape[1] * width, (rows + 0.5) / bright.shape[0] * height
    inside = (x >= layer.left_px) & (x < layer.left_px + layer.size_px[0])
    inside &= (y >= layer.top_px) & (y < layer.top_px + layer.size_px[1])
    return bool(inside.any())
