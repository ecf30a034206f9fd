"""The page about Python keeps up with the client."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from stillmotion import Client

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "python.md"


def test_every_verb_of_the_client_is_in_the_reference() -> None:
    """The table of the page names each public method of `Client`, and no other."""
    text = PAGE.read_text(encoding="utf-8")
    table = text[text.index("## Client") : text.index("## Errors")]
    named = set(re.findall(r"`(\w+)\(", "".join(line for line in table.splitlines() if line.startswith("|"))))
    verbs = {name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")}
    assert named - {"Client"} == verbs
