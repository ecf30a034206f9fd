"""Lay films with and without movement side by side, so that a person can see what movement adds.

Each row: the photo as framed, the shot with its camera alone, and the same instant with everything that moves.

Example:
    python scripts/before_after.py docs/images/motion.jpg cat.png "The cat leaps up." 1.2 rocket.jpg "It lifts off." 3.0
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

import stillmotion

WIDTH_PX = 400
GAP_PX = 6
LINE_PX = 22


def row(photo: str, prompt: str, time_s: float) -> Image.Image:
    """Three stills of one prompt, with the prompt above them."""
    shot = stillmotion.plan(photo, prompt)
    with_motion = stillmotion.render(photo, shot)
    alone = stillmotion.render(photo, replace(shot, motion=()))
    index = min(round(time_s * shot.fps), len(with_motion.frames) - 1)
    stills = [alone.frames[0], alone.frames[index], with_motion.frames[index]]
    height = round(WIDTH_PX * stills[0].shape[0] / stills[0].shape[1])
    paper = Image.new("RGB", (3 * (WIDTH_PX + GAP_PX) - GAP_PX, height + LINE_PX), "white")
    for column, still in enumerate(stills):
        picture = Image.fromarray(np.asarray(still)).resize((WIDTH_PX, height), Image.Resampling.LANCZOS)
        paper.paste(picture, (column * (WIDTH_PX + GAP_PX), LINE_PX))
    ImageDraw.Draw(paper).text((4, 5), f"{prompt}   ({time_s:g} s)", fill="black")
    return paper


def main() -> int:
    """Write the sheet."""
    target, *rest = sys.argv[1:]
    triples = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
    rows = [row(photo, prompt, float(time_s)) for photo, prompt, time_s in triples]
    sheet = Image.new("RGB", (rows[0].width, sum(one.height for one in rows)), "white")
    top = 0
    for one in rows:
        sheet.paste(one, (0, top))
        top += one.height
    sheet.save(target, quality=82, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
