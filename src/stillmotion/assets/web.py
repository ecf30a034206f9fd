"""Opening addresses: proxies, certificates, credentials and time limits."""

from __future__ import annotations

import base64
import http.client
import os
import ssl
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

import truststore

from stillmotion.assets.failures import LYING_BYTES, SourceError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping

TIMEOUT_S = 20.0
_SCHEMES = ("http", "https")
_RETRIABLE = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An address and the way to it that the user's client is configured for."""

    url: str
    proxy: str | None = None
    """Proxy for every request; None takes the environment's."""
    ca_file: str | None = None
    """Certificates to trust instead of the system's."""
    extra_ca_file: str | None = None
    """Certificates to trust beside the system's."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def host(self) -> str:
        """Host and port, to remember which ones are unreachable."""
        try:
            return urllib.parse.urlsplit(self.url).netloc.rpartition("@")[2]
        except ValueError:
            return "an address that is none"


class TryAgainError(SourceError):
    """The server is busy or the line broke; the same request may work in a moment."""


def open_place(place: Place, headers: Mapping[str, str]) -> http.client.HTTPResponse:
    """The answer to a GET (status 200 or 206); `SourceError` in words otherwise."""
    try:
        response = _opener(place).open(_request(place, headers), timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        kind = TryAgainError if error.code in _RETRIABLE else SourceError
        message = f"the server answered {error.code} {error.reason}"
        raise kind(message) from None
    except urllib.error.URLError as error:
        message = f"{place.host} cannot be reached ({error.reason})"
        raise UnreachableError(message) from None
    except (OSError, http.client.HTTPException) as error:
        message = f"the connection to {place.host} broke ({error})"
        raise TryAgainError(message) from None
    except LYING_BYTES:  # its words would repeat the address, and with it a password
        message = f"{place.host} cannot be asked: the address is not a valid one"
        raise SourceError(message) from None
    return _checked(response)


def read_page(place: Place, headers: Mapping[str, str], *, limit_bytes: int) -> tuple[bytes, str, str]:
    """A small page: its bytes, its content type and its address after redirects."""
    try:
        with open_place(place, headers) as response:
            body = response.read(limit_bytes + 1)
            content_type = response.headers.get_content_type()
            address = response.url
    except (OSError, http.client.HTTPException) as error:
        message = f"the connection to {place.host} broke ({error})"
        raise SourceError(message) from None
    if len(body) > limit_bytes:
        message = f"the page of {place.host} is larger than {limit_bytes} bytes"
        raise SourceError(message)
    return body, content_type, address


def _checked(response: IO[bytes]) -> http.client.HTTPResponse:
    if not isinstance(response, http.client.HTTPResponse):  # a redirect to another kind of address
        response.close()
        message = "the address leads away from the web"
        raise SourceError(message)
    return response


def _request(place: Place, headers: Mapping[str, str]) -> urllib.request.Request:
    parts = urllib.parse.urlsplit(place.url)
    if parts.scheme not in _SCHEMES:
        message = f"{parts.scheme or 'an empty scheme'} is not http or https"
        raise SourceError(message)
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2])
    sent = {"User-Agent": "stillmotion", "Accept-Encoding": "identity", **place.headers, **headers}
    request = urllib.request.Request(bare.geturl(), headers=sent)  # noqa: S310 - the scheme was checked above
    if parts.username:
        secret = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        token = base64.b64encode(secret.encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {token}")
    return request


def _opener(place: Place) -> urllib.request.OpenerDirector:
    proxies = None if place.proxy is None else {"http": place.proxy, "https": place.proxy}
    return urllib.request.build_opener(
        urllib.request.ProxyHandler(proxies), urllib.request.HTTPSHandler(context=_context(place))
    )


def _context(place: Place) -> ssl.SSLContext:
    try:
        if place.ca_file:
            if Path(place.ca_file).is_dir():
                return ssl.create_default_context(capath=place.ca_file)
            return ssl.create_default_context(cafile=place.ca_file)
        context: ssl.SSLContext = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if place.extra_ca_file and os.access(place.extra_ca_file, os.R_OK):
            context.load_verify_locations(cafile=place.extra_ca_file)
    except (OSError, ssl.SSLError) as error:
        message = f"the configured certificates cannot be read ({error})"
        raise SourceError(message) from None
    return context
