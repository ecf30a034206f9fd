"""What an engine says is put together, and nothing of it waits longer than people would notice."""

from __future__ import annotations

import math

import pytest

from stillmotion.server.worker.messages import Stand, Told
from stillmotion.server.worker.telling import EVERY_S, TOGETHER_S, Telling

BEGUN_S = 100.0
PLAN, SHARE = Stand(stage="plan", progress=0), Stand(stage="render", progress=40)
PREVIEW = Told(kind="preview", data={})


def telling(said: Stand) -> Telling:
    """It has said one thing."""
    return Telling(said=said, passed_on_s=BEGUN_S)


def test_silence() -> None:
    """Nothing waits."""
    silent = telling(PLAN)
    assert silent.due_s() == math.inf
    assert silent.take(BEGUN_S) == (None, ())


@pytest.mark.parametrize(
    ("said", "heard", "due_s"),
    [
        (PLAN, SHARE, -math.inf),
        (PLAN, Stand(stage="render", progress=0), BEGUN_S + TOGETHER_S),
        (PLAN, PREVIEW, BEGUN_S + EVERY_S),
        (SHARE, Stand(stage="render", progress=41), BEGUN_S + EVERY_S),
        (SHARE, PREVIEW, BEGUN_S + EVERY_S),
        (SHARE, Stand(stage="finish", progress=99), BEGUN_S + TOGETHER_S),
    ],
)
def test_when_it_is_due(said: Stand, heard: Stand | Told, due_s: float) -> None:
    """The first frame at once, news soon, a further share now and then."""
    one = telling(said)
    one.hear(heard)
    assert one.due_s() == due_s


def test_the_newest_share_goes_along() -> None:
    """With a picture; the share then waits its time again, and nothing is said twice."""
    one, newest = telling(SHARE), Stand(stage="render", progress=60)
    for heard in (Stand(stage="render", progress=50), PREVIEW, newest):
        one.hear(heard)
    assert one.take(BEGUN_S + 0.2) == (newest, (PREVIEW,))
    assert one.take(BEGUN_S + 0.2) == (None, ())
    one.hear(Stand(stage="render", progress=61))
    assert one.due_s() == BEGUN_S + 0.2 + EVERY_S


def test_warnings_are_worth_telling_later() -> None:
    """What nobody heard comes before what was said since; a picture is old by then."""
    one, first, then = telling(SHARE), *(Told(kind="warning", data={"message": words}) for words in "ab")
    one.hear(first)
    one.hear(PREVIEW)
    _, told = one.take(BEGUN_S)
    one.hear(then)
    one.give_back(told)
    assert one.take(BEGUN_S)[1] == (first, then)
