"""What the quality tests share: one studio, whose films are made once and decoded as often as needed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from measure.films import Studio

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a scene cache of its own, so that every scene is as the code of today sees it.

    Where several processes share the tests they share the photos and the scenes; each has films of its own.
    """
    own = tmp_path_factory.mktemp("films")
    shared = own if "PYTEST_XDIST_WORKER" not in os.environ else tmp_path_factory.getbasetemp().parent / "studio"
    shared.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stillmotion.engines.diorama.scene_cache", lambda: shared / "scenes")
        yield Studio(shared, own)
