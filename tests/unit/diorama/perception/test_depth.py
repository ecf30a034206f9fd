"""Depth: near is large, the mirror image is treated alike, a better network is used where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.perception import depth

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest
    from numpy.typing import NDArray


def test_the_person_is_nearer_than_the_wall(astronaut: NDArray[np.uint8]) -> None:
    """Inverse depth is larger on the space suit than on the wall behind, and positive everywhere."""
    near = depth.inverse_depth(astronaut)
    assert near.shape == (512, 512)
    assert near.dtype == np.float32
    assert near.min() > 0
    assert np.median(near[300:480, 150:260]) > 1.5 * np.median(near[20:100, 290:360])


def test_a_mirrored_photo_has_mirrored_depth(astronaut: NDArray[np.uint8]) -> None:
    """The answer has no left or right of its own."""
    straight = depth.inverse_depth(astronaut)
    mirrored = depth.inverse_depth(np.ascontiguousarray(astronaut[:, ::-1]))
    np.testing.assert_allclose(straight, mirrored[:, ::-1], rtol=1e-3)


def test_the_better_network_is_used_where_it_was_adopted(
    monkeypatch: pytest.MonkeyPatch, coffee: NDArray[np.uint8]
) -> None:
    """It gets sides that are whole patches in the photo's shape, and points at infinity stay positive."""
    sides: list[tuple[int, ...]] = []

    def network(inputs: Mapping[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        seen = inputs["pixel_values"]
        sides.append(seen.shape)
        ramp = np.linspace(-1.0, 9.0, seen.shape[2], dtype=np.float32)
        return [np.repeat(ramp[None, :, None], seen.shape[3], axis=2)]

    def loaded(_: str) -> Callable[[Mapping[str, NDArray[np.float32]]], list[NDArray[np.float32]]]:
        return network

    monkeypatch.setattr(depth.assets, "present", lambda name: name == depth.FINE)
    monkeypatch.setattr(depth.runtime, "onnx", loaded)
    near = depth.inverse_depth(coffee)
    assert depth.source_name() == "depth_anything_v2_small"
    assert sides[0] == (1, 3, 518, 784)
    assert near.shape == coffee.shape[:2]
    assert near.min() > 0
    assert near[-1, 0] > 8
