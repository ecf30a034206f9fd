"""How a named sound is made."""

from __future__ import annotations

from dataclasses import dataclass

from stillmotion.diorama.scene.records import Surface  # noqa: TC001 - the record's fields are read at run time
from stillmotion.diorama.sound.records import Controls, Stem


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How a named sound is made."""

    generator: str
    caption: str
    gain_db: float = 0.0
    """Its usual level beside other sounds."""
    controls: Controls = ()
    """What makes it this sound. What a cue says itself (count, surface, pace ...) reaches the control of that name."""
    stem: Stem = Stem.AMBIENCE
    sources: tuple[Surface, ...] = ()
    """Layers of these surfaces say where it comes from; none is all around."""
    labels: tuple[str, ...] = ()
    """Layers or objects whose label holds one of these words are asked first."""
