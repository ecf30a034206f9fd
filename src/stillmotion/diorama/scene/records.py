"""What is in the photo: layers, depth, surfaces, objects, faces. Made by `analyse`, read by everything after it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box, Plane


class Surface(StrEnum):
    """What a layer is made of; it decides how it may move and sound."""

    SKY = "sky"
    WATER = "water"
    GROUND = "ground"
    SUPPORT = "support"
    FOLIAGE = "foliage"
    PLANT = "plant"
    STRUCTURE = "structure"
    RIGID = "rigid"
    VEHICLE = "vehicle"
    PERSON = "person"
    ANIMAL = "animal"
    BACKDROP = "backdrop"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layer:
    """A part of the picture with its own soft alpha, true foreground colours and depth."""

    name: str
    """Unique in the scene: "sky", "ground", "subject", "subject-2"."""
    surface: Surface
    label: str
    """What a person would call it: "cat", "pagoda", "lake"; the surface's name when nothing better is known."""
    rgba: NDArray[np.uint8]
    """Premultiplied sRGB-encoded RGBA over the layer's box, shape (height, width, 4). The farthest is opaque."""
    left_px: int
    """Where the box starts in scene pixels."""
    top_px: int
    plane: Plane
    """Inverse depth over the photo; the layer moves by the exact homography of this plane."""
    relief: NDArray[np.float32] | None = None
    """Inverse depth to add to the plane's, over the box on a coarse grid (rows, columns); None for a flat layer."""
    contact_y: float | None = None
    """Where it stands, in photo coordinates; None for what does not stand."""
    confidence: float = 1.0
    """How much two independent opinions agreed on its outline, 0..1."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the box in scene pixels."""
        return self.rgba.shape[1], self.rgba.shape[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneObject:
    """A thing that a detector named."""

    label: str
    score: float
    box: Box
    layer: str
    """Name of the layer that holds most of it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Face:
    """A human face."""

    box: Box
    landmarks: NDArray[np.float32]
    """478 points in photo coordinates, shape (478, 3); z in the same unit as x, towards the camera negative."""
    score: float
    layer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A reason to trust the layers less. A gate costs camera travel; it never shows as a broken edge."""

    code: str
    """Stable: "no-subject", "low-confidence", "thin-edges", "weak-boundary", "unknown-share", "recomposition"."""
    measured: float
    limit: float
    words: str
    """One sentence for a person."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """Everything that the engine knows about a photo. It never depends on the prompt."""

    photo_sha256: str
    """Of the decoded pixels."""
    photo: NDArray[np.uint8]
    """The photo at scene resolution, sRGB, shape (height, width, 3)."""
    layers: tuple[Layer, ...]
    """Far to near. Stacked unmoved they give the photo back."""
    horizon_y: float | None
    """Photo coordinates; None when no horizon was found."""
    focal: float
    """Focal length in photo widths."""
    objects: tuple[SceneObject, ...] = ()
    faces: tuple[Face, ...] = ()
    gates: tuple[Gate, ...] = ()
    """Empty when the layers can be trusted with the full camera travel."""
    tags: tuple[tuple[str, float], ...] = ()
    """Words for the whole picture with scores, best first: "seashore", "palace"."""
    salience: tuple[float, float] = (0.5, 0.5)
    """Where people look first, in photo coordinates."""
    bokeh: bool = False
    """The background was out of focus when the photo was taken."""
    night: bool = False
    outdoors: bool = False
    networks: str = ""
    """Which networks read the photo; others may see another scene."""

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the scene in pixels."""
        return self.photo.shape[1], self.photo.shape[0]

    @property
    def trusted(self) -> bool:
        """Whether no gate fired."""
        return not self.gates

    def layer(self, name: str) -> Layer:
        """The layer of that name.

        Raises:
            KeyError: there is none.
        """
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise KeyError(name)
