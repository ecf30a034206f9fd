"""Somebody who talks: lips, jaw and head follow the sounds of a line, eyes blink; animals nod without human lips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import articulation, eyes, heads, living, modes, mouth, oral, regions, spoken, visemes
from stillmotion.diorama.motion.fields import mapped
from stillmotion.diorama.motion.lips import lips
from stillmotion.diorama.motion.records import LayerMotion, Part
from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.shot.records import MotionCue
from stillmotion.diorama.voice.records import Phoneme

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.motion.lips import LipsWarp
    from stillmotion.diorama.motion.records import Warp
    from stillmotion.diorama.motion.spoken import Utterance
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Face, Layer
    from stillmotion.diorama.shot.records import DialogueLine

    Curve = NDArray[np.float64]

VERBS = ("talk",)
_TURNS, _TILTS, _NODS = 0.16, 0.12, 0.3
"""Most of each movement, as a share of what a head may do."""
_STRESSED_S = (0.32, 0.85)
"""Shortest and longest time between two stresses."""
_DOWN_S, _BACK_S = 0.13, 0.3
_DRIFT_HZ = 0.55
_EASE_S = 0.35
_LIPS_S = 0.18
"""How long before and after speech lips leave their place in the photo and are back."""
_GENTLE, _SYLLABLES_HZ = 0.7, 4.0
_HARD, _SOFT = 1.12, 0.88
"""How much farther lips go in a shout, and how much less in a murmur."""


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Talking is seen on a head."""
    layer = living.layer_of(stage, cue)
    if layer is None:
        return f'Nobody who could talk was found for "{cue.subject}".'
    if heads.find(stage, layer) is None:
        return f"No face was found on the {layer.label}, so it is not seen talking."
    return None


def remark(stage: Stage, cue: MotionCue) -> str | None:
    """What is shown instead of moving lips; None where lips move."""
    layer = living.layer_of(stage, cue)
    if layer is None or eyes.face_on(stage, layer) is not None:
        return None
    said = f'"{cue.words}"' if cue.words else "Talking"
    return f"{said} is shown by movements of the head: the {layer.label} gets no human lips."


def remark_on_line(stage: Stage, line: DialogueLine) -> str | None:
    """What people should know about how a line is seen."""
    return spoken.remark(stage, line)


