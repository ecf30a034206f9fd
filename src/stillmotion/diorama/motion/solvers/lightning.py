"""Lightning: a few strokes of light within a third of a second, a bolt in the sky, and thunder as late as it is far."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import randomness
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import bolts, depth_bins
from stillmotion.diorama.motion.records import Event, LayerMotion, Part, Tone, Veil
from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.shot import slots
from stillmotion.diorama.shot.words import tokenize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.motion.records import Points
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("lightning",)

SOUND_M_S = 343.0
_FAR = re.compile(r"\b(far|distant|distance|horizon|away|remote)\b", re.IGNORECASE)
_THUNDER = re.compile(r"[^.,;!?\n]*\bthunder[^.,;!?\n]*", re.IGNORECASE)
_OFTEN = re.compile(r"\b(flicker\w*|sheet|strikes|storm|flashes|bolts)\b", re.IGNORECASE)
_SHEET = re.compile(r"\b(flicker\w*|sheet|glow\w*)\b", re.IGNORECASE)
_NEAR_M, _FAR_M = (300.0, 900.0), (1400.0, 3000.0)
_FIRST_S = 0.35
_EVERY_S = 2.6
_MOST = 12
_SMALL_M = 1000.0
"""A bolt that is farther away looks smaller and fainter."""
_DECAY_S = 0.055
_STROKES_WITHIN_S = 0.3


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - light reaches every room
    """Lightning can light up any photo."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Flashes at their times, and the thunder of each."""
    flashes = [flash for number, cue in enumerate(cues) for flash in _flashes(stage, cue, number)]
    sky = next((layer for layer in stage.scene.layers if layer.surface is Surface.SKY), None)
    overlays = [] if sky is None else [_bolt(stage, sky, flash) for flash in flashes if not flash.sheet]
    sheets = tuple(SheetLight(flash=flash, horizon_y=_horizon(stage)) for flash in flashes)
    return Part(
        layers=() if sky is None or not sheets else (LayerMotion(layer=sky.name, lights=sheets),),
        overlays=tuple(overlays),
        grades=tuple(Flare(flash=flash) for flash in flashes),
        events=tuple(event for flash in flashes for event in _events(stage, flash)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flash:
    """One flash of lightning: return strokes that follow each other down the same channel."""

    time_s: float
    strokes: NDArray[np.float64]
    """Time after the first and strength of each, shape (n, 2)."""
    x: float
    distance_m: float
    sheet: bool
    """Whether the bolt itself is out of sight: only the clouds light up."""
    dimness: float
    """How dark the photo is, 0..1: by day a flash hardly shows."""
    number: int

    def strength(self, time_s: float) -> float:
        """How bright it is, 1 at the strongest stroke; it rises at once and decays."""
        since = time_s - self.time_s - self.strokes[:, 0]
        lit = np.where(since >= 0, np.exp(-np.maximum(since, 0) / _DECAY_S), 0.0) * self.strokes[:, 1]
        return float(lit.max())


def _flashes(stage: Stage, cue: MotionCue, number: int) -> list[Flash]:
    rng = randomness.generator(stage.shot.seed, "lightning", number)
    far = bool(_FAR.search(cue.words))
    delay = _delay_s(stage, cue)
    dimness = float(np.clip(1.25 - 1.5 * stage.scene.photo[::8, ::8].mean() / 255, 0.3, 1.0))
    count = cue.count or _usual(stage, cue)
    room = stage.end_s(cue) - cue.start_s
    gap = min(_EVERY_S / max(cue.speed, 0.2), room / count)
    made = []
    for k in range(min(count, _MOST)):
        time_s = cue.start_s + min(_FIRST_S, room / 4) + k * gap * float(rng.uniform(0.9, 1.05))
        span = _FAR_M if far else _NEAR_M
        distance = SOUND_M_S * delay if delay is not None else float(rng.uniform(*span))
        left = stage.shot.framing.x0 + stage.shot.framing.width * float(rng.uniform(0.18, 0.82))
        made.append(
            Flash(
                time_s=time_s,
                strokes=_strokes(rng),
                x=left,
                distance_m=distance,
                sheet=bool(_SHEET.search(cue.words)),
                dimness=dimness,
                number=100 * number + k,
            )
        )
    return made


def _usual(stage: Stage, cue: MotionCue) -> int:
    """One flash; more where the words say that it goes on and no thunder is timed."""
    often = _OFTEN.search(cue.words)
    if often is None or (_delay_s(stage, cue) is not None and not _SHEET.search(cue.words)):
        return 1
    every = 1.6 if _SHEET.search(cue.words) else _EVERY_S
    return max(1, round((stage.end_s(cue) - cue.start_s) / every * min(cue.amount, 2.0)))


def _strokes(rng: np.random.Generator) -> NDArray[np.float64]:
    count = int(rng.integers(2, 5))
    times = np.concatenate([[0.0], np.sort(rng.uniform(0.06, _STROKES_WITHIN_S, count - 1))])
    strength = np.concatenate([[1.0], rng.uniform(0.4, 0.95, count - 1)])
    return np.stack([times, strength], axis=1)


def _delay_s(stage: Stage, cue: MotionCue) -> float | None:
    """The seconds between flash and thunder that the prompt asks for, if it does."""
    for text in (*_THUNDER.findall(cue.words), *_THUNDER.findall(stage.shot.prompt)):
        later = slots.times(tokenize(text)).later_s
        if later is not None:
            return later
    return None


def _events(stage: Stage, flash: Flash) -> tuple[Event, Event]:
    y = _horizon(stage) / 2
    heard = flash.time_s + flash.distance_m / SOUND_M_S
    loud = float(np.clip(300.0 / flash.distance_m, 0.05, 1.0))
    return (
        Event(kind="flash", time_s=flash.time_s, x=flash.x, y=y, impulse=loud, q=0.0, duration_s=_STROKES_WITHIN_S),
        Event(kind="thunder", time_s=heard, x=flash.x, y=y, impulse=loud, q=0.0, duration_s=4.0),
    )


def _horizon(stage: Stage) -> float:
    """The row down to which the sky is lit."""
    return stage.scene.horizon_y if stage.scene.horizon_y is not None else 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flare:
    """The light of a flash on everything, less from far away. A Grade."""

    flash: Flash

    def at(self, time_s: float) -> Tone:
        """Brighter, bluer, paler."""
        lit = self.flash.strength(time_s) * float(np.clip(700.0 / self.flash.distance_m, 0.22, 1.0))
        if lit < 0.003:
            return Tone()
        lit *= self.flash.dimness
        return Tone(exposure=1.0 + 0.75 * lit, saturation=1.0 - 0.25 * lit, warmth=-0.12 * lit, flash=0.09 * lit)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SheetLight:
    """Clouds that light up around a bolt, most where it is. A Light of the sky."""

    flash: Flash
    horizon_y: float
    step_px: int = 8

    def factor(self, points: Points, time_s: float) -> NDArray[np.float32]:
        """Brighter near the flash; the blue a little more."""
        lit = self.flash.strength(time_s)
        if lit < 0.003:
            return np.ones((*points.shape[:2], 3), np.float32)
        away = ((points[..., 0] - self.flash.x) / 0.28) ** 2
        away = away + ((points[..., 1] - self.horizon_y * (0.75 if self.flash.sheet else 0.4)) / 0.3) ** 2
        glow = np.float32(0.9 * lit * self.flash.dimness) * np.exp(-away).astype(np.float32)
        return np.stack([1 + 0.88 * glow, 1 + 0.94 * glow, 1 + 1.1 * glow], axis=-1).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bolt:
    """The channel itself, seen while its strokes last. An Overlay."""

    before: str | None
    flash: Flash
    picture: NDArray[np.float32]
    box: Box

    def at(self, time_s: float, shutter_s: float) -> Veil | None:  # noqa: ARG002 - a stroke is shorter than any shutter
        """Light that is added; it afterglows as the strokes decay."""
        lit = self.flash.strength(time_s)
        if lit < 0.02:
            return None
        rgba = np.zeros((*self.picture.shape[:2], 4), np.uint8)
        rgba[..., :3] = np.clip(self.picture * min(1.0, 1.15 * lit), 0, 255)
        return Veil(rgba=rgba, box=self.box, plane=Plane(constant=0.0))


def _bolt(stage: Stage, sky: Layer, flash: Flash) -> Bolt:
    """Down to the horizon, smaller when it strikes farther away."""
    rng = randomness.generator(stage.shot.seed, "bolt", flash.number)
    bottom = _horizon(stage) + 0.02
    height = bottom + 0.08
    height *= float(np.clip(_SMALL_M / flash.distance_m, 0.6, 1.0))
    half = 0.5 * height * stage.aspect * 0.9
    index = [layer.name for layer in stage.scene.layers].index(sky.name)
    following = stage.scene.layers[index + 1 :]
    return Bolt(
        before=following[0].name if following else depth_bins.before(stage.scene, 0.0),
        flash=flash,
        picture=bolts.draw(rng, faint=flash.distance_m > _SMALL_M),
        box=Box(x0=flash.x - half, y0=bottom - height, x1=flash.x + half, y1=bottom),
    )
