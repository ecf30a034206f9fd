"""What a prop is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillmotion.diorama.motion.props.brush import Picture, Sheet
from stillmotion.diorama.randomness import generator
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.light import Lighting


Painter = Callable[[Sheet, int], None]
"""Paints one thing on a sheet; the number counts the wing positions of what flaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prop:
    """A thing that is drawn, because a prompt asks for it and the photo has none."""

    name: str
    words: tuple[str, ...]
    """What people call it, the name left out."""
    width_m: float
    aspect: float
    """Height of its picture over the width; the picture ends where the thing ends."""
    material: str
    """See `motion.materials`."""
    mass_kg: float
    painter: Painter
    light: bool = False
    """It flies or floats in the air."""
    round: bool = False
    """It rolls: its picture turns under light that stays."""
    skin: Painter | None = None
    """What stays while a round thing turns below it, as what glass shows; None is: plain shading."""
    airy: bool = False
    """One sees through it: no shading lies over it."""
    floats: bool = False
    """It belongs on water."""
    poses: int = 1
    """Wing positions, from up to down."""
    surface: Surface = Surface.RIGID

    def draw(self, width_px: int, lighting: Lighting, seed: int, pose: int = 0) -> Picture:
        """The prop in some light, premultiplied sRGB-encoded RGBA, shape (height, width, 4).

        Args:
            width_px: width of the picture.
            lighting: what falls on it.
            seed: of its grain and irregularities.
            pose: which wing position, below `poses`.
        """
        sheet = self._sheet(width_px, lighting, seed)
        self.painter(sheet, pose)
        if self.skin is not None:
            self.skin(sheet, pose)
        return sheet.picture()

    def halves(self, width_px: int, lighting: Lighting, seed: int) -> tuple[Picture, Picture | None]:
        """What turns and what stays, where the prop has such parts; both like `draw`."""
        inner = self._sheet(width_px, lighting, seed)
        self.painter(inner, 0)
        if self.skin is None:
            return inner.picture(), None
        outer = self._sheet(width_px, lighting, seed)
        self.skin(outer, 0)
        return inner.picture(), outer.picture()

    def _sheet(self, width_px: int, lighting: Lighting, seed: int) -> Sheet:
        return Sheet(width_px, self.aspect, lighting, generator(seed, "prop", self.name))
