"""Structured logs: one JSON object a line on stderr, without prompts, pictures or keys."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_SECRETS = frozenset(
    ("prompt", "image", "input", "inputs", "body", "authorization", "key", "api_key", "secret", "url", "webhook_url")
)
_HIDDEN = "[not logged]"


def set_up(*, verbose: bool = False) -> None:
    """Log to stderr; called once by the process that serves, never on import."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hide,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def hide(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Fields that may hold what people wrote, sent or must keep to themselves never reach a log."""
    for name in event:
        if name in _SECRETS:
            event[name] = _HIDDEN
    return event


def get() -> structlog.stdlib.BoundLogger:
    """The logger."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger()
    return logger
