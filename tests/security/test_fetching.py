"""Whoever serves the picture cannot lead us elsewhere, hold us up, or fill our disk."""

from __future__ import annotations

import gzip
import io
import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from security.peers import Peer, drips, endless, hangs, raw, resets, says
from stillmotion.errors import MediaRefused, MediaUnreachable
from stillmotion.server.intake.addresses import Rules, networks_of
from stillmotion.server.intake.fetching import Fetcher

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence
    from pathlib import Path

    from security.peers import Answer

OPEN = Rules(networks=networks_of(("127.0.0.1/32",)))
"""One machine that may be reached; 127.0.0.2 stands for our network."""
LIMIT_BYTES = 1 << 20
SHORT_S = 0.4


def a_picture() -> bytes:
    """A small PNG."""
    file = io.BytesIO()
    Image.new("RGB", (64, 64), "navy").save(file, "PNG")
    return file.getvalue()


PICTURE = a_picture()
WELL = says(200, {"Content-Type": "image/png"}, PICTURE)


@dataclass
class Names:
    """A resolver whose answer changes with every question; the last one stays."""

    answers: Sequence[str]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> tuple[str, ...]:
        """See `Resolver`."""
        del port
        self.asked.append(host)
        return (self.answers[min(len(self.asked), len(self.answers)) - 1],)


def fetcher(*answers: str, limit_s: float = 5.0) -> Fetcher:
    """A fetcher with names of its own."""
    return Fetcher(
        rules=OPEN,
        size_limit_bytes=LIMIT_BYTES,
        limit_s=limit_s,
        resolver=Names(answers or ("127.0.0.1",)),
        discreet=False,
    )


def refusal(peer: Peer, folder: Path, limit_s: float = 5.0) -> str:
    """What is said when a picture cannot be fetched; nothing is left behind."""
    with pytest.raises(MediaUnreachable) as refused:
        fetcher(limit_s=limit_s).fetch(peer.url(host="pictures.example"), folder / "picture")
    assert list(folder.iterdir()) == []
    return str(refused.value)


def test_a_picture_comes_as_it_is(tmp_path: Path) -> None:
    """With the old host in the request, and nothing about us that it need not know."""
    with Peer((WELL,)) as peer:
        fetcher().fetch(peer.url("/a b".replace(" ", "%20"), host="pictures.example"), tmp_path / "picture")
        assert (tmp_path / "picture").read_bytes() == PICTURE
        assert peer.requests[0].startswith(b"GET /a%20b HTTP/1.1\r\n")
        assert peer.header("host") == f"pictures.example:{peer.port}"
        assert peer.header("accept-encoding") == "identity"
        assert (peer.header("cookie"), peer.header("authorization")) == (None, None)


