"""What the quality tests share: one studio, whose films are made once and decoded as often as needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from measure.films import Studio

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a scene cache of its own, so that every scene is as the code of today sees it."""
    folder = tmp_path_factory.mktemp("films")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stillmotion.engines.diorama.scene_cache", lambda: folder / "scenes")
        yield Studio(folder)
