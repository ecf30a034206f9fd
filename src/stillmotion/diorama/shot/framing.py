"""Size of the film and the crop of the photo that it starts from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion.diorama.geometry import Box

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene

LANDSCAPE, PORTRAIT = (1280, 720), (720, 1280)
_FACE_MARGIN = 0.35
"""Room around a face, in face sizes."""


def film_size(scene: Scene, asked: tuple[int, int] | None) -> tuple[int, int]:
    """The asked size, or 720p lying or standing like the photo."""
    if asked is not None:
        return asked
    width, height = scene.size_px
    return PORTRAIT if height > width else LANDSCAPE


def largest_crop(scene: Scene, size_px: tuple[int, int]) -> Box:
    """The largest box of the film's aspect inside the photo, placed so that faces or the salient point stay in it."""
    photo = scene.size_px[0] / scene.size_px[1]
    film = size_px[0] / size_px[1]
    width, height = (film / photo, 1.0) if film < photo else (1.0, photo / film)
    x0 = _place(width, _span(scene, 0), scene.salience[0])
    y0 = _place(height, _span(scene, 1), scene.salience[1])
    return Box(x0=x0, y0=y0, x1=x0 + width, y1=y0 + height)


def _span(scene: Scene, axis: int) -> tuple[float, float] | None:
    """Extent of all faces with some room, or None."""
    if not scene.faces:
        return None
    lows, highs = zip(*((_low(face.box, axis), _high(face.box, axis)) for face in scene.faces), strict=True)
    room = _FACE_MARGIN * max(high - low for low, high in zip(lows, highs, strict=True))
    return max(0.0, min(lows) - room), min(1.0, max(highs) + room)


def _low(box: Box, axis: int) -> float:
    return (box.x0, box.y0)[axis]


def _high(box: Box, axis: int) -> float:
    return (box.x1, box.y1)[axis]


def _place(extent: float, span: tuple[float, float] | None, focus: float) -> float:
    """Start of a window of that extent: over the whole span when it fits, over its middle when not."""
    low, high = 0.0, 1.0 - extent
    if span is None:
        return min(max(focus - extent / 2, low), high)
    wanted = 0.6 * focus + 0.4 * (span[0] + span[1]) / 2 - extent / 2
    if span[1] - span[0] <= extent:
        low, high = max(low, span[1] - extent), min(high, span[0])
    else:
        wanted = (span[0] + span[1]) / 2 - extent / 2
    return min(max(wanted, low), high)
