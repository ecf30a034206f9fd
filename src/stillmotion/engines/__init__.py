"""What makes a clip: the Engine protocol and the registry of engines by name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.clip import Clip
    from stillmotion.diorama.brief import Brief
    from stillmotion.progress import Progress

DEFAULT = "diorama"
_ADAPTERS = {"diorama": "stillmotion.engines.diorama:Diorama"}


class Engine(Protocol):
    """Whatever makes a clip from a photo and a brief. The clip says which engine made it."""

    name: str

    def generate(self, photo: NDArray[np.uint8], brief: Brief, progress: Progress) -> Clip:
        """Make the clip.

        Args:
            photo: sRGB, shape (height, width, 3).
            brief: what was asked for.
            progress: told about each stage; raising from it cancels.
        """


def names() -> tuple[str, ...]:
    """The engines that there are; none is loaded."""
    return tuple(_ADAPTERS)


def get(name: str = DEFAULT) -> Engine:
    """The engine of that name, loaded now.

    Raises:
        KeyError: there is none.
    """
    module, attribute = _ADAPTERS[name].split(":")
    engine: Engine = getattr(import_module(module), attribute)()
    return engine
