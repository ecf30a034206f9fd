"""What Prometheus is told: requests of this process, and what the database says of all processes together.

Labels are route templates, methods, statuses, models and codes of ours: never ids, addresses or words of people.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import case, func, select
from sqlalchemy.exc import SQLAlchemyError

from stillmotion.server import ledger, log, queue, quota, tallies
from stillmotion.server.db.schema import balances, deliveries, predictions
from stillmotion.server.tallies import What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client.metrics_core import Metric
    from sqlalchemy import Connection
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from stillmotion.server.service import Service
    from stillmotion.server.tallies import Tally

KEPT_S = 3.0
"""How long what the database said is told again: however often somebody asks, it is asked no more often."""
NO_ROUTE = "none"
_PREFIXES = frozenset(("/api/v3", "/api/v2", "/api/native/v1"))
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
_OURS = "stillmotion_"


class Metrics:
    """Those of one process."""

    def __init__(self, service: Service) -> None:
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self.answers = Counter(
            f"{_OURS}http_requests", "Answers.", ("method", "route", "status"), registry=self._registry
        )
        self.seconds = Histogram(
            f"{_OURS}http_request_seconds",
            "From the request to the first byte of its answer.",
            ("method", "route"),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._registry.register(_Facts(service))

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self._registry)


class Counted:
    """An ASGI layer that counts answers by the template of their route, and notes what changes something in the log."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.perf_counter()
        status = 0

        async def counted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start" and not status:
                status = message["status"]
                self._count(scope, status, time.perf_counter() - began_s)
            await send(message)

        await self._app(scope, receive, counted)

    def _count(self, scope: Scope, status: int, took_s: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = template(scope)
        self._metrics.answers.labels(method, route, str(status)).inc()
        self._metrics.seconds.labels(method, route).observe(took_s)
        if status >= 400 or method not in ("GET", "HEAD"):  # polls would be all that a log holds
            log.get().info("answered", method=method, route=route, status=status, ms=round(took_s * 1000, 1))


def template(scope: Scope) -> str:
    """The template of the route that answered, with its router's prefix, which the framework does not tell."""
    found = getattr(scope.get("route"), "path", None)
    if found is None:
        return NO_ROUTE
    steps = scope["path"].split("/")
    prefix = "/".join(steps[: len(steps) - found.count("/")])
    return f"{prefix}{found}" if prefix in _PREFIXES else str(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the database said."""

    at_s: float
    families: tuple[Metric, ...]


@dataclass(slots=True, eq=False)
class _Facts(Collector):
    """Reads them when they are asked for; when the database does not answer it says only that."""

    service: Service
    seen: _Seen | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def describe(self) -> Iterable[Metric]:
        """Nothing is read at the start."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """See `Collector`."""
        with self.lock:
            if self.seen is None or time.monotonic() - self.seen.at_s > KEPT_S:
                self.seen = _Seen(at_s=time.monotonic(), families=tuple(self._read()))
            families = self.seen.families
        yield from families

    def _read(self) -> list[Metric]:
        up = _gauge("database_up", "Whether the database answered.")
        try:
            with self.service.database.connect() as plain:
                # One moment for all of them: what ends between two questions would be counted twice, then once.
                connection = plain.execution_options(isolation_level="REPEATABLE READ")
                found = [family for read in _READERS for family in read(connection, self.service)]
        except SQLAlchemyError:
            up.add_metric((), 0)
            return [up]
        up.add_metric((), 1)
        return [up, *found]


def _predictions(connection: Connection, service: Service) -> Iterator[Metric]:
    """Open ones as they are, ended ones since the first day; what was accepted is both."""
    state = case((predictions.c.status == "processing", "running"), (predictions.c.released, "queued"), else_="held")
    named = state.label("state")
    counted = (func.count().label("number"), func.min(predictions.c.created_at).label("oldest_at"))
    is_open = predictions.c.status.in_(("created", "processing"))
    chosen = select(predictions.c.model_id, named, *counted).where(is_open).group_by(predictions.c.model_id, named)
    rows, tallied = connection.execute(chosen).all(), tallies.read(connection)
    waiting = _gauge("predictions_open", "Predictions that have not ended, by what they wait for.", "model", "state")
    oldest = _gauge("queue_oldest_seconds", "Age of the oldest prediction that waits for a worker.")
    accepted: dict[str, int] = defaultdict(int)
    for row in rows:
        waiting.add_metric((row.model_id, row.state), row.number)
        accepted[row.model_id] += row.number
    queued_at = [row.oldest_at for row in rows if row.state == "queued"]
    oldest.add_metric((), max(0.0, (service.clock.now() - min(queued_at)).total_seconds()) if queued_at else 0.0)
    yield from (waiting, oldest, *_counters(tallied, accepted))


def _counters(tallied: Iterable[Tally], accepted: dict[str, int]) -> tuple[Metric, ...]:
    taken = CounterMetricFamily(f"{_OURS}predictions_accepted", "Predictions accepted.", labels=("model",))
    ended = CounterMetricFamily(
        f"{_OURS}predictions_ended",
        "Predictions that ended; cancelled is failed with code 1405.",
        labels=("model", "status", "code"),
    )
    spans = SummaryMetricFamily(f"{_OURS}stage_seconds", "Parts of completed runs.", labels=("model", "stage"))
    sent = CounterMetricFamily(f"{_OURS}webhook_attempts", "Attempts to deliver a webhook.", labels=("outcome",))
    for one in tallied:
        if one.what is What.ENDED:
            accepted[one.model_id] += one.count
            ended.add_metric((one.model_id, one.word, str(one.code)), one.count)
        elif one.what is What.STAGE:
            spans.add_metric((one.model_id, one.word), one.count, one.seconds)
        else:
            sent.add_metric((one.word,), one.count)
    for model_id, count in sorted(accepted.items()):
        taken.add_metric((model_id,), count)
    return taken, ended, spans, sent


def _webhooks(connection: Connection, service: Service) -> Iterator[Metric]:
    del service
    open_ones = select(func.count()).select_from(deliveries).where(deliveries.c.state == "waiting")
    waiting = _gauge("webhooks_waiting", "Webhooks that are still to be delivered.")
    waiting.add_metric((), connection.scalar(open_ones) or 0)
    yield waiting


def _money(connection: Connection, service: Service) -> Iterator[Metric]:
    """Whole micro-dollars, as the books have them."""
    del service
    books = select(balances.c.book, balances.c.micros).where(balances.c.book == ledger.REVENUE)
    captured = CounterMetricFamily(f"{_OURS}captured_micro_dollars", "Charged for completed predictions.")
    captured.add_metric((), sum(row.micros for row in connection.execute(books)))
    reserved = select(func.coalesce(func.sum(balances.c.micros), 0)).where(balances.c.book.startswith(ledger.held("")))
    held = _gauge("held_micro_dollars", "Held for predictions that have not ended.")
    held.add_metric((), int(connection.scalar(reserved) or 0))
    yield from (captured, held)


def _room(connection: Connection, service: Service) -> Iterator[Metric]:
    kept = _gauge("stored_bytes", "Uploads and outputs.")
    kept.add_metric((), quota.used_bytes(connection))
    most = _gauge("stored_bytes_limit", "How much they may take together; 0 is no limit.")
    most.add_metric((), service.settings.disk_quota_bytes)
    yield from (kept, most)


def _workers(connection: Connection, service: Service) -> Iterator[Metric]:
    del service
    living = _gauge("job_takers", "Takers of jobs that live: two in a worker, one while its engine is cold.")
    living.add_metric((), queue.living_takers(connection))
    yield living


def _gauge(name: str, words: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(_OURS + name, words, labels=labels)


_READERS: tuple[Callable[[Connection, Service], Iterator[Metric]], ...] = (
    _predictions,
    _webhooks,
    _money,
    _room,
    _workers,
)
