"""Ripples: a lake shimmers, a drink trembles, rings spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import glints, rings, ripples, shares, water
from stillmotion.diorama.motion.records import Part
from stillmotion.diorama.motion.ripples import Strength

if TYPE_CHECKING:
    from stillmotion.diorama.motion.records import LayerMotion
    from stillmotion.diorama.motion.ripples import Surface
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.motion.water import Pool
    from stillmotion.diorama.motion.waveforms import Swell
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("ripple",)
_SHIMMER = Strength(gain=0.0014, shade=0.05, sparkle=0.06)
_CLEAN = Strength(gain=0.0028, shade=0.14, sparkle=0.06)
_RINGS = Strength(gain=0.005, shade=0.14, sparkle=0.06)
_IN_A_CUP = Strength(gain=0.009, shade=0.3, sparkle=0.06)
_LENGTHS = (0.012, 0.8, 14)
"""Shortest and longest wave in metres for each metre that the photo is wide at the subject, and how many."""
_FASTEST_HZ = 2.6
_RING_WORDS = frozenset({"ring", "rings", "drop", "drops", "thud", "thump", "drip", "drips"})


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Why this scene cannot show a cue."""
    if water.pool(stage, cue) is None:
        return f'No water was found in the photo for "{cue.words or cue.subject}".'
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Waves on the water of each cue; of several cues on one layer all are seen."""
    found = [(cue, pool) for cue in cues if (pool := water.pool(stage, cue)) is not None]
    shimmering = {pool.layer: (cue, pool) for cue, pool in found if _shimmers(stage, cue, pool)}
    return Part(
        layers=tuple(_of(stage, cue, pool) for cue, pool in found),
        overlays=tuple(
            one
            for cue, pool in shimmering.values()
            for one in glints.on_water(stage, cue, pool, ripples.brightness(stage, pool.share))
        ),
    )


def _shimmers(stage: Stage, cue: MotionCue, pool: Pool) -> bool:
    """Open water under the wind, not rings and not one clean wave."""
    clean = cue.physics is not None and cue.physics.frequency_hz is not None
    return pool.open_air and pool.radius is None and not clean and not _spreads(stage, cue)


def _of(stage: Stage, cue: MotionCue, pool: Pool) -> LayerMotion:
    frequency = cue.physics.frequency_hz if cue.physics else None
    if frequency is not None:
        surface: Surface = _waves(stage, pool, ripples.single(frequency, cue.direction, stage.shot.world.gravity_m_s2))
        return ripples.on_water(stage, cue, pool, surface, _CLEAN)
    if pool.radius is not None:
        return ripples.on_water(stage, cue, pool, rings.of_cue(stage, cue, pool), _IN_A_CUP)
    if _spreads(stage, cue) or not pool.open_air:
        return ripples.on_water(stage, cue, pool, rings.of_cue(stage, cue, pool), _RINGS)
    return ripples.on_water(stage, cue, pool, _waves(stage, pool, _shimmer(stage, cue)), _SHIMMER)


def _spreads(stage: Stage, cue: MotionCue) -> bool:
    words = f"{cue.words} {cue.subject}".casefold().split()
    return shares.pointed(stage, cue.point) is not None or not _RING_WORDS.isdisjoint(words)


def _shimmer(stage: Stage, cue: MotionCue) -> Swell:
    known = stage.shot.world.metres_per_width
    shortest, longest, count = _LENGTHS
    lengths_m = np.geomspace(shortest, longest, count) * (water.LAKE_M if known is None else known)
    slope = np.linspace(1.0, 0.7, count)
    return ripples.spread(stage, cue, lengths_m=lengths_m, slope=slope, fan_deg=42.0, fastest_hz=_FASTEST_HZ)


def _waves(stage: Stage, pool: Pool, swell: Swell) -> Surface:
    return ripples.Waves(swell=swell, water=pool, px_per_width=shares.px_per_width(stage))
