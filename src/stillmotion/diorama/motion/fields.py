"""Displacements that are drawn once as maps and played back in time: bending, breathing, smiling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion import strain

if TYPE_CHECKING:
    from stillmotion.diorama.motion.records import Points

WHOLE = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)
Maps = NDArray[np.float32]
Table = NDArray[np.float32]
Gate = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MappedWarp:
    """The sum of displacement maps, each with an amplitude that changes in time. See `motion.records.Warp`."""

    maps: Maps
    """Displacement at amplitude 1 in photo coordinates, shape (channels, rows, columns, 2), over the box."""
    table: Table
    """Amplitudes, one row an instant, shape (instants, channels)."""
    start_s: float = 0.0
    """When the first row holds; before it and after the last one the nearest row holds."""
    rate_hz: float
    """Rows a second."""
    gate: Gate
    """A factor on all amplitudes that reaches the whole photo at once, from time 0 on, at the same rate, shape (n,)."""
    lag_s: float = 0.0
    """How much later the amplitudes reach the photo's right side than its left one: what the wind needs to cross."""
    box: Box = WHOLE
    reach: float
    step_px: int = 8

    def source(self, points: Points, time_s: float) -> Points:
        """Where the colour of each point comes from."""
        box = self.box
        rows, columns = self.maps.shape[1:3]
        out = np.empty_like(points)
        when = (_read(self.gate, time_s * self.rate_hz), (time_s - self.start_s) * self.rate_hz)
        frame = (box.x0, box.y0, columns / box.width, rows / box.height)
        view = np.array([*when, self.lag_s * self.rate_hz, *frame], dtype=np.float32)
        _displace(points, out, self.maps, self.table, view)
        return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MappedLight:
    """Brightness that changes as a displacement does: the folds of a cloth. See `motion.records.Light`."""

    shade: MappedWarp
    """Its displacement in x is what is added to a factor of 1."""

    @property
    def step_px(self) -> int:
        """As for a Warp."""
        return self.shade.step_px

    def factor(self, points: Points, time_s: float) -> NDArray[np.float32]:
        """What red, green and blue are multiplied by."""
        added = points[..., :1] - self.shade.source(points, time_s)[..., :1]
        return np.repeat(np.float32(1) + added, 3, axis=-1)


def mapped(
    maps: NDArray[np.floating],
    table: NDArray[np.floating],
    *,
    rate_hz: float,
    aspect: float,
    start_s: float = 0.0,
    gate: NDArray[np.floating] | None = None,
    lag_s: float = 0.0,
    box: Box = WHOLE,
    step_px: int = 8,
    seen: NDArray[np.bool_] | None = None,
) -> MappedWarp:
    """A `MappedWarp` that knows how far it reaches and stretches nothing beyond what `motion.strain` allows.

    Args:
        maps: as in `MappedWarp`, any float type.
        table: as in `MappedWarp`.
        rate_hz: rows of the table a second.
        aspect: height of the photo over its width.
        start_s: as in `MappedWarp`, like the rest.
        gate: ...
        lag_s: ...
        box: ...
        step_px: ...
        seen: cells of the maps where it matters how much is stretched; all when None.
    """
    late = lag_s * rate_hz
    maps = maps * strain.bearable(maps, table, box=box, aspect=aspect, late=late, seen=seen)
    return _reaching(
        MappedWarp(
            maps=np.ascontiguousarray(maps, dtype=np.float32),
            table=np.ascontiguousarray(table, dtype=np.float32),
            start_s=start_s,
            rate_hz=rate_hz,
            gate=np.ones(1, np.float32) if gate is None else np.ascontiguousarray(gate, dtype=np.float32),
            lag_s=lag_s,
            box=box,
            reach=0.0,
            step_px=step_px,
        ),
        aspect,
    )


def shaded(
    maps: NDArray[np.floating], table: NDArray[np.floating], *, rate_hz: float, gate: NDArray[np.floating]
) -> MappedLight:
    """What maps add to the brightness of the whole photo, by a table as in `MappedWarp`.

    Args:
        maps: shape (channels, rows, columns).
        table: shape (instants, channels).
        rate_hz: rows a second.
        gate: as in `MappedWarp`.
    """
    shade = MappedWarp(
        maps=np.stack([maps, np.zeros_like(maps)], axis=-1).astype(np.float32),
        table=np.ascontiguousarray(table, dtype=np.float32),
        rate_hz=rate_hz,
        gate=np.ascontiguousarray(gate, dtype=np.float32),
        reach=0.0,
    )
    return MappedLight(shade=shade)


def _reaching(warp: MappedWarp, aspect: float) -> MappedWarp:
    maps, table = warp.maps, warp.table
    lengths = np.hypot(maps[..., 0], maps[..., 1] * aspect).reshape(len(maps), -1)
    strongest = lengths[:, np.argmax(lengths.sum(axis=0))]
    farthest = max(
        float((np.abs(table) @ strongest).max()), float((np.abs(table).max(axis=0) * lengths.max(axis=1)).max())
    )
    return replace(warp, reach=farthest)


def _read(values: Gate, at: float) -> np.float32:
    """Linear between the values, the nearest one beyond the ends."""
    return np.float32(np.interp(at, np.arange(len(values)), values))


@njit(cache=True, nogil=True, error_model="numpy")
def _displace(points: Points, out: Points, maps: Maps, table: Table, view: NDArray[np.float32]) -> None:
    """Points minus the displacement there; cell centres of the maps lie half a cell inside the box."""
    loudness, row, lag_rows = view[0], view[1], view[2]
    frame = view[3:]
    channels, height, width = maps.shape[:3]
    last = len(table) - 1
    for i in range(points.shape[0]):
        for j in range(points.shape[1]):
            x, y = points[i, j, 0], points[i, j, 1]
            out[i, j, 0] = x
            out[i, j, 1] = y
            across, down = (x - frame[0]) * frame[2], (y - frame[1]) * frame[3]
            inside = -1.0 < across < width + 1.0 and -1.0 < down < height + 1.0
            if not inside and (frame[0] > 0 or frame[1] > 0 or width / frame[2] < 1 or height / frame[3] < 1):
                continue
            across = min(max(across - np.float32(0.5), np.float32(0)), np.float32(width - 1))
            down = min(max(down - np.float32(0.5), np.float32(0)), np.float32(height - 1))
            left, top = min(int(across), width - 2), min(int(down), height - 2)
            fx, fy = across - left, down - top
            at = min(max(row - lag_rows * x, np.float32(0)), np.float32(last))
            k = min(int(at), last - 1)
            ft = at - k
            w00, w01 = (1 - fx) * (1 - fy), fx * (1 - fy)
            w10, w11 = (1 - fx) * fy, fx * fy
            dx = dy = np.float32(0)
            for c in range(channels):
                gain = loudness * (table[k, c] + ft * (table[k + 1, c] - table[k, c]))
                if gain == 0:
                    continue
                a, b = maps[c, top, left], maps[c, top, left + 1]
                d, e = maps[c, top + 1, left], maps[c, top + 1, left + 1]
                dx += gain * (w00 * a[0] + w01 * b[0] + w10 * d[0] + w11 * e[0])
                dy += gain * (w00 * a[1] + w01 * b[1] + w10 * d[1] + w11 * e[1])
            out[i, j, 0] = x - dx
            out[i, j, 1] = y - dy
