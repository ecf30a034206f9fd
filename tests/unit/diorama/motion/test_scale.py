"""Metres out of a photo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion import scale
from stillmotion.diorama.scene.records import Face, Layer, Scene, SceneObject, Surface


def layer(
    name: str = "subject",
    *,
    label: str = "thing",
    q: float = 1.0,
    box_px: tuple[int, int, int, int] = (400, 200, 200, 200),
    contact_y: float | None = None,
    surface: Surface = Surface.RIGID,
) -> Layer:
    """An opaque layer in a photo of 1000 x 500 pixels."""
    left, top, width, height = box_px
    rgba = np.full((height, width, 4), 255, np.uint8)
    return Layer(
        name=name,
        surface=surface,
        label=label,
        rgba=rgba,
        left_px=left,
        top_px=top,
        plane=Plane(constant=q),
        contact_y=contact_y,
    )


def scene(*layers: Layer, **changes: Any) -> Scene:
    """A photo of 1000 x 500 pixels."""
    back = layer("backdrop", label="wall", q=0.2, box_px=(0, 0, 1000, 500), surface=Surface.BACKDROP)
    known = {"horizon_y": None, "focal": 1.0, **changes}
    return Scene(photo_sha256="0", photo=np.zeros((500, 1000, 3), np.uint8), layers=(back, *layers), **known)


def thing(label: str, box: tuple[float, float, float, float], score: float = 0.9) -> SceneObject:
    """A detected object in the subject's layer."""
    return SceneObject(label=label, score=score, box=Box(x0=box[0], y0=box[1], x1=box[2], y1=box[3]), layer="subject")


def test_a_standing_person_is_the_measure() -> None:
    """A person who takes 0.8 of the height of a 2:1 photo makes the photo 4.25 m wide, and the words say why."""
    seen = scene(layer(label="person"), objects=(thing("person", (0.4, 0.1, 0.6, 0.9)),))
    metres, why = scale.metres_per_width(seen)
    assert metres == pytest.approx(1.7 / 0.4)
    assert "person" in why
    assert "1.7 m" in why


def test_depth_counts() -> None:
    """The same cup twice as far away makes the photo twice as wide at the subject's distance times q."""
    box = (0.4, 0.4, 0.5, 0.6)
    near, _ = scale.metres_per_width(scene(layer(), objects=(thing("cup", box),)))
    far, _ = scale.metres_per_width(scene(layer(q=0.5), objects=(thing("cup", box),)))
    assert near == pytest.approx(0.09 / 0.1)
    assert far == pytest.approx(near / 2)
    assert scale.at_depth(far, 0.5) == pytest.approx(near)


def test_a_person_cut_off_is_no_measure() -> None:
    """A portrait does not show how tall its person is; the face does."""
    face = Face(
        box=Box(x0=0.4, y0=0.2, x1=0.6, y1=0.7), landmarks=np.zeros((478, 3), np.float32), score=0.9, layer="subject"
    )
    seen = scene(layer(label="person"), objects=(thing("person", (0.2, 0.1, 0.8, 1.0)),), faces=(face,))
    metres, why = scale.metres_per_width(seen)
    assert metres == pytest.approx(0.15 / 0.2)
    assert "face" in why


def test_unsure_detections_do_not_count() -> None:
    """What a detector hardly believes measures nothing; the label of the layer then does."""
    seen = scene(layer(label="teddy bear"), objects=(thing("bus", (0.4, 0.4, 0.6, 0.8), score=0.2),))
    metres, why = scale.metres_per_width(seen)
    assert metres == pytest.approx(0.35 / 0.2)
    assert "teddy" in why


def test_the_horizon_is_at_eye_height() -> None:
    """Without known things, ground under the horizon is 1.6 m below the eye: Z = f h / (y - yh)."""
    standing = layer(label="thing", contact_y=0.8)
    metres, why = scale.metres_per_width(scene(standing, horizon_y=0.4, outdoors=True))
    assert metres == pytest.approx(1.6 / 0.2)
    assert "horizon" in why


def test_the_middle_of_several_opinions() -> None:
    """One odd size among three does not decide."""
    things = (
        thing("person", (0.1, 0.1, 0.3, 0.9)),
        thing("chair", (0.4, 0.4, 0.5, 0.8)),
        thing("airplane", (0.6, 0.1, 0.8, 0.5)),
    )
    metres, _ = scale.metres_per_width(scene(layer(), objects=things))
    assert metres == pytest.approx(0.9 / 0.2)


def test_nothing_known_is_said() -> None:
    """A photo that tells nothing gets an ordinary size, and the words admit it."""
    metres, why = scale.metres_per_width(scene(layer(label="thing")))
    assert 0.5 < metres < 20
    assert "nothing" in why


def test_absurd_sizes_are_held() -> None:
    """No photo is taken to span less than a hand's breadth or more than two kilometres."""
    seen = scene(layer(), objects=(thing("airplane", (0.4, 0.4, 0.9, 0.422)),))
    assert scale.metres_per_width(seen)[0] <= scale.MOST
    tiny = scene(replace(layer(label="ladybug")))
    assert scale.metres_per_width(tiny)[0] >= scale.LEAST


@pytest.mark.parametrize(("label", "size"), [("red car", (1.5, True)), ("tabby cat", (0.45, False)), ("idea", None)])
def test_usual_sizes(label: str, size: tuple[float, bool] | None) -> None:
    """The last words of a label name the thing."""
    assert scale.usual_size(label) == size


def test_what_the_border_cuts_says_how_much_is_seen_at_most() -> None:
    """Of a cat that fills the photo and more there is no more to see than a cat; people may sit, and say nothing."""
    close = layer(label="cat", box_px=(0, 0, 900, 500))
    assert scale.metres_per_width(scene(close))[0] == pytest.approx(0.45 / 0.9)
    assert scale.metres_per_width(scene(layer(label="person", box_px=(0, 0, 900, 500))))[0] == 3.0
