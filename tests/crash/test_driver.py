"""What the harness says of processes is worth something only if it sees them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, cast

import pytest

from crash.driver import Server
from stillmotion.server.failpoint import VARIABLE
from stillmotion.server.settings import for_children

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crash.receiver import Receiver
    from stillmotion.server.service import Service

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
_WAITS = [sys.executable, "-I", "-S", "-c", "import sys; sys.stdin.read()"]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """One that does not run; what is started meanwhile is started as its processes are."""
    nobody = cast("Receiver", None), cast("Service", None)
    server = Server(tmp_path, *nobody, database_url=None, port=0)
    monkeypatch.setenv("STILLMOTION_DATA_DIR", str(server.data_dir))
    monkeypatch.setenv(VARIABLE, str(server.armed_folder))
    yield server
    assert server.left() == []


@pytest.mark.parametrize("records", [True, False], ids=["worker", "engine"])
def test_children_without_our_settings_are_seen(server: Server, records: bool) -> None:  # noqa: FBT001 - a case
    """Workers, engines and readers of Shots are not told the settings, and are its processes all the same."""
    with subprocess.Popen(_WAITS, stdin=subprocess.PIPE, env=for_children(records=records)) as child:
        assert [one.pid for one in server.left()] == [child.pid]
