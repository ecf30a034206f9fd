"""Make films through the public door and decode them, once each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import stillmotion
from measure.video import Film, decode

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.diorama.shot.records import CameraMove, Shot


def clean(shot: Shot, **changes: object) -> Shot:
    """The same Shot without grain and vignette, with further changes."""
    return replace(shot, look=replace(shot.look, grain=0.0, vignette=0.0), **changes)


def with_moves(shot: Shot, *moves: CameraMove) -> Shot:
    """A clean Shot with everything sharp and just these moves."""
    return clean(shot, camera=moves, lens=replace(shot.lens, aperture=0.0))


def film(photo: Path, shot: Shot, folder: Path) -> Film:
    """Render a Shot, write it, decode it."""
    return decode(save(photo, shot, folder))


def save(photo: Path, shot: Shot, folder: Path) -> Path:
    """Render a Shot into an MP4."""
    return stillmotion.render(photo, shot).save(folder / "film.mp4")
