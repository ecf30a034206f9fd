"""From a Shot and its events to a SoundPlan: what is heard, when, from where, how loud."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound import dialogue, palette
from stillmotion.diorama.sound.dsp import rooms
from stillmotion.diorama.sound.foley import foley
from stillmotion.diorama.sound.records import PlannedSound, SoundPlan, Stem
from stillmotion.diorama.sound.registry import SoundUnknown, control_names
from stillmotion.diorama.sound.synchrony import in_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stillmotion.diorama.motion.records import Event
    from stillmotion.diorama.scene.records import Layer, Scene
    from stillmotion.diorama.shot.records import Shot, SoundCue

SAMPLE_RATE = 48_000
_TONES = ("room_tone", "air")
_UNDER_ALL_DB = -20.0
"""A place is never digitally silent: this far under its usual level its own tone always runs."""
_SUBJECT_M = 6.0
"""What one subject distance of the scene means to the ear."""
_NEAREST_M, _FARTHEST_M = 2.0, 120.0
_ROLL_S = 9.0
_SAID = ("count", "every_s", "pace", "surface", "mood", "key", "tempo_bpm", "kind")
"""Fields of a cue that reach the control of the same name."""
_OF_KIND = {"choir": "a choir sings", "barefoot": "bare feet walk", "heels": "heels click"}
"""Captions of sounds that are of a kind of their own."""


def design(scene: Scene, shot: Shot, events: Sequence[Event]) -> SoundPlan:
    """Everything that will be heard, before a sample exists.

    Cues marked as not performed are left out. Silence comes only from `shot.mix.silent`: otherwise the tone of the
    place lies under everything.

    Args:
        scene: says where water, trees and birds are.
        shot: cues, mix, length and seed.
        events: what happened in the simulation: contacts are heard when they are seen, thunder late by its distance.

    Raises:
        SoundUnknown: a cue that should be performed names a sound that we cannot make.
    """
    sounds: tuple[PlannedSound, ...] = ()
    if not shot.mix.silent:
        cues = [one for cue in shot.sound if cue.performed for one in in_time(cue, shot, events)]
        asked = [_planned(cue, scene, shot) for cue in cues]
        named = [replace(event, subject=_called(event.subject, scene, shot)) for event in events]
        happened = foley(named, shot.framing, float(shot.duration_s))
        sounds = (*_tone(scene, shot), *asked, *_thunder(events, shot), *happened, *dialogue.planned(scene, shot))
    return SoundPlan(
        duration_s=float(shot.duration_s),
        sample_rate=SAMPLE_RATE,
        seed=shot.seed,
        loudness_lufs=shot.mix.loudness_lufs,
        silent=shot.mix.silent,
        muted=tuple(stem for stem in Stem if stem.value in shot.mix.muted),
        sounds=sounds,
    )


def _called(name: str, scene: Scene, shot: Shot) -> str:
    """What people call the layer or the drawn thing of that name."""
    drawn = (cue.prop for cue in shot.motion if cue.prop is not None and name.startswith(f"+{cue.prop} "))
    label = next((layer.label for layer in scene.layers if layer.name == name), None)
    return label if label is not None else next(drawn, name)


def _tone(scene: Scene, shot: Shot) -> Iterator[PlannedSound]:
    """The tone under everything, unless the Shot itself asks for one from start to end."""
    if any(cue.performed and cue.sound in _TONES and cue.start_s <= 0 and cue.end_s is None for cue in shot.sound):
        return
    voice = palette.VOICES["air" if scene.outdoors else "room_tone"]
    yield PlannedSound(
        generator=voice.generator,
        stem=voice.stem,
        start_s=0.0,
        end_s=float(shot.duration_s),
        gain_db=voice.gain_db + _UNDER_ALL_DB,
        controls=voice.controls,
    )


def _planned(cue: SoundCue, scene: Scene, shot: Shot) -> PlannedSound:
    voice = palette.VOICES.get(cue.sound)
    if voice is None:
        message = f'We cannot make the sound "{cue.sound}"; choose one of {", ".join(sorted(palette.VOICES))}.'
        raise SoundUnknown(message)
    pan, distance_m = _place(voice, cue, scene, shot)
    return PlannedSound(
        generator=voice.generator,
        stem=voice.stem,
        start_s=max(cue.start_s, 0.0),
        end_s=float(shot.duration_s) if cue.end_s is None else min(cue.end_s, float(shot.duration_s)),
        gain_db=voice.gain_db + cue.level_db,
        pan=cue.pan or pan,
        distance_m=distance_m,
        echo=cue.echo,
        controls=voice.controls + tuple(_own(cue, voice)),
        caption=_OF_KIND.get(cue.kind, voice.caption),
    )


def _own(cue: SoundCue, voice: palette.Voice) -> Iterator[tuple[str, float | str]]:
    """What the cue itself says, for those controls that the generator has."""
    known = control_names(voice.generator)
    said = {name: getattr(cue, name) for name in _SAID}
    if cue.pace == 1.0:
        del said["pace"]
    yield from ((name, value) for name, value in said.items() if value and name in known)


def _place(voice: palette.Voice, cue: SoundCue, scene: Scene, shot: Shot) -> tuple[float, float]:
    """Pan and distance in metres of the layer that a sound comes from; 0 and 0 when it is all around."""
    layer = _source(voice, scene)
    if layer is None:
        return (0.0, 0.0) if cue.place is None else (_pan(cue.place[0], shot), 0.0)
    x, y, spread = _outline(layer, scene)
    if cue.place is not None:
        (x, y), spread = cue.place, 0.0
    # A layer as wide as the picture surrounds the listener; a narrow one sits where it is.
    narrow = 1 - min(spread / max(shot.framing.width, 1e-6), 1)
    pan = _pan(x, shot) * narrow
    nearness = max(layer.plane.inverse_depth(x, y), _SUBJECT_M / _FARTHEST_M)
    return pan, float(np.clip(_SUBJECT_M / nearness, _NEAREST_M, _FARTHEST_M))


def _pan(x: float, shot: Shot) -> float:
    """Where a column of the photo is heard when the picture shows the Shot's framing."""
    across = 2 * (x - shot.framing.x0) / max(shot.framing.width, 1e-6) - 1
    return float(np.clip(across, -1, 1)) * rooms.PAN_LIMIT


