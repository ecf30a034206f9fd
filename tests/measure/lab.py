"""A laboratory: films made by `stillmotion render photo.png shot.json`, each once, and read back from the file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import av
import cv2
import numpy as np

from measure import bodies
from measure.video import decode
from stillmotion.cli.app import run
from synthetic import bench

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from measure.bodies import Body, Floats
    from synthetic.bench import Thing

DRAFT_PX = (640, 360)
WIDTH_M = 8.0
"""Metres across the drawn pictures: 80 px a metre in a draft."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Take:
    """One decoded film and what it says happened."""

    frames: list[NDArray[np.uint8]]
    fps: float
    events: list[dict[str, Any]]
    framing: tuple[float, float, float, float]
    """Left, top, right and bottom of what the film shows, in photo coordinates."""
    sound: Floats
    """Both channels, shape (samples, 2)."""
    sample_rate: int
    _paths: dict[Thing, Floats] = field(default_factory=dict)

    @property
    def scale(self) -> float:
        """Pixels a metre at the subject's distance."""
        return self.frames[0].shape[1] / (self.framing[2] - self.framing[0]) / WIDTH_M

    def row(self, photo_y: float) -> float:
        """Row of the film at a row of the photo."""
        return (photo_y - self.framing[1]) / (self.framing[3] - self.framing[1]) * self.frames[0].shape[0]

    @property
    def times_s(self) -> Floats:
        """When each frame was."""
        return np.arange(len(self.frames)) / self.fps

    @property
    def frame_s(self) -> float:
        """Time between two frames."""
        return 1 / self.fps

    def told_s(self, kind: str) -> list[float]:
        """Times of the events of one kind."""
        return [event["time_s"] for event in self.events if event["kind"] == kind]

    def bodies(self, thing: Thing) -> list[Body]:
        """A thing in every frame; it must be in all of them."""
        found = bodies.follow(self.frames, thing.colour)
        lost = [k for k, one in enumerate(found) if one is None]
        assert not lost, f"it is gone in the frames {lost}"
        return [one for one in found if one is not None]

    def path(self, thing: Thing) -> Floats:
        """Centre of mass (x, y), bounding box (left, top, right, bottom) and area of a thing, a row a frame."""
        if thing not in self._paths:
            self._paths[thing] = np.array(
                [(one.x, one.y, one.left, one.top, one.right, one.bottom, one.area) for one in self.bodies(thing)]
            )
        return self._paths[thing]


@dataclass(frozen=True, slots=True)
class Lab:
    """Makes films; the same shot of the same photo is filmed once."""

    folder: Path
    _takes: dict[str, Take] = field(default_factory=dict)

    def film(self, photo: NDArray[np.uint8], name: str, **shot: Any) -> Take:
        """Film a Shot that is given by its fields, from a still camera unless `camera` says otherwise."""
        text = json.dumps(_plain({**_still(), **shot}))
        key = f"{name} {text}"
        if key not in self._takes:
            self._takes[key] = self._filmed(photo, name, text)
        return self._takes[key]

    def _filmed(self, photo: NDArray[np.uint8], name: str, text: str) -> Take:
        picture, paper = self.folder / f"{name}.png", self.folder / f"{len(self._takes)}.json"
        film = self.folder / f"{len(self._takes)}.mp4"
        if not picture.exists():
            cv2.imwrite(str(picture), cv2.cvtColor(photo, cv2.COLOR_RGB2BGR))
        paper.write_text(text)
        assert run(["render", str(picture), str(paper), "-o", str(film), "--quiet"]) == 0
        decoded = decode(film)
        with av.open(str(film)) as container:
            recipe = json.loads(container.metadata["stillmotion_recipe"])
        performed = [cue["performed"] for cue in recipe["shot"]["motion"]]
        assert all(performed), [note["words"] for note in recipe["shot"]["notes"]]
        box = recipe["shot"]["framing"]
        return Take(
            frames=decoded.frames,
            fps=float(decoded.rate),
            events=recipe["events"],
            framing=(box["x0"], box["y0"], box["x1"], box["y1"]),
            sound=decoded.audio.astype(np.float64),
            sample_rate=decoded.sample_rate,
        )


def _still() -> dict[str, Any]:
    return {
        "duration_s": 4,
        "fps": 30,
        "size_px": DRAFT_PX,
        "framing": {"x0": 0, "y0": 0, "x1": 1, "y1": 1},
        "look": {"grain": 0.0},
        "world": {"metres_per_width": WIDTH_M, "ground_y": bench.FLOOR_PX / bench.SIZE_PX[1]},
    }


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value
