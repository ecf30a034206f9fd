"""Fetching a picture from an address: redirects by hand, bytes counted, its kind told before the rest is loaded."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from stillmotion.errors import AddressRefused, MediaRefused, MediaUnreachable
from stillmotion.media.output import whole_file
from stillmotion.server.intake import addresses, outbound, pictures
from stillmotion.server.intake.outbound import Outbound

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from stillmotion.server.intake.addresses import Machine, Rules
    from stillmotion.server.intake.outbound import Answer, Resolver

LIMIT_S = 60.0
REDIRECT_LIMIT = 3
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_HEAD_BYTES = 12
"""So many tell the kind of every picture that we read."""
_HEADERS = {"Accept": "image/jpeg, image/png, image/webp, image/*;q=0.5"}
_NOWHERE = (
    "The picture could not be fetched: the host of its address cannot be found, or lies in a network that this server"
    " does not go to. Upload the picture instead."
)
"""One text for both: the difference would tell which names exist in a private network."""
_DISCREET = "The picture could not be fetched from its address, or what is there is no picture that we read."
"""Whatever a private machine did: who may not look into that network does not learn what answers there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Fetches pictures by rules."""

    rules: Rules
    size_limit_bytes: int
    limit_s: float = LIMIT_S
    """For one picture, redirects included."""
    resolver: Resolver = outbound.resolve
    tls: Callable[[], ssl.SSLContext] = outbound.trusted
    discreet: bool = True
    """Whether to keep to oneself what machines in opened private networks answer."""
    unwanted: Event = field(default_factory=Event)
    """Set by another thread when nobody waits for the picture any more: the fetch then ends within seconds."""

    def fetch(self, url: str, target: Path) -> None:
        """Write the picture behind an address to a file; whole or not at all.

        Raises:
            MediaUnreachable: it cannot be fetched, is too large, or lies where we do not go.
            MediaRefused: what is there is no picture that we read.
        """
        machines: list[Machine] = []
        try:
            self._fetch(url, target, machines.append)
        except (MediaUnreachable, MediaRefused):
            if self.discreet and not all(map(addresses.is_public, machines)):
                raise MediaUnreachable(_DISCREET) from None
            raise

    def _fetch(self, url: str, target: Path, meant: Callable[[Machine], object]) -> None:
        try:
            with whole_file(target) as part:
                with part.open("wb") as file:
                    for piece in self._pieces(url, meant):
                        file.write(piece)
                pictures.check_header(part)
        except outbound.ForbiddenError:
            raise MediaUnreachable(_NOWHERE) from None
        except (outbound.OutboundError, AddressRefused) as error:
            message = f"The picture could not be fetched: {error}"
            raise MediaUnreachable(message) from None

    def _pieces(self, url: str, meant: Callable[[Machine], object]) -> Iterator[bytes]:
        """What is behind the address, or behind those that it leads to; each is checked like the first."""
        address, deadline_s = addresses.parse(url), time.monotonic() + self.limit_s
        for _ in range(REDIRECT_LIMIT + 1):
            following = None
            with self._sender(deadline_s, meant).send("GET", address, headers=_HEADERS) as answer:
                location = answer.header("location")
                if answer.status in _REDIRECTS and location:
                    following = address.follow(location)
                else:
                    yield from self._body(answer)
            if following is None:
                return
            address = following
        message = f"The picture could not be fetched: its address redirects more than {REDIRECT_LIMIT} times."
        raise MediaUnreachable(message)

    def _sender(self, deadline_s: float, meant: Callable[[Machine], object]) -> Outbound:
        left_s = deadline_s - time.monotonic()
        return Outbound(
            rules=self.rules,
            limit_s=left_s,
            resolver=self.resolver,
            tls=self.tls,
            meant=meant,
            unwanted=self.unwanted,
        )

    def _body(self, answer: Answer) -> Iterator[bytes]:
        """The picture in pieces, the first long enough to tell its kind."""
        self._check(answer)
        left = self.size_limit_bytes
        head: bytes | None = b""
        for piece in answer.pieces():
            left -= len(piece)
            if left < 0:
                raise self._too_large()
            if head is None:
                yield piece
                continue
            head += piece
            if len(head) >= _HEAD_BYTES:
                pictures.check_kind(head)
                yield head
                head = None
        if head is not None:
            pictures.check_kind(head)
            yield head

    def _check(self, answer: Answer) -> None:
        """What the headers say already."""
        if answer.status != 200:
            message = f"The picture could not be fetched: its address answers with HTTP status {answer.status}."
            raise MediaUnreachable(message)
        if answer.header("content-encoding").lower() not in {"", "identity"}:
            message = "The picture could not be fetched: its address sends it packed, although we ask for it as it is."
            raise MediaUnreachable(message)
        declared = answer.header("content-length")
        if declared.isdigit() and int(declared) > self.size_limit_bytes:
            raise self._too_large()

    def _too_large(self) -> MediaUnreachable:
        message = f"The picture is larger than {self.size_limit_bytes:,} bytes; save it smaller."
        return MediaUnreachable(message)
