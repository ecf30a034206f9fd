"""Scenes made of plain boxes: what the planner needs to know of a photo, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.scene.records import Face, Layer, Scene, SceneObject, Surface
from stillmotion.diorama.shot import grounding, meaning

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Part = tuple[str, str, str, tuple[float, float, float, float]]
WHOLE = (0.0, 0.0, 1.0, 1.0)


def _layer(part: Part, size: tuple[int, int]) -> Layer:
    name, surface, label, (x0, y0, x1, y1) = part
    left, top, right, bottom = (round(v) for v in (x0 * size[0], y0 * size[1], x1 * size[0], y1 * size[1]))
    return Layer(
        name=name,
        surface=Surface(surface),
        label=label,
        rgba=np.full((bottom - top, right - left, 4), 255, np.uint8),
        left_px=left,
        top_px=top,
        plane=Plane(constant=0.5),
    )


def build(
    parts: Sequence[Part],
    *,
    size: tuple[int, int] = (640, 480),
    faces: Sequence[tuple[str, Box]] = (),
    objects: Sequence[SceneObject] = (),
    **more: Any,
) -> Scene:
    """A scene of boxes, far to near."""
    points = np.zeros((478, 3), np.float32)
    return Scene(
        photo_sha256="0" * 64,
        photo=np.zeros((size[1], size[0], 3), np.uint8),
        layers=tuple(_layer(part, size) for part in parts),
        horizon_y=None,
        focal=1.0,
        faces=tuple(Face(box=box, landmarks=points, score=0.9, layer=layer) for layer, box in faces),
        objects=tuple(objects),
        **more,
    )


@pytest.fixture
def make_scene() -> Callable[..., Scene]:
    """Build a scene from (name, surface, label, box) parts."""
    return build


@pytest.fixture
def lake() -> Scene:
    """Sky, trees, a lake and a temple: a deep landscape outdoors."""
    parts: list[Part] = [
        ("sky", "sky", "sky", WHOLE),
        ("far", "foliage", "foliage", (0.0, 0.3, 1.0, 0.7)),
        ("water", "water", "lake", (0.0, 0.7, 1.0, 1.0)),
        ("subject", "structure", "palace", (0.7, 0.2, 0.9, 0.8)),
    ]
    return build(parts, outdoors=True, salience=(0.75, 0.5))


@pytest.fixture
def portrait() -> Scene:
    """One person in front of a wall, with a face."""
    parts: list[Part] = [
        ("backdrop", "backdrop", "backdrop", WHOLE),
        ("subject", "person", "person", (0.2, 0.1, 0.9, 1.0)),
    ]
    return build(parts, faces=[("subject", Box(x0=0.4, y0=0.1, x1=0.6, y1=0.4))])


@pytest.fixture
def harbour() -> Scene:
    """Two boats on the sea."""
    parts: list[Part] = [
        ("sky", "sky", "sky", WHOLE),
        ("water", "water", "sea", (0.0, 0.5, 1.0, 1.0)),
        ("boat-left", "vehicle", "boat", (0.1, 0.5, 0.3, 0.7)),
        ("boat-right", "vehicle", "boat", (0.6, 0.4, 0.9, 0.8)),
    ]
    return build(parts, outdoors=True, tags=(("seashore", 0.5),))


@pytest.fixture
def flat() -> Scene:
    """A page of text: one layer."""
    return build([("all", "backdrop", "backdrop", WHOLE)])


@pytest.fixture(autouse=True)
def _without_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn scenes are not looked at again, and no name is looked up by meaning."""
    monkeypatch.setattr(grounding, "find", lambda _scene, _words: None)
    monkeypatch.setattr(meaning, "closest", lambda _words, _labels: None)