def test_the_environment_names_no_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect to whatever it likes."""
    with Peer((WELL,)) as peer, Peer((hangs,)) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url(""))
        fetcher().fetch(peer.url(), tmp_path / "picture")
        assert proxy.requests == []


def test_tls_asks_for_the_name_at_the_checked_machine(tmp_path: Path) -> None:
    """The name is in the handshake, although the connection goes to a number."""
    with Peer((resets,)) as peer:
        url = peer.url(host="pictures.example").replace("http:", "https:")
        with pytest.raises(MediaUnreachable):
            fetcher().fetch(url, tmp_path / "picture")
        assert b"pictures.example" in peer.requests[0]


def test_a_name_that_changes_its_meaning_gains_nothing(tmp_path: Path) -> None:
    """One question, and the connection goes to its answer; the next connection asks and checks again."""
    with Peer((WELL,)) as peer, Peer((WELL,), host="127.0.0.2", port=peer.port) as inner:
        names = Names(("127.0.0.1", "127.0.0.2"))
        source = Fetcher(rules=OPEN, size_limit_bytes=LIMIT_BYTES, resolver=names, discreet=False)
        source.fetch(peer.url(host="rebinding.example"), tmp_path / "first")
        assert names.asked == ["rebinding.example"]
        with pytest.raises(MediaUnreachable, match="does not go to"):
            source.fetch(peer.url(host="rebinding.example"), tmp_path / "second")
        assert (len(peer.requests), inner.requests) == (1, [])


def test_redirects_are_checked_like_the_first_address(tmp_path: Path) -> None:
    """To another machine in bounds they are followed; into our network, by number or by name, never."""
    with Peer((WELL,), host="127.0.0.2") as inner:
        for location in (
            inner.url(),
            f"http://[::ffff:127.0.0.2]:{inner.port}/",
            f"//127.0.0.2:{inner.port}/",
            "http://169.254.169.254/latest/meta-data/",
            "http://2130706434/",
            "file:///etc/passwd",
            "http://a@127.0.0.1/",
            "",
        ):
            with Peer((says(302, {"Location": location} if location else {}), WELL)) as peer:
                assert "could not be fetched" in refusal(peer, tmp_path)
                assert len(peer.requests) == 1
        assert inner.requests == []


def test_a_redirect_asks_again_what_the_name_means(tmp_path: Path) -> None:
    """A redirect to the same name does not inherit its answer."""
    with Peer((says(302, {"Location": "/again"}),)) as peer, Peer((WELL,), "127.0.0.2", peer.port) as inner:
        with pytest.raises(MediaUnreachable, match="does not go to"):
            fetcher("127.0.0.1", "127.0.0.2").fetch(peer.url(host="rebinding.example"), tmp_path / "picture")
        assert inner.requests == []


def test_few_redirects_are_followed(tmp_path: Path) -> None:
    """Three, relative ones too; a loop ends."""
    hops = tuple(says(status, {"Location": f"hop-{status}"}) for status in (301, 307, 308))
    with Peer((*hops, WELL)) as peer:
        fetcher().fetch(peer.url(), tmp_path / "picture")
        assert peer.requests[-1].startswith(b"GET /hop-308 ")
    (tmp_path / "picture").unlink()
    with Peer((says(302, {"Location": "/loop"}),)) as peer:
        assert "more than 3 times" in refusal(peer, tmp_path)
        assert len(peer.requests) == 4


@pytest.mark.parametrize(
    "answer",
    [
        hangs,
        drips(b""),
        drips(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        drips(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + PICTURE),
        drips(b"HTTP/1.1 200 OK\r\n\r\n\x89P"),
        drips(b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["silence", "status", "headers", "body", "head of the body", "interim answers"],
)
def test_nobody_holds_us_up(answer: object, tmp_path: Path) -> None:
    """All of it has one time limit, however lively the trickle is."""
    with Peer((answer,)) as peer:  # type: ignore[arg-type]
        began_s = time.monotonic()
        refusal(peer, tmp_path, limit_s=SHORT_S)
        assert time.monotonic() - began_s < SHORT_S + 2


def test_a_slow_resolver_is_left_behind(tmp_path: Path) -> None:
    """Asking for the name is part of the time."""
    began_s = time.monotonic()

    def slow(_host: str, _port: int) -> tuple[str, ...]:
        time.sleep(1.5)
        return ("127.0.0.1",)

    source = Fetcher(rules=OPEN, size_limit_bytes=LIMIT_BYTES, limit_s=0.2, resolver=slow, discreet=False)
    with pytest.raises(MediaUnreachable, match="in time"):
        source.fetch("http://slow.example/", tmp_path / "picture")
    assert time.monotonic() - began_s < 1.0


def test_a_tls_handshake_that_never_ends_is_ended(tmp_path: Path) -> None:
    """Its bytes have no time of their own."""
    with Peer((drips(b"\x16\x03\x03\x40\x00"),)) as peer:
        began_s = time.monotonic()
        with pytest.raises(MediaUnreachable):
            fetcher(limit_s=SHORT_S).fetch(peer.url().replace("http:", "https:"), tmp_path / "picture")
        assert time.monotonic() - began_s < SHORT_S + 2


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 99999999\r\n",
        b"Content-Length: 9" + b"9" * 30 + b"\r\n",
    ],
    ids=["no length", "chunked", "declared", "absurd"],
)
def test_bodies_without_end_are_cut(head: bytes, tmp_path: Path) -> None:
    """At the limit, or before when they announce themselves."""
    begin = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n"
    begin += b"fffffff\r\n" if b"chunked" in head else b""
    with Peer((endless(begin + PICTURE),)) as peer:
        refusal(peer, tmp_path)


def test_the_limit_is_exact(tmp_path: Path) -> None:
    """A picture of the limit's size comes, one byte more does not."""
    for extra, comes in ((0, True), (1, False)):
        body = PICTURE.ljust(LIMIT_BYTES + extra, b"\0")
        with Peer((says(200, {}, body, length=False),)) as peer:
            if comes:
                fetcher().fetch(peer.url(), tmp_path / "picture")
                (tmp_path / "picture").unlink()
            else:
                assert "larger than" in refusal(peer, tmp_path)