def _source(voice: palette.Voice, scene: Scene) -> Layer | None:
    named = [layer for layer in scene.layers if any(word in layer.label.lower() for word in voice.labels)]
    held = {item.layer for item in scene.objects if any(word in item.label.lower() for word in voice.labels)}
    candidates = named or [layer for layer in scene.layers if layer.name in held or layer.surface in voice.sources]
    return max(candidates, key=_area, default=None)


def _area(layer: Layer) -> int:
    return int(np.count_nonzero(layer.rgba[::8, ::8, 3] > 127))  # half opaque


def _outline(layer: Layer, scene: Scene) -> tuple[float, float, float]:
    """Centre x, y and width in photo coordinates, weighted by opacity on a coarse grid."""
    alpha = layer.rgba[::8, ::8, 3].astype(np.float64)
    width_px, height_px = scene.size_px
    if alpha.sum() <= 0:
        return 0.5, 0.5, 1.0
    columns, rows = alpha.sum(axis=0), alpha.sum(axis=1)
    at_x = (layer.left_px + 8 * np.arange(columns.size) + 4) / width_px
    at_y = (layer.top_px + 8 * np.arange(rows.size) + 4) / height_px
    x, y = float(np.average(at_x, weights=columns)), float(np.average(at_y, weights=rows))
    deviation = float(np.sqrt(np.average((at_x - x) ** 2, weights=columns)))
    # A box of that deviation: sqrt(12) times as wide.
    return x, y, deviation * 12**0.5


def _thunder(events: Sequence[Event], shot: Shot) -> Iterator[PlannedSound]:
    voice = palette.VOICES["thunder_distant"]
    for event in events:
        if event.kind == "thunder" and event.time_s < shot.duration_s:
            yield PlannedSound(
                generator=voice.generator,
                stem=voice.stem,
                start_s=event.time_s,
                end_s=min(event.time_s + _ROLL_S, float(shot.duration_s)),
                gain_db=voice.gain_db,
                pan=float(np.clip(2 * event.x - 1, -1, 1)) * rooms.PAN_LIMIT,
                controls=(("every_s", 2 * _ROLL_S),),
                caption=voice.caption,
            )
