"""A worker that `serve` starts: its settings are the first line of stdin, and stdin ends when `serve` does."""

from __future__ import annotations

import json
import sys

from stillmotion.server.settings import Settings
from stillmotion.server.worker.worker import work

if __name__ == "__main__":
    sys.exit(work(Settings(**json.loads(sys.stdin.readline())), lifeline=True))
