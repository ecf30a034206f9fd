"""What flows comes back to where it was: loop closure on the decoded MP4."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import pytest

from measure.video import decode
from stillmotion.clip import Clip, Recorded
from stillmotion.diorama import camera, motion
from stillmotion.diorama.motion.records import LayerMotion, Motion
from stillmotion.diorama.render.frames import ShotFrames
from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.shot.records import MotionCue
from stillmotion.media.video import write_mp4
from synthetic import scenes

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FPS = 12
CYCLE_S = 4.0
"""Of the slowest flow."""


def psnr_db(one: NDArray[np.uint8], two: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio of two frames."""
    return float(10 * np.log10(255.0**2 / max(float(((one.astype(float) - two) ** 2).mean()), 1e-9)))


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> list[NDArray[np.uint8]]:
    """Twelve seconds of a slow river below a wall, from a still camera; its waves, which never repeat, are left out."""
    scene = scenes.landscape((960, 600))
    sky, ground, subject = scene.layers
    water = replace(ground, name="water", surface=Surface.WATER, label="river")
    scene = replace(scene, layers=(sky, water, subject))
    cue = MotionCue(verb="flow", subject="river", layer="water", speed=0.1, direction="left")
    shot = replace(scenes.shot(motion=(cue,)), duration_s=12, fps=FPS)
    shot = camera.fit(scene, motion.fit(scene, shot))
    flowing = motion.simulate(scene, shot).layers["water"].flows
    alone = Motion(layers={"water": LayerMotion(layer="water", flows=flowing)})
    frames = ShotFrames(scene, shot, camera.path(scene, shot), alone)
    silence = np.zeros((12 * 48_000, 2), np.float32)
    clip = Clip(
        source=frames,
        size_px=shot.size_px,
        rate=Fraction(FPS),
        sound=Recorded(silence),
        sample_rate=48_000,
        recipe="{}",
        engine="",
    )
    path: Path = tmp_path_factory.mktemp("river") / "river.mp4"
    write_mp4(clip, path)
    return decode(path).frames


def test_a_flow_closes_its_loop(river: list[NDArray[np.uint8]]) -> None:
    """A cycle later every frame is there again, to 40 dB."""
    cycle = round(CYCLE_S * FPS)
    assert min(psnr_db(river[k], river[k + cycle]) for k in range(4 * FPS, 8 * FPS, 7)) >= 40.0


def test_and_moves_in_between(river: list[NDArray[np.uint8]]) -> None:
    """Between two closures the river is elsewhere: a quarter of a cycle later the frames differ by far more."""
    quarter = round(CYCLE_S * FPS / 4)
    assert max(psnr_db(river[k], river[k + quarter]) for k in range(4 * FPS, 8 * FPS, 7)) < 36.0