def test_packed_bodies_are_refused(tmp_path: Path) -> None:
    """We ask for the picture as it is; a bomb is never unpacked, whether it is declared or not."""
    bomb = gzip.compress(bytes(50 << 20))
    for name in ("gzip", "deflate", "br", "x-gzip", "gzip, identity"):
        with Peer((says(200, {"Content-Encoding": name}, bomb),)) as peer:
            assert "packed" in refusal(peer, tmp_path)
    with Peer((says(200, {"Content-Type": "image/png"}, bomb),)) as peer, pytest.raises(MediaRefused):
        fetcher().fetch(peer.url(), tmp_path / "picture")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + PICTURE),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Length: 20\r\n\r\n" + PICTURE),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + PICTURE),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n" + PICTURE),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" + PICTURE[:5]),
        raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 30_000 + b"\r\n" + PICTURE),
        raw(b"\x16\x03\x01 this is not HTTP"),
        raw(b""),
        resets,
        says(204),
        says(206, {}, PICTURE),
        says(404, {}, PICTURE),
        says(500),
        says(304),
    ],
    ids=[
        "too short", "two lengths", "negative length", "bad chunk", "cut chunk", "endless headers", "no HTTP",
        "nothing", "reset", "no content", "a part", "not found", "fault", "not modified",
    ],
)  # fmt: skip
def test_answers_that_are_no_whole_picture(answer: object, tmp_path: Path) -> None:
    """End as unreachable, whatever was sent; nothing half-written is left."""
    with Peer((answer,)) as peer:  # type: ignore[arg-type]
        refusal(peer, tmp_path)


@pytest.mark.parametrize(
    "body",
    [b"<html>secret</html>", b"%PDF-1.7", b"GIF89a" + bytes(50), b"\0" * 100, b"\x89P", b"", b'{"key": "secret"}'],
)
def test_what_is_no_picture_is_refused_unseen(body: bytes, tmp_path: Path) -> None:
    """By its first bytes, not by what the server calls it; the words repeat nothing of it."""
    with Peer((says(200, {"Content-Type": "image/jpeg"}, body),)) as peer:
        with pytest.raises(MediaRefused) as refused:
            fetcher().fetch(peer.url(), tmp_path / "picture")
        assert "secret" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_the_next_machine_is_tried(tmp_path: Path) -> None:
    """A name with several machines in bounds is reached through any of them."""
    rules = Rules(networks=networks_of(("127.0.0.0/8",)))
    with Peer((WELL,)) as peer:
        source = Fetcher(
            rules=rules, size_limit_bytes=LIMIT_BYTES, resolver=lambda _host, _port: ("127.0.0.3", "127.0.0.1")
        )
        source.fetch(peer.url(host="several.example"), tmp_path / "picture")
    assert (tmp_path / "picture").read_bytes() == PICTURE


def test_what_a_private_machine_does_stays_there(tmp_path: Path) -> None:
    """In a network that the operator opened, all faults read alike: nobody maps it through us."""
    said = set()
    source = Fetcher(rules=OPEN, size_limit_bytes=LIMIT_BYTES, limit_s=SHORT_S, resolver=Names(("127.0.0.1",)))
    loop = says(302, {"Location": "/again"})
    out = says(302, {"Location": "http://10.0.0.1/"})
    for answer in (says(404), says(200, {}, b"<html>"), resets, hangs, loop, out, says(200, {}, PICTURE[:20])):
        with Peer((answer,)) as peer, pytest.raises(MediaUnreachable) as refused:
            source.fetch(peer.url(), tmp_path / "picture")
        said.add(str(refused.value))
    with pytest.raises(MediaUnreachable) as refused:
        source.fetch(peer.url(), tmp_path / "picture")
    assert said == {str(refused.value)}
    assert "HTTP" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["http:", "https:"])
@pytest.mark.parametrize("answer", [hangs, raw(b"HTTP/1.1 200 OK\r\n\r\n" + PICTURE)])
def test_a_fetch_that_nobody_wants_any_more_ends(tmp_path: Path, scheme: str, answer: Answer) -> None:
    """Wherever the peer keeps it waiting it ends within seconds, long before its own limit, and leaves nothing."""

    def silent(connection: socket.socket) -> None:
        answer(connection)
        hangs(connection)

    source = replace(fetcher(limit_s=60.0), unwanted=threading.Event())
    with Peer((silent,)) as peer:
        url = peer.url(host="pictures.example").replace("http:", scheme)
        began_s = time.monotonic()
        later = threading.Timer(0.5, source.unwanted.set)
        later.start()
        with pytest.raises(MediaUnreachable):
            source.fetch(url, tmp_path / "picture")
        later.join()
        assert time.monotonic() - began_s < 20
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_not_found_in_time_is_given_up(tmp_path: Path) -> None:
    """Also while the resolver is asked."""
    answered, unwanted = threading.Event(), threading.Event()

    def resolver(host: str, port: int) -> tuple[str, ...]:
        del host, port
        unwanted.set()
        answered.wait(60)
        return ()

    source = replace(fetcher(limit_s=60.0), resolver=resolver, unwanted=unwanted)
    began_s = time.monotonic()
    try:
        with pytest.raises(MediaUnreachable):
            source.fetch("http://pictures.example/", tmp_path / "picture")
    finally:
        answered.set()
    assert time.monotonic() - began_s < 20
