"""What is outside of the server: a receiver of webhooks that is not always there, and an address without a picture."""

from __future__ import annotations

import json
import threading
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHY = 11
"""Of so many messages one is answered with an error at first."""


@dataclass(slots=True)
class Receiver:
    """Messages that came, by the path that they came to."""

    address: str = ""
    taken: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Ids of messages that were answered with 200."""
    seen: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    bodies: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    times: Counter[str] = field(default_factory=Counter)
    """How often each message was answered with 200."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, path: str, message_id: str, body: bytes) -> int:
        """A message; the status to answer."""
        with self.lock:
            first = message_id not in self.seen[path]
            self.seen[path].add(message_id)
            self.bodies[message_id].add(json.dumps(json.loads(body), sort_keys=True))
            if first and len(self.seen) % _SHY == 0:
                return 503
            self.taken[path].add(message_id)
            self.times[message_id] += 1
            return 200


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on loopback."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            body = self.rfile.read(length)
            if len(body) < length:  # the sender died meanwhile
                self.close_connection = True
                return
            self._answer(receiver.take(self.path, self.headers["webhook-id"], body), b"")

        def do_GET(self) -> None:
            self._answer(200, b"no picture")

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "text/plain")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()
