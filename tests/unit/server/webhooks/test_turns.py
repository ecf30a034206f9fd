"""Receivers that are slow cost their own account time, and nobody else."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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
def desk(desk: Desk) -> Desk:
    """One of several accounts, whose receivers are on this machine all the same."""
    several = desk.service.settings.model_copy(update={"accounts": True, "allow_networks": ("127.0.0.0/8",)})
    return replace(desk, service=replace(desk.service, settings=several))


@pytest.fixture
def other(desk: Desk) -> Desk:
    """Of another account, with the same clock and queue."""
    with desk.service.database.begin() as connection:
        account = accounts.create(connection, "somebody else", at=desk.clock.now(), may_owe=True)
    return replace(desk, account_id=account.id)


@dataclass
class Hours:
    """A clock of waits that is set by hand."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        """See `time.monotonic`."""
        return self.now_s


def _begun(turns: Turns, account_id: str, count: int) -> None:
    """Wait until so many sendings have begun and are no brief ones any more."""
    until_s = time.monotonic() + PATIENCE_S
    while len(begun_s := turns._lines[account_id].begun_s) < count or max(begun_s) + turns.brief_s > time.monotonic():
        assert time.monotonic() < until_s
        time.sleep(0.01)


def test_a_silent_receiver_holds_up_nobody_else(desk: Desk, other: Desk) -> None:
    """What more its account has for it is put off, which is no attempt; what others have is sent meanwhile."""
    heard, turns = threading.Event(), Turns(brief_s=0.1)

    def holds(connection: socket.socket) -> None:
        heard.wait(10)
        YES(connection)

    with Peer((holds,)) as silent, Peer((YES,)) as good, ThreadPoolExecutor(AT_ONCE) as pool:
        mine, theirs = [desk.ended(silent.url()) for _ in range(AT_ONCE + 1)], other.ended(good.url())
        sent = [pool.submit(webhooks.deliver, desk.service, one.id, turns) for one in mine[:AT_ONCE]]
        _begun(turns, desk.account_id, AT_ONCE)
        webhooks.deliver(desk.service, mine[-1].id, turns)
        webhooks.deliver(desk.service, theirs.id, turns)
        assert not any(one.done() for one in sent)
        put_off, delivered = desk.again(mine[-1]), other.again(theirs)
        heard.set()
    assert delivered.state is State.DELIVERED
    assert (put_off.state, put_off.attempts, put_off.last_at) == (State.WAITING, 0, None)
    waiting_id, wait_s = desk.queue.waiting[-1]
    assert put_off.next_at == desk.clock.now() + timedelta(seconds=wait_s)
    assert (waiting_id, wait_s >= turns.brief_s / AT_ONCE) == (put_off.id, True)
    assert [desk.again(one).state for one in mine[:AT_ONCE]] == [State.DELIVERED] * AT_ONCE


def test_whoever_is_put_off_comes_back_when_it_is_its_turn() -> None:
    """Ten at once to a receiver of a second and a half take as long as two at a time need: nobody waits in vain."""
    clock = Hours()
    turns, mine = Turns(brief_s=0, now_s=clock), "mine"
    with turns.turn(mine), turns.turn(mine):
        clock.now_s += 1.5
        assert [turns.later_s(mine) for _ in range(8)] == [0.75, 1.5, 2.25, 3.0, 3.75, 4.5, 5.25, 6.0]
        assert turns.later_s("somebody else") == 0
    with turns.turn(mine), turns.turn(mine):  # what was found out of them is known of the next ones
        assert turns.later_s(mine) == 6.75


def test_nobody_is_put_off_for_long() -> None:
    """However many are: a receiver may be quick again."""
    clock = Hours()
    turns, mine = Turns(brief_s=0, now_s=clock), "mine"
    with turns.turn(mine), turns.turn(mine):
        clock.now_s += 15
        waits_s = [turns.later_s(mine) for _ in range(1000)]
    assert (min(waits_s), max(waits_s)) == (7.5, 3600)


def test_too_many_do_not_wait_for_a_turn() -> None:
    """Those who would have to wait for long are put off at once, however brief each one is: others need the room."""
    clock, entered, leave = Hours(), threading.Barrier(3), threading.Event()
    turns, mine = Turns(brief_s=1.0, now_s=clock), "mine"

    def takes_one() -> bool:
        with turns.turn(mine) as free:
            if free and not leave.is_set():
                entered.wait(PATIENCE_S)
                leave.wait(PATIENCE_S)
            return free

    with ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(takes_one) for _ in range(2)]
        entered.wait(PATIENCE_S)
        clock.now_s += 0.9
        sent += [pool.submit(takes_one) for _ in range(2)]
        until_s = time.monotonic() + PATIENCE_S
        while turns._lines[mine].waiting < 2:
            assert time.monotonic() < until_s
            time.sleep(0.001)
        assert not takes_one()
        leave.set()
    assert (all(one.result() for one in sent), turns._lines) == (True, {})


def test_what_was_put_off_has_its_turn(desk: Desk) -> None:
    """Once the slow ones have ended; nothing is left of them."""
    clock = Hours()
    turns = Turns(brief_s=0, now_s=clock)
    with Peer((YES,)) as peer:
        waiting = desk.ended(peer.url())
        with turns.turn(desk.account_id), turns.turn(desk.account_id):
            clock.now_s += 15
            webhooks.deliver(desk.service, waiting.id, turns)
        assert (desk.again(waiting).attempts, desk.queue.waiting[-1]) == (0, (waiting.id, 7.5))
        clock.now_s += 7.5
        desk.clock.advance(7.5)
        webhooks.deliver(desk.service, waiting.id, turns)
    assert (desk.again(waiting).state, turns._lines) == (State.DELIVERED, {})


def test_one_user_alone_has_every_turn(desk: Desk) -> None:
    """Without accounts nobody else is there to be held up: whatever else is sent, nothing is put off."""
    alone = replace(desk.service, settings=desk.service.settings.model_copy(update={"accounts": False}))
    turns = Turns(brief_s=0)
    with Peer((YES,)) as peer, turns.turn(desk.account_id), turns.turn(desk.account_id):
        ended = desk.ended(peer.url())
        webhooks.deliver(alone, ended.id, turns)
    assert desk.again(ended).state is State.DELIVERED


def test_brief_receivers_put_nothing_off(desk: Desk) -> None:
    """Several films that end at once are all told at once: whoever finds no turn waits for one."""
    turns = Turns(brief_s=PATIENCE_S)
    with Peer((YES,)) as peer, ThreadPoolExecutor(8) as pool:
        ended = [desk.ended(peer.url()) for _ in range(8)]
        for sending in [pool.submit(webhooks.deliver, desk.service, one.id, turns) for one in ended]:
            sending.result(PATIENCE_S)
    assert [desk.again(one).state for one in ended] == [State.DELIVERED] * 8
