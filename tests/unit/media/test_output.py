"""Files that are whole or absent, and names that nobody else has."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

import pytest

from stillmotion.errors import DiskFull
from stillmotion.media.output import write_new

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _names(folder: Path) -> Iterator[Path]:
    return (folder / f"film-{number}.mp4" for number in count(1))


@pytest.fixture(params=["links", "no links"])
def _links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """File systems with hard links and without."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    if request.param == "no links":
        monkeypatch.setattr("os.link", refuse)


@pytest.mark.usefixtures("_links")
def test_a_name_taken_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """A file that another process finished under the wanted name while ours was made stays; ours takes the next."""

    def write(path: Path) -> None:
        path.write_bytes(b"ours")
        (tmp_path / "film-1.mp4").write_bytes(b"theirs")

    assert write_new(write, _names(tmp_path)) == tmp_path / "film-2.mp4"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "film-1.mp4": b"theirs",
        "film-2.mp4": b"ours",
    }


def test_no_name_is_seen_before_the_file_is_whole(tmp_path: Path) -> None:
    """While the file is written, no name that a person would open is there."""
    seen: list[list[str]] = []

    def write(path: Path) -> None:
        path.write_bytes(b"half")
        seen.append([name for name in os.listdir(tmp_path) if not name.startswith(".")])  # noqa: PTH208

    write_new(write, _names(tmp_path))
    assert seen == [[]]


@pytest.mark.parametrize("error", [KeyboardInterrupt, DiskFull, ZeroDivisionError])
def test_what_fails_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    """Whatever stops the writing arrives, and the folder is as it was."""

    def write(path: Path) -> None:
        path.write_bytes(b"half")
        raise error

    with pytest.raises(error):
        write_new(write, _names(tmp_path))
    assert list(tmp_path.iterdir()) == []
