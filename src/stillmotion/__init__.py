"""One photo and one sentence in, a film shot with sound out, on your own machine.

    clip = stillmotion.animate("photo.jpg", "Slow dolly in over the lake at dawn", seconds=8)
    clip.save("out.mp4")

Names load when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from stillmotion import errors
from stillmotion.version import __version__

if TYPE_CHECKING:
    from stillmotion.client import Client
    from stillmotion.clip import Clip
    from stillmotion.diorama.shot.records import Shot
    from stillmotion.progress import Stage
    from stillmotion.studio import animate, plan, render, save

__all__ = ["Client", "Clip", "Shot", "Stage", "__version__", "animate", "errors", "plan", "render", "save"]

_ROOMS = {
    "Client": "stillmotion.client",
    "Clip": "stillmotion.clip",
    "Shot": "stillmotion.diorama.shot.records",
    "Stage": "stillmotion.progress",
    "animate": "stillmotion.studio",
    "plan": "stillmotion.studio",
    "render": "stillmotion.studio",
    "save": "stillmotion.studio",
}


def __getattr__(name: str) -> object:
    """Load a public name from its room (PEP 562)."""
    if name not in _ROOMS:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    value = getattr(import_module(_ROOMS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
