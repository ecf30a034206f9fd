"""The default allows; a file of phrases refuses what holds one of them, however it is spelt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stillmotion.errors import PolicyRefused
from stillmotion.server import policy
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def strict(tmp_path: Path) -> policy.Policy:
    """A policy from a file."""
    file = tmp_path / "phrases.txt"
    file.write_text("# not these\n\nBad Word\nstraße\n禁止\n", encoding="utf-8")
    return policy.of(file)


def test_the_default_allows() -> None:
    """Faces too: whoever runs the server decides."""
    policy.of(None).check_words("a bad word")
    assert (Settings().blocklist_file, Settings().refuse_faces) == (None, False)


@pytest.mark.parametrize(
    "prompt",
    [
        "a bad word here",
        "BAD\n  WORD!",
        "a bad-word.",
        "b\u200bad wo\u00adrd",
        "ｂａｄ ｗｏｒｄ",  # noqa: RUF001 - that is the point
        "𝐛𝐚𝐝 word",  # noqa: RUF001 - that is the point
        "die STRASSE brennt",
        "这是禁止的",
    ],
)
def test_phrases_are_found(strict: policy.Policy, prompt: str) -> None:
    """Whatever their case, spacing, punctuation, or letters that only look otherwise."""
    with pytest.raises(PolicyRefused, match="does not film"):
        strict.check_words(prompt)


@pytest.mark.parametrize("prompt", ["", "a badword", "swordfish", "not these", "#"])
def test_other_words_pass(strict: policy.Policy, prompt: str) -> None:
    """Parts of words and comments of the file are no phrases."""
    strict.check_words(prompt)
