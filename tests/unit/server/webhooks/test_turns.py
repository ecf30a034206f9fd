"""Receivers that are slow cost their own account time, and nobody else."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from security.peers import Peer, says
from stillmotion.server import accounts, webhooks
from stillmotion.server.webhooks import State, Turns
from stillmotion.server.webhooks.turns import AT_ONCE

if TYPE_CHECKING:
    import socket

    from conftest import Desk  # type: ignore[import-not-found]

PATIENCE_S = 60.0
YES = says(200)


@pytest.fixture
def other(desk: Desk) -> Desk:
    """Of another account, with the same clock and queue."""
    with desk.service.database.begin() as connection:
        account = accounts.create(connection, "somebody else", at=desk.clock.now(), may_owe=True)
    return replace(desk, account_id=account.id)


def _begun(turns: Turns, account_id: str, count: int) -> None:
    """Wait until so many sendings have begun and are no brief ones any more."""
    until_s = time.monotonic() + PATIENCE_S
    while len(turns._begun[account_id]) < count or max(turns._begun[account_id]) + turns.brief_s > time.monotonic():
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_a_silent_receiver_holds_up_nobody_else(desk: Desk, other: Desk) -> None:
    """What more its account has for it is put off, which is no attempt; what others have is sent meanwhile."""
    heard, turns = threading.Event(), Turns(brief_s=0.1)

    def holds(connection: socket.socket) -> None:
        heard.wait(10)
        YES(connection)

    with Peer((holds,)) as silent, Peer((YES,)) as good, ThreadPoolExecutor(AT_ONCE) as pool:
        mine, theirs = [desk.ended(silent.url()) for _ in range(AT_ONCE + 2)], other.ended(good.url())
        sent = [pool.submit(webhooks.deliver, desk.service, one.id, turns) for one in mine[:AT_ONCE]]
        _begun(turns, desk.account_id, AT_ONCE)
        webhooks.deliver(desk.service, mine[-1].id, turns, chance=lambda: 0.5)
        webhooks.deliver(desk.service, theirs.id, turns)
        assert not any(one.done() for one in sent)
        put_off, delivered = desk.again(mine[-1]), other.again(theirs)
        heard.set()
    assert delivered.state is State.DELIVERED
    # Half of what slow receivers need for the four that wait, two at a time, and once more.
    wait_s = 15 * (1 + 0.5 * len(mine) / AT_ONCE)
    assert (put_off.state, put_off.attempts, put_off.last_at) == (State.WAITING, 0, None)
    assert put_off.next_at == desk.clock.now() + timedelta(seconds=wait_s)
    assert desk.queue.waiting[-1] == (put_off.id, wait_s)
    assert [desk.again(one).state for one in mine[:AT_ONCE]] == [State.DELIVERED] * AT_ONCE


def test_what_was_put_off_has_its_turn(desk: Desk) -> None:
    """Once the slow ones have ended; nothing is left of them."""
    turns = Turns(brief_s=0)
    with Peer((YES,)) as peer:
        waiting = desk.ended(peer.url())
        with turns.turn(desk.account_id), turns.turn(desk.account_id):
            webhooks.deliver(desk.service, waiting.id, turns, chance=lambda: 1.0)
        assert desk.again(waiting).attempts == 0
        desk.clock.advance(60)
        webhooks.deliver(desk.service, waiting.id, turns)
    assert (desk.again(waiting).state, turns._begun) == (State.DELIVERED, {})


def test_brief_receivers_put_nothing_off(desk: Desk) -> None:
    """Several films that end at once are all told at once: whoever finds no turn waits for one."""
    turns = Turns(brief_s=PATIENCE_S)
    with Peer((YES,)) as peer, ThreadPoolExecutor(8) as pool:
        ended = [desk.ended(peer.url()) for _ in range(8)]
        for sending in [pool.submit(webhooks.deliver, desk.service, one.id, turns) for one in ended]:
            sending.result(PATIENCE_S)
    assert [desk.again(one).state for one in ended] == [State.DELIVERED] * 8
