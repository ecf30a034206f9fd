"""A small photo that is the same in every run, so that the engine looks at it once and then knows it."""

from __future__ import annotations

import numpy as np
from PIL import Image

_KNOWN = 12.0


def hills(wide: float = _KNOWN) -> Image.Image:
    """Sky over a field; of another width they are hills that nobody has seen."""
    rows, columns = np.mgrid[0:90, 0:160].astype(np.float32)
    tint = np.where(rows < 45 + 12 * np.sin(columns / wide), 200 - rows, 60 + rows / 3)[..., None]
    return Image.fromarray(np.clip(tint + np.array([0, 10, 30]), 0, 255).astype(np.uint8))
