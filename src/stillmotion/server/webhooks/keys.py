"""Each account's secret that its webhooks are signed with, and its rotation: the old one goes on signing for a day.

An account that never rotated has a secret derived from the installation's, so that nothing is written to show it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets as chance
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from stillmotion.server.db.schema import secrets
from stillmotion.server.service import WEBHOOKS
from stillmotion.signing import SECRET_PREFIX

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

OVERLAP = timedelta(hours=24)
_SECRET_BYTES = 24


def current_secret(connection: Connection, account_id: str) -> str:
    """What an account's receivers are given."""
    names = (WEBHOOKS, _current(account_id))
    rows = connection.execute(select(secrets.c.name, secrets.c.value).where(secrets.c.name.in_(names)))
    found = {row.name: str(row.value) for row in rows}
    return found.get(_current(account_id)) or _derived(found[WEBHOOKS], account_id)


def signing_secrets(connection: Connection, account_id: str, *, at: datetime) -> tuple[str, ...]:
    """All that sign now, newest first: receivers may still have the old one."""
    old = (secrets.c.name == _previous(account_id)) & (secrets.c.created_at > at - OVERLAP)
    previous = connection.scalar(select(secrets.c.value).where(old))
    return (current_secret(connection, account_id), *([] if previous is None else [str(previous)]))


def rotate_secret(connection: Connection, account_id: str, *, at: datetime) -> str:
    """A new secret; the one before it signs beside it while receivers are told."""
    made = _written(chance.token_bytes(_SECRET_BYTES))
    _put(connection, _previous(account_id), current_secret(connection, account_id), at)
    _put(connection, _current(account_id), made, at)
    return made


def _current(account_id: str) -> str:
    return f"{WEBHOOKS}:{account_id}"


def _previous(account_id: str) -> str:
    return f"{WEBHOOKS}-previous:{account_id}"


def _derived(master: str, account_id: str) -> str:
    return _written(hmac.new(master.encode(), account_id.encode(), hashlib.sha256).digest()[:_SECRET_BYTES])


def _written(secret: bytes) -> str:
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def _put(connection: Connection, name: str, value: str, at: datetime) -> None:
    row = {"name": name, "value": value, "created_at": at}
    changes = {"value": value, "created_at": at}
    connection.execute(insert(secrets).values(row).on_conflict_do_update(index_elements=["name"], set_=changes))
