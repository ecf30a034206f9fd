"""What a prediction is while it is asked for, run and kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from stillmotion.money import Money


class Status(StrEnum):
    """The four words that every client knows; cancelled and timed-out work is failed, with a code."""

    CREATED = "created"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


FINAL = (Status.COMPLETED, Status.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """What the key of a request is good for."""

    known: bool = True
    """False for a first send: it is made anew whatever was made before, and remembered for those that repeat it."""
    within: timedelta | None = None
    """What was remembered longer ago does not count; None is: as long as it is remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A request that was checked and priced."""

    account_id: str
    dialect: str
    """Whose words the caller speaks: "hosted", "openai", "native"."""
    model_id: str
    input: dict[str, Any]
    price: Money
    concurrency: int
    """Runs at once for this account; this one waits when there are as many."""
    queue_limit: int
    webhook_url: str | None = None
    account_webhook: bool = False
    """Without an address of its own, its end is told where its account is told."""
    base_url: str = ""
    """Where the caller reached us, without a trailing slash: what is told later names addresses there."""
    base64_output: bool = False
    """Outputs are answered as base64 text instead of addresses."""
    remixed_from: str | None = None
    key: str = ""
    """What tells a resent request from a new one; empty when nothing does."""
    repeated: Repeated = field(default_factory=Repeated)
    body_sha256: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One run of one model."""

    id: str
    account_id: str
    dialect: str
    model_id: str
    input: dict[str, Any]
    status: Status
    code: int
    error: str
    engine: str
    price_micros: int
    attempts: int
    progress: int
    stage: str
    outputs: list[str]
    """Keys of the stored files, the film first."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What the run found out: seconds of work, notes about what could not be done, the Shot."""
    remixed_from: str | None = None
    webhook_url: str | None = None
    base_url: str = ""
    base64_output: bool = False
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    cancel_requested_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """The right of one worker to end one prediction; a later attempt takes it away."""

    prediction: Prediction
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file in the store that nobody can see before the prediction is complete."""

    key: str
    size_bytes: int
    sha256: bytes

    def row(self, prediction_id: str, at: datetime) -> dict[str, Any]:
        """The row of the table of files."""
        return {
            "key": self.key,
            "prediction_id": prediction_id,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
            "created_at": at,
        }
