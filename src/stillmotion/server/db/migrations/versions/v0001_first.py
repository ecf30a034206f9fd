"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_IMMUTABLE = """
create function stillmotion_transfers_stay() returns trigger language plpgsql as $$
begin
    raise exception 'transfers are never changed: book another one';
end;
$$
"""
_GUARD = """
create trigger transfers_stay before update or delete or truncate on transfers
    for each statement execute function stillmotion_transfers_stay()
"""


def upgrade() -> None:
    """Make the tables, and keep posted transfers as they are."""
    _people()
    _predictions()
    _lines()
    _removed()
    _afterwards()
    _money()
    _files()
    _tallies()
    op.execute(_IMMUTABLE)
    op.execute(_GUARD)


def _people() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("admin", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=True),
        sa.Column("concurrency", sa.Integer(), nullable=True),
        sa.Column("webhook_url", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("suspended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )
    op.create_table(
        "api_keys",
        sa.Column("public", sa.String(length=12), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_api_keys_account_id"),
        sa.PrimaryKeyConstraint("public", name="pk_api_keys"),
    )
    op.create_index("ix_api_keys_account_id", "api_keys", ["account_id"], unique=False)
    op.create_table(
        "rates",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("window", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_rates_account_id"),
        sa.PrimaryKeyConstraint("account_id", "kind", name="pk_rates"),
    )


def _predictions() -> None:
    op.create_table(
        "predictions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("dialect", sa.String(length=8), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("input", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.String(length=16), server_default="created", nullable=False),
        sa.Column("code", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("engine", sa.Text(), server_default="", nullable=False),
        sa.Column("price_micros", sa.BigInteger(), nullable=False),
        sa.Column("released", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("attempt_token", sa.String(length=32), nullable=True),
        sa.Column("progress", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("stage", sa.String(length=16), server_default="", nullable=False),
        sa.Column("outputs", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("remixed_from", sa.String(length=32), nullable=True),
        sa.Column("webhook_url", sa.Text(), nullable=True),
        sa.Column("base_url", sa.Text(), server_default="", nullable=False),
        sa.Column("base64_output", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status in ('completed', 'failed')) = (finished_at is not null)", name="ck_predictions_finished"
        ),
        sa.CheckConstraint("dialect in ('hosted', 'openai', 'native')", name="ck_predictions_dialect"),
        sa.CheckConstraint("status in ('created', 'processing', 'completed', 'failed')", name="ck_predictions_status"),
        sa.CheckConstraint("price_micros >= 0", name="ck_predictions_price"),
        sa.CheckConstraint("progress between 0 and 100", name="ck_predictions_progress"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_predictions_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_predictions"),
    )
    op.create_index(
        "ix_predictions_account_created",
        "predictions",
        ["account_id", sa.literal_column("created_at desc"), sa.literal_column("id desc")],
        unique=False,
    )


def _lines() -> None:
    """What is open, in the orders that it is looked for."""
    op.create_index(
        "ix_predictions_open",
        "predictions",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("status in ('created', 'processing')"),
    )
    op.create_index(
        "ix_predictions_placed",
        "predictions",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("released and status in ('created', 'processing')"),
    )
    op.create_index(
        "ix_predictions_waiting",
        "predictions",
        ["account_id", "created_at", "id"],
        unique=False,
        postgresql_where=sa.text("not released and status = 'created'"),
    )


def _removed() -> None:
    op.create_table(
        "removed",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("price_micros", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status in ('completed', 'failed')", name="ck_removed_status"),
        sa.CheckConstraint("price_micros >= 0", name="ck_removed_price"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_removed_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_removed"),
    )
    op.create_index("ix_removed_account_created", "removed", ["account_id", "created_at"], unique=False)


def _afterwards() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("prediction_id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("scheme", sa.String(length=8), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'delivered', 'failed')", name="ck_deliveries_state"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_deliveries_account_id"),
        sa.ForeignKeyConstraint(
            ["prediction_id"], ["predictions.id"], name="fk_deliveries_prediction_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_prediction_id", "deliveries", ["prediction_id"], unique=False)
    op.create_table(
        "events",
        sa.Column("prediction_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["prediction_id"], ["predictions.id"], name="fk_events_prediction_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("prediction_id", "number", name="pk_events"),
    )
    op.create_table(
        "repeats",
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("prediction_id", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_repeats_account_id"),
        sa.ForeignKeyConstraint(
            ["prediction_id"], ["predictions.id"], name="fk_repeats_prediction_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "key", name="pk_repeats"),
    )


def _money() -> None:
    op.create_table(
        "balances",
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=True),
        sa.Column("micros", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("may_owe", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("may_owe or micros >= 0", name="ck_balances_covered"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_balances_account_id"),
        sa.PrimaryKeyConstraint("book", name="pk_balances"),
    )
    op.create_table(
        "transfers",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("debit", sa.Text(), nullable=False),
        sa.Column("credit", sa.Text(), nullable=False),
        sa.Column("micros", sa.BigInteger(), nullable=False),
        sa.Column("prediction_id", sa.String(length=32), nullable=True),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('topup', 'hold', 'capture', 'release')", name="ck_transfers_kind"),
        sa.CheckConstraint("debit <> credit", name="ck_transfers_two_books"),
        sa.CheckConstraint("micros >= 0", name="ck_transfers_micros"),
        sa.ForeignKeyConstraint(["credit"], ["balances.book"], name="fk_transfers_credit"),
        sa.ForeignKeyConstraint(["debit"], ["balances.book"], name="fk_transfers_debit"),
        sa.PrimaryKeyConstraint("id", name="pk_transfers"),
        sa.UniqueConstraint("reference", name="uq_transfers_reference"),
    )
    op.create_index("ix_transfers_prediction", "transfers", ["prediction_id"], unique=False)


def _files() -> None:
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("account_id", sa.String(length=32), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), server_default="", nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_uploads_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_account_id", "uploads", ["account_id"], unique=False)
    op.create_table(
        "files",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("prediction_id", sa.String(length=32), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["prediction_id"], ["predictions.id"], name="fk_files_prediction_id"),
        sa.PrimaryKeyConstraint("key", name="pk_files"),
    )
    op.create_index("ix_files_prediction_id", "files", ["prediction_id"], unique=False)


def _tallies() -> None:
    op.create_table(
        "tallies",
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("word", sa.String(length=16), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("what", "model_id", "word", "code", name="pk_tallies"),
    )


def downgrade() -> None:
    """Refuse: before the first schema there is nothing to go back to, and undoing it would remove the books.

    That is so by intent. The way back from any version is a restore of a backup that was taken before.
    """
    message = "The first schema cannot be undone. Restore a backup into an empty database instead."
    raise CommandError(message)
