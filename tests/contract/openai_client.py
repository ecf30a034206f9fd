"""What a program does with the official Python client; run as a script with the address, the photo and a folder."""

from __future__ import annotations

import io
import json
import sys
import threading
import time
import urllib.request
import warnings
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

PATIENCE_S = 60.0


def main(base_url: str, photo: str, folder: str) -> None:
    """Create in every way, be told, look, list, fetch, remix, delete; the last line is what was seen, as JSON."""
    warnings.simplefilter("ignore")  # the client calls its own methods old
    import openai  # noqa: PLC0415 - installed for this script alone

    secret = webhooks(base_url, "secret")["secret"]
    client = openai.OpenAI(base_url=base_url + "/v1", api_key="any", webhook_secret=secret)
    with receiving(base_url, client, openai.InvalidWebhookSignatureError) as events:
        print(json.dumps(work(openai, client, events, photo, folder)))  # noqa: T201 - how the script answers


def work(openai, client, events, photo, folder):  # noqa: ANN001, ANN201 - of a package installed for this script alone
    """What was seen."""
    content = Path(photo).read_bytes()
    words = "Slow dolly in"
    with Path(photo).open("rb") as file:
        made = client.videos.create_and_poll(prompt=words, input_reference=file, size="1280x720")
    seen = {"status": made.status, "progress": made.progress, "size": made.size}
    for variant in ("video", "thumbnail", "spritesheet"):
        client.videos.download_content(made.id, variant=variant).write_to_file(Path(folder) / variant)
    ways = {"input_reference": content}
    nested = {"input_reference": {"image_url": "https://nobody.invalid/lake.jpg"}, "seed": 7}
    others = [
        client.videos.create(prompt=words, model="sora-2-pro", seconds="4", **ways),
        client.videos.create(prompt=words, extra_body=nested),
        client.post("/videos", cast_to=type(made), body={"prompt": words, **nested}),
        client.videos.create(prompt=words, input_reference=("a", io.BytesIO(content))),
        client.videos.remix(made.id, prompt="now gulls"),
    ]
    seen["remixed"] = others[-1].remixed_from_video_id == made.id
    seen["listed"] = [one.id for one in client.videos.list(limit=2, order="asc")] == [made.id, *(o.id for o in others)]
    seen["same"] = client.videos.retrieve(made.id) == made
    seen["failed"] = client.videos.poll(others[1].id).error.code
    seen["told"] = [told_of(events, one.id) for one in (made, others[1])]
    faulty = {
        "seconds": lambda: client.videos.create(prompt=words, seconds="5", **ways),
        "model": lambda: client.videos.create(prompt=words, model="sora-9", **ways),
        "picture": lambda: client.videos.create(prompt=words, input_reference=b"no picture"),
        "none": lambda: client.videos.create(prompt=words),
        "edit": lambda: client.post("/videos/edits", cast_to=type(made), body={"prompt": words}),
        "fetch": lambda: client.videos.download_content(others[1].id),
    }
    seen["errors"] = {name: told(openai, act) for name, act in faulty.items()}
    seen["deleted"] = [client.videos.delete(one.id).deleted for one in (*others, made)]
    seen["left"] = len(list(client.videos.list()))
    seen["models"] = [one.id for one in client.models.list()][:2]
    seen["errors"]["gone"] = told(openai, lambda: client.videos.retrieve(made.id))
    return seen


@contextmanager
def receiving(base_url, client, forged):  # noqa: ANN001, ANN201 - see above
    """Types of the events that the client accepts, by the id of their video; one that was changed it must refuse."""
    events: dict[str, str] = {}

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            event = client.webhooks.unwrap(body, self.headers)
            try:
                client.webhooks.unwrap(body.replace("completed", "failed") + " ", self.headers)
            except forged:
                events[event.data.id] = event.type
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        webhooks(base_url, "target", {"url": f"http://127.0.0.1:{server.server_port}/told"})
        try:
            yield events
        finally:
            webhooks(base_url, "target", {"url": None})
            server.shutdown()


def webhooks(base_url: str, what: str, body: object = None) -> dict[str, str]:
    """Ask or say something about webhooks, for which the client has no words."""
    content = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(  # noqa: S310 - a server of the test
        f"{base_url}/api/native/v1/webhooks/{what}", content, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked) as answer:  # noqa: S310 - see above
        found: dict[str, str] = json.load(answer)
    return found


def told_of(events: dict[str, str], video_id: str) -> str | None:
    """What was told of a video, as soon as it is."""
    end_s = time.monotonic() + PATIENCE_S
    while video_id not in events and time.monotonic() < end_s:
        time.sleep(0.05)
    return events.get(video_id)


def told(openai, act):  # noqa: ANN001, ANN201 - installed for this script alone
    """What a program catches."""
    try:
        act()
    except openai.APIStatusError as error:
        return [type(error).__name__, error.status_code, error.param, error.code]


if __name__ == "__main__":
    main(*sys.argv[1:])
