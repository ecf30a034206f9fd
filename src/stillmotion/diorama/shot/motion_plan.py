"""Movement phrases to cues: who moves, how, when and towards what; what stands in for what cannot be drawn."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.shot import lexicon, places
from stillmotion.diorama.shot.binding import (
    Bound,
    is_pronoun,
    locate,
    look_closer,
    named_exactly,
    names_part,
    names_plant,
    names_somebody,
    of_layer,
    subject_layer,
)
from stillmotion.diorama.shot.crowd import spread
from stillmotion.diorama.shot.grammar import content
from stillmotion.diorama.shot.order import in_order
from stillmotion.diorama.shot.props import prop_named
from stillmotion.diorama.shot.records import MotionCue, Note
from stillmotion.diorama.shot.words import tokenize

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.intent import Intent, MotionPhrase
    from stillmotion.diorama.shot.props import PropWords
    from stillmotion.diorama.shot.timing import Schedule

MOST_CUES = 64
_FIELDS = frozenset({"weather", "particles", "fire", "light"})
_SOURCES = frozenset({"fire", "smoke", "steam", "sparks", "bubbles"})
"""Fields that come out of something."""
_SHED = frozenset({"petals", "drip"})
_GUESTS = frozenset({"leaves", "petals", "confetti", "bubbles", "fireflies", "insects", "birds_fly"})
"""Fields of things that the photo does not show: they are drawn and said to be added."""
_GROWS = frozenset({Surface.PLANT, Surface.FOLIAGE})
_FLYERS = frozenset({"butterfly", "bee", "bird"})
_WINGS = frozenset({"insects", "birds_fly", "flutter"})
"""What a swarm does, or what wings do: one bee that buzzes around simply flies."""
_ALONE = frozenset({"dragonfly"})
_BODIES = frozenset({"living", "articulated"})
_SEEN_AS = {
    "lean": "a small lean",
    "nod": "a nod",
    "shake": "a shake",
    "breathe": "breathing",
    "ripple": "ripples",
    "steam": "steam",
    "light": "a change of light",
    "sway": "a slight sway",
    "float": "a slow drift in place",
    "fog": "a fine mist over the ground",
}
"""What stands in for a movement that is never drawn, for people."""
_PHOTO = frozenset({"", "it", "this", "everything", "photo", "picture", "image", "scene"})
_MAKE = re.compile(r"\b(?:make|let|get|bring|animate)s?\b", re.IGNORECASE)
_LIVING = frozenset({Surface.PERSON, Surface.ANIMAL})
_TAKES_OFF = frozenset({Surface.VEHICLE, Surface.RIGID, Surface.STRUCTURE})
_BENDS = frozenset({"lean", "bounce", "move", "nod", "hop", "dance"})
_ANYBODY = frozenset({"someone", "somebody", "everything", "everyone", "all"})
_LEAVES = frozenset({"fall", "bounce", "roll", "slide", "throw", "fly", "float", "rise", "move", "drive", "sail"})


@dataclass(slots=True)
class _Reading:
    """What "she" and "it" mean by now, and what people should know."""

    scene: Scene
    timing: Schedule
    last: Bound = field(default_factory=Bound)
    notes: list[Note] = field(default_factory=list)
    guests: list[str] = field(default_factory=list)
    otherwise: str = "nothing stands in for it"
    """What is done when no movement can stand in for one that is never drawn."""


def motion_cues(scene: Scene, intent: Intent, timing: Schedule) -> tuple[tuple[MotionCue, ...], tuple[Note, ...]]:
    """A cue for everything that the words move, with what stands in for what cannot be drawn; notes for people."""
    reading = _Reading(scene, timing)
    if not intent.camera:
        reading.otherwise = "the camera slowly moves closer instead"
    phrases = [phrase for phrase in intent.motion[:MOST_CUES] if not _is_anything(phrase)]
    cues = [cue for phrase in phrases for cue in _cues(reading, phrase)][:MOST_CUES]
    if reading.guests:
        named = ", ".join(dict.fromkeys(reading.guests))
        reading.notes.append(Note(code="added", words=f"Not in the photo, so drawn and added: {named}."))
    return spread(in_order(cues, timing.total_s), MOST_CUES, timing.total_s), tuple(dict.fromkeys(reading.notes))


def row_of(verb: str) -> Mapping[str, object]:
    """What the lexicon says about a behaviour."""
    return dict(lexicon.table("motion")[verb])


def drawable(verb: str) -> bool:
    """Whether a behaviour is one that engines may draw; of a behaviour that the lexicon does not know, nobody can say.

    Dancing or opening is never drawn: the plan names what stands in for it.
    """
    return not lexicon.table("motion").get(verb, {}).get("cannot", False)


def is_field(verb: str) -> bool:
    """Rain, light, smoke: what moves is not a thing in the photo."""
    return row_of(verb)["category"] in _FIELDS


@lru_cache(maxsize=512)
def names_itself(subject: str) -> bool:
    """Rain, ripples, sparks: the subject is the behaviour."""
    tokens = tokenize(subject)
    match = lexicon.motion_book().at(tokens, 0)
    return match is not None and bool(match.entry.data.get("noun")) and match.end == len(tokens)


def _is_anything(phrase: MotionPhrase) -> bool:
    """Make it move: what lives in the photo does so by itself."""
    way = phrase.direction or phrase.target
    return phrase.verb == "move" and phrase.subject in _PHOTO and not way and _MAKE.search(phrase.words) is not None


def _cues(reading: _Reading, phrase: MotionPhrase) -> list[MotionCue]:
    cue = _cue(reading, phrase)
    row = row_of(cue.verb)
    if row.get("cannot"):
        return [cue, *_instead(reading, cue, row)]
    if cue.verb in _GUESTS:
        reading.guests.append(_plain(cue.subject, cue.verb))
    _say_unbound(reading, cue)
    return [cue]


def _plain(subject: str, verb: str) -> str:
    """What is added, without what it does: "birds fly" adds birds."""
    tokens = tokenize(subject)
    found = next(iter(lexicon.prop_book().find(tokens)), None)
    named = tokens[: found.end] if found is not None else tokens
    return " ".join(token.key for token in content(named)) or verb


def _cue(reading: _Reading, phrase: MotionPhrase) -> MotionCue:
    phrase = _one_flyer(reading.scene, phrase)
    start, end = reading.timing.window(phrase.when)
    target = _target(reading, phrase)
    bound = _bound(reading, phrase)
    verb = _verb(reading.scene, phrase, bound)
    if _tears(reading.scene, phrase.subject, verb, bound):
        bound = look_closer(reading.scene, phrase.subject)
    if not is_field(phrase.verb) and bound != Bound():
        reading.last = bound
    prop = bound.prop
    if names_itself(phrase.subject):
        bound, target = _without_outline(bound, target, verb)
    start_place = places.start(reading.scene, phrase, bound)
    size_m = places.size_m(phrase, prop)
    return MotionCue(
        verb=verb,
        subject=phrase.subject,
        layer=bound.layer,
        box=bound.box,
        point=start_place if verb in places.WET else bound.point,
        prop=None if prop is None else prop.name,
        place=start_place,
        size_m=size_m,
        target=target.layer,
        target_point=_middle(target),
        start_s=start,
        end_s=end,
        direction=phrase.direction,
        speed=phrase.speed,
        amount=phrase.amount if size_m is None else 1.0,
        count=_how_often(phrase, (reading.timing.total_s if end is None else end) - start) or _how_many(phrase, prop),
        words=phrase.words,
    )


def _one_flyer(scene: Scene, phrase: MotionPhrase) -> MotionPhrase:
    """One butterfly that flutters by is a thing of its own, not a swarm."""
    new = f"the {phrase.subject}" not in phrase.words.casefold() and not named_exactly(scene, phrase.subject)
    if phrase.subject in _ALONE and (new or locate(scene, phrase.subject) == Bound()):
        return replace(phrase, verb="insects")
    prop = prop_named(phrase.subject)
    alone = prop is not None and prop.name in _FLYERS and phrase.verb in _WINGS and not phrase.subject.endswith("s")
    return replace(phrase, verb="fly") if alone and not named_exactly(scene, phrase.subject) else phrase


def _how_often(phrase: MotionPhrase, length_s: float) -> int | None:
    """Three times, or every second while it lasts; how often only what happens at once can."""
    if phrase.every_s is None or not places.repeats(phrase.verb):
        return phrase.count
    return min(max(round(length_s / phrase.every_s), 1) * (phrase.count or 1), 100)


def _how_many(phrase: MotionPhrase, prop: PropWords | None) -> int | None:
    if prop is None:
        return 1 if phrase.subject in _ALONE else None
    return places.how_many(phrase, swarms=prop.name in _FLYERS)


def _middle(bound: Bound) -> tuple[float, float] | None:
    return bound.point if bound.box is None else bound.box.centre


def _without_outline(bound: Bound, target: Bound, verb: str) -> tuple[Bound, Bound]:
    """Steam over a cup, rings on the coffee: nothing is cut out.

    Rings start where they are aimed; what leaves an opening finds that by itself.
    """
    whole = replace(bound, box=None, point=None)
    if verb in _SOURCES:
        return whole, Bound(layer=target.layer)
    return whole, target if target != Bound() else bound if _middle(bound) is not None else Bound()


def _verb(scene: Scene, phrase: MotionPhrase, bound: Bound) -> str:
    """What a behaviour means for what it happens to: a stalk that bends and springs back sways."""
    surface = next((layer.surface for layer in scene.layers if layer.name == bound.layer), None)
    blown = any(token.key in _winds() for token in tokenize(phrase.words))
    if surface is None and phrase.verb == "bounce" and names_plant(phrase.subject):
        return "lean"
    grows = bound.grows or (bound.box is None and surface in _GROWS)
    if (grows and phrase.verb in _BENDS) or (phrase.verb == "move" and blown and bound.prop is None):
        return "twitch" if surface is Surface.ANIMAL and names_part(phrase.subject) else "sway"
    if phrase.verb == "turn_head" and surface not in {*_LIVING, None} and not names_part(phrase.words):
        return "spin"
    if phrase.verb == "move" and surface in {Surface.ANIMAL, Surface.PERSON} and names_part(phrase.subject):
        return "twitch"
    return phrase.verb


def _winds() -> frozenset[str]:
    return frozenset(lexicon.table("things")["forces"]["words"])


def _bound(reading: _Reading, phrase: MotionPhrase) -> Bound:
    scene, row = reading.scene, row_of(phrase.verb)
    if names_itself(phrase.subject) and row["category"] != "living":
        surface = str(row.get("surface", ""))
        return _lifted(reading) if phrase.verb == "rise" else _field(reading, phrase, surface)
    if is_pronoun(phrase.subject) and reading.last.prop is not None:
        return reading.last
    if not phrase.subject or names_itself(phrase.subject):
        subject = subject_layer(scene)
        own = reading.last if reading.last != Bound() or subject is None else of_layer(subject)
        return Bound() if is_field(phrase.verb) else own
    if phrase.subject in _ANYBODY or _is_nobody(scene, phrase):
        return Bound()
    if _is_new(phrase) and not named_exactly(scene, phrase.subject):
        return _added(reading, phrase)
    found = locate(scene, phrase.subject, reading.last.layer)
    return found if found != Bound() else _added(reading, phrase)


def _lifted(reading: _Reading) -> Bound:
    """Liftoff: of what was spoken of, else of what the photo is about, if that can be."""
    subject = subject_layer(reading.scene)
    if reading.last != Bound() or subject is None or subject.surface not in _TAKES_OFF:
        return reading.last
    return of_layer(subject)


def _is_nobody(scene: Scene, phrase: MotionPhrase) -> bool:
    """She drinks: somebody does, and no cup that the photo is about. It rains: nobody does."""
    if row_of(phrase.verb)["category"] == "weather" and is_pronoun(phrase.subject):
        return True
    subject = subject_layer(scene)
    things = {Surface.RIGID, Surface.SUPPORT, Surface.STRUCTURE, Surface.VEHICLE, Surface.PLANT, Surface.FOLIAGE}
    thing = subject is not None and subject.surface in things and not scene.faces
    return thing and names_somebody(phrase.subject) and row_of(phrase.verb)["category"] in _BODIES


def _tears(scene: Scene, subject: str, verb: str, found: Bound) -> bool:
    """A hat that is thrown would take its wearer along: parts do not leave the living."""
    living = found.layer is not None and scene.layer(found.layer).surface in {Surface.PERSON, Surface.ANIMAL}
    return living and found.box is None and found.point is None and verb in _LEAVES and names_part(subject)


def _is_new(phrase: MotionPhrase) -> bool:
    """A ball, a marble: what can be drawn and is not "the" ball is not looked for in the photo."""
    return prop_named(phrase.subject) is not None and f"the {phrase.subject}" not in phrase.words.casefold()


def _added(reading: _Reading, phrase: MotionPhrase) -> Bound:
    """A drawn thing, where a behaviour can carry one."""
    prop = prop_named(phrase.subject)
    row = row_of(phrase.verb)
    if prop is None or not (row["category"] == "rigid" or phrase.verb == "hop") or row.get("cannot"):
        return Bound()
    reading.notes.append(Note(code="added", words=f"Not in the photo, so drawn and added: {prop.name}."))
    return Bound(prop=prop)


def _field(reading: _Reading, phrase: MotionPhrase, surface: str) -> Bound:
    """Where a field belongs: to its surface, to what it comes out of, else to the whole picture."""
    scene = reading.scene
    target = locate(scene, phrase.target, reading.last.layer) if phrase.target else Bound()
    whole = next((layer for layer in scene.layers if layer.surface == surface), None)
    if whole is not None and (target.layer is None or not _is_part(scene, target)):
        return of_layer(whole)
    if target != Bound() and (phrase.verb in _SOURCES or not is_field(phrase.verb)):
        return target
    if phrase.verb in _SOURCES:
        return reading.last if reading.last.layer else _source(scene)
    return _shed(scene) if {phrase.verb, phrase.subject} & _SHED else Bound()


def _shed(scene: Scene) -> Bound:
    """Petals and dew are of what grows, when that is what the photo is about."""
    subject = subject_layer(scene)
    return of_layer(subject) if subject is not None and subject.surface in _GROWS else Bound()


def _is_part(scene: Scene, target: Bound) -> bool:
    """Ripples on the coffee are not those of the lake behind it."""
    return target.layer is not None and scene.layer(target.layer).surface in {Surface.RIGID, Surface.SUPPORT}


def _source(scene: Scene) -> Bound:
    """Steam without a pot: it comes out of what the photo is about, if that is a thing."""
    subject = subject_layer(scene)
    things = {Surface.RIGID, Surface.VEHICLE, Surface.SUPPORT}
    if subject is None or subject.surface not in things:
        return Bound()
    return locate(scene, subject.label) or of_layer(subject)


def _target(reading: _Reading, phrase: MotionPhrase) -> Bound:
    """What a movement is aimed at; edges of the frame are places, not things."""
    words = places.behind(phrase.words) or phrase.target
    if not words or places.names_edge(words) or places.comes_from(phrase.words, words):
        return Bound()
    return locate(reading.scene, words, guess=False)


def _instead(reading: _Reading, cue: MotionCue, row: Mapping[str, object]) -> Sequence[MotionCue]:
    """The nearest honest movement, as cues of its own; nothing for what is not there."""
    at = _standing(reading.scene, cue.target or cue.layer) if row.get("instead_at") == "target" else cue.layer
    box = None if at != cue.layer else cue.box
    steps = _steps(reading.scene, at, row)
    seen = " and ".join(_SEEN_AS[str(one["verb"])] for one in steps)
    instead = f"the film shows {seen} instead" if steps else reading.otherwise
    reading.notes.append(Note(code="substitute", words=f'"{cue.words}" cannot be drawn; {instead}.'))
    if at is None and not steps:
        _say_unbound(reading, cue)
    return [
        replace(
            cue,
            verb=str(one["verb"]),
            layer=None if is_field(str(one["verb"])) and one["verb"] not in _SOURCES else at,
            box=box,
            target=None,
            target_point=None,
            direction=str(one.get("direction", "")),
            amount=float(str(one.get("amount", 1.0))),
            speed=float(str(one.get("speed", 1.0))),
            count=None,
        )
        for one in steps
    ]


def _steps(scene: Scene, at: str | None, row: Mapping[str, object]) -> list[dict[str, object]]:
    """What a row of the lexicon lists for what the cue is about; nothing for what is not there."""
    if at is None and row["category"] not in _FIELDS:
        return []
    surface = "" if at is None else scene.layer(at).surface.value
    steps: list[dict[str, object]] = row.get("instead", [])  # type: ignore[assignment]
    return [one for one in steps if surface in str(one.get("for", surface))]


def lacks_stand_in(cues: Sequence[MotionCue]) -> bool:
    """Whether something that is never drawn has no other movement in its place: the camera may look closer at it."""
    shown = {cue.words for cue in cues if drawable(cue.verb)}
    return any(not drawable(cue.verb) and cue.words not in shown for cue in cues)


def _standing(scene: Scene, name: str | None) -> str | None:
    """What stands on a table or a floor, which themselves hold everything: that is what a thump shakes."""
    lying = {Surface.SUPPORT, Surface.GROUND, Surface.BACKDROP}
    if name is None or scene.layer(name).surface not in lying:
        return name
    subject = subject_layer(scene)
    return None if subject is None else subject.name


def _say_unbound(reading: _Reading, cue: MotionCue) -> None:
    there = cue.layer is not None or cue.prop is not None or cue.box is not None or cue.point is not None
    if there or not cue.subject or cue.subject in _ANYBODY or is_field(cue.verb) or names_itself(cue.subject):
        return
    what = "Nobody" if names_somebody(cue.subject) else "Nothing"
    reading.notes.append(Note(code="unbound", words=f'{what} in the photo was recognised as "{cue.subject}".'))
