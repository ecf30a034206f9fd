"""A server as a person starts it, on a data folder of its own, killed and started again while requests go on."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from sqlalchemy import create_engine, make_url, select, text

import stillmotion.server
from serving import environment
from stillmotion.server import operating
from stillmotion.server.db import engine
from stillmotion.server.db.schema import predictions
from stillmotion.server.failpoint import VARIABLE
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

    from crash.receiver import Receiver
    from stillmotion.server.service import Service

API, WORKER, ENGINE = "api", "stillmotion.server.worker", "stillmotion.server.worker.engine_process"
ALL = "all"
PATIENCE_S = 600.0
_ANSWER_S = 20.0
_LOOK_S = 0.05
_PASSED = re.compile(r'\bfailpoint\("([^"]+)"\)')


def points() -> tuple[str, ...]:
    """Every place of the source at which a process can be made to die."""
    folder = Path(stillmotion.server.__file__).parent
    return tuple(sorted({name for path in folder.rglob("*.py") for name in _PASSED.findall(path.read_text("utf-8"))}))


class Unanswered(Exception):  # noqa: N818 - what happened
    """The connection was refused or broke: nobody knows whether the request was taken."""


@dataclass(slots=True)
class Server:
    """One server through all its deaths."""

    data_dir: Path
    receiver: Receiver
    service: Service
    database_url: str | None
    port: int
    key: str = ""
    program: subprocess.Popen[str] | None = None
    started_s: float = 0.0
    """When it last greeted, on the clock of waits."""

    @property
    def name(self) -> str:
        """Of this server among all of a run."""
        return "-".join(self.data_dir.parts[-2:])

    @property
    def armed_folder(self) -> Path:
        """Where places are armed."""
        return self.data_dir / "armed"

    def start(self) -> None:
        """Start it and wait for its greeting."""
        self.armed_folder.mkdir(exist_ok=True)
        given = {} if self.database_url is None else {"STILLMOTION_DATABASE_URL": self.database_url}
        settings = environment(
            STILLMOTION_QUALITY="tiny",
            STILLMOTION_DATA_DIR=str(self.data_dir),
            STILLMOTION_ACCOUNTS="true",
            STILLMOTION_ALLOW_NETWORKS='["127.0.0.0/8"]',
            STILLMOTION_PER_MINUTE="0",
            STILLMOTION_DRAIN_S="0",
            **{VARIABLE: str(self.armed_folder)},
            **given,
        )
        command = [sys.executable, "-m", "stillmotion", "serve", "--port", str(self.port)]
        with (self.data_dir / "log").open("ab") as log:
            self.program = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, env=settings, cwd=self.data_dir, text=True
            )
        assert self.program.stdout is not None
        greeting = self.program.stdout.readline()
        assert "http://" in greeting, self.log_tail()
        if not self.key:
            self.key = self.program.stdout.readline().split()[-1]
        self.started_s = time.monotonic()

    def mend(self) -> bool:
        """Start it again if it is dead; whether it was."""
        assert self.program is not None
        if self.program.poll() is None:
            return False
        self._bury()
        self.start()
        return True

    def _bury(self) -> None:
        assert self.program is not None and self.program.stdout is not None  # noqa: PT018
        self.program.wait()
        self.program.stdout.close()

    def kill(self, victim: str) -> bool:
        """SIGKILL one of its processes, or all; whether there was one."""
        doomed = self.processes(victim)
        for process in doomed:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        return bool(doomed)

    def processes(self, victim: str) -> list[psutil.Process]:
        """Those that live."""
        assert self.program is not None
        try:
            api = psutil.Process(self.program.pid)
            children = api.children(recursive=True)
            if victim == API:
                return [api]
            named = [one for one in children if victim in one.cmdline()]
        except psutil.Error:
            return []
        return [api, *children] if victim == ALL else named

    def stop(self) -> None:
        """Ctrl-C; it must end well, with every process of its own."""
        assert self.program is not None
        self.mend()
        known = self.processes(ALL)
        self.program.send_signal(signal.SIGINT)
        code = self.program.wait(PATIENCE_S)
        self._bury()
        assert code == 0, self.log_tail()
        alive = psutil.wait_procs({*known, *self.left()}, timeout=10)[1]
        assert alive == [], "processes outlived their server"

    def left(self) -> list[psutil.Process]:
        """Processes of this server, whoever started them: each is told where places are armed, and few its settings."""
        found = []
        for process in psutil.process_iter(["name"]):
            with suppress(psutil.Error):
                if process.environ().get(VARIABLE) == str(self.armed_folder):
                    found.append(process)
        return [one for one in found if one.info["name"] != "postgres"]

    def log_tail(self) -> str:
        """What it said last."""
        return (self.data_dir / "log").read_text("utf-8")[-3000:]

    def arm(self, place: str, times: int = 1) -> None:
        """Have whoever passes there for that time die."""
        for number in range(1, times + 1):
            (self.armed_folder / f"{place}.{number}").touch()

    def armed(self) -> set[str]:
        """Places that wait for somebody."""
        return {path.name.rpartition(".")[0] for path in self.armed_folder.iterdir()}

    def disarm(self) -> None:
        """Let everybody live."""
        for path in self.armed_folder.iterdir():
            path.unlink(missing_ok=True)

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """One request; status and JSON, or the bytes of a file.

        Raises:
            Unanswered: as it says.
        """
        status, _, answer = self.raw(method, path, body, **headers)
        assert status < 500, (method, path, status, answer)
        return status, answer

    def raw(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Message, Any]:
        """As `call`, with the headers of the answer and whatever its status is."""
        content = None if body is None else json.dumps(body).encode()
        named = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", **headers}
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_ANSWER_S)
        try:
            link.request(method, path, content, named)
            answer = link.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Unanswered from error
        finally:
            link.close()
        is_film = answer.headers.get_content_type() == "video/mp4"
        return answer.status, answer.headers, data if is_film else json.loads(data or "null")

    def ask(
        self, method: str, path: str, body: object = None, *, again: dict[str, str] | None = None, **headers: str
    ) -> tuple[int, Any]:
        """A request that is sent until it is answered, with other headers when it is sent again."""
        end_s = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self.call(method, path, body, **headers)
            except Unanswered:
                assert time.monotonic() < end_s, self.log_tail()
                if not self.mend():
                    time.sleep(0.05)
                headers |= again or {}


@dataclass(slots=True)
class Watch:
    """Kills at a moment, sees deaths at armed places, and how long films of the dead are in nobody's hands."""

    server: Server
    kill: tuple[str, float] | None = None
    """Whom, and after how many seconds."""
    kill_at_render: str | None = None
    deaths: int = 0
    waits_s: list[float] = field(default_factory=list)
    looks: int = 0
    """How often it looked at everything."""
    _held: dict[tuple[str, str | None], float] = field(default_factory=dict)
    _ended: threading.Event = field(default_factory=threading.Event)
    error: Exception | None = None

    @contextmanager
    def over(self) -> Iterator[Watch]:
        """Watch while something goes on."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join()
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            began_s, armed = time.monotonic(), self.server.armed()
            while not self._ended.is_set() or self._held:
                now_armed, now_s = self.server.armed(), time.monotonic()
                died = bool(armed - now_armed)
                armed = now_armed
                if self.kill is not None and now_s - began_s >= self.kill[1] and self.server.kill(self.kill[0]):
                    self.kill, died = None, True
                if self.kill_at_render is not None and self._rendering() and self.server.kill(self.kill_at_render):
                    self.kill_at_render, died = None, True
                if died:
                    self.deaths += 1
                    self._held |= dict.fromkeys(self._open(), now_s)
                if self._held:
                    self._watch_waits(now_s)
                self.looks += 1
                time.sleep(_LOOK_S)
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            self.error = error

    def look(self) -> None:
        """Return when it has seen everything as it is now: after a look that began later."""
        seen, end_s = self.looks + 2, time.monotonic() + PATIENCE_S
        while self.looks < seen:
            assert time.monotonic() < end_s and self.error is None, self.error  # noqa: PT018
            time.sleep(_LOOK_S)

    def _watch_waits(self, now_s: float) -> None:
        kept = self._open()
        for attempt in [one for one in self._held if one not in kept]:
            # While the whole service is down nobody can take it up: its wait begins when a person starts that again.
            self.waits_s.append(now_s - max(self._held.pop(attempt), min(now_s, self.server.started_s)))
        assert all(now_s - since_s < PATIENCE_S for since_s in self._held.values()), "nobody takes up a film"

    def _open(self) -> set[tuple[str, str | None]]:
        chosen = select(predictions.c.id, predictions.c.attempt_token).where(predictions.c.status == "processing")
        with self.server.service.database.connect() as connection:
            return {(row.id, row.attempt_token) for row in connection.execute(chosen)}

    def _rendering(self) -> bool:
        chosen = select(predictions.c.id).where(predictions.c.status == "processing", predictions.c.stage == "render")
        with self.server.service.database.connect() as connection:
            return connection.scalar(chosen.limit(1)) is not None


@contextmanager
def served(data_dir: Path, receiver: Receiver, named_url: str | None) -> Iterator[Server]:
    """A server with one rich account: on the embedded database of its folder, or on a fresh one of a named server."""
    data_dir.mkdir(parents=True)
    with ExitStack() as stack:
        url = None if named_url is None else stack.enter_context(_fresh_database(named_url))
        settings: dict[str, Any] = {"data_dir": data_dir, "accounts": True, "database_url": url}
        service = stack.enter_context(running(Settings(**settings)))
        server = Server(data_dir, receiver, service, url, _free_port())
        server.start()
        try:
            with service.database.begin() as connection:
                account = operating.find_account(connection, "admin")
                operating.top_up(connection, account, "100000", at=service.clock.now())
            yield server
            server.stop()
        finally:
            for process in server.left():
                with suppress(psutil.NoSuchProcess):
                    process.kill()


@contextmanager
def _fresh_database(named_url: str) -> Iterator[str]:
    name = f"crash_{secrets.token_hex(4)}"
    admin = create_engine(engine.dialect(named_url), isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    yield make_url(named_url).set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
