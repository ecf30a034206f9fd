"""Where a movement starts and how large a drawn thing is, out of the words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from stillmotion.diorama.shot.binding import centre_of, locate, subject_layer
from stillmotion.diorama.shot.words import fold

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.binding import Bound
    from stillmotion.diorama.shot.intent import MotionPhrase
    from stillmotion.diorama.shot.props import PropWords
    from stillmotion.diorama.shot.records import MotionCue

Place = tuple[float, float]
_OUT = 0.08
"""How far outside the frame something waits, in photo widths or heights."""
_GROUND_Y = 0.85
_EDGE = re.compile(
    r"^(the )?(top|bottom|upper|lower|left|right|side|edge|corner|frame|screen|night|day|distance|air|sky above|above|"
    r"below|background|foreground|camera|viewer|us)\b"
)
_TOP = re.compile(r"\b(?:from (?:the )?(?:top|above|sky|ceiling|upper)|out of the sky|from heaven)\b")
_BOTTOM = re.compile(r"\bfrom (?:the )?(?:bottom|below|lower)\b")
_LEFT = re.compile(
    r"\b(?:(?:in |enters? )?from (?:the )?(?:upper |lower |top |bottom )?left|left to right|enters? left)\b"
)
_RIGHT = re.compile(
    r"\b(?:(?:in |enters? )?from (?:the )?(?:upper |lower |top |bottom )?right|right to left|enters? right)\b"
)
_AT = {"on the left": 0.2, "on the right": 0.8, "in the middle": 0.5, "in the centre": 0.5, "in the center": 0.5}
_BEHIND = re.compile(
    r"\b(?:behind|beside|next to|in front of|near|above|over) (?:the |a |an |her |his |its )?([a-z][a-z ]*)"
)
_SIZES = (
    (re.compile(r"\b(?:tiny|very small|miniature)\b"), 0.5),
    (re.compile(r"\b(?:small|little)\b"), 0.7),
    (re.compile(r"\b(?:huge|giant|gigantic|enormous|massive)\b"), 2.2),
    (re.compile(r"\b(?:big|large)\b"), 1.5),
)
_REPEATED = frozenset({"bounce", "spin", "hop", "nod", "blink", "twitch"})
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_MANY = (
    ("(?:a )?(?:couple|pair) of", 2),
    ("a few", 3),
    ("some", 4),
    ("several", 5),
    ("(?:many|lots of|a lot of|dozens of|hundreds of|countless)", 7),
)
_PLURAL = 3
_FREE = frozenset({"rise", "float", "fall"})
"""What several things do without running into each other."""
WET = frozenset({"splash", "ripple"})
"""Behaviours with a place on the water."""


def names_edge(words: str) -> bool:
    """Whether words mean a place of the frame or of the day and no thing in the photo."""
    return _EDGE.match(fold(words)) is not None


def behind(words: str) -> str:
    """What something moves behind, as named; empty when nothing is."""
    match = re.search(r"\bbehind (?:the |a |an )?([a-z][a-z ]*)", fold(words))
    return match.group(1) if match else ""


def comes_from(words: str, target: str) -> bool:
    """Whether a thing comes from there rather than going there: "falls from the sky"."""
    return re.search(rf"\bfrom (?:the |a |an )?{re.escape(fold(target))}\b", fold(words)) is not None


def are_many(cue: MotionCue) -> bool:
    """Whether a cue's count says how many things there are, not how often they move."""
    return cue.prop is not None and cue.count is not None and cue.verb not in _REPEATED


def repeats(verb: str) -> bool:
    """Whether a behaviour happens a number of times."""
    return verb in _REPEATED | {"lightning"}


def how_many(phrase: MotionPhrase, *, swarms: bool = False) -> int | None:
    """How many things are named: "two balloons", "many coins", "balls"; only where a count does not say how often.

    Args:
        phrase: who does what.
        swarms: whether several of such things are drawn as many anyway, unless a number is named.
    """
    words = fold(phrase.subject).split()
    if phrase.verb in _REPEATED or not words:
        return None
    if words[0] in _NUMBERS:
        return _NUMBERS[words[0]]
    head = rf"(?:\w+ ){{0,3}}?{re.escape(words[0])}\b"
    said = next((count for rule, count in _MANY if re.search(rf"\b{rule} {head}", fold(phrase.words))), None)
    plural = words[-1].endswith("s") and not words[-1].endswith("ss")
    usual = _PLURAL if plural and not swarms and phrase.verb in _FREE else None
    return said or usual


def start(scene: Scene, phrase: MotionPhrase, bound: Bound) -> Place | None:
    """Where something that is not in the photo comes in, photo coordinates; None leaves it to the engine."""
    if bound.prop is None and not (phrase.verb in WET and bound.layer is None):
        return None
    if phrase.verb in WET:
        return scene.salience
    words = fold(phrase.words)
    top, bottom = _TOP.search(words), _BOTTOM.search(words)
    left, right = _LEFT.search(words), _RIGHT.search(words)
    beside = _beside(scene, words)
    if not (top or bottom or left or right):
        return beside or next(((x, _ground(scene)) for at, x in _AT.items() if at in words), None)
    x = -_OUT if left else 1 + _OUT if right else beside[0] if beside else _free(scene, phrase)
    y = -_OUT if top else 1 + _OUT if bottom else _ground(scene)
    return x, y


def _beside(scene: Scene, words: str) -> Place | None:
    """Behind the pagoda: at its middle, on its ground."""
    match = _BEHIND.search(words)
    found = locate(scene, match.group(1), guess=False) if match else None
    if found is None or found.layer is None:
        return None
    layer = scene.layer(found.layer)
    x, y = found.box.centre if found.box is not None else centre_of(scene, layer)
    return x, y if layer.contact_y is None else layer.contact_y


def _ground(scene: Scene) -> float:
    subject = subject_layer(scene)
    contact = None if subject is None else subject.contact_y
    return _GROUND_Y if contact is None or contact > 0.97 else contact


def _free(scene: Scene, phrase: MotionPhrase) -> float:
    """A column beside the subject, with room on the side that it will leave by."""
    subject = subject_layer(scene)
    x = 0.5 if subject is None else centre_of(scene, subject)[0]
    if phrase.direction in {"left", "right"}:
        return 0.35 if phrase.direction == "right" else 0.65
    return 0.74 if x <= 0.5 else 0.26


def size_m(phrase: MotionPhrase, prop: PropWords | None) -> float | None:
    """Width of a prop when the words say how large it is; None is: as usual."""
    if prop is None:
        return None
    words = fold(f"{phrase.subject} {phrase.words}")
    return next((round(prop.width_m * factor, 4) for rule, factor in _SIZES if rule.search(words)), None)
