"""Sample photos that come with the packages of the dev extra."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from matplotlib import cbook
from PIL import Image
from skimage import data

from stillmotion.diorama.perception import regions

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.fixture(scope="session")
def cat() -> NDArray[np.uint8]:
    """A cat's head that fills the photo."""
    return np.asarray(data.chelsea(), dtype=np.uint8)


@pytest.fixture(scope="session")
def astronaut() -> NDArray[np.uint8]:
    """A woman in a space suit, helmet in her lap."""
    return np.asarray(data.astronaut(), dtype=np.uint8)


@pytest.fixture(scope="session")
def hopper() -> NDArray[np.uint8]:
    """An officer with glasses and a hat."""
    with cbook.get_sample_data("grace_hopper.jpg") as file, Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.uint8)


@pytest.fixture(scope="session")
def coffee() -> NDArray[np.uint8]:
    """A cup on a table."""
    return np.asarray(data.coffee(), dtype=np.uint8)


@pytest.fixture(scope="session")
def grass() -> NDArray[np.uint8]:
    """A texture with no subject."""
    return np.repeat(np.asarray(data.grass(), dtype=np.uint8)[..., None], 3, axis=2)


@pytest.fixture(scope="session")
def cat_embedding(cat: NDArray[np.uint8]) -> regions.Embedding:
    """The slowest call of all, made once."""
    return regions.embed(cat)
