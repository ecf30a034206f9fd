"""A server that was started as a person starts it, and a photo to film."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from serving import served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that all who only ask share; it may fetch from itself, so that a picture can be missing there."""
    with served(tmp_path_factory.mktemp("served"), STILLMOTION_ALLOW_NETWORKS='["127.0.0.0/8"]') as url:
        yield url


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sky over a field, that is no size of a film."""
    rows, columns = np.mgrid[0:300, 0:420].astype(np.float32)
    sky = np.stack([90 + rows * 0.3, 140 + rows * 0.25, 230 - rows * 0.1], -1)
    field = np.stack([60 + columns * 0.1, 120 + 30 * np.sin(columns / 9), 40 + rows * 0.05], -1)
    pixels = np.where(rows[..., None] < 170, sky, field).clip(0, 255).astype(np.uint8)
    place = tmp_path_factory.mktemp("photo") / "field.png"
    Image.fromarray(pixels).save(place)
    return place
