"""Each named move as a change of the camera's pose: what the words mean in a real camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.geometry import turn
from stillmotion.diorama.shot.records import CameraMove, Direction, MoveKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stillmotion.diorama.camera.aim import Aim

    Samples = NDArray[np.float64]

ZOOMING = (MoveKind.ZOOM, MoveKind.DOLLY_ZOOM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How one move changes the pose at each of n times."""

    place: Samples
    """Right, down, forward in subject distances, shape (n, 3)."""
    angles: Samples
    """Yaw, pitch, roll in degrees, shape (n, 3)."""
    zoom: Samples
    """Factor of the focal length, shape (n,)."""


def change(move: CameraMove, done: Samples, aim: Aim, ray: Samples) -> Change:
    """The change of pose when `done` of the move (0..1, shape (n,)) has happened.

    Args:
        move: what to do.
        done: how much of it, at each time.
        aim: what it is about.
        ray: the direction of that point from the photo's camera, z = 1, shape (3,).
    """
    maker = _MAKERS.get(move.kind)
    return _still(len(done)) if maker is None else maker(move, done, aim, ray)


def _still(count: int) -> Change:
    return Change(place=np.zeros((count, 3)), angles=np.zeros((count, 3)), zoom=np.ones(count))


def _turned(done: Samples, axis: int, degrees: float) -> Change:
    angles = np.zeros((len(done), 3))
    angles[:, axis] = degrees * done
    return Change(place=np.zeros_like(angles), angles=angles, zoom=np.ones(len(done)))


def _carried(offsets: Samples) -> Change:
    return Change(place=offsets, angles=np.zeros_like(offsets), zoom=np.ones(len(offsets)))


def _sign(move: CameraMove, *positive: Direction) -> float:
    return 1.0 if move.direction in positive or move.direction is Direction.NONE else -1.0


def _pan(move: CameraMove, done: Samples, _aim: Aim, _ray: Samples) -> Change:
    return _turned(done, 0, _sign(move, Direction.RIGHT) * move.amount)


def _tilt(move: CameraMove, done: Samples, _aim: Aim, _ray: Samples) -> Change:
    return _turned(done, 1, _sign(move, Direction.UP) * move.amount)


def _roll(move: CameraMove, done: Samples, _aim: Aim, _ray: Samples) -> Change:
    return _turned(done, 2, _sign(move, Direction.RIGHT) * move.amount)


def _zoom(move: CameraMove, done: Samples, _aim: Aim, _ray: Samples) -> Change:
    factor = max(move.amount, 1.0) ** (_sign(move, Direction.IN) * done)
    return Change(place=np.zeros((len(done), 3)), angles=np.zeros((len(done), 3)), zoom=factor)


def _dolly(move: CameraMove, done: Samples, _aim: Aim, ray: Samples) -> Change:
    """Along the ray to the target, so the target keeps its place in the picture."""
    return _carried((_sign(move, Direction.IN) * move.amount * done)[:, None] * ray)


def _truck(move: CameraMove, done: Samples, _aim: Aim, _ray: Samples) -> Change:
    return _carried((_sign(move, Direction.RIGHT) * move.amount * done)[:, None] * np.array([1.0, 0.0, 0.0]))


def _pedestal(move: CameraMove, done: Samples, _aim: Aim, _ray: Samples) -> Change:
    return _carried((-_sign(move, Direction.UP) * move.amount * done)[:, None] * np.array([0.0, 1.0, 0.0]))


def _orbit(move: CameraMove, done: Samples, aim: Aim, ray: Samples) -> Change:
    """An arc about the vertical through the target, turning to keep looking at it."""
    angles = np.zeros((len(done), 3))
    angles[:, 0] = -_sign(move, Direction.RIGHT) * move.amount * done
    return _arc(angles, ray / aim.pivot_q)


def _rise(move: CameraMove, done: Samples, aim: Aim, ray: Samples) -> Change:
    """Up an arc about the target, tilting down to keep looking at it, as a drone does."""
    angles = np.zeros((len(done), 3))
    angles[:, 1] = -_sign(move, Direction.UP) * move.amount * done
    return _arc(angles, ray / aim.pivot_q)


def _arc(angles: Samples, pivot: Samples) -> Change:
    """Turn about a pivot instead of about the camera: the pivot keeps its place in the picture exactly."""
    to_world = np.swapaxes(turn(angles[:, 0], angles[:, 1], angles[:, 2]), 1, 2)
    return Change(place=pivot - to_world @ pivot, angles=angles, zoom=np.ones(len(angles)))


def _dolly_zoom(move: CameraMove, done: Samples, aim: Aim, ray: Samples) -> Change:
    """Position against focal length, so that the target keeps its size while what is behind it changes."""
    factor = max(move.amount, 1.0)
    whole = 1.0 - 1.0 / factor if _sign(move, Direction.IN) > 0 else 1.0 - factor
    approach = whole * done
    return Change(
        place=(approach / aim.pivot_q)[:, None] * ray,
        angles=np.zeros((len(done), 3)),
        zoom=1.0 - approach,
    )


_MAKERS: dict[MoveKind, Callable[[CameraMove, Samples, Aim, Samples], Change]] = {
    MoveKind.PAN: _pan,
    MoveKind.TILT: _tilt,
    MoveKind.ROLL: _roll,
    MoveKind.ZOOM: _zoom,
    MoveKind.DOLLY: _dolly,
    MoveKind.TRUCK: _truck,
    MoveKind.PEDESTAL: _pedestal,
    MoveKind.ORBIT: _orbit,
    MoveKind.RISE: _rise,
    MoveKind.DOLLY_ZOOM: _dolly_zoom,
}
