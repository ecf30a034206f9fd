"""Ask YAMNet what each generator sounds like; the network's .tflite file is given by the caller.

python scripts/sound_labels.py YAMNET.tflite [NAME ...]
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from scipy import signal

from stillmotion.diorama import randomness
from stillmotion.diorama.sound import registry
from stillmotion.diorama.sound.dsp import level
from stillmotion.diorama.sound.dsp.take import Take

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RATE = 48_000
_FRAME = 15_600
"""Samples that the network hears at once, at 16 kHz."""
_SECONDS = 12.0
_SEEDS = (1, 2, 3)


def labels(model: Path) -> list[str]:
    """The names of the classes, which lie zipped inside the file."""
    with zipfile.ZipFile(model) as archive:
        return archive.read(archive.namelist()[0]).decode().splitlines()


def scores(interpreter: Interpreter, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean score of every class over the frames."""
    mono = signal.resample_poly(samples.mean(axis=1), 1, 3).astype(np.float32)
    mono *= np.float32(0.2 / (np.sqrt(np.mean(mono**2)) * 2 + 1e-9))
    place = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    rows = []
    for first in range(0, mono.size - _FRAME, _FRAME // 2):
        interpreter.set_tensor(place[0], mono[first : first + _FRAME])
        interpreter.invoke()
        rows.append(interpreter.get_tensor(place[1])[0].copy())
    return np.asarray(np.mean(rows, axis=0), dtype=np.float32)


def main() -> None:
    """Print the five best labels of every generator, averaged over a few seeds."""
    model, *names = sys.argv[1:]
    interpreter = Interpreter(model, num_threads=1)
    interpreter.allocate_tensors()
    classes = labels(Path(model))
    for name in names or sorted(registry.GENERATORS):
        total = np.zeros(len(classes), dtype=np.float32)
        for seed in _SEEDS:
            rng = randomness.generator(seed, "sound", name, 0)
            samples = registry.make(name, (), Take(duration_s=_SECONDS, sample_rate=_RATE, rng=rng, seed=seed))
            total += scores(interpreter, level.to_reference(samples, _RATE)) / len(_SEEDS)
        best = np.argsort(total)[::-1][:6]
        sys.stdout.write(f"{name:10s} " + ", ".join(f"{classes[k]} {total[k]:.2f}" for k in best) + "\n")


if __name__ == "__main__":
    main()
