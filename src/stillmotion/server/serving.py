"""Everything with one command: database, API and workers, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import uvicorn
from sqlalchemy import exists, select, text

from stillmotion import catalog
from stillmotion.server import accounts, data_folder, door, log, service, signals
from stillmotion.server.api.app import create_app
from stillmotion.server.api.limits import keep_no_freed_memory
from stillmotion.server.api.native.listening import bell_of
from stillmotion.server.db import schema
from stillmotion.server.settings import for_children

if TYPE_CHECKING:
    import socket
    from asyncio.subprocess import Process
    from collections.abc import Callable, Iterator

    from fastapi import FastAPI

    from stillmotion.server.service import Service
    from stillmotion.server.settings import Settings

_WORKER = "stillmotion.server.worker"
_BACKOFF_S, _BACKOFF_MOST_S = 0.5, 5.0
"""Until the next worker: the films of one that fell wait for it, and are to be taken up again within 30 s in all."""
_STEADY_S = 60.0
"""A worker that lived so long did not die of how it was started."""
_FIRST_KEY_LOCK = 0x66697273
_NEARLY = "nearly done: what is open is being closed"
_GOODBYE_S = 5.0
"""What open connections get at the end, and workers beyond the time for their films."""


def serve(settings: Settings, say: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM: then films that are being made have `drain_s` to end; at the second one, none.

    Args:
        settings: of the service.
        say: told what a person must know, a line each: the address, the key that opens it, and that it stops.

    Raises:
        ListenRefused: the address is taken, or open to others while there are no accounts.
        DataFolderUnusable: no files can be made in the data folder, or another `serve` has it.
        DatabaseUnavailable: see `service.running`.
        PluginUnusable: nobody would film what a plug-in was to add.
    """
    catalog.models()
    door.check_host(settings)
    alone = data_folder.served(settings.data_dir) if settings.database_url is None else contextlib.nullcontext()
    spooling = data_folder.spooling(settings.data_dir)
    with (
        signals.heard() as tell,
        door.listening(settings.host, settings.port) as listener,
        alone,
        service.running(settings) as parts,
        spooling,
    ):
        log.set_up()
        keep_no_freed_memory()
        service.have_files(parts)
        key = first_key(parts)
        host, port = listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        greet = partial(_greet, say, f"http://{shown}:{port}", key, accounts=settings.accounts)
        asyncio.run(_Serving(parts, say).serve(listener, greet, tell))


def first_key(parts: Service) -> str | None:
    """At the first start: the key of an administrator, as it can be read only now.

    Without accounts it is that of this machine's user, who needs none yet: it still opens these films when there are
    accounts.
    """
    now = parts.clock.now()
    with parts.database.begin() as connection:
        # Two that start at once on one database make one administrator between them.
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _FIRST_KEY_LOCK})
        if not parts.settings.accounts:
            had = bool(accounts.keys(connection, accounts.SINGLE_USER))
            return None if had else accounts.issue_key(connection, accounts.SINGLE_USER, name="first", at=now).text
        administered = exists().where(schema.accounts.c.admin, schema.accounts.c.id != accounts.SINGLE_USER)
        if connection.scalar(select(administered)):
            return None
        made = accounts.create(connection, "admin", at=now, admin=True, may_owe=False)
        return accounts.issue_key(connection, made.id, name="first", at=now).text


def _greet(say: Callable[[str], None], address: str, key: str | None, *, accounts: bool) -> None:
    say(f"stillmotion serves on {address}")
    if key is not None:
        say(f"API key of the administrator, shown only now: {key}")
    if not accounts:
        say("Only programs of this machine may call, with any key or none.")


class _Api(uvicorn.Server):
    """The HTTP server; signals are not its business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them to whoever started it."""
        yield


