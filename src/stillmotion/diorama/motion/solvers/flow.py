"""Water that runs: rivers down their bed, waterfalls down, fountains and sprinklers through the air."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import noise, shares, water
from stillmotion.diorama.motion.records import LayerMotion, Part, Strokes

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.motion.records import Points
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.motion.water import Pool
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
VERBS = ("flow",)
_FALLS = ("fall", "cascade", "run down", "runs down", "gush")
_JETS = ("fountain", "sprinkler", "jet", "spray", "hose")
_RIVER, _FALL = 0.055, 0.16
"""Photo widths a second at the subject's distance."""
_TRAVEL = 0.035
"""Photo widths that a copy travels before the other takes over."""
_HEADINGS = {"left": (-1.0, 0.0), "right": (1.0, 0.0), "in": (0.0, 1.0), "down": (0.0, 1.0), "up": (0.0, -1.0)}
_DROPS = 420


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Why this scene cannot show a cue."""
    if _is_jet(cue) or water.pool(stage, cue) is not None:
        return None
    return f'No running water was found in the photo for "{cue.words or cue.subject}".'


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Running water of each cue."""
    layers: list[LayerMotion] = []
    jets: list[_Jet] = []
    for cue in cues:
        pool = None if _is_jet(cue) else water.pool(stage, cue)
        if pool is not None:
            layers.append(LayerMotion(layer=pool.layer, flows=(_running(stage, cue, pool),)))
        elif _is_jet(cue):
            jets.append(_jet(stage, cue))
    return Part(layers=tuple(layers), overlays=tuple(jets))


def _says(cue: MotionCue, words: tuple[str, ...]) -> bool:
    return any(word in f"{cue.subject} {cue.words}".casefold() for word in words)


