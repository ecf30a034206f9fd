"""What the physics tests share: one laboratory, whose films are made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from measure.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A laboratory with a scene cache of its own, so that every scene is as the code of today sees it."""
    folder = tmp_path_factory.mktemp("lab")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("stillmotion.engines.diorama.scene_cache", lambda: folder / "scenes")
        yield Lab(folder)
