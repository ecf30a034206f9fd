"""Films of a Shot that the caller gave in place of a prompt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stillmotion import studio
from stillmotion.engines.diorama import TINY_PX, Diorama

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.clip import Clip
    from stillmotion.diorama.brief import Brief
    from stillmotion.progress import Progress


def filmed(photo: NDArray[np.uint8], shot: str, brief: Brief, progress: Progress, *, tiny: bool) -> Clip:
    """A clip of a Shot in the size that the model makes.

    Raises:
        ShotInvalid: it is no Shot.
    """
    if not tiny:
        return studio.render(photo, shot, size=brief.size_px, progress=progress)
    engine = Diorama()
    lying = photo.shape[1] >= photo.shape[0]
    planned = replace(engine.read_shot(shot), size_px=TINY_PX if lying else TINY_PX[::-1])
    return engine.replay(photo, planned, progress).with_writers(studio.WRITERS)
