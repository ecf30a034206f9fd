"""The staged shots that films are measured with: three flat layers, 720 lines, everything sharp."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from sklearn.datasets import load_sample_image

from stillmotion.diorama import camera, pipeline
from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.shot.records import CameraMove, Direction, Look, MoveKind, Shot

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.clip import Clip

SIZE_PX = (1280, 720)
FPS = 30
DURATION_S = 4
DOLLY = CameraMove(kind=MoveKind.DOLLY, direction=Direction.IN, end_s=DURATION_S, amount=0.12, target="subject")
TRUCK = CameraMove(kind=MoveKind.TRUCK, direction=Direction.RIGHT, end_s=DURATION_S, amount=0.05)
ZOOM = CameraMove(kind=MoveKind.ZOOM, direction=Direction.IN, end_s=DURATION_S, amount=1.12)


def three_layers() -> Scene:
    """A sample photo as sky, ground and a subject in front of it, as a scene comes out of the cache."""
    photo = cv2.resize(load_sample_image("china.jpg"), (1920, 1281), interpolation=cv2.INTER_CUBIC)
    height, width = photo.shape[:2]
    rows = np.linspace(0, 1, height)[:, None] * np.ones((1, width))
    ground = np.clip((rows - 0.5) * height / 3, 0, 1)
    return Scene(
        photo_sha256="benchmark",
        photo=photo,
        layers=(
            _layer("sky", photo, np.ones((height, width)), Plane()),
            _layer("ground", photo, ground, Plane(per_y=2.86, constant=-1.43)),
            _layer("subject", photo, subject(width, height), Plane(constant=1.0)),
        ),
        horizon_y=0.5,
        focal=1.0,
    )


def subject(width: int, height: int) -> NDArray[np.float64]:
    """How much of each pixel the subject covers, 0..1: a soft ellipse."""
    alpha = np.zeros((height, width))
    cv2.ellipse(alpha, (width // 2, int(height * 0.6)), (width // 6, height // 4), 0, 0, 360, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1.5), np.float64)


def clip_of(seen: Scene, move: CameraMove, *, look: Look | None = None) -> Clip:
    """The product's clip of a shot with one move: fitted to the scene, prepared, with its sound."""
    shot = Shot(
        size_px=SIZE_PX,
        duration_s=DURATION_S,
        fps=FPS,
        framing=pipeline.WHOLE_PHOTO,
        camera=(move,),
        look=look or Look(),
    )
    clip = pipeline.make_clip(seen, camera.fit(seen, shot))
    clip.sound.mix()  # nothing else works while pictures are timed
    return clip


def _layer(name: str, photo: NDArray[np.uint8], alpha: NDArray[np.float64], plane: Plane) -> Layer:
    rows, columns = np.nonzero(alpha > 0)
    box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    rgba = np.dstack([photo * alpha[..., None], alpha * 255])[box]
    return Layer(
        name=name,
        surface=Surface.RIGID,
        label=name,
        rgba=np.ascontiguousarray(np.round(rgba).astype(np.uint8)),
        left_px=int(box[1].start),
        top_px=int(box[0].start),
        plane=plane,
    )
