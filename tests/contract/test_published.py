"""What happens where a published program cannot be had."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from published import npm_packages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("variable", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)], ids=["anywhere", "in CI"]
)
def test_without_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, outcome: type[BaseException]
) -> None:
    """The JavaScript clients are skipped with the reason, and fail where STILLMOTION_TEST_NODE is set."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setenv("STILLMOTION_TEST_NODE", variable)
    with pytest.raises(outcome, match="there is no npm on this machine"):
        npm_packages("openai-npm", tmp_path)
