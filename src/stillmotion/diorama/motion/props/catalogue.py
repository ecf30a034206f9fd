"""All props by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from stillmotion.diorama.motion.props.balls import BALLS, PLAIN_BALL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stillmotion.diorama.motion.props.records import Prop

ALL: tuple[Prop, ...] = (*BALLS,)

__all__ = ["ALL", "KNOWN", "PLAIN_BALL", "WORDS"]

KNOWN: Mapping[str, Prop] = MappingProxyType({prop.name: prop for prop in ALL})
"""By name."""
WORDS: Mapping[str, str] = MappingProxyType({word: prop.name for prop in ALL for word in (*prop.words, prop.name)})
"""What people call props, each with the name of the prop."""
