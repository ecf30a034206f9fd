"""The secret that webhooks are signed with, and its rotation: the old one goes on signing for a day."""

from __future__ import annotations

import base64
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
_PREVIOUS = f"{WEBHOOKS}-previous"
_SECRET_BYTES = 24


def current_secret(connection: Connection) -> str:
    """What receivers are given."""
    return str(connection.execute(select(secrets.c.value).where(secrets.c.name == WEBHOOKS)).scalar_one())


def signing_secrets(connection: Connection, *, at: datetime) -> tuple[str, ...]:
    """All that sign now, newest first: receivers may still have the old one."""
    old = (secrets.c.name == _PREVIOUS) & (secrets.c.created_at > at - OVERLAP)
    previous = connection.scalar(select(secrets.c.value).where(old))
    return (current_secret(connection), *([] if previous is None else [str(previous)]))


def rotate_secret(connection: Connection, *, at: datetime) -> str:
    """A new secret; the one before it signs beside it while receivers are told."""
    made = SECRET_PREFIX + base64.b64encode(chance.token_bytes(_SECRET_BYTES)).decode()
    _put(connection, _PREVIOUS, current_secret(connection), at)
    _put(connection, WEBHOOKS, made, at)
    return made


def _put(connection: Connection, name: str, value: str, at: datetime) -> None:
    row = {"name": name, "value": value, "created_at": at}
    changes = {"value": value, "created_at": at}
    connection.execute(insert(secrets).values(row).on_conflict_do_update(index_elements=["name"], set_=changes))
