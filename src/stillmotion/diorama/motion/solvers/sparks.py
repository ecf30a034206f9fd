"""Sparks and embers that rise and go out, and fireworks that burst in the sky."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import depth_bins, particles, winds
from stillmotion.diorama.motion.ambient import Ambient, ambient
from stillmotion.diorama.motion.records import Event, Part, Strokes

if TYPE_CHECKING:
    from stillmotion.diorama.motion.particles import Presence, Whole
    from stillmotion.diorama.motion.records import Overlay
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("sparks",)

Floats = NDArray[np.float32]

_FIREWORK = re.compile(r"\bfireworks?\b(?![ -]like)", re.IGNORECASE)
_FIRE = re.compile(r"\b(fire|flame|camp ?fire|candle|torch|ember|embers)\b", re.IGNORECASE)
_COUNTS = (30, 80, 100)
_RISE_M_S = (0.5, 1.5)
_LIFE_S = (1.6, 3.6)
_WIDTH_M = (0.004, 0.011)
_WANDER_M = 0.14
_HOT = np.array([255.0, 196.0, 96.0], np.float32)
_COOL = np.array([232.0, 74.0, 18.0], np.float32)

_BURST_EVERY_S = 1.3
_BURST_SPARKS = 120
_BURST_S = 1.9
_BURST_WIDTHS = 0.16
_DRAG_PER_S = 2.4
_SHELLS = ((255, 190, 90), (255, 110, 96), (120, 190, 255), (190, 255, 150), (240, 150, 255))


def refusal(stage: Stage, cue: MotionCue) -> str | None:  # noqa: ARG001 - sparks fly anywhere
    """Sparks can fly in any picture."""
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Fireworks burst; all else rises."""
    overlays: list[Overlay] = []
    events: list[Event] = []
    for number, cue in enumerate(cues):
        if _FIREWORK.search(cue.words) or _FIREWORK.search(cue.subject):
            bursts = _bursts(stage, cue, number)
            overlays += bursts
            events += [_bang(burst) for burst in bursts]
        else:
            overlays += _embers(stage, cue, number)
    return Part(overlays=tuple(overlays), events=tuple(events))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embers:
    """Glowing specks that are carried up, flicker, cool and go out. An Overlay."""

    before: str | None
    key: int
    index: Whole
    source: Floats
    """Where each starts: x, y, q, shape (n, 3)."""
    spread: float
    """New ones start this far to either side, photo widths."""
    metres: float
    aspect: float
    up: float
    """1 rises, -1 falls."""
    speed: float
    wind_m_s: float
    period_s: Floats
    phase: Floats
    presence: Presence
    light: Ambient
    alpha: float = 1.0
    halo: float = 1.0

    def at(self, time_s: float, shutter_s: float) -> Strokes | None:
        """Those that glow."""
        lived = particles.lives(time_s, self.period_s, self.phase)
        rank = particles.hashed(self.key, self.index, np.zeros_like(self.index), 1)
        here = rank < self.presence.at(lived.birth_s) / max(self.presence.most, 1e-6)
        share = lived.age_s / self.period_s
        glow = (1 - share) ** 0.8 * particles.smooth(share / 0.04)
        glow = glow * (0.72 + 0.28 * particles.wander(self.key, self.index, time_s, 6.0, 3))
        keep = here & (glow > 0.02)
        if not keep.any():
            return None
        ages = (np.clip(lived.age_s + side * np.float32(shutter_s / 2), 0, None) for side in (1, -1))
        heads, tails = (self._places(age, lived.cycle)[keep] for age in ages)
        q = self.source[keep, 2]
        width = particles.hashed(self.key, self.index, np.zeros_like(self.index), 2)[keep]
        cooled = share[keep, None]
        return Strokes(
            heads=heads,
            tails=tails,
            radius=((_WIDTH_M[0] + (_WIDTH_M[1] - _WIDTH_M[0]) * width**2) / 2 * q / self.metres * self.halo),
            colour=np.asarray(_HOT * (1 - cooled) + _COOL * cooled, np.float32),
            alpha=(self.alpha * glow[keep] * self._against(heads)).astype(np.float32),
            softness=1.0 if self.halo > 1 else 0.7,
            # A spark before a bright sky is orange; added light would be white.
            adds=self.halo > 1,
        )

    def _against(self, places: Floats) -> Floats:
        """A glow is seen before what is dark; before a bright sky only the spark itself is."""
        if self.halo <= 1:
            return np.ones(len(places), np.float32)
        around = self.light.near(places[:, 0], places[:, 1]).max(axis=1)
        return np.asarray(np.clip(1.2 - around / 150, 0, 1), np.float32)

    def _places(self, age: Floats, cycle: Whole) -> Floats:
        q = self.source[:, 2]
        none = np.zeros_like(self.index)
        rate = _RISE_M_S[0] + (_RISE_M_S[1] - _RISE_M_S[0]) * particles.hashed(self.key, self.index, none, 4)
        risen = self.speed * rate * (age - 0.12 * age**2)
        side = 2 * particles.hashed(self.key, self.index, cycle, 5) - 1
        swirl = _WANDER_M * np.minimum(age, 1.5) * particles.wander(self.key, self.index, age, 0.7, 1)
        x = self.source[:, 0] + self.spread * side + (swirl + self.wind_m_s * age) * q / self.metres
        y = self.source[:, 1] - self.up * risen * q / self.metres / self.aspect
        return np.stack([x, y, q], axis=1).astype(np.float32)