@dataclass(slots=True)
class _Serving:
    """What runs between the greeting and the end."""

    parts: Service
    say: Callable[[str], None]
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    hurrying: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, listener: socket.socket, greet: Callable[[], None], tell: signals.Tell) -> None:
        """Answer and film until told to stop, then end in order."""
        tell(asyncio.get_running_loop(), self._told, partial(self.say, _NEARLY))
        app = create_app(self.parts, is_stopping=self.stopping.is_set)
        api = _Api(_config(app))
        answering = asyncio.create_task(api.serve(sockets=[listener]))
        posts = [_Post(self.parts.settings, self.stopping, self.hurrying) for _ in range(self.parts.settings.workers)]
        workers = [asyncio.create_task(post.hold()) for post in posts]
        while not api.started and not answering.done():  # noqa: ASYNC110 - a flag of theirs, no event
            await asyncio.sleep(0.01)
        greet()
        stopped = asyncio.create_task(self.stopping.wait())
        await asyncio.wait((stopped, answering), return_when=asyncio.FIRST_COMPLETED)
        self.stopping.set()
        await self._filmed(workers)
        bell_of(app.state, self.parts.database_url).silence()
        api.should_exit = True
        await asyncio.gather(answering, *workers)

    async def _filmed(self, workers: list[asyncio.Task[None]]) -> None:
        """While films are finished, who polls and who fetches is answered: until their time is up, no longer.

        A worker that has not ended by then is given up beside the connections that are open, not before them.
        """
        films, hurried = asyncio.gather(*workers), asyncio.create_task(self.hurrying.wait())
        drain_s = self.parts.settings.drain_s
        await asyncio.wait((films, hurried), timeout=drain_s, return_when=asyncio.FIRST_COMPLETED)
        hurried.cancel()

    def _told(self) -> None:
        """A signal: the first one ends the service, the second one the patience."""
        if self.stopping.is_set():
            self.hurrying.set()
            return
        self.stopping.set()
        drain_s = self.parts.settings.drain_s
        if self.parts.settings.workers and drain_s:
            self.say(f"stopping; a film that is being made has {drain_s:g} s, or none after another Ctrl-C")


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=round(_GOODBYE_S),
    )


@dataclass(slots=True)
class _Post:
    """The place of one worker: whoever falls is replaced, the sooner the longer he stood."""

    settings: Settings
    stopping: asyncio.Event
    hurrying: asyncio.Event

    async def hold(self) -> None:
        """Keep a worker there until told to stop, then let it finish."""
        pause_s = _BACKOFF_S
        while not self.stopping.is_set():
            began_s = time.monotonic()
            try:
                await self._stand(await self._start())
            except OSError as error:  # no process or no memory to be had: there may be again soon
                log.get().error("no worker can be started", error=type(error).__name__, number=error.errno)
            pause_s = _BACKOFF_S if time.monotonic() - began_s > _STEADY_S else min(2 * pause_s, _BACKOFF_MOST_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), pause_s)

    async def _start(self) -> Process:
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # what lies in the working folder is not run
            "-m",
            _WORKER,
            stdin=asyncio.subprocess.PIPE,
            env=for_children(records=True),  # its settings it is told
            start_new_session=True,  # Ctrl-C in the terminal comes to us, and we tell the workers
        )
        assert worker.stdin is not None  # noqa: S101 - asked for above
        with contextlib.suppress(ConnectionError):
            worker.stdin.write(handed_over(self.settings))
            await worker.stdin.drain()
        return worker

    async def _stand(self, worker: Process) -> None:
        """Until it ends by itself, or has been told to."""
        fallen = asyncio.create_task(worker.wait())
        stopped = asyncio.create_task(self.stopping.wait())
        await asyncio.wait((fallen, stopped), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not fallen.done():
            _tell(worker, signal.SIGTERM)
            hurried = asyncio.create_task(self.hurrying.wait())
            await asyncio.wait(
                (fallen, hurried), timeout=self.settings.drain_s + _GOODBYE_S, return_when=asyncio.FIRST_COMPLETED
            )
            if hurried.done():
                _tell(worker, signal.SIGTERM)
                await asyncio.wait((fallen,), timeout=_GOODBYE_S)
            hurried.cancel()
            if not fallen.done():
                worker.kill()
        code = await fallen
        if not self.stopping.is_set():
            log.get().warning("worker ended", returncode=code)


def _tell(worker: Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        worker.send_signal(number)


def handed_over(settings: Settings) -> bytes:
    """The settings for a worker of this machine, as a line; secrets in the clear, which is why it is no argument."""
    values = settings.model_dump(mode="json", exclude={"metrics_key"})
    if settings.database_url is not None:
        values["database_url"] = settings.database_url.get_secret_value()
    return json.dumps(values).encode() + b"\n"
