"""What is refused although it could be made. The default allows everything; a file or a plug-in may say otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stillmotion.errors import PolicyRefused

if TYPE_CHECKING:
    from pathlib import Path


class Policy(Protocol):
    """Judges a request before any money is held."""

    def check_prompt(self, prompt: str) -> None:
        """Raise PolicyRefused, in words that help, when these words are not wanted here."""


@dataclass(frozen=True, slots=True)
class AllowAll:
    """The default: whoever runs this server decides by themselves."""

    def check_prompt(self, prompt: str) -> None:
        """See `Policy.check_prompt`."""


@dataclass(frozen=True, slots=True)
class Blocklist:
    """Phrases that no prompt may hold, case and spacing apart."""

    phrases: tuple[str, ...]

    @classmethod
    def read(cls, file: Path) -> Blocklist:
        """One phrase a line; empty lines and lines that begin with # are left out."""
        lines = (_folded(line) for line in file.read_text(encoding="utf-8").splitlines())
        return cls(tuple(line for line in lines if line and not line.startswith("#")))

    def check_prompt(self, prompt: str) -> None:
        """See `Policy.check_prompt`."""
        words = f" {_folded(prompt)} "
        found = next((phrase for phrase in self.phrases if f" {phrase} " in words), None)
        if found is not None:
            message = f'The prompt holds "{found}", which this server does not film.'
            raise PolicyRefused(message)


def _folded(text: str) -> str:
    kept = "".join(character if character.isalnum() or character == "#" else " " for character in text.casefold())
    return " ".join(kept.split())


def of(blocklist_file: Path | None) -> Policy:
    """The policy that the settings ask for."""
    return AllowAll() if blocklist_file is None else Blocklist.read(blocklist_file)
