"""What `doctor` says of the memory that there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stillmotion.cli import checkup

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("limit", "well", "told"),
    [
        (f"{1 << 30}\n", False, "1.0 GB for this container"),
        ("max\n", True, "8.0 GB, at least 3"),
        (f"{(1 << 63) - 4096}\n", True, "8.0 GB, at least 3"),
        (None, True, "8.0 GB, at least 3"),
    ],
)
def test_a_container_has_what_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str | None, *, well: bool, told: str
) -> None:
    """The memory of the machine counts for nothing where less of it may be used."""
    facts = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": (8 << 30) // 4096}
    monkeypatch.setattr(checkup.os, "sysconf", facts.__getitem__, raising=False)
    monkeypatch.setattr(checkup, "LIMITS", (tmp_path / "none", tmp_path / "limit"))
    if limit is not None:
        (tmp_path / "limit").write_text(limit)
    found = checkup._memory()
    assert found.well is well
    assert told in found.detail
