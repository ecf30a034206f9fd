"""The real program with the engine of bars instead of the embedded one: `python bars_program.py animate ...`.

With SLOW=1 each frame takes a while, so that a test can interrupt the rendering.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from stillmotion import engines
from stillmotion.cli.app import run
from stillmotion.progress import Stage
from unit.media.bars import Bars, bars_clip

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.clip import Clip
    from stillmotion.diorama.brief import Brief
    from stillmotion.progress import Progress


class SlowBars(Bars):
    """Bars that take their time."""

    def i420(self, index: int) -> NDArray[np.uint8]:
        """See FrameSource."""
        time.sleep(0.05)
        return super().i420(index)


class BarsEngine:
    """See test_transcripts.py."""

    name = "bars"

    def generate(self, photo: NDArray[np.uint8], brief: Brief, progress: Progress) -> Clip:
        """See Engine."""
        del photo
        progress(Stage.ANALYSE, 1.0)
        clip = bars_clip(seconds=brief.duration_s)
        return replace(clip, source=SlowBars(len(clip.source), 64, 64)) if os.environ.get("SLOW") else clip


if __name__ == "__main__":
    engines.get = lambda _name="diorama": BarsEngine()
    sys.exit(run(sys.argv[1:]))
