"""How large scenes are."""

from __future__ import annotations

import numpy as np
import pytest

from stillmotion.diorama.scene.sizes import at_scene_size, at_working_size


@pytest.mark.parametrize(
    ("photo", "scene", "working"),
    [
        ((427, 640), (854, 1280), (427, 640)),
        ((1500, 2000), (1500, 2000), (960, 1280)),
        ((3172, 5640), (1440, 2560), (720, 1280)),
        ((1410, 5640), (1280, 5120), (640, 2560)),
        ((5640, 1410), (5120, 1280), (2560, 640)),
        ((2000, 2000), (2000, 2000), (1280, 1280)),
    ],
)
def test_the_filmed_part_keeps_its_pixels(
    photo: tuple[int, int], scene: tuple[int, int], working: tuple[int, int]
) -> None:
    """The part that a film shows, not the whole length of a panorama, decides how many pixels a scene keeps."""
    picture = np.zeros((*photo, 3), np.uint8)
    assert at_scene_size(picture).shape[:2] == scene
    assert at_working_size(picture).shape[:2] == working
