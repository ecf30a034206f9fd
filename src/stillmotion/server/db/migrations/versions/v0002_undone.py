"""A top-up may be taken back: one more kind of transfer, with an index like that of what was paid in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Allow the kind, and find its rows of an account in the order in which they are shown."""
    op.drop_constraint("ck_transfers_kind", "transfers", type_="check")
    op.create_check_constraint(
        "ck_transfers_kind", "transfers", "kind in ('topup', 'undo', 'hold', 'capture', 'release')"
    )
    op.create_index(
        "ix_transfers_undone",
        "transfers",
        ["debit", "at", "id"],
        unique=False,
        postgresql_where=sa.text("kind = 'undo'"),
    )


def downgrade() -> None:
    """Refuse: what was taken back stands in the books for good. The way back is a restore of a backup."""
    message = "This step cannot be undone: no entry of the books is removed. Restore a backup into an empty database."
    raise CommandError(message)
