"""What flies: bird, butterfly, bee, paper plane, kite."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion.props import solids
from stillmotion.diorama.motion.props.brush import Finish, facing, mixed, shaded, step, unit
from stillmotion.diorama.motion.props.records import Prop
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.props.brush import Floats, Sheet

_FEATHERS = Finish(wrap=0.3)
_Wings = tuple[list[tuple[float, float]], list[tuple[float, float]], list[tuple[float, float]]]
BEATS = 6
"""Positions of a bird's wing, from up to down."""
_NEAR_WING: _Wings = (
    [(0.24, -0.02), (0.10, -0.30), (-0.20, -0.66), (-0.58, -0.86), (-0.46, -0.52), (-0.30, -0.18), (-0.16, 0.02)],
    [(0.24, 0.00), (0.12, -0.14), (-0.14, -0.22), (-0.66, -0.12), (-0.52, 0.02), (-0.34, 0.06), (-0.14, 0.06)],
    [(0.24, 0.02), (0.20, 0.22), (-0.02, 0.52), (-0.42, 0.74), (-0.34, 0.44), (-0.24, 0.20), (-0.14, 0.06)],
)
"""Outlines of the wing towards the camera: up, level, down."""
_FAR_WING: _Wings = (
    [(0.22, -0.04), (0.26, -0.34), (0.10, -0.66), (-0.14, -0.84), (-0.12, -0.50), (-0.06, -0.20), (-0.04, -0.04)],
    [(0.24, -0.04), (0.26, -0.16), (0.10, -0.27), (-0.22, -0.26), (-0.12, -0.14), (-0.06, -0.08), (-0.02, -0.04)],
    [(0.22, 0.02), (0.26, 0.20), (0.14, 0.44), (-0.10, 0.58), (-0.08, 0.34), (-0.06, 0.16), (-0.02, 0.04)],
)


def _between(wings: _Wings, pose: int) -> list[tuple[float, float]]:
    """The outline of a wing on its way from up to down."""
    share = 2 * pose / (BEATS - 1)
    low = min(int(share), 1)
    pairs = zip(wings[low], wings[low + 1], strict=True)
    return [(ax + (share - low) * (bx - ax), ay + (share - low) * (by - ay)) for (ax, ay), (bx, by) in pairs]


def _bird(sheet: Sheet, pose: int) -> None:
    """A gull that flies to the right, seen from the side."""
    barbs = 1 + 0.07 * sheet.noise(26, 2)
    far = sheet.inside(solids.polygon(sheet, solids.smooth(_between(_FAR_WING, pose), 5)))
    dusk = mixed((0.30, 0.31, 0.32), (0.035, 0.035, 0.04), step(0.50, 0.78, np.abs(sheet.y)))
    sheet.lay(far, shaded(dusk * barbs[..., None], facing(-0.2, 0.35), sheet.lighting, _FEATHERS, 0.75))
    tail = solids.polygon(sheet, [(-0.38, -0.03), (-0.68, -0.06), (-0.71, 0.05), (-0.40, 0.09)])
    sheet.lay(sheet.inside(tail), shaded((0.62, 0.62, 0.60), facing(-0.2, -0.2), sheet.lighting, _FEATHERS))
    beak = solids.polygon(sheet, [(0.64, 0.00), (0.80, 0.055), (0.63, 0.075)])
    sheet.lay(sheet.inside(beak), shaded((0.55, 0.30, 0.04), facing(0.3, 0.0), sheet.lighting))
    trunk = [(0.66, 0.00), (0.56, -0.085), (0.40, -0.075), (0.10, -0.12), (-0.25, -0.085), (-0.46, 0.01)]
    below = [(-0.30, 0.13), (0.05, 0.19), (0.38, 0.155), (0.58, 0.085)]
    body = solids.polygon(sheet, solids.smooth(trunk + below))
    down = np.clip((sheet.y - 0.03) / 0.16, -1, 1)
    normals = unit(np.stack([0.2 * sheet.x, down, np.sqrt(np.maximum(1.1 - down**2, 0.05))], axis=-1))
    white = mixed((0.34, 0.35, 0.37), (0.74, 0.73, 0.70), step(-0.09, 0.02, sheet.y + 0.06 * step(0.3, 0.45, sheet.x)))
    sheet.lay(sheet.inside(body), shaded(white * barbs[..., None], normals, sheet.lighting, _FEATHERS))
    sheet.lay(sheet.inside(np.hypot(sheet.x - 0.565, sheet.y + 0.025) - 0.018), (0.01, 0.01, 0.01))
    near = sheet.inside(solids.polygon(sheet, solids.smooth(_between(_NEAR_WING, pose), 5)))
    spread = step(0.30, 0.72, np.hypot(sheet.x + 0.05, sheet.y))
    grey = mixed(
        mixed((0.36, 0.37, 0.39), (0.60, 0.60, 0.60), np.abs(sheet.noise(9, 2)) * 0.3), (0.03, 0.03, 0.035), spread
    )
    tilt = -0.85 + 1.3 * max(0.0, pose / (BEATS - 1) - 0.4)
    sheet.lay(near, shaded(grey * barbs[..., None], facing(-0.15, tilt), sheet.lighting, _FEATHERS))


