"""Requests to addresses that there are not, or not for that method: what they most likely meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.routing import Match

if TYPE_CHECKING:
    from starlette.requests import Request

OWN = frozenset(
    ("account", "balance", "billings", "media", "model", "models", "predictions", "upload", "user", "webhook")
)
"""What stands first in addresses of the hosted dialect that are no models."""
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_MODEL = re.compile(r"/api/v[23]/(([\w.-]+)(?:/[\w.-]+)*)", re.ASCII)
"""Who makes it, then what it is: "openai/sora-2/image-to-video"; or a name of it that somebody remembers."""


def model_asked(path: str) -> str:
    """The model that a create at a path of the hosted dialect would be for; empty when it has not the form of one."""
    found = _MODEL.fullmatch(path)
    return found[1] if found and found[2] not in OWN else ""


def methods_at(request: Request) -> list[str]:
    """Every method with which the address of a request may be asked, whichever routes answer them."""

    def answered(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(dict(scope))[0] is Match.FULL for route in request.app.routes)

    return [method for method in _METHODS if answered(method)]
