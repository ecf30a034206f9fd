"""Ripples: a lake shimmers, a drink trembles, rings spread."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import glints, rings, ripples, shares, water
from stillmotion.diorama.motion.records import LayerMotion, Part

if TYPE_CHECKING:
    from stillmotion.diorama.motion.ripples import Surface
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.motion.water import Pool
    from stillmotion.diorama.motion.waveforms import Swell
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("ripple",)
_GAIN, _CLEAN_GAIN, _RING_GAIN = 0.0014, 0.0028, 0.005
_SHADE, _RING_SHADE, _SPARKLE = 0.05, 0.14, 0.06
_CUP_GAIN, _CUP_SHADE = 0.009, 0.3
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
        return _motion(stage, cue, pool, surface, (_CLEAN_GAIN, _RING_SHADE))
    if pool.radius is not None:
        return _motion(stage, cue, pool, rings.of_cue(stage, cue, pool), (_CUP_GAIN, _CUP_SHADE))
    if _spreads(stage, cue) or not pool.open_air:
        surface = rings.of_cue(stage, cue, pool)
        return _motion(stage, cue, pool, surface, (_RING_GAIN, _RING_SHADE))
    return _motion(stage, cue, pool, _waves(stage, pool, _shimmer(stage, cue)), (_GAIN, _SHADE))


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


def _motion(stage: Stage, cue: MotionCue, pool: Pool, surface: Surface, strength: tuple[float, float]) -> LayerMotion:
    presence = partial(shares.presence, stage, cue)
    gain, shade = strength[0] * cue.amount, strength[1] * cue.amount
    warp = ripples.Shiver(
        surface=surface,
        share=ripples.receding(stage, pool),
        presence=presence,
        gain=gain,
        aspect=stage.aspect,
        reach=4 * gain,
    )
    light = ripples.Glitter(
        surface=surface,
        share=pool.share,
        bright=ripples.brightness(stage, pool.share),
        presence=presence,
        shade=shade,
        sparkle=_SPARKLE * cue.amount,
    )
    return LayerMotion(layer=pool.layer, warps=(warp,), lights=(light,))
