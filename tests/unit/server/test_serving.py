"""Where the service listens, and what it says at its first start."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import os
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from databases import until_it_waits
from stillmotion.errors import DataFolderUnusable, ListenRefused
from stillmotion.money import ZERO
from stillmotion.server import accounts, data_folder, door, predictions, queue, serving
from stillmotion.server.db import schema
from stillmotion.server.predictions import Submission
from stillmotion.server.service import running
from stillmotion.server.settings import Settings
from stillmotion.server.worker import engine, sweeping, worker

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from stillmotion.server.service import Service


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "films.example.com"])  # noqa: S104 - refused
def test_others_need_accounts(host: str) -> None:
    """Without accounts only this machine is served; the message names the way out. With accounts all may be."""
    with pytest.raises(ListenRefused, match="STILLMOTION_ACCOUNTS"):
        door.check_host(Settings(host=host))
    door.check_host(Settings(host=host, accounts=True))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_is_served(host: str) -> None:
    """Loopback needs no accounts."""
    door.check_host(Settings(host=host))


def test_a_port_in_use_is_refused() -> None:
    """The message names the port and the option."""
    with door.listening("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ListenRefused, match=rf"port {port}.*--port"), door.listening("127.0.0.1", port):
            pass


def test_the_first_key_is_shown_once(database_url: str, tmp_path: Path) -> None:
    """At the first start with accounts an administrator is made, whose key works; later starts show nothing."""
    with running(Settings(database_url=database_url, data_dir=tmp_path, accounts=True)) as parts:
        with parts.database.begin() as connection:
            table = schema.accounts
            connection.execute(table.update().where(table.c.id != accounts.SINGLE_USER).values(admin=False))
        key = serving.first_key(parts)
        assert key is not None
        with parts.database.begin() as connection:
            assert accounts.of_key(connection, key).admin
            digests = connection.execute(select(schema.api_keys.c.digest)).scalars().all()
        assert key.encode() not in digests
        assert serving.first_key(parts) is None


def test_two_first_starts_make_one_administrator(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two programs that start at once on one new database show one key between them."""
    with running(Settings(database_url=database_url, data_dir=tmp_path, accounts=True)) as parts:
        with parts.database.begin() as connection:
            table = schema.accounts
            connection.execute(table.update().where(table.c.id != accounts.SINGLE_USER).values(admin=False))
        shown: list[str | None] = []
        other, create = Thread(target=lambda: shown.append(serving.first_key(parts)), daemon=True), accounts.create

        def beside_another(*given: Any, **named: Any) -> accounts.Account:
            if other.ident is None:
                other.start()
                until_it_waits(parts.database, other)
            return create(*given, **named)

        monkeypatch.setattr(accounts, "create", beside_another)
        shown.append(serving.first_key(parts))
        other.join(30)
    assert sorted(key is None for key in shown) == [False, True]


def held(monkeypatch: pytest.MonkeyPatch, *, falls: int, fault: OSError | None = None) -> list[float]:
    """The pauses of a post whose workers fall at once, or cannot be started."""
    stopping, pauses_s = asyncio.Event(), list[float]()

    async def start(_post: object) -> Process | None:
        if fault is not None:
            raise fault
        return None

    async def stand(*_: object) -> None:
        pass

    async def pause(waited: Awaitable[object], pause_s: float) -> None:
        asyncio.ensure_future(waited).cancel()
        pauses_s.append(pause_s)
        if len(pauses_s) == falls:
            stopping.set()

    monkeypatch.setattr(serving._Post, "_start", start)
    monkeypatch.setattr(serving._Post, "_stand", stand)
    monkeypatch.setattr(asyncio, "wait_for", pause)
    asyncio.run(serving._Post(Settings(), stopping, asyncio.Event()).hold())
    return pauses_s


def test_a_worker_that_fell_is_replaced_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many fell before: the pause, a cold engine and the look for dead workers end within 30 s."""
    pauses_s = held(monkeypatch, falls=12)
    assert pauses_s == sorted(pauses_s)
    assert pauses_s[0] <= 1
    started_s = 8.0  # of the interpreter, on a busy machine
    missed_s = queue.SILENT_S + sweeping.RESCUE_S
    assert pauses_s[-1] + started_s + max(worker._COLD_S, missed_s) < 30


def test_a_worker_that_cannot_be_started_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no process is to be had now there may be one later: the post is not given up, and rests in between."""
    pauses_s = held(monkeypatch, falls=5, fault=OSError(errno.EAGAIN, "no more processes"))
    assert len(pauses_s) == 5
    assert min(pauses_s) > 0


def test_the_key_of_one_user_is_shown_once(database_url: str, tmp_path: Path) -> None:
    """Without accounts none is asked for; it opens what was filmed until then when there are accounts."""
    with running(Settings(database_url=database_url, data_dir=tmp_path)) as parts:
        with parts.database.begin() as connection:
            mine = schema.api_keys.c.account_id == accounts.SINGLE_USER
            connection.execute(schema.api_keys.delete().where(mine))
        key = serving.first_key(parts)
        assert key is not None
        assert serving.first_key(parts) is None
        with parts.database.connect() as connection:
            assert accounts.of_key(connection, key).id == accounts.SINGLE_USER


