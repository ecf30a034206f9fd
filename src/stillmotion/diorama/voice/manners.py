"""How a line is said: words of manner to numbers."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a manner does to a voice."""

    pace: float = 1.0
    size: float = 1.0
    """Factor on pitch and formants together."""
    breath: float = 0.0
    """1 is whispered: nothing is voiced."""
    gain_db: float = 0.0
    bright_db: float = 0.0
    """More above 1.5 kHz, as effort gives it."""


PLAIN = Delivery()
_WHISPERED = Delivery(pace=0.92, breath=1.0, gain_db=-7.0)
_SHOUTED = Delivery(pace=0.98, size=1.08, gain_db=5.0, bright_db=6.0)
_MURMURED = Delivery(pace=0.95, size=0.99, breath=0.15, gain_db=-4.0, bright_db=-4.0)
_CALM = Delivery(pace=0.92, size=0.98, gain_db=-1.0, bright_db=-1.0)
_SAD = Delivery(pace=0.86, size=0.97, breath=0.1, gain_db=-2.5, bright_db=-3.0)
_EXCITED = Delivery(pace=1.1, size=1.06, gain_db=2.0, bright_db=2.5)
_FIRM = Delivery(pace=0.97, size=0.98, gain_db=1.5, bright_db=2.0)
_GENTLE = Delivery(pace=0.95, breath=0.08, gain_db=-2.0, bright_db=-2.0)
_KINDS: Mapping[Delivery, str] = MappingProxyType(
    {
        _WHISPERED: "whisper whispers whispered whispering hushed",
        _SHOUTED: "shout shouts shouted shouting loud loudly yelled yelling screamed angry angrily furious furiously",
        _MURMURED: "murmured murmuring mumbled muttered quiet quietly low sleepy sleepily tired tiredly wearily",
        _CALM: "calm calmly narrated serene serenely thoughtful thoughtfully steady steadily",
        _SAD: "sad sadly sighing sorrowful sorrowfully mournful mournfully gloomily tearful tearfully melancholy",
        _EXCITED: "excited excitedly amused cheerful cheerfully happy happily joyful joyfully"
        " brightly eagerly nervously",
        _FIRM: "firm firmly rough stern sternly proud proudly confident confidently seriously",
        _GENTLE: "soft softly gentle gently tender tenderly kindly warmly lovingly breathy pleading",
        Delivery(pace=1.22): "quick quickly fast rapid rapidly hastily hurriedly urgent urgently breathlessly",
        Delivery(pace=0.8): "slow slowly drawled haltingly solemnly",
        Delivery(size=0.93, bright_db=-1.0): "deep deeply",
    }
)
_BY_WORD = MappingProxyType({word: kind for kind, words in _KINDS.items() for word in words.split()})
_PACES, _SIZES = (0.7, 1.4), (0.85, 1.2)


def delivery(manner: Iterable[str]) -> Delivery:
    """All the words of manner together; words that say nothing about a voice change nothing."""
    kinds = dict.fromkeys(_BY_WORD[word.casefold()] for word in manner if word.casefold() in _BY_WORD)
    pace, size, breath, gain_db, bright_db = 1.0, 1.0, 0.0, 0.0, 0.0
    for kind in kinds:
        pace, size = pace * kind.pace, size * kind.size
        breath = max(breath, kind.breath)
        gain_db += kind.gain_db
        bright_db += kind.bright_db
    return Delivery(
        pace=min(max(pace, _PACES[0]), _PACES[1]),
        size=min(max(size, _SIZES[0]), _SIZES[1]),
        breath=breath,
        gain_db=min(max(gain_db, -10.0), 6.0),
        bright_db=min(max(bright_db, -6.0), 6.0),
    )
