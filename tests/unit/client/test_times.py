"""Times that the client is given: one moment, however it is written, for every call."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from stillmotion import Client
from unit.client.servers import Told, data

if TYPE_CHECKING:
    from collections.abc import Iterator


HOURS = {"UTC0": (0, 0), "NST3:30NDT,M3.2.0,M11.1.0": (3.5, 2.5), "JST-9": (-9, -9)}
"""Zones, and when midnight is there: in winter and in summer, in UTC."""


@pytest.fixture(params=HOURS)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The zone of this machine."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


def _sent(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """What history, usage and billings send, as the server reads it."""
    told = Told([data({"items": []})])
    with Client("http://films.test", "key", transport=told.transport) as client:
        client.history(created_after=start, created_before=end)
        client.usage(start, end)
        client.billings(start=start, end=end)
    names = (("created_after", "created_before"), ("start_time", "end_time"), ("start_time", "end_time"))
    return [
        (_read(body[first]), _read(body[last]))
        for body, (first, last) in zip(map(json.loads, told.bodies), names, strict=True)
    ]


def _read(sent: Any) -> datetime:
    if sent.isdigit():
        return datetime.fromtimestamp(int(sent) / 1000, UTC)
    at = datetime.fromisoformat(sent)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def test_a_time_without_a_zone_is_of_this_machine(zone: str) -> None:
    """It is the same moment for history, usage and billings: midnight here, in winter and in summer."""
    winter, summer = datetime(2026, 1, 1), datetime(2026, 7, 1)  # noqa: DTZ001 - that is what is tried
    moments = zip((winter, summer), HOURS[zone], strict=True)
    expected = tuple(at.replace(tzinfo=UTC) + timedelta(hours=after) for at, after in moments)
    assert _sent(winter, summer) == [expected] * 3


def test_a_time_with_a_zone_is_that_moment(zone: str) -> None:
    """Wherever this machine stands."""
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=5.5)))
    assert _sent(start, end) == [(start, end)] * 3, zone
