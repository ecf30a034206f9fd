"""What a solver may read, and how large things are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Layer, Scene
    from stillmotion.diorama.shot.records import MotionCue, Shot


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """A scene, with what was cut out of it for this shot, and the shot."""

    scene: Scene
    shot: Shot

    @property
    def aspect(self) -> float:
        """Height of the photo over its width: y is measured in photo heights, x in photo widths."""
        return self.scene.size_px[1] / self.scene.size_px[0]

    def layer(self, cue: MotionCue) -> Layer | None:
        """The layer that a cue moves, or None when it names none of this scene."""
        return next((layer for layer in self.scene.layers if layer.name == cue.layer), None)

    def end_s(self, cue: MotionCue) -> float:
        """When a cue ends: at the latest with the shot."""
        return float(self.shot.duration_s) if cue.end_s is None else min(cue.end_s, float(self.shot.duration_s))
