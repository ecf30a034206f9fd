"""The header by which a caller names a request, so that sending it again never does the work twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import Header

if TYPE_CHECKING:
    from fastapi import Request

LIMIT = 255
"""Characters."""
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        max_length=LIMIT,
        description="The same key with the same request is the same prediction; with another request it is refused.",
    ),
]


def resends(request: Request) -> int | None:
    """How often an official client says that it has sent this before; None when it says nothing."""
    count = request.headers.get("x-stainless-retry-count", "")
    return int(count[:9]) if count.isascii() and count.isdigit() else None
