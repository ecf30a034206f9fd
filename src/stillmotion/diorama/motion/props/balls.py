"""Round things: balls, a marble, a stone, a snowball, a soap bubble, a water drop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion.props import solids
from stillmotion.diorama.motion.props.brush import (
    Finish,
    bumped,
    gleam,
    looked_up,
    mixed,
    seen_in,
    shaded,
    step,
)
from stillmotion.diorama.motion.props.records import Prop

if TYPE_CHECKING:
    from stillmotion.diorama.motion.props.brush import Floats, Paint, Sheet
    from stillmotion.diorama.motion.props.solids import Solid


def _crevice(normals: Floats) -> Floats:
    """How open the surface is: less towards the ground, where the underside meets its own shadow."""
    return np.asarray(1 - 0.45 * np.clip(normals[..., 1], 0, 1) ** 2, np.float32)


def _dirty(sheet: Sheet, albedo: Floats | Paint, strength: float = 0.10) -> Floats:
    """A colour with the unevenness of use."""
    worn = 1 + strength * (0.6 * sheet.noise(5) + 0.4 * sheet.noise(60, 2))
    return np.asarray(np.asarray(albedo, np.float32) * np.clip(worn, 0.5, 1.4)[..., None], np.float32)


def _put(sheet: Sheet, ball: Solid, albedo: Floats, finish: Finish, normals: Floats | None = None) -> None:
    seen = ball.normals if normals is None else normals
    sheet.lay(ball.coverage, shaded(albedo, seen, sheet.lighting, finish, _crevice(ball.normals)))


def _rubber(sheet: Sheet, _pose: int) -> None:
    ball = solids.sphere(sheet)
    p = ball.normals @ solids.tilted(24, 34)
    soft = 2 * sheet.pixel
    band = step(0.20, 0.20 + soft, np.abs(p[..., 1]))
    line = step(0.26, 0.26 + soft, np.abs(p[..., 1]))
    colour = mixed((0.62, 0.56, 0.44), (0.10, 0.13, 0.28), band)
    colour = mixed(colour, (0.50, 0.055, 0.045), line)
    normals = bumped(ball.normals, sheet.noise(90, 2), 0.0012, sheet.pixel)
    _put(sheet, ball, _dirty(sheet, colour, 0.08), Finish(gloss=0.55, roughness=0.3, wrap=0.12), normals)


def _faces() -> tuple[Floats, Floats]:
    """Middles of the 12 pentagons and 20 hexagons of a football, unit vectors."""
    golden = (1 + 5**0.5) / 2
    pent = np.array([(0, s, t * golden) for s in (-1, 1) for t in (-1, 1)])
    pent = np.concatenate([pent, pent[:, [2, 0, 1]], pent[:, [1, 2, 0]]])
    cube = np.array([(a, b, c) for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)], float)
    oblong = np.array([(0, s / golden, t * golden) for s in (-1, 1) for t in (-1, 1)])
    six = np.concatenate([cube, oblong[:, [0, 2, 1]], oblong[:, [2, 1, 0]], oblong[:, [1, 0, 2]]])
    norm = [group / np.linalg.norm(group, axis=1, keepdims=True) for group in (pent, six)]
    return norm[0].astype(np.float32), norm[1].astype(np.float32)


def _football(sheet: Sheet, _pose: int) -> None:
    ball = solids.sphere(sheet)
    p = ball.normals @ solids.rotation(sheet.rng)
    pent, six = _faces()
    near_five = (p @ pent.T).max(-1) + 0.018
    toward_six = np.sort(p @ six.T, axis=-1)[..., -2:]
    best = np.sort(np.stack([near_five, toward_six[..., 0], toward_six[..., 1]], axis=-1), axis=-1)
    gap = best[..., 2] - best[..., 1]
    seam = 1 - step(0.004, 0.022, gap)
    black = step(-sheet.pixel, sheet.pixel, near_five - toward_six[..., 1])
    colour = mixed((0.62, 0.61, 0.58), (0.022, 0.022, 0.025), black)
    colour = mixed(colour, (0.10, 0.10, 0.095), seam * 0.8)
    height = -0.5 * seam + 0.02 * sheet.noise(110, 2)
    normals = bumped(ball.normals, np.asarray(height, np.float32), 0.006, sheet.pixel)
    _put(sheet, ball, _dirty(sheet, colour, 0.10), Finish(gloss=0.45, roughness=0.32, wrap=0.12), normals)


def _basketball(sheet: Sheet, _pose: int) -> None:
    ball = solids.sphere(sheet)
    p = ball.normals @ solids.tilted(28, 22)
    curved = np.abs(np.hypot(np.abs(p[..., 0]) - 1.18, p[..., 1]) - 0.72)
    line = np.minimum(np.minimum(np.abs(p[..., 0]), np.abs(p[..., 1])), curved)
    seam = 1 - step(0.012, 0.012 + 3 * sheet.pixel, line)
    pebble = sheet.noise(80, 2)
    colour = mixed(_dirty(sheet, (0.56, 0.185, 0.05), 0.16), (0.018, 0.014, 0.012), seam)
    colour = np.asarray(colour * (1 + 0.07 * np.clip(pebble, -2, 2))[..., None], np.float32)
    normals = bumped(ball.normals, np.asarray(pebble * 0.5 - 3 * seam, np.float32), 0.0016, sheet.pixel)
    _put(sheet, ball, colour, Finish(gloss=0.3, roughness=0.42, wrap=0.12), normals)


def _tennis(sheet: Sheet, _pose: int) -> None:
    ball = solids.sphere(sheet, radius=0.96)
    p = ball.normals @ solids.tilted(-30, 25)
    seam = 1 - step(0.03, 0.03 + 4 * sheet.pixel, np.abs(p[..., 2] - 0.85 * (p[..., 0] ** 2 - p[..., 1] ** 2)) / 1.6)
    fuzz = sheet.noise(60, 3)
    colour = mixed(_dirty(sheet, (0.47, 0.55, 0.08), 0.12), (0.55, 0.55, 0.48), seam)
    normals = bumped(ball.normals, np.asarray(fuzz - seam, np.float32), 0.003, sheet.pixel)
    edge = sheet.inside(np.asarray(np.hypot(sheet.x, sheet.y) - 0.962 + 0.012 * fuzz, np.float32), 0.03)
    finish = Finish(wrap=0.4)
    sheet.lay(edge, shaded(colour, normals, sheet.lighting, finish, _crevice(ball.normals)))


def _snowball(sheet: Sheet, _pose: int) -> None:
    lump = sheet.noise(4, 5)
    ball = solids.sphere(sheet, radius=0.93)
    edge = sheet.inside(np.asarray(np.hypot(sheet.x, sheet.y) - 0.93 + 0.022 * lump, np.float32), 0.015)
    normals = bumped(ball.normals, np.asarray(lump + 0.3 * sheet.noise(50, 2), np.float32), 0.02, sheet.pixel)
    finish = Finish(wrap=0.35, gloss=0.08, roughness=0.5)
    open_sky = np.asarray(_crevice(ball.normals) * (1 + 0.10 * np.clip(lump, -2, 1)), np.float32)
    sheet.lay(edge, shaded((0.80, 0.83, 0.88), normals, sheet.lighting, finish, open_sky))


def _stone(sheet: Sheet, _pose: int) -> None:
    lump = sheet.noise(3, 2)
    across, down = sheet.x / 0.93, sheet.y / 0.67
    power = (np.abs(across) ** 2.4 + np.abs(down) ** 2.4) ** (1 / 2.4)
    reach = np.asarray(power + 0.03 * lump, np.float32)
    depth = np.sqrt(np.maximum(1 - np.minimum(reach, 1) ** 2, 0.001))
    normals = np.stack([across * 0.8, down * 1.1, depth], axis=-1)
    normals = np.asarray(normals / np.linalg.norm(normals, axis=-1, keepdims=True), np.float32)
    grain = sheet.noise(22, 5)
    colour = mixed((0.20, 0.185, 0.165), (0.34, 0.32, 0.29), step(-1.2, 1.5, grain + 0.5 * lump))
    rough = bumped(normals, np.asarray(grain + 2 * lump, np.float32), 0.012, sheet.pixel)
    edge = sheet.inside(np.asarray((reach - 1) * 0.67, np.float32))
    sheet.lay(edge, shaded(colour, rough, sheet.lighting, Finish(wrap=0.05), _crevice(normals)))


def _core(sheet: Sheet, _pose: int) -> None:
    """The inside of a marble: a coloured ribbon in green glass."""
    ball = solids.sphere(sheet)
    n = ball.normals
    p = n @ solids.tilted(20, 30)
    twist = np.sin(3.0 * p[..., 1] + 2.2) * 0.42
    ribbon = step(0.0, 0.10, 0.20 - np.abs(p[..., 0] * (0.6 + 0.4 * n[..., 2]) - twist)) * step(0.15, 0.5, n[..., 2])
    around = sheet.lighting.view.mean((0, 1)) * np.array([0.01, 0.03, 0.03])
    lit = shaded((0.03, 0.24, 0.55), n, sheet.lighting, Finish(wrap=0.5))
    sheet.lay(ball.coverage, mixed(np.broadcast_to(around, n.shape), lit * 1.8, ribbon))


def _glass(sheet: Sheet, _pose: int) -> None:
    """Around it: the world upside down, darker at the rim; the key light, and its focus on the far side."""
    ball = solids.sphere(sheet)
    n = ball.normals
    bend = 0.5 - 0.46 * n[..., :2] * (1.12 - 0.25 * n[..., 2:3])
    through = looked_up(sheet.lighting, bend[..., 0], bend[..., 1], 0.02)
    body = through * np.array([0.62, 0.86, 0.80]) * (0.35 + 0.65 * n[..., 2:3] ** 0.7)
    towards = np.asarray(sheet.lighting.direction, np.float32)
    away = np.array([-towards[0], -towards[1], 0.35], np.float32)
    focus = np.clip(n @ (away / np.linalg.norm(away)), 0, 1)
    caustic = (
        (0.55 * focus**9 + 0.8 * focus**60)[..., None] * np.asarray(sheet.lighting.key) * np.array([0.7, 0.95, 0.9])
    )
    seen = body + caustic
    # As little alpha as its brightness needs: where the glass shows something dark, the ribbon shows through.
    share = np.clip(np.maximum(seen.max(-1), 0.25 + 0.7 * (1 - n[..., 2]) ** 2), 0, 1)
    sheet.lay(ball.coverage * share, seen / np.maximum(share, 1e-3)[..., None])
    spark = gleam(n, sheet.lighting, Finish(gloss=1.2, roughness=0.10)) * ball.coverage[..., None]
    sheet.lay(np.clip(spark.max(-1), 0, 1), np.clip(spark / np.maximum(spark.max(-1, keepdims=True), 1e-3), 0, 1))


def _soap(sheet: Sheet, _pose: int) -> None:
    """Nearly nothing in the middle, a coloured film towards the rim, the surroundings mirrored on both walls."""
    ball = solids.sphere(sheet)
    n = ball.normals
    rim = (1 - n[..., 2]) ** 2.2
    film = 5.5 * n[..., 2] + 0.7 * sheet.noise(3, 3) + 2.2 * n[..., 1]
    colours = 0.5 + 0.5 * np.stack([np.cos(film), np.cos(film + 2.1), np.cos(film + 4.2)], axis=-1)
    front, back = seen_in(n, sheet.lighting, 0.03), seen_in(n * np.array([-1, -1, 1], np.float32), sheet.lighting, 0.05)
    share = np.asarray((0.05 + 0.62 * rim) * ball.coverage, np.float32)
    mirrored = (0.7 * front + 0.35 * back + 0.15 * np.asarray(sheet.lighting.sky, np.float32)) * (0.55 + 0.9 * colours)
    sheet.lay(share, np.asarray(mirrored, np.float32))
    spark = gleam(n, sheet.lighting, Finish(gloss=0.8, roughness=0.09))
    spark = spark + 0.35 * gleam(
        n * np.array([-1, -1, 1], np.float32), sheet.lighting, Finish(gloss=0.8, roughness=0.1)
    )
    bright = np.clip(spark.max(-1) * 0.8, 0, 1) * ball.coverage
    sheet.lay(np.asarray(bright, np.float32), (1.0, 1.0, 1.0))


def _drop(sheet: Sheet, _pose: int) -> None:
    """Falling water: a ball, a little flattened below, that shows what is behind upside down."""
    across, down = sheet.x / 0.95, sheet.y / np.where(sheet.y > 0, 0.88, 0.98)
    ball = solids.sphere(sheet, radius=0.96)
    reach = np.sqrt(across**2 + down**2)
    n = ball.normals
    bend = 0.5 - 0.45 * n[..., :2]
    body = looked_up(sheet.lighting, bend[..., 0], bend[..., 1], 0.02) * (0.45 + 0.6 * n[..., 2:3])
    cover = sheet.inside(np.asarray(reach - 1, np.float32))
    sheet.lay(np.asarray(cover * (0.55 + 0.4 * (1 - n[..., 2])), np.float32), np.asarray(body * 1.05, np.float32))
    spark = gleam(n, sheet.lighting, Finish(gloss=1.0, roughness=0.12)).max(-1)
    sheet.lay(np.asarray(np.clip(spark, 0, 1) * cover, np.float32), (1.0, 1.0, 1.0))


def _plain(sheet: Sheet, _pose: int) -> None:
    ball = solids.sphere(sheet)
    grey = np.full((1, 1, 3), 0.30, np.float32)
    _put(sheet, ball, grey, Finish(gloss=0.5, roughness=0.32, wrap=0.12))


PLAIN_BALL = Prop(
    name="plain ball", words=(), width_m=0.2, aspect=1.0, material="rubber", mass_kg=0.4, painter=_plain, round=True
)
"""Grey: it tells how light falls on any ball."""

BALLS = (
    Prop(
        name="ball",
        words=("rubber ball", "toy ball", "beach ball", "bouncy ball", "balls"),
        width_m=0.22,
        aspect=1.0,
        material="rubber",
        mass_kg=0.35,
        painter=_rubber,
        round=True,
    ),
    Prop(
        name="football",
        words=("soccer ball", "footballs"),
        width_m=0.22,
        aspect=1.0,
        material="rubber",
        mass_kg=0.43,
        painter=_football,
        round=True,
    ),
    Prop(
        name="basketball",
        words=("basket ball",),
        width_m=0.24,
        aspect=1.0,
        material="rubber",
        mass_kg=0.62,
        painter=_basketball,
        round=True,
    ),
    Prop(
        name="tennis ball",
        words=("tennisball",),
        width_m=0.067,
        aspect=1.0,
        material="rubber",
        mass_kg=0.058,
        painter=_tennis,
        round=True,
    ),
    Prop(
        name="snowball",
        words=("snow ball",),
        width_m=0.09,
        aspect=1.0,
        material="snow",
        mass_kg=0.15,
        painter=_snowball,
        round=True,
    ),
    Prop(
        name="stone",
        words=("pebble", "rock", "stones", "boulder"),
        width_m=0.12,
        aspect=0.74,
        material="stone",
        mass_kg=1.4,
        painter=_stone,
    ),
    Prop(
        name="marble",
        words=("glass marble", "glass ball", "marbles"),
        width_m=0.022,
        aspect=1.0,
        material="glass",
        mass_kg=0.014,
        painter=_core,
        skin=_glass,
        round=True,
    ),
    Prop(
        name="soap bubble",
        words=("bubble", "soap bubbles"),
        width_m=0.07,
        aspect=1.0,
        material="water",
        mass_kg=0.0005,
        painter=_soap,
        light=True,
    ),
    Prop(
        name="water drop",
        words=("drop", "droplet", "waterdrop", "drop of water", "raindrop"),
        width_m=0.005,
        aspect=1.0,
        material="water",
        mass_kg=0.0001,
        painter=_drop,
    ),
)
