"""What must go goes, what is wanted stays, and jobs of dead workers are taken up again."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from io import BytesIO
from threading import Thread
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from PIL import Image
from pydantic import SecretStr
from sqlalchemy import event, select, text
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from databases import fresh
from stillmotion.errors import DataFolderUnusable
from stillmotion.money import ZERO, Money
from stillmotion.server import accounts, intake, operating, predictions, queue
from stillmotion.server.api.app import create_app
from stillmotion.server.db import schema
from stillmotion.server.intake import uploads
from stillmotion.server.predictions import Attempt, Code, StoredFile, Submission, happenings
from stillmotion.server.service import have_files, running
from stillmotion.server.worker import heartbeat, sweeping
from stillmotion.server.worker.filming import WORK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from stillmotion.server.clock import StoppedClock
    from stillmotion.server.intake.uploads import Upload
    from stillmotion.server.service import Service

DAY_S = 24 * 3600.0
PRO = "openai/sora-2-pro/image-to-video"


def begun(service: Service, **changes: object) -> Attempt:
    """A prediction that a worker has taken up."""
    values = {"dialect": "hosted", "model_id": "openai/sora-2/image-to-video", "input": {"prompt": "waves"}}
    limits = {"concurrency": 9, "queue_limit": 9, "price": ZERO}
    asked = Submission(account_id=accounts.SINGLE_USER, **{**values, **limits, **changes})
    with service.database.begin() as connection:
        made = predictions.submit(connection, asked, service.queue, at=service.clock.now())
        attempt = predictions.begin(connection, made.id, at=service.clock.now())
    assert attempt is not None
    return attempt


def put(service: Service, key: str) -> StoredFile:
    """A file in the store."""
    source = service.settings.data_dir / "source"
    source.write_bytes(b"film")
    stored = service.store.put(key, source)
    return StoredFile(key=key, size_bytes=stored.size_bytes, sha256=stored.sha256)


def completed(service: Service, **changes: object) -> Attempt:
    """A prediction with a film."""
    attempt = begun(service, **changes)
    film = put(service, f"outputs/{attempt.prediction.id}/{attempt.token}-film.mp4")
    told = {"engine": "diorama", "facts": {}, "queue": service.queue, "tell": lambda *_: None}
    with service.database.begin() as connection:
        assert predictions.complete(connection, attempt, [film], **told, at=service.clock.now())
    return attempt


def keys(service: Service) -> list[str]:
    """What is in the store."""
    return [key for key, _, _ in service.store.keys()]  # noqa: SIM118 - no dict


def ids(service: Service) -> list[str]:
    """Predictions that there are."""
    with service.database.begin() as connection:
        return list(connection.scalars(select(schema.predictions.c.id)))


def test_old_films_go(service: Service, clock: StoppedClock) -> None:
    """Files and row are kept for the days of the settings and gone afterwards; what still runs stays."""
    old, waiting = completed(service), begun(service)
    clock.advance(6.9 * DAY_S)
    young = completed(service)
    sweeping.sweep(service)
    assert len(keys(service)) == 2
    clock.advance(0.2 * DAY_S)
    sweeping.sweep(service)
    assert [key.split("/")[1] for key in keys(service)] == [young.prediction.id]
    assert set(ids(service)) == {young.prediction.id, waiting.prediction.id}
    assert old.prediction.id not in ids(service)


def test_deleted_films_go_and_their_keys_are_remembered(service: Service, clock: StoppedClock) -> None:
    """The files go at once; the row stays for a day, so that a resent request is still recognised."""
    attempt = completed(service, key="k", body_sha256=bytes(32))
    with service.database.begin() as connection:
        mine = (accounts.SINGLE_USER, [attempt.prediction.id])
        assert predictions.delete(connection, *mine, at=clock.now()) == 1
    sweeping.sweep(service)
    assert keys(service) == []
    assert ids(service) == [attempt.prediction.id]
    clock.advance(1.1 * DAY_S)
    sweeping.sweep(service)
    assert ids(service) == []


def test_pictures_of_films_that_are_there_go(
    service: Service, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five minutes after the end; whoever comes back then still hears the warnings and the end.

    Nobody loses one of a film that is being made.
    """
    monkeypatch.setattr(sweeping, "_MANY", 2)
    over, going = begun(service), begun(service)
    with service.database.begin() as connection:
        for attempt in (over, going):
            for kind in ("preview", "warning", *["preview"] * 4):
                predictions.tell(connection, attempt, kind, {}, at=clock.now())
        told = {"engine": "diorama", "facts": {}, "queue": service.queue, "tell": lambda *_: None}
        assert predictions.complete(connection, over, [], **told, at=clock.now())

    def heard(attempt: Attempt, after: int) -> list[str]:
        sweeping.sweep(service)
        with service.database.connect() as connection:
            return [one.kind for one in happenings.after(connection, attempt.prediction.id, after)]

    clock.advance(4.9 * 60)
    assert heard(over, 2).count("preview") == 5
    clock.advance(0.2 * 60)
    assert heard(over, 2) == ["warning", "status"]
    assert heard(over, 4) == ["status"]
    assert heard(going, 2).count("preview") == 5


