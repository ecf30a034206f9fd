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
    """Upload in both ways, run by polling and in sync mode, ask for nonsense."""
    client = wavespeed.Client(api_key="any", base_url=base_url, max_retries=0)
    address = client.upload(photo)
    asked = {"image": address, "prompt": "Slow dolly in over the field", "duration": 4}
    unnamed = client.upload(io.BytesIO(Path(photo).read_bytes()))
    return {
        "polled": client.run(MODEL, asked, poll_interval=0.2)["outputs"],
        "held": client.run(MODEL, {**asked, "image": unnamed, "seed": 2}, enable_sync_mode=True)["outputs"],
        "unknown_field": _refusal(client, MODEL, {**asked, "fps": 60}),
        "unknown_model": _refusal(client, "openai/sora-9/image-to-video", asked),
        "unreachable": _refusal(client, MODEL, {**asked, "image": f"{base_url}/nothing.png"}),
    }


def _refusal(client: Any, model: str, asked: dict[str, Any]) -> str:
    try:
        client.run(model, asked, poll_interval=0.2)
    except Exception as error:  # noqa: BLE001 - whatever the package raises
        return str(error)
    return ""


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])) + "\n")
