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
from stillmotion.server.worker.worker import _Again

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 120.0


def test_what_failed_needs_a_moment() -> None:
    """A fault that is not the film's own may pass: its job is due again in a second."""
    job: Any = None
    asked_at = datetime.now(UTC)
    failed = _Again().get_retry_decision(exception=RuntimeError(), job=job).retry_at
    answered_at = datetime.now(UTC)
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
