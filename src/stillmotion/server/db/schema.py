"""Tables. Times are UTC with zone, money is whole micro-dollars, rows of the ledger are never changed."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _when(name: str, *, needed: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=not needed)


accounts = Table(
    "accounts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("admin", Boolean, nullable=False, server_default=text("false")),
    Column("per_minute", Integer),
    Column("concurrency", Integer),
    Column("webhook_url", Text),
    _when("created_at", needed=True),
    _when("suspended_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("public", String(12), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    _when("created_at", needed=True),
    _when("revoked_at"),
)

predictions = Table(
    "predictions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("dialect", String(8), nullable=False),
    Column("model_id", Text, nullable=False),
    Column("input", JSONB, nullable=False),
    Column("status", String(16), nullable=False, server_default="created"),
    Column("code", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False, server_default=""),
    Column("engine", Text, nullable=False, server_default=""),
    Column("price_micros", BigInteger, nullable=False),
    Column("released", Boolean, nullable=False, server_default=text("true")),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("attempt_token", String(32)),
    Column("progress", SmallInteger, nullable=False, server_default="0"),
    Column("stage", String(16), nullable=False, server_default=""),
    Column("outputs", JSONB, nullable=False, server_default=text("'[]'")),
    Column("facts", JSONB, nullable=False, server_default=text("'{}'")),
    Column("remixed_from", String(32)),
    Column("webhook_url", Text),
    Column("base_url", Text, nullable=False, server_default=""),
    Column("base64_output", Boolean, nullable=False, server_default=text("false")),
    _when("created_at", needed=True),
    _when("started_at"),
    _when("finished_at"),
    _when("cancel_requested_at"),
    _when("deleted_at"),
    CheckConstraint("status in ('created', 'processing', 'completed', 'failed')", name="status"),
    CheckConstraint("dialect in ('hosted', 'openai', 'native')", name="dialect"),
    CheckConstraint("progress between 0 and 100", name="progress"),
    CheckConstraint("price_micros >= 0", name="price"),
    CheckConstraint("(status in ('completed', 'failed')) = (finished_at is not null)", name="finished"),
    Index(
        "ix_predictions_account_created",
        "account_id",
        text("created_at desc"),
        text("id desc"),
        postgresql_include=["dialect", "model_id", "status", "price_micros", "deleted_at"],
    ),
    Index("ix_predictions_open", "account_id", postgresql_where=text("status in ('created', 'processing')")),
    Index(
        "ix_predictions_placed", "created_at", postgresql_where=text("released and status in ('created', 'processing')")
    ),
    Index(
        "ix_predictions_waiting",
        "account_id",
        "created_at",
        "id",
        postgresql_where=text("not released and status = 'created'"),
    ),
)

removed = Table(
    "removed",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("model_id", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("price_micros", BigInteger, nullable=False),
    _when("created_at", needed=True),
    CheckConstraint("status in ('completed', 'failed')", name="status"),
    CheckConstraint("price_micros >= 0", name="price"),
    Index(
        "ix_removed_account_created",
        "account_id",
        "created_at",
        postgresql_include=["model_id", "status", "price_micros"],
    ),
)
"""What the books need of predictions whose rows went: usage and bills still tell them, what was asked for is gone."""

events = Table(
    "events",
    metadata,
    Column("prediction_id", ForeignKey("predictions.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("data", JSONB, nullable=False),
    _when("at", needed=True),
    Index("ix_events_preview", "prediction_id", "number", postgresql_where=text("kind = 'preview'")),
)

repeats = Table(
    "repeats",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_sha256", LargeBinary(32), nullable=False),
    Column("prediction_id", ForeignKey("predictions.id", ondelete="CASCADE"), nullable=False),
    _when("created_at", needed=True),
)

balances = Table(
    "balances",
    metadata,
    Column("book", Text, primary_key=True),
    Column("account_id", ForeignKey("accounts.id")),
    Column("micros", BigInteger, nullable=False, server_default="0"),
    Column("may_owe", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("may_owe or micros >= 0", name="covered"),
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", BigInteger, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("debit", ForeignKey("balances.book"), nullable=False),
    Column("credit", ForeignKey("balances.book"), nullable=False),
    Column("micros", BigInteger, nullable=False),
    Column("prediction_id", String(32)),
    Column("words", Text, nullable=False, server_default=""),
    _when("at", needed=True),
    UniqueConstraint("reference"),
    CheckConstraint("kind in ('topup', 'undo', 'hold', 'capture', 'release')", name="kind"),
    CheckConstraint("micros >= 0", name="micros"),
    CheckConstraint("debit <> credit", name="two_books"),
    Index("ix_transfers_prediction", "prediction_id"),
    Index("ix_transfers_charged", "debit", "at", "id", postgresql_where=text("kind = 'capture'")),
    Index("ix_transfers_paid_in", "credit", "at", "id", postgresql_where=text("kind = 'topup'")),
    Index("ix_transfers_undone", "debit", "at", "id", postgresql_where=text("kind = 'undo'")),
)

uploads = Table(
    "uploads",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False, index=True),
    Column("filename", Text, nullable=False),
    Column("media_type", Text, nullable=False, server_default=""),
    Column("size_bytes", BigInteger),
    Column("sha256", LargeBinary(32)),
    Column("key", Text),
    _when("created_at", needed=True),
    _when("stored_at"),
    Index(
        "ix_uploads_account_stored",
        "account_id",
        text("stored_at desc"),
        "id",
        postgresql_where=text("stored_at is not null"),
    ),
)

files = Table(
    "files",
    metadata,
    Column("key", Text, primary_key=True),
    Column("prediction_id", ForeignKey("predictions.id"), index=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", LargeBinary(32), nullable=False),
    _when("created_at", needed=True),
)

kept = Table(
    "kept",
    metadata,
    Column("account_id", String(32), primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
)
"""What the store holds of each account. Triggers carry it along with `files` and `uploads`: nobody else writes it."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("prediction_id", ForeignKey("predictions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("scheme", String(8), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(10), nullable=False, server_default="waiting"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("answer", Text, nullable=False, server_default=""),
    _when("created_at", needed=True),
    _when("last_at"),
    _when("next_at"),
    CheckConstraint("state in ('waiting', 'delivered', 'failed')", name="state"),
    Index("ix_deliveries_account_created", "account_id", text("created_at desc"), "id", postgresql_include=["state"]),
    Index("ix_deliveries_waiting", "next_at", postgresql_where=text("state = 'waiting'")),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    _when("created_at", needed=True),
)

rates = Table(
    "rates",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("window", BigInteger, nullable=False),
    Column("count", Integer, nullable=False),
)

tallies = Table(
    "tallies",
    metadata,
    Column("what", String(16), primary_key=True),
    Column("model_id", Text, primary_key=True),
    Column("word", String(16), primary_key=True),
    Column("code", Integer, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
)