USAGE, BILLS = "/api/v3/user/usage_stats", "/api/v3/billings/search"


def _told(caller: TestClient, model: str | None = None) -> list[Any]:
    """What usage and billings say, by both addresses of each."""
    span = {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-31T00:00:00Z"}
    span |= {} if model is None else {"model_uuid": model}
    answers = [
        *(caller.post(USAGE, json=span), caller.get("/api/v2/account/usage", params=span)),
        *(caller.post(BILLS, json={}), caller.get("/api/v3/account/billings")),
    ]
    assert [one.status_code for one in answers] == [200] * 4
    return [one.json()["data"] for one in answers]


def test_what_was_charged_is_told_when_the_film_is_gone(service: Service, clock: StoppedClock) -> None:
    """Usage and billings are the same before and after a film was deleted or has expired; what was asked for is gone.

    Runs that failed still count, a film of another day stays on its day, and the audit knows them all.
    """
    price, caller = Money.of("0.40"), TestClient(create_app(service), base_url="http://127.0.0.1:8000")
    deleted, _expired = completed(service, price=price), completed(service, price=price)
    failed = begun(service, price=price)
    with service.database.begin() as connection:
        told = {"queue": service.queue, "tell": lambda *_: None, "at": clock.now()}
        predictions.fail(connection, failed.prediction.id, code=Code.EXECUTION_FAILED, error="it broke", **told)
    clock.advance(DAY_S)
    pro = completed(service, price=Money.of("6"), model_id=PRO)
    before, of_pro = _told(caller), _told(caller, PRO)
    assert before[0]["summary"] == {"total_cost": 6.8, "total_requests": 4, "success_requests": 3}
    assert [(one["date"], one["amount"], one["count"]) for one in before[0]["daily_usage"]] == [
        ("2026-01-01", 0.8, 3),
        ("2026-01-02", 6.0, 1),
    ]
    assert {one["prediction"]["model_uuid"] for one in before[2]["items"]} == {PRO, deleted.prediction.model_id}
    assert of_pro[0]["summary"]["total_cost"] == 6.0
    with service.database.begin() as connection:
        predictions.delete(connection, accounts.SINGLE_USER, [deleted.prediction.id], at=clock.now())
    for days, left in ((0.0, 3), (6.5, 1), (7.0, 0), (0.0, 0)):
        clock.advance(days * DAY_S)
        sweeping.sweep(service)
        assert len(ids(service)) == left
        assert (_told(caller), _told(caller, PRO)) == (before, of_pro)
        with service.database.connect() as connection:
            assert operating.audit(connection) == ()
    with service.database.connect() as connection:
        kept = connection.execute(select(schema.removed).where(schema.removed.c.id == pro.prediction.id)).one()
    assert set(kept._mapping) == {"id", "account_id", "model_id", "status", "price_micros", "created_at"}


def test_orphans_go(service: Service) -> None:
    """Files and folders of attempts that are over belong to nobody; those of the latest one are wanted."""
    first = begun(service)
    with service.database.begin() as connection:
        second = predictions.begin(connection, first.prediction.id, at=service.clock.now())
    assert second is not None
    for attempt in (first, second):
        put(service, f"outputs/{attempt.prediction.id}/{attempt.token}-film.mp4")
        (service.settings.data_dir / WORK / attempt.token).mkdir(parents=True)
    sweeping.sweep(service)
    assert [key.rpartition("/")[2] for key in keys(service)] == [f"{second.token}-film.mp4"]
    assert [place.name for place in (service.settings.data_dir / WORK).iterdir()] == [second.token]


def test_a_film_that_is_completed_meanwhile_stays(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is read before and after it ends: between any two reads of a sweep, a film is somebody's."""
    reads = ("_open_tokens", "_known_keys")
    attempts = {name: begun(service) for name in reads}
    films = {
        name: put(service, f"outputs/{attempt.prediction.id}/{attempt.token}-film.mp4")
        for name, attempt in attempts.items()
    }

    def completing(name: str) -> Callable[[Connection], frozenset[str]]:
        read = getattr(sweeping, name)

        def then_complete(connection: Connection) -> frozenset[str]:
            found: frozenset[str] = read(connection)
            if name in attempts:
                told = {"engine": "diorama", "facts": {}, "queue": service.queue, "tell": lambda *_: None}
                with service.database.begin() as other:
                    ended = predictions.complete(
                        other, attempts.pop(name), [films[name]], **told, at=service.clock.now()
                    )
                assert ended is not None
            return found

        return then_complete

    for name in reads:
        monkeypatch.setattr(sweeping, name, completing(name))
    sweeping.sweep(service)
    assert not attempts
    assert keys(service) == sorted(film.key for film in films.values())


def test_files_of_another_installation_stay(service: Service, postgres_url: str, clock: StoppedClock) -> None:
    """A database that is tried with the data folder of another one takes nothing away, and is not served with it."""
    done = completed(service)
    sweeping.sweep(service)
    with fresh(postgres_url) as url:
        settings = service.settings.model_copy(update={"database_url": SecretStr(url)})
        with running(settings, clock) as other:
            clock.advance(2 * 3600)
            sweeping.sweep(other)
            with pytest.raises(DataFolderUnusable, match="another installation"):
                have_files(other)
    have_files(service)
    assert keys(service) == [f"outputs/{done.prediction.id}/{done.token}-film.mp4"]


def test_unknown_uploads_go_after_an_hour(service: Service, clock: StoppedClock) -> None:
    """A file that is being sent has no row yet; nobody sends one for an hour."""
    put(service, "uploads/somebody.jpg")
    clock.at = clock.at.fromtimestamp(next(service.store.keys())[2], tz=clock.at.tzinfo)
    sweeping.sweep(service)
    assert keys(service) == ["uploads/somebody.jpg"]
    clock.advance(3601)
    sweeping.sweep(service)
    assert keys(service) == []


STEPS = (
    *("_expire", "_forget_repeats", "_forget_previews"),
    *("_remove_deleted", "_remove_uploads", "_remove_orphans", "_remove_work", "_send_overdue"),
)


@pytest.mark.parametrize("broken", STEPS)
def test_a_step_that_fails_hinders_no_other(service: Service, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """All others are done, each time; the log names the one and where it failed, without the words of the error."""
    done = []

    def fails(_service: Service, _now: datetime) -> None:
        message = "a prompt"
        raise RuntimeError(message)

    for name in STEPS:
        act = fails if name == broken else lambda *_, name=name: done.append(name)
        act.__name__ = name
        monkeypatch.setattr(sweeping, name, act)
    with capture_logs() as told, pytest.raises(ExceptionGroup) as wrong:
        sweeping.sweep(service)
    assert tuple(done) == tuple(name for name in STEPS if name != broken)
    assert [str(one) for one in wrong.value.exceptions] == ["a prompt"]
    (line,) = told
    assert (line["step"], line["error"]) == (broken.strip("_"), "RuntimeError")
    assert "in fails" in line["places"]
    assert "a prompt" not in str(line).replace(line["places"], "")


def test_a_file_that_cannot_be_removed_keeps_no_other(service: Service, clock: StoppedClock) -> None:
    """Deleted films, uploads and orphans go but for one of each, whose place is told; later those go, too."""
    films = sorted(completed(service).prediction.id for _ in range(3))
    old, other = (uploads.keep_picture(service, accounts.SINGLE_USER, a_picture(colour)) for colour in ("teal", "red"))
    orphans = [put(service, f"outputs/{number}/0-film.mp4").key for number in (1, 2)]
    stays = [orphans[0], next(key for key in keys(service) if films[0] in key), old.key]
    assert {other.key, orphans[1]} < set(keys(service))
    clock.at = clock.at.fromtimestamp(next(service.store.keys())[2], tz=clock.at.tzinfo)  # the disk's own time
    clock.advance(8 * DAY_S)
    with capture_logs() as told:
        sweeping.sweep(replace(service, store=Stuck(service.store, stays)))
    assert keys(service) == sorted(stays)
    assert [one for one in ids(service) if one in films] == films[:1]
    named = {one["file"] for one in told if one["log_level"] == "error"}
    assert named == set(stays)
    sweeping.sweep(service)
    assert (keys(service), ids(service)) == ([], [])


class Stuck:
    """A store in which some files cannot be removed."""

    def __init__(self, store: Any, stays: list[str]) -> None:
        self._store, self._stays = store, stays

    def __getattr__(self, name: str) -> Any:
        """Everything else is the store's."""
        return getattr(self._store, name)

    def delete(self, key: str) -> bool:
        """See `Store.delete`."""
        if key in self._stays:
            raise PermissionError
        return bool(self._store.delete(key))


def test_much_goes_at_once(service: Service, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many films expire, a statement names a few: the database takes no more than 65,535 values in one."""
    for _ in range(7):
        completed(service)
    monkeypatch.setattr(sweeping, "_MANY", 3)
    clock.advance(8 * DAY_S)
    most = 0

    def count(*given: Any) -> None:
        nonlocal most
        most = max(most, len(given[3] or ()))

    event.listen(service.database, "before_cursor_execute", count)
    sweeping.sweep(service)
    event.remove(service.database, "before_cursor_execute", count)
    assert (keys(service), ids(service)) == ([], [])
    assert 3 <= most < 7


def sent(service: Service) -> Upload:
    """A picture of the one user."""
    return uploads.keep_picture(service, accounts.SINGLE_USER, a_picture("teal"))


def a_picture(colour: str) -> bytes:
    """A small one."""
    content = BytesIO()
    Image.new("RGB", (80, 80), colour).save(content, "PNG")
    return content.getvalue()


@pytest.mark.parametrize("form", ["upload:{}", "http://127.0.0.1:8000/files/uploads/{}.png?expires=1&signature=0"])
def test_an_upload_outlives_the_film_that_waits_for_it(service: Service, clock: StoppedClock, form: str) -> None:
    """An old upload stays as long as an open prediction is about to fetch it, by id or by address; then it goes."""
    picture = sent(service)
    clock.advance(6.9 * DAY_S)
    attempt = begun(service, input={"prompt": "waves", "image": form.format(picture.id)})
    clock.advance(1.1 * DAY_S)
    sweeping.sweep(service)
    assert keys(service) == [picture.key]
    intake.fetch(service, accounts.SINGLE_USER, picture.reference, service.settings.data_dir / "picture")
    told = {"code": Code.EXECUTION_FAILED, "error": "", "queue": service.queue, "tell": lambda *_: None}
    with service.database.begin() as connection:
        assert predictions.fail(connection, attempt.prediction.id, **told, at=clock.now())
    sweeping.sweep(service)
    assert keys(service) == []


def jobs(service: Service) -> list[tuple[str, str]]:
    """Status and prediction of each job."""
    with service.database.begin() as connection:
        found = connection.execute(text("select status::text, args->>'prediction_id' from procrastinate_jobs"))
        return [(row[0], row[1]) for row in found]


def taken(service: Service, *, heard_s: float) -> None:
    """A worker that was last heard of so long ago holds the job."""
    with service.database.begin() as connection:
        beat = "insert into procrastinate_workers (last_heartbeat) values (now() - make_interval(secs => :ago))"
        connection.execute(text(beat), {"ago": heard_s})
        connection.execute(text("update procrastinate_jobs set status = 'doing'"))
        connection.execute(
            text("update procrastinate_jobs set worker_id = (select max(id) from procrastinate_workers)")
        )


@pytest.mark.parametrize(
    ("heard_s", "locked", "status"),
    [(1.0, False, "doing"), (6.0, True, "doing"), (6.0, False, "todo"), (60.0, True, "todo")],
)
def test_jobs_of_dead_workers_come_back(service: Service, heard_s: float, status: str, *, locked: bool) -> None:
    """Silent for ten seconds is dead, for three as well when its lock is gone; whoever was just heard of works on."""
    attempt = begun(service)
    taken(service, heard_s=heard_s)
    with living(service) if locked else nullcontext():
        looked_at(service, attempt, status)


@contextmanager
def living(service: Service) -> Iterator[None]:
    """The last worker holds its lock, as a process that lives does."""
    with service.database.connect() as connection:
        worker_id = connection.scalar(text("select max(id) from procrastinate_workers"))
    loop = asyncio.new_event_loop()
    holding = loop.create_task(lock(service, worker_id))
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        with service.database.connect() as connection:
            held = text("select count(*) from pg_locks where locktype = 'advisory' and objid::bigint = :id and granted")
            while not connection.scalar(held, {"id": worker_id}):
                assert not holding.done()
        yield
    finally:
        loop.call_soon_threadsafe(holding.cancel)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(holding)
    loop.close()


async def lock(service: Service, taker: int) -> None:
    """The lock of the living, and nothing else: nothing is heard of it."""
    async with await psycopg.AsyncConnection.connect(service.database_url, autocommit=True) as connection:
        await connection.execute(heartbeat._LOCK, (queue.ALIVE, taker))
        await asyncio.Event().wait()


def looked_at(service: Service, attempt: Attempt, status: str) -> None:
    """A look for dead workers leaves the attempt's job like this."""
    sweeping.rescue(service)
    assert jobs(service) == [(status, attempt.prediction.id)]


def test_lost_jobs_are_made_again(service: Service, clock: StoppedClock) -> None:
    """An open prediction without a job is queued again, once; one that has ended is not."""
    attempt = begun(service)
    done = completed(service)
    with service.database.begin() as connection:
        connection.execute(text("delete from procrastinate_jobs"))
    sweeping.rescue(service)
    assert jobs(service) == []
    clock.advance(30)
    assert sweeping.rescue(service) == 1
    assert sweeping.rescue(service) == 0
    assert jobs(service) == [("todo", attempt.prediction.id)]
    assert done.prediction.id != attempt.prediction.id


def test_one_sweeps_at_a_time(service: Service) -> None:
    """While one process holds the lock, others leave at once and touch nothing."""
    attempt = begun(service)
    put(service, "outputs/0/0-film.mp4")
    with service.database.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": sweeping._SWEEP_LOCK})
        sweeping.sweep(service)
        assert keys(service) == ["outputs/0/0-film.mp4"]
    sweeping.sweep(service)
    assert keys(service) == []
    assert ids(service) == [attempt.prediction.id]


def test_a_raised_limit_is_used(service: Service, clock: StoppedClock) -> None:
    """Who may have more at once than when they asked gets it by the next look: the oldest first, and no more."""
    first = begun(service)
    with service.database.begin() as connection:
        asked = Submission(
            account_id=accounts.SINGLE_USER,
            dialect="hosted",
            model_id="openai/sora-2/image-to-video",
            input={},
            concurrency=1,
            queue_limit=9,
            price=ZERO,
        )
        made = []
        for _ in range(4):
            clock.advance(1)
            made.append(predictions.submit(connection, asked, service.queue, at=clock.now()).id)
    assert service.settings.concurrency == 2
    sweeping.rescue(service)
    assert {job for _, job in jobs(service)} == {first.prediction.id, made[0]}
    mine = schema.accounts.c.id == accounts.SINGLE_USER
    with service.database.begin() as connection:
        connection.execute(schema.accounts.update().where(mine).values(concurrency=4))
    sweeping.rescue(service)
    assert {job for _, job in jobs(service)} == {first.prediction.id, *made[:3]}
    with service.database.begin() as connection:
        connection.execute(schema.accounts.update().where(mine).values(concurrency=1))
        told = {"queue": service.queue, "tell": lambda *_: None, "at": service.clock.now()}
        assert predictions.cancel(connection, made[0], **told)
    sweeping.rescue(service)
    with service.database.begin() as connection:
        placed = schema.predictions.c.released & schema.predictions.c.finished_at.is_(None)
        assert set(connection.scalars(select(schema.predictions.c.id).where(placed))) == {
            first.prediction.id,
            *made[1:3],
        }
        connection.execute(schema.accounts.update().where(mine).values(concurrency=None))
