"""Who says what and when: the lines of a shot with their speech, and whose lips they move."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stillmotion.diorama import voice
from stillmotion.diorama.motion import eyes
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import DialogueLine
    from stillmotion.diorama.voice.records import Phoneme, Speech


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Utterance:
    """A line as it is heard."""

    line: DialogueLine
    speech: Speech
    start_s: float

    @property
    def end_s(self) -> float:
        """When its last sound ends."""
        return self.start_s + self.speech.duration_s

    @property
    def phonemes(self) -> tuple[Phoneme, ...]:
        """Its sounds on the clock of the shot."""
        late = self.start_s
        return tuple(replace(one, start_s=one.start_s + late, end_s=one.end_s + late) for one in self.speech.phonemes)


def layer_of(stage: Stage, line: DialogueLine) -> Layer | None:
    """The layer of whoever says a line; None for voices from outside the picture."""
    if line.off_screen or line.layer is None:
        return None
    return next((layer for layer in stage.scene.layers if layer.name == line.layer), None)


def lines(stage: Stage) -> tuple[tuple[DialogueLine, Layer], ...]:
    """The lines that somebody in the picture says, with the layers of the speakers."""
    heard = (line for line in stage.shot.dialogue if line.performed and line.start_s is not None)
    found = ((line, layer_of(stage, line)) for line in heard)
    return tuple((line, layer) for line, layer in found if layer is not None)


def utterance(line: DialogueLine) -> Utterance:
    """The line as the voice says it."""
    name = line.voice or voice.choose(line.speaker, line.manner)
    speech = voice.speak(line.said or line.text, voice=name, speed=line.speed, manner=line.manner)
    return Utterance(line=line, speech=speech, start_s=line.start_s or 0.0)


def remark(stage: Stage, line: DialogueLine) -> str | None:
    """What people should know about how a line is seen; None when lips move as they should."""
    layer = layer_of(stage, line)
    said = line.said or line.text
    mix = stage.shot.mix
    if line.off_screen or mix.silent or "dialogue" in mix.muted:
        return None
    if layer is not None and layer.surface is Surface.ANIMAL:
        return f'"{said}" is heard, and the {layer.label} moves with it: animals get no human lips.'
    if layer is None or eyes.face_on(stage, layer) is None:
        who = line.speaker or "whoever speaks"
        return f'"{said}" is heard, but no lips move: no face was found for {who}.'
    return None
