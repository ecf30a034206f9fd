"""Draw a sheet of spectrograms, one for each generator or named sound, to listen by eye.

python scripts/sound_sheet.py OUT.png [NAME ...]
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy import signal

from stillmotion.diorama import randomness
from stillmotion.diorama.sound import registry
from stillmotion.diorama.sound.dsp.take import Take

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RATE = 48_000
_SECONDS = 12.0
_PANEL_PX = (900, 300)
_OCTAVES = (40.0, 18_000.0)


def panel(name: str, samples: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Spectrogram over log frequency of the left channel, 80 dB deep, with grid lines at 100 Hz, 1 kHz and 10 kHz."""
    hz, _, power = signal.spectrogram(samples[:, 0], _RATE, nperseg=2048, noverlap=1536)
    level_db = 10 * np.log10(power + 1e-12)
    wanted = np.geomspace(_OCTAVES[1], _OCTAVES[0], _PANEL_PX[1])
    rows = np.clip(np.searchsorted(hz, wanted), 0, hz.size - 1)
    picture = np.clip((level_db[rows] - level_db.max() + 80) / 80, 0, 1)
    grey = cv2.resize((255 * picture).astype(np.uint8), _PANEL_PX, interpolation=cv2.INTER_AREA)
    colour = np.asarray(cv2.applyColorMap(grey, cv2.COLORMAP_MAGMA), dtype=np.uint8)
    for line_hz in (100, 1000, 10_000):
        row = int(np.searchsorted(-wanted, -line_hz))
        colour[row, ::8] = 200
    cv2.putText(colour, name, (8, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 1, cv2.LINE_AA)
    return colour


def main() -> None:
    """Write the sheet."""
    target, *names = sys.argv[1:]
    panels = []
    for name in names or sorted(registry.GENERATORS):
        rng = randomness.generator(1, "sound", name, 0)
        samples = registry.make(name, (), Take(duration_s=_SECONDS, sample_rate=_RATE, rng=rng, seed=1))
        panels.append(panel(name, samples))
    panels += [np.zeros_like(panels[0])] * (len(panels) % 2)
    rows = [np.hstack(panels[k : k + 2]) for k in range(0, len(panels), 2)]
    cv2.imwrite(target, np.vstack(rows))


if __name__ == "__main__":
    main()
