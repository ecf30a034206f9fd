"""What grows and what wind carries: leaf, petal, feather, dandelion seed, tumbleweed, apple."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.motion.props import solids
from stillmotion.diorama.motion.props.brush import Finish, bumped, facing, mixed, shaded, step, unit
from stillmotion.diorama.motion.props.records import Prop

if TYPE_CHECKING:
    from stillmotion.diorama.motion.props.brush import Floats, Sheet


def _cupped(sheet: Sheet, bend: float, curl: float) -> Floats:
    """Normals of a thin thing that is bent along its length and cupped across."""
    return unit(np.stack([-bend * sheet.x, -curl * sheet.y - 0.25, np.ones_like(sheet.x)], axis=-1))


def _arch(t: Floats) -> Floats:
    """0 at both ends, 1 in the middle."""
    return np.asarray(np.maximum(np.sin(np.pi * t), 0))


def _leaf(sheet: Sheet, _pose: int) -> None:
    along = np.clip((sheet.x + 0.72) / 1.66, 0, 1)
    axis = 0.10 * np.sin(2.6 * along) - 0.06
    off = sheet.y - axis
    ragged = 0.018 * np.sin(70 * along) + 0.02 * sheet.noise(7, 3)
    half = 0.50 * _arch(along**0.78) ** 0.85 * (1 - 0.35 * along) + ragged * _arch(along)
    outside = np.maximum(np.abs(off) - half, np.abs(sheet.x - 0.11) - 0.83)
    vein = np.abs(((along * 7.5 - np.abs(off) * 4.2) % 1) - 0.5)
    veins = np.maximum(np.exp(-((vein / 0.07) ** 2)) * 0.6, np.exp(-((off / 0.018) ** 2)))
    mottled = sheet.noise(5, 4)
    colour = mixed((0.52, 0.27, 0.035), (0.42, 0.075, 0.02), step(-0.9, 1.3, mottled + 1.6 * np.abs(off) / 0.4 - 0.6))
    colour = mixed(colour, (0.13, 0.06, 0.02), step(1.0, 2.2, sheet.noise(16, 3)) * 0.8)
    colour = mixed(colour, (0.55, 0.36, 0.11), veins * 0.55)
    normals = bumped(_cupped(sheet, 0.5, -1.1), 0.25 * mottled - 1.5 * veins, 0.010, sheet.pixel)
    stem = solids.segment(sheet, (-0.96, 0.10), (-0.70, float(axis[0, 0]))) - 0.018
    sheet.lay(sheet.inside(stem), shaded((0.25, 0.13, 0.05), facing(0, -0.4), sheet.lighting))
    finish = Finish(gloss=0.18, roughness=0.4, wrap=0.3, through=0.5)
    sheet.lay(sheet.inside(outside), shaded(colour, normals, sheet.lighting, finish))


def _petal(sheet: Sheet, _pose: int) -> None:
    along = np.clip((sheet.x + 0.97) / 1.94, 0, 1)
    half = 0.66 * along**0.62 * np.maximum(1 - along**3.2, 0) ** 0.5 + 0.012 * sheet.noise(6, 3)
    notch = 0.10 * np.exp(-((sheet.y / 0.13) ** 2))
    outside = np.maximum(np.abs(sheet.y) - half, sheet.x - 0.95 + notch)
    lines = np.sin(sheet.y / (0.10 + 0.5 * along) * 28)
    colour = mixed((0.72, 0.24, 0.34), (0.82, 0.60, 0.64), step(0.05, 0.85, along)) * (1 + 0.035 * lines)[..., None]
    normals = bumped(_cupped(sheet, 0.9, 1.4), sheet.noise(5, 3), 0.03, sheet.pixel)
    finish = Finish(gloss=0.06, roughness=0.5, wrap=0.45, through=0.6)
    sheet.lay(sheet.inside(outside), shaded(colour, normals, sheet.lighting, finish))


def _feather(sheet: Sheet, _pose: int) -> None:
    axis = 0.16 * (sheet.x**2) - 0.09
    off = sheet.y - axis
    along = np.clip((sheet.x + 0.62) / 1.58, 0, 1)
    strand = sheet.x - np.abs(off) * 0.9
    rows = sheet.noise(3, 2)
    barbs = np.sin(strand * 150 + 2.2 * rows)
    split = step(0.955, 1.0, np.sin(strand * 9.3 + 1.1 * rows + np.where(off > 0, 2.0, 0.0)))
    half = (0.20 + 0.03 * np.where(off > 0, 1, -0.6)) * _arch(along**0.7) ** 0.55
    half = half * (1 - 0.35 * along) - 0.10 * split
    fluff = step(0.32, 0.0, along) * 0.05 * sheet.noise(40, 2)
    vane = sheet.inside(np.abs(off) - half - fluff, 0.02) * step(0.0, 0.03, along)
    colour = mixed((0.74, 0.72, 0.68), (0.30, 0.28, 0.27), step(0.45, 1.0, along) * 0.8)
    normals = unit(np.stack([-0.3 * sheet.x, -0.8 * off / 0.2 - 0.25, np.ones_like(off)], axis=-1))
    shade = shaded(colour * (1 + 0.10 * barbs)[..., None], normals, sheet.lighting, Finish(wrap=0.4, through=0.5))
    sheet.lay(vane * (0.9 + 0.08 * barbs), shade)
    quill = (
        sheet.inside(np.abs(off) - 0.012 * (1.3 - along), 0.01)
        * step(-0.98, -0.94, sheet.x)
        * step(-0.9, -0.8, -sheet.x)
    )
    sheet.lay(quill, shaded((0.72, 0.66, 0.55), facing(0, -0.3), sheet.lighting))


def _seed(sheet: Sheet, _pose: int) -> None:
    """A stalk with a seed below and a crown of fine hairs above."""
    stalk = solids.segment(sheet, (0.0, -0.25), (0.04, 0.98)) - 0.008
    sheet.lay(sheet.inside(stalk, 0.014) * 0.8, shaded((0.55, 0.50, 0.40), facing(-0.3, 0), sheet.lighting))
    for turn in np.linspace(-1.30, 1.30, 46):
        long = 0.93 - 0.10 * abs(turn) + sheet.rng.normal(0, 0.04)
        lean = turn + sheet.rng.normal(0, 0.05)
        end = (float(long * np.sin(lean)), float(-0.25 - long * np.cos(lean) * 0.9))
        hair = solids.segment(sheet, (0.0, -0.25), end) - 0.003
        sheet.lay(sheet.inside(hair, 0.012) * 0.5, shaded((0.85, 0.84, 0.80), facing(0, -0.4), sheet.lighting))
    grain = np.hypot((sheet.x - 0.045) / 0.045, (sheet.y - 1.10) / 0.14) - 1
    sheet.lay(sheet.inside(grain * 0.045), shaded((0.20, 0.12, 0.06), facing(-0.3, -0.2), sheet.lighting))


def _tumbleweed(sheet: Sheet, _pose: int) -> None:
    """Twigs that wind about a ball, dark and dense behind, dry and bright in front."""
    rows, columns = sheet.alpha.shape
    ball = solids.sphere(sheet, radius=0.9)
    core = np.clip(1 - np.hypot(sheet.x, sheet.y) / 0.95, 0, 1)
    sheet.lay(step(0.08, 0.6, core) * (0.86 + 0.12 * sheet.noise(22, 3)), (0.035, 0.026, 0.016))
    for depth in np.linspace(-0.85, 0.95, 8):
        mask: cv2.typing.MatLike = np.zeros((rows, columns), np.uint8)
        for _ in range(80):
            mask = _twig(sheet, mask, float(depth))
        front = (depth + 1) / 2
        straw = mixed((0.10, 0.070, 0.036), (0.46, 0.34, 0.19), np.full((1, 1), front**1.3))
        lit = shaded(straw, ball.normals, sheet.lighting, Finish(wrap=0.5), 0.35 + 0.65 * front)
        sheet.lay(mask.astype(np.float32) / 255 * (0.55 + 0.35 * front), lit)


def _twig(sheet: Sheet, mask: cv2.typing.MatLike, depth: float) -> cv2.typing.MatLike:
    rows, columns = sheet.alpha.shape
    reach = 0.45 + 0.5 * np.sqrt(1 - min(abs(depth), 0.98) ** 2)
    angle, heading = sheet.rng.uniform(0, 2 * np.pi, 2)
    far = reach * np.sqrt(sheet.rng.uniform(0, 1))
    t = np.linspace(0, 1, 10)
    bend = heading + sheet.rng.normal(0, 0.9) * t + 0.25 * np.sin(t * sheet.rng.uniform(4, 11) + angle)
    step_long = sheet.rng.uniform(0.25, 0.75) / len(t)
    x = far * np.cos(angle) + np.cumsum(np.cos(bend)) * step_long
    y = far * np.sin(angle) + np.cumsum(np.sin(bend)) * step_long
    held = np.minimum(1, 0.96 / np.maximum(np.hypot(x, y), 1e-3))
    at = np.stack([(x * held + 1) * columns / 2, y * held * columns / 2 + rows / 2], 1)
    width = max(1, round(columns * sheet.rng.uniform(0.002, 0.006)))
    return cv2.polylines(mask, [np.rint(at * 8).astype(np.int32)], False, 255, width, cv2.LINE_AA, 3)  # noqa: FBT003


def _fruit(y: Floats) -> Floats:
    t = np.clip((y + 0.78) / 1.72, 0, 1)
    wide = 0.97 * _arch(t**0.88) ** 0.40 * (1.0 - 0.22 * t**2)
    return np.where((y > -0.78) & (y < 0.94), wide, -0.1)


def _apple(sheet: Sheet, _pose: int) -> None:
    body = solids.turned(sheet, _fruit)
    angle = np.arctan2(sheet.x, 1.2 - 0.4 * sheet.y)
    stripes = 0.5 * np.sin(angle * 55 + sheet.noise(8, 2)) + 0.7 * sheet.noise(9, 4)
    colour = mixed((0.46, 0.022, 0.028), (0.56, 0.24, 0.05), step(0.2, 2.6, stripes - 1.4 * body.normals[..., 0]))
    specks = step(2.1, 2.7, sheet.noise(70, 1)) * 0.45
    colour = mixed(colour, (0.66, 0.50, 0.24), specks)
    dimple = np.exp(-((sheet.x / 0.30) ** 2) - ((sheet.y + 0.74) / 0.12) ** 2)
    normals = bumped(body.normals, -dimple, 0.25, sheet.pixel)
    open_sky = (1 - 0.75 * dimple) * (1 - 0.45 * np.clip(body.normals[..., 1], 0, 1) ** 2)
    finish = Finish(gloss=0.75, roughness=0.22, wrap=0.12)
    sheet.lay(body.coverage, shaded(colour, normals, sheet.lighting, finish, open_sky))
    stem = solids.segment(sheet, (0.01, -0.66), (0.10, -0.99)) - 0.03
    sheet.lay(sheet.inside(stem), shaded((0.13, 0.075, 0.04), facing(-0.5, 0), sheet.lighting))


PLANTS = (
    Prop(
        name="leaf",
        words=("leaves", "autumn leaf", "maple leaf"),
        width_m=0.09,
        aspect=0.6,
        material="leaf",
        mass_kg=0.001,
        painter=_leaf,
        light=True,
    ),
    Prop(
        name="petal",
        words=("petals", "flower petal", "rose petal"),
        width_m=0.035,
        aspect=0.76,
        material="leaf",
        mass_kg=0.0002,
        painter=_petal,
        light=True,
    ),
    Prop(
        name="feather",
        words=("feathers", "white feather", "plume feather"),
        width_m=0.14,
        aspect=0.42,
        material="feather",
        mass_kg=0.0003,
        painter=_feather,
        light=True,
    ),
    Prop(
        name="dandelion seed",
        words=("dandelion seeds", "dandelion clock", "seed parachute"),
        width_m=0.02,
        aspect=1.26,
        material="feather",
        mass_kg=0.000001,
        painter=_seed,
        light=True,
    ),
    Prop(
        name="tumbleweed",
        words=("tumbleweeds", "tumble weed"),
        width_m=0.7,
        aspect=1.0,
        material="straw",
        mass_kg=1.0,
        painter=_tumbleweed,
        round=True,
        airy=True,
    ),
    Prop(
        name="apple",
        words=("apples", "red apple"),
        width_m=0.08,
        aspect=1.0,
        material="fruit",
        mass_kg=0.18,
        painter=_apple,
    ),
)
