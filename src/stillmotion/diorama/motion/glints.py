"""Sun on ripples: points of light that flash up on water and are gone, most where the photo's water is brightest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import particles, shares
from stillmotion.diorama.motion.ambient import ambient
from stillmotion.diorama.motion.records import Strokes

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.motion.water import Pool
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
_MOST, _PER_AREA = 900, 6000
"""Places that may flash: at most, and if water filled the picture."""
_PERIOD_S, _LIFE_S = (0.9, 2.6), (0.18, 0.5)
_LENGTH, _HEIGHT = 0.0022, 0.00045
"""Half length and half height of a glint at the subject's distance, in photo widths."""
_NIGHT = 0.45


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glints:
    """Short level dashes of added light. See `motion.records.Overlay`."""

    before: str | None
    key: int
    places: Floats
    """x, y, q, shape (n, 3)."""
    length: Floats
    """Half length in photo widths, shape (n,)."""
    height: Floats
    strength: Floats
    period_s: Floats
    life_s: Floats
    colour: Floats
    presence: Callable[[float], float]

    def at(self, time_s: float, shutter_s: float) -> Strokes | None:  # noqa: ARG002 - gone before they move
        """Those that flash at one instant; each time a little elsewhere."""
        index = np.arange(len(self.places), dtype=np.int64)
        lived = particles.lives(time_s, self.period_s, particles.hashed(self.key, index, 0 * index, 0))
        age = lived.age_s / self.life_s
        alpha = self.strength * np.sin(np.pi * np.minimum(age, 1)) * np.float32(self.presence(time_s))
        keep = alpha > 0.01
        if not keep.any():
            return None
        cycle = lived.cycle[keep]
        middle = self.places[keep].copy()
        for axis, reach in ((0, 4.0 * self.length[keep]), (1, 6.0 * self.height[keep])):
            middle[:, axis] += reach * (2 * particles.hashed(self.key, index[keep], cycle, 1 + axis) - 1)
        half = self.length[keep] * (0.5 + particles.hashed(self.key, index[keep], cycle, 3))
        ends = np.stack([half, np.zeros_like(half), np.zeros_like(half)], axis=1)
        return Strokes(
            heads=middle + ends,
            tails=middle - ends,
            radius=self.height[keep],
            colour=np.broadcast_to(self.colour, (len(half), 3)),
            alpha=alpha[keep],
            softness=0.8,
            adds=True,
        )


def on_water(stage: Stage, cue: MotionCue, pool: Pool, bright: Floats) -> tuple[Glints, ...]:
    """Glints all over open water in the light; none on a drink or where too little water is seen.

    Args:
        stage: the shot.
        cue: its amount and its span count.
        pool: the water.
        bright: where the photo's water is brightest, on the coarse grid.
    """
    seen = pool.share * shares.visible(stage, stage.scene.layer(pool.layer))
    seen = seen * (seen > 0.5)
    count = min(round(_PER_AREA * float(seen.mean())), _MOST)
    if not pool.open_air or count < 8:
        return ()
    rng = randomness.generator(stage.shot.seed, "glints", cue.verb, pool.layer)
    if pool.mirror is not None:
        seen = seen * pool.mirror
    odds = (seen * (0.08 + bright / max(float(bright.max()), 0.05))).ravel().astype(np.float64)
    cells = rng.choice(odds.size, count, p=odds / odds.sum())
    rows, columns = np.divmod(cells, seen.shape[1])
    places = (np.stack([columns / seen.shape[1], rows / seen.shape[0]], axis=1) + 0.002).astype(np.float32)
    _, _, q = pool.chart.metres(places[None])
    near = np.clip(q[0], 0.12, 1.5)
    depth = [stage.scene.layer(pool.layer).plane.inverse_depth(*place) for place in places.tolist()]
    level = ambient(stage.scene)
    return (
        Glints(
            before=shares.in_front_of(stage, pool.layer),
            key=particles.key(stage.shot.seed, "glints", pool.layer),
            places=np.column_stack([places, np.asarray(depth, np.float32)]),
            length=(_LENGTH * np.maximum(near, 0.3)).astype(np.float32),
            height=(_HEIGHT * np.maximum(near, 0.5)).astype(np.float32),
            strength=(_strength(stage, cue, bright) * rng.uniform(0.3, 1.0, count)).astype(np.float32),
            period_s=rng.uniform(*_PERIOD_S, count).astype(np.float32),
            life_s=rng.uniform(*_LIFE_S, count).astype(np.float32),
            colour=np.asarray(0.5 * level.bright + 0.5 * float(level.bright.max()), np.float32),
            presence=partial(shares.presence, stage, cue),
        ),
    )


def _strength(stage: Stage, cue: MotionCue, bright: Floats) -> float:
    """Less on pale, even water, and at night."""
    lively = 0.4 + 0.6 * float(bright.max())
    return float(np.clip(0.55 * cue.amount, 0, 0.9)) * lively * (_NIGHT if stage.scene.night else 1.0)