def _embers(stage: Stage, cue: MotionCue, number: int) -> list[Embers]:
    """From the fire that the words name, or from below the picture."""
    fire = _hearth(stage, cue) if _FIRE.search(cue.words) else None
    presence = particles.presence(stage, [(cue, min(cue.amount, 3.0))], 1.0)
    metres = float(np.clip(depth_bins.metres_per_width(stage), 1.2, 3.5))
    light = ambient(stage.scene)
    made = []
    for k, (room, count) in enumerate(zip(depth_bins.bins(stage.scene, 2.4, 0.5, len(_COUNTS)), _COUNTS, strict=True)):
        key = particles.key(stage.shot.seed, "embers", number, k)
        index = np.arange(round(count * presence.most), dtype=np.int64)
        draw = [particles.hashed(key, index, np.zeros_like(index), 20 + channel) for channel in range(5)]
        q = room.far_q * (room.near_q / room.far_q) ** draw[0]
        x = np.full(len(index), 0.5 if fire is None else fire[0])
        y = 0.55 + 0.55 * draw[1] if fire is None else np.full(len(index), fire[1])
        shared = {
            "before": room.before,
            "key": key,
            "index": index,
            "source": np.stack([x, y, q], axis=1).astype(np.float32),
            "spread": 0.6 if fire is None else fire[2],
            "metres": metres,
            "aspect": stage.aspect,
            "up": -1.0 if cue.direction == "down" else 1.0,
            "speed": cue.speed,
            "wind_m_s": winds.sideways_m_s(stage, (cue,), 0.12) * 0.4,
            "period_s": (_LIFE_S[0] + (_LIFE_S[1] - _LIFE_S[0]) * draw[2]).astype(np.float32),
            "phase": draw[3],
            "presence": presence,
            "light": light,
        }
        made += [Embers(**shared, alpha=0.28, halo=4.0), Embers(**shared)]  # type: ignore[arg-type]
    return made


def _hearth(stage: Stage, cue: MotionCue) -> tuple[float, float, float] | None:
    """Middle and half width of the brightest warm spot, photo coordinates; None when nothing glows."""
    if cue.point is not None:
        return (*cue.point, 0.03)
    small = cv2.resize(stage.scene.photo, (96, 64), interpolation=cv2.INTER_AREA).astype(np.float32)
    warm = (small[..., 0] > 170) & (small[..., 0] > small[..., 2] * 1.5)
    if warm.sum() < 4:
        return None
    rows, columns = np.nonzero(warm)
    return float(np.median(columns) + 0.5) / 96, float(np.median(rows) + 0.5) / 64, max(0.02, float(columns.std()) / 96)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Burst:
    """A shell that bursts: sparks fly apart, are slowed by the air, sink and go out. An Overlay."""

    before: str | None
    time_s: float
    centre: tuple[float, float]
    ways: Floats
    """Where each spark would get to without gravity, photo widths, shape (n, 2)."""
    life_s: Floats
    colour: Floats
    aspect: float

    def at(self, time_s: float, shutter_s: float) -> Strokes | None:
        """Closed form of motion with drag proportional to speed: the way is 1 - exp(-k t) of what it would be."""
        age = time_s - self.time_s
        if not 0 <= age < _BURST_S * 1.3:
            return None
        share = np.clip(age / self.life_s, 0, 1)
        glow = (1 - share) ** 1.2
        keep = glow > 0.02
        if not keep.any():
            return None
        heads, tails = (self._places(max(age + shift, 0.0))[keep] for shift in (shutter_s / 2, -1.5 * shutter_s))
        return Strokes(
            heads=heads,
            tails=tails,
            radius=np.full(int(keep.sum()), 0.0013, np.float32),
            colour=np.asarray(255 * (1 - share[keep, None]) ** 6 + self.colour * (1 - (1 - share[keep, None]) ** 6)),
            alpha=(0.9 * glow[keep]).astype(np.float32),
            softness=0.9,
            adds=True,
        )

    def _places(self, age: float) -> Floats:
        gone = 1 - np.exp(-_DRAG_PER_S * age)
        sunk = 0.035 * (age - gone / _DRAG_PER_S)
        x = self.centre[0] + self.ways[:, 0] * gone
        y = self.centre[1] + (self.ways[:, 1] * gone + sunk) / self.aspect
        return np.stack([x, y, np.full_like(x, 0.05)], axis=1).astype(np.float32)


def _bursts(stage: Stage, cue: MotionCue, number: int) -> list[Burst]:
    rng = randomness.generator(stage.shot.seed, "fireworks", number)
    seconds = stage.end_s(cue) - cue.start_s
    count = min(cue.count or max(1, round(seconds / _BURST_EVERY_S * min(cue.amount, 2.0))), 24)
    top = min(stage.scene.horizon_y or 0.6, 0.6)
    framing = stage.shot.framing
    made = []
    for k in range(count):
        way = rng.normal(size=(_BURST_SPARKS, 3))
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        reach = _BURST_WIDTHS * rng.uniform(0.7, 1.1) * rng.uniform(0.82, 1.0, (_BURST_SPARKS, 1))
        across = framing.x0 + framing.width * rng.uniform(0.15, 0.85)
        down = framing.y0 + max(top - framing.y0, 0.2) * rng.uniform(0.2, 0.75)
        made.append(
            Burst(
                before=depth_bins.before(stage.scene, 0.02),
                time_s=cue.start_s + (k + rng.uniform(0.1, 0.6)) * seconds / count,
                centre=(float(across), float(down)),
                ways=(way[:, :2] * reach).astype(np.float32),
                life_s=(_BURST_S * rng.uniform(0.6, 1.1, _BURST_SPARKS)).astype(np.float32),
                colour=np.array(_SHELLS[int(rng.integers(len(_SHELLS)))], np.float32),
                aspect=stage.aspect,
            )
        )
    return made


def _bang(burst: Burst) -> Event:
    return Event(kind="burst", time_s=burst.time_s, x=burst.centre[0], y=burst.centre[1], impulse=0.2, q=0.05)
