"""Structured logs on stderr: a JSON object a line, or lines for people on a terminal; no prompts, pictures or keys."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from types import TracebackType

_SECRETS = frozenset(
    ("prompt", "image", "input", "inputs", "body", "authorization", "key", "api_key", "secret", "url", "webhook_url")
)
_HIDDEN = "[not logged]"
_TELLING = re.compile(
    r"data:[\w/+.-]*[;,]|\bsm_[0-9A-Za-z]{12,}|\bwhsec_|\bBearer\s|[?&]\w+=|://[^/\s]*@", re.IGNORECASE
)
"""Pictures, keys, secrets, and addresses with what signs them: wherever they stand."""
_LONGEST = 200


def set_up(*, verbose: bool = False) -> None:
    """Log to stderr; called once by the process that serves, never on import."""
    written = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            hide,
            written,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[Libraries()], level=logging.WARNING, force=True)


def hide(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What may hold what people wrote, sent or must keep to themselves never reaches a log, whatever it is called."""
    for name, value in event.items():
        telling = name != "places" and isinstance(value, str) and _TELLING.search(value)
        if name in _SECRETS or telling:
            event[name] = _HIDDEN
    event.pop("exc_info", None)  # the words of an error may hold anything: see `places`
    return event


def places(error_traceback: TracebackType | None) -> str:
    """Where an error came from, without its words, which may hold what people sent."""
    return "".join(traceback.format_tb(error_traceback))


class Libraries(logging.Handler):
    """What libraries have to say, in the same form: who, how bad and where; of their words only a plain first line."""

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        said: dict[str, Any] = {"library": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            said |= {"error": type(record.exc_info[1]).__name__, "places": places(record.exc_info[2])}
        # Not filled in: what is filled in comes from outside.
        words = str(record.msg).strip().partition("\n")[0][:_LONGEST]
        get().log(max(record.levelno, logging.WARNING), words, **said)


def get() -> structlog.stdlib.BoundLogger:
    """The logger."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger()
    return logger