_FORE = [
    (0.02, -0.04),
    (0.20, -0.42),
    (0.58, -0.70),
    (0.96, -0.72),
    (0.93, -0.46),
    (0.72, -0.08),
    (0.40, 0.04),
    (0.08, 0.04),
]
_HIND = [(0.03, 0.02), (0.34, 0.03), (0.66, 0.10), (0.74, 0.36), (0.56, 0.64), (0.32, 0.66), (0.12, 0.36)]
_OPEN = (1.0, 0.85, 0.62, 0.40, 0.22)
"""How wide the wings of a butterfly look in each pose."""


def _wing(sheet: Sheet, outline: list[tuple[float, float]], right: float, wide: float) -> None:
    shape = [(right * x * wide, y) for x, y in solids.smooth(outline)]
    distance = solids.polygon(sheet, shape)
    across, down = np.abs(sheet.x) / wide, sheet.y
    turn = np.arctan2(down - 0.02, across)
    vein = np.abs(((turn * 5.2 + 0.3) % 1) - 0.5)
    veins = np.exp(-((vein / 0.05) ** 2)) * step(0.12, 0.3, np.hypot(across, down))
    margin = step(-0.15, -0.07, distance / max(wide, 0.5))
    orange = mixed((0.62, 0.20, 0.03), (0.70, 0.36, 0.06), np.clip(0.5 + 0.3 * sheet.noise(6, 3), 0, 1))
    colour = mixed(orange, (0.018, 0.013, 0.012), np.maximum(veins * 0.85, margin))
    dots = (
        step(0.55, 0.8, np.sin(turn * 17) * np.sin(np.hypot(across, down) * 42)) * margin * step(0.04, 0.05, -distance)
    )
    colour = mixed(colour, (0.70, 0.68, 0.62), dots)
    finish = Finish(gloss=0.06, wrap=0.3, through=0.45)
    sheet.lay(sheet.inside(distance), shaded(colour, facing(right * (1.1 - wide), -0.35), sheet.lighting, finish))


def _butterfly(sheet: Sheet, pose: int) -> None:
    """Seen from above and behind; its head is up."""
    wide = _OPEN[pose]
    for right in (-1.0, 1.0):
        _wing(sheet, _HIND, right, wide)
        _wing(sheet, _FORE, right, wide)
    body = np.hypot(sheet.x / 0.042, (sheet.y - 0.02) / 0.30) - 1
    across = np.clip(sheet.x / 0.05, -1, 1)
    normals = unit(np.stack([across, 0 * across - 0.2, np.sqrt(1.05 - across**2)], axis=-1))
    sheet.lay(sheet.inside(body * 0.042), shaded((0.05, 0.04, 0.035), normals, sheet.lighting, Finish(wrap=0.3)))
    for right in (-1.0, 1.0):
        feeler = solids.segment(sheet, (0.01 * right, -0.26), (0.16 * right, -0.56)) - 0.006
        sheet.lay(sheet.inside(feeler, 0.012) * 0.8, (0.02, 0.016, 0.014))


def _bee(sheet: Sheet, pose: int) -> None:
    """It flies to the right; its wings are a blur."""
    for lean, share in ((-0.15, 0.34), (0.30, 0.26)):
        angle = -1.25 + lean + 0.5 * pose
        along = (sheet.x - 0.08) * np.cos(angle) + (sheet.y + 0.16) * np.sin(angle)
        off = -(sheet.x - 0.08) * np.sin(angle) + (sheet.y + 0.16) * np.cos(angle)
        wing = np.hypot((along - 0.30) / 0.36, off / 0.19) - 1
        sheet.lay(sheet.inside(wing * 0.15, 0.07) * share, shaded((0.75, 0.74, 0.70), facing(0, -0.5), sheet.lighting))
    fuzz = sheet.noise(34, 3)
    for x, y, wide, tall, stripes in (
        (-0.34, 0.08, 0.50, 0.26, 1.0),
        (0.16, -0.02, 0.30, 0.28, 0.0),
        (0.47, 0.04, 0.17, 0.18, 0.0),
    ):
        across, down = (sheet.x - x) / wide, (sheet.y - y - 0.12 * (sheet.x - x)) / tall
        reach = np.hypot(across, down)
        dome = np.sqrt(np.maximum(1 - np.minimum(reach, 1) ** 2, 0.002))
        normals = unit(np.stack([across, down, dome], axis=-1))
        dark = step(-0.15, 0.25, np.sin((sheet.x - x) * 21 + 1.2)) * stripes
        gold = mixed((0.44, 0.25, 0.05), (0.022, 0.016, 0.012), np.maximum(dark, float(x > 0.4)))
        hairy = sheet.inside((reach - 1 + 0.04 * fuzz) * tall, 0.03)
        light = shaded(gold * (1 + 0.18 * fuzz)[..., None], normals, sheet.lighting, Finish(gloss=0.25, wrap=0.3))
        sheet.lay(hairy, light)


