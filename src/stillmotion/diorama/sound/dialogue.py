"""Lines of the Shot as sounds of the plan: spoken by their voices, from where the speakers stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import voice
from stillmotion.diorama.sound.records import PlannedSound, Stem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import DialogueLine, Shot
    from stillmotion.diorama.sound.records import Controls

GENERATOR = "speech"
"""What stands for the name of a generator in a planned line."""
PAN_LIMIT = 0.35
"""Voices stay near the middle, where ears expect them."""
OFF_LIMIT = 0.7
"""Who is out of the picture may be heard from beside it."""
TAIL_S = 0.45
"""The room after the last word; fades belong here, not into words."""
_GAIN_DB = 2.0
_ECHO_INDOORS, _ECHO_OUTDOORS = 0.05, 0.015


def planned(scene: Scene, shot: Shot) -> Iterator[PlannedSound]:
    """The lines that are performed; `shot.heard` says which are.

    Raises:
        AssetError: the voices are not on this machine and cannot be fetched.
    """
    for line in shot.dialogue:
        if not line.performed:
            continue
        start_s = line.start_s or 0.0
        controls = _controls(line)
        length_s = _speech(controls).duration_s
        yield PlannedSound(
            generator=GENERATOR,
            stem=Stem.DIALOGUE,
            start_s=start_s,
            end_s=start_s + length_s + TAIL_S,
            gain_db=_GAIN_DB,
            pan=_pan(line, scene, shot),
            echo=_ECHO_OUTDOORS if scene.outdoors else _ECHO_INDOORS,
            controls=controls,
        )


def _controls(line: DialogueLine) -> Controls:
    name = line.voice or voice.choose(line.speaker, line.manner)
    said = line.said or line.text
    return (("text", said), ("voice", name), ("speed", line.speed), ("manner", "\n".join(line.manner)))


def _speech(controls: Controls) -> voice.Speech:
    said = dict(controls)
    manner = tuple(str(said["manner"]).split("\n")) if said["manner"] else ()
    return voice.speak(str(said["text"]), voice=str(said["voice"]), speed=float(said["speed"]), manner=manner)


def _pan(line: DialogueLine, scene: Scene, shot: Shot) -> float:
    """Where the speaker is in the picture; a voice from outside it comes from where the words say, or the middle."""
    layer = next((one for one in scene.layers if one.name == line.layer), None)
    if line.off_screen or layer is None:
        return float(np.clip(line.pan, -OFF_LIMIT, OFF_LIMIT))
    faces = [face for face in scene.faces if face.layer == line.layer]
    if faces:
        x = (faces[0].box.x0 + faces[0].box.x1) / 2
    else:
        columns = layer.rgba[::8, ::8, 3].astype(np.float64).sum(axis=0)
        at = (layer.left_px + 8 * np.arange(columns.size) + 4) / scene.size_px[0]
        x = float(np.average(at, weights=columns)) if columns.sum() > 0 else 0.5
    across = 2 * (x - shot.framing.x0) / max(shot.framing.width, 1e-6) - 1
    return float(np.clip(across * PAN_LIMIT, -PAN_LIMIT, PAN_LIMIT))


def spoken(controls: Controls, count: int) -> NDArray[np.float32]:
    """The samples of a planned line at the rate of the mix, shape (count, 2)."""
    samples = _speech(controls).samples[:count]
    out = np.zeros((count, 2), np.float32)
    out[: len(samples)] = samples[:, None]
    return out
