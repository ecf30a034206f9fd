"""What carries people: a sailing boat, a rowing boat, a car."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion.props import solids
from stillmotion.diorama.motion.props.brush import Finish, facing, gleam, looked_up, mixed, shaded, step, unit
from stillmotion.diorama.motion.props.records import Prop
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.props.brush import Floats, Paint, Sheet

Outline = list[tuple[float, float]]


def _sailcloth(sheet: Sheet, outline: Outline, belly: float) -> None:
    """A sail that the wind fills; seams run across it."""
    distance = solids.polygon(sheet, outline)
    low_x, high_x = min(x for x, _ in outline), max(x for x, _ in outline)
    across = np.clip((sheet.x - low_x) / (high_x - low_x) * 2 - 1, -1, 1)
    normals = unit(np.stack([-0.7 * across - 0.15 * belly, 0 * across - 0.05, np.ones_like(across)], axis=-1))
    seams = np.exp(-(((((sheet.y + 0.12 * sheet.x) * 5.5) % 1) - 0.5) ** 2) / 0.0012)
    cloth = np.array([0.78, 0.76, 0.70]) * (1 - 0.09 * seams + 0.02 * sheet.noise(7, 3))[..., None]
    sheet.lay(sheet.inside(distance), shaded(cloth, normals, sheet.lighting, Finish(wrap=0.35, through=0.55)))


def _hull(sheet: Sheet, top: Outline, bottom: Outline, paints: tuple[Paint, Paint], waterline: float) -> None:
    """A hull seen from the side: bright above, darker as it turns under, wet at the water."""
    distance = solids.polygon(sheet, top + bottom)
    deck, keel = min(y for _, y in top), max(y for _, y in bottom)
    down = np.clip((sheet.y - deck) / (keel - deck), 0, 1)
    normals = unit(np.stack([0.35 * sheet.x, 0.75 * down - 0.15, np.ones_like(down)], axis=-1))
    band = step(0.0, 0.012, 0.035 - np.abs(sheet.y - deck - 0.075))
    planks = np.exp(-((((down * 5) % 1) - 0.5) ** 2) / 0.003)
    wet = step(waterline - 0.035, waterline, sheet.y)
    colour = mixed(*paints, band) * (1 - 0.12 * planks - 0.45 * wet + 0.05 * sheet.noise(14, 3))[..., None]
    finish = Finish(gloss=0.35, roughness=0.35, wrap=0.1)
    sheet.lay(sheet.inside(distance), shaded(colour, normals, sheet.lighting, finish, 1 - 0.4 * down))


def _sailing(sheet: Sheet, _pose: int) -> None:
    _sailcloth(sheet, [(0.10, -1.28), (0.20, -0.95), (0.46, -0.20), (0.84, 0.66), (0.14, 0.60)], -0.5)
    mast = np.maximum(np.abs(sheet.x - 0.08) - 0.016, np.abs(sheet.y + 0.29) - 1.04)
    across = np.clip((sheet.x - 0.08) / 0.016, -1, 1)
    tube = unit(np.stack([across, 0 * across, np.sqrt(1.02 - across**2)], axis=-1))
    _sailcloth(sheet, [(0.05, -1.26), (0.05, 0.58), (-0.72, 0.62), (-0.66, 0.50), (-0.36, -0.25), (-0.12, -0.85)], 0.5)
    sheet.lay(sheet.inside(mast), shaded((0.30, 0.20, 0.11), tube, sheet.lighting, Finish(gloss=0.2)))
    boom = solids.segment(sheet, (0.08, 0.645), (-0.76, 0.665)) - 0.016
    sheet.lay(sheet.inside(boom), shaded((0.28, 0.18, 0.10), facing(0, -0.2), sheet.lighting))
    for x, lean in ((-0.30, 0.0), (-0.16, 0.1)):
        _sitting(sheet, x, 0.93, 0.135, lean)
    top = [(-0.86, 0.92), (-0.3, 0.965), (0.3, 0.955), (0.95, 0.86)]
    _hull(
        sheet,
        top,
        [(0.72, 1.16), (0.40, 1.27), (-0.60, 1.27), (-0.80, 1.16)],
        ((0.62, 0.61, 0.58), (0.06, 0.10, 0.24)),
        1.24,
    )


def _sitting(sheet: Sheet, x: float, y: float, tall: float, lean: float) -> None:
    """Somebody far away: a coat and a head."""
    coat = np.hypot((sheet.x - x - lean * (y - sheet.y)) / (0.40 * tall), (sheet.y - y) / (0.85 * tall)) - 1
    down = np.clip((sheet.y - y) / tall, -1, 1)
    normals = unit(np.stack([(sheet.x - x) / tall, down, np.ones_like(down)], axis=-1))
    paint = ((0.22, 0.05, 0.04), (0.05, 0.08, 0.16))[int(lean > 0.05)]
    sheet.lay(sheet.inside(coat * 0.4 * tall), shaded(paint, normals, sheet.lighting))
    head = np.hypot(sheet.x - x - lean * tall, sheet.y - y + 1.05 * tall) - 0.24 * tall
    hair = step(0.0, 0.03, y - 1.10 * tall - sheet.y)
    skin = mixed((0.36, 0.21, 0.15), (0.06, 0.04, 0.03), hair)
    sheet.lay(sheet.inside(head), shaded(skin, normals, sheet.lighting))


def _rowing(sheet: Sheet, _pose: int) -> None:
    inner = solids.polygon(
        sheet, solids.smooth([(-0.86, -0.03), (-0.3, 0.02), (0.4, 0.01), (0.90, -0.08), (0.3, -0.06), (-0.4, -0.05)])
    )
    sheet.lay(sheet.inside(inner), shaded((0.10, 0.06, 0.035), facing(0, 0.3), sheet.lighting, open_sky=0.6))
    _sitting(sheet, -0.06, -0.10, 0.20, 0.1)
    oar = solids.segment(sheet, (0.02, -0.08), (-0.46, 0.26)) - 0.012
    top = [(-0.90, -0.05), (-0.4, 0.00), (0.4, 0.00), (0.96, -0.13)]
    _hull(
        sheet,
        top,
        [(0.80, 0.16), (0.5, 0.27), (-0.62, 0.27), (-0.82, 0.20)],
        ((0.20, 0.105, 0.05), (0.50, 0.47, 0.40)),
        0.25,
    )
    sheet.lay(sheet.inside(oar), shaded((0.36, 0.25, 0.14), facing(0, -0.4), sheet.lighting))


_BODY: Outline = [
    (-0.97, 0.16), (-0.98, 0.00), (-0.93, -0.10), (-0.70, -0.125), (-0.42, -0.335), (-0.22, -0.385), (0.08, -0.375),
    (0.24, -0.315), (0.47, -0.125), (0.78, -0.075), (0.94, 0.00), (0.98, 0.14), (0.95, 0.22), (0.5, 0.235),
    (-0.5, 0.235), (-0.94, 0.22),
]  # fmt: skip
_GLASS: Outline = [(-0.60, -0.125), (-0.395, -0.290), (-0.20, -0.335), (0.07, -0.325), (0.20, -0.275), (0.385, -0.115)]


def _car(sheet: Sheet, _pose: int) -> None:
    """A saloon that drives to the right, seen from the side."""
    under = np.maximum(np.abs(sheet.x) - 0.84, np.abs(sheet.y - 0.22) - 0.07)
    sheet.lay(sheet.inside(under), (0.006, 0.006, 0.007))
    body = solids.polygon(sheet, solids.smooth(_BODY, 6))
    roll = step(-0.16, -0.05, sheet.y)
    lean = np.where(sheet.y < -0.12, -0.75, -0.55 + 2.6 * (sheet.y + 0.02))
    normals = unit(np.stack([0.55 * sheet.x**3, np.clip(lean, -0.8, 0.75), np.ones_like(lean)], axis=-1))
    crease = np.exp(-(((sheet.y - 0.035 - 0.02 * sheet.x) / 0.012) ** 2)) * roll
    paint = np.array([0.085, 0.115, 0.165]) * (1 + 0.5 * crease)[..., None]
    sill = step(0.15, 0.18, sheet.y)
    lit = shaded(mixed(paint, (0.02, 0.02, 0.022), sill), normals, sheet.lighting, Finish(gloss=0.9, roughness=0.25))
    horizon = looked_up(sheet.lighting, 0.5 + 0.3 * sheet.x, 0.45 + 0.9 * normals[..., 1], 0.05)
    coverage = sheet.inside(body)
    sheet.lay(coverage, lit + 0.16 * horizon * (1 - sill)[..., None])
    _windows(sheet)
    for seam in (-0.135, 0.30, -0.56):
        line = np.maximum(np.abs(sheet.x - seam - 0.03 * sheet.y) - 0.003, np.abs(sheet.y - 0.02) - 0.15)
        sheet.lay(sheet.inside(line, 0.008) * 0.7 * coverage, (0.008, 0.009, 0.012))
    _lamp(sheet, (0.885, 0.015), (0.075, 0.030), (0.75, 0.75, 0.72))
    _lamp(sheet, (-0.93, -0.035), (0.05, 0.040), (0.30, 0.012, 0.012))
    for middle in (-0.60, 0.615):
        _wheel(sheet, middle)


def _windows(sheet: Sheet) -> None:
    glass = solids.polygon(sheet, _GLASS)
    pillar = 0.012 - np.abs(sheet.x + 0.115 - 0.1 * sheet.y)
    shown = np.maximum(glass, pillar)
    mirrored = looked_up(sheet.lighting, 0.5 + 0.25 * sheet.x, 0.22 + 0.5 * (sheet.y + 0.3), 0.03)
    shine = 0.14 + 0.16 * step(-0.06, 0.06, sheet.x * 0.5 + sheet.y + 0.35)
    sheet.lay(sheet.inside(shown), 0.010 + mirrored * shine[..., None])
    edge = np.abs(glass) - 0.007
    sheet.lay(sheet.inside(edge, 0.01) * 0.7, (0.012, 0.012, 0.013))


def _lamp(sheet: Sheet, middle: tuple[float, float], half: tuple[float, float], paint: Paint) -> None:
    spot = np.hypot((sheet.x - middle[0]) / half[0], (sheet.y - middle[1]) / half[1]) - 1
    across = np.clip((sheet.x - middle[0]) / half[0], -1, 1)
    normals = unit(np.stack([0.5 * across, -0.3 + 0 * across, np.ones_like(across)], axis=-1))
    lit = shaded(paint, normals, sheet.lighting, Finish(gloss=0.8, roughness=0.2))
    sheet.lay(sheet.inside(spot * min(half)), lit)


def _wheel(sheet: Sheet, x: float) -> None:
    across, down = sheet.x - x, sheet.y - 0.20
    reach = np.hypot(across, down)
    arch = sheet.inside(np.maximum(reach - 0.185, sheet.y - 0.24))
    sheet.lay(arch, (0.005, 0.005, 0.006))
    tyre = unit(np.stack([across / 0.16 * 0.6, down / 0.16 * 0.6, np.ones_like(reach)], axis=-1))
    sheet.lay(sheet.inside(reach - 0.165), shaded((0.016, 0.016, 0.017), tyre, sheet.lighting, Finish(wrap=0.2)))
    blur = 0.30 + 0.05 * np.cos(reach * 260) - 0.16 * step(0.085, 0.03, np.abs(reach - 0.07))
    metal = np.array([1.0, 1.0, 1.02]) * blur[..., None]
    flat: Floats = facing(0.0, -0.15)
    rim = shaded(metal, flat, sheet.lighting) + gleam(flat, sheet.lighting, Finish(gloss=0.3))
    sheet.lay(sheet.inside(reach - 0.112), rim)
    sheet.lay(sheet.inside(reach - 0.03), shaded((0.2, 0.2, 0.21), tyre, sheet.lighting))


VEHICLES = (
    Prop(
        name="sailing boat",
        words=("sailboat", "sail boat", "boat", "yacht", "boats", "ship", "schooner", "small boat"),
        width_m=5.5,
        aspect=1.29,
        material="wood",
        mass_kg=900.0,
        painter=_sailing,
        floats=True,
        surface=Surface.VEHICLE,
    ),
    Prop(
        name="rowing boat",
        words=("rowboat", "row boat", "canoe", "dinghy", "fishing boat", "wooden boat"),
        width_m=4.0,
        aspect=0.36,
        material="wood",
        mass_kg=200.0,
        painter=_rowing,
        floats=True,
        surface=Surface.VEHICLE,
    ),
    Prop(
        name="car",
        words=("cars", "automobile", "taxi", "vehicle"),
        width_m=4.4,
        aspect=0.385,
        material="metal",
        mass_kg=1400.0,
        painter=_car,
        surface=Surface.VEHICLE,
    ),
)
