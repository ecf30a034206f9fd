"""Webhooks arrive at least once, signed, under one id, or their end is told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpcore2
import pytest
from sqlalchemy import text

from databases import waiting
from security.hostile_urls import MACHINES, NAMES
from security.peers import Peer, drips, hangs, raw, resets, says
from stillmotion import signing
from stillmotion.errors import DeliveryUnknown, ResendTooSoon
from stillmotion.server import webhooks
from stillmotion.server.intake import addresses, outbound
from stillmotion.server.webhooks import SCHEDULE_S, State, delivering, keys
from stillmotion.signing import Scheme

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from conftest import Desk  # type: ignore[import-not-found]
    from stillmotion.server.service import Service
    from stillmotion.server.webhooks import Delivery

JOBS = text("select count(*) from procrastinate_jobs where args->>'delivery_id' = :id and status = 'todo'")
YES, NO = says(200), says(500)


def body_of(request: bytes) -> bytes:
    """What a request carried."""
    return request.partition(b"\r\n\r\n")[2]


def headers_of(peer: Peer, request: int = -1) -> dict[str, str]:
    """The headers that sign a request."""
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    return {name: peer.header(name, request) or "" for name in names}


def test_the_hosted_form(desk: Desk) -> None:
    """The bare prediction, signed so that the hosted service's recipe accepts it, with addresses that work."""
    with Peer((YES,)) as peer:
        sent = desk.attempt(desk.ended(peer.url("/hook?a=1")))
        assert (sent.state, sent.attempts, sent.answer, sent.next_at) == (State.DELIVERED, 1, "HTTP 200", None)
        assert peer.requests[0].startswith(b"POST /hook?a=1 HTTP/1.1\r\n")
        assert peer.header("content-type") == "application/json"
        content, given = body_of(peer.requests[0]), headers_of(peer)
    told = json.loads(content)
    assert (told["id"], told["status"], told["error"], told["code"]) == (sent.prediction_id, "completed", "", 0)
    assert told["input"] == {"image": "https://example.com/a.png", "prompt": "waves", "duration": 4}
    assert told["executionTime"] == told["timings"]["inference"] == 3000
    assert told["urls"]["get"] == f"http://127.0.0.1:8000/api/v3/predictions/{told['id']}/result"
    assert told["outputs"][0].startswith(f"http://127.0.0.1:8000/files/outputs/{told['id']}/")
    assert "data" not in told
    # The recipe as the hosted service states it.
    secret = desk.secret.removeprefix("whsec_").encode()
    message = f"{sent.id}.{given['webhook-timestamp']}.".encode() + content
    assert given["webhook-signature"] == "v3," + hmac.new(secret, message, hashlib.sha256).hexdigest()
    assert int(given["webhook-timestamp"]) == int(desk.clock.now().timestamp())


