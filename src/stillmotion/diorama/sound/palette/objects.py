"""Things that are struck, rubbed, opened and broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stillmotion.diorama.sound.palette.records import Voice

VOICES: dict[str, Voice] = {}
