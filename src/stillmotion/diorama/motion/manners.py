"""How things travel: how fast, how they pick up speed, how they rock, flap and lean, and which way."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stillmotion.diorama.motion.journey import Wobble
from stillmotion.diorama.randomness import generator
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

Heading = tuple[float, float, float]
_OF_FRAME = re.compile(
    r"\b(?:out of|into|off|across|through)\b.{0,20}\b(?:frame|picture|shot|screen|view|sight|image)\b"
)
_GOES = re.compile(r"\b(?:out of|away|off|leaves?|leaving|disappears?|vanish\w*|lifts? off|takes? off|blasts? off)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How one kind of thing travels."""

    top: float
    """Metres a second."""
    acceleration: float
    """Metres per square second."""
    grounded: bool = False
    """It stays on the ground."""
    drives: bool = False
    """It has an engine and does not stop by itself."""
    lifted: bool = False
    """It is under way from the start when it rises: what floats up."""
    hovers: bool = False
    """It stays where it is in the air unless the words say where to."""
    rocks_deg: float = 0.0
    sways: float = 0.0
    """Sideways, as a share of its width."""
    bobs: float = 0.0
    """Up and down, as a share of its width."""
    sways_hz: float = 0.4
    buzzes: float = 0.0
    """Quick trembling, as a share of its width."""
    banks: float = 0.0
    """Degrees that it leans into a climb or a turn."""
    beats_hz: float = 0.0
    glides: float = 0.0
    shortest_s: float = 1.4
    """It takes at least that long across the picture."""


_INSECT = Manner(
    top=1.6, acceleration=1.2, sways=0.35, bobs=0.30, sways_hz=0.9, buzzes=0.02, banks=22, beats_hz=11, shortest_s=2.2
)
_BIRD = Manner(top=9.0, acceleration=4.0, sways=0.05, bobs=0.12, sways_hz=0.5, banks=26, beats_hz=2.6, glides=0.35)
_BOAT = Manner(top=2.4, acceleration=0.35, rocks_deg=1.5, bobs=0.012, sways_hz=0.33, shortest_s=4.0)
_CAR = Manner(top=13.0, acceleration=2.8, grounded=True, drives=True, bobs=0.001, sways_hz=2.1)
_BALLOON = Manner(top=1.4, acceleration=0.8, lifted=True, rocks_deg=3.0, sways=0.25, sways_hz=0.3, shortest_s=3.5)
_AIRSHIP = Manner(top=2.2, acceleration=0.4, lifted=True, rocks_deg=0.6, sways=0.02, sways_hz=0.12, shortest_s=6.0)
_ROCKET = Manner(top=math.inf, acceleration=3.2, buzzes=0.006)
_PAPER = Manner(top=4.5, acceleration=3.0, rocks_deg=5.0, bobs=0.3, sways_hz=0.45, banks=14, shortest_s=2.0)
_KITE = Manner(top=3.0, acceleration=1.0, hovers=True, rocks_deg=6.0, sways=0.3, bobs=0.22, sways_hz=0.27)
_DRIFTING = Manner(top=1.1, acceleration=0.7, rocks_deg=22.0, sways=0.5, bobs=0.5, sways_hz=0.5, shortest_s=3.0)
_PLANE = Manner(top=60.0, acceleration=6.0, rocks_deg=0.4, sways_hz=0.2, banks=9, shortest_s=3.0)
_LEVITATING = Manner(top=1.6, acceleration=0.9, lifted=True, rocks_deg=2.0, sways=0.03, bobs=0.02, sways_hz=0.35)
_FLUNG = replace(_PAPER, rocks_deg=2.0, bobs=0.04, banks=4)
_THING = Manner(top=1.2, acceleration=0.9, grounded=True)
_KINDS: tuple[tuple[tuple[str, ...], Manner], ...] = (
    (("hot-air balloon", "hot air balloon", "airship"), _AIRSHIP),
    (("balloon", "soap bubble", "bubble"), _BALLOON),
    (("rocket", "missile", "shuttle", "spacecraft", "spaceship"), _ROCKET),
    (("paper plane",), _PAPER),
    (("kite",), _KITE),
    (("leaf", "petal", "feather", "dandelion seed"), _DRIFTING),
    (("airplane", "plane", "airliner", "jet", "helicopter"), _PLANE),
    (("bee", "butterfly", "ladybug", "ladybird", "beetle", "insect", "dragonfly", "fly", "moth", "bug"), _INSECT),
    (("bird", "gull", "eagle", "parrot", "duck", "goose", "swan", "owl", "hen", "macaw"), _BIRD),
    (("boat", "ship", "yacht", "canoe", "gondola", "ferry", "schooner", "vessel"), _BOAT),
    (("car", "truck", "bus", "van", "taxi", "train", "tram", "motorcycle", "scooter", "bicycle"), _CAR),
)


