"""Everything that the first film would wait for, done before there is one."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import pipeline, render
from stillmotion.diorama.brief import Brief
from stillmotion.progress import ignore_progress
from stillmotion.server import log
from stillmotion.studio import WRITERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PROMPT = "Slow dolly in, the water ripples, leaves sway in the wind, a bird sings"


def warm_up(*, thoroughly: bool) -> None:
    """Compile or load the kernels; thoroughly also loads the networks, by filming a picture of our own."""
    render.warm_up()
    if not thoroughly:
        return
    try:
        with TemporaryDirectory(prefix="stillmotion-warm-") as folder:
            brief = Brief(prompt=_PROMPT, size_px=(640, 360))
            clip = pipeline.generate(_photo(), brief, Path(folder), ignore_progress).with_writers(WRITERS)
            clip.save(Path(folder) / "warm.mp4")
    except Exception as error:  # noqa: BLE001 - the first film then says what is wrong, to whoever asked for it
        log.get().warning("warm-up failed", error=type(error).__name__)


def _photo() -> NDArray[np.uint8]:
    """Sky, hills and water, roughly."""
    rows, columns = np.mgrid[0:360, 0:640].astype(np.float32)
    hills = 170 + 25 * np.sin(columns / 70)
    sky, water = rows < hills, rows > 230
    grain = np.random.default_rng(0).normal(0, 6, rows.shape)
    layers = np.where(sky, 200 - rows / 4, np.where(water, 90 + 20 * np.sin(rows / 3), 60)) + grain
    tint = np.dstack([layers, layers + np.where(sky, 10, 25), layers + np.where(sky | water, 45, 0)])
    return np.asarray(np.clip(tint, 0, 255), np.uint8)
