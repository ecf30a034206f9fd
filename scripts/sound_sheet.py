"""Draw named sounds as spectrograms on contact sheets, to look for buzz, stripes of repetition and hard cuts.

python scripts/sound_sheet.py FOLDER [NAME ...]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from scipy import signal

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from measure import hearing  # type: ignore[import-not-found]
from stillmotion.diorama.sound import palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS, ROWS = 3, 4
SECONDS = 6.0


def draw(axes: Axes, name: str) -> None:
    """One sound: level over time and frequency, and the waveform under it."""
    mono = hearing.named(name, 1, SECONDS).mean(axis=1)
    hz, at_s, power = signal.spectrogram(mono, hearing.RATE, nperseg=1024, noverlap=768)
    level = 10 * np.log10(power + 1e-14)
    axes.pcolormesh(at_s, hz / 1000, level, vmin=level.max() - 80, vmax=level.max(), shading="auto", rasterized=True)
    axes.set_ylim(0, 16)
    wave = mono[:: hearing.RATE // 200]
    axes.plot(np.arange(wave.size) / 200, 1.5 + 1.4 * wave / (np.abs(mono).max() + 1e-9), "w", linewidth=0.4)
    rms_db = 20 * np.log10(np.sqrt(np.mean(mono**2)) + 1e-9)
    axes.set_title(f"{name}  {rms_db:.0f} dB rms, peak {np.abs(mono).max():.2f}", fontsize=9)
    axes.tick_params(labelsize=6)


def main() -> None:
    """Twelve sounds a sheet."""
    folder, *names = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    names = names or sorted(palette.VOICES)
    size = COLUMNS * ROWS
    for number in range(0, len(names), size):
        figure = Figure(figsize=(16, 14), layout="constrained")
        grid = figure.subplots(ROWS, COLUMNS)
        for axes, name in zip(grid.flat, names[number : number + size], strict=False):
            draw(axes, name)
        figure.savefig(Path(folder) / f"sounds-{number // size + 1:02d}.png", dpi=80)


if __name__ == "__main__":
    main()
