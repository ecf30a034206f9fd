"""How large moves are: scaling them, growing them where the photo has room, and saying what became of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.camera.framing import full_extent
from stillmotion.diorama.shot.records import CameraMove, Direction, MoveKind, Shot

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene

_FACTORS = (MoveKind.ZOOM, MoveKind.DOLLY_ZOOM)
_FIXED = (MoveKind.STATIC, MoveKind.FOCUS_PULL)
_TRAVELLING = (MoveKind.DOLLY, MoveKind.TRUCK, MoveKind.PEDESTAL, MoveKind.ORBIT, MoveKind.RISE)
_PARALLAX_PX = 30.0
_GROWTH = 2.0
_PAN_SLACK = 0.25
"""Share of the photo beyond the framing from which a pan uses it all."""
_PAN_WIDTHS_PER_S = 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a kind of move wants to show."""

    wants_parallax: bool
    parallax_px: float = _PARALLAX_PX
    growth: float = _GROWTH
    """How much a move may grow beyond what was asked, to be seen."""
    factor: bool = False

    def strength(self, move: CameraMove) -> float:
        """A number in proportion to how far a move goes."""
        return float(np.log(max(move.amount, 1.0))) if self.factor else abs(move.amount)


def asked_for(move: CameraMove) -> Wish:
    """What a move's kind wants to show."""
    return Wish(wants_parallax=move.kind in _TRAVELLING and move.amount > 0, factor=move.kind in _FACTORS)


def scaled(move: CameraMove, factor: float) -> CameraMove:
    """The same move, going `factor` times as far."""
    if move.kind in _FIXED or factor == 1.0:
        return move
    if move.kind in _FACTORS:
        return replace(move, amount=round(float(max(move.amount, 1.0) ** factor), 6))
    return replace(move, amount=round(move.amount * factor, 6))


def enlarged(scene: Scene, shot: Shot, move: CameraMove) -> CameraMove:
    """A pan or tilt along a side of which the output shows only a part goes far, at a calm speed."""
    axis = {MoveKind.PAN: 0, MoveKind.TILT: 1}.get(move.kind)
    if axis is None:
        return move
    extent = full_extent(scene, shot.size_px)
    slack = 1.0 - extent[axis]
    if slack < _PAN_SLACK:
        return move
    seconds = max(min(move.end_s, shot.duration_s) - move.start_s, 0.5)
    travel = min(slack * 0.9, _PAN_WIDTHS_PER_S * seconds * extent[axis], 3.0 * _travel(scene, move, axis))
    return replace(move, amount=round(max(move.amount, degrees(scene, travel, axis)), 3))


def _focal(scene: Scene, axis: int) -> float:
    """Focal length in photo widths, or in photo heights."""
    width, height = scene.size_px
    return scene.focal if axis == 0 else scene.focal * width / height


def _travel(scene: Scene, move: CameraMove, axis: int) -> float:
    """How far a turn moves the middle of the picture, in photo coordinates."""
    return float(np.tan(np.radians(move.amount)) * _focal(scene, axis))


def degrees(scene: Scene, travel: float, axis: int) -> float:
    """The turn that moves the middle of the picture by `travel` photo widths (axis 0) or heights (axis 1)."""
    return float(np.degrees(np.arctan(travel / _focal(scene, axis))))


def words(asked: CameraMove, given: CameraMove, *, trusted: bool) -> str:
    """One sentence about a move that became small."""
    name = asked.kind.value.replace("_", " ")
    where = "" if asked.direction is Direction.NONE else f" {asked.direction.value}"
    share = asked_for(given).strength(given) / max(asked_for(asked).strength(asked), 1e-9)
    why = (
        "beyond that its edge or what is hidden behind the subject would show"
        if trusted
        else "its outlines are too uncertain to be pulled apart"
    )
    return f"The {name}{where} goes {max(share, 0.0):.0%} of the way that was asked: this photo gives no more, {why}."