@dataclass
class Ending:
    """A service without a real worker, that is told to stop."""

    parts: Service
    monkeypatch: pytest.MonkeyPatch
    told: list[Callable[[], None]] = field(default_factory=list)

    async def run(self, meanwhile: Callable[[int], Awaitable[None]], hold: Callable[[], Awaitable[None]]) -> None:
        """Serve at a port while something happens, with a worker whose place is held so long."""
        greeted = asyncio.Event()

        async def held(_post: object) -> None:
            await hold()

        self.monkeypatch.setattr(serving._Post, "hold", held)
        with door.listening("127.0.0.1", 0) as listener:
            one = serving._Serving(self.parts, lambda _: None)
            task = asyncio.create_task(one.serve(listener, greeted.set, lambda _, told, __: self.told.append(told)))
            await greeted.wait()
            await meanwhile(listener.getsockname()[1])
            await asyncio.wait_for(task, 20)

    def stop(self) -> None:
        """As a signal does."""
        self.told[0]()


@pytest.fixture
def ending(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: Any) -> Iterator[Ending]:
    """One whose films have that many seconds."""
    settings = Settings(database_url=database_url, data_dir=tmp_path, workers=1, drain_s=getattr(request, "param", 0))
    with running(settings) as parts:
        yield Ending(parts, monkeypatch)


async def _asked(port: int, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n".encode())
    return reader, writer


@pytest.mark.parametrize("ending", [600], indirect=True)
def test_who_listens_at_the_end_is_not_cut_off(ending: Ending, caplog: pytest.LogCaptureFixture) -> None:
    """A stream of events goes on while films are finished, then ends as whole as it is, and nobody calls it a fault."""
    with ending.parts.database.begin() as connection:
        asked = Submission(
            account_id=accounts.SINGLE_USER,
            dialect="native",
            model_id="m",
            input={},
            price=ZERO,
            concurrency=1,
            queue_limit=1_000_000,
        )
        made = predictions.submit(connection, asked, ending.parts.queue, at=ending.parts.clock.now())
    filmed = asyncio.Event()

    async def meanwhile(port: int) -> None:
        stream, writer = await _asked(port, f"/api/native/v1/predictions/{made.id}/events")
        await stream.readuntil(b"created")
        ending.stop()
        poll, polled = await _asked(port, f"/api/native/v1/predictions/{made.id}")
        assert b"200 OK" in await poll.readline()
        filmed.set()
        assert (await asyncio.wait_for(stream.read(), 20)).endswith(b"0\r\n\r\n")
        for each in (writer, polled):
            each.close()

    with caplog.at_level("WARNING"):
        asyncio.run(ending.run(meanwhile, filmed.wait))
    assert not caplog.records
    with ending.parts.database.begin() as connection:  # others count what is open
        told: dict[str, Any] = {"queue": ending.parts.queue, "tell": lambda *_: None, "at": ending.parts.clock.now()}
        assert predictions.cancel(connection, made.id, **told)


@pytest.mark.parametrize(("ending", "hurried"), [(0, False), (600, True)], indirect=["ending"])
def test_connections_are_closed_beside_a_worker_that_hangs(ending: Ending, *, hurried: bool) -> None:
    """When its time is up, or nobody waits for it any longer: the end takes the longer of the two, not their sum."""
    closed = asyncio.Event()

    async def meanwhile(port: int) -> None:
        ending.stop()
        if hurried:
            ending.stop()
        async with asyncio.timeout(20):
            with contextlib.suppress(ConnectionError):
                while True:
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    await asyncio.sleep(0.02)
        closed.set()

    asyncio.run(ending.run(meanwhile, closed.wait))


def test_workers_get_the_same_settings(tmp_path: Path) -> None:
    """What `serve` was told reaches its workers, the address of the database with its password included."""
    url = "postgresql://films:hush@db.example/films"
    given = Settings(data_dir=tmp_path, database_url=url, time_limit_s=7, allow_networks=("10.0.0.0/8",))
    taken = Settings(**json.loads(serving.handed_over(given)))
    assert taken == given
    assert taken.database_url is not None
    assert taken.database_url.get_secret_value() == url


def test_one_serve_has_a_data_folder(tmp_path: Path) -> None:
    """A second one is refused with the first one's process and the ways out; when the first is gone, so is the lock."""
    with data_folder.served(tmp_path):
        assert data_folder.server_of(tmp_path) == str(os.getpid())
        with (
            pytest.raises(DataFolderUnusable, match=rf"process {os.getpid()}.*--data-dir"),
            data_folder.served(tmp_path),
        ):
            pass
    assert data_folder.server_of(tmp_path) == ""
    with data_folder.served(tmp_path):
        pass


def test_a_folder_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    """Where no folder can be, the message names it and the option."""
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderUnusable, match=r"file/data cannot be used.*--data-dir"):
        data_folder.prepare(tmp_path / "file" / "data")


def test_what_lies_in_the_working_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the folder where `serve` is started is never taken for a module, by workers or by their engines."""
    (tmp_path / "stray.py").write_text("import os; open(f'ran{os.getpid()}', 'w').close()", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(serving, "_WORKER", "stray")
    monkeypatch.setattr(engine, "_MODULE", "stray")

    async def both_end() -> None:
        worker = await serving._Post(Settings(), asyncio.Event(), asyncio.Event())._start()
        await worker.wait()
        with pytest.raises(engine.NoEngine):
            await engine.Engine(thoroughly=True).ready()

    asyncio.run(both_end())
    assert [one.name for one in tmp_path.iterdir()] == ["stray.py"]
