"""Whoever connects to the database notices a host that is gone without a word."""

from __future__ import annotations

import pytest
from psycopg.conninfo import conninfo_to_dict

from stillmotion.server.db import engine

LIMITS = {"connect_timeout": "5", "tcp_user_timeout": "15000", "keepalives_idle": "5", "keepalives_interval": "5"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("postgresql://films:hush@db.example:5433/films", {}),
        ("postgres://films:hush@db.example:5433/films?sslmode=require", {"sslmode": "require"}),
        ("postgresql://films:hush@db.example:5433/films?connect_timeout=30", {"connect_timeout": "30"}),
    ],
)
def test_every_address_carries_its_limits(given: str, kept: dict[str, str]) -> None:
    """Those of the queue, of heartbeats and of listeners, as those of everything else; what the address says stays."""
    told = conninfo_to_dict(engine.plain(given))
    where = {"host": "db.example", "port": "5433", "user": "films", "password": "hush", "dbname": "films"}
    assert told == {**where, **LIMITS, **kept}


def test_connections_have_them(database_url: str) -> None:
    """Not only their addresses: the driver was told."""
    made = engine.connect(database_url)
    with made.connect() as connection:
        told = engine.driver(connection).info.get_parameters()
    made.dispose()
    assert {name: told[name] for name in LIMITS} == LIMITS
