"""The light that falls on added things, read from the photo: nothing is brighter than what the photo shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene

Floats = NDArray[np.float32]
_COLUMNS, _ROWS = 64, 40
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_BRIGHT = 93.0
_FLOOR = 16.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ambient:
    """Light of a photo, sRGB 0..255."""

    mean: Floats
    """Of the whole picture, shape (3,)."""
    bright: Floats
    """What a white thing in the open would look like, shape (3,)."""
    table: Floats
    """The photo, tiny and blurred, shape (rows, columns, 3)."""

    @property
    def level(self) -> float:
        """How bright a white thing looks, 0..1."""
        return float(self.bright @ _LUMA) / 255

    @property
    def tint(self) -> Floats:
        """Factors that turn colours under white light into colours in this photo, shape (3,)."""
        return np.asarray(self.bright / 255, np.float32)

    def near(self, x: Floats, y: Floats) -> Floats:
        """The photo's colour about each point, shape (n, 3)."""
        columns = np.clip((x * _COLUMNS).astype(np.int64), 0, _COLUMNS - 1)
        rows = np.clip((y * _ROWS).astype(np.int64), 0, _ROWS - 1)
        return np.asarray(self.table[rows, columns], np.float32)


def ambient(scene: Scene) -> Ambient:
    """Read the light of a photo."""
    small = cv2.resize(scene.photo, (_COLUMNS, _ROWS), interpolation=cv2.INTER_AREA).astype(np.float32)
    luma = small @ _LUMA
    top = small[luma >= np.percentile(luma, _BRIGHT)].mean(axis=0)
    mean = small.reshape(-1, 3).mean(axis=0)
    # A lamp or a sunset colours a white thing less than it colours itself.
    bright = 0.6 * top + 0.4 * float(top @ _LUMA)
    table = cv2.GaussianBlur(small, (0, 0), 2.0)
    return Ambient(
        mean=np.maximum(mean, _FLOOR).astype(np.float32),
        bright=np.maximum(bright, 1.3 * _FLOOR).astype(np.float32),
        table=table.astype(np.float32),
    )
