"""What the simulation hands on: events that happened. Picture and sound both read them, so they stay in step."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that did happen in the simulation."""

    kind: str
    """What happened: contact, splash, gust, thunder."""
    time_s: float
    x: float
    y: float
    """Place in photo coordinates."""
    impulse: float = 0.0
    speed: float = 0.0
    materials: tuple[str, str] = ("", "")
