"""Text to tokens: one spelling for quotes, dashes, accents and case, so that the lexicon needs only one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

QUOTE_OPEN, QUOTE_CLOSE = "\ue000", "\ue001"
_QUOTE_MARKS = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u201f\xab\xbb\u300c\u300d\u300e\u300f\uff02", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u201b`\xb4", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2212", "-"),
        **dict.fromkeys((QUOTE_OPEN, QUOTE_CLOSE), " "),
        **dict.fromkeys("*_#|", " "),
    },
)
_DASH = re.compile(r"[ \t][-\u2013\u2014]{1,3}(?=[ \t])|\u2014")
_BEFORE_DIE = frozenset(
    {"a", "the", "one", "another", "this", "that", "white", "red", "black", "wooden", "small", "little", "big", "large"}
)
_BULLET = re.compile(r"^[^\S\n]*[*•·‣▪]+[^\S\n]+", re.MULTILINE)
_HEADING = re.compile(r"^[^\S\n]*#{1,6}([^\n]*)$", re.MULTILINE)
_BLANK = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"[^\S\n]*(?:\r\n|[\n\r\f\v\x1c-\x1e\x85\u2028\u2029])[^\S\n]*")
_TOKEN = re.compile(
    rf"{QUOTE_OPEN}\d+{QUOTE_CLOSE}|\d+(?:[.:/]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s]",
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, mark or lifted quotation."""

    key: str
    """Case folded, without accents: what the lexicon knows."""
    text: str
    """As it was written."""

    @property
    def is_word(self) -> bool:
        """Whether it is made of letters."""
        return self.key[:1].isalpha()

    @property
    def quotation(self) -> int | None:
        """Index of the quotation that stood here."""
        return int(self.key[1:-1]) if self.key.startswith(QUOTE_OPEN) else None


def fold(text: str) -> str:
    """Case folded and without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def tidy(text: str) -> str:
    """The prompt with plain quotes and dashes, no emphasis marks, single blanks and no empty edges; lines stay."""
    marked = _HEADING.sub(_as_label, _BULLET.sub("- ", unicodedata.normalize("NFC", text)))
    plain = marked.translate(_QUOTE_MARKS).replace("…", ". ")
    lines = _LINES.sub("\n", _BLANK.sub(" ", plain)).strip()
    return _DASH.sub(" ;", lines).replace("\u2013", "-").strip()


def _as_label(heading: re.Match[str]) -> str:
    return heading.group(1).strip(" \t\r#*_:") + ":"


def tokenize(text: str) -> tuple[Token, ...]:
    """Words, numbers and marks in order; a possessive 's is a token of its own."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        word = match.group()
        if word != "-" or _between_digits(text, match.start()):
            found.extend(_split_possessive(word))
    return tuple(_dice(found))


def _dice(tokens: list[Token]) -> list[Token]:
    """A die is a thing in English and an article in German: behind an English article it is the thing."""
    before = ["", *(token.key for token in tokens)]
    return [
        Token("dice", token.text) if token.key == "die" and before[index] in _BEFORE_DIE else token
        for index, token in enumerate(tokens)
    ]


def _between_digits(text: str, index: int) -> bool:
    return index > 0 and text[index - 1].isdecimal() and text[index + 1 : index + 2].isdecimal()


def _split_possessive(text: str) -> list[Token]:
    key = fold(text)
    if key.endswith("'s") and len(key) > 2 and key not in {"it's", "let's", "that's", "there's"}:
        return [Token(key[:-2], text[:-2]), Token("'s", "'s")]
    return [Token(key, text)]


def say(tokens: tuple[Token, ...]) -> str:
    """Tokens as a person would write them."""
    text = " ".join(token.text for token in tokens if token.quotation is None)
    return re.sub(r" (?=[,.;:!?)']|$)", "", text)
