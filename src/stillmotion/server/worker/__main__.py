"""A worker that `serve` starts: its settings are the first line of stdin, and stdin ends when `serve` does."""

from __future__ import annotations

import json
import sys

from stillmotion.errors import StillmotionError
from stillmotion.server import log
from stillmotion.server.settings import Settings
from stillmotion.server.worker.worker import BROKEN, work


def main() -> int:
    """Work; the exit code."""
    settings = Settings(**json.loads(sys.stdin.readline()))
    try:
        return work(settings, lifeline=True)
    except StillmotionError as error:
        log.get().error("the worker cannot work", code=error.code, why=str(error))
        return BROKEN


if __name__ == "__main__":
    sys.exit(main())
