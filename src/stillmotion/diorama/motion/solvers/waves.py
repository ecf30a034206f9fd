"""Waves of the sea: they travel shorewards, crests catch the light, foam runs up the sand and drains away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion import glints, ripples, shares, surf, water
from stillmotion.diorama.motion.records import Part
from stillmotion.diorama.motion.ripples import Strength

if TYPE_CHECKING:
    from stillmotion.diorama.motion.records import LayerMotion, Overlay
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.motion.water import Pool
    from stillmotion.diorama.motion.waveforms import Swell
    from stillmotion.diorama.shot.records import MotionCue

VERBS = ("waves",)
_OPEN_SEA = Strength(gain=0.0034, shade=0.075, sparkle=0.12)
_CLEAN = Strength(gain=0.0034, shade=0.15, sparkle=0.12)
_SWELL = (0.16, 0.9, 6)
"""Shortest and longest wave in metres for each metre that the photo is wide at the subject, and how many."""
_CHOP = (0.02, 0.12, 8)
_CHOP_SHARE = 0.55
_FASTEST_HZ = 2.4


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Why this scene cannot show a cue."""
    if water.pool(stage, cue) is None:
        return f'No sea was found in the photo for "{cue.words or cue.subject}".'
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Swell, chop and surf. Several cues about the same water are one sea: the first one leads."""
    pools: dict[str, tuple[MotionCue, Pool]] = {}
    for cue in cues:
        pool = water.pool(stage, cue)
        if pool is not None:
            pools.setdefault(pool.layer, (cue, pool))
    layers = tuple(_motion(stage, cue, pool) for cue, pool in pools.values())
    overlays: list[Overlay] = [one for cue, pool in pools.values() for one in surf.foam(stage, cue, pool)]
    for cue, pool in pools.values():
        overlays += glints.on_water(stage, cue, pool, ripples.brightness(stage, pool.share))
    return Part(layers=layers, overlays=tuple(overlays))


def _motion(stage: Stage, cue: MotionCue, pool: Pool) -> LayerMotion:
    frequency = cue.physics.frequency_hz if cue.physics else None
    if frequency is None:
        swell = _sea(stage, cue)
    else:
        swell = ripples.single(frequency, cue.direction, stage.shot.world.gravity_m_s2)
    surface = ripples.Waves(swell=swell, water=pool, px_per_width=shares.px_per_width(stage))
    return ripples.on_water(stage, cue, pool, surface, _OPEN_SEA if frequency is None else _CLEAN)


def _sea(stage: Stage, cue: MotionCue) -> Swell:
    known = stage.shot.world.metres_per_width
    scale = water.LAKE_M if known is None else known
    lengths = [np.geomspace(*part[:2], int(part[2])) for part in (_SWELL, _CHOP)]
    slope = np.concatenate([np.ones(len(lengths[0])), np.full(len(lengths[1]), _CHOP_SHARE)])
    lengths_m = np.concatenate(lengths) * scale
    return ripples.spread(stage, cue, lengths_m=lengths_m, slope=slope, fan_deg=17.0, fastest_hz=_FASTEST_HZ)
