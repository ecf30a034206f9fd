"""A store that speaks S3, on loopback; it refuses keys that it does not know, and tests have it go away."""

from __future__ import annotations

import logging
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from io import BytesIO
from itertools import count
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from localbucket import S3Error, S3Handler

from stillmotion.server.store.s3 import _AGAIN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET, KEY, SECRET = "films", "tests-key", "tests-secret-that-is-never-told"
_NAMED = re.compile(rb"<Key>([^<]+)</Key>")


@dataclass
class Server:
    """It, with one bucket."""

    root: Path
    address: str = ""
    away: bool = False
    """It hangs up on whoever asks."""
    refusing: HTTPStatus | None = None
    """It answers, but takes nothing: its disk is full, or the key may only read."""
    lost: int = 0
    """So many answers to writes get lost: it did what was asked and then hangs up."""
    careless: bool = False
    """It writes objects twice, as stores do that do not know conditions."""
    asked: list[str] = field(default_factory=list)
    """The methods of the requests, in order."""
    prefixes: Iterator[int] = field(default_factory=count)

    @property
    def environment(self) -> dict[str, str]:
        """The usual variables with which it is reached."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "NO_PROXY": "127.0.0.1",
        }

    def fresh_url(self) -> str:
        """A part of the bucket that nobody has used."""
        return f"s3://{BUCKET}/tests/{next(self.prefixes)}"

    def objects(self, url: str) -> list[str]:
        """What is in a part of the bucket, whatever it is."""
        folder = self.root / url.removeprefix("s3://")
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


class _Handler(S3Handler):
    server: Any

    def _dispatch(self, action: Any) -> None:
        of: Server = self.server.of
        of.asked.append(self.command)
        if of.away:
            self.close_connection = True
            return
        if f"Credential={KEY}/" not in self.headers.get("Authorization", ""):
            self._read_body()
            self._send_error(S3Error(HTTPStatus.FORBIDDEN, "InvalidAccessKeyId", "There is no such key."))
            return
        if of.refusing is not None and self.command == "PUT":
            self._read_body()
            self._send_error(S3Error(of.refusing, of.refusing.phrase.replace(" ", ""), "Not taken."))
            return
        super()._dispatch(action)

    def _write_object(self, bucket: str, key: str, write: Any) -> str:
        if self.server.of.careless:
            del self.headers["If-None-Match"]
        etag = str(super()._write_object(bucket, key, write))
        if self.server.of.lost:
            self.server.of.lost -= 1
            self.wfile, self.close_connection = BytesIO(), True
        return etag

    def _post_request(self, bucket: str, key: str) -> None:
        """Several objects are removed by one request; the package lacks that."""
        if "delete" not in self.query:
            super()._post_request(bucket, key)
            return
        answer = ET.Element("DeleteResult", xmlns="http://s3.amazonaws.com/doc/2006-03-01/")
        for name in _NAMED.findall(self._read_body()):
            self._object_path(bucket, name.decode()).unlink(missing_ok=True)
            ET.SubElement(ET.SubElement(answer, "Deleted"), "Key").text = name.decode()
        self._send_xml(answer)


@contextmanager
def served(root: Path) -> Iterator[Server]:
    """A server with an empty bucket."""
    (root / BUCKET).mkdir(parents=True)
    logging.getLogger("localbucket").setLevel(logging.CRITICAL)
    made = Server(root)
    listener = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"data_root": root}))
    listener.of = made  # type: ignore[attr-defined]
    made.address = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests of a process; each takes a prefix of its own."""
    with served(tmp_path_factory.mktemp("s3")) as made:
        yield made


@pytest.fixture
def s3(s3_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """It, as the environment names it; while it is away tests wait less between tries."""
    soon = {"init_backoff": timedelta(milliseconds=1), "max_backoff": timedelta(milliseconds=2), "base": 2}
    monkeypatch.setitem(_AGAIN, "backoff", soon)
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    s3_server.away, s3_server.lost, s3_server.careless, s3_server.asked = False, 0, False, []
    s3_server.refusing = None
    return s3_server
