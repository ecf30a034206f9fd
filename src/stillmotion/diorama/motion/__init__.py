"""How it happens: cues become movement, added things, changing light, and events that sound can follow."""

from __future__ import annotations

from stillmotion.diorama.motion.fit import fit
from stillmotion.diorama.motion.records import Event, Motion
from stillmotion.diorama.motion.registry import MOVED_WHOLE
from stillmotion.diorama.motion.rigid.refusals import check
from stillmotion.diorama.motion.simulate import simulate

__all__ = ["MOVED_WHOLE", "Event", "Motion", "check", "fit", "simulate"]
