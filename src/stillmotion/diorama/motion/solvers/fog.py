"""Fog and mist: soft banks between the layers, thicker far away and near the ground, rolling in as a cue says."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import noise, shares
from stillmotion.diorama.motion.records import Part, Veil
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
VERBS = ("fog",)
_COLUMNS, _ROWS = 144, 84
_BOX = Box(x0=-0.12, y0=-0.12, x1=1.12, y1=1.12)
_BANKS_MOST = 3
_UNSEEN = 0.004
_DENSITY = (0.82, 0.6, 0.34)
"""Opacity of the thickest place of the banks, far to near."""
_ALL_NEAR = 0.3
"""Opacity that the nearest bank has more where most of the picture is one near layer: a slope, a field."""
_WORDS_THIN = ("mist", "haze", "fine", "light", "thin", "breath")
_ROLLS = ("roll", "creep", "come", "drift in", "spread", "move", "sweep", "envelop")


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Fog can lie over anything."""
    del stage, cue
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Banks of fog for each cue."""
    return Part(overlays=tuple(bank for cue in cues for bank in _banks(stage, cue)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Bank:
    """One sheet of fog. See `motion.records.Overlay`."""

    before: str | None
    plane: Plane
    tile: Floats
    profile: Floats
    """How thick the fog lies at each place, 0..1, shape (rows, columns)."""
    colour: Floats
    density: float
    drift: float
    """Photo widths a second to the right."""
    grain: float
    """Size of the billows in photo widths."""
    front: Callable[[float], tuple[float, float]]
    """How far the fog has come, 0..1, and how much there is of it, at a time."""
    side: float
    """-1 it comes from the right, 1 from the left, 0 from afar."""
    offset: float

    def at(self, time_s: float, shutter_s: float) -> Veil | None:
        """The bank at one instant."""
        del shutter_s
        come, present = self.front(time_s)
        if present <= 0:
            return None
        x = np.linspace(_BOX.x0, _BOX.x1, _COLUMNS, dtype=np.float32)[None]
        y = np.linspace(_BOX.y0, _BOX.y1, _ROWS, dtype=np.float32)[:, None]
        billows = self._billows(x, y, time_s)
        arrived = self._arrived(x, y, come, billows)
        clear = np.float32(0.42 + 0.58 * present)
        lumpy = np.clip(clear + np.float32(0.34) * billows, 0.12, 1.15)
        alpha = np.clip(self.profile * lumpy * arrived * np.float32(self.density * present), 0, 0.96)
        alpha, box = _trimmed(alpha)
        if not alpha.size:
            return None
        rgba = np.empty((*alpha.shape, 4), np.float32)
        rgba[..., :3] = alpha[..., None] * self.colour
        rgba[..., 3] = alpha * 255
        return Veil(rgba=np.asarray(rgba + np.float32(0.5), np.uint8), box=box, plane=self.plane)

    def _billows(self, x: Floats, y: Floats, time_s: float) -> Floats:
        """Three octaves of noise that drift at different speeds, so that the billows change as they go."""
        u = np.asarray((x - self.drift * time_s) / (4 * self.grain) + self.offset + 0 * y, np.float32)
        v = np.asarray(y / (1.7 * self.grain) + 0.013 * time_s + 0 * x, np.float32)
        slow = np.float32(self.drift * time_s * 0.12)
        field = noise.read(self.tile, u, v)
        field += np.float32(0.5) * noise.read(self.tile, u * 2 - slow, v * 2 + np.float32(0.03 * time_s))
        field += np.float32(0.17) * noise.read(self.tile, u * 4 + slow, v * 4 - np.float32(0.05 * time_s))
        return np.asarray(field * np.float32(0.8), np.float32)

    def _arrived(self, x: Floats, y: Floats, come: float, billows: Floats) -> Floats:
        """Where the front has passed: a wide, lumpy edge."""
        if self.side == 0:
            return np.ones_like(billows)
        along = x if self.side > 0 else 1 - x
        lead = np.float32(-0.28 + 1.6 * come) - along - np.float32(0.15) * (np.float32(0.7) - y)
        return shares.smooth_of(lead + np.float32(0.1) * billows, -0.3, 0.3)


def _trimmed(alpha: Floats) -> tuple[Floats, Box]:
    """The part of a picture over `_BOX` that holds anything, with an empty border, and where it lies."""
    rows, columns = (np.flatnonzero(alpha.max(axis=axis) > _UNSEEN) for axis in (1, 0))
    if not len(rows):
        return alpha[:0], _BOX
    top, bottom = max(int(rows[0]) - 1, 0), min(int(rows[-1]) + 2, _ROWS)
    left, right = max(int(columns[0]) - 1, 0), min(int(columns[-1]) + 2, _COLUMNS)
    box = Box(
        x0=_BOX.x0 + _BOX.width * left / _COLUMNS,
        x1=_BOX.x0 + _BOX.width * right / _COLUMNS,
        y0=_BOX.y0 + _BOX.height * top / _ROWS,
        y1=_BOX.y0 + _BOX.height * bottom / _ROWS,
    )
    return alpha[top:bottom, left:right], box


def _banks(stage: Stage, cue: MotionCue) -> list[_Bank]:
    """Up to three sheets: in the distance, before the subject, and a thin one nearest to the viewer."""
    layers = stage.scene.layers
    gaps = [(layers[index].name, _gap(stage, index)) for index in range(1, len(layers))]
    gaps = gaps[-(_BANKS_MOST - 1) :] if len(gaps) >= _BANKS_MOST else gaps
    places: list[tuple[str | None, float]] = [*gaps, (None, 1.25)]
    near = _DENSITY[-1] + _ALL_NEAR * shares.smooth(float(shares.visible(stage, layers[-1]).mean()), 0.35, 0.85)
    scales = (*_DENSITY[-len(places) : -1], near) if len(places) > 1 else (0.62,)
    horizon = _horizon(stage)
    return [
        _bank(stage, cue, index, (before, q), density=scale, horizon=horizon)
        for index, ((before, q), scale) in enumerate(zip(places, scales, strict=True))
    ]


def _gap(stage: Stage, index: int) -> float:
    """Inverse depth halfway between a layer and the one behind it."""
    pair = (stage.scene.layers[index], stage.scene.layers[index - 1])
    ahead, behind = (layer.plane.inverse_depth(0.5, 0.7) for layer in pair)
    return float(np.clip((ahead + behind) / 2, 0.1, 1.2))


def _horizon(stage: Stage) -> float:
    if stage.scene.horizon_y is not None:
        return stage.scene.horizon_y
    water = [layer for layer in stage.scene.layers if layer.surface in {Surface.WATER, Surface.GROUND}]
    return water[0].top_px / stage.scene.size_px[1] if water else 0.35


def _bank(
    stage: Stage, cue: MotionCue, index: int, place: tuple[str | None, float], *, density: float, horizon: float
) -> _Bank:
    before, q = place
    thin = any(word in f"{cue.subject} {cue.words}".casefold() for word in _WORDS_THIN)
    side = _side(cue)
    wind = {"left": -1.0, "right": 1.0}.get(cue.direction, side or 1.0)
    return _Bank(
        before=before,
        plane=Plane(constant=q),
        tile=noise.tile(stage.shot.seed, "fog", index, slope=2.1),
        profile=_profile(horizon, near=before is None, fills=stage.scene.horizon_y is None),
        colour=_colour(stage),
        density=min(density * cue.amount * (0.6 if thin else 1.0), 0.95),
        drift=wind * 0.045 * cue.speed * (0.45 + 0.55 * q),
        grain=0.16 + 0.14 * q,
        front=partial(_front, stage, cue),
        side=side,
        offset=0.37 * index,
    )


def _side(cue: MotionCue) -> float:
    """Which side fog comes in from: 1 the left, -1 the right, 0 it thickens everywhere."""
    if not any(word in cue.words.casefold() for word in _ROLLS):
        return 0.0
    return {"left": -1.0, "right": 1.0}.get(cue.direction, 1.0 if cue.direction in {"", "in"} else 0.0)


def _front(stage: Stage, cue: MotionCue, time_s: float) -> tuple[float, float]:
    """Share of its way that the front has come and how much fog there is."""
    end = stage.end_s(cue)
    length = max((end - cue.start_s) * 0.92 / max(cue.speed, 0.5) ** 0.5, 0.5)
    part = min(max((time_s - cue.start_s) / length, 0.0), 1.0)
    grown = shares.smooth(part, -0.15, 0.62 if _side(cue) else 1.0)
    return part, grown * shares.presence(stage, cue, time_s, rise_s=0.4, fall_s=1.5)


def _profile(horizon: float, *, near: bool, fills: bool) -> Floats:
    """Fog lies on the ground: thickest about the horizon, gone high in the sky; the nearest bank hugs the bottom."""
    y = np.linspace(_BOX.y0, _BOX.y1, _ROWS, dtype=np.float32)[:, None] * np.ones((1, _COLUMNS), np.float32)
    if near:
        low = shares.smooth_of(y, min(horizon, 0.7), 1.0)
        middle = shares.smooth_of(y, horizon - 0.2, horizon + 0.05)
        return np.asarray(np.float32(0.1) + np.float32(0.55) * middle + np.float32(0.35) * low, np.float32)
    above = shares.smooth_of(y, horizon - 0.3, horizon + 0.02)
    below = 1 - np.float32(0.3) * shares.smooth_of(y, horizon + 0.05, 1.0)
    return np.asarray(np.maximum(above * below, 0.35 if fills else 0.0), np.float32)


def _colour(stage: Stage) -> Floats:
    """The light of the sky near the horizon, paler; dim at night."""
    small = shares.photo_small(stage)
    row = int(_horizon(stage) * small.shape[0])
    band = small[max(row - small.shape[0] // 6, 0) : max(row, 8)].reshape(-1, 3)
    light = np.quantile(band, 0.88, axis=0)
    grey = float(light.mean())
    pale = 0.45 * light + 0.55 * grey
    lift = 0.08 if stage.scene.night else 0.16
    top = 0.42 if stage.scene.night else 0.93
    return np.asarray(255 * np.clip(pale + lift * (1 - grey), 0.12, top), np.float32)
