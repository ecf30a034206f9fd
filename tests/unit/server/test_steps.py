"""Bringing tables up to date: what the steps are is known without the tool that runs them."""

from __future__ import annotations

import sys
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from databases import empty
from stillmotion.cli.app import run
from stillmotion.errors import DatabaseUnavailable
from stillmotion.server.db import engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection


@pytest.fixture(scope="module")
def of_a_later_version(postgres_url: str) -> Iterator[str]:
    """The address of a database that a later version has brought up to date."""
    with empty(postgres_url) as url:
        made = engine.connect(url)
        with made.begin() as connection:
            connection.execute(text("create table alembic_version as select '9999' as version_num"))
        made.dispose()
        yield url


@pytest.fixture
def later(of_a_later_version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation of a later version is the one that commands are about."""
    monkeypatch.setenv("STILLMOTION_DATABASE_URL", of_a_later_version)
    monkeypatch.setenv("STILLMOTION_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def test_the_files_are_the_steps() -> None:
    """Their numbers are the revisions, in the order in which Alembic takes them."""
    config = Config()
    config.set_main_option("script_location", str(files("stillmotion.server.db.migrations")))
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    assert engine.revisions() == tuple(reversed(steps))


def test_where_the_tables_are(connection: Connection) -> None:
    """As Alembic says it; nowhere where it has never been."""
    known = MigrationContext.configure(connection)
    assert engine.current_revision(connection) == known.get_current_revision() == engine.revisions()[-1]
    connection.execute(text("delete from alembic_version"))
    assert engine.current_revision(connection) is None
    connection.execute(text("drop table alembic_version"))
    assert engine.current_revision(connection) is None


def test_tables_of_a_later_version_are_left_alone(connection: Connection) -> None:
    """Nothing is done to them, and it is told with what to do."""
    connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(DatabaseUnavailable, match=r"at 9999, newer than this version .* update it"):
        engine.upgrade(connection)
    assert engine.current_revision(connection) == "9999"


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize(
    "command", [["audit"], ["migrate"], ["serve"], ["worker"], ["backup", "b.zip"], ["keys", "list", "a"]]
)
def test_every_command_says_that_the_tables_are_newer(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """None of them takes it for a fault of its own, and none begins."""
    assert run(command) == DatabaseUnavailable.exit_code
    assert "newer than this version of stillmotion: update it" in capsys.readouterr().err


def test_where_nothing_is_to_be_done_alembic_is_not_asked(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So starts every process of a service but the first one: loading it takes longer than the rest of that."""
    monkeypatch.setitem(sys.modules, "alembic", None)
    engine.upgrade(connection)
    connection.execute(text("delete from alembic_version"))
    with pytest.raises(ImportError):
        engine.upgrade(connection)
