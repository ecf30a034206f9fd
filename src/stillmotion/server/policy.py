"""What is refused although it could be made: task code 1200, and never paid for.

The default allows everything: whoever runs this server decides. `blocklist_file` names a file of phrases that no prompt
may hold, nor what a Shot has said, heard, shown or written; they are looked for before any money is held.
`refuse_faces` refuses pictures with human faces, as the hosted service does; those are found by the engine process once
the picture is there, and the hold is released.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stillmotion.errors import PolicyRefused

if TYPE_CHECKING:
    from pathlib import Path


class Policy(Protocol):
    """Judges a request before any money is held."""

    def check_words(self, words: str) -> None:
        """Raise PolicyRefused, in words that help, when these words are not wanted here."""


@dataclass(frozen=True, slots=True)
class AllowAll:
    """The default: whoever runs this server decides by themselves."""

    def check_words(self, words: str) -> None:
        """See `Policy.check_words`."""


@dataclass(frozen=True, slots=True)
class Blocklist:
    """Phrases that no words may hold, case and spacing apart."""

    phrases: tuple[str, ...]

    @classmethod
    def read(cls, file: Path) -> Blocklist:
        """One phrase a line; empty lines and lines that begin with # are left out."""
        lines = (_folded(line) for line in file.read_text(encoding="utf-8").splitlines())
        return cls(tuple(line for line in lines if line and not line.startswith("#")))

    def check_words(self, words: str) -> None:
        """See `Policy.check_words`."""
        text = f" {_folded(words)} "
        found = next((phrase for phrase in self.phrases if _edged(phrase) in text), None)
        if found is not None:
            message = f'The words hold "{found}", which this server does not film.'
            raise PolicyRefused(message)


def _folded(text: str) -> str:
    """Words as they are meant: full-width and styled letters are plain ones, and what cannot be seen is not there."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    seen = (one for one in plain if unicodedata.category(one) != "Cf")
    return " ".join("".join(one if one.isalnum() or one == "#" else " " for one in seen).split())


def _edged(phrase: str) -> str:
    """Only whole words count, except in writing that has no spaces between them."""
    return phrase if any(unicodedata.category(one) == "Lo" for one in phrase) else f" {phrase} "


def of(blocklist_file: Path | None) -> Policy:
    """The policy that the settings ask for."""
    return AllowAll() if blocklist_file is None else Blocklist.read(blocklist_file)
