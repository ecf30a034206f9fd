"""Keys are recognised, checked, and never read back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from stillmotion.errors import AccountSuspended, KeyRefused
from stillmotion.server import accounts, ids
from stillmotion.server.db import schema

if TYPE_CHECKING:
    from sqlalchemy import Connection

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_key_opens_its_account(connection: Connection) -> None:
    """Several keys, each until it is revoked."""
    me = accounts.create(connection, "somebody", at=NOW, may_owe=False)
    first, second = (accounts.issue_key(connection, me.id, name=name, at=NOW) for name in ("laptop", "server"))
    assert accounts.of_key(connection, first.text) == me
    assert accounts.revoke_key(connection, me.id, first.public, at=NOW)
    assert not accounts.revoke_key(connection, me.id, first.public, at=NOW)
    with pytest.raises(KeyRefused):
        accounts.of_key(connection, first.text)
    assert accounts.of_key(connection, second.text) == me
    assert {key.name: key.revoked_at is None for key in accounts.keys(connection, me.id)} == {
        "laptop": False,
        "server": True,
    }


def test_only_a_hash_is_stored(connection: Connection) -> None:
    """Nothing in the database, and no repr, holds the secret."""
    me = accounts.create(connection, "somebody", at=NOW, may_owe=False)
    key = accounts.issue_key(connection, me.id, name="", at=NOW)
    rows = connection.execute(text("select t::text from api_keys t")).scalars().all()
    assert rows
    assert not any(key.secret in row or key.secret.encode().hex() in row for row in rows)
    assert key.secret not in repr(key)


@pytest.mark.parametrize("wrong", ["", "sm_", "Bearer x", "sm_" + "a" * 50, "\x00", "sm_" + "ä" * 50])
def test_what_is_no_key_is_refused(connection: Connection, wrong: str) -> None:
    """One answer for everything that does not fit."""
    with pytest.raises(KeyRefused):
        accounts.of_key(connection, wrong)


def test_a_guessed_secret_is_refused(connection: Connection) -> None:
    """The public part alone opens nothing."""
    me = accounts.create(connection, "somebody", at=NOW, may_owe=False)
    key = accounts.issue_key(connection, me.id, name="", at=NOW)
    with pytest.raises(KeyRefused):
        accounts.of_key(connection, ids.ApiKey(public=key.public, secret=ids.new_key().secret).text)


def test_suspended_accounts_are_told(connection: Connection) -> None:
    """A right key of a suspended account gets another answer than a wrong one."""
    me = accounts.create(connection, "somebody", at=NOW, may_owe=False)
    key = accounts.issue_key(connection, me.id, name="", at=NOW)
    connection.execute(schema.accounts.update().where(schema.accounts.c.id == me.id).values(suspended_at=NOW))
    with pytest.raises(AccountSuspended):
        accounts.of_key(connection, key.text)


def test_keys_have_a_checksum() -> None:
    """A typing error is found without asking the database."""
    key = ids.new_key()
    assert ids.read_key(key.text) == key
    for place in range(len(key.text)):
        changed = key.text[:place] + ("x" if key.text[place] != "x" else "y") + key.text[place + 1 :]
        assert ids.read_key(changed) is None


def test_ids_of_both_dialects() -> None:
    """One prediction, two names."""
    name = ids.prediction_id()
    assert ids.prediction_of(name) == ids.prediction_of(ids.video_id(name)) == name
    assert ids.prediction_of("video_x") is None
    assert ids.prediction_of("../" + name) is None
