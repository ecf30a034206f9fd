"""A program of somebody who uses the hosted service's Python package; says what it saw as one line of JSON.

Arguments: base address, photo. Written for both generations of the package.
"""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import wavespeed

MODEL = "openai/sora-2/image-to-video"


def main(base_url: str, photo: str) -> dict[str, Any]:
    """Upload in both ways, run by polling and in sync mode, start from a picture that is not there."""
    client = wavespeed.Client(api_key="any", base_url=base_url, max_retries=0)
    address = client.upload(photo)
    asked = {"image": address, "prompt": "Slow dolly in over the field", "duration": 4}
    unnamed = client.upload(io.BytesIO(Path(photo).read_bytes()))
    held = {**asked, "image": unnamed, "duration": 8, "seed": 2}
    return {
        "polled": client.run(MODEL, asked, poll_interval=0.2)["outputs"],
        "held": client.run(MODEL, held, enable_sync_mode=True)["outputs"],
        "unreachable": _refusal(client, {**asked, "image": f"{base_url}/nothing.png"}),
        "no_picture": _refusal(client, {**asked, "image": f"{base_url}/healthz"}),
    }


def _refusal(client: Any, asked: dict[str, Any]) -> str:
    try:
        client.run(MODEL, asked, poll_interval=0.2)
    except Exception as error:  # noqa: BLE001 - whatever the package raises
        return str(error)
    return ""


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])) + "\n")
