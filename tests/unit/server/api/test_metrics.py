"""What operators are told: whether work can be done, and what was done; never by words of those who asked."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import insert, select, text
from starlette.testclient import TestClient

from by_hand import Customer, Hand, customer_of, photo
from stillmotion.server import accounts, service, tallies
from stillmotion.server.api import metrics
from stillmotion.server.api.app import create_app
from stillmotion.server.db import schema
from stillmotion.server.predictions import Code
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from sqlalchemy import Connection

    from stillmotion.server.clock import StoppedClock
    from stillmotion.server.service import Service

OWN = "only-for-the-metrics"
MODEL = "openai/sora-2/image-to-video"
PAGE = Path(__file__).parents[4] / "docs" / "reference" / "metrics.md"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question is one to the database."""
    monkeypatch.setattr(metrics, "KEPT_S", -1.0)


@pytest.fixture
def watched(database_url: str, tmp_path: Path, clock: StoppedClock) -> Iterator[Service]:
    """The parts with accounts, and a key for the metrics."""
    settings = Settings(database_url=database_url, data_dir=tmp_path, accounts=True, metrics_key=OWN)
    with service.running(settings, clock) as parts:
        yield parts


@pytest.fixture
def app(watched: Service) -> FastAPI:
    """The application."""
    return create_app(watched)


@pytest.fixture
def customer(watched: Service, app: FastAPI) -> Customer:
    """An account with money."""
    return customer_of(watched, app)


def told(app: FastAPI, name: str, **labels: str) -> float:
    """The value of a metric; 0 when there is none."""
    client = TestClient(app, base_url="http://127.0.0.1:8000")
    answer = client.get("/metrics", headers={"authorization": f"Bearer {OWN}"})
    assert answer.status_code == 200
    samples = [one for family in text_string_to_metric_families(answer.text) for one in family.samples]
    return sum(one.value for one in samples if one.name == name and labels.items() <= one.labels.items())


def submitted(customer: Customer) -> str:
    """The id of a film that waits."""
    files = {"input_reference": ("a.png", photo())}
    asked = {"prompt": "Waves", "model": "sora-2", "seconds": "4"}
    answer = customer.client.post("/v1/videos", data=asked, files=files)
    assert answer.status_code == 200
    return str(answer.json()["id"])


def test_runs_are_counted(app: FastAPI, customer: Customer, watched: Service, tmp_path: Path) -> None:
    """From accepted over running to how it ended, with the money; nothing goes down when what ended is removed."""
    names = ("accepted", "ended", "open")
    totals = [f"stillmotion_predictions_{name}" + "_total" * (name != "open") for name in names]
    before = [told(app, name, model=MODEL) for name in totals]
    held, captured = told(app, "stillmotion_held_micro_dollars"), told(app, "stillmotion_captured_micro_dollars_total")
    worker, first, second = Hand(watched, tmp_path), submitted(customer), submitted(customer)
    assert told(app, "stillmotion_held_micro_dollars") == held + 800_000
    failed = told(app, totals[1], model=MODEL, status="failed", code="1405")
    assert worker.complete(worker.begin(first)) is not None
    assert told(app, "stillmotion_predictions_open", model=MODEL, state="queued") >= 1
    worker.fail(worker.begin(second), Code.CANCELLED, "")
    after = [told(app, name, model=MODEL) for name in totals]
    assert [now - then for now, then in zip(after, before, strict=True)] == [2, 2, 0]
    assert told(app, totals[1], model=MODEL, status="failed", code="1405") == failed + 1
    assert told(app, "stillmotion_captured_micro_dollars_total") == captured + 400_000
    assert told(app, "stillmotion_stage_seconds_count", model=MODEL, stage="working") >= 1
    with watched.database.begin() as connection:
        connection.execute(text("update predictions set deleted_at = now() where id = :id"), {"id": second[6:]})
        connection.execute(text("delete from events where prediction_id = :id"), {"id": second[6:]})
        kept, row = [column.name for column in schema.removed.columns], schema.predictions.c
        stays = select(*(row[name] for name in kept)).where(row.id == second[6:])  # the books still know it
        connection.execute(insert(schema.removed).from_select(kept, stays))
        connection.execute(text("delete from predictions where id = :id"), {"id": second[6:]})
    assert [told(app, name, model=MODEL) for name in totals] == after


