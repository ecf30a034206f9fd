"""Each account's secret that its webhooks are signed with, and its rotation: old ones go on signing for a day.

An account that never rotated has a secret derived from the installation's, so that nothing is written to show it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets as chance
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from stillmotion.server.db.locks import alone_with
from stillmotion.server.db.schema import secrets
from stillmotion.server.service import WEBHOOKS
from stillmotion.signing import SECRET_PREFIX

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Select

OVERLAP = timedelta(hours=24)
_SECRET_BYTES = 24
_BEFORE = f"{WEBHOOKS}-previous"
_OLD_ONES = 3


def current_secret(connection: Connection, account_id: str) -> str:
    """What an account's receivers are given."""
    names = (WEBHOOKS, _current(account_id))
    rows = connection.execute(select(secrets.c.name, secrets.c.value).where(secrets.c.name.in_(names)))
    found = {row.name: str(row.value) for row in rows}
    return found.get(_current(account_id)) or _derived(found[WEBHOOKS], account_id)


def signing_secrets(connection: Connection, account_id: str, *, at: datetime) -> tuple[str, ...]:
    """All that sign now, newest first: receivers may still have an old one."""
    rows = connection.execute(_previous(account_id).where(secrets.c.created_at > at - OVERLAP).limit(_OLD_ONES))
    return (current_secret(connection, account_id), *(str(row.value) for row in rows))


def rotate_secret(connection: Connection, account_id: str, *, at: datetime) -> str:
    """A new secret; those before it sign beside it while receivers are told.

    All of the last day's do, up to a few: a rotation that was sent twice must not lock out who has the first one.
    """
    alone_with(connection, f"rotation {account_id}")
    made = _written(chance.token_bytes(_SECRET_BYTES))
    old = current_secret(connection, account_id)
    _put(connection, f"{_BEFORE}:{account_id}:{chance.token_hex(8)}", old, at)
    _put(connection, _current(account_id), made, at)
    kept = [row.name for row in connection.execute(_previous(account_id).limit(_OLD_ONES))]
    connection.execute(delete(secrets).where(_are_previous(account_id), secrets.c.name.not_in(kept)))
    return made


def _current(account_id: str) -> str:
    return f"{WEBHOOKS}:{account_id}"


def _previous(account_id: str) -> Select[tuple[str, str]]:
    """What was rotated away, newest first."""
    newest_first = (secrets.c.created_at.desc(), secrets.c.name)
    return select(secrets.c.name, secrets.c.value).where(_are_previous(account_id)).order_by(*newest_first)


def _are_previous(account_id: str) -> ColumnElement[bool]:
    return secrets.c.name.startswith(f"{_BEFORE}:{account_id}:", autoescape=True)


def _derived(master: str, account_id: str) -> str:
    return _written(hmac.new(master.encode(), account_id.encode(), hashlib.sha256).digest()[:_SECRET_BYTES])


def _written(secret: bytes) -> str:
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def _put(connection: Connection, name: str, value: str, at: datetime) -> None:
    row = {"name": name, "value": value, "created_at": at}
    changes = {"value": value, "created_at": at}
    connection.execute(insert(secrets).values(row).on_conflict_do_update(index_elements=["name"], set_=changes))
