"""Reads Shots: a line with one on standard input, a line with what it says on standard output, until the input ends."""

from __future__ import annotations

import json
import signal
import sys
from typing import TYPE_CHECKING

from stillmotion.diorama.shot import file_format
from stillmotion.errors import ShotInvalid

if TYPE_CHECKING:
    from stillmotion.server.api.native.shot_reading import Answer


def read(text: str) -> Answer:
    """What a Shot fixes, or what is wrong with it."""
    try:
        shot = file_format.from_json(text)
    except ShotInvalid as error:
        return {"error": str(error), "shot": "", "prompt": "", "duration_s": 0, "seed": 0}
    written = file_format.to_json(shot)
    return {"error": "", "shot": written, "prompt": shot.prompt, "duration_s": shot.duration_s, "seed": shot.seed}


def main() -> None:
    """One after the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us, by closing the input
    for line in sys.stdin:
        sys.stdout.write(json.dumps(read(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
