"""The operator's side: accounts, top-ups, an audit that finds what is wrong, backups taken while work goes on."""

from __future__ import annotations

import json
import random
import secrets
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, delete, func, insert, make_url, select, text, update

import databases
from by_hand import Hand
from stillmotion.errors import (
    AccountSuspended,
    AccountUnknown,
    BackupRefused,
    BalanceTooLow,
    InputRefused,
    InstallationInUse,
    OutputUnwritable,
)
from stillmotion.money import Money
from stillmotion.server import accounts, backup, ledger, operating, predictions, queue, quota
from stillmotion.server.clock import StoppedClock
from stillmotion.server.db import engine, schema
from stillmotion.server.predictions import Code, Submission, spending
from stillmotion.server.queue import PostgresQueue
from stillmotion.server.service import Service, running
from stillmotion.server.settings import Settings
from stillmotion.server.store import FolderStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection

NOW = StoppedClock().now()


@pytest.fixture(scope="module")
def new_database(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases, which are gone after the tests."""
    admin = create_engine(engine.dialect(postgres_url), isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make() -> str:
        made.append(f"stillmotion_{secrets.token_hex(4)}")
        with admin.connect() as connection:
            connection.execute(text(f"create database {made[-1]}"))
        return make_url(engine.dialect(postgres_url)).set(database=made[-1]).render_as_string(hide_password=False)

    yield make
    with admin.connect() as connection:
        for name in made:
            connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


@pytest.fixture(scope="module")
def service(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service of its own, with accounts."""
    settings = Settings(database_url=new_database(), data_dir=tmp_path_factory.mktemp("first"), accounts=True)
    with running(settings, StoppedClock()) as made:
        yield made


@dataclass
class Workload:
    """A seeded stream of submits, completions, failures and cancels of one account."""

    service: Service
    account_id: str
    hand: Hand
    chance: random.Random

    def step(self) -> None:
        """One prediction, from acceptance to one of its ends, or left open."""
        made = self.submit()
        end = self.chance.choice(("complete", "fail", "cancel", "begun", "waiting"))
        if end == "cancel":
            with self.service.database.begin() as connection:
                predictions.cancel(connection, made, queue=self.service.queue, tell=lambda *_: None, at=NOW)
        if end in {"cancel", "waiting"}:
            return
        attempt = self.hand.begin(made)
        if end == "complete":
            self.hand.complete(attempt)
        elif end == "fail":
            self.hand.fail(attempt, Code.EXECUTION_FAILED, "it broke")

    def submit(self, price: str = "0.40") -> str:
        """Accept one."""
        asked = Submission(
            account_id=self.account_id,
            dialect="hosted",
            model_id="openai/sora-2/image-to-video",
            input={"prompt": "tab\tnewline\nbackslash\\ ümlaut", "image": "https://example.com/a.jpg"},
            price=Money.of(price),
            concurrency=2,
            queue_limit=10_000,
            key=secrets.token_hex(8),
            body_sha256=b"\x00\xff" * 16,
        )
        with self.service.database.begin() as connection:
            return predictions.submit(connection, asked, self.service.queue, at=NOW).id


@pytest.fixture
def workload(service: Service, tmp_path: Path) -> Workload:
    """Of a new account with $1000."""
    (tmp_path / "parts").mkdir()
    with service.database.begin() as connection:
        account = operating.create_account(connection, secrets.token_hex(4), at=NOW)
        operating.top_up(connection, account.id, "1000", at=NOW)
    return Workload(service, account.id, Hand(service, tmp_path / "parts"), random.Random(7))  # noqa: S311


def test_accounts_are_found_by_id_and_name(connection: Connection) -> None:
    """An account is found by its id or its name, a name belongs to one account, and nobody else is found."""
    made = operating.create_account(connection, "carol", at=NOW)
    assert operating.find_account(connection, "carol") == operating.find_account(connection, made.id) == made.id
    for name in ("carol", made.id, "", " ", "x" * 201):
        with pytest.raises(InputRefused):
            operating.create_account(connection, name, at=NOW)
    with pytest.raises(AccountUnknown, match="dave"):
        operating.find_account(connection, "dave")


def test_suspending_refuses_keys_and_can_be_lifted(connection: Connection) -> None:
    """Keys of a suspended account are refused at once, and good again when that is lifted."""
    made = operating.create_account(connection, "carol", at=NOW)
    key = accounts.issue_key(connection, made.id, name="", at=NOW).text
    operating.suspend(connection, made.id, at=NOW)
    with pytest.raises(AccountSuspended):
        accounts.of_key(connection, key)
    operating.suspend(connection, made.id, at=None)
    assert accounts.of_key(connection, key).id == made.id


def test_holders_say_what_an_account_has(connection: Connection) -> None:
    """Balance, held money, good keys and suspension of each account are listed."""
    made = operating.create_account(connection, "carol", at=NOW)
    first = accounts.issue_key(connection, made.id, name="", at=NOW)
    accounts.issue_key(connection, made.id, name="", at=NOW)
    accounts.revoke_key(connection, made.id, first.public, at=NOW)
    operating.top_up(connection, made.id, "2.50", at=NOW)
    ledger.hold(connection, made.id, Money.of("0.40"), prediction_id="1" * 32, at=NOW)
    (holder,) = [one for one in operating.holders(connection) if one.id == made.id]
    assert (str(holder.balance.available), str(holder.balance.held), holder.keys) == ("$2.10", "$0.40", 1)


def test_a_payment_is_booked_once(connection: Connection) -> None:
    """The same reference adds money once; without a reference each top-up counts."""
    made = operating.create_account(connection, "carol", at=NOW)
    assert operating.top_up(connection, made.id, "5", at=NOW, reference="invoice-1")
    assert not operating.top_up(connection, made.id, "5", at=NOW, reference="invoice-1")
    operating.top_up(connection, made.id, "1", at=NOW)
    operating.top_up(connection, made.id, "1", at=NOW)
    assert str(ledger.balance(connection, made.id).available) == "$7.00"


def test_a_reference_names_one_payment(connection: Connection) -> None:
    """Another amount, or another account, under a reference that was used is no repetition: told, and not swallowed."""
    carol, dave = (operating.create_account(connection, name, at=NOW).id for name in ("carol", "dave"))
    operating.top_up(connection, carol, "5", at=NOW, reference="invoice-1")
    for account_id, amount in ((carol, "6"), (dave, "5")):
        with pytest.raises(InputRefused, match=r"invoice-1 is a top-up of \$5\.00 for carol, booked on .*nothing was"):
            operating.top_up(connection, account_id, amount, at=NOW, reference="invoice-1")
    assert not operating.top_up(connection, carol, "5.00", at=NOW, reference="invoice-1")
    assert [str(ledger.balance(connection, one).available) for one in (carol, dave)] == ["$5.00", "$0.00"]


def test_a_top_up_is_taken_back_once(connection: Connection) -> None:
    """By an entry of its own, which billings show; after that the reference is spent, and the books are right."""
    me, other = (operating.create_account(connection, name, at=NOW).id for name in ("carol", "dave"))
    operating.top_up(connection, me, "1000", at=NOW, reference="slip")
    for account_id, reference in ((other, "slip"), (me, "another")):
        with pytest.raises(InputRefused, match="has no top-up with the reference"):
            operating.undo_top_up(connection, account_id, reference, at=NOW)
    assert operating.undo_top_up(connection, me, "slip", at=NOW)
    assert not operating.undo_top_up(connection, me, "slip", at=NOW)
    assert str(ledger.balance(connection, me).available) == "$0.00"
    with pytest.raises(InputRefused, match="slip was taken back"):
        operating.top_up(connection, me, "1000", at=NOW, reference="slip")
    found, total = spending.bills(connection, me, spending.Billed(), limit=9, newest_first=False)
    assert ([(one.kind, str(one.amount)) for one in found], total) == ([("topup", "$1000.00"), ("undo", "$1000.00")], 2)
    assert operating.audit(connection) == ()


def test_what_is_spent_or_held_is_not_taken_back(connection: Connection) -> None:
    """Only as much as is free: the balance never goes below nothing."""
    me = operating.create_account(connection, "carol", at=NOW).id
    operating.top_up(connection, me, "1", at=NOW, reference="slip")
    ledger.hold(connection, me, Money.of("0.40"), prediction_id="2" * 32, at=NOW)
    with pytest.raises(BalanceTooLow, match=r"slip was \$1\.00, and of that account's money \$0\.60 is free"):
        operating.undo_top_up(connection, me, "slip", at=NOW)
    ledger.release(connection, me, prediction_id="2" * 32, at=NOW)
    assert operating.undo_top_up(connection, me, "slip", at=NOW)


def test_the_audit_finds_what_was_never_paid_in(workload: Workload) -> None:
    """An entry that takes back more than the top-up of its reference was."""
    with workload.service.database.connect() as connection:
        ledger.top_up(connection, workload.account_id, Money.of(5), reference="five", words="", at=NOW)
        paid = ledger.payment(connection, "five")
        assert paid is not None
        ledger.take_back(connection, replace(paid, amount=Money.of(6)), reference="five", words="", at=NOW)
        (found,) = operating.audit(connection)
        connection.rollback()
    assert "takes 6000000 micro-dollars back, of a top-up of 5000000" in found.what


@pytest.mark.parametrize("name", ["", " carol", "carol ", "-carol", "ca\nrol", "ca\x1brol", "c" * 201])
def test_names_can_be_shown_and_typed(connection: Connection, name: str) -> None:
    """Those of accounts, keys and payments: nothing in a table of them moves the cursor or passes for an option."""
    with pytest.raises(InputRefused, match="characters that can be shown"):
        operating.create_account(connection, name, at=NOW)
    assert operating.key_name("") == ""
    if name:
        with pytest.raises(InputRefused, match="characters that can be shown"):
            operating.key_name(name)
        with pytest.raises(InputRefused, match="characters that can be shown"):
            operating.top_up(connection, accounts.SINGLE_USER, "1", at=NOW, reference=name)


@pytest.mark.parametrize(
    "amount", ["0", "-1", "much", "nan", "inf", "", "1e30", "1e3", "5_0", "100000.01", "0.0000001"]
)
def test_amounts_that_are_none(connection: Connection, amount: str) -> None:
    """What is no amount above zero that the books can hold is refused as input."""
    made = operating.create_account(connection, "carol", at=NOW)
    with pytest.raises(InputRefused):
        operating.top_up(connection, made.id, amount, at=NOW)


def test_the_audit_passes_after_any_work(workload: Workload) -> None:
    """Whatever mix of ends there was, the books are right and every output is there."""
    for _ in range(25):
        workload.step()
    with workload.service.database.connect() as connection:
        assert operating.audit(connection) == ()
        assert operating.audit_files(connection, workload.service.store) == ()


WRONGS = {
    "a completed run that was not charged": "update predictions set status = 'completed', finished_at = now() {}",
    "a failed run that was not refunded": "update predictions set status = 'failed', finished_at = now() {}",
    "another price than was held": "update predictions set price_micros = price_micros + 1 {}",
    "a prediction without a hold": "update transfers set reference = 'x' where prediction_id = :id",
    "a balance that nobody moved": "update balances set micros = micros + 1 where book like 'account:%'",
    "a hold of a prediction that is gone": "delete from predictions {}",
}
_REMOVED = """with gone as (delete from predictions where id = :id returning *) insert into removed
    select id, account_id, model_id, {}, created_at from gone"""
PAST_WRONGS = {
    "a charge of a prediction that nobody knows": "delete from predictions where id = :id",
    "another price than was charged": _REMOVED.format("status, price_micros + 1"),
    "charged, and failed": _REMOVED.format("'failed', price_micros"),
}


@pytest.mark.parametrize("wrong", WRONGS)
def test_the_audit_finds(workload: Workload, wrong: str) -> None:
    """Each way in which the books can be wrong is found, with the place."""
    prediction_id = workload.submit()
    with workload.service.database.connect() as connection:
        assert operating.audit(connection) == ()
        connection.execute(text("alter table transfers disable trigger transfers_stay"))
        connection.execute(text(WRONGS[wrong].format("where id = :id")), {"id": prediction_id})
        found = operating.audit(connection)
        connection.rollback()
    assert any(prediction_id in one.where or "account:" in one.where for one in found)


@pytest.mark.parametrize("wrong", PAST_WRONGS)
def test_the_audit_finds_what_usage_would_not_tell(workload: Workload, wrong: str) -> None:
    """What was charged for a film that is gone is told as it was charged; that it is not would be found."""
    prediction_id = workload.hand.film(workload.submit())
    for statement, places in ((_REMOVED.format("status, price_micros"), []), (PAST_WRONGS[wrong], [prediction_id])):
        with workload.service.database.connect() as connection:
            connection.execute(text("set local session_replication_role = replica"))  # its files stay behind
            connection.execute(text(statement), {"id": prediction_id})
            found = operating.audit(connection)
            connection.rollback()
        assert [one.where.split()[-1] for one in found] == places


def test_the_audit_finds_lost_files(workload: Workload, tmp_path: Path) -> None:
    """An output that is gone from the store is named."""
    store = workload.service.store
    made = workload.hand.complete(workload.hand.begin(workload.submit()))
    assert made is not None
    with store.open(made.outputs[0]) as source:
        (tmp_path / "kept").write_bytes(source.read())
    store.delete(made.outputs[0])
    with workload.service.database.connect() as connection:
        (finding,) = operating.audit_files(connection, store)
    store.put(made.outputs[0], tmp_path / "kept")
    assert (finding.where, finding.what) == (made.outputs[0], "is missing")


def test_what_an_account_keeps_is_counted(connection: Connection) -> None:
    """Its outputs, and uploads that have arrived, whatever becomes of them; the audit finds a figure that is wrong."""
    mine = operating.create_account(connection, "carol", at=NOW).id
    made = {"id": "1" * 32, "account_id": mine, "dialect": "hosted", "model_id": "m", "input": {}, "price_micros": 0}
    connection.execute(insert(schema.predictions).values(**made, created_at=NOW))
    files, uploads = schema.files, schema.uploads
    for key, size_bytes in (("a", 10), ("b", 20)):
        row = {"key": key, "prediction_id": made["id"], "size_bytes": size_bytes, "sha256": b"", "created_at": NOW}
        connection.execute(insert(files).values(row))
    sent = {"id": "2" * 32, "account_id": mine, "filename": "f", "size_bytes": 300, "created_at": NOW}
    connection.execute(insert(uploads).values(sent))
    assert quota.used_by(connection, mine) == 30
    for change, used in (
        (update(uploads).values(stored_at=NOW), 330),
        (update(uploads).values(size_bytes=400, stored_at=NOW), 430),
        (update(uploads).values(filename="g"), 430),
        (delete(files).where(files.c.key == "a"), 420),
        (delete(uploads).where(uploads.c.id == sent["id"]), 20),
    ):
        at = uploads.c.id == sent["id"]
        connection.execute(change.where(at) if change.is_update else change)
        assert (quota.used_by(connection, mine), operating.rooms(connection)) == (used, ())
    before = quota.used_bytes(connection)
    connection.execute(update(schema.kept).where(schema.kept.c.account_id == mine).values(size_bytes=19))
    assert quota.used_bytes(connection) == before - 1
    assert [one.where for one in operating.rooms(connection)] == [f"account {mine}"]


def _restored(url: str, folder: Path, archive: Path) -> tuple[FolderStore, backup.Summary]:
    store, database = FolderStore(folder / "files"), engine.connect(url)
    try:
        return store, backup.restore(database, store, PostgresQueue(url), archive, at=NOW)
    finally:
        database.dispose()


def test_a_backup_taken_while_working_restores_and_passes_the_audit(
    workload: Workload, new_database: Callable[[], str], tmp_path: Path
) -> None:
    """A backup is one moment: restored elsewhere, the books are right, every output is there, open work is queued."""
    for _ in range(10):
        workload.step()
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            workload.step()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        service = workload.service
        written = backup.write(service.database, service.store, tmp_path / "b.zip", at=NOW)
    finally:
        stop.set()
        thread.join()
    url = new_database()
    store, summary = _restored(url, tmp_path / "second", tmp_path / "b.zip")
    assert summary == written
    settings = Settings(database_url=url, data_dir=tmp_path / "second", accounts=True)
    with running(settings, StoppedClock()) as restored, restored.database.begin() as connection:
        assert operating.audit(connection) == ()
        assert operating.audit_files(connection, store) == ()
        assert restored.webhook_secret == service.webhook_secret
        open_ones = (schema.predictions.c.finished_at.is_(None)) & schema.predictions.c.released
        wanted = connection.scalars(select(schema.predictions.c.id).where(open_ones)).all()
        runs = text("select args ->> 'prediction_id' from procrastinate_jobs where args ? 'prediction_id'")
        jobs = connection.scalars(runs).all()
        assert sorted(jobs) == sorted(wanted)
        assert connection.scalars(select(schema.predictions.c.input["prompt"].astext)).first() is not None
        operating.top_up(connection, workload.account_id, "1", at=NOW)  # its number follows the restored ones


def test_a_restored_row_is_the_row(workload: Workload, new_database: Callable[[], str], tmp_path: Path) -> None:
    """Every row of every table comes back as it was, with tabs, newlines, bytes and times."""
    for _ in range(5):
        workload.step()
    service = workload.service
    backup.write(service.database, service.store, tmp_path / "b.zip", at=NOW)
    url = new_database()
    _restored(url, tmp_path / "second", tmp_path / "b.zip")
    database = engine.connect(url)
    with service.database.connect() as before, database.connect() as after:
        for table in schema.metadata.sorted_tables:
            rows = [sorted(map(repr, each.execute(select(table)).all())) for each in (before, after)]
            assert rows[0] == rows[1], table.name
    database.dispose()


def test_a_restored_webhook_is_sent_when_it_is_due(
    workload: Workload, new_database: Callable[[], str], tmp_path: Path
) -> None:
    """Its job comes when its next attempt does: one that came sooner would do nothing, and none would follow."""
    service, prediction_id, waits_s = workload.service, workload.submit(), {"due": -60, "first": 0, "later": 1800}
    row = {"prediction_id": prediction_id, "account_id": workload.account_id, "url": "http://x/", "scheme": "hosted"}
    with service.database.begin() as connection:
        for name, wait_s in waits_s.items():
            when = {"created_at": NOW, "next_at": NOW + timedelta(seconds=wait_s)}
            values = {"id": f"msg_{name}", "body": "{}", "state": "waiting", **row, **when}
            connection.execute(insert(schema.deliveries).values(values))
    backup.write(service.database, service.store, tmp_path / "b.zip", at=NOW)
    url = new_database()
    _restored(url, tmp_path / "second", tmp_path / "b.zip")
    database = engine.connect(url)
    due = "select args->>'delivery_id', coalesce(extract(epoch from scheduled_at - now()), 0) from procrastinate_jobs"
    with database.connect() as connection:
        jobs = {row[0]: row[1] for row in connection.execute(text(f"{due} where task_name = 'deliver'"))}
    database.dispose()
    assert {name for name in waits_s if jobs[f"msg_{name}"] <= 1} == {"due", "first"}
    assert 1700 < jobs["msg_later"] <= 1801


def test_only_its_owner_may_read_an_archive(workload: Workload, tmp_path: Path) -> None:
    """The archive holds secrets, so that nobody else may read it."""
    workload.step()
    backup.write(workload.service.database, workload.service.store, tmp_path / "b.zip", at=NOW)
    assert (tmp_path / "b.zip").stat().st_mode & 0o077 == 0


def test_an_archive_is_whole_or_absent(workload: Workload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A backup that breaks off leaves nothing and does not touch the one before."""
    workload.hand.film(workload.submit())
    service, place = workload.service, tmp_path / "out" / "b.zip"
    with pytest.raises(OutputUnwritable):
        backup.write(service.database, service.store, place, at=NOW)
    place.parent.mkdir()
    place.write_bytes(b"the one before")

    def broken(key: str) -> None:
        raise MemoryError(key)

    monkeypatch.setattr(service.store, "open", broken)
    with pytest.raises(MemoryError):
        backup.write(service.database, service.store, place, at=NOW)
    assert [path.name for path in place.parent.iterdir()] == ["b.zip"]
    assert place.read_bytes() == b"the one before"


def _damaged(archive: Path, kind: str) -> None:
    if kind == "no archive":
        archive.write_bytes(b"I am no archive")
    elif kind == "cut":
        archive.write_bytes(archive.read_bytes()[:-200])
    elif kind == "flipped":
        data = bytearray(archive.read_bytes())
        with zipfile.ZipFile(archive) as opened:
            entry = next(one for one in opened.infolist() if one.filename.startswith("files/"))
        data[entry.header_offset + 30 + len(entry.filename) + 40] ^= 1
        archive.write_bytes(bytes(data))
    else:
        _rewritten(archive, kind)


def _rewritten(archive: Path, kind: str) -> None:
    with zipfile.ZipFile(archive) as opened:
        content = {name: opened.read(name) for name in opened.namelist()}
    manifest = json.loads(content["manifest.json"])
    if kind == "newer":
        manifest["revision"] = "9999"
    elif kind == "leading out":
        manifest["files"] = ["../../outside"]
        content["files/../../outside"] = b"x"
    elif kind == "row missing":
        del content["tables/transfers.copy"]
    content["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(archive, "w") as rewritten:
        for name, data in content.items():
            rewritten.writestr(name, data)


@pytest.fixture(scope="module")
def empty(new_database: Callable[[], str]) -> str:
    """A database that stays empty."""
    return new_database()


@pytest.mark.parametrize("kind", ["no archive", "cut", "flipped", "newer", "leading out", "row missing"])
def test_a_bad_archive_restores_nothing(workload: Workload, empty: str, tmp_path: Path, kind: str) -> None:
    """A damaged, foreign or newer archive is refused in words, and the database stays empty."""
    workload.hand.film(workload.submit())
    archive, url = tmp_path / "b.zip", empty
    backup.write(workload.service.database, workload.service.store, archive, at=NOW)
    _damaged(archive, kind)
    with pytest.raises(BackupRefused):
        _restored(url, tmp_path / "second", archive)
    database = engine.connect(url)
    with database.connect() as connection:
        assert connection.scalar(text("select count(*) from pg_tables where schemaname = 'public'")) == 0
    database.dispose()
    assert not (tmp_path / "outside").exists()


def test_only_an_empty_database_is_restored_into(workload: Workload, tmp_path: Path) -> None:
    """Nothing that is there is ever overwritten; and there is nothing to back up where nothing is."""
    workload.step()
    service, archive = workload.service, tmp_path / "b.zip"
    backup.write(service.database, service.store, archive, at=NOW)
    with pytest.raises(InstallationInUse, match=r"not empty.* installation with [1-9]"):
        backup.restore(service.database, service.store, service.queue, archive, at=NOW)
    with pytest.raises(BackupRefused, match="cannot be read"):
        backup.restore(service.database, service.store, service.queue, tmp_path / "absent.zip", at=NOW)


def test_an_empty_database_has_no_backup(empty: str, tmp_path: Path) -> None:
    """A database without our tables is refused, and no archive is made of it."""
    database = engine.connect(empty)
    with pytest.raises(BackupRefused, match="nothing to back up"):
        backup.write(database, FolderStore(tmp_path / "files"), tmp_path / "b.zip", at=NOW)
    database.dispose()
    assert not (tmp_path / "b.zip").exists()


FIRST_ROWS = (
    "insert into accounts (id, name, created_at) values ('a', 'alice', now())",
    """insert into predictions (id, account_id, dialect, model_id, input, price_micros, created_at)
    values ('p', 'a', 'hosted', 'm', '{"prompt": "Waves"}', 400000, now())""",
    "insert into balances (book, account_id) values ('account:a', 'a'), ('held:a', 'a')",
    """insert into transfers (reference, kind, debit, credit, micros, prediction_id, at)
    values ('hold:p', 'hold', 'account:a', 'held:a', 400000, 'p', now())""",
)
"""What any database of the first schema may hold."""


@pytest.mark.parametrize("step", range(len(engine.revisions())))
def test_every_revision_upgrades_the_one_before(new_database: Callable[[], str], step: int) -> None:
    """A database of each revision, with rows in it, goes to the next one and then to the last, and keeps its rows."""
    database = engine.connect(new_database())
    with database.begin() as connection:
        if step:
            engine.upgrade(connection, engine.revisions()[0])
            for row in FIRST_ROWS:
                connection.execute(text(row))
            engine.upgrade(connection, engine.revisions()[step - 1])
        engine.upgrade(connection, engine.revisions()[step])
        assert engine.current_revision(connection) == engine.revisions()[step]
    engine.migrate(database, queue.make_tables)
    engine.migrate(database, queue.make_tables)
    with database.connect() as connection:
        assert engine.is_current(connection)
        kept = connection.scalar(select(func.count()).select_from(schema.predictions))
        assert kept == (1 if step else 0)
    database.dispose()


def test_several_that_start_at_once_make_the_tables_once(new_database: Callable[[], str], tmp_path: Path) -> None:
    """Services that start together on an empty database wait for each other: one makes the tables, all of them run."""
    settings = Settings(database_url=new_database(), data_dir=tmp_path)
    together = threading.Barrier(4)

    def start(_number: int) -> str:
        together.wait()
        with running(settings) as parts, parts.database.connect() as connection:
            assert engine.is_current(connection)
            return parts.webhook_secret

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(start, range(4)))) == 1


def test_the_steps_end_at_the_tables(new_database: Callable[[], str]) -> None:
    """After all steps the database is what the tables in the program say."""
    database = engine.connect(new_database())
    engine.migrate(database)
    with database.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.metadata) == []
    database.dispose()


def test_posted_transfers_stay(workload: Workload) -> None:
    """After a restore or a migration, too, a transfer cannot be changed: the guard is part of the schema."""
    workload.submit()
    with workload.service.database.connect() as connection, pytest.raises(Exception, match="never changed"):
        connection.execute(update(schema.transfers).values(micros=1))
    with workload.service.database.connect() as connection, pytest.raises(Exception, match=r"already exists|duplicate"):
        connection.execute(insert(schema.accounts).values(id=workload.account_id, name="x", created_at=NOW))


def test_databases_are_brought_up_to_date_beside_each_other(postgres_url: str) -> None:
    """Threads of one process that make the tables of several databases each get all of their own."""

    def current(_: int) -> bool:
        with databases.fresh(postgres_url) as url:
            made = engine.connect(url)
            with made.connect() as connection:
                found = engine.is_current(connection)
            made.dispose()
            return found

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(current, range(4)))
