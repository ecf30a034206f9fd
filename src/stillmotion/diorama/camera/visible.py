"""Whether a move is seen at all, and what carries it when the photo has no depth to show it in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.camera.amounts import degrees
from stillmotion.diorama.camera.limits import places
from stillmotion.diorama.camera.path import CameraPath
from stillmotion.diorama.shot.records import MOVES_LIMIT, CameraMove, Direction, MoveKind, Note, Shot

if TYPE_CHECKING:
    from stillmotion.diorama.camera.probes import Ground
    from stillmotion.diorama.scene.records import Scene

_CARRIERS = {
    MoveKind.DOLLY: MoveKind.ZOOM,
    MoveKind.TRUCK: MoveKind.PAN,
    MoveKind.PEDESTAL: MoveKind.TILT,
    MoveKind.ORBIT: MoveKind.PAN,
    MoveKind.RISE: MoveKind.TILT,
}
"""What looks like a travelling move where there is no depth: the turn or zoom that moves a far picture the same way."""
_TURNED_BACK = (MoveKind.ORBIT, MoveKind.RISE)
"""Moves that turn the camera against their own direction, to keep looking at their target."""
_OPPOSITE = {
    Direction.LEFT: Direction.RIGHT,
    Direction.RIGHT: Direction.LEFT,
    Direction.UP: Direction.DOWN,
    Direction.DOWN: Direction.UP,
}
_LEAST_PX, _LEAST_TURNING_PX = 12.0, 20.0
"""Mean travel of the picture, at 720 lines, below which a film seems to stand still: for most moves, and for those that
keep their target in place."""
_WANTED_PX = 30.0
_UNSEEN_PX = 4.0
_STILL = (MoveKind.STATIC, MoveKind.FOCUS_PULL, MoveKind.HANDHELD)


def travel_px(scene: Scene, shot: Shot, ground: Ground) -> float:
    """How far the picture moves over a Shot, at 720 lines: the mean over points of frame 0, of the farthest time.

    No point counts for more than `_WANTED_PX`, for a picture is seen to move when most of it does.
    """
    poses = CameraPath(scene, shot).poses(np.linspace(0.0, shot.duration_s, 9))
    path, box = CameraPath(scene, shot), shot.framing
    inside = (np.abs(ground.points - box.centre) < (box.width / 2, box.height / 2)).all(axis=1)
    if not inside.any():
        return 0.0
    seen = places(path, poses, ground.points[inside], ground.q[inside], shot.size_px)
    gone = np.linalg.norm(seen - seen[:1], axis=2) * (720.0 / min(shot.size_px))
    return float(np.minimum(gone, _WANTED_PX).mean(axis=1).max())


def carried(scene: Scene, asked: Shot, fitted: Shot, ground: Ground) -> Shot:
    """The asked Shot with a gentle zoom, pan or tilt beside each travelling move that is hardly seen in the fitted one.

    Where something near moves enough nothing is added, so a dolly with parallax stays a pure dolly.
    """
    moves, notes = list(asked.camera), list(asked.notes)
    for wanted, move in zip(asked.camera, fitted.camera, strict=True):
        carrier = _carrier(scene, fitted, move, ground) if wanted.amount > 0 and len(moves) < MOVES_LIMIT else None
        if carrier is not None:
            moves.append(carrier)
            notes.append(Note(code="substitute", words=_words(move, carrier)))
    return replace(asked, camera=tuple(moves), notes=tuple(notes)) if len(moves) > len(asked.camera) else asked


def unseen(scene: Scene, shot: Shot, ground: Ground) -> bool:
    """Whether a Shot asks for a move and yet its picture seems to stand still."""
    asked = [move for move in shot.camera if move.kind not in _STILL]
    return bool(asked) and travel_px(scene, shot, ground) < _UNSEEN_PX


def _carrier(scene: Scene, shot: Shot, move: CameraMove, ground: Ground) -> CameraMove | None:
    kind = _CARRIERS.get(move.kind)
    if kind is None or any(other.kind is kind for other in shot.camera):
        return None
    missing = _WANTED_PX - (now := travel_px(scene, replace(shot, camera=(move,)), ground))
    if now >= _least_px(scene, move):
        return None
    pixels = missing * min(shot.size_px) / 720.0
    direction = _OPPOSITE.get(move.direction, move.direction) if move.kind in _TURNED_BACK else move.direction
    return replace(
        move, kind=kind, direction=direction, amount=round(_amount(scene, shot, kind, pixels), 4), target=None
    )


def _least_px(scene: Scene, move: CameraMove) -> float:
    """Between layers an orbit is seen however still its target stands; in one piece it is seen only as it slides."""
    if move.kind not in _TURNED_BACK:
        return _LEAST_PX
    return _LEAST_TURNING_PX if len(scene.layers) == 1 else _UNSEEN_PX


def _amount(scene: Scene, shot: Shot, kind: MoveKind, pixels: float) -> float:
    """The amount of a zoom or a turn that moves the picture by so many output pixels on average."""
    width, height = shot.size_px
    if kind is MoveKind.ZOOM:
        x, y = np.meshgrid(np.linspace(-width / 2, width / 2, 33), np.linspace(-height / 2, height / 2, 33))
        return 1.0 + pixels / float(np.hypot(x, y).mean())
    if kind is MoveKind.PAN:
        return degrees(scene, pixels / width * shot.framing.width, 0)
    return degrees(scene, pixels / height * shot.framing.height, 1)


def _words(move: CameraMove, carrier: CameraMove) -> str:
    name = f"{move.kind.value.replace('_', ' ')} {move.direction.value}".strip()
    return (
        f"This photo has too little depth near the camera to show a {name} alone: "
        f"a gentle {carrier.kind.value} goes with it."
    )
