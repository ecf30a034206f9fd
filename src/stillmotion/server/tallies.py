"""How often something happened and how long it took, since the first day: what metrics count.

Rows of predictions and deliveries go when they were kept long enough, so counts of them would fall. A tally is written
in the transaction that ends what it counts, as the last thing in it, so that nobody who waits for one is waited for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from stillmotion.server.db.schema import tallies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_LONGEST_S = 366 * 86_400.0
"""Clocks jump; one such second count would spoil all sums."""
_WORD = 16


class What(StrEnum):
    """Kinds of tallies."""

    ENDED = "ended"
    """Predictions, by model, status and code."""
    STAGE = "stage"
    """Parts of completed runs, by model and stage, with their seconds."""
    WEBHOOK = "webhook"
    """Attempts to deliver, by what came of them."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Tally:
    """One kind of happening and how often it was."""

    what: What
    model_id: str = ""
    word: str
    code: int = 0
    count: int = 1
    seconds: float = 0.0


def add(connection: Connection, happened: Sequence[Tally]) -> None:
    """Count; in one order always, so that two transactions cannot wait for each other."""
    for one in sorted(happened):
        row = {
            "what": one.what.value,
            "model_id": one.model_id,
            "word": one.word[:_WORD],
            "code": one.code,
            "count": one.count,
            "seconds": min(max(one.seconds, 0.0), _LONGEST_S),
        }
        written = insert(tallies).values(row)
        sums = {name: tallies.c[name] + written.excluded[name] for name in ("count", "seconds")}
        connection.execute(written.on_conflict_do_update(constraint=tallies.primary_key, set_=sums))


def read(connection: Connection) -> tuple[Tally, ...]:
    """All of them."""
    rows = connection.execute(select(tallies).order_by(*tallies.primary_key))
    return tuple(Tally(**{**row._mapping, "what": What(row.what)}) for row in rows)  # noqa: SLF001 - its public name
