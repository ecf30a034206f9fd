"""The models, as the OpenAI dialect lists them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from stillmotion.catalog.openai_names import NAMES, named
from stillmotion.server.api.callers import Caller  # noqa: TC001 - read by the framework
from stillmotion.server.api.openai.answers import NamedModel, NamedModels

router = APIRouter()
_SINCE_S = 1_759_708_800
"""Clients want a time; this is the one that the first of the names carries."""


@router.get("/v1/models", response_model=NamedModels)
def models(_caller: Caller) -> dict[str, Any]:
    """Every name that a create takes."""
    return {"object": "list", "data": [_shown(name) for name in NAMES]}


@router.get("/v1/models/{name}", response_model=NamedModel)
def model(name: str, _caller: Caller) -> dict[str, Any]:
    """One of them."""
    named(name)
    return _shown(name)


def _shown(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": _SINCE_S, "owned_by": "stillmotion"}
