"""Make films of many photos and prompts and lay frames of each out on a sheet, so that a person can look at them.

Example:
    python scripts/contact_sheet.py out/sheets --photos a.jpg b.png --prompts "slow dolly in" "truck left"
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import av
import cv2
import numpy as np

import stillmotion
from stillmotion.errors import StillmotionError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def decoded(path: Path, count: int) -> list[NDArray[np.uint8]]:
    """`count` frames of a film, evenly spread, first and last among them."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        wanted = set(np.linspace(0, stream.frames - 1, count).round().astype(int).tolist())
        kept = (frame for k, frame in enumerate(container.decode(stream)) if k in wanted)
        return [frame.to_ndarray(format="rgb24").astype(np.uint8) for frame in kept]


def sheet(frames: list[NDArray[np.uint8]], columns: int, words: str) -> NDArray[np.uint8]:
    """Frames side by side with a line of words below."""
    blank = np.zeros_like(frames[0])
    rows = [frames[start : start + columns] for start in range(0, len(frames), columns)]
    picture = np.concatenate([np.concatenate([*row, *[blank] * (columns - len(row))], axis=1) for row in rows])
    footer = np.zeros((40, picture.shape[1], 3), np.uint8)
    cv2.putText(footer, words[:200], (8, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (255, 255, 255), 1, cv2.LINE_AA)
    return np.concatenate([picture, footer])


def one(photo: Path, prompt: str, folder: Path, *, frames: int, columns: int, draft: bool) -> str:
    """Make one film and its sheet; what happened, in a line."""
    started = time.perf_counter()
    name = f"{photo.stem}-{''.join(c if c.isalnum() else '_' for c in prompt)[:40]}"
    try:
        clip = stillmotion.animate(photo, prompt, size=_draft_size(photo) if draft else None)
        path = clip.save(folder / f"{name}.mp4")
    except StillmotionError as error:
        return f"{name}: {error.code}: {error}"
    picture = sheet(decoded(path, frames), columns, prompt)
    cv2.imwrite(str(folder / f"{name}.png"), cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return f"{name}: {time.perf_counter() - started:.1f} s; {' | '.join(clip.notes)}"


def _draft_size(photo: Path) -> tuple[int, int] | None:
    picture = cv2.imread(str(photo))
    if picture is None:
        return None
    height, width = picture.shape[:2]
    return (640, 360) if width >= height else (360, 640)


def main() -> int:
    """Read the command line and make every sheet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--prompts", nargs="+", required=True)
    parser.add_argument("--frames", type=int, default=4)
    parser.add_argument("--columns", type=int, default=2)
    parser.add_argument("--draft", action="store_true", help="360p")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    for photo in given.photos:
        for prompt in given.prompts:
            print(
                one(photo, prompt, given.folder, frames=given.frames, columns=given.columns, draft=given.draft),
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
