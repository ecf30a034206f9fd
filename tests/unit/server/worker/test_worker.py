"""A worker process ends when it is told to, however early that is."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from serving import environment
from stillmotion.server.serving import handed_over
from stillmotion.server.settings import Settings
from stillmotion.server.worker.engine import EngineDied
from stillmotion.server.worker.worker import _Again

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 120.0


def test_a_film_whose_engine_died_is_the_next_one() -> None:
    """It is due at once, and so before those that were asked for later; what failed otherwise is due in a second."""
    job: Any = None
    asked_at = datetime.now(UTC)
    died, failed = (
        _Again().get_retry_decision(exception=one, job=job).retry_at
        for one in (EngineDied(-9, "render"), RuntimeError())
    )
    answered_at = datetime.now(UTC)
    assert died is not None and died <= answered_at  # noqa: PT018
    assert failed is not None and asked_at + timedelta(seconds=1) <= failed <= answered_at + timedelta(seconds=1)  # noqa: PT018


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_worker_whose_server_is_gone_ends(emptied_url: str, tmp_path: Path) -> None:
    """Its server died while it was still starting: it takes no job and ends well, instead of working for nobody."""
    settings = Settings(database_url=emptied_url, data_dir=tmp_path, quality="tiny")
    command = [sys.executable, "-m", "stillmotion.server.worker"]
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), cwd=tmp_path)
    try:
        _, said = worker.communicate(handed_over(settings), timeout=PATIENCE_S)
    finally:
        worker.kill()
    assert worker.returncode == 0, said
    assert b"worker ready" not in said
