"""What hangs in the air: a toy balloon and a hot-air balloon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion.props import solids
from stillmotion.diorama.motion.props.brush import Finish, bumped, facing, mixed, shaded, step
from stillmotion.diorama.motion.props.records import Prop

if TYPE_CHECKING:
    from stillmotion.diorama.motion.props.brush import Floats, Sheet


def _bulb(y: Floats) -> Floats:
    """Half the width of a blown-up balloon: a ball above, a taper below."""
    above = np.sqrt(np.maximum(0.97**2 - (y + 1.0) ** 2, 0))
    fall = np.clip((y + 1.0) / 1.38, 0, 1)
    below = 0.97 * np.maximum(1 - fall**2.1, 0) ** 0.72
    return np.where(y < -1.97, -0.1, np.where(y < -1.0, above, np.where(y < 0.38, below, -0.1)))


def _balloon(sheet: Sheet, _pose: int) -> None:
    sway = 0.05 * np.sin(2.4 * (sheet.y - 0.5))
    string = (
        sheet.inside(np.abs(sheet.x - sway) - 0.010, 0.012) * step(0.42, 0.46, sheet.y) * step(-1.97, -1.9, -sheet.y)
    )
    sheet.lay(string * 0.85, shaded((0.6, 0.58, 0.55), facing(0, -0.3), sheet.lighting))
    knot = solids.polygon(sheet, [(-0.015, 0.34), (0.015, 0.34), (0.085, 0.49), (-0.085, 0.49)])
    sheet.lay(sheet.inside(knot), shaded((0.28, 0.02, 0.03), facing(-0.2, 0.3), sheet.lighting))
    bulb = solids.turned(sheet, _bulb)
    thin = step(0.0, 0.55, 1 - bulb.normals[..., 2])
    colour = mixed((0.50, 0.028, 0.035), (0.30, 0.012, 0.02), thin)
    colour = colour * (1 + 0.02 * sheet.noise(6, 3))[..., None]
    finish = Finish(gloss=1.0, roughness=0.17, wrap=0.35, through=0.45)
    sheet.lay(
        bulb.coverage * 0.97, shaded(colour, bulb.normals, sheet.lighting, finish, 1 - 0.25 * step(0, 1, sheet.y))
    )


def _envelope(y: Floats) -> Floats:
    above = np.sqrt(np.maximum(0.965**2 - (y + 0.36) ** 2, 0))
    fall = np.clip((y + 0.36) / 1.25, 0, 1)
    below = 0.965 - 0.785 * fall**1.75
    return np.where(y < -1.32, -0.1, np.where(y < -0.36, above, np.where(y < 0.86, below, -0.1)))


def _hot_air(sheet: Sheet, _pose: int) -> None:
    for end in (-0.105, 0.105):
        rope = solids.segment(sheet, (end * 1.5, 0.84), (end, 1.16))
        sheet.lay(sheet.inside(rope - 0.006, 0.01) * 0.8, (0.03, 0.03, 0.03))
    wicker = 0.8 + 0.25 * np.sin(sheet.x * 120) * np.sin(sheet.y * 150)
    bulge = np.clip(sheet.x / 0.125, -1, 1)
    round_side = np.stack([bulge * 0.9, np.zeros_like(bulge), np.sqrt(1 - 0.8 * bulge**2)], axis=-1)
    basket = np.maximum(np.abs(sheet.x) - 0.125 + 0.08 * (sheet.y - 1.2), np.abs(sheet.y - 1.24) - 0.095)
    brown = np.array([0.20, 0.11, 0.05]) * wicker[..., None]
    sheet.lay(sheet.inside(basket), shaded(brown, round_side, sheet.lighting, open_sky=0.7))
    mouth = np.hypot(sheet.x / 0.185, (sheet.y - 0.86) / 0.045) - 1
    sheet.lay(sheet.inside(mouth * 0.05), (0.035, 0.022, 0.018))
    body = solids.turned(sheet, _envelope)
    across = np.clip(sheet.x / np.maximum(_envelope(sheet.y), 1e-3), -1, 1)
    around = np.arcsin(across) * 12 / np.pi + 0.25
    gore = around - np.floor(around)
    which = np.floor(around).astype(np.int32) % 3
    palette = np.array([(0.56, 0.07, 0.04), (0.78, 0.46, 0.07), (0.70, 0.66, 0.56)], np.float32)
    lower = sheet.y - 0.13 * np.sqrt(1 - across**2)
    band = step(0.08, 0.09, lower) * step(-0.30, -0.29, -lower)
    colour = mixed(palette[which], (0.07, 0.10, 0.26), band * 0.95)
    seam = np.exp(-(np.minimum(gore, 1 - gore) ** 2) / 0.004)
    colour = colour * (1 - 0.45 * seam + 0.035 * sheet.noise(12, 3))[..., None]
    puffed = bumped(body.normals, np.sin(np.pi * gore) ** 0.6, 0.028, sheet.pixel)
    finish = Finish(gloss=0.10, roughness=0.5, wrap=0.28, through=0.35)
    open_sky = 1 - 0.35 * step(0.2, 0.86, sheet.y)
    sheet.lay(body.coverage, shaded(colour, puffed, sheet.lighting, finish, open_sky))


BALLOONS = (
    Prop(
        name="balloon",
        words=("balloons", "toy balloon", "red balloon", "party balloon", "helium balloon"),
        width_m=0.28,
        aspect=2.0,
        material="rubber",
        mass_kg=0.003,
        painter=_balloon,
        light=True,
    ),
    Prop(
        name="hot-air balloon",
        words=("hot air balloon", "hot air balloons", "hot-air balloons"),
        width_m=16.0,
        aspect=1.35,
        material="cloth",
        mass_kg=2800.0,
        painter=_hot_air,
        light=True,
    ),
)
