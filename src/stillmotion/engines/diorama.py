"""The embedded engine behind the Engine protocol."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillmotion.assets.cache import default_folder
from stillmotion.diorama import pipeline

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.clip import Clip
    from stillmotion.diorama.brief import Brief
    from stillmotion.progress import Progress


def scene_cache() -> Path:
    """Where what was seen in photos is kept; deleting it costs only time."""
    return default_folder().parent / "scenes"


@dataclass(frozen=True, slots=True)
class Diorama:
    """Layers of the photo in space, a pinhole camera through them, and sound made for them; on the CPU."""

    name: str = pipeline.ENGINE

    def generate(self, photo: NDArray[np.uint8], brief: Brief, progress: Progress) -> Clip:
        """See `Engine.generate`."""
        return pipeline.generate(photo, brief, scene_cache(), progress)
