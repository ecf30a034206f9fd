"""Smoke and steam: they rise from a place, curl, lean with the wind and fade; a rocket's exhaust billows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import gust, randomness
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import outlets, plume, shares
from stillmotion.diorama.motion.records import Part

if TYPE_CHECKING:
    from stillmotion.diorama.motion.outlets import Outlet
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
VERBS = ("smoke", "steam")
_BEFORE_S = 3.0
_WIDE = 0.08
"""Half width of an opening, in photo widths, over which more than three strands rise."""
_COLUMNS = 112
_DARK = ("dark", "black", "sooty")
_THICK = ("thick", "dense", "heavy")


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Why this scene cannot show a cue."""
    if outlets.outlet(stage, cue) is None:
        return f'Nothing in the photo was found that "{cue.words or cue.subject}" could rise from.'
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """A plume for each cue; two cues at one place are one plume."""
    plumes: dict[tuple[str, float, float], plume.Plume] = {}
    for cue in cues:
        outlet = outlets.outlet(stage, cue)
        if outlet is None:
            continue
        key = (cue.verb, round(outlet.x, 2), round(outlet.y, 2))
        plumes.setdefault(key, _exhaust(stage, cue, outlet) if outlet.jet else _rising(stage, cue, outlet))
    return Part(overlays=tuple(plumes.values()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Wisps:
    """A source as wide as its opening, whose strength wanders along it."""

    shape: tuple[int, int]
    row: float
    column: float
    radius: tuple[float, float]
    strength: float
    lift: float
    """Cells a second upwards at the opening."""
    centres: Floats
    rates: Floats
    phases: Floats

    def __call__(self, time_s: float) -> tuple[Floats, Floats, Floats]:
        """Density a second and driven velocity, see `plume.Recipe.source`."""
        rows, columns = self.shape
        y = (np.arange(rows, dtype=np.float32)[:, None] - np.float32(self.row)) / np.float32(self.radius[1])
        x = (np.arange(columns, dtype=np.float32)[None] - np.float32(self.column)) / np.float32(self.radius[0])
        added = np.zeros(self.shape, np.float32)
        for centre, rate, phase in zip(self.centres, self.rates, self.phases, strict=True):
            sway = np.float32(centre + 0.3 * np.sin(1.3 * rate * time_s + 2 * phase))
            power = max(0.0, 0.55 + 0.45 * np.sin(rate * time_s + phase))
            added += np.float32(power) * np.exp(-(((x - sway) / np.float32(0.3)) ** 2) - y * y)
        added *= np.float32(self.strength)
        sideways = np.full(self.shape, np.float32(0.25 * self.lift * np.sin(1.7 * time_s)))
        return added, sideways, np.full(self.shape, np.float32(-self.lift))


def _rising(stage: Stage, cue: MotionCue, outlet: Outlet) -> plume.Plume:
    """Steam over a cup, smoke over a chimney."""
    steam = cue.verb == "steam"
    height = float(np.clip((6.5 if steam else 9.0) * outlet.radius * stage.aspect**-1, 0.28, 0.85))
    half = max(2.6 * outlet.radius, 0.42 * height * stage.aspect)
    box = Box(x0=outlet.x - half, x1=outlet.x + half, y0=outlet.y - height, y1=outlet.y + 0.10 * height)
    per_cell = (box.x1 - box.x0) / _COLUMNS
    rows = max(round((box.y1 - box.y0) * stage.aspect / per_cell), 24)
    speed = (0.16 if steam else 0.11) * cue.speed / per_cell
    frames = plume.simulate(
        plume.Recipe(
            shape=(rows, _COLUMNS),
            seconds=stage.shot.duration_s - min(cue.start_s, stage.shot.duration_s - 0.5),
            before_s=_BEFORE_S if cue.start_s < 0.3 else 0.0,
            source=_wisps(stage, cue, outlet, (rows, per_cell), speed),
            buoyancy=(4.5 if steam else 3.0) * speed,
            curl=5.0 if steam else 7.0,
            fading_s=(2.6 if steam else 3.6 * _thickness(cue) ** 0.5) / max(cue.speed, 0.4),
            wind=partial(_wind, stage, cue, per_cell),
        )
    )
    return plume.Plume(
        before=outlet.before,
        frames=frames,
        start_s=cue.start_s,
        window=plume.window(rows, _COLUMNS, top=0.45, bottom=0.07),
        colour=_colour(stage, cue),
        opacity=min((0.72 if steam else 0.85 * _thickness(cue)) * cue.amount, 0.95),
        glow=0.3 if steam else 0.0,
        relief=0.3 if steam else 0.7,
        presence=partial(shares.presence, stage, cue, rise_s=1.0 if cue.start_s < 0.3 else 0.3, fall_s=1.2),
        box=box,
        plane=Plane(constant=outlet.q),
    )


def _wisps(stage: Stage, cue: MotionCue, outlet: Outlet, grid: tuple[int, float], speed: float) -> _Wisps:
    rows, per_cell = grid
    rng = randomness.generator(stage.shot.seed, "plume", cue.verb, cue.subject)
    count = 4 if cue.verb == "steam" else 3 if outlet.radius < _WIDE else 6
    radius = max(outlet.radius / per_cell, 2.0)
    return _Wisps(
        shape=(rows, _COLUMNS),
        row=rows * (1 - 0.10 / 1.10),
        column=_COLUMNS / 2,
        radius=(radius, max(0.3 * radius, 1.5)),
        strength=4.5 if cue.verb == "steam" else 7.0 * _thickness(cue),
        lift=speed,
        centres=np.linspace(-0.65, 0.65, count).astype(np.float32),
        rates=rng.uniform(0.9, 2.4, count).astype(np.float32),
        phases=rng.uniform(0, 2 * np.pi, count).astype(np.float32),
    )


def _thickness(cue: MotionCue) -> float:
    return 2.8 if any(word in f"{cue.subject} {cue.words}".casefold() for word in _THICK) else 1.0


def _wind(stage: Stage, cue: MotionCue, per_cell: float, time_s: float) -> float:
    """Air drifts with the gusts, and the way the cue says."""
    towards = {"left": -1.0, "right": 1.0}.get(cue.direction, 0.22)
    strength = float(gust.strength(stage.shot.seed, time_s))
    return 0.035 * towards * strength / per_cell


def _colour(stage: Stage, cue: MotionCue) -> Floats:
    """White steam, grey or dark smoke, in the light of the photo."""
    small = shares.photo_small(stage).reshape(-1, 3)
    light = np.quantile(small, 0.9, axis=0)
    light = 0.3 * light + 0.7 * float(light.mean())
    if cue.verb == "steam":
        return np.asarray(255 * np.clip(0.35 + 0.65 * light, 0, 1), np.float32)
    dark = any(word in f"{cue.subject} {cue.words}".casefold() for word in _DARK)
    return np.asarray(255 * light * (0.3 if dark else 0.72), np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Jet:
    """Exhaust that leaves a nozzle downwards and swells over the ground."""

    added: Floats
    right: Floats
    down: Floats
    start_s: float

    def __call__(self, time_s: float) -> tuple[Floats, Floats, Floats]:
        """See `plume.Recipe.source`."""
        power = np.float32(shares.smooth(time_s, -0.1, 0.4))
        columns = self.added.shape[1]
        x = np.arange(columns, dtype=np.float32)[None]
        puffs = (
            0.55 + 0.5 * np.sin(0.8 * x + 11 * time_s) * np.sin(7.3 * time_s + 0.31 * x) + 0.4 * np.sin(19.0 * time_s)
        )
        swing = np.float32(1 + 0.35 * np.sin(8.1 * time_s) * np.sin(3.3 * time_s))
        return np.asarray(self.added * np.maximum(power * puffs, 0), np.float32), self.right * swing, self.down


def _exhaust(stage: Stage, cue: MotionCue, outlet: Outlet) -> plume.Plume:
    """Smoke that hits the ground under a rocket, spreads, and billows up; lit by the flame near it."""
    half, height = 0.6, 0.72
    box = Box(x0=outlet.x - half, x1=outlet.x + half, y0=outlet.ground_y - height, y1=outlet.ground_y + 0.035)
    columns = 264
    per_cell = 2 * half / columns
    rows = round((box.y1 - box.y0) * stage.aspect / per_cell)
    jet = _jet(outlet, rows, columns, per_cell, cue)
    frames = plume.simulate(
        plume.Recipe(
            shape=(rows, columns),
            seconds=stage.shot.duration_s - min(cue.start_s, stage.shot.duration_s - 0.5),
            before_s=0.0,
            source=jet,
            swelling=3.2,
            buoyancy=11.0,
            curl=26.0,
            fading_s=5.0,
            wind=partial(_wind, stage, cue, per_cell * 3),
        )
    )
    return plume.Plume(
        before=outlet.before,
        frames=frames,
        start_s=cue.start_s,
        window=plume.window(rows, columns, top=0.25, sides=0.12, bottom=0.06),
        colour=_lit(stage, outlet, rows, columns, per_cell),
        opacity=min(0.93 * cue.amount, 0.97),
        glow=0.0,
        relief=0.55,
        presence=partial(shares.presence, stage, cue, rise_s=0.2, fall_s=1.5),
        box=box,
        plane=Plane(constant=outlet.q),
    )


def _jet(outlet: Outlet, rows: int, columns: int, per_cell: float, cue: MotionCue) -> _Jet:
    y = np.arange(rows, dtype=np.float32)[:, None] - np.float32(rows - 4)
    x = np.arange(columns, dtype=np.float32)[None] - np.float32(columns / 2)
    width = max(outlet.radius / per_cell, 2.0)
    spot = np.exp(-((x / np.float32(1.6 * width)) ** 2) - (y / 3.0) ** 2)
    apart = np.tanh(x / np.float32(width)) * np.float32(105 * cue.speed)
    return _Jet(
        added=np.asarray(spot * np.float32(26.0 * cue.amount), np.float32),
        right=np.asarray(apart + 0 * y, np.float32),
        down=np.full((rows, columns), np.float32(-6.0)),
        start_s=cue.start_s,
    )


def _lit(stage: Stage, outlet: Outlet, rows: int, columns: int, per_cell: float) -> Floats:
    """Grey of the scene's light, orange near the flame."""
    small = shares.photo_small(stage).reshape(-1, 3)
    day = np.quantile(small, 0.8, axis=0)
    grey = np.clip(0.14 + 0.7 * (0.4 * day + 0.6 * float(day.mean())), 0.2, 0.85)
    y = (np.arange(rows)[:, None] - (rows - 6)) * per_cell
    x = (np.arange(columns)[None] - columns / 2) * per_cell
    near = np.exp(-np.hypot(x, 1.2 * y) / max(3.0 * outlet.radius, 0.07))[..., None]
    fire = np.array([1.0, 0.66, 0.30])
    return np.asarray(255 * ((1 - near) * grey + near * fire), np.float32)
