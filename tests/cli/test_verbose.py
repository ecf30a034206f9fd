"""What `-v` says of errors: what led to those that a person can cause, and where all others happened."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

import pytest

from stillmotion.cli import app
from stillmotion.errors import DatabaseUnavailable, ImageUnreadable, StillmotionError

if TYPE_CHECKING:
    from collections.abc import Callable


def _foreseen() -> NoReturn:
    try:
        try:
            raise FileNotFoundError(2, "No such file", "a.png")
        except OSError as error:
            message = "in two\n  lines"
            raise ValueError(message) from error
    except ValueError as error:
        raise ImageUnreadable from error


def _hidden() -> None:
    try:
        int("none")
    except ValueError:
        raise DatabaseUnavailable from None


def _unforeseen() -> NoReturn:
    raise StillmotionError


def _ours() -> NoReturn:
    message = "a fault of ours"
    raise RuntimeError(message)


def _said(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], fault: Callable[[], object]) -> str:
    """On stderr, with -v."""
    monkeypatch.setattr(app.program, "main", lambda **_: fault())
    assert app.run(["doctor"]) == app.run(["doctor", "-v", "--json"])
    out, err = capfd.readouterr()
    assert json.loads(out)["error"]["message"]
    plain, _, verbose = err.partition("\n")
    assert plain.startswith("stillmotion: ")
    return verbose


def test_what_a_person_causes_has_its_causes_a_line_each(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The nearest first, without the program's own places; what was left out by intent stays out."""
    assert _said(monkeypatch, capfd, _foreseen).splitlines() == [
        "because of ValueError: in two lines",
        "because of FileNotFoundError: [Errno 2] No such file: 'a.png'",
    ]
    assert _said(monkeypatch, capfd, _hidden) == ""


@pytest.mark.parametrize("fault", [_unforeseen, _ours])
def test_what_nobody_foresaw_has_its_place(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], fault: Callable[[], object]
) -> None:
    """A fault of ours comes with where it happened, to be reported; without -v it is one line as well."""
    said = _said(monkeypatch, capfd, fault)
    assert said.startswith("Traceback")
    assert fault.__name__ in said
