"""Films made through the public door, each once, and what they are compared with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

import stillmotion
from measure import photos
from measure.video import decode
from stillmotion import studio
from stillmotion.diorama.shot.ambient import AMBIENT
from stillmotion.media.image import read_picture

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from stillmotion.diorama.shot.records import CameraMove, Shot

FEW_FPS = 12
"""Enough to see a move, and quick to film."""


def clean(shot: Shot, **changes: object) -> Shot:
    """The same Shot without grain, vignette and anything that moves of itself, with further changes."""
    asked = tuple(cue for cue in shot.motion if cue.words != AMBIENT)
    return replace(shot, look=replace(shot.look, grain=0.0, vignette=0.0), **({"motion": asked} | changes))


def with_moves(shot: Shot, *moves: CameraMove) -> Shot:
    """A clean Shot with everything sharp and just these moves."""
    return clean(shot, camera=moves, lens=replace(shot.lens, aperture=0.0))


def spread(frames: Sequence[NDArray[np.uint8]], count: int) -> list[NDArray[np.uint8]]:
    """`count` frames from the first to the last."""
    return [frames[int(k)] for k in np.linspace(0, len(frames) - 1, count).round()]


@dataclass(frozen=True, slots=True)
class Studio:
    """Plans and films, kept for the tests that come after."""

    folder: Path
    """Where photos are unpacked."""
    reels: Path
    """Where films are kept."""
    _shots: dict[tuple[object, ...], Shot] = field(default_factory=dict)
    _films: dict[tuple[object, ...], Path] = field(default_factory=dict)

    def photo(self, name: str) -> Path:
        """The file of a photo."""
        return photos.path(name, self.folder)

    def plan(self, name: str, prompt: str, *, draft: bool = False, **brief: object) -> Shot:
        """The Shot of a photo and a prompt, at 720 lines or as a draft at 360."""
        key = (name, prompt, draft, *sorted(brief.items()))
        if key not in self._shots:
            if draft:
                brief["size"] = studio.draft_size(read_picture(self.photo(name)))
            self._shots[key] = stillmotion.plan(self.photo(name), prompt, **brief)
        return self._shots[key]

    def film(self, name: str, shot: Shot, *, fps: int | None = None) -> Path:
        """The MP4 of a Shot."""
        key = (name, shot, fps)
        if key not in self._films:
            clip = stillmotion.render(self.photo(name), shot, fps=fps)
            self._films[key] = clip.save(self.reels / f"{len(self._films)}-{name}.mp4")
        return self._films[key]

    def quick(self, name: str, prompt: str) -> tuple[Shot, list[NDArray[np.uint8]]]:
        """A clean draft with few frames: its Shot, and what the decoded film shows."""
        shot = clean(self.plan(name, prompt, draft=True))
        return shot, decode(self.film(name, shot, fps=FEW_FPS)).frames
