"""The embedded engine behind the Engine protocol."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stillmotion.assets.cache import default_folder
from stillmotion.diorama import pipeline, scene, shot
from stillmotion.diorama.perception.faces import faces

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.clip import Clip
    from stillmotion.diorama.brief import Brief
    from stillmotion.diorama.shot.records import Shot
    from stillmotion.progress import Progress

TINY_PX = (160, 90)


def scene_cache() -> Path:
    """Where what was seen in photos is kept; deleting it costs only time."""
    return default_folder().parent / "scenes"


@dataclass(frozen=True, slots=True)
class Diorama:
    """Layers of the photo in space, a pinhole camera through them, and sound made for them; on the CPU.

    Beyond the protocol it can plan without filming, film a plan, and show what it sees.
    """

    name: str = pipeline.ENGINE
    tiny: bool = False
    """Film at the size of a stamp: for tests of what stands around the engine. Nobody is offered this."""

    def generate(self, photo: NDArray[np.uint8], brief: Brief, progress: Progress) -> Clip:
        """See `Engine.generate`."""
        if not self.tiny:
            return pipeline.generate(photo, brief, scene_cache(), progress)
        seen, planned = pipeline.plan_shot(photo, brief, scene_cache(), progress)
        lying = planned.size_px[0] >= planned.size_px[1]
        return pipeline.make_clip(seen, replace(planned, size_px=TINY_PX if lying else TINY_PX[::-1]), progress)

    def plan(self, photo: NDArray[np.uint8], brief: Brief, progress: Progress) -> Shot:
        """The Shot that `generate` would film."""
        return pipeline.plan_shot(photo, brief, scene_cache(), progress)[1]

    def replay(self, photo: NDArray[np.uint8], planned: Shot, progress: Progress) -> Clip:
        """Film a Shot, perhaps edited by hand."""
        return pipeline.replay(photo, planned, scene_cache(), progress)

    def shows_faces(self, photo: NDArray[np.uint8], progress: Progress) -> bool:
        """Whether a human face is seen in a photo."""
        return bool(scene.cached(photo, scene_cache(), progress).faces) or bool(faces(photo))

    def look(self, photo: NDArray[np.uint8], progress: Progress) -> NDArray[np.uint8]:
        """A picture of the layers, the depth and the labels, shape (height, width, 3)."""
        return scene.picture(scene.cached(photo, scene_cache(), progress))

    def read_shot(self, text: str) -> Shot:
        """The Shot in a JSON text; raises ShotInvalid with the path of the bad field."""
        return shot.from_json(text)
