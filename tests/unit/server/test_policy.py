"""The default allows; a file of phrases refuses what holds one of them, however it is spelt."""

from __future__ import annotations

from pathlib import Path

import pytest

from stillmotion.errors import PolicyRefused
from stillmotion.server import policy
from stillmotion.server.settings import Settings

GUIDE = Path(__file__).parents[3] / "docs" / "how-to" / "run-the-service.md"


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


def test_the_file_of_the_guide_does_what_the_guide_says(tmp_path: Path) -> None:
    """Its phrases are found as it says, its comment is none of them, and its plural passes."""
    section = GUIDE.read_text("utf-8").partition("\n## What is not filmed\n")[2]
    words = section.partition("```text\n")[2].partition("```")[0]
    (tmp_path / "phrases.txt").write_text(words, encoding="utf-8")
    found = policy.of(tmp_path / "phrases.txt")
    for prompt in ("A Bad, WORD!", "a soap  bubble"):
        with pytest.raises(PolicyRefused):
            found.check_words(prompt)
    found.check_words("bad words of our own")
