"""What callers may ask for: models by id, with their inputs, prices and engines. Plug-ins add more by entry point."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from stillmotion.catalog.added import Plugin, found
from stillmotion.catalog.dialect import api_schema, listing
from stillmotion.catalog.native import DRAFT, PASSING_KEPT, SCENE, SORA_2_PRO_SHOT, SORA_2_SHOT
from stillmotion.catalog.openai_names import PRO_VIDEO, VIDEO
from stillmotion.catalog.records import Example, Model, ModelInput, Quote, Work
from stillmotion.catalog.sora import SORA_2, SORA_2_PRO
from stillmotion.errors import ModelUnknown, PluginUnusable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "PASSING",
    "PASSING_KEPT",
    "Example",
    "Model",
    "ModelInput",
    "Plugin",
    "Quote",
    "Work",
    "api_schema",
    "by_every_name",
    "collect",
    "current_id",
    "get",
    "listing",
    "models",
    "no_such",
    "plugins",
]

_OWN = (SORA_2, SORA_2_PRO)
_OLDER_IDS = {"openai/sora-2/image-to-video-pro": SORA_2_PRO.id}
_OTHERWISE = {
    ("openai", SORA_2.id): VIDEO,
    ("openai", SORA_2_PRO.id): PRO_VIDEO,
    ("native", SORA_2.id): SORA_2_SHOT,
    ("native", SORA_2_PRO.id): SORA_2_PRO_SHOT,
    ("native", DRAFT.id): DRAFT,
    ("native", SCENE.id): SCENE,
}
"""Models that have other inputs and prices in one dialect, or exist in it only."""
PASSING = (DRAFT.id, SCENE.id)
"""What these make is free, and gone after PASSING_KEPT."""


@cache
def models() -> Mapping[str, Model]:
    """Every model by id, our own first.

    Raises:
        PluginUnusable: a plug-in cannot be loaded, or one of its models has the id of another one.
    """
    added = plugins()
    for plugin in added:
        if plugin.problem:
            message = (
                f"The plug-in {plugin.name} of {plugin.package} cannot be used: {plugin.problem}. Mend or uninstall"
                " that package; `stillmotion plugins` lists all."
            )
            raise PluginUnusable(message)
    return collect((*_OWN, *(model for plugin in added for model in plugin.models)))


def plugins() -> tuple[Plugin, ...]:
    """What other packages add, also what cannot be used."""
    return found(model.id for model in _OWN)


def collect(several: Iterable[Model]) -> Mapping[str, Model]:
    """Models by id.

    Raises:
        ValueError: two of them have the same id.
    """
    found: dict[str, Model] = {}
    for model in several:
        if model.id in found:
            message = f"two models are called {model.id}; an id belongs to one model"
            raise ValueError(message)
        found[model.id] = model
    return MappingProxyType(found)


def by_every_name() -> Mapping[str, Model]:
    """Every model by its id, then by older ones."""
    known = models()
    return {**known, **{older: known[newer] for older, newer in _OLDER_IDS.items()}}


def get(model_id: str, dialect: str = "") -> Model:
    """The model of that id, also by an older one.

    Args:
        model_id: as callers write it.
        dialect: whose words the inputs are in: that of a prediction; some models have other inputs in some dialects.

    Raises:
        ModelUnknown: there is none; the message names those that there are.
        PluginUnusable: it is none of ours, and a plug-in cannot be used.
    """
    if (dialect, model_id) in _OTHERWISE:
        return _OTHERWISE[dialect, model_id]
    wanted = current_id(model_id)
    model = next((own for own in _OWN if own.id == wanted), None) or models().get(wanted)
    if model is None:
        raise ModelUnknown(no_such(model_id))
    return model


def current_id(model_id: str) -> str:
    """The id under which runs of a model are kept: the newer one of an older one, any other as it stands."""
    return _OLDER_IDS.get(model_id, model_id)


def no_such(model_id: str) -> str:
    """What whoever asks for an unknown model is told."""
    return f"There is no model {model_id[:200]!r}; choose one of {', '.join(models())}."