@pytest.mark.parametrize(
    ("dialect", "error", "kind"),
    [
        ("openai", "", "video.completed"),
        ("openai", "no", "video.failed"),
        ("native", "", "prediction.completed"),
    ],
)
def test_the_standard_form(desk: Desk, dialect: str, error: str, kind: str) -> None:
    """An event with the id alone, signed as Standard Webhooks say."""
    with Peer((YES,)) as peer:
        sent = desk.attempt(desk.ended(peer.url(), dialect=dialect, error=error))
        content, given = body_of(peer.requests[0]), headers_of(peer)
    told = json.loads(content)
    assert (told["object"], told["type"]) == ("event", kind)
    assert told["id"].startswith("evt_")
    assert told["data"]["id"].endswith(sent.prediction_id)
    assert set(told) == {"id", "object", "created_at", "type", "data"}
    key = base64.b64decode(desk.secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{sent.id}.{given['webhook-timestamp']}.".encode() + content, hashlib.sha256).digest()
    assert given["webhook-signature"] == "v1," + base64.b64encode(digest).decode()


def test_failures_are_told_too(desk: Desk) -> None:
    """With the words and the number."""
    with Peer((YES,)) as peer:
        desk.attempt(desk.ended(peer.url(), error="It did not work."))
        told = json.loads(body_of(peer.requests[0]))
    assert (told["status"], told["error"], told["code"], told["outputs"]) == ("failed", "It did not work.", 1403, [])


def test_messages_stay_small(desk: Desk) -> None:
    """A picture in the request is not sent back, nor words or the name of a host without end."""
    for inputs in (
        {"image": "data:image/png;base64," + "A" * 10**6},
        {"prompt": "ü" * 30_000},
        {"shot": list(range(9999))},
        {"base_url": "http://" + "a" * 15_000},
    ):
        told = desk.ended("http://127.0.0.1:9/", **inputs)
        assert len(told.body.encode()) <= 20_000
        assert json.loads(told.body)["id"] == told.prediction_id


def test_the_schedule(desk: Desk) -> None:
    """Ten attempts with growing waits, then it has failed; one id, and a fresh time under every signature."""
    assert SCHEDULE_S == (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
    with Peer((NO,)) as peer:
        found = desk.ended(peer.url())
        assert desk.queue.waiting == [(found.id, 0.0)]
        for attempt in range(1, 10):
            found = desk.attempt(found)
            wait_s = SCHEDULE_S[attempt]
            assert (found.state, found.attempts, found.answer) == (State.WAITING, attempt, "HTTP 500")
            assert desk.queue.waiting[-1] == (found.id, wait_s)
            assert found.next_at == desk.clock.now() + timedelta(seconds=wait_s)
            desk.clock.advance(wait_s)
        found = desk.attempt(found)
        assert (found.state, found.attempts, found.next_at, len(desk.queue.waiting)) == (State.FAILED, 10, None, 10)
        assert {headers_of(peer, number)["webhook-id"] for number in range(10)} == {found.id}
        for number in (0, 9):
            now_s = float(headers_of(peer, number)["webhook-timestamp"])
            content = body_of(peer.requests[number])
            signing.verify_webhook(Scheme.HOSTED, desk.secret, headers_of(peer, number), content, now_s=now_s)
        assert now_s == desk.clock.now().timestamp()
        desk.attempt(found)
        assert len(peer.requests) == 10


def test_waits_are_spread(desk: Desk) -> None:
    """By chance up to a fifth longer, never shorter."""
    with Peer((NO,)) as peer:
        found = desk.attempt(desk.ended(peer.url()), chance=1.0)
        desk.clock.advance(6)
        desk.attempt(found, chance=0.5)
    assert [wait_s for _, wait_s in desk.queue.waiting] == [0.0, 6.0, 330.0]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_success(desk: Desk, status: int) -> None:
    """Any of them."""
    with Peer((says(status),)) as peer:
        assert desk.attempt(desk.ended(peer.url())).state is State.DELIVERED


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_everything_else_is_not(desk: Desk, status: int) -> None:
    """Redirects neither: they are not followed."""
    with Peer((YES,)) as other, Peer((says(status, {"Location": other.url()}),)) as peer:
        found = desk.attempt(desk.ended(peer.url()))
        assert (found.state, found.answer, other.requests) == (State.WAITING, f"HTTP {status}", [])


def test_gone_is_gone(desk: Desk) -> None:
    """410 ends what waits for that receiver, and nothing else; asked to, we try again."""
    with Peer((says(410), YES)) as peer, Peer((YES,)) as other:
        found, second, elsewhere = desk.ended(peer.url()), desk.ended(peer.url()), desk.ended(other.url())
        assert desk.attempt(found).state is State.FAILED
        assert desk.again(second).state is State.FAILED
        assert desk.attempt(second).attempts == 0
        assert desk.attempt(elsewhere).state is State.DELIVERED
        assert len(peer.requests) == 1
        with desk.service.database.begin() as connection:
            webhooks.resend(connection, desk.queue, desk.account_id, second.id, at=desk.clock.now())
        assert desk.attempt(second).state is State.DELIVERED


def test_two_that_are_gone_do_not_wait_for_each_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two receivers' 410 for one address at the same moment: each gives up both, and no attempt breaks off."""
    deliver, broke = webhooks.deliver, list[Exception]()
    found = [desk.ended("http://127.0.0.1:9/") for _ in range(2)]
    together, arrived, give_up = threading.Barrier(2), list[str](), delivering._give_up

    def gone(*_: object) -> delivering._Outcome:
        together.wait(30)
        return delivering._Outcome(words="HTTP 410", hopeless=True)

    def beside_another(connection: Connection, delivery: Delivery, *rest: Any) -> None:
        arrived.append(delivery.id)
        other = next(thread for thread in threads if thread is not threading.current_thread())
        while len(arrived) < 2 and not waiting(desk.service.database) and other.is_alive():
            time.sleep(0.01)
        give_up(connection, delivery, *rest)

    def attempt(delivery_id: str) -> None:
        try:
            deliver(desk.service, delivery_id)
        except Exception as error:  # noqa: BLE001 - looked at below
            broke.append(error)

    monkeypatch.setattr(delivering, "_sent", gone)
    monkeypatch.setattr(delivering, "_give_up", beside_another)
    threads = [threading.Thread(target=attempt, args=(one.id,), daemon=True) for one in found]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert broke == []
    assert [desk.again(one).state for one in found] == [State.FAILED] * 2


def test_a_fault_of_ours_is_an_attempt(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever goes wrong here is tried again by the schedule, not every second, and what it says is not repeated."""

    def broken(*_: object) -> None:
        message = "words of ours"
        raise RuntimeError(message)

    found = desk.ended("http://127.0.0.1:9/")
    monkeypatch.setattr(delivering, "_sent", broken)
    found = desk.attempt(found)
    assert (found.state, found.attempts, found.answer) == (State.WAITING, 1, "the server could not send it")
    assert desk.queue.waiting[-1] == (found.id, 5.0)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (hangs, "in time"),
        (drips(b"HTTP/1.1 2"), "in time"),
        (resets, "broke off"),
        (raw(b"what?"), "no proper HTTP"),
        (raw(b""), "broke off"),
    ],
    ids=["hangs", "drips", "resets", "no HTTP", "nothing"],
)
def test_bad_receivers(desk: Desk, answer: object, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cost one attempt each and a bounded time."""
    assert delivering.LIMIT_S == 15.0
    monkeypatch.setattr(delivering, "LIMIT_S", 0.4)
    with Peer((answer, YES)) as peer:  # type: ignore[arg-type]
        found = desk.attempt(desk.ended(peer.url()))
        assert found.state is State.WAITING
        assert words in found.answer
        desk.clock.advance(5)
        assert desk.attempt(found).state is State.DELIVERED


def test_nobody_listens(desk: Desk) -> None:
    """Is tried again later."""
    with Peer((YES,)) as peer:
        url = peer.url()
    found = desk.attempt(desk.ended(url))
    assert (found.state, found.answer) == (State.WAITING, "no connection could be made")


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://169.254.169.254/", "http://[fd00::1]/"])
def test_targets_are_checked_when_they_are_called(desk: Desk, url: str) -> None:
    """A target in a private network gets nothing, whatever was checked at acceptance."""
    found = desk.attempt(desk.ended(url))
    assert found.state is State.WAITING
    assert "does not go to" in found.answer


def test_an_address_in_a_bad_form_is_not_tried_again(desk: Desk) -> None:
    """It will not get better."""
    assert desk.attempt(desk.ended("http://0x7f.1/")).state is State.FAILED


def test_with_accounts_this_machine_is_closed(desk: Desk) -> None:
    """Loopback is open to the single user alone."""
    with Peer((YES,)) as peer:
        found = desk.ended(peer.url())
        with_accounts(desk)
        assert "does not go to" in desk.attempt(found).answer
        assert peer.requests == []


def test_a_job_that_comes_early_or_late_does_nothing(desk: Desk) -> None:
    """A leftover job of a delivery that was begun anew, delivered, or deleted."""
    with Peer((NO, NO, YES)) as peer:
        found = desk.attempt(desk.ended(peer.url()))
        desk.clock.advance(5)
        found = desk.attempt(found)
        desk.attempt(found)
        assert len(peer.requests) == 2
        desk.clock.advance(300)
        assert desk.attempt(found).state is State.DELIVERED
        desk.attempt(found)
        assert len(peer.requests) == 3
    webhooks.deliver(desk.service, "msg_unknown")


def test_two_workers_at_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both may send; one result is noted, and one next attempt is queued."""
    with Peer((NO,)) as peer:
        found = desk.ended(peer.url())
    send, inside = delivering._sent, []

    def and_another(*given: object) -> object:
        if not inside:
            inside.append(True)
            webhooks.deliver(desk.service, found.id, chance=lambda: 0.0)
        return send(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(delivering, "_sent", and_another)
    assert desk.attempt(found).attempts == 1
    assert desk.queue.waiting == [(found.id, 0.0), (found.id, 5.0)]


def test_lost_jobs_are_found(desk: Desk) -> None:
    """A delivery whose time passed long ago gets a job again, once."""
    found = desk.ended("http://127.0.0.1:9/")
    assert webhooks.overdue(desk.service) == 0
    desk.queue.waiting.clear()
    desk.clock.advance(3600)
    assert webhooks.overdue(desk.service) >= 1
    assert found.id in [delivery_id for delivery_id, _ in desk.queue.waiting]
    assert webhooks.overdue(desk.service) == 0


def test_many_lost_jobs_are_found(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, they are taken a few at a time: a statement takes no more than 65,535 values."""
    found = {desk.ended("http://127.0.0.1:9/").id for _ in range(5)}
    monkeypatch.setattr(delivering, "_MANY", 2)
    most, lock = [], delivering._locked

    def counted(*given: Any, **named: Any) -> Any:
        most.append(len(locked := lock(*given, **named)))
        return locked

    monkeypatch.setattr(delivering, "_locked", counted)
    desk.queue.waiting.clear()
    desk.clock.advance(3600)
    assert webhooks.overdue(desk.service) >= 5
    assert found <= {delivery_id for delivery_id, _ in desk.queue.waiting}
    assert max(most) == 2


def test_listed_and_sent_again(desk: Desk) -> None:
    """By their owner alone, with the same id and body."""
    with Peer((NO, YES)) as peer:
        first = desk.attempt(desk.ended(peer.url()))
        second = desk.ended("http://127.0.0.1:9/")
        with desk.service.database.begin() as connection:
            page, total = webhooks.listing(connection, desk.account_id, limit=1)
            assert ([one.id for one in page], total) == ([second.id], 2)
            rest, _ = webhooks.listing(connection, desk.account_id, limit=9, offset=1, state=State.WAITING)
            assert [one.id for one in rest] == [first.id]
            assert webhooks.listing(connection, "other", limit=9) == ((), 0)
            for account_id, delivery_id in (("other", first.id), (desk.account_id, "msg_unknown")):
                with pytest.raises(DeliveryUnknown):
                    webhooks.resend(connection, desk.queue, account_id, delivery_id, at=desk.clock.now())
            anew = webhooks.resend(connection, desk.queue, desk.account_id, first.id, at=desk.clock.now())
        assert (anew.state, anew.attempts, desk.queue.waiting[-1]) == (State.WAITING, 0, (first.id, 0.0))
        assert desk.attempt(first).state is State.DELIVERED
        assert headers_of(peer, 0)["webhook-id"] == headers_of(peer, 1)["webhook-id"] == first.id
        assert body_of(peer.requests[0]) == body_of(peer.requests[1])


def test_secrets_are_rotated(desk: Desk) -> None:
    """For a day the standard form is signed with both; the hosted form, whose readers want one, with the new one."""
    old = desk.secret
    with desk.service.database.begin() as connection:
        new = webhooks.rotate_secret(connection, desk.account_id, at=desk.clock.now())
    assert desk.secret == new != old
    with Peer((YES,)) as peer:
        desk.attempt(desk.ended(peer.url(), dialect="openai"))
        desk.attempt(desk.ended(peer.url()))
        desk.clock.advance(keys.OVERLAP.total_seconds())
        desk.attempt(desk.ended(peer.url(), dialect="openai"))
        fits = [
            [accepts(peer, number, scheme, secret) for secret in (new, old)]
            for number, scheme in enumerate((Scheme.STANDARD, Scheme.HOSTED, Scheme.STANDARD))
        ]
    assert fits == [[True, True], [True, False], [True, False]]
    assert headers_of(peer, 1)["webhook-signature"].count(",") == 1


def test_a_rotation_that_is_sent_twice_locks_nobody_out(desk: Desk) -> None:
    """Receivers with any secret of the last day accept the standard form, by the recipe that they are told; then not.

    More than a few are not kept: a header stays short, whatever is asked for.
    """
    old = [desk.secret]
    for _ in range(5):
        desk.clock.advance(1)
        with desk.service.database.begin() as connection:
            old.append(webhooks.rotate_secret(connection, desk.account_id, at=desk.clock.now()))
    with Peer((YES,)) as peer:
        desk.attempt(desk.ended(peer.url(), dialect="openai"))
        given, body = headers_of(peer), body_of(peer.requests[0])
        desk.clock.advance(keys.OVERLAP.total_seconds())
        desk.attempt(desk.ended(peer.url(), dialect="openai"))
    assert [by_the_recipe(secret, given, body) for secret in old] == [False, False, True, True, True, True]
    assert len(given["webhook-signature"].split(" ")) == 4
    later = headers_of(peer), body_of(peer.requests[1])
    assert [by_the_recipe(secret, *later) for secret in old] == [False] * 5 + [True]


def by_the_recipe(secret: str, given: dict[str, str], body: bytes) -> bool:
    """Standard Webhooks as receivers are told to check them: any of several signatures, each with its version."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    message = b".".join((given["webhook-id"].encode(), given["webhook-timestamp"].encode(), body))
    expected = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
    parts = (one.partition(",") for one in given["webhook-signature"].split(" "))
    return any(hmac.compare_digest(signature, expected) for version, _, signature in parts if version == "v1")


def test_two_rotations_at_once_lose_no_secret(desk: Desk) -> None:
    """One waits for the other, so that what each answered signs now or signed before."""
    made: list[str] = []

    def rotate() -> None:
        with desk.service.database.begin() as connection:
            made.append(webhooks.rotate_secret(connection, desk.account_id, at=desk.clock.now()))

    threads = [threading.Thread(target=rotate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with desk.service.database.connect() as connection:
        signing_now = keys.signing_secrets(connection, desk.account_id, at=desk.clock.now())
    assert set(made) < set(signing_now)
    assert len(set(signing_now)) == 4


def test_it_is_sent_again_by_one_job(desk: Desk, parts: Service) -> None:
    """Asked for again and again, a delivery has one job; while it is about to be sent, who asks is told to wait."""
    desk.service = replace(desk.service, queue=parts.queue)
    with Peer((NO,)) as peer:
        found = desk.ended(peer.url())
        for _ in range(3):
            with desk.service.database.begin() as connection, pytest.raises(ResendTooSoon) as refused:
                webhooks.resend(connection, parts.queue, desk.account_id, found.id, at=desk.clock.now())
            assert refused.value.retry_after_s == 15
            assert desk.attempt(found).attempts == 1
            with desk.service.database.begin() as connection:
                webhooks.resend(connection, parts.queue, desk.account_id, found.id, at=desk.clock.now())
                assert connection.scalar(JOBS, {"id": found.id}) == 1
    assert len(peer.requests) == 3


def test_private_receivers_are_not_told_apart(desk: Desk) -> None:
    """With accounts, what a machine in an opened network does is not repeated: nobody maps the network through us."""
    with_accounts(desk, allow_networks=("127.0.0.1/32",))
    said = set()
    for answer in (NO, says(404), resets, raw(b"what?"), says(301)):
        with Peer((answer,)) as peer:
            said.add(desk.attempt(desk.ended(peer.url())).answer)
    said.add(desk.attempt(desk.ended(peer.url())).answer)
    assert said == {"it was not taken"}
    with Peer((YES,)) as peer:
        assert desk.attempt(desk.ended(peer.url())).answer == "HTTP 200"


@pytest.mark.parametrize(("why", "url"), MACHINES, ids=[why for why, _ in MACHINES])
def test_no_machine_out_of_bounds_is_called(desk: Desk, why: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of hostile machines, for the second look: where the connection would be made."""
    never_connects(monkeypatch)
    with_accounts(desk)
    assert "does not go to" in desk.attempt(desk.ended(url)).answer, why


@pytest.mark.parametrize(("why", "url", "answers"), NAMES, ids=[why for why, _, _ in NAMES])
def test_no_name_leads_out_of_bounds(
    desk: Desk, why: str, url: str, answers: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One answer out of bounds is enough, and it is not said whether the name is unknown or private."""

    def resolver(*_given: object, **_named: object) -> list[tuple[object, ...]]:
        if not answers:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 80)) for one in answers]

    never_connects(monkeypatch)
    found = desk.ended(url)
    with_accounts(desk)
    monkeypatch.setattr(outbound.socket, "getaddrinfo", _only_for(url, resolver))
    assert "cannot be found, or it leads into a network" in desk.attempt(found).answer, why


def _only_for(url: str, resolver: Callable[..., object]) -> Callable[..., object]:
    """The database is found as ever."""
    asked, others = addresses.parse(url).host, socket.getaddrinfo
    return lambda host, *rest, **named: resolver(host) if host == asked else others(host, *rest, **named)


def with_accounts(desk: Desk, **settings: object) -> None:
    """From now on the service is one for several accounts."""
    changed = desk.service.settings.model_copy(update={"accounts": True, **settings})
    desk.service = replace(desk.service, settings=changed)


def never_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever tries to connect is found out."""

    def connect(_self: object, host: str, *_rest: object) -> None:
        pytest.fail(f"{host} was called")

    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", connect)


def test_a_receiver_whose_name_moves_gets_nothing_there(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """In bounds at acceptance and at the first attempt, in our network at the second."""
    with Peer((NO,)) as peer, Peer((YES,), "127.0.0.2", peer.port) as inner:
        found = desk.ended(peer.url(host="rebinding.example"))
        meanings = iter(("127.0.0.1", "10.0.0.1"))

        def resolver(*_: object) -> list[tuple[object, ...]]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(meanings), peer.port))]

        monkeypatch.setattr(outbound.socket, "getaddrinfo", _only_for(found.url, resolver))
        assert desk.attempt(found).answer == "HTTP 500"
        desk.clock.advance(5)
        assert "leads into a network" in desk.attempt(found).answer
        assert (len(peer.requests), inner.requests) == (1, [])


def test_every_account_has_its_own_secret(desk: Desk) -> None:
    """Whoever knows theirs cannot sign for others; it stays until it is rotated, and others' rotations are not ours."""
    with desk.service.database.begin() as connection:
        mine, theirs = (webhooks.current_secret(connection, name) for name in (desk.account_id, "other"))
        assert len({mine, theirs, desk.service.webhook_secret}) == 3
        webhooks.rotate_secret(connection, f"other-{desk.account_id}", at=desk.clock.now())
        assert webhooks.current_secret(connection, desk.account_id) == mine
        assert keys.signing_secrets(connection, desk.account_id, at=desk.clock.now()) == (mine,)


def accepts(peer: Peer, number: int, scheme: Scheme, secret: str) -> bool:
    """Whether a receiver with that secret takes the request."""
    given = headers_of(peer, number)
    now_s = float(given["webhook-timestamp"])
    try:
        signing.verify_webhook(scheme, secret, given, body_of(peer.requests[number]), now_s=now_s)
    except signing.SignatureInvalid:
        return False
    return True
