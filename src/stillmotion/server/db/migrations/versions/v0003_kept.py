"""Lists read what is on their page, and quotas one figure, which triggers carry along.

Databases that were made for a while before this step have some or all of it from the start: nothing here minds that.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0003"
down_revision = "0002"

_TABLE = """
create table if not exists kept (
    account_id varchar(32) not null,
    size_bytes bigint not null,
    constraint pk_kept primary key (account_id))
"""
_KEEP = """
create or replace function stillmotion_keep(whose text, bytes bigint) returns void language sql as $$
    insert into kept (account_id, size_bytes) values (coalesce(whose, ''), coalesce(bytes, 0))
    on conflict (account_id) do update set size_bytes = kept.size_bytes + excluded.size_bytes
$$
"""
_KEEP_FILES = """
create or replace function stillmotion_keep_files() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        perform stillmotion_keep((select account_id from predictions where id = old.prediction_id), -old.size_bytes);
    end if;
    if tg_op <> 'DELETE' then
        perform stillmotion_keep((select account_id from predictions where id = new.prediction_id), new.size_bytes);
    end if;
    return null;
end;
$$
"""
_KEEP_UPLOADS = """
create or replace function stillmotion_keep_uploads() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' and old.stored_at is not null then
        perform stillmotion_keep(old.account_id, -old.size_bytes);
    end if;
    if tg_op <> 'DELETE' and new.stored_at is not null then
        perform stillmotion_keep(new.account_id, new.size_bytes);
    end if;
    return null;
end;
$$
"""
_FILES_KEPT = """
create or replace trigger files_kept after insert or delete or update of prediction_id, size_bytes on files
    for each row execute function stillmotion_keep_files()
"""
_UPLOADS_KEPT = """
create or replace trigger uploads_kept after insert or delete or update of account_id, size_bytes, stored_at on uploads
    for each row execute function stillmotion_keep_uploads()
"""
_FILL = """
insert into kept (account_id, size_bytes)
select whose, sum(size_bytes) from (
    select coalesce(p.account_id, '') as whose, f.size_bytes
    from files f left join predictions p on p.id = f.prediction_id
    union all
    select account_id, coalesce(size_bytes, 0) from uploads where stored_at is not null) as every
group by whose
"""


def upgrade() -> None:
    """Make what is not there, and count anew: whoever writes files or uploads waits meanwhile."""
    for statement in (_TABLE, _KEEP, _KEEP_FILES, _KEEP_UPLOADS, _FILES_KEPT, _UPLOADS_KEPT, "delete from kept", _FILL):
        op.execute(statement)
    _lists_of_predictions()
    _lists_of_deliveries()
    _lists_of_uploads()
    _few_among_many()


def _lists_of_predictions() -> None:
    """Their indexes hold all that is asked for, which those of the first schema did not."""
    op.drop_index("ix_predictions_account_created", "predictions", if_exists=True)
    op.create_index(
        "ix_predictions_account_created",
        "predictions",
        ["account_id", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
        postgresql_include=["dialect", "model_id", "status", "price_micros", "deleted_at"],
    )
    op.drop_index("ix_removed_account_created", "removed", if_exists=True)
    op.create_index(
        "ix_removed_account_created",
        "removed",
        ["account_id", "created_at"],
        unique=False,
        postgresql_include=["model_id", "status", "price_micros"],
    )


def _lists_of_deliveries() -> None:
    op.create_index(
        "ix_deliveries_account_created",
        "deliveries",
        ["account_id", sa.literal_column("created_at desc"), "id"],
        unique=False,
        postgresql_include=["state"],
        if_not_exists=True,
    )


def _lists_of_uploads() -> None:
    op.create_index(
        "ix_uploads_account_stored",
        "uploads",
        ["account_id", sa.literal_column("stored_at desc"), "id"],
        unique=False,
        postgresql_where=sa.text("stored_at is not null"),
        if_not_exists=True,
    )


def _few_among_many() -> None:
    for name, table, columns, which in (
        ("ix_deliveries_waiting", "deliveries", ["next_at"], "state = 'waiting'"),
        ("ix_events_preview", "events", ["prediction_id", "number"], "kind = 'preview'"),
        ("ix_transfers_charged", "transfers", ["debit", "at", "id"], "kind = 'capture'"),
        ("ix_transfers_paid_in", "transfers", ["credit", "at", "id"], "kind = 'topup'"),
    ):
        op.create_index(name, table, columns, unique=False, postgresql_where=sa.text(which), if_not_exists=True)


def downgrade() -> None:
    """Refuse, as every step does: the way back is a restore of a backup that was taken before."""
    message = "This step cannot be undone. Restore a backup into an empty database instead."
    raise CommandError(message)
