"""What a worker and its engine process say to each other: one JSON object a line."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

DECODE = "decode"
"""The stage before those of the engine: whoever dies in it met a hostile picture."""
FILM, THUMBNAIL, SPRITES = "film.mp4", "thumbnail.webp", "sprites.jpg"
FILES = (FILM, THUMBNAIL, SPRITES)
"""What the engine leaves in the folder of a piece of work, the film first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A film to be made."""

    token: str
    """Of the attempt; what the engine says about the work carries it."""
    dialect: str
    """Whose words the input is in."""
    model_id: str
    input: dict[str, Any]
    """Checked when it was accepted."""
    picture: str
    """Path of the file that was fetched: untrusted."""
    folder: str
    """Where the files go."""
    tiny: bool
    refuse_faces: bool

    def line(self) -> bytes:
        """As it is sent."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def read(cls, line: str) -> Work:
        """As it is received."""
        return cls(**json.loads(line))

    def place(self, name: str) -> Path:
        """Path of a file in the folder."""
        return Path(self.folder) / name


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How far the work is."""

    stage: str
    progress: int
    """Percent of the frames that are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that people may like to see meanwhile."""

    kind: str
    """"warning", "preview"."""
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """All files are in the folder."""

    engine: str
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It cannot be done, and trying again would not help."""

    code: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The engine waits for work."""


Message = Stand | Told | Made | Refused | Ready
_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in (Stand, Told, Made, Refused, Ready)}


def write(message: Message, token: str = "") -> bytes:
    """A message of the engine as a line; the token is that of the work it is about, empty when it is about none."""
    return json.dumps([token, type(message).__name__, asdict(message)]).encode() + b"\n"


def read(line: bytes) -> tuple[str, Message]:
    """The token and the message in a line."""
    token, kind, values = json.loads(line)
    return token, _KINDS[kind](**values)
