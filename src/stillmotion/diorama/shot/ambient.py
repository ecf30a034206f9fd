"""What is alive in a photo moves a little without being named: water, foliage, clouds, whoever breathes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.shot import lexicon
from stillmotion.diorama.shot.records import MotionCue
from stillmotion.diorama.shot.words import fold

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Layer, Scene

AMBIENT = "ambient"
"""`MotionCue.words` of what nobody asked for."""
_LIFE: dict[Surface, tuple[str, float]] = {
    Surface.WATER: ("ripple", 0.6),
    Surface.SKY: ("clouds", 0.5),
    Surface.FOLIAGE: ("sway", 0.4),
    Surface.PLANT: ("sway", 0.35),
    Surface.PERSON: ("breathe", 0.6),
    Surface.ANIMAL: ("breathe", 0.6),
}
"""Behaviour and amount of each surface that is never quite still."""
_STILLNESS = re.compile(
    r"\b(motionless|frozen|freeze frame|perfectly still|completely still|nothing (else )?(moves|is moving)"
    r"|no (other )?(movement|motion|animation)s?(?! of the camera)|without (any )?(movement|motion)"
    r"|still (photo|picture|image)|stands? still|only|nothing but|just)\b"
)
_CAMERA_ONLY = re.compile(r"\bno camera (movement|motion|move)s?\b")


def ambient_cues(scene: Scene, prompt: str, named: tuple[MotionCue, ...]) -> tuple[MotionCue, ...]:
    """Cues for what lives in the photo and the prompt does not name; none when it asks for stillness.

    Args:
        scene: a gated one has none: its layers are not trusted with more.
        prompt: as written.
        named: what the prompt moves; a layer that it names is left to it.
    """
    text = _CAMERA_ONLY.sub(" ", fold(prompt))
    if scene.gates or _STILLNESS.search(text):
        return ()
    taken = {cue.layer for cue in named} | {_surface_of(cue) for cue in named}
    return tuple(
        _cue(layer)
        for layer in scene.layers
        if layer.surface in _LIFE and layer.name not in taken and layer.surface.value not in taken
    )


def _surface_of(cue: MotionCue) -> str | None:
    """The surface that a behaviour is about: waves are about water, whatever layer they were bound to."""
    row = lexicon.table("motion").get(cue.verb, {})
    return str(row["surface"]) if "surface" in row else None


def _cue(layer: Layer) -> MotionCue:
    verb, amount = _LIFE[layer.surface]
    return MotionCue(verb=verb, subject=layer.label, layer=layer.name, amount=amount, speed=0.7, words=AMBIENT)
