"""Shapes with a body: where they are, and which way their surface looks at each point of a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.motion.props.brush import unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.motion.props.brush import Floats, Random, Sheet


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solid:
    """A body seen from the front."""

    coverage: Floats
    """Shape (rows, columns)."""
    normals: Floats
    """Shape (rows, columns, 3)."""


def sphere(sheet: Sheet, x: float = 0.0, y: float = 0.0, radius: float = 0.985) -> Solid:
    """A ball."""
    across, down = (sheet.x - x) / radius, (sheet.y - y) / radius
    reach = np.sqrt(across**2 + down**2)
    held = np.maximum(reach, 1.0)
    across, down = across / held, down / held
    depth = np.sqrt(np.maximum(1 - across**2 - down**2, 0))
    normals = unit(np.stack([across, down, depth], axis=-1))
    return Solid(coverage=sheet.inside((reach - 1) * radius), normals=normals)


def turned(sheet: Sheet, radius: Callable[[Floats], Floats], x: float = 0.0) -> Solid:
    """What a lathe makes: a body of revolution about a vertical axis.

    Args:
        sheet: what it is for.
        radius: half its width at each height y; negative where there is none.
        x: where its axis is.
    """
    wide = radius(sheet.y)
    slope = (radius(sheet.y + np.float32(0.01)) - radius(sheet.y - np.float32(0.01))) / 0.02
    across = np.clip((sheet.x - x) / np.maximum(wide, 1e-3), -1, 1)
    depth = np.sqrt(1 - across**2)
    normals = unit(np.stack([across, -np.clip(slope, -6, 6), depth], axis=-1).astype(np.float32))
    distance = (np.abs(sheet.x - x) - wide) / np.sqrt(1 + np.clip(slope, -6, 6) ** 2)
    return Solid(coverage=sheet.inside(np.asarray(distance, np.float32)), normals=normals)


def rotation(rng: Random) -> Floats:
    """A random attitude, shape (3, 3) (Shoemake 1992)."""
    w, x, y, z = (q := rng.standard_normal(4)) / np.linalg.norm(q)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ],
        np.float32,
    )


def tilted(yaw_deg: float, pitch_deg: float) -> Floats:
    """The attitude of a thing that is turned to the side and seen from above, shape (3, 3)."""
    yaw, pitch = np.radians(yaw_deg), np.radians(pitch_deg)
    side = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
    above = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    return np.asarray(above @ side, np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """A box seen at an angle, without perspective."""

    coverage: Floats
    normals: Floats
    face: Floats
    """0, 1, 2 for the faces across x, y, z."""
    u: Floats
    """Place on the face, -1..1."""
    v: Floats
    rim: Floats
    """1 at an edge of the box, 0 well away from it."""


def block(sheet: Sheet, half: tuple[float, float, float], attitude: Floats) -> Block:
    """A box whose three faces towards the camera are met by parallel rays (slab method, Kay and Kajiya 1986)."""
    size = np.array(half, np.float32)
    start = np.stack([sheet.x, sheet.y, np.zeros_like(sheet.x)], axis=-1) @ attitude
    ray = np.array([0, 0, -1], np.float32) @ attitude
    ray = np.where(np.abs(ray) < 1e-4, 1e-4, ray)
    enter = -np.sign(ray) * size / ray - start / ray
    leave = np.sign(ray) * size / ray - start / ray
    first = enter.max(-1)
    gap = leave.min(-1) - first
    face = enter.argmax(-1)
    at = (start + first[..., None] * ray) / size
    pick = np.array([[2, 1], [0, 2], [0, 1]])[face]
    u, v = (np.take_along_axis(at, pick[..., k : k + 1], -1)[..., 0] for k in (0, 1))
    outward = (np.eye(3, dtype=np.float32) * -np.sign(ray)) @ attitude.T
    steep = float(np.abs(1 / ray).max())
    edge = (1 - np.maximum(np.abs(u), np.abs(v))) * float(size.min())
    return Block(
        coverage=np.asarray(np.clip(gap / (steep * sheet.pixel) + 0.0, 0, 1), np.float32),
        normals=np.asarray(outward[face], np.float32),
        face=np.asarray(face, np.float32),
        u=np.asarray(np.clip(u, -1, 1), np.float32),
        v=np.asarray(np.clip(v, -1, 1), np.float32),
        rim=np.asarray(np.exp(-np.maximum(edge, 0) / 0.035), np.float32),
    )


def polygon(sheet: Sheet, points: list[tuple[float, float]]) -> Floats:
    """Signed distance to a closed outline, negative inside, shape of the sheet; exact to half a fine pixel."""
    rows, columns = sheet.alpha.shape
    corners = np.array(points) / sheet.pixel + np.array([columns / 2 - 0.5, rows / 2 - 0.5])
    filled = np.zeros((rows, columns), np.uint8)
    cv2.fillPoly(filled, [np.rint(corners * 16).astype(np.int32)], 1, shift=4)
    outside, inside = (cv2.distanceTransform(one, cv2.DIST_L2, 5) for one in (1 - filled, filled))
    return np.asarray((outside - inside + filled - 0.5) * np.float32(sheet.pixel), np.float32)


def segment(sheet: Sheet, start: tuple[float, float], end: tuple[float, float]) -> Floats:
    """Distance to a straight line between two points."""
    (ax, ay), (bx, by) = start, end
    long = max((bx - ax) ** 2 + (by - ay) ** 2, 1e-12)
    along = np.clip(((sheet.x - ax) * (bx - ax) + (sheet.y - ay) * (by - ay)) / long, 0, 1)
    return np.asarray(np.hypot(sheet.x - ax - along * (bx - ax), sheet.y - ay - along * (by - ay)), np.float32)


def smooth(points: list[tuple[float, float]], per_part: int = 8) -> list[tuple[float, float]]:
    """A closed outline rounded through its points (Catmull and Rom 1974)."""
    p = np.array(points)
    t = np.linspace(0, 1, per_part, endpoint=False)[:, None]
    parts = []
    for k in range(len(p)):
        a, b, c, d = (p[(k + j) % len(p)] for j in (-1, 0, 1, 2))
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return [(float(x), float(y)) for x, y in np.concatenate(parts)]
