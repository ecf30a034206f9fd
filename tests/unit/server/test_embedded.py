"""The embedded PostgreSQL starts on busy machines, comes back when it died, and leaves nothing behind otherwise."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import psutil
import psycopg
import pytest

from stillmotion.errors import DatabaseUnavailable
from stillmotion.server.db import alone, embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a server that was made and stopped."""
    made = tmp_path_factory.mktemp("data")
    with embedded.server(made):
        pass
    return made


def answers(url: str) -> bool:
    """Whether somebody is there."""
    try:
        with psycopg.connect(url) as connection:
            return connection.execute("select 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def place(data_dir: Path) -> Path:
    """Where it says who it is."""
    return data_dir / embedded.FOLDER / "postmaster.pid"


def process(data_dir: Path) -> psutil.Process:
    """Its first process."""
    return psutil.Process(int(place(data_dir).read_text().splitlines()[0]))


def test_a_slow_start_is_waited_for(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel gives up after ten seconds while the server still comes up: it is used, and stopped at the end."""
    wheel = embedded._wheel()
    start = wheel.pg_ctl

    def impatient(arguments: list[str], **named: object) -> str:
        said = start([one if one != "-w" else "-W" for one in arguments], **named)
        if "start" in arguments:
            raise subprocess.TimeoutExpired(arguments, 10)
        return str(said)

    monkeypatch.setattr(wheel, "pg_ctl", impatient)
    with embedded.server(data_dir) as url:
        assert answers(url)
        running = process(data_dir)
    running.wait(PATIENCE_S)


@pytest.mark.parametrize(("patience_s", "comes_up", "count"), [(60.0, False, 3), (0.0, True, 1)])
def test_one_that_cannot_start_says_so(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, patience_s: float, *, comes_up: bool, count: int
) -> None:
    """After three tries, or too long a time, an error names the folder; what did start is gone, the next one works."""
    wheel, tries = embedded._wheel(), []
    start = wheel.pg_ctl

    def broken(arguments: list[str], **named: object) -> str:
        tries.append(arguments)
        if comes_up:
            start(arguments, **named)
        raise subprocess.CalledProcessError(1, "pg_ctl")

    with monkeypatch.context() as patch:
        patch.setattr(wheel, "pg_ctl", broken)
        patch.setattr(embedded, "_PATIENCE_S", patience_s)
        with pytest.raises(DatabaseUnavailable, match=str(data_dir)), embedded.server(data_dir):
            pass
    assert len(tries) == count
    assert not place(data_dir).exists()
    with embedded.server(data_dir) as url:
        assert answers(url)


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder whose path is too long for a socket, which goes to a folder of what the user runs."""
    with tempfile.TemporaryDirectory() as above:
        monkeypatch.setattr(embedded._wheel().PostgresServer, "runtime_path", Path(above) / "runtime-1" / "postgres")
        yield tmp_path / "a".ljust(110, "a")


def closed(place: Path) -> bool:
    """Whether others than the owner may not even reach it."""
    return not stat.S_IMODE(place.stat().st_mode) & 0o077


def socket_is_private(url: str) -> bool:
    """Outside of the data folder it is for its user, who alone reaches it; nobody else may put one in its place."""
    folder = Path(dict(parse_qsl(url.partition("?")[2]))["host"])
    assert folder.parent == embedded._wheel().PostgresServer.runtime_path
    above = (folder, folder.parent, folder.parent.parent)
    reached = not any(map(closed, above[:2]))
    return closed(folder / ".s.PGSQL.5432") and not reached and not any(one.stat().st_mode & 0o022 for one in above)


def test_the_socket_in_the_data_folder(data_dir: Path) -> None:
    """There it is its user's as well, whatever somebody makes of the folder."""
    with embedded.server(data_dir):
        assert closed(data_dir / embedded.FOLDER / ".s.PGSQL.5432")


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize("found", [None, 0o777])
def test_the_folder_of_what_the_user_runs(tmp_path: Path, mask: int, found: int | None) -> None:
    """Made or found, whatever the mask: others may not reach what is in it, and for root no more than that."""
    folder = tmp_path / "runtime-1" / "postgres"
    if found is not None:
        folder.mkdir(parents=True)
        folder.chmod(found)
    before = os.umask(mask)
    try:
        embedded._make_ours(folder)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == (0o700 if os.geteuid() else 0o755)
    assert found is not None or closed(folder.parent)


@pytest.mark.parametrize("whose", ["another's", "in a folder of another", "replaceable", "a link"])
def test_a_folder_of_others_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whose: str) -> None:
    """Nothing is started where somebody else could read along, and the message says what to do."""
    folder = tmp_path / "runtime-1" / "postgres"
    folder.mkdir(parents=True)
    me, look = os.geteuid(), Path.stat
    if whose == "a link":
        folder.rmdir()
        folder.symlink_to(tmp_path)
    elif whose == "replaceable":
        folder.parent.chmod(0o777)
    elif whose == "in a folder of another":
        monkeypatch.setattr(Path, "stat", lambda place, **named: owned(look(place, **named), me + 7))
        monkeypatch.setattr(Path, "lstat", lambda place: look(place, follow_symlinks=False))
    else:
        monkeypatch.setattr(Path, "lstat", lambda place: owned(look(place, follow_symlinks=False), me + 7))
    monkeypatch.setattr(embedded._wheel().PostgresServer, "runtime_path", folder)
    with pytest.raises(DatabaseUnavailable, match="XDG_RUNTIME_DIR"), embedded.server(tmp_path / "data"):
        pass
    assert not (tmp_path / "data" / embedded.FOLDER).exists()


def owned(facts: os.stat_result, user: int) -> os.stat_result:
    """The same of another user."""
    return os.stat_result((*facts[:4], user, *facts[5:]))


def test_it_comes_back_when_it_died(far: Path) -> None:
    """Killed, it answers again at the same address; the one that was started anew is stopped at the end, too.

    Nobody else gets at either: it asks for no password.
    """
    with embedded.server(far) as url:
        assert socket_is_private(url)
        process(far).send_signal(signal.SIGKILL)
        end_s = time.monotonic() + PATIENCE_S
        died = False
        while not (died and answers(url) and socket_is_private(url)):  # for root, once all of it is done
            died = died or not answers(url)
            assert time.monotonic() < end_s
        running = process(far)
    running.wait(PATIENCE_S)


@pytest.fixture
def foreground() -> Iterator[None]:
    """What is run in the background may have been told not to hear Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("foreground")
def test_one_that_is_being_stopped_is_stopped(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Ctrl-C meanwhile, which its tool does not hear, waits for that; it does not stay behind without a user."""
    wheel, masks = embedded._wheel(), []
    ctl = wheel.pg_ctl

    def interrupted(arguments: list[str], **named: object) -> object:
        masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, []))
        if "stop" in arguments:
            os.kill(os.getpid(), signal.SIGINT)
        return ctl(arguments, **named)

    monkeypatch.setattr(wheel, "pg_ctl", interrupted)
    ending = ExitStack()
    assert answers(ending.enter_context(embedded.server(data_dir)))
    running = process(data_dir)
    with pytest.raises(KeyboardInterrupt):
        ending.close()
    running.wait(PATIENCE_S)
    assert signal.SIGINT in masks[-1]


