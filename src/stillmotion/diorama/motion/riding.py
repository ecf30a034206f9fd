"""Overlays that go along with a layer: the flame under a rocket, the smoke of a boat's funnel."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.motion.records import Veil

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stillmotion.diorama.motion.records import LayerMotion, Overlay, Stamps, Strokes, Track


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Riding:
    """A veil that is carried by the tracks of a layer. See `motion.records.Overlay`."""

    overlay: Overlay
    tracks: tuple[Track, ...]

    @property
    def before(self) -> str | None:
        """See `motion.records.Overlay`."""
        return self.overlay.before

    def at(self, time_s: float, shutter_s: float) -> Strokes | Stamps | Veil | None:
        """What the overlay shows, where the layer is by then."""
        shown = self.overlay.at(time_s, shutter_s)
        if not isinstance(shown, Veil):
            return shown
        x, y = shown.box.centre[0], shown.box.y0
        place = np.array([x, y, 1.0])
        seen = 1.0
        for track in self.tracks:
            place = track.matrix(time_s) @ place
            seen *= track.opacity(time_s)
        if seen <= 0.0 or place[2] <= 0.0:
            return None
        dx, dy = float(place[0] / place[2]) - x, float(place[1] / place[2]) - y
        box = shown.box
        moved = Box(x0=box.x0 + dx, x1=box.x1 + dx, y0=box.y0 + dy, y1=box.y1 + dy)
        return replace(shown, box=moved)


def follow(overlay: Overlay, layers: Mapping[str, LayerMotion]) -> Overlay:
    """The overlay itself, or one that follows the layer that it rides on when that layer travels."""
    name = getattr(overlay, "rides", "")
    motion = layers.get(name) if name else None
    return Riding(overlay=overlay, tracks=motion.tracks) if motion is not None and motion.tracks else overlay
