"""A sea under a sky, a cup of coffee, a chimney: drawn scenes for everything that flows."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.motion.stage import Stage
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.shot.records import MotionCue, Physics, Shot, World
from synthetic import scenes

SIZE_PX = (480, 300)
HORIZON_Y = 0.4


def sea(*, shore_y: float = 2.0) -> Scene:
    """Sky with soft clouds, water from the horizon down, sand below `shore_y`."""
    across, down = SIZE_PX
    rng = np.random.default_rng(5)
    grain = rng.normal(0, 18, (down, across, 1))
    y = (np.arange(down) + 0.5) / down
    sky = _opaque(np.clip(150 + grain + 0 * y[:, None, None] + np.array([0, 20, 60]), 0, 255))
    water = _opaque(np.clip(90 + grain * 0.3 + np.array([0, 20, 50]), 0, 255))
    water[(y < HORIZON_Y) | (y > shore_y)] = 0
    plane = Plane(per_y=1 / (1 - HORIZON_Y), constant=-HORIZON_Y / (1 - HORIZON_Y))
    parts: list[Layer] = [scenes.layer("sky", Surface.SKY, sky, Plane())]
    if shore_y < 1:
        sand = _opaque(np.full((down, across, 3), (200.0, 180.0, 140.0)))
        sand[y <= shore_y] = 0
        parts.append(scenes.layer("ground", Surface.GROUND, sand, plane))
    parts.append(scenes.layer("water", Surface.WATER, water, plane))
    return replace(scenes.stacked(tuple(parts)), horizon_y=HORIZON_Y, outdoors=True, salience=(0.5, 0.5))


def cup() -> Scene:
    """A red cup with a white rim and a round, brown drink in it, on a wooden table."""
    across, down = SIZE_PX
    x, y = np.meshgrid(np.arange(across) + 0.5, np.arange(down) + 0.5)
    table = _opaque(np.full((down, across, 3), (120.0, 80.0, 50.0)))
    thing = np.zeros((down, across, 4), np.uint8)
    for centre, radius, colour in (((240, 190), (90, 90), (170, 40, 20)), ((240, 130), (92, 55), (245, 240, 235)),
                                   ((240, 132), (70, 40), (150, 90, 40))):  # fmt: skip
        inside = ((x - centre[0]) / radius[0]) ** 2 + ((y - centre[1]) / radius[1]) ** 2 < 1
        thing[inside] = (*colour, 255)
    thing[..., :3] = cv2.GaussianBlur(thing[..., :3], (0, 0), 1.2)
    grain = np.random.default_rng(2).normal(0, 5, (down, across, 1))
    thing[..., :3] = np.where(thing[..., 3:] > 0, np.clip(thing[..., :3] + grain, 0, 255), 0)
    parts = (
        scenes.layer("support", Surface.SUPPORT, table, Plane(per_y=0.4, constant=0.6)),
        scenes.layer("subject", Surface.RIGID, thing, Plane(constant=1.0)),
    )
    scene = scenes.stacked(parts)
    named = tuple(replace(one, label="cup") if one.name == "subject" else one for one in scene.layers)
    return replace(scene, layers=named, horizon_y=None, outdoors=False)


def stage(scene: Scene, *cues: MotionCue, metres: float | None = 20.0, seconds: int = 4, seed: int = 3) -> Stage:
    """A stage with a shot of the whole scene."""
    shot: Shot = scenes.shot(duration_s=seconds, seed=seed, motion=cues, world=World(metres_per_width=metres))
    return Stage(scene=scene, shot=shot)


def cue(verb: str, **changes: object) -> MotionCue:
    """A cue that is performed; `hz` fixes its frequency."""
    hz = changes.pop("hz", None)
    physics = None if hz is None else Physics(frequency_hz=float(str(hz)))
    return replace(MotionCue(verb=verb, subject=verb, words=verb, performed=True, physics=physics), **changes)  # type: ignore[arg-type]


def grid(columns: int = 96, rows: int = 60) -> np.ndarray:
    """Points over the whole photo, (rows, columns, 2)."""
    x, y = np.meshgrid((np.arange(columns) + 0.5) / columns, (np.arange(rows) + 0.5) / rows)
    return np.stack([x, y], axis=-1).astype(np.float32)


def _opaque(colours: np.ndarray) -> np.ndarray:
    rgba = np.full((*colours.shape[:2], 4), 255, np.uint8)
    rgba[..., :3] = colours
    return rgba
