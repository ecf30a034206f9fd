"""What a composer writes and a player reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note."""

    start_s: float
    length_s: float
    """How long it is held; a string or a hall may ring on."""
    pitch: float
    """60 is the middle C, one more is a semitone higher."""
    loudness: float = 0.6
    """0..1, as a player means it: louder is brighter too."""

    @property
    def hz(self) -> float:
        """Frequency in equal temperament at A = 440 Hz."""
        return float(440.0 * 2 ** ((self.pitch - 69) / 12))


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A short piece; every part may be empty."""

    beat_s: float
    root: int
    """Pitch class of the tonic, 0 = C."""
    minor: bool
    melody: tuple[Note, ...]
    chords: tuple[Note, ...]
    """Held inner voices."""
    broken: tuple[Note, ...]
    """The same chords one note after another."""
    bass: tuple[Note, ...]
    last_s: float
    """When the final chord begins."""
