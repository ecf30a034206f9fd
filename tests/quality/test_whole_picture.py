"""However far a move is asked to go, no film shows the photo's border or a hole between its layers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from measure import painting
from measure.films import FEW_FPS, Studio, with_moves
from measure.video import decode
from stillmotion.diorama import camera, pipeline, scene
from stillmotion.diorama.geometry import Box
from stillmotion.diorama.shot.records import CameraMove, Direction, Mix, MoveKind
from stillmotion.engines.diorama import scene_cache
from stillmotion.media.image import read_picture
from stillmotion.media.video import write_mp4

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import Shot

pytestmark = pytest.mark.quality

FAR_TOO_FAR = [
    (MoveKind.PAN, 20.0, (Direction.LEFT, Direction.RIGHT)),
    (MoveKind.TILT, 15.0, (Direction.UP, Direction.DOWN)),
    (MoveKind.ROLL, 15.0, (Direction.LEFT, Direction.RIGHT)),
    (MoveKind.ZOOM, 2.0, (Direction.IN, Direction.OUT)),
    (MoveKind.DOLLY, 0.6, (Direction.IN, Direction.OUT)),
    (MoveKind.TRUCK, 0.4, (Direction.LEFT, Direction.RIGHT)),
    (MoveKind.PEDESTAL, 0.3, (Direction.UP, Direction.DOWN)),
    (MoveKind.ORBIT, 30.0, (Direction.LEFT, Direction.RIGHT)),
    (MoveKind.RISE, 20.0, (Direction.UP, Direction.DOWN)),
    (MoveKind.DOLLY_ZOOM, 1.8, (Direction.IN, Direction.OUT)),
    (MoveKind.HANDHELD, 0.6, (Direction.NONE,)),
]
MOVES = [
    CameraMove(kind=kind, direction=direction, end_s=4.0, amount=amount)
    for kind, amount, directions in FAR_TOO_FAR
    for direction in directions
]
PHOTOS = ("china", "astronaut")
WHOLE = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)
HOLE = painting.DARKEST - 18
BORDER = 40


def shot_of(films: Studio, name: str, move: CameraMove) -> Shot:
    """A clean, silent draft of one move, neither framed nor fitted."""
    shot = films.plan(name, "static camera", draft=True)
    return replace(with_moves(shot, move), fps=FEW_FPS, mix=Mix(silent=True), framing=WHOLE)


def painted(films: Studio, name: str) -> Scene:
    """The scene of a photo, painted to give away what must not be seen."""
    return painting.painted(scene.cached(read_picture(films.photo(name)), scene_cache()))


def filmed(seen: Scene, shot: Shot, folder: Path) -> list[NDArray[np.uint8]]:
    """The decoded film of a scene and a Shot."""
    write_mp4(pipeline.make_clip(seen, shot), folder / "film.mp4")
    return decode(folder / "film.mp4").frames


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.kind}-{move.direction}")
@pytest.mark.parametrize("name", PHOTOS)
def test_no_border_and_no_hole(films: Studio, tmp_path: Path, name: str, move: CameraMove) -> None:
    """Not one pixel of any frame is as dark as a hole or as magenta as what lies outside the photo."""
    seen = painted(films, name)
    frames = filmed(seen, camera.fit(seen, shot_of(films, name, move)), tmp_path)
    assert min(painting.darkest(frame) for frame in frames) >= HOLE
    assert max(painting.magenta(frame) for frame in frames) <= BORDER
    moved = np.abs(frames[-1].astype(int) - frames[0]).mean()
    assert moved > 1 or move.kind is MoveKind.HANDHELD, "a move that is held back wholly proves nothing"


def test_a_border_would_be_seen(films: Studio, tmp_path: Path) -> None:
    """The same measure on a Shot that was not fitted does show the border."""
    seen = painted(films, "china")
    move = CameraMove(kind=MoveKind.PAN, direction=Direction.RIGHT, end_s=4.0, amount=2.0)
    fitted = camera.fit(seen, shot_of(films, "china", move))
    frames = filmed(seen, replace(fitted, camera=(replace(move, amount=9.0),)), tmp_path)
    assert max(painting.magenta(frame) for frame in frames) > BORDER


def test_a_hole_would_be_seen(films: Studio, tmp_path: Path) -> None:
    """The same measure on a scene with nothing behind its subject does show a hole when the subject moves aside."""
    seen = painted(films, "astronaut")
    back, subject = seen.layers[0], seen.layers[-1]
    pixels = back.rgba.copy()
    rows = slice(subject.top_px, subject.top_px + subject.size_px[1])
    columns = slice(subject.left_px, subject.left_px + subject.size_px[0])
    pixels[rows, columns][subject.rgba[..., 3] > 250] = 0
    holed = replace(seen, layers=(replace(back, rgba=pixels), *seen.layers[1:]))
    move = CameraMove(kind=MoveKind.TRUCK, direction=Direction.RIGHT, end_s=4.0, amount=0.06)
    frames = filmed(holed, camera.fit(holed, shot_of(films, "astronaut", move)), tmp_path)
    assert min(painting.darkest(frame) for frame in frames) < HOLE
