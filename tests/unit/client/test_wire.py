"""What the client sends again, when, and which error each refusal becomes."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import httpx2
import pytest

from stillmotion import Client, errors
from stillmotion.client.wire import KEY_HEADER, Patience, Wire, refusal, retry_after_s, root_of
from unit.client.servers import Pauses, Told, data, refused, wire_to

if TYPE_CHECKING:
    from collections.abc import Callable

FAULTS = [
    httpx2.ConnectError("refused"),
    httpx2.ReadTimeout("slow"),
    httpx2.RemoteProtocolError("hung up"),
    *(refused(status) for status in (429, 500, 502, 503, 504)),
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_get_is_repeated(fault: Exception | httpx2.Response) -> None:
    """Faults of the connection, 429 and 5xx are passing: a GET is asked again until it is answered."""
    told = Told([fault, fault, data({"balance": 1.5})])
    assert wire_to(told).get("/api/v3/balance") == {"balance": 1.5}
    assert len(told.requests) == 3


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_post_is_repeated_with_its_key(fault: Exception | httpx2.Response) -> None:
    """A POST that is sent again is the same to the byte and carries the same key, so that it is never done twice."""
    told = Told([fault, data({"id": "1"})])
    wire_to(told).post("/api/v3/some/model", {"prompt": "Waves"}, key="mine")
    assert [request.headers[KEY_HEADER] for request in told.requests] == ["mine", "mine"]
    assert told.bodies[0] == told.bodies[1]


def test_every_run_has_a_key_of_its_own() -> None:
    """Without a key from the caller each create gets a new one; nothing else has one, where no server reads it."""
    told = Told([data({"id": "1", "price": 0.4})])
    client = Client("http://127.0.0.1:1", transport=told.transport)
    client.submit("some/model", {})
    client.submit("some/model", {})
    client.price("some/model")
    client.get_result("1")
    first, second, *others = told.requests
    assert len(first.headers[KEY_HEADER]) >= 32
    assert first.headers[KEY_HEADER] != second.headers[KEY_HEADER]
    assert not [request for request in others if KEY_HEADER in request.headers]


ONCE: list[Callable[[Client], object]] = [
    lambda client: client.delete("1"),
    lambda client: client.resend_webhook("1"),
    lambda client: client.rotate_webhook_secret(),
]


@pytest.mark.parametrize("ask", ONCE, ids=["delete", "resend", "rotate"])
@pytest.mark.parametrize("fault", [httpx2.ReadTimeout("slow"), httpx2.RemoteProtocolError("hung up")], ids=str)
def test_what_would_be_done_twice_is_asked_once(ask: Callable[[Client], object], fault: Exception) -> None:
    """When the answer to what is not the same twice is lost, the error says that it may have been done; no repeat."""
    told = Told([fault, data({"deleted_count": 0})])
    with pytest.raises(errors.ServerUnreachable, match="may have done it all the same"):
        ask(Client("http://127.0.0.1:1", transport=told.transport))
    assert len(told.requests) == 1


GONE = refused(404, "UPLOAD_UNKNOWN", "There is no such upload.")


@pytest.mark.parametrize("fault", [httpx2.ReadTimeout("slow"), refused(502)], ids=str)
def test_what_is_gone_at_the_second_time_was_deleted(fault: Exception | httpx2.Response) -> None:
    """An upload may be deleted twice: when the first answer was lost, the second one's 404 says that it is done."""
    told = Told([fault, GONE])
    Client("http://127.0.0.1:1", transport=told.transport, patience=Patience(pause_s=0.01)).delete_upload("1")
    assert len(told.requests) == 2


@pytest.mark.parametrize("before", [[], [httpx2.ConnectError("refused")], [refused(429)]], ids=str)
def test_what_was_not_there_is_told(before: list[Exception | httpx2.Response]) -> None:
    """Where nobody can have deleted it before, a 404 is one."""
    told = Told([*before, GONE])
    with pytest.raises(errors.UploadUnknown):
        wire_to(told).delete("/a")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_what_may_have_been_done_is_not_asked_again(status: int) -> None:
    """A 5xx may come after the work: what is not the same twice is not asked again then."""
    told = Told([refused(status), data({})])
    with pytest.raises(errors.ServerFault):
        wire_to(told).post("/a", again=False)
    assert len(told.requests) == 1


