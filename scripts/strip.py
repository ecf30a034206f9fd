"""Put stills of a film side by side: `python scripts/strip.py out/demo.mp4 docs/images/demo.jpg`."""

from __future__ import annotations

import sys

import av
import numpy as np
from PIL import Image

STILLS = 4
WIDTH_PX = 400
GAP_PX = 6


def stills(film: str) -> list[Image.Image]:
    """Pictures at even distances from the first frame to the last."""
    with av.open(film) as container:
        stream = container.streams.video[0]
        wanted = set(np.linspace(0, stream.frames - 1, STILLS).round().astype(int).tolist())
        frames = enumerate(container.decode(stream))
        return [Image.fromarray(frame.to_ndarray(format="rgb24")) for index, frame in frames if index in wanted]


def strip(pictures: list[Image.Image]) -> Image.Image:
    """The pictures in a row, on white."""
    height = round(WIDTH_PX * pictures[0].height / pictures[0].width)
    row = Image.new("RGB", (len(pictures) * (WIDTH_PX + GAP_PX) - GAP_PX, height), "white")
    for index, picture in enumerate(pictures):
        row.paste(picture.resize((WIDTH_PX, height), Image.Resampling.LANCZOS), (index * (WIDTH_PX + GAP_PX), 0))
    return row


def main() -> int:
    """Write the strip."""
    film, target = sys.argv[1:]
    strip(stills(film)).save(target, quality=88, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