def blinks(stage: Stage) -> tuple[MotionCue, ...]:
    """Whoever says a line blinks, unless the shot says how (people who speak blink more: Bentivoglio et al. 1997)."""
    told = {cue.layer for cue in stage.shot.motion if cue.verb == "blink" and cue.performed}
    return tuple(
        MotionCue(
            verb="blink",
            subject=line.speaker or layer.label,
            layer=layer.name,
            start_s=line.start_s or 0.0,
            end_s=line.end_s,
            performed=True,
        )
        for line, layer in spoken.lines(stage)
        if layer.name not in told and eyes.of(stage, layer) is not None
    )


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Every line of the shot that somebody in the picture says, and talk without words."""
    motions: list[LayerMotion] = []
    lines = spoken.lines(stage)
    for name in dict.fromkeys(layer.name for _, layer in lines):
        heard = [spoken.utterance(line) for line, layer in lines if layer.name == name]
        motions += _speaking(stage, stage.scene.layer(name), heard)
    for cue, layer, _ in heads.of_cues(stage, cues):
        if all(layer.name != other.name for _, other in lines):
            motions += _chatting(stage, layer, cue)
    return Part(layers=tuple(motions))


def _speaking(stage: Stage, layer: Layer, heard: Sequence[Utterance]) -> Iterator[LayerMotion]:
    """Head, lips and lids of somebody who says lines."""
    times = modes.clock(stage.shot.duration_s)
    spans = [(one.start_s, one.end_s) for one in heard]
    rng = randomness.generator(stage.shot.seed, "talk", layer.name)
    loud = np.max([_loudness(one, times) for one in heard], axis=0)
    table = _course(times, rng, _gate(times, spans, _EASE_S), _stresses(times, loud))
    yield from _nodding(stage, layer, table)
    face = eyes.face_on(stage, layer)
    if face is None or layer.surface is Surface.ANIMAL:
        return
    said = visemes.curves([sound for one in heard for sound in one.phonemes], times)
    about = [(start - _LIPS_S, end + _LIPS_S) for start, end in spans]
    gate = _gate(times, about, _LIPS_S) * max(_force(one.line) for one in heard)
    yield _mouthing(stage, layer, face, (said, loud, gate))


def _chatting(stage: Stage, layer: Layer, cue: MotionCue) -> Iterator[LayerMotion]:
    """Head and lips of somebody who talks without a line."""
    times = modes.clock(stage.shot.duration_s)
    rng = randomness.generator(stage.shot.seed, "talk", cue.subject)
    span = (cue.start_s, stage.end_s(cue))
    pace, far = 1 / float(np.clip(cue.speed, 0.5, 1.6)), float(np.clip(cue.amount, 0.4, 1.6))
    nods = _invented_stresses(times, rng, span, pace)
    yield from _nodding(stage, layer, far * _course(times, rng, _gate(times, [span], _EASE_S), nods))
    face = eyes.face_on(stage, layer)
    if face is None or layer.surface is Surface.ANIMAL:
        return
    syllables = visemes.murmur(rng, span[0] + 0.1, span[1] - 0.1, float(np.clip(_SYLLABLES_HZ / pace, 3, 5)))
    said = visemes.curves([Phoneme(symbol=one, start_s=a, end_s=b) for one, a, b in syllables], times)
    gate = _gate(times, [span], _LIPS_S) * _GENTLE * min(far, 1.2)
    yield _mouthing(stage, layer, face, (said, np.full_like(times, 0.8), gate))


def _mouthing(stage: Stage, layer: Layer, face: Face, how: tuple[Curve, Curve, Curve]) -> LayerMotion:
    warp = lips_of(stage, face, how)
    return LayerMotion(layer=layer.name, warps=(warp,), details=(warp.part,))


def lips_of(stage: Stage, face: Face, how: tuple[Curve, Curve, Curve]) -> LipsWarp:
    """The lips of a face.

    Args:
        stage: where.
        face: whose.
        how: curves of `visemes`, loudness and gate, as `articulation.poses` takes them, by `modes.clock`.
    """
    own = mouth.of(stage.scene, face)
    pixel = stage.shot.framing.width / stage.shot.size_px[0]
    table = articulation.poses(own, *how, width_px=2 * own.half / pixel)
    return lips(own, oral.inside(stage.scene, own), table, rate_hz=modes.RATE_HZ, pixel=pixel)


def _nodding(stage: Stage, layer: Layer, table: Curve) -> Iterator[LayerMotion]:
    head = heads.find(stage, layer)
    if head is None:
        return
    box = heads.around(head, stage)
    table = table * (1.0, float(living.cut_out(stage, layer)), 1.0)
    seen = regions.shown(stage, layer, *heads.cells(box))
    warp: Warp = mapped(heads.turned(head, box), table, rate_hz=modes.RATE_HZ, aspect=stage.aspect, box=box, seen=seen)
    yield LayerMotion(layer=layer.name, warps=(warp,))


def _course(times: Curve, rng: np.random.Generator, gate: Curve, nods: Curve) -> Curve:
    """Turn, tilt and nod at each instant, shape (instants, 3)."""
    turn, tilt = (_drift(times, rng) for _ in range(2))
    return np.asarray(gate[:, None] * np.stack([_TURNS * turn, _TILTS * tilt, _NODS * nods], axis=1))


def _gate(times: Curve, spans: Sequence[tuple[float, float]], ease_s: float) -> Curve:
    """1 while anything of these is said, 0 when nothing is."""
    return np.asarray(np.max([modes.held(times, start, end, ease_s, ease_s) for start, end in spans], axis=0))


def _loudness(one: Utterance, times: Curve) -> Curve:
    return visemes.loudness(one.speech.samples, one.speech.sample_rate, times - one.start_s)


def _stresses(times: Curve, loud: Curve) -> Curve:
    """A nod on every stressed syllable: where a voice gets louder than it was about then."""
    rate = modes.RATE_HZ
    slow = visemes.blurred(loud, 0.1 * rate)
    peaks = np.flatnonzero((slow[1:-1] > slow[:-2]) & (slow[1:-1] >= slow[2:]) & (slow[1:-1] > 0.45)) + 1
    nods, last_s = np.zeros_like(times), -1.0
    for peak in peaks:
        if times[peak] - last_s >= _STRESSED_S[0]:
            last_s = float(times[peak])
            pulse = modes.pulse(times, last_s - _DOWN_S, _DOWN_S, 0.02, _BACK_S)
            nods = np.maximum(nods, min(float(slow[peak]), 1.0) * pulse)
    return nods


def _invented_stresses(times: Curve, rng: np.random.Generator, span: tuple[float, float], pace: float) -> Curve:
    nods, at_s = np.zeros_like(times), span[0] + 0.1
    while at_s < span[1] - _DOWN_S - _BACK_S:
        nods = np.maximum(nods, rng.uniform(0.35, 1.0) * modes.pulse(times, at_s, _DOWN_S, 0.02, _BACK_S))
        at_s += pace * rng.uniform(*_STRESSED_S)
    return nods


def _force(line: DialogueLine) -> float:
    """Lips of somebody who shouts go farther."""
    manner = " ".join(line.manner)
    return (
        _HARD if "shout" in manner or "yell" in manner else _SOFT if "mutter" in manner or "murmur" in manner else 1.0
    )


def _drift(times: Curve, rng: np.random.Generator) -> Curve:
    """A slow wandering between -1 and 1."""
    slow, slower = 2 * np.pi * _DRIFT_HZ * rng.uniform(0.8, 1.2, 2) * (1.0, 0.43)
    first, second = rng.uniform(0, 2 * np.pi, 2)
    return np.asarray(0.55 * np.sin(slow * times + first) + 0.45 * np.sin(slower * times + second))
