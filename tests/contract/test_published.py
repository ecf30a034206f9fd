"""What happens where a published program cannot be had."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from published import npm_packages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("variable", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)], ids=["skipped", "asked for"]
)
def test_without_node(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, outcome: type[BaseException]
) -> None:
    """Where there is no Node the JavaScript clients are skipped with the reason; they fail if Node was asked for.

    Nothing sets STILLMOTION_TEST_NODE by itself: `make test` needs no Node, and runs these clients where there is one.
    """
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setenv("STILLMOTION_TEST_NODE", variable)
    with pytest.raises(outcome, match="there is no npm on this machine"):
        npm_packages("openai-npm", tmp_path)
