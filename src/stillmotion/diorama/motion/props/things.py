"""Things of the household: crate, cardboard box, die, bottle, coin, bag."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.motion.props import solids
from stillmotion.diorama.motion.props.brush import Finish, bumped, facing, gleam, looked_up, mixed, shaded, step, unit
from stillmotion.diorama.motion.props.records import Prop

if TYPE_CHECKING:
    from stillmotion.diorama.motion.props.brush import Floats, Sheet

_VIEW = solids.tilted(-32, -20)
"""How boxes stand: turned to the side, seen a little from above."""


def _open(block: solids.Block) -> Floats:
    """Less light reaches the lower part of the sides."""
    return np.where(block.face == 1, 1.0, 0.92 - 0.22 * np.clip(block.v, -0.2, 1))


def _crate(sheet: Sheet, _pose: int) -> None:
    block = solids.block(sheet, (0.66, 0.60, 0.66), _VIEW)
    board = (block.v * 2.5 + 2.5) % 1
    number = np.floor(block.v * 2.5 + 2.5)
    gap = 1 - step(0.02, 0.07, np.minimum(board, 1 - board))
    frame = step(0.74, 0.76, np.maximum(np.abs(block.u), np.abs(block.v)))
    inner = np.exp(-((np.maximum(np.abs(block.u), np.abs(block.v)) - 0.72) ** 2) / 0.0012) * (1 - frame)
    grain = np.sin(block.v * 90 + 3 * sheet.noise(5, 3) + number * 2.1) * 0.5 + sheet.noise(30, 3) * 0.5
    tone = 0.86 + 0.16 * np.sin(number * 12.9 + block.face * 4.1) + 0.11 * grain
    colour = np.array([0.40, 0.235, 0.11]) * (tone * (1 - 0.75 * gap * (1 - frame)) * (1 - 0.55 * inner))[..., None]
    colour = colour * (1 + 0.12 * frame + 0.25 * block.rim)[..., None]
    sheet.lay(block.coverage, shaded(colour, block.normals, sheet.lighting, Finish(wrap=0.05), _open(block)))


def _carton(sheet: Sheet, _pose: int) -> None:
    block = solids.block(sheet, (0.70, 0.48, 0.60), _VIEW)
    fibre = 1 + 0.035 * sheet.noise(70, 3) + 0.03 * sheet.noise(4, 2)
    lines = 1 + 0.012 * np.sin(block.u * 150)
    colour = np.array([0.36, 0.215, 0.105]) * (fibre * lines)[..., None]
    tape = (block.face == 1) * step(0.0, 0.01, 0.13 - np.abs(block.v))
    tape = tape + (block.face == 0) * step(0.0, 0.01, 0.13 - np.abs(block.u)) * step(0.55, 0.56, -block.v)
    colour = mixed(colour, (0.52, 0.39, 0.24), np.asarray(tape * 0.7)) * (1 + 0.15 * block.rim)[..., None]
    sheet.lay(block.coverage, shaded(colour, block.normals, sheet.lighting, Finish(wrap=0.1, gloss=0.04), _open(block)))


_PIPS: tuple[tuple[tuple[float, float], ...], ...] = (
    ((-0.5, -0.5), (-0.5, 0.0), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.0), (0.5, 0.5)),
    ((0.0, 0.0),),
    ((-0.5, -0.5), (0.0, 0.0), (0.5, 0.5)),
)


def _die(sheet: Sheet, _pose: int) -> None:
    block = solids.block(sheet, (0.62, 0.62, 0.62), solids.tilted(-34, -28))
    hole = np.zeros_like(sheet.x)
    for face, pips in enumerate(_PIPS):
        for u, v in pips:
            hole = np.maximum(hole, (block.face == face) * step(-0.02, 0.02, 0.17 - np.hypot(block.u - u, block.v - v)))
    colour = mixed((0.72, 0.69, 0.62), (0.02, 0.02, 0.022), hole)
    rounded = unit(block.normals + 0.5 * block.rim[..., None] * np.array([0.0, -0.3, 0.6]))
    sheet.lay(
        block.coverage,
        shaded(
            colour, rounded, sheet.lighting, Finish(gloss=0.5, roughness=0.22, wrap=0.15, through=0.1), _open(block)
        ),
    )


def _flask(y: Floats) -> Floats:
    shoulder = 0.155 + 0.50 * step(-1.65, -0.55, y)
    foot = 0.655 * (1 - 0.10 * step(2.90, 2.98, y))
    wide = np.minimum(shoulder, foot) + 0.035 * (np.abs(y + 2.72) < 0.09)
    return np.where((y > -2.95) & (y < 2.97), wide, -0.1)


def _bottle(sheet: Sheet, _pose: int) -> None:
    body = solids.turned(sheet, _flask)
    n = body.normals
    depth = n[..., 2]
    seen = looked_up(sheet.lighting, 0.5 - 0.42 * n[..., 0], 0.5 + sheet.y / 9, 0.04)
    green = seen * np.array([0.10, 0.26, 0.09]) * (0.25 + 0.75 * depth[..., None] ** 1.4)
    inside = shaded((0.010, 0.026, 0.008), n, sheet.lighting)
    sheet.lay(body.coverage * (0.90 + 0.08 * (1 - depth)), green + inside)
    label = step(0.0, 0.02, 0.60 - np.abs(sheet.y - 1.30)) * body.coverage
    print_lines = step(0.1, 0.4, np.sin(sheet.y * 22)) * step(
        0.0, 0.05, 0.36 - np.abs(np.arcsin(np.clip(n[..., 0], -1, 1)) * 0.5)
    )
    paper = mixed(
        (0.62, 0.57, 0.45), (0.20, 0.10, 0.07), print_lines * step(0.0, 0.05, 0.40 - np.abs(sheet.y - 1.3)) * 0.6
    )
    sheet.lay(label, shaded(paper * (1 + 0.03 * sheet.noise(40, 2))[..., None], n, sheet.lighting, Finish(wrap=0.1)))
    cap = step(0.0, 0.02, -2.05 - sheet.y) * body.coverage
    sheet.lay(cap, shaded((0.22, 0.025, 0.03), n, sheet.lighting, Finish(gloss=0.5, roughness=0.3)))
    window = np.exp(-(((n[..., 0] - 0.55 * np.sign(sheet.lighting.direction[0] or -1)) / 0.07) ** 2)) * step(
        -2.0, -0.9, sheet.y
    )
    streak = window * step(-2.85, -2.6, -sheet.y) * (1 - 0.7 * label) * 0.35
    sheet.add(
        (gleam(n, sheet.lighting, Finish(gloss=0.7, roughness=0.14)) + streak[..., None] * np.array(sheet.lighting.key))
        * body.coverage[..., None]
    )


def _coin(sheet: Sheet, _pose: int) -> None:
    reach = np.hypot(sheet.x, sheet.y)
    turn = np.arctan2(sheet.y, sheet.x)
    rim = step(0.86, 0.90, reach)
    beads = np.exp(-(((reach - 0.82) / 0.022) ** 2)) * (0.5 + 0.5 * np.cos(turn * 60))
    star = 0.34 + 0.10 * np.cos(turn * 5 + np.pi / 2) - reach
    laurel = (
        np.exp(-(((reach - 0.62) / 0.06) ** 2))
        * (0.5 + 0.5 * np.sin(turn * 24 + reach * 30))
        * step(-0.3, 0.4, sheet.y)
    )
    relief = 1.6 * rim + 0.8 * beads + 1.5 * step(-0.03, 0.03, star) + 0.8 * laurel
    normals = bumped(np.broadcast_to(facing(0.05, -0.12), (*reach.shape, 3)), relief, 0.03, sheet.pixel)
    metal = mixed((0.52, 0.36, 0.14), (0.30, 0.19, 0.07), step(0.2, 2.0, sheet.noise(5, 4)))
    mirrored = looked_up(sheet.lighting, 0.5 + 1.3 * normals[..., 0], 0.35 + 1.3 * normals[..., 1], 0.08)
    mirrored = mirrored / max(float(sheet.lighting.view.mean()), 0.02)
    lit = shaded(metal, normals, sheet.lighting) * (0.15 + 0.75 * np.clip(mirrored, 0, 2.2))
    lit = lit + gleam(normals, sheet.lighting, Finish(gloss=1.2, roughness=0.32)) * np.array([1.0, 0.78, 0.42])
    sheet.lay(sheet.inside(reach - 0.985), lit)


def _bag(sheet: Sheet, _pose: int) -> None:
    handle = np.abs(np.hypot(sheet.x / 0.36, (sheet.y + 0.30) / 0.52) - 1) * 0.36 - 0.045
    round_handle = facing(-0.2, -0.5)
    sheet.lay(
        sheet.inside(np.maximum(handle, sheet.y + 0.22)), shaded((0.10, 0.045, 0.022), round_handle, sheet.lighting)
    )
    wide = 0.80 + 0.14 * step(-0.35, 0.80, sheet.y)
    across, down = sheet.x / wide, (sheet.y - 0.30) / 0.54
    power = (np.abs(across) ** 5 + np.abs(down) ** 6) ** (1 / 6)
    dome = np.sqrt(np.maximum(1.02 - np.minimum(power, 1) ** 3, 0.02))
    crease = sheet.noise(4, 3)
    normals = unit(np.stack([0.75 * across**3, 0.6 * down**3 - 0.12, dome], axis=-1))
    flap = step(-0.02, 0.02, 0.18 - 0.16 * across**2 - sheet.y)
    edge = np.exp(-(((sheet.y - 0.18 + 0.16 * across**2) / 0.02) ** 2))
    stitch = np.exp(-(((sheet.y - 0.11 + 0.16 * across**2) / 0.010) ** 2)) * (np.sin(sheet.x * 95) > 0)
    normals = bumped(normals, 0.6 * crease + 0.05 * sheet.noise(60, 2) + 0.8 * flap, 0.018, sheet.pixel)
    leather = np.array([0.16, 0.062, 0.024]) * (1 + 0.12 * crease + 0.06 * sheet.noise(50, 2))[..., None]
    leather = mixed(leather * (1 - 0.5 * edge * (1 - flap))[..., None], (0.45, 0.30, 0.16), stitch * 0.6)
    finish = Finish(gloss=0.35, roughness=0.4, wrap=0.1)
    open_sky = 1 - 0.45 * step(0.2, 1.0, down)
    sheet.lay(sheet.inside((power - 1) * 0.5), shaded(leather, normals, sheet.lighting, finish, open_sky))
    clasp = np.maximum(np.abs(sheet.x) - 0.07, np.abs(sheet.y - 0.19) - 0.07)
    sheet.lay(
        sheet.inside(clasp),
        shaded((0.45, 0.33, 0.14), facing(-0.1, -0.3), sheet.lighting, Finish(gloss=1, roughness=0.3)),
    )


THINGS = (
    Prop(
        name="crate",
        words=("wooden box", "wooden crate", "crates", "wooden chest"),
        width_m=0.6,
        aspect=0.86,
        material="wood",
        mass_kg=12.0,
        painter=_crate,
    ),
    Prop(
        name="box",
        words=("cardboard box", "boxes", "parcel", "package", "carton"),
        width_m=0.4,
        aspect=0.74,
        material="paper",
        mass_kg=2.0,
        painter=_carton,
    ),
    Prop(name="die", words=("dice",), width_m=0.024, aspect=1.0, material="plastic", mass_kg=0.006, painter=_die),
    Prop(
        name="bottle",
        words=("wine bottle", "glass bottle", "bottles"),
        width_m=0.11,
        aspect=3.0,
        material="glass",
        mass_kg=1.2,
        painter=_bottle,
    ),
    Prop(
        name="coin",
        words=("coins", "gold coin", "penny"),
        width_m=0.025,
        aspect=1.0,
        material="metal",
        mass_kg=0.008,
        painter=_coin,
    ),
    Prop(
        name="bag",
        words=("handbag", "leather bag", "satchel", "suitcase"),
        width_m=0.38,
        aspect=0.86,
        material="leather",
        mass_kg=4.0,
        painter=_bag,
    ),
)
