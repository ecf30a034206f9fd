"""What the simulation hands on: how layers move, what is added, how the light changes, and the events that happened.

Everything is a pure function of time, so that any frame can be asked for alone. Places are photo coordinates; picture
and sound read the same events, so they stay in step.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Box, Matrix, Plane
    from stillmotion.diorama.scene.records import Layer

Points = NDArray[np.float32]
"""Photo coordinates, shape (rows, columns, 2)."""
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that did happen in the simulation."""

    kind: str
    """What happened: contact, splash, gust, thunder, flash, burst, step, roll, slide, pass."""
    time_s: float
    x: float
    y: float
    """Place in photo coordinates."""
    impulse: float = 0.0
    """Newton seconds."""
    speed: float = 0.0
    """Closing speed in metres a second."""
    materials: tuple[str, str] = ("", "")
    """Of the two that met: see `motion.materials`."""
    duration_s: float = 0.0
    """For what lasts: a roll, a slide, rain. 0 for an instant."""
    q: float = 1.0
    """Inverse depth: how near it happened."""
    subject: str = ""
    """Name of the layer or prop that moved."""


class Warp(Protocol):
    """A displacement inside a layer: it bends, breathes, ripples. Nothing leaves the layer's plane."""

    @property
    def reach(self) -> float:
        """The farthest that anything is ever displaced, in photo widths; what is seen grows by that much."""

    @property
    def step_px(self) -> int:
        """Spacing of the grid on which `source` is asked for, in output pixels: 8 for smooth fields, 2 for ripples."""

    def source(self, points: Points, time_s: float) -> Points:
        """Where in the unmoved layer the colour of each point comes from; shape of `points`, not written to."""


@runtime_checkable
class Inlay(Warp, Protocol):
    """A warp that opens the layer, and what is seen through the opening: lips and the inside of a mouth.

    It is drawn only in the layer's `details`.
    """

    def opening(self, points: Points, time_s: float) -> NDArray[np.uint8] | None:
        """What covers the layer at the points that `source` would be asked for; None when nothing is open.

        Premultiplied sRGB RGBA, shape (rows, columns, 4).
        """


class Flow(Protocol):
    """Material that keeps moving through a layer: clouds, rivers, surf. Two copies, each distorted a little.

    What is shown is mu + (wA (A - mu) + wB (B - mu)) / sqrt(wA^2 + wB^2), with mu the local mean of the layer, which
    keeps the contrast (variance-preserving blend).
    """

    @property
    def reach(self) -> float:
        """As for a Warp."""

    @property
    def step_px(self) -> int:
        """As for a Warp."""

    def sources(self, points: Points, time_s: float) -> tuple[Points, Points, Floats, Floats]:
        """Two places for each point, the weight of the second (0..1), and how much of the layer flows at all (0..1).

        Weights have the shape (rows, columns). Where the share is 0 the still layer shows.
        """


class Light(Protocol):
    """A change of brightness or colour inside a layer: glitter, flicker, neon, cloud shadow."""

    @property
    def step_px(self) -> int:
        """As for a Warp."""

    def factor(self, points: Points, time_s: float) -> Floats:
        """What red, green and blue are multiplied by, shape (rows, columns, 3)."""


