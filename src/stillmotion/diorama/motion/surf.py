"""Foam on a shore: it runs up with every breaker, lies as a lace and drains back. The sound reads the same breakers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import swell
from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import noise, shares
from stillmotion.diorama.motion.records import Veil
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.motion.water import Pool
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
_COLUMNS = 256
_RUN_UP, _LINE = 0.035, 0.010
"""How far foam runs up the sand and how thick its edge is, in photo heights."""
_LEAST_SHORE, _LOWEST = 0.25, 0.97


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Foam:
    """A lacy white edge along the lower border of the water. See `motion.records.Overlay`."""

    before: str | None
    shore: Floats
    """Row of the water's lower edge in photo heights for each column of the picture, shape (columns,)."""
    there: Floats
    """How much of a shore there is in each column, 0..1."""
    waves: tuple[swell.Breaker, ...]
    lace: Floats
    colour: Floats
    presence: Callable[[float], float]
    box: Box
    plane: Plane
    amount: float

    def at(self, time_s: float, shutter_s: float) -> Veil | None:
        """Foam at one instant."""
        del shutter_s
        present = self.presence(time_s) * self.amount
        if present <= 0:
            return None
        columns = len(self.shore)
        rows = max(round(columns * self.box.height * 1.4), 24)
        y = np.linspace(self.box.y0, self.box.y1, rows, dtype=np.float32)[:, None]
        down = y - self.shore
        alpha = np.zeros((rows, columns), np.float32)
        for wave in self.waves:
            self._add(alpha, down, wave, time_s)
        alpha = np.clip(alpha * self.there * np.float32(present), 0, 0.92)
        return Veil(rgba=premultiplied(alpha, self.colour), box=self.box, plane=self.plane)

    def _add(self, alpha: Floats, down: Floats, wave: swell.Breaker, time_s: float) -> None:
        """One breaker: its front runs up in a second, drains in three, and thins while it does."""
        x = np.linspace(-1, 1, alpha.shape[1], dtype=np.float32)
        age = np.float32(time_s - wave.time_s) - np.float32(0.25 * wave.lean) * x
        reach = np.where(age < 1.3, np.sin(np.clip(age / 1.3, 0, 1) * np.pi / 2), np.exp(-(age - 1.3) / 1.9))
        fade = shares.smooth_of(age, 0.0, 0.35) * np.exp(-np.maximum(age - 1.5, 0) / 1.6)
        if float(fade.max()) < 0.01:
            return
        u = np.broadcast_to((x * 2.5)[None], down.shape)
        wobble = noise.read(
            self.lace, u[:1] * np.float32(0.35), np.full_like(u[:1], np.float32(wave.time_s * 0.37 % 1))
        )
        front = (np.float32(_RUN_UP * wave.strength) * reach * (1 + 0.25 * wobble[0])).astype(np.float32)
        depth = front - down
        edge = np.exp(-((depth / np.float32(_LINE * 0.5)) ** 2))
        v = np.asarray(down / np.float32(0.08) - np.float32(0.15) * age, np.float32)
        lace = shares.smooth_of(np.abs(noise.read(self.lace, np.ascontiguousarray(u), v)), 0.9, 0.1)
        body = shares.smooth_of(depth, 0.0, _LINE) * shares.smooth_of(-depth, -0.075, -0.02)
        alpha += fade * np.maximum(edge * np.float32(0.85), body * lace * np.float32(0.6))


def premultiplied(alpha: Floats, colour: Floats) -> NDArray[np.uint8]:
    """A picture of one colour (sRGB 0..255) and varying alpha."""
    rgba = np.empty((*alpha.shape, 4), np.float32)
    rgba[..., :3] = alpha[..., None] * colour
    rgba[..., 3] = alpha * 255
    return np.asarray(rgba + np.float32(0.5), np.uint8)


def foam(stage: Stage, cue: MotionCue, pool: Pool) -> tuple[Foam, ...]:
    """Foam where the water of a cue ends on land in the lower part of the picture; empty when it ends nowhere."""
    seen = pool.share * shares.visible(stage, stage.scene.layer(pool.layer))
    shore, there = shore_line(seen, _sand(stage, seen))
    if float(there.mean()) < _LEAST_SHORE or pool.radius is not None:
        return ()
    top = max(float(shore[there > 0.5].min()) - 0.1, 0.0)
    bottom = min(float(shore[there > 0.5].max()) + 0.08, 1.0)
    small = shares.photo_small(stage)
    bright = np.quantile(small[seen > 0.3], 0.97, axis=0) if (seen > 0.3).any() else np.ones(3)
    colour = np.asarray(255 * (0.25 * bright + 0.75 * float(bright.max())), np.float32)
    return (
        Foam(
            before=shares.in_front_of(stage, pool.layer),
            shore=shore,
            there=there,
            waves=swell.breakers(stage.shot.seed, stage.shot.duration_s),
            lace=noise.tile(stage.shot.seed, "foam", size=256, slope=1.35, coarsest=3),
            colour=colour,
            presence=partial(shares.presence, stage, cue),
            box=Box(x0=0.0, y0=top, x1=1.0, y1=bottom),
            plane=stage.scene.layer(pool.layer).plane,
            amount=min(cue.amount, 1.3),
        ),
    )


def _sand(stage: Stage, seen: Floats) -> Floats:
    """Ground that is seen and is not water: where foam may run up."""
    flat = [layer for layer in stage.scene.layers if layer.surface in {Surface.GROUND, Surface.SUPPORT, Surface.WATER}]
    land = sum((shares.visible(stage, layer) for layer in flat), np.zeros_like(seen))
    return np.asarray(land * (1 - seen), np.float32)


def shore_line(seen: Floats, sand: Floats) -> tuple[Floats, Floats]:
    """Row of the lowest water in every column, and whether it is a shore there.

    Args:
        seen: how much of each place is water, shape (rows, columns).
        sand: how much of each place is flat ground.
    """
    wet = seen > 0.4
    has = wet.any(axis=0)
    last = seen.shape[0] - 1 - np.argmax(wet[::-1], axis=0)
    row = ((last + 1) / seen.shape[0]).astype(np.float32)
    # A shore in perspective is level or a gentle slant; jumps are things that stand in the water.
    level = np.abs(np.gradient(row)) < 0.012
    thick = wet.sum(axis=0) > 0.04 * seen.shape[0]
    below = np.minimum(last[None] + np.arange(2, 7)[:, None], seen.shape[0] - 1)
    land = np.take_along_axis(sand, below, axis=0).mean(axis=0) > 0.6
    there = (has & level & thick & land & (row < _LOWEST)).astype(np.float32)
    columns = np.linspace(0, len(row) - 1, _COLUMNS)
    soft = np.convolve(np.pad(there, 4, mode="edge"), np.ones(9) / 9, mode="valid")
    known = np.flatnonzero(there > 0)
    filled = np.interp(np.arange(len(row)), known, row[known]) if len(known) else row
    smooth_row = np.convolve(np.pad(filled, 6, mode="edge"), np.ones(13) / 13, mode="valid")
    return (
        np.interp(columns, np.arange(len(row)), smooth_row).astype(np.float32),
        np.interp(columns, np.arange(len(row)), soft).astype(np.float32),
    )
