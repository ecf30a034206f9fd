"""What is seen to happen is heard, although the words do not say so: a car that drives by, a flag that flutters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from stillmotion.diorama.shot import lexicon, performed, slots
from stillmotion.diorama.shot.ambient import AMBIENT
from stillmotion.diorama.shot.records import SoundCue
from stillmotion.diorama.shot.words import Token, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.intent import Intent
    from stillmotion.diorama.shot.records import MotionCue

_NEAR = {
    "rain": {"rain_roof", "rain_window"},
    "rain_roof": {"rain"},
    "stream": {"waterfall"},
    "waterfall": {"stream"},
    "lake": {"waves", "stream", "boat_motor"},
    "car_pass": {"engine", "traffic", "truck", "motorcycle"},
    "wings": {"whoosh"},
    "flag": {"whoosh"},
}
"""Sounds that are enough: one of them was asked for, so the other is not added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    verbs: tuple[str, ...]
    subjects: frozenset[str]
    sound: str
    level_db: float


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(
        _Rule(
            verbs=tuple(row["verbs"]),
            subjects=frozenset(row.get("subjects", ())),
            sound=row["sound"],
            level_db=float(row.get("level_db", 0.0)),
        )
        for row in lexicon.table("implied")["rule"]
    )


def implied(
    scene: Scene, intent: Intent, motion: Iterable[MotionCue], named: Iterable[SoundCue]
) -> tuple[SoundCue, ...]:
    """Sounds of what moves, each once, unless it or its like was named or left out.

    Args:
        scene: where a moving layer is.
        intent: silence, "only" and sounds that the words exclude.
        motion: what moves.
        named: what is heard already.
    """
    if intent.silent or intent.only_named_sounds or "foley" in intent.muted:
        return ()
    known = {cue.sound for cue in named} | set(intent.excluded_sounds)
    found: list[SoundCue] = []
    for cue in motion:
        rule = None if cue.words == AMBIENT else _rule(cue)
        if rule is None or not performed.makes(rule.sound) or ({rule.sound} | _NEAR.get(rule.sound, set())) & known:
            continue
        known.add(rule.sound)
        found.append(_heard(scene, cue, rule))
    return tuple(found)


def _rule(cue: MotionCue) -> _Rule | None:
    """The first rule that fits; none for somebody who is seen not to do it: whoever stands still takes no steps."""
    if cue.layer is not None and lexicon.table("motion").get(cue.verb, {}).get("cannot"):
        return None
    words = {token.key for token in _words(cue)}
    fitting = (rule for rule in _rules() if cue.verb in rule.verbs and (not rule.subjects or rule.subjects & words))
    rule = next(fitting, None)
    return rule if rule is not None and rule.sound else None


def _words(cue: MotionCue) -> Iterator[Token]:
    yield from tokenize(cue.subject)
    if cue.prop:
        yield from tokenize(cue.prop)


def _heard(scene: Scene, cue: MotionCue, rule: _Rule) -> SoundCue:
    return SoundCue(
        sound=rule.sound,
        start_s=cue.start_s,
        end_s=cue.end_s,
        level_db=rule.level_db,
        place=_place(scene, cue),
        count=cue.count if rule.sound == "footsteps" else None,
        kind=slots.value("kind", tokenize(cue.words)) or "" if rule.sound == "footsteps" else "",
        pace=min(max(cue.speed, 0.5), 2.2),
        words=cue.words,
    )


def _place(scene: Scene, cue: MotionCue) -> tuple[float, float] | None:
    """Where it happens, in photo coordinates, as far as it is known."""
    if cue.box is not None:
        return cue.box.centre
    if cue.point is not None:
        return cue.point
    if cue.place is not None:
        return (min(max(cue.place[0], 0.0), 1.0), min(max(cue.place[1], 0.0), 1.0))
    layer = next((one for one in scene.layers if one.name == cue.layer), None)
    if layer is None or layer.size_px[0] > 0.8 * scene.size_px[0]:
        return None
    (wide, tall), (width_px, height_px) = layer.size_px, scene.size_px
    return ((layer.left_px + wide / 2) / width_px, (layer.top_px + tall / 2) / height_px)
