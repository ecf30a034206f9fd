"""The routes of the application, from the application itself: one that is added tomorrow is tested tomorrow."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from stillmotion.server.api.app import create_app
from stillmotion.server.settings import Settings


def routes() -> list[tuple[str, str]]:
    """Every method with every path, parameters in braces."""
    parts: Any = SimpleNamespace(settings=Settings(accounts=True))
    several = (_flat(one) for one in create_app(parts).routes)
    return sorted({(method, one.path) for found in several for one in found for method in one.methods})


def _flat(route: Any) -> list[Any]:
    """The routes of a router, as the framework knows them, or the one that it is."""
    return list(route.effective_route_contexts()) if hasattr(route, "effective_route_contexts") else [route]
