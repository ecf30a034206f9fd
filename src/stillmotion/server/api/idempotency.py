"""The header by which a caller names a request, so that sending it again never does the work twice."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

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
