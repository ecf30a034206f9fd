"""What a prompt says, before anything is known about the photo: nothing is bound, timed or scaled yet."""

from __future__ import annotations

from dataclasses import dataclass, field

from stillmotion.diorama.shot.records import Direction, MoveKind


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """When something happens, as far as the words tell. Seconds count from the start of the shot."""

    chain: int = 0
    """Things joined by "then" share a chain."""
    beat: int = 0
    """Position in the chain."""
    start_s: float | None = None
    end_s: float | None = None
    duration_s: float | None = None
    at_end: bool = False
    """The words say "at the end"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPhrase:
    """A camera move that the prompt names."""

    kind: MoveKind
    direction: Direction = Direction.NONE
    speed: float = 1.0
    amount: float = 1.0
    quantity: float | None = None
    """An amount with a unit: degrees, or a factor for zooms."""
    target: str = ""
    source: str = ""
    when: When = field(default_factory=When)
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MotionPhrase:
    """Something in the picture that the prompt moves."""

    verb: str
    subject: str = ""
    target: str = ""
    direction: str = ""
    speed: float = 1.0
    amount: float = 1.0
    count: int | None = None
    every_s: float | None = None
    """It happens, count times or once, again and again."""
    when: When = field(default_factory=When)
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPhrase:
    """A sound that the prompt names."""

    sound: str
    level_db: float = 0.0
    pan: float = 0.0
    count: int | None = None
    every_s: float | None = None
    again: bool = False
    """The words say that it goes on: "knocking", "explosions"; else what can happen once does."""
    pace: float = 1.0
    surface: str = ""
    kind: str = ""
    mood: str = ""
    key: str = ""
    tempo_bpm: float | None = None
    echo: float = 0.0
    when: When = field(default_factory=When)
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenLine:
    """A line that somebody says."""

    speaker: str
    text: str
    manner: tuple[str, ...] = ()
    off_screen: bool = False
    pan: float = 0.0
    """Where the words put the speaker, -1 left to 1 right."""
    when: When = field(default_factory=When)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Everything that the words of a prompt ask for."""

    camera: tuple[CameraPhrase, ...] = ()
    excluded_moves: tuple[MoveKind, ...] = ()
    """Moves that the prompt forbids."""
    looks: tuple[str, ...] = ()
    """Names in the look lexicon: "shallow_focus", "film", "close_up"."""
    focus: str = ""
    """What the words put in focus."""
    motion: tuple[MotionPhrase, ...] = ()
    sounds: tuple[SoundPhrase, ...] = ()
    lines: tuple[SpokenLine, ...] = ()
    places: tuple[str, ...] = ()
    """Ambiences that the named places suggest: "at the lake" suggests lake."""
    silent: bool = False
    muted: tuple[str, ...] = ()
    """Stems that the prompt leaves out."""
    excluded_sounds: tuple[str, ...] = ()
    only_named_sounds: bool = False
    """The words say "only" about sounds: no ambience is added."""
    nouns: tuple[str, ...] = ()
    """Words that may name things in the picture, in order."""
    unknown: tuple[str, ...] = ()
    """Clauses in which no word was understood."""