def of(cue: MotionCue, label: str, surface: Surface) -> Manner:
    """How a thing of that name travels for a cue."""
    words = f" {label} {cue.subject} ".casefold()
    for names, manner in _KINDS:
        if any(re.search(rf"\b{name}s?\b", words) for name in names):
            return manner
    by_verb = {"drive": _CAR, "sail": _BOAT, "fly": _BIRD if surface is Surface.ANIMAL else _FLUNG, "rise": _LEVITATING}
    return by_verb.get(cue.verb, _CAR if surface is Surface.VEHICLE else _THING)


def heading(cue: MotionCue, label: str, came_from: str = "") -> Heading:
    """The way to the right, up and away from the camera, a unit vector."""
    right, up, away = _said(cue)
    if right == up == away == 0:
        right = {"left": 1.0, "right": -1.0}.get(came_from, 0.0)
        up = 1.0 if cue.verb == "rise" or (cue.verb == "fly" and came_from in {"", "bottom"}) else 0.0
        up = -1.0 if came_from == "top" else up
        if right == up == 0 or (cue.verb == "fly" and came_from == ""):
            right = 0.8
    if cue.verb == "fly" and up == 0 and right != 0:
        up = 0.55 if came_from == "" else 0.06
    if cue.verb == "fly" and away > 0 and up == 0:
        up = 0.35
    if cue.verb == "rise":
        up = max(up, 1.0)
        right *= 0.5
    if "rocket" in label and cue.verb == "rise":
        right = 0.0
    size = math.sqrt(right**2 + up**2 + away**2)
    return right / size, up / size, away / size


def _said(cue: MotionCue) -> Heading:
    words = set(cue.direction.replace("-", " ").split())
    if _OF_FRAME.search(cue.words.casefold()):
        words -= {"in", "out"}
    right = ("right" in words) - float("left" in words)
    up = ("up" in words) - float("down" in words)
    away = (bool(words & {"out", "away"})) - float("in" in words)
    if cue.verb in {"drive", "sail"}:
        up = 0.0
    return float(right), float(up), float(away)


def must_leave(cue: MotionCue) -> bool:
    """Whether the words want it gone by the end."""
    return _GOES.search(cue.words.casefold()) is not None


def wobbles(manner: Manner, wide: float, stage: Stage) -> tuple[Wobble, ...]:
    """Rocking, bobbing, trembling of something that is `wide` photo widths wide."""
    phase = float(generator(stage.shot.seed, "wobble").uniform(0, 2 * math.pi))
    tall = wide / stage.aspect
    found = []
    if manner.rocks_deg or manner.sways or manner.bobs:
        found.append(
            Wobble(
                sideways=manner.sways * wide,
                up=manner.bobs * tall,
                turn_deg=manner.rocks_deg,
                hz=manner.sways_hz,
                phase=phase,
            )
        )
    if manner.buzzes:
        tremble = manner.buzzes
        found.append(Wobble(sideways=tremble * wide, up=tremble * tall, turn_deg=40 * tremble, hz=11.0, phase=phase))
    return tuple(found)


def bank(manner: Manner, way: Heading) -> float:
    """Degrees clockwise that it leans on its way: nose up when it climbs to a side."""
    right, up, _ = way
    if not manner.banks or abs(right) < 0.1:
        return 0.0
    return -math.copysign(manner.banks * min(abs(up / right), 1.0), right * up)