def test_numbers_of_processes_come_again(data_dir: Path) -> None:
    """A folder that was left by a crash names a process that is another program by now: it is not believed."""
    lines = [os.getpid(), data_dir / embedded.FOLDER, 1, 5432, data_dir, "", "1 1", "ready"]
    place(data_dir).write_text("\n".join(str(line) for line in lines))
    with embedded.server(data_dir) as url:
        assert answers(url)


def half_made(folder: Path) -> Path:
    """What a death in the middle of making one leaves: the version is written first."""
    folder.mkdir()
    (folder / "PG_VERSION").write_text("18\n")
    return folder


def test_a_death_while_it_is_made_blocks_nobody(tmp_path: Path) -> None:
    """Half a server of a process that is gone has no right to the name, whatever its number was, and goes.

    In a container every process that starts it is the first one; so no number that lives may make one whole.
    """
    half_made(tmp_path / f"{embedded._MAKING}{os.getpid()}")
    half_made(tmp_path / f"{embedded._MAKING}abcdefgh")
    with embedded.server(tmp_path) as url:
        assert answers(url)
    assert {one.name for one in tmp_path.iterdir()} == {embedded.FOLDER, alone.LOCK}


def test_one_that_was_moved_aside_stays(tmp_path: Path) -> None:
    """Only what making one left behind is removed: no name that a person gives to an old one, and none hinders."""
    names = [f"{embedded.FOLDER}.{ending}" for ending in ("20260101", "old", os.getpid())]
    for name in names:
        half_made(tmp_path / name)
    with embedded.server(tmp_path) as url:
        assert answers(url)
    assert {one.name for one in tmp_path.iterdir()} == {embedded.FOLDER, alone.LOCK, *names}
    assert all((tmp_path / name / "PG_VERSION").exists() for name in names)


