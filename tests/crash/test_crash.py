"""Processes die by SIGKILL wherever the source says and at any moment; nothing is lost, nothing is twice.

Most of it happens on the embedded database; a part of the moments on one that is started separately and named by URL.
With `STILLMOTION_TEST_DATABASE_URL` all of it happens on that server, in databases of its own, and so does
`make crash`, which does the same with many more deaths.

Power loss is another matter: there we stand on PostgreSQL's and our own flushing to disk.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from crash import cases
from crash.driver import points
from separate import postgres

if TYPE_CHECKING:
    from pathlib import Path

    from crash.cases import Outcome

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"), pytest.mark.timeout(1800)]
AGAIN_S = 30.0
"""A film whose worker died is taken up again within this time."""
_LANES = 3
"""Servers that die beside each other: until a death is noticed others use the cores, and each one has its start."""
_NAMED = tuple(cases.at_moment(seed) for seed in (100, 101, 102))
_MOMENTS = tuple(cases.at_moment(seed) for seed in range(103, 110))
_CASES = (cases.poisoned(), *(cases.at_point(name, seed) for seed, name in enumerate(points())), *_MOMENTS)


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What came of each death; they overlap, for a dead worker is missed only after a while."""
    folder, named = tmp_path_factory.mktemp("crash"), os.environ.get("STILLMOTION_TEST_DATABASE_URL")
    with ThreadPoolExecutor() as beside:
        on_named = beside.submit(_on_named, folder / "named", named)
        told = cases.run(_CASES, folder, named, lanes=_LANES)
        return told | on_named.result()


def _on_named(folder: Path, named: str | None) -> dict[str, Outcome]:
    if named is not None:
        return cases.run(_NAMED, folder, named, lanes=1)
    with postgres(folder / "postgres") as server:
        return cases.run(_NAMED, folder, server.url, lanes=1)


@pytest.mark.parametrize("name", [case.name for case in (*_CASES, *_NAMED)])
def test_nothing_is_lost_and_nothing_is_twice(histories: dict[str, Outcome], name: str) -> None:
    """After a death there: every answer holds, each charge is single, each hold ended, webhooks came, no litter."""
    outcome = histories[name]
    assert not outcome.error, outcome.error
    assert max(outcome.waits_s, default=0.0) < AGAIN_S


def test_the_dead_held_films(histories: dict[str, Outcome]) -> None:
    """Among the dead are some who were in the middle of a film: the wait for the next attempt was measured."""
    assert sum(len(one.waits_s) for one in histories.values()) >= len(_CASES) // 4
