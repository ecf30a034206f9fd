"""What must be true of a server that was killed, once it is quiet."""

from __future__ import annotations

import io
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import av
from sqlalchemy import select, text

from crash.driver import PATIENCE_S
from crash.workload import Fate, Film
from stillmotion.server import operating
from stillmotion.server.clock import StoppedClock
from stillmotion.server.db.schema import deliveries, files, predictions, transfers, uploads
from stillmotion.server.predictions import Code
from stillmotion.server.worker import sweeping
from stillmotion.server.worker.filming import WORK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from crash.driver import Server

_HOURS = timedelta(hours=2)
"""After so long a file that no row knows was given up by whoever sent it."""
_WHOLE = {Fate.MADE: ("completed", 0), Fate.REFUSED: ("failed", int(Code.MEDIA_UNREACHABLE))}
_WHOLE[Fate.POISON] = ("failed", int(Code.INTERNAL))


def quiet(server: Server) -> None:
    """Wait until nothing is to be done any more, and the sweep has nothing left to find."""
    end_s = time.monotonic() + PATIENCE_S
    while what := _busy(server) or _litter(server):
        assert time.monotonic() < end_s, (what, server.log_tail())
        server.mend()
        time.sleep(0.1)


def _busy(server: Server) -> str:
    """What is still to be done."""
    asked = {
        "open predictions": "select count(*) from predictions where status in ('created', 'processing')",
        "waiting deliveries": "select count(*) from deliveries where state = 'waiting'",
        "files of deleted films": "select count(*) from files f join predictions p on p.id = f.prediction_id"
        " where p.deleted_at is not null and p.finished_at is not null",
        "jobs": "select count(*) from procrastinate_jobs where status in ('todo', 'doing')",
    }
    with server.service.database.connect() as connection:
        return next((what for what, query in asked.items() if connection.scalar(text(query))), "")


def _litter(server: Server) -> str:
    """Files that nobody knows, after a sweep; or what the sweep should have removed."""
    later = replace(server.service, clock=StoppedClock(datetime.now().astimezone() + _HOURS))
    sweeping.sweep(later)
    kept = {key for key, _, _ in server.service.store.keys()}  # noqa: SIM118 - a store is no dict
    with server.service.database.connect() as connection:
        known = {*connection.scalars(select(files.c.key)), *connection.scalars(select(uploads.c.key))}
    parts = [*(server.data_dir / "files" / ".incoming").iterdir(), *(server.data_dir / WORK).glob("*")]
    return str(sorted(kept - known)[:3] or [str(part) for part in parts][:3] or "")


def check(server: Server, films: Sequence[Film]) -> None:
    """Every promise of this server, for everything that was ever asked of it."""
    with server.service.database.connect() as connection, connection.begin():
        connection.execute(text("set transaction isolation level repeatable read"))
        assert operating.audit(connection) == ()
        assert operating.audit_files(connection, server.service.store) == ()
        _money(connection, films)
        for film in films:
            _ended(connection, film)
            _told(server, connection, film)


def _money(connection: Connection, films: Sequence[Film]) -> None:
    """One hold for each thing that was asked for, one end for each hold, and nothing beside them."""
    kinds = select(transfers.c.prediction_id, transfers.c.kind).where(transfers.c.prediction_id.is_not(None))
    moved: dict[str, list[str]] = {}
    for row in connection.execute(kinds.order_by(transfers.c.id)):
        moved.setdefault(row.prediction_id, []).append(row.kind)
    assert sorted(moved) == sorted(film.id for film in films)
    for film in films:
        allowed = {Fate.MADE: ["capture"], Fate.STOPPED: ["capture", "release"]}.get(film.fate, ["release"])
        hold, end = moved[film.id]
        assert (hold, end in allowed) == ("hold", True), (film, moved[film.id])


def _ended(connection: Connection, film: Film) -> None:
    row = connection.execute(select(predictions).where(predictions.c.id == film.id)).one_or_none()
    if row is None:
        assert film.deleted, "an acknowledged prediction is gone"
        return
    assert row.finished_at is not None
    assert (row.deleted_at is not None) == film.deleted
    if film.fate in _WHOLE:
        assert (row.status, row.code) == _WHOLE[film.fate], (row.status, row.code, row.error, row.attempts)


def _told(server: Server, connection: Connection, film: Film) -> None:
    """At least once, under one id, with one body."""
    if not film.hook:
        return
    (message_id,) = server.receiver.taken[film.hook]
    assert server.receiver.seen[film.hook] == {message_id}
    assert len(server.receiver.bodies[message_id]) == 1
    if film.heard_before is not None:
        assert server.receiver.times[message_id] > film.heard_before, "a promised webhook was not sent again"
    states = connection.scalars(select(deliveries.c.state).where(deliveries.c.prediction_id == film.id)).all()
    assert states in (["delivered"], []), states


def watch(server: Server, films: Sequence[Film]) -> None:
    """Films that are kept are whole."""
    for film in films:
        if film.fate is not Fate.MADE or film.deleted:
            continue
        with server.service.database.connect() as connection:
            outputs = connection.scalar(select(predictions.c.outputs).where(predictions.c.id == film.id))
        assert outputs is not None and len(outputs) == 3  # noqa: PT018
        with server.service.store.open(outputs[0]) as stored, av.open(io.BytesIO(stored.read())) as film_file:
            stream = film_file.streams.video[0]
            assert sum(1 for _ in film_file.demux(stream) if _.size) == stream.frames > 0