def _is_jet(cue: MotionCue) -> bool:
    return _says(cue, _JETS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Running:
    """Water of the photo that keeps running. See `motion.records.Flow`."""

    way: Floats
    """Travel in a second in photo coordinates, on the coarse grid, (rows, columns, 2)."""
    share: Floats
    phase: Floats
    period_s: float
    start_s: float
    presence: Callable[[float], float]
    reach: float
    step_px: int = 6

    def sources(self, points: Points, time_s: float) -> tuple[Points, Points, Floats, Floats]:
        """Two places for each point, the weight of the second, and how much flows."""
        age = np.float32(max(time_s - self.start_s, 0.0))
        ahead = shares.sample(self.phase, points) * np.float32(min(float(age), 1.0))
        cycle = age / np.float32(self.period_s) + np.float32(0.5) + ahead
        first = cycle - np.floor(cycle)
        second = cycle + np.float32(0.5)
        second -= np.floor(second)
        way = shares.sample(self.way, points) * np.float32(self.period_s)
        one = points - way * (first - np.float32(0.5))[..., None]
        two = points - way * (second - np.float32(0.5))[..., None]
        weight = np.asarray(1 - np.abs(2 * second - 1), np.float32)
        return one, two, weight, shares.sample(self.share, points) * np.float32(self.presence(time_s))


def _running(stage: Stage, cue: MotionCue, pool: Pool) -> _Running:
    falls = _says(cue, _FALLS)
    speed = (_FALL if falls else _RIVER) * cue.speed * (0.5 + 0.5 * cue.amount)
    way = _way(stage, cue, pool, falls=falls) * np.float32(speed)
    fastest = max(float(np.abs(way).max()), 1e-4)
    rows, columns = shares.coarse_shape(stage)
    tile = noise.tile(stage.shot.seed, "flow", "phase", slope=2.2)
    phase = cv2.resize(tile[:96, :128], (columns, rows), interpolation=cv2.INTER_CUBIC)
    period_s = float(np.clip(_TRAVEL / fastest, 0.6, 4.0))
    return _Running(
        way=way,
        share=pool.share,
        phase=shares.gentle(np.asarray(phase, np.float32), fastest * period_s),
        period_s=period_s,
        start_s=cue.start_s,
        presence=partial(shares.presence, stage, cue),
        reach=fastest * period_s,
    )


def _way(stage: Stage, cue: MotionCue, pool: Pool, *, falls: bool) -> Floats:
    """Direction and relative speed: down a fall; along a river's bed, nearer water faster; or as the cue says."""
    shape = pool.share.shape
    if falls:
        return np.broadcast_to(np.array([0.0, 1.0 / stage.aspect], np.float32), (*shape, 2)).copy()
    rows, columns = shape
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    _, _, q = pool.chart.metres(np.stack([x, y], axis=-1).astype(np.float32))
    near = np.clip(q, 0.06, 1.3)
    if cue.direction in _HEADINGS and cue.direction not in {"in", "down"}:
        right, low = _HEADINGS[cue.direction]
        way = np.stack([right * near, low * near**2], axis=-1)
    else:
        way = _along_bed(pool.share) * near[..., None]
        way[..., 1] *= near
    return np.asarray(way, np.float32)


def _along_bed(share: Floats) -> Floats:
    """The way down the middle of the water: towards the viewer, following how the middle of each row shifts."""
    rows, columns = share.shape
    weight = share.sum(axis=1)
    middle = (share * np.arange(columns)).sum(axis=1) / np.maximum(weight, 1e-3)
    known = np.flatnonzero(weight > 2)
    if len(known) < 3:
        lean = np.zeros(rows)
    else:
        row = np.interp(np.arange(rows), known, middle[known])
        lean = np.gradient(np.convolve(np.pad(row, 8, mode="edge"), np.ones(17) / 17, mode="valid"))
    lean = np.clip(lean, -2.0, 2.0)
    length = np.hypot(lean, 1.0)
    way = np.stack([lean / length, rows / columns / length * columns / rows], axis=-1)
    return np.asarray(np.repeat(way[:, None], columns, axis=1), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Jet:
    """Drops on their arcs, again and again. See `motion.records.Overlay`."""

    before: str | None
    place: tuple[float, float]
    q: float
    velocity: Floats
    """Photo widths a second at the nozzle to the right and up, shape (n, 2)."""
    delay_s: Floats
    life_s: Floats
    size: Floats
    gravity: float
    aspect: float
    colour: Floats
    presence: Callable[[float], float]
    start_s: float

    def at(self, time_s: float, shutter_s: float) -> Strokes | None:
        """The drops at one instant; they flash as they turn in the sun."""
        present = self.presence(time_s)
        if present <= 0:
            return None
        age = np.mod(time_s - self.start_s + self.delay_s, self.life_s).astype(np.float32)
        ends = [self._place(np.maximum(age - back, 0)) for back in (0.0, max(shutter_s, 1 / 90))]
        turn = np.sin(41 * self.delay_s + 23 * age)
        flash = np.float32(0.35) + np.float32(0.65) * np.maximum(turn, 0) ** 4
        young = shares.smooth_of(age, 0.0, 0.06) * shares.smooth_of(self.life_s - age, 0.0, 0.15)
        return Strokes(
            heads=ends[0],
            tails=ends[1],
            radius=self.size,
            colour=np.repeat(self.colour[None], len(age), axis=0),
            alpha=np.asarray(flash * young * np.float32(present), np.float32),
            softness=0.7,
        )

    def _place(self, age: Floats) -> Floats:
        x = self.place[0] + self.velocity[:, 0] * age
        y = self.place[1] - (self.velocity[:, 1] * age - self.gravity * age**2 / 2) / self.aspect
        return np.stack([x, y, np.full_like(x, self.q)], axis=-1).astype(np.float32)


def _jet(stage: Stage, cue: MotionCue) -> _Jet:
    """A fountain goes straight up; a sprinkler throws its drops in from a lower corner."""
    rng = randomness.generator(stage.shot.seed, "jet", cue.subject)
    upright = _says(cue, ("fountain",))
    place = shares.pointed(stage, cue.place, cue.point) or ((0.5, 0.8) if upright else (-0.06, 0.8))
    count = round(_DROPS * min(cue.amount, 2.0))
    gravity = 0.75
    rise = 0.62 * stage.aspect * cue.amount**0.3
    up = np.sqrt(2 * gravity * rise) * rng.normal(1.0, 0.09, count)
    across = rng.normal(0.0, 0.09, count) if upright else rng.normal(0.52, 0.16, count)
    light = np.quantile(shares.photo_small(stage).reshape(-1, 3), 0.97, axis=0)
    return _Jet(
        before=None,
        place=place,
        q=1.05,
        velocity=np.stack([across, up], axis=-1).astype(np.float32),
        delay_s=rng.uniform(0, 8, count).astype(np.float32),
        life_s=(2.15 * up / gravity).astype(np.float32),
        size=rng.uniform(0.0009, 0.0022, count).astype(np.float32),
        gravity=gravity,
        aspect=stage.aspect,
        colour=np.asarray(255 * np.clip(0.3 + 0.75 * light, 0, 1), np.float32),
        presence=partial(shares.presence, stage, cue),
        start_s=cue.start_s,
    )
