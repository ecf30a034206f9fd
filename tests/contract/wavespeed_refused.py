"""A program of somebody for whom everything goes wrong; says what the Python package told as one line of JSON.

Arguments: base address, a key with money, one without, a file that is no picture. Written for both generations.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import wavespeed

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = "openai/sora-2/image-to-video"
ASKED = {"image": "https://example.com/a.jpg", "prompt": "Slow dolly in over the field", "duration": 4}


def main(base_url: str, rich: str, poor: str, file: str) -> dict[str, str]:
    """One mistake after the other."""

    def run(key: str = rich, model: str = MODEL, **more: Any) -> Callable[[], Any]:
        client = wavespeed.Client(api_key=key, base_url=base_url, max_retries=0)
        how = {name: more.pop(name) for name in ("timeout", "enable_sync_mode") if name in more}
        return lambda: client.run(model, {**ASKED, **more}, poll_interval=0.1, **how)

    mistakes = {
        "wrong_key": run("nonsense"),
        "no_money": run(poor),
        "duration": run(duration=5),
        "unknown_field": run(fps=60),
        "unknown_model": run(model="openai/sora-9/image-to-video"),
        "private_picture": run(image="http://127.0.0.1/a.png"),
        "no_picture": lambda: wavespeed.Client(api_key=rich, base_url=base_url).upload(file),
        "patience": run(timeout=0.3),
        "overrun": run(enable_sync_mode=True),
        "cancelled": run(prompt="Cancel me"),
    }
    return {name: _told(mistake) for name, mistake in mistakes.items()}


def _told(mistake: Callable[[], Any]) -> str:
    try:
        return f"no error: {mistake()}"
    except Exception as error:  # noqa: BLE001 - whatever the package raises
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])) + "\n")
