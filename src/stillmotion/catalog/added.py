"""Models that other packages add by entry point: where each comes from, and why one cannot be had."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from stillmotion.catalog.records import Model

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "stillmotion.models"
"""Group of entry points: each names a Model or a list of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """An entry point, and what it gave."""

    name: str
    value: str
    """Where its models stand: module and name there."""
    package: str
    """The package that brought it, and its version."""
    models: tuple[Model, ...] = ()
    problem: str = ""
    """Why its models cannot be used; empty when they can."""


def found(taken: Iterable[str]) -> tuple[Plugin, ...]:
    """Every plug-in, also one that cannot be loaded.

    Args:
        taken: ids of models that no plug-in may use.
    """
    known, several = set(taken), list[Plugin]()
    for entry in entry_points(group=ENTRY_POINTS):
        plugin = _loaded(entry)
        twice = next((model.id for model in plugin.models if model.id in known), None)
        if twice is not None:
            plugin = replace(plugin, problem=f"two models are called {twice}; an id belongs to one model")
        known |= {model.id for model in plugin.models}
        several.append(plugin)
    return tuple(several)


def _loaded(entry: EntryPoint) -> Plugin:
    package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "-"
    plugin = Plugin(name=entry.name, value=entry.value, package=package)
    try:
        given = entry.load()
    except Exception as error:  # noqa: BLE001 - code of somebody else: whatever it raises is what is to be told
        return replace(plugin, problem=f"it cannot be loaded: {type(error).__name__}: {error}")
    several = tuple(given) if isinstance(given, (list, tuple)) else (given,)
    wrong = next((one for one in several if not isinstance(one, Model)), None)
    if wrong is not None:
        return replace(plugin, problem=f"it names a {type(wrong).__name__} where a Model belongs")
    return replace(plugin, models=several)