class Track(Protocol):
    """A layer that travels as a whole: falls, rolls, hops, drives by."""

    def matrix(self, time_s: float) -> Matrix:
        """From the layer at rest to where it is, photo coordinates to photo coordinates, shape (3, 3)."""

    def opacity(self, time_s: float) -> float:
        """0 is not there, 1 is all there."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LayerMotion:
    """All that happens to one layer; sources are applied in order, the last one nearest to the still layer."""

    layer: str
    tracks: tuple[Track, ...] = ()
    """Applied in order: the first one is the nearest to the still layer."""
    warps: tuple[Warp, ...] = ()
    flows: tuple[Flow, ...] = ()
    """At most one is drawn: the first."""
    lights: tuple[Light, ...] = ()
    details: tuple[Box, ...] = ()
    """Small parts of the layer at rest, photo coordinates, whose warps are asked for at every pixel: eyes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Added:
    """A layer that is not in the photo: a prop, a shadow, a cut-out that left its layer."""

    layer: Layer
    """Its colours are already lit for the scene."""
    before: str | None = None
    """Name of the layer right in front of it; None when nothing is. Several with the same name keep their order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strokes:
    """n soft-edged line segments at one instant: drops, flakes, sparks, motes. A dot has equal ends."""

    heads: NDArray[np.float32]
    """x and y in photo coordinates and inverse depth q, shape (n, 3)."""
    tails: NDArray[np.float32]
    """Where each was when the shutter opened, shape (n, 3)."""
    radius: NDArray[np.float32]
    """Half the width in photo widths, as seen from the photo's camera, shape (n,)."""
    colour: NDArray[np.float32]
    """sRGB 0..255, shape (n, 3)."""
    alpha: NDArray[np.float32]
    """0..1, shape (n,)."""
    softness: float = 0.5
    """Share of the radius over which the edge fades: 0 a crisp disc, 1 a glow."""
    adds: bool = False
    """Light that is added (sparks, fireflies) instead of covering (snow)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stamps:
    """n small pictures at one instant: leaves, petals, birds, confetti."""

    pictures: tuple[NDArray[np.uint8], ...]
    """Premultiplied sRGB RGBA, each (height, width, 4)."""
    which: NDArray[np.int32]
    """Index of the picture of each stamp, shape (n,)."""
    places: NDArray[np.float32]
    """Centre: x, y in photo coordinates and inverse depth q, shape (n, 3)."""
    size: NDArray[np.float32]
    """Width of the picture in photo widths, as seen from the photo's camera, shape (n,)."""
    turn_deg: NDArray[np.float32]
    """Clockwise, shape (n,)."""
    squash: NDArray[np.float32]
    """Factor on the height: a leaf that turns edge-on; negative is its back. Shape (n,)."""
    tint: NDArray[np.float32]
    """Factors on red, green, blue, shape (n, 3)."""
    alpha: NDArray[np.float32]
    """0..1, shape (n,)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Veil:
    """A soft picture at one instant: fog, steam, smoke, flame, glow."""

    rgba: NDArray[np.uint8]
    """Premultiplied sRGB RGBA of low resolution, shape (height, width, 4). Alpha 0 with colour adds light."""
    box: Box
    """Where it lies, photo coordinates."""
    plane: Plane
    """How far away."""


class Overlay(Protocol):
    """Something drawn between layers that is no layer."""

    @property
    def before(self) -> str | None:
        """Name of the layer right in front of it; None when nothing is."""

    def at(self, time_s: float, shutter_s: float) -> Strokes | Stamps | Veil | None:
        """What to draw for a frame whose shutter is open for that long about that time; None draws nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """How the light of the whole picture differs from the photo's at one instant."""

    exposure: float = 1.0
    """Factor on brightness."""
    saturation: float = 1.0
    warmth: float = 0.0
    """-1 blue .. 1 orange; 0.1 is a visible change."""
    flash: float = 0.0
    """Share of white mixed in, 0..1."""
    lamps: float = 0.0
    """Share of their light that the brightest places keep whatever the exposure: they shine themselves."""


class Grade(Protocol):
    """How the light of the whole picture changes: dusk, lightning, flicker."""

    def at(self, time_s: float) -> Tone:
        """The tone at one instant."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """What one solver contributes."""

    layers: tuple[LayerMotion, ...] = ()
    added: tuple[Added, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    grades: tuple[Grade, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """Everything that moves in a shot."""

    layers: dict[str, LayerMotion] = field(default_factory=dict)
    added: tuple[Added, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    grades: tuple[Grade, ...] = ()
    events: tuple[Event, ...] = ()
    """By time."""

    @property
    def moves(self) -> bool:
        """Whether anything but the camera moves."""
        return bool(self.layers or self.added or self.overlays or self.grades)
