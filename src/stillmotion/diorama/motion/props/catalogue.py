"""All props by name."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from stillmotion.diorama.motion.props.balloons import BALLOONS
from stillmotion.diorama.motion.props.balls import BALLS, PLAIN_BALL
from stillmotion.diorama.motion.props.flyers import FLYERS
from stillmotion.diorama.motion.props.plants import PLANTS
from stillmotion.diorama.motion.props.things import THINGS
from stillmotion.diorama.motion.props.vehicles import VEHICLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stillmotion.diorama.motion.props.records import Prop

ALL: tuple[Prop, ...] = (*BALLS, *BALLOONS, *PLANTS, *FLYERS, *THINGS, *VEHICLES)

__all__ = ["ALL", "KNOWN", "PLAIN_BALL", "WORDS"]

KNOWN: Mapping[str, Prop] = MappingProxyType({prop.name: prop for prop in ALL})
"""By name."""
WORDS: Mapping[str, str] = MappingProxyType({word: prop.name for prop in ALL for word in (*prop.words, prop.name)})
"""What people call props, each with the name of the prop."""
