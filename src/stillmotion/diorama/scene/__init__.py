"""Photo in, layers out: what is in the picture, where it stands and what it is made of. Never reads the prompt."""

from stillmotion.diorama.scene.analyse import analyse
from stillmotion.diorama.scene.cutout import Want, cut_out, with_cutouts
from stillmotion.diorama.scene.records import Face, Gate, Layer, Scene, SceneObject, Surface
from stillmotion.diorama.scene.sheet import picture
from stillmotion.diorama.scene.store import cached

__all__ = [
    "Face",
    "Gate",
    "Layer",
    "Scene",
    "SceneObject",
    "Surface",
    "Want",
    "analyse",
    "cached",
    "cut_out",
    "picture",
    "with_cutouts",
]