def test_one_that_cannot_be_made_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error on the way says so, and the next start is the first one again."""

    def broken(arguments: list[str], *, pgdata: Path, **_: object) -> str:
        (pgdata / "PG_VERSION").write_text("18\n")
        raise subprocess.CalledProcessError(1, arguments)

    with monkeypatch.context() as patch:
        patch.setattr(embedded._wheel(), "initdb", broken)
        with pytest.raises(DatabaseUnavailable, match=str(tmp_path)), embedded.server(tmp_path):
            pass
    assert not [one.name for one in tmp_path.iterdir() if not one.name.endswith("lock")]


def test_one_of_another_container_is_left_alone(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its processes are not seen from here, and a second one would ruin it: nothing is started, nor forgotten."""
    place(data_dir).write_text("999999999\n")
    with monkeypatch.context() as patch:
        patch.setattr(alone, "_here", lambda: b"another container\n")
        stack = ExitStack()
        stack.enter_context(alone.alone(data_dir, lambda: False))
    with stack, pytest.raises(DatabaseUnavailable, match="another container"), embedded.server(data_dir):
        pass
    assert place(data_dir).read_text() == "999999999\n"


def test_one_that_nobody_is_seen_to_run_is_left_alone(data_dir: Path) -> None:
    """Whoever used it elsewhere is gone, but it answers at its socket: it runs there still."""
    (data_dir / alone.LOCK).write_text("another container\n")
    place(data_dir).write_text("999999999\n")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(str(data_dir / embedded.FOLDER / ".s.PGSQL.5432"))
        end.listen()
        with pytest.raises(DatabaseUnavailable, match="another container"), embedded.server(data_dir):
            pass
    assert place(data_dir).read_text() == "999999999\n"
    with embedded.server(data_dir) as url:
        assert answers(url)


def test_one_that_others_use_is_not_ended(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second program that cannot get at it, for errors of its own, leaves the running one alone."""

    def broken(_folder: Path) -> None:
        raise PermissionError

    with embedded.server(data_dir) as url:
        running = process(data_dir)
        with monkeypatch.context() as patch:
            patch.setattr(embedded, "_start", broken)
            patch.setattr(embedded, "_PATIENCE_S", 0.0)
            with pytest.raises(DatabaseUnavailable), embedded.server(data_dir):
                pass
        assert process(data_dir) == running
        assert answers(url)
    running.wait(PATIENCE_S)


def test_one_that_others_began_to_use_is_not_ended(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is one that another program started, and uses, while this one failed to."""
    start, users = embedded._start, data_dir / embedded.FOLDER / embedded._USERS

    def fails_while_another_starts(folder: Path) -> None:
        start(folder)
        users.write_text(f"[{os.getppid()}]")
        raise PermissionError

    with monkeypatch.context() as patch:
        patch.setattr(embedded, "_start", fails_while_another_starts)
        patch.setattr(embedded, "_PATIENCE_S", 0.0)
        with pytest.raises(DatabaseUnavailable), embedded.server(data_dir):
            pass
    running = process(data_dir)
    assert running.is_running()
    users.write_text(f"[{os.getpid()}]")
    with embedded.server(data_dir) as url:
        assert answers(url)
    running.wait(PATIENCE_S)
