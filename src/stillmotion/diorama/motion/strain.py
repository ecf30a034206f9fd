"""How much a bending stretches and squeezes what it moves, and how much of it is still no rubber."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box

LEAST, MOST = 0.7, 1.6
"""Neighbours keep between these shares of their distance, in every direction."""
_ROOM = 0.02
"""Left for what lies between the instants and cells that are looked at."""
_INSTANTS, _CELLS = 40, 30_000
_SHARES = np.linspace(1.0, 0.02, 50)


def bearable(
    maps: NDArray[np.floating],
    table: NDArray[np.floating],
    *,
    box: Box,
    aspect: float,
    late: float = 0.0,
    seen: NDArray[np.bool_] | None = None,
) -> float:
    """The share of a movement, at most 1, that stretches nothing beyond `LEAST` and `MOST` at any instant.

    Exact: both singular values of the change from places to their sources, in lengths rather than photo coordinates.

    Args:
        maps: displacements as in `MappedWarp`, shape (channels, rows, columns, 2).
        table: amplitudes, shape (instants, channels).
        box: where the maps lie.
        aspect: height of the photo over its width.
        late: rows of the table that the movement comes later per photo width to the right.
        seen: cells that matter, shape (rows, columns); all when None.
    """
    slopes = _slopes(maps, box, aspect)
    speeds = np.gradient(np.asarray(table, np.float64), axis=0) * -late
    lengths = (np.asarray(maps, np.float32) * np.array([1.0, aspect], np.float32))[:, :-1, :-1]
    found = []
    for k in _instants(slopes, table):
        now = np.tensordot(table[k].astype(np.float32), slopes, axes=1)
        if late:
            now[..., 0] += np.tensordot(speeds[k].astype(np.float32), lengths, axes=1)
        flat = now[seen[:-1, :-1]] if seen is not None else now.reshape(-1, 2, 2)
        found.append(flat[np.abs(flat).sum(axis=(1, 2)) > 1 - LEAST - _ROOM])
    steep = np.concatenate(found) if found else np.zeros((0, 2, 2))
    if len(steep) > _CELLS:
        steep = steep[np.argsort(-(steep**2).sum(axis=(1, 2)))[:_CELLS]]
    return next((float(share) for share in _SHARES if _holds(steep, float(share))), float(_SHARES[-1]))


def _slopes(maps: NDArray[np.floating], box: Box, aspect: float) -> NDArray[np.float32]:
    """Change of each displacement over a distance, shape (channels, rows - 1, columns - 1, 2, 2): of, along."""
    rows, columns = maps.shape[1:3]
    lengths = np.asarray(maps, np.float32) * np.array([1.0, aspect], np.float32)
    across = np.diff(lengths, axis=2)[:, :-1] * np.float32(columns / box.width)
    down = np.diff(lengths, axis=1)[:, :, :-1] * np.float32(rows / (box.height * aspect))
    return np.stack([across, down], axis=-1)


def _instants(slopes: NDArray[np.float32], table: NDArray[np.floating]) -> NDArray[np.intp]:
    """Rows of the table at which the movement is largest."""
    steep = np.abs(slopes).reshape(len(slopes), -1).max(axis=1) if slopes.size else np.zeros(len(slopes))
    every = np.arange(0, len(table), max(1, len(table) // 400))
    return np.asarray(every[np.argsort(-(np.abs(table[every]) @ steep))[:_INSTANTS]])


def _holds(steep: NDArray[np.floating], share: float) -> bool:
    """Whether the singular values of 1 - share * steep stay in their bounds."""
    if len(steep) == 0:
        return True
    a, b, c, d = (
        1 - share * steep[:, 0, 0],
        -share * steep[:, 0, 1],
        -share * steep[:, 1, 0],
        1 - share * steep[:, 1, 1],
    )
    total, product = a * a + b * b + c * c + d * d, a * d - b * c
    gap = np.sqrt(np.maximum(total * total - 4 * product * product, 0))
    least, most = np.sqrt(np.maximum(total - gap, 0) / 2), np.sqrt((total + gap) / 2)
    return bool(product.min() > 0 and least.min() > LEAST + _ROOM and most.max() < MOST - _ROOM)