@pytest.mark.parametrize(
    "fault", [httpx2.ConnectError("refused"), httpx2.ConnectTimeout("slow"), refused(429)], ids=str
)
def test_what_was_not_begun_is_asked_again(fault: Exception | httpx2.Response) -> None:
    """Where nobody took the request, or it was refused for the rate, nothing was done, and all are repeated."""
    told = Told([fault, data({"deleted_count": 1})])
    assert wire_to(told).post("/a", again=False) == {"deleted_count": 1}


def test_long_pauses_are_told() -> None:
    """Before a pause of five seconds or more the caller is told how long and why; shorter ones pass in silence."""
    said: list[tuple[float, str]] = []
    answers = [refused(429, "RATE_LIMITED", "Too many.", retry_after="30"), refused(503, retry_after="4"), data({})]
    wire_to(Told([*answers]), on_pause=lambda *words: said.append(words)).get("/")
    assert said == [(30.0, "Too many.")]
    said.clear()
    with pytest.raises(errors.ServerUnreachable):
        wire_to(Told([httpx2.ReadTimeout("slow")]), on_pause=lambda *words: said.append(words), pause_s=20.0).get("/")
    assert {words for _, words in said} == {"http://127.0.0.1:1 does not answer."}


def test_a_full_queue_is_asked_twice() -> None:
    """A queue that is full for a minute is not waited for five times over: one repeat, then its refusal."""
    pauses, told = Pauses(), Told([refused(429, "QUEUE_FULL", retry_after="60")])
    with pytest.raises(errors.QueueFull):
        wire_to(told, pauses).post("/api/v3/some/model", key="mine")
    assert pauses.taken_s == [60.0]
    assert len(told.requests) == 2


def test_pauses_grow_and_differ() -> None:
    """Pauses double with jitter: at least half and at most the whole of 0.5, 1, 2 ... seconds."""
    pauses = Pauses()
    with pytest.raises(errors.ServerFault):
        wire_to(Told([refused(503)]), pauses, retries=4).get("/")
    assert len(pauses.taken_s) == 4
    for number, taken_s in enumerate(pauses.taken_s):
        assert 0.25 * 2**number <= taken_s <= 0.5 * 2**number


def test_retry_after_is_obeyed() -> None:
    """The server's Retry-After is waited for; when it is longer than the client's patience, the refusal is raised."""
    pauses = Pauses()
    told = Told([refused(429, retry_after="7"), data({})])
    wire_to(told, pauses).get("/")
    assert pauses.taken_s == [7.0]
    with pytest.raises(errors.RateLimited) as caught:
        wire_to(Told([refused(429, "RATE_LIMITED", retry_after="900")]), pauses).get("/")
    assert caught.value.retry_after_s == 900
    assert pauses.taken_s == [7.0]


def test_retry_after_as_a_date() -> None:
    """A date in the past, or words, ask for nothing; a date ahead asks for the time until then."""
    for text, low, high in (
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("soon", 0, 0),
        ("Fri, 31 Dec 2100 23:59:59 GMT", 1e6, 1e10),
    ):
        assert low <= retry_after_s(httpx2.Response(429, headers={"retry-after": text})) <= high


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 413, 422])
def test_refusals_are_final(status: int) -> None:
    """What the server refuses for good is asked once."""
    told = Told([refused(status)])
    with pytest.raises(errors.StillmotionError):
        wire_to(told).get("/")
    assert len(told.requests) == 1


def test_a_server_may_forbid_repeats() -> None:
    """`x-should-retry: false` ends it also for a status that is usually asked again."""
    told = Told([refused(500, x_should_retry="false")])
    with pytest.raises(errors.ServerFault):
        wire_to(told).get("/")
    assert len(told.requests) == 1


