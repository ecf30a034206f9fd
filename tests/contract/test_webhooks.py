"""What a server that was started as a person starts it tells receivers: words that lead to the film."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import httpx2

from security.peers import Peer, says

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE_S = 120.0


def test_the_hosted_form_leads_back(address: str, photo: Path) -> None:
    """Of a server on any free port: the addresses in a webhook are those where it is, and can be fetched."""
    with Peer((says(200),)) as peer, httpx2.Client(base_url=address) as client:
        encoded = client.post("/api/v3/media/upload/binary", files={"file": ("a.png", photo.read_bytes(), "image/png")})
        image = encoded.json()["data"]["download_url"]
        wanted = {"image": image, "prompt": "Slow dolly in", "duration": 4, "webhook_url": peer.url("/told")}
        made = client.post("/api/v3/openai/sora-2/image-to-video", json=wanted).json()["data"]
        end_s = time.monotonic() + PATIENCE_S
        while not peer.requests:
            assert time.monotonic() < end_s, client.get(made["urls"]["get"]).text
            time.sleep(0.05)
        told = json.loads(peer.requests[0].partition(b"\r\n\r\n")[2])
        assert (told["id"], told["status"]) == (made["id"], "completed")
        assert told["urls"] == made["urls"]
        assert client.get(told["urls"]["get"]).json()["data"]["status"] == "completed"
        (film,) = told["outputs"]
        assert client.get(film).content[4:8] == b"ftyp"
