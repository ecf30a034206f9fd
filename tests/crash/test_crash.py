"""Processes die by SIGKILL wherever the source says and at any moment; nothing is lost, nothing is twice.

`make crash` does the same with many more deaths. Power loss is another matter: there we stand on PostgreSQL's and our
own flushing to disk.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from crash import cases
from crash.driver import points

if TYPE_CHECKING:
    from crash.cases import Outcome

pytestmark = [pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"), pytest.mark.timeout(900)]
AGAIN_S = 30.0
"""A film whose worker died is taken up again within this time."""
_MOMENTS = tuple(cases.at_moment(seed) for seed in range(10))
_CASES = (cases.poisoned(), *(cases.at_point(name, seed) for seed, name in enumerate(points())), *_MOMENTS)


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """What came of each death; they overlap, for a dead worker is missed only after a while."""
    named = os.environ.get("STILLMOTION_TEST_DATABASE_URL")
    return cases.run(_CASES, tmp_path_factory.mktemp("crash"), named, lanes=4)


@pytest.mark.parametrize("name", [case.name for case in _CASES])
def test_nothing_is_lost_and_nothing_is_twice(histories: dict[str, Outcome], name: str) -> None:
    """After a death there: every answer holds, each charge is single, each hold ended, webhooks came, no litter."""
    outcome = histories[name]
    assert not outcome.error, outcome.error
    assert max(outcome.waits_s, default=0.0) < AGAIN_S