@pytest.mark.parametrize(
    ("status", "code", "kind", "exit_code"),
    [
        (401, "KEY_REFUSED", errors.KeyRefused, 3),
        (402, "BALANCE_TOO_LOW", errors.BalanceTooLow, 7),
        (403, "ACCOUNT_SUSPENDED", errors.AccountSuspended, 3),
        (404, "PREDICTION_UNKNOWN", errors.PredictionUnknown, 4),
        (404, "MODEL_UNKNOWN", errors.ModelUnknown, 4),
        (409, "IDEMPOTENCY_KEY_REUSED", errors.KeyReused, 4),
        (400, "INVALID_PARAM", errors.ParameterInvalid, 4),
        (400, "CONTENT_POLICY", errors.PolicyRefused, 4),
        (429, "QUEUE_FULL", errors.QueueFull, 5),
        (401, "", errors.KeyRefused, 3),
        (402, "", errors.BalanceTooLow, 7),
        (403, "NEVER_HEARD_OF", errors.KeyRefused, 3),
        (429, "", errors.RateLimited, 5),
        (422, "", errors.InputRefused, 4),
        (500, "", errors.ServerFault, 5),
        (302, "", errors.ServerFault, 5),
    ],
)
def test_refusals_have_classes(status: int, code: str, kind: type[errors.StillmotionError], exit_code: int) -> None:
    """A refusal is of the class that the server's code names, else of the status's, with the server's words."""
    error = refusal(status, {"code": status, "message": "Why not.", "error_code": code})
    assert type(error) is kind
    assert str(error) == "Why not."
    assert error.exit_code == exit_code


@pytest.mark.parametrize(
    "body", [{"error": {"code": "key_refused", "message": "Why."}}, {"error": "Why."}, {"message": "Why."}]
)
def test_errors_of_all_dialects_are_read(body: dict[str, object]) -> None:
    """Native, hosted and bare forms of an error all say why."""
    assert str(refusal(401, body)) == "Why."


def test_nonsense_is_no_answer() -> None:
    """A page of another server is not taken for an answer."""
    with pytest.raises(errors.ServerFault, match="does not speak this API"):
        wire_to(Told([httpx2.Response(200, text="<html>It works!</html>")])).get("/api/v3/balance")


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(404, text="<html>Not here</html>"),
        refused(404, "NO_SUCH_ROUTE"),
        httpx2.Response(404, json={"error": {"message": "Not Found", "code": "no_such_route"}}),
        httpx2.Response(200, json=[]),
    ],
    ids=["page", "hosted", "openai", "list"],
)
def test_a_wrong_address_is_no_wrong_input(answer: httpx2.Response) -> None:
    """Who does not know the way that was asked for is another server: exit code 5, and what an address looks like."""
    with pytest.raises(errors.ServerUnknown, match=r"no path of an API, such as http://127\.0\.0\.1:8000") as caught:
        wire_to(Told([answer])).get("/api/v3/balance")
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("http://a:1", "http://a:1"),
        ("http://a:1/", "http://a:1"),
        (" http://a:1/v1/ ", "http://a:1"),
        ("http://a/api/v3", "http://a"),
        ("https://a/films/api/v2/", "https://a/films"),
        ("https://a/v1/films", "https://a/v1/films"),
    ],
)
def test_addresses_of_other_programs_fit(given: str, root: str) -> None:
    """An address that was copied with the path of a dialect is that of the server; any other path stays."""
    assert root_of(given) == root


@pytest.mark.parametrize("cause", [socket.gaierror(-2, "Name or service not known"), ssl.SSLError("no TLS there")])
def test_hopeless_addresses_are_tried_once(cause: Exception) -> None:
    """Nobody waits for a name that does not exist, or for TLS from a server that has none."""
    fault = httpx2.ConnectError(str(cause))
    fault.__cause__ = cause
    told = Told([fault])
    with pytest.raises(errors.ServerUnreachable, match="does not answer"):
        wire_to(told).get("/")
    assert len(told.requests) == 1


def test_nobody_on_this_machine_is_seen_soon() -> None:
    """Where nobody listens on this machine, two repeats within two seconds are enough; elsewhere all are made."""
    told, pauses = Told([httpx2.ConnectError("Connection refused")]), Pauses()
    with pytest.raises(errors.ServerUnreachable):
        wire_to(told, pauses).get("/")
    assert len(told.requests) == 3
    assert sum(pauses.taken_s) <= 1.5
    told = Told([httpx2.ConnectError("Connection refused")])
    with pytest.raises(errors.ServerUnreachable):
        Wire("http://films.example.com", "", Patience(), transport=told.transport, sleep=Pauses()).get("/")
    assert len(told.requests) == 6


def test_nobody_there() -> None:
    """When nobody answers, the error names the address and what to look at."""
    told = Told([httpx2.ConnectError("Connection refused")])
    with pytest.raises(errors.ServerUnreachable, match=r"http://127.0.0.1:1 does not answer .*stillmotion serve"):
        wire_to(told, retries=1).get("/")
    assert len(told.requests) == 2
