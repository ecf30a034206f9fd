"""From cuts to layers."""

from __future__ import annotations

import numpy as np

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.scene.fill import Filled
from stillmotion.diorama.scene.layout import Layout, Sketch
from stillmotion.diorama.scene.matte import Parted
from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.scene.stack import Cut, to_layers

SHAPE = (48, 64)


def sketch(name: str) -> Sketch:
    """A layer of the whole picture."""
    mask = np.ones(SHAPE, np.bool_)
    return Sketch(name=name, surface=Surface.BACKDROP, label=name, mask=mask, doubt=~mask, plane=Plane(constant=1.0))


def test_a_matte_without_anything_is_no_layer() -> None:
    """What the matte leaves nothing of is left out, and the rest of the photo stays whole."""
    photo = np.full((*SHAPE, 3), 90, np.uint8)
    colours = photo.astype(np.float32)
    nothing = np.zeros(SHAPE, np.float32)
    cut = Cut(
        sketch=sketch("ghost"),
        alpha=nothing,
        filled=Filled(picture=photo, smooth=nothing),
        parted=Parted(alpha=nothing, front=0 * colours, behind=colours),
    )
    (base,) = to_layers(photo, Layout(sketches=(sketch("all"),)), [cut])
    assert base.name == "all"
    assert (base.rgba[..., :3] == photo).all()