def test_what_ends_meanwhile_is_counted_once(
    app: FastAPI, customer: Customer, watched: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All numbers are of one moment: a film that ends between two questions makes no counter go up and down again."""
    name, worker, film = "stillmotion_predictions_accepted_total", Hand(watched, tmp_path), submitted(customer)
    before, read, attempts = told(app, name, model=MODEL), tallies.read, [worker.begin(film)]

    def ends(connection: Connection) -> tuple[tallies.Tally, ...]:
        while attempts:
            worker.complete(attempts.pop())
        return read(connection)

    monkeypatch.setattr(tallies, "read", ends)
    assert told(app, name, model=MODEL) == before
    assert not attempts
    assert told(app, name, model=MODEL) == before


def test_alerts_can_fire() -> None:
    """Two sides of `and` or `unless` have the same labels, or never meet; and a sum of nothing is nothing, never 0."""
    rules = re.findall(r"expr: (?:>\n)?(.*?)(?=\n +(?:for:|- )|\n```)", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(rules) == 9
    for rule in rules:
        sides = re.split(r"\b(?:and|unless|or)\b", rule)
        assert len({bool(re.match(r"\s*(sum|max|min)\(", side)) for side in sides}) == 1, rule
        assert not any(re.search(r"sum\(.*==\s*0", side) for side in sides), rule


def test_the_queue_has_an_age(app: FastAPI, customer: Customer, watched: Service, tmp_path: Path) -> None:
    """That of the oldest film which waits for a worker; none waits, none is old."""
    with watched.database.begin() as connection:
        connection.execute(text("update predictions set released = false where status = 'created'"))
    assert told(app, "stillmotion_queue_oldest_seconds") == 0
    made = submitted(customer)
    clock = watched.clock
    clock.advance(90)  # type: ignore[attr-defined]
    assert told(app, "stillmotion_queue_oldest_seconds") == 90
    worker = Hand(watched, tmp_path)
    worker.film(made)
    assert told(app, "stillmotion_queue_oldest_seconds") == 0


def test_requests_are_counted_by_template(app: FastAPI, customer: Customer) -> None:
    """However many addresses and methods people make up, there are as many rows as routes."""
    for name in ("aaa", "bbb", "ccc"):
        customer.client.get(f"/api/v3/predictions/{name}/result")
        customer.client.get(f"/wp-{name}.php?prompt={name}")
        customer.client.request(f"M{name}", "/healthz")
    answers = "stillmotion_http_requests_total"
    assert told(app, answers, route="/api/v3/predictions/{prediction_id}/result", status="404", method="GET") == 3
    assert told(app, answers, route="none", status="404") == 3
    assert told(app, answers, method="other") == 3
    seconds = "stillmotion_http_request_seconds_count"
    assert told(app, seconds, route="/api/v3/predictions/{prediction_id}/result") == 3
    text_of_all = TestClient(app, base_url="http://127.0.0.1").get(
        "/metrics", headers={"authorization": f"Bearer {OWN}"}
    )
    assert not re.search("aaa|bbb|ccc", text_of_all.text)


def test_the_page_names_what_there_is(app: FastAPI, customer: Customer, watched: Service, tmp_path: Path) -> None:
    """Every metric has a row in the reference with its labels, and alerts ask for no other."""
    worker = Hand(watched, tmp_path)
    worker.film(submitted(customer))
    page = PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(stillmotion_\w+)` \| ([^|]*)\|", page, re.MULTILINE))
    client = TestClient(app, base_url="http://127.0.0.1:8000", headers={"authorization": f"Bearer {OWN}"})
    found = [one for one in text_string_to_metric_families(client.get("/metrics").text) if one.name[:5] == "still"]
    names = {one.name + "_total" * (one.type == "counter") for one in found if not one.name.endswith("_created")}
    assert set(rows) == names
    for family in found:
        labels = {label for sample in family.samples for label in sample.labels} - {"le"}
        known = rows.get(family.name, rows.get(f"{family.name}_total"))
        assert known is None or not labels or labels == set(re.findall(r"`(\w+)`", known)), family.name
    asked = {re.sub("_(bucket|sum|count)$", "", name) for name in re.findall(r"\bstillmotion_\w+", page)}
    assert asked <= names


def test_metrics_are_for_operators(app: FastAPI, customer: Customer, watched: Service) -> None:
    """With accounts: an administrator's key or the metrics' own; without, whoever may call at all."""
    plain = TestClient(app, base_url="http://127.0.0.1")
    assert plain.get("/metrics").status_code == 401
    assert customer.client.get("/metrics").status_code == 401
    with watched.database.begin() as connection:
        now = watched.clock.now()
        boss = accounts.create(connection, "boss", at=now, admin=True, may_owe=False)
        key = accounts.issue_key(connection, boss.id, name="", at=now)
    assert plain.get("/metrics", headers={"authorization": f"Bearer {key.text}"}).status_code == 200
    assert told(app, "python_info") == 1
    assert plain.get("/v1/videos", headers={"authorization": f"Bearer {OWN}"}).status_code == 401


def test_the_single_user_needs_no_key(here: TestClient) -> None:
    """But only programs of this machine are answered."""
    assert "stillmotion_predictions_open" in here.get("/metrics").text
    assert here.get("/metrics", headers={"host": "evil.example"}).status_code == 403


def test_the_database_is_asked_rarely(app: FastAPI, monkeypatch: pytest.MonkeyPatch, customer: Customer) -> None:
    """Within a few seconds everybody is told the same."""
    monkeypatch.setattr(metrics, "KEPT_S", 3600.0)
    before = told(app, "stillmotion_predictions_open")
    submitted(customer)
    assert told(app, "stillmotion_predictions_open") == before
    monkeypatch.setattr(metrics, "KEPT_S", -1.0)
    assert told(app, "stillmotion_predictions_open") == before + 1


def test_ready_says_what_is_missing(app: FastAPI, watched: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker, room, tables of this version, the database: each is missed in words, and there is a way to be ready."""
    client = TestClient(app, base_url="http://127.0.0.1")
    heartbeat = "insert into procrastinate_workers (last_heartbeat) values (now() - interval '{} seconds')"

    def missing(seconds: int) -> str:
        with watched.database.begin() as connection:
            connection.execute(text("update procrastinate_jobs set worker_id = null"))
            connection.execute(text("delete from procrastinate_workers"))
            connection.execute(text(heartbeat.format(seconds)))
        answer = client.get("/readyz")
        assert answer.json()["ready"] is (answer.status_code == 200)
        return " ".join(answer.json()["reasons"])

    assert missing(1) == ""
    assert "No worker" in missing(60)
    full = replace(watched, settings=watched.settings.model_copy(update={"disk_quota_bytes": 10 << 20}))
    monkeypatch.setattr(app.state, "service", full)
    for used_bytes, words in ((1 << 20, ""), ((10 << 20) - 1, "disk_quota_bytes")):  # less than a film fits
        monkeypatch.setattr("stillmotion.server.quota.used_bytes", lambda _, used=used_bytes: used)
        told_so = missing(1)
        assert words in told_so
        assert bool(told_so) is bool(words)
    monkeypatch.setattr("stillmotion.server.db.engine.is_current", lambda _: False)
    assert "stillmotion migrate" in missing(1)
    monkeypatch.setattr("stillmotion.server.db.engine.current_revision", lambda _: "9999")
    assert "newer than this version: update" in missing(1)
