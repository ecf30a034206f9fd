"""What of a line can be spoken: its letters cleaned, or the reason why it cannot be said."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 4_000
"""Characters that are read; nobody says more in twenty seconds."""
_LATIN_SHARE = 0.7
_SPACES = re.compile(r"\s+")
_DROPPED = re.compile(r"[*_#~`^|<>{}\\\[\]\u200b-\u200f\ufe00-\ufe0f]")
_DOTS = re.compile(r"\.{2,}|\u2026")
_SHOUTED = re.compile(r"\b[^\W\d_]{2,}\b")
_REPEATED = re.compile(r"([!?,;:])(?:[!?,;:])+")
_LONG_RUN = re.compile(r"(\w)\1{3,}")
_SCRIPTS = {
    "CYRILLIC": "Cyrillic",
    "CJK": "Chinese or Japanese",
    "HIRAGANA": "Japanese",
    "KATAKANA": "Japanese",
    "HANGUL": "Korean",
    "ARABIC": "Arabic",
    "HEBREW": "Hebrew",
    "GREEK": "Greek",
    "DEVANAGARI": "Devanagari",
    "THAI": "Thai",
}


def refusal(text: str) -> str:
    """Why nothing of a text can be spoken, as the end of a sentence; empty when it can."""
    letters = [character for character in text[:LONGEST] if character.isalpha()]
    others = [letter for letter in letters if not _is_latin(letter)]
    if letters and len(letters) - len(others) < _LATIN_SHARE * len(letters):
        return f"it is written in {_script(others[0])} letters, and the voices read English"
    if not any(character.isalnum() for character in clean(text)):
        return "it holds no words"
    return ""


def _is_latin(letter: str) -> bool:
    return unicodedata.name(letter, "").startswith(("LATIN", "FEMININE", "MASCULINE", "FULLWIDTH LATIN"))


def _script(letter: str) -> str:
    first = unicodedata.name(letter, "other").replace("-", " ").split()[0]
    return _SCRIPTS.get(first, first.capitalize())


def clean(text: str) -> str:
    """The text as a reader takes it: no pictures, no marks of layout, no capitals for shouting."""
    normal = unicodedata.normalize("NFKC", text[:LONGEST])
    kept = "".join(character if _is_readable(character) else " " for character in _DROPPED.sub(" ", normal))
    kept = _DOTS.sub("\u2026 ", kept)
    kept = _REPEATED.sub(lambda found: "?" if "?" in found.group() else found.group(1), kept)
    kept = _LONG_RUN.sub(lambda found: found.group(1) * 3 if found.group(1).isalpha() else found.group(), kept)
    return _quiet(_SPACES.sub(" ", kept).strip())


def _is_readable(character: str) -> bool:
    if character.isalpha():
        return _is_latin(character)
    return unicodedata.category(character)[0] in {"N", "P", "Z"} or character in "$£€%&+=°@"


def _quiet(text: str) -> str:
    """Shouted lines in small letters: capitals would be spelt one by one."""
    if any(character.islower() for character in text) or len(_SHOUTED.findall(text)) == 0:
        return text
    return re.sub(r"\bi\b", "I", text.lower())
