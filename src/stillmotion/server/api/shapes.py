"""What an error looks like in each dialect, and which HTTP status it has."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from stillmotion import errors
from stillmotion.server.codes import Code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stillmotion.errors import StillmotionError


class Dialect(StrEnum):
    """Whose words an address speaks."""

    HOSTED = "hosted"
    OPENAI = "openai"
    NATIVE = "native"


_STATUS: Mapping[type[StillmotionError], int] = {
    errors.KeyRefused: 401,
    errors.BalanceTooLow: 402,
    errors.AccountSuspended: 403,
    errors.HostRefused: 403,
    errors.PredictionUnknown: 404,
    errors.DeliveryUnknown: 404,
    errors.ModelUnknown: 404,
    errors.OutputMissing: 404,
    errors.KeyReused: 409,
    errors.UploadTaken: 409,
    errors.UploadAwaited: 409,
    errors.UploadUnknown: 404,
    errors.QueueFull: 429,
    errors.RateLimited: 429,
    errors.BodyTooLarge: 413,
    errors.SignatureInvalid: 403,
    errors.InputRefused: 400,
    errors.DatabaseUnavailable: 503,
    errors.StoreUnavailable: 503,
    errors.ReaderBusy: 503,
    errors.ServerBusy: 503,
    errors.DiskFull: 507,
    errors.QuotaFull: 507,
}
_WORDS_LIMIT = 2000
"""Characters of a message: some repeat what was sent."""
_OPENAI_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    429: "rate_limit_error",
}
MODERATION_BLOCKED = "moderation_blocked"
"""What clients of the OpenAI dialect know a refusal of the policy by, now or later."""


def dialect_of(path: str) -> Dialect:
    """Which dialect a path belongs to."""
    if path.startswith("/v1"):
        return Dialect.OPENAI
    return Dialect.HOSTED if path.startswith(("/api/v3", "/api/v2")) else Dialect.NATIVE


def status_of(error: StillmotionError) -> int:
    """The HTTP status of an error: that of its nearest class; 500 for our own faults."""
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def body(dialect: Dialect, status: int, message: str, code: str, *, field: str | None = None) -> dict[str, Any]:
    """The JSON of an error.

    The hosted form carries `error` beside `message`, because some clients read only that; successes never do. What the
    policy refuses has the code of a task that was refused later, where clients look for that.
    """
    message, field = _sayable(message), None if field is None else _sayable(field)
    if dialect is Dialect.OPENAI:
        kind = _OPENAI_TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
        named = MODERATION_BLOCKED if code == errors.PolicyRefused.code else code
        return {"error": {"message": message, "type": kind, "param": field, "code": named}}
    if dialect is Dialect.HOSTED:
        found = {"code": status, "message": message, "error_code": code.upper(), "error": message}
        return {**found, "data": {"code": int(Code.MODERATION)}} if code == errors.PolicyRefused.code else found
    return {"error": {"code": code, "message": message, "field": field}}


def _sayable(words: str) -> str:
    """Words that can be sent, whatever they repeat: halves of characters are legal in JSON and nowhere else."""
    shortened = words if len(words) <= _WORDS_LIMIT else f"{words[:_WORDS_LIMIT]}..."
    return shortened.encode("utf-8", "replace").decode()
