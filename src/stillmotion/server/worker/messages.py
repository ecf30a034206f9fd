"""What a worker and its engine process say to each other: one JSON value a line."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

DECODE = "decode"
"""The stage before those of the engine: whoever dies in it met a hostile picture."""
RENDER = "render"
"""The stage in which frames are made."""
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

    def place(self, name: str) -> Path:
        """Path of a file in the folder."""
        return Path(self.folder) / name


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Nobody wants that film any more; an engine that is not busy with it has nothing to do."""

    token: str


Order = Work | Leave
_ORDERS: dict[str, type[Order]] = {kind.__name__: kind for kind in (Work, Leave)}


def order(line: str) -> Order:
    """What the worker wants, from a line of `ordered`."""
    kind, values = json.loads(line)
    return _ORDERS[kind](**values)


def ordered(wanted: Order) -> bytes:
    """What the worker wants, as a line."""
    return json.dumps([type(wanted).__name__, asdict(wanted)]).encode() + b"\n"


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
class Left:
    """The work was left, as it was told to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The engine waits for work."""


Message = Stand | Told | Made | Refused | Left | Ready
_KINDS: dict[str, type[Message]] = {kind.__name__: kind for kind in (Stand, Told, Made, Refused, Left, Ready)}
ENDS = (Made, Refused, Left)
"""The last words about a piece of work."""


def write(message: Message, token: str = "") -> bytes:
    """A message of the engine as a line; the token is that of the work it is about, empty when it is about none."""
    return json.dumps([token, type(message).__name__, asdict(message)]).encode() + b"\n"


def read(line: bytes) -> tuple[str, Message]:
    """The token and the message in a line."""
    token, kind, values = json.loads(line)
    return token, _KINDS[kind](**values)
