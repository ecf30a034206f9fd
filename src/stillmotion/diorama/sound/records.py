"""The SoundPlan: every sound with its generator, time, level and place, before a sample exists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stem(StrEnum):
    """The tracks that are mixed."""

    AMBIENCE = "ambience"
    FOLEY = "foley"
    DIALOGUE = "dialogue"
    MUSIC = "music"


Controls = tuple[tuple[str, float | str], ...]
"""Named physical controls of a generator: (("intensity", 0.4), ("surface", "gravel"))."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSound:
    """One sound of the plan."""

    generator: str
    """Name in the registry of generators."""
    stem: Stem
    start_s: float
    end_s: float
    gain_db: float = 0.0
    pan: float = 0.0
    distance_m: float = 0.0
    echo: float = 0.0
    """0 as the place is, 1 a cave."""
    controls: Controls = ()
    caption: str = ""
    """What a sound caption says: "waves break"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPlan:
    """All sounds of a shot and how loud their sum is."""

    duration_s: float
    sample_rate: int
    seed: int
    loudness_lufs: float
    """Integrated target of the mix."""
    silent: bool
    muted: tuple[Stem, ...] = ()
    sounds: tuple[PlannedSound, ...] = ()
