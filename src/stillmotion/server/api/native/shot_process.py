"""Reads Shots: a line with one on standard input, a line with what it says on standard output, until the input ends."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stillmotion.diorama.shot import file_format
from stillmotion.errors import ShotInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stillmotion.diorama.shot.records import Shot
    from stillmotion.server.api.native.shot_reading import Answer

MEMORY_BYTES = 512 << 20
"""Beyond what the process takes before its first Shot."""


def read(text: str) -> Answer:
    """What a Shot fixes, or what is wrong with it."""
    try:
        shot = file_format.from_json(text)
    except ShotInvalid as error:
        return {"error": str(error), "shot": "", "prompt": "", "duration_s": 0, "seed": 0, "words": []}
    return {
        "error": "",
        "shot": file_format.to_json(shot),
        "prompt": shot.prompt,
        "duration_s": shot.duration_s,
        "seed": shot.seed,
        "words": [*dict.fromkeys(filter(None, _words(shot)))],
    }


def _words(shot: Shot) -> Iterator[str]:
    """What is said, heard or moves, and what captions say of it; names of layers are ours, and not among them."""
    for line in shot.dialogue:
        yield from (line.speaker, line.text, line.said)
    for sound in shot.sound:
        yield from (sound.sound, sound.kind, sound.surface, sound.mood, sound.words)
    for moved in shot.motion:
        yield from (moved.verb, moved.subject, moved.prop or "", moved.words)


def _bound() -> None:
    """No more memory than a Shot may take, where systems hold to it."""
    if sys.platform == "linux":
        import resource  # noqa: PLC0415 - not everywhere

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main() -> None:
    """One after the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us, by closing the input
    _bound()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(read(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
