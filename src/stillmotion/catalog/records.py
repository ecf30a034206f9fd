"""A model: what a caller asks for and pays for. Schema, form, flags, document and price all come from this record."""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - a field's type
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import ConfigDict, field_validator

from stillmotion.catalog.exact import Exact

if TYPE_CHECKING:
    from stillmotion.diorama.brief import Brief
    from stillmotion.money import Money


class Work(StrEnum):
    """What is done for a model."""

    FILM = "film"
    SCENE = "scene"
    """The photo is looked at; nothing is filmed."""


class ModelInput(Exact):
    """Base of all inputs: unknown fields are refused, text is never turned into numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)

    @field_validator("*")
    @classmethod
    def _storable(cls, value: object) -> object:
        """No database keeps the character NUL."""
        if isinstance(value, str) and "\0" in value:
            message = "the character NUL is not allowed"
            raise ValueError(message)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What a run of given inputs costs."""

    price: Money
    blind_to: tuple[str, ...] = ()
    """Inputs that were given and do not change the price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Inputs that work, for the page and the documents."""

    title: str
    inputs: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One entry of the catalog."""

    id: str
    """What callers write, for example "openai/sora-2/image-to-video"."""
    title: str
    kind: str
    """Kind of work as the hosted service names it: "image-to-video"."""
    description: str
    input: type[ModelInput]
    price: Callable[[Any], Money]
    """The whole price of validated inputs."""
    formula: str
    """The price as people and clients read it: JSONata over the inputs, in dollars."""
    brief: Callable[[Any, tuple[int, int]], Brief]
    """What engines are asked for validated inputs and a photo of that width and height."""
    engines: tuple[str, ...]
    """Tried in this order; the answer says which one made the clip."""
    priced_by: tuple[str, ...]
    """Inputs that the price depends on."""
    examples: tuple[Example, ...] = ()
    work: Work = Work.FILM

    @property
    def base_price(self) -> Money:
        """The price of the defaults."""
        return self.price(self.input.model_construct())

    def quote(self, inputs: ModelInput) -> Quote:
        """What these inputs cost, and which of them the price does not look at."""
        return Quote(price=self.price(inputs), blind_to=tuple(sorted(inputs.model_fields_set - set(self.priced_by))))
