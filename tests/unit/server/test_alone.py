"""Where the embedded database is used: in one place at a time, by as many of it as like."""

from __future__ import annotations

import stat
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO

import pytest

from stillmotion.errors import DatabaseUnavailable
from stillmotion.server.db import alone

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform != "win32":
    import fcntl

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")


def never() -> bool:
    """Nothing answers that is not seen."""
    return False


class Places:
    """From where the database is used."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.name = folder, b""
        patch.setattr(alone, "_here", lambda: self.name)

    def enter(self, name: str, stack: ExitStack) -> None:
        """Use it from there."""
        self.name = f"{name}\n".encode()
        stack.enter_context(alone.alone(self.folder, never))


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """Two containers and a folder; nobody waits long."""
    monkeypatch.setattr(alone, "_PATIENCE_S", 0.05)
    return Places(tmp_path, monkeypatch)


def test_one_place_at_a_time(places: Places) -> None:
    """While one uses it, others of its place may and those of another one may not; who left is in nobody's way."""
    with ExitStack() as second:
        with ExitStack() as first:
            places.enter("a", first)
            places.enter("a", second)
            with pytest.raises(DatabaseUnavailable, match="another container"), ExitStack() as stack:
                places.enter("b", stack)
        with pytest.raises(DatabaseUnavailable, match="STILLMOTION_DATABASE_URL"), ExitStack() as stack:
            places.enter("b", stack)
    with ExitStack() as stack:
        places.enter("b", stack)
        with pytest.raises(DatabaseUnavailable), ExitStack() as other:
            places.enter("a", other)


def test_of_two_that_come_at_once_one_gets_in(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system lets a lock go before it is shared: who comes in between has it, and the first one sees that."""
    locked, between = alone._locked, ExitStack()

    def slow(lock: BinaryIO, *, shared: bool) -> bool:
        if shared:
            fcntl.flock(lock, fcntl.LOCK_UN)
            monkeypatch.setattr(alone, "_locked", locked)
            places.enter("b", between)
            places.name = b"a\n"
        return locked(lock, shared=shared)

    monkeypatch.setattr(alone, "_locked", slow)
    with between, pytest.raises(DatabaseUnavailable), ExitStack() as stack:
        places.enter("a", stack)


def test_the_place_is_the_container_and_the_run_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another container, or the machine started anew, is another place; the lock is for its user alone."""
    boot, container, elsewhere = (tmp_path / name for name in ("boot", "container", "elsewhere"))
    boot.write_text("1\n")
    container.touch()
    elsewhere.touch()
    monkeypatch.setattr(alone, "_BOOT", boot)
    monkeypatch.setattr(alone, "_CONTAINER", container)
    places = [alone._here(), alone._here()]
    boot.write_text("2\n")
    places.append(alone._here())
    monkeypatch.setattr(alone, "_CONTAINER", elsewhere)
    places.append(alone._here())
    assert places[0] == places[1]
    assert len(set(places)) == 3
    with alone.alone(tmp_path, never):
        assert (tmp_path / alone.LOCK).read_bytes() == places[-1]
        assert stat.S_IMODE((tmp_path / alone.LOCK).stat().st_mode) == 0o600


def test_a_lock_that_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """In words, with the file's name."""
    (tmp_path / alone.LOCK).mkdir()
    with pytest.raises(DatabaseUnavailable, match=str(tmp_path / alone.LOCK)), alone.alone(tmp_path, never):
        pass
