"""Bringing tables up to date: what the steps are is known without the tool that runs them."""

from __future__ import annotations

import sys
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text

from stillmotion.server.db import engine

if TYPE_CHECKING:
    from sqlalchemy import Connection


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
    """Nothing is done to them, and it is told."""
    connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(CommandError, match="9999"):
        engine.upgrade(connection)


def test_where_nothing_is_to_be_done_alembic_is_not_asked(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So starts every process of a service but the first one: loading it takes longer than the rest of that."""
    monkeypatch.setitem(sys.modules, "alembic", None)
    engine.upgrade(connection)
    connection.execute(text("delete from alembic_version"))
    with pytest.raises(ImportError):
        engine.upgrade(connection)
