"""Music."""

from __future__ import annotations

from stillmotion.diorama.sound.palette.records import Voice
from stillmotion.diorama.sound.records import Stem


def _played(instrument: str, caption: str) -> Voice:
    return Voice(
        generator="music", caption=caption, controls=(("instrument", instrument),), gain_db=-2.0, stem=Stem.MUSIC
    )


VOICES: dict[str, Voice] = {
    "drone": Voice(generator="drone", caption="a low tone sounds", gain_db=-4.0, stem=Stem.MUSIC),
    "music": Voice(generator="music", caption="music plays", gain_db=-2.0, stem=Stem.MUSIC),
    "piano": _played("piano", "piano music"),
    "strings": _played("strings", "string music"),
    "flute": _played("flute", "flute music"),
    "guitar": _played("guitar", "guitar music"),
    "brass": _played("brass", "a brass band plays"),
    "music_box": _played("music_box", "a music box plays"),
    "drums": _played("drums", "drums beat"),
    "lofi": _played("lofi", "a lazy beat plays"),
}
