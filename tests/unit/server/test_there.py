"""Commands of the operator look after an installation that is there: a slip in its place makes no new one."""

from __future__ import annotations

import json
import os
import secrets
import shlex
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from stillmotion.cli.app import run
from stillmotion.cli.service_checkup import service_checkup
from stillmotion.server.db import engine

if TYPE_CHECKING:
    from pathlib import Path

ALL = (
    "audit",
    "backup {}/kept.zip",
    "accounts list",
    "accounts create alice",
    "accounts suspend alice",
    "keys create alice",
    "keys list alice",
    "topup alice 5",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, with no settings of ours around it."""
    for name in [name for name in os.environ if name.upper().startswith("STILLMOTION_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("command", ALL)
def test_a_mistyped_folder_is_refused(folder: Path, capfd: pytest.CaptureFixture[str], command: str) -> None:
    """Exit code 4 with the folder that was looked at, and nothing is made: a nightly audit cannot be green for ever."""
    typo = folder / "typo"
    assert run([*command.format(folder).split(), "--data-dir", str(typo)]) == 4
    told = capfd.readouterr()
    assert told.out == ""
    assert f"no installation in {typo}" in told.err
    assert list(folder.iterdir()) == []


def test_an_empty_database_is_refused(
    folder: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """One that is named and has no tables is left so, and told without its password."""
    monkeypatch.setenv("STILLMOTION_DATA_DIR", str(folder / "data"))
    monkeypatch.setenv("STILLMOTION_DATABASE_URL", postgres_url)
    assert run(["audit"]) == 4
    assert "no installation in postgresql://" in capfd.readouterr().err
    admin = create_engine(engine.dialect(postgres_url))
    with admin.connect() as connection:
        assert connection.scalar(text("select to_regclass('accounts')")) is None
    admin.dispose()


@pytest.mark.usefixtures("folder")
def test_an_audit_says_what_it_looked_at(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where, and how many accounts, predictions and entries."""
    monkeypatch.setenv("STILLMOTION_DATABASE_URL", database_url)
    monkeypatch.setenv("STILLMOTION_DATA_DIR", "data")
    assert run(["audit", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["place"].startswith("postgresql://")
    assert told["accounts"] >= 1
    assert {"predictions", "entries"} <= set(told)
    assert run(["audit"]) == 0
    assert f"{told['accounts']} accounts, " in capfd.readouterr().err


@pytest.mark.usefixtures("folder")
def test_a_slip_can_be_taken_back(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A top-up without a reference says under which one it was booked, as it is typed to take it back."""
    monkeypatch.setenv("STILLMOTION_DATABASE_URL", database_url)
    monkeypatch.setenv("STILLMOTION_DATA_DIR", "data")
    name = f"al ice {secrets.token_hex(4)}"
    assert run(["accounts", "create", name]) == 0
    assert f"`stillmotion topup '{name}' 10`" in capfd.readouterr().err
    assert run(["topup", name, "1000"]) == 0
    told = capfd.readouterr()
    assert told.out == "$1000.00\n"
    typed = shlex.split(told.err.partition("`")[2].partition("`")[0])
    assert run(typed[1:]) == 0
    assert capfd.readouterr().out == "$0.00\n"
    assert run([*typed[1:], "--json"]) == 0
    told_again = json.loads(capfd.readouterr().out)
    assert (told_again["booked"], told_again["balance_micros"], told_again["undo"]) == (False, 0, True)
    several = ["5", "--undo", "x"], ["--undo", "x", "--reference", "y"]
    for wrong in ([], *several, ["5", "--reference", ""], ["--undo", ""]):
        assert run(["topup", name, *wrong]) == 2


def test_a_backup_replaces_none(
    folder: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A name that is taken is refused, and what lies there stays as it is, unless that is what was asked for."""
    monkeypatch.setenv("STILLMOTION_DATABASE_URL", database_url)
    monkeypatch.setenv("STILLMOTION_DATA_DIR", "data")
    (archive := folder / "monday.zip").write_bytes(b"the one of last week")
    assert run(["backup", "monday.zip"]) == 4
    assert "--replace" in capfd.readouterr().err
    assert archive.read_bytes() == b"the one of last week"
    assert run(["backup", "monday.zip", "--replace"]) == 0
    assert archive.read_bytes().startswith(b"PK")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "address",
    [
        "nonsense-hush",
        "mysql://a:hush@b/c",
        "postgresql:/a:hush@b/c",
        "postgresql://a:hush@b:port/c",
        "postgresql://a:hush@127.0.0.1:1/c?nonsense=1",
    ],
)
def test_an_address_that_is_none_is_a_fault_of_the_settings(
    address: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Commands end with exit code 2 and what an address looks like; doctor has it among its findings."""
    monkeypatch.setenv("STILLMOTION_DATABASE_URL", address)
    monkeypatch.setenv("STILLMOTION_DATA_DIR", "data")
    assert run(["audit"]) == 2
    told = capfd.readouterr().err
    assert "database_url: " in told
    assert "postgresql://user:password@host" in told
    assert "STILLMOTION_DATABASE_URL" in told
    wrong = [finding.detail for finding in service_checkup() if finding.well is False]
    assert len(wrong) == 1
    assert wrong[0].startswith("database_url: ")
    assert "hush" not in told + wrong[0]