def _paper_plane(sheet: Sheet, _pose: int) -> None:
    """It flies to the right, seen from the side and a little from above."""
    paper = np.array([0.80, 0.79, 0.76])
    grain = (1 + 0.015 * sheet.noise(60, 2))[..., None]
    parts: tuple[tuple[list[tuple[float, float]], tuple[float, float], float], ...] = (
        ([(0.96, 0.02), (-0.82, -0.40), (-0.62, 0.02)], (0.1, -0.75), 1.0),
        ([(0.96, 0.02), (-0.62, 0.02), (-0.70, 0.36)], (-0.1, 0.75), 0.62),
        ([(0.96, 0.02), (-0.66, 0.03), (-0.95, 0.17)], (-0.2, -0.95), 1.0),
    )
    for outline, tilt, open_sky in parts:
        lit = shaded(paper * grain, facing(*tilt), sheet.lighting, Finish(wrap=0.2, through=0.25), open_sky)
        fold = np.exp(-np.abs(solids.segment(sheet, outline[0], outline[1])) / 0.012)
        sheet.lay(sheet.inside(solids.polygon(sheet, outline)), lit * (1 - 0.10 * fold)[..., None])


def _kite(sheet: Sheet, _pose: int) -> None:
    top, right, bottom, left = (0.12, -1.72), (0.92, -0.98), (-0.16, 0.30), (-0.86, -0.78)
    middle = (0.04, -0.90)
    cloths = (
        (top, right, (0.55, 0.06, 0.05)),
        (right, bottom, (0.70, 0.42, 0.06)),
        (bottom, left, (0.08, 0.18, 0.42)),
        (left, top, (0.62, 0.60, 0.54)),
    )
    t = np.clip((sheet.y - 0.30) / 1.40, 0, 1)
    way = -0.16 + 0.22 * np.sin(5.4 * t) * t + 0.05 * t
    tail = sheet.inside(np.abs(sheet.x - way) - 0.016, 0.02) * step(0.28, 0.31, sheet.y) * step(-1.71, -1.66, -sheet.y)
    sheet.lay(tail, shaded((0.5, 0.46, 0.40), facing(), sheet.lighting))
    for at in (0.22, 0.45, 0.68, 0.92):
        knot_x, knot_y = -0.16 + 0.22 * float(np.sin(5.4 * at)) * at + 0.05 * at, 0.30 + 1.40 * at
        bow = np.maximum(
            np.abs(sheet.x - knot_x) - 0.13, np.abs(sheet.y - knot_y) - 0.55 * np.abs(sheet.x - knot_x) - 0.012
        )
        sheet.lay(sheet.inside(bow), shaded((0.55, 0.10, 0.06), facing(0.2, -0.3), sheet.lighting, Finish(wrap=0.3)))
    for one, two, paint in cloths:
        way_out = ((one[0] + two[0]) / 2 - middle[0], (one[1] + two[1]) / 2 - middle[1])
        normals = facing(0.45 * way_out[0], 0.45 * way_out[1] - 0.1)
        lit = shaded(
            np.array(paint) * (1 + 0.03 * sheet.noise(9, 3))[..., None],
            normals,
            sheet.lighting,
            Finish(wrap=0.3, through=0.5),
        )
        sheet.lay(sheet.inside(solids.polygon(sheet, [one, two, middle])), lit)
    for one, two in ((top, bottom), (left, right)):
        spar: Floats = solids.segment(sheet, one, two) - 0.011
        sheet.lay(sheet.inside(spar) * 0.7, shaded((0.20, 0.13, 0.07), facing(0, -0.3), sheet.lighting))


FLYERS = (
    Prop(
        name="bird",
        words=("birds", "gull", "seagull", "gulls", "pigeon", "dove", "crow", "swallow"),
        width_m=1.1,
        aspect=1.0,
        material="feather",
        mass_kg=0.9,
        painter=_bird,
        light=True,
        poses=BEATS,
        surface=Surface.ANIMAL,
    ),
    Prop(
        name="butterfly",
        words=("butterflies", "moth"),
        width_m=0.08,
        aspect=0.8,
        material="feather",
        mass_kg=0.0005,
        painter=_butterfly,
        light=True,
        poses=len(_OPEN),
        surface=Surface.ANIMAL,
    ),
    Prop(
        name="bee",
        words=("bees", "bumblebee", "wasp"),
        width_m=0.018,
        aspect=0.9,
        material="feather",
        mass_kg=0.0002,
        painter=_bee,
        light=True,
        poses=2,
        surface=Surface.ANIMAL,
    ),
    Prop(
        name="paper plane",
        words=("paper airplane", "paper aeroplane", "paper aircraft", "paper glider"),
        width_m=0.28,
        aspect=0.5,
        material="paper",
        mass_kg=0.005,
        painter=_paper_plane,
        light=True,
    ),
    Prop(
        name="kite",
        words=("kites", "toy kite"),
        width_m=0.8,
        aspect=1.75,
        material="cloth",
        mass_kg=0.15,
        painter=_kite,
        light=True,
    ),
)
