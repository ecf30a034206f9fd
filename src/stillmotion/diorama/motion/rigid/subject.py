"""Who moves: a layer of the photo or a drawn prop, with all the cues that name it, measured in metres."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stillmotion.diorama.motion import ground, materials, scale
from stillmotion.diorama.motion.props import placing
from stillmotion.diorama.motion.rigid.outline import outline
from stillmotion.diorama.scene.records import Surface
from stillmotion.diorama.shot.records import Physics

if TYPE_CHECKING:
    from stillmotion.diorama.motion.materials import Material
    from stillmotion.diorama.motion.props.records import Prop
    from stillmotion.diorama.motion.rigid.outline import Outline
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

UNMOVED = frozenset({Surface.SKY, Surface.GROUND, Surface.SUPPORT, Surface.WATER, Surface.BACKDROP})
"""Layers that hold the scene: they stay."""
_FROM_LEFT = re.compile(r"\b(?:in )?from (?:the )?(?:far )?left\b")
_FROM_RIGHT = re.compile(r"\b(?:in )?from (?:the )?(?:far )?right\b")
_STANDS = 0.02
"""Gap below a thing that stands, in photo widths."""
_BELOW_FRAME = 0.02
_SLOPES = 0.05
_LOOKED_DOWN = 0.68
"""How far down things land in a picture of one surface, as a share of its height."""
_LANDS = re.compile(r"\b(?:settles?|roll\w*|slides?|rests?|lands?|ground|floor|table|desk|shelf|grass|sand|snow)\b")
_AT_BORDER = 0.86
_PLAIN_TO_SEE_M, _SLOWEST = 0.9, 0.4
"""A picture that is so tall is filmed at the speed of life; a smaller one slower, down to this share."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """A thing that moves. Lengths are metres at its own depth; the origin is the photo's upper left, y up."""

    name: str
    """Of its layer."""
    layer: Layer
    shading: Layer | None
    """Light on a prop that rolls: it travels along and does not turn."""
    prop: Prop | None
    outline: Outline
    cues: tuple[MotionCue, ...]
    """In the order of the shot."""
    q: float
    metres: float
    """That the photo's width spans at its depth."""
    aspect: float
    made_of: Material
    physics: Physics
    """What the cues fix, the first one first."""
    explicit: bool
    """Whether a person fixed numbers: then nothing is embellished."""
    start_s: float
    end_s: float
    floor: float
    """Height of the ground under it."""
    frame: tuple[float, float, float, float]
    """Left, bottom, right and top of what frame 0 shows."""
    busy: float = 0.0
    """Where the eye goes in the photo, in metres from the left: nothing that comes in should stop there."""
    ledge: tuple[float, float] | None = None
    """Left and right end of the thing that it lies on, when it does."""

    @property
    def verbs(self) -> tuple[str, ...]:
        """What it does, in order."""
        return tuple(cue.verb for cue in self.cues)

    @property
    def place(self) -> tuple[float, float]:
        """Its centre of mass when it starts: where it is in the photo; a prop waits just outside what is shown."""
        x, y = self.to_world(*self.outline.centre)
        if self.prop is None or self.explicit:
            return x, y
        left, bottom, right, top = self.frame
        wide, tall = self.size
        if not 0 < x / self.metres < 1:
            x = left - 0.55 * wide if x < (left + right) / 2 else right + 0.55 * wide
        y = max(y, bottom + 0.6 * tall)
        return x, top + 0.55 * tall if y > 0 else y

    @property
    def speed(self) -> float:
        """Speed factor of the words."""
        return self.cues[0].speed

    @property
    def amount(self) -> float:
        """Amount factor of the words."""
        return self.cues[0].amount

    @property
    def words(self) -> str:
        """All the clauses that name it."""
        return " ".join(dict.fromkeys(cue.words.casefold() for cue in self.cues))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height."""
        shape = self.outline
        return (shape.right - shape.left) * self.metres, (shape.top - shape.bottom) * self.metres

    @property
    def bottom(self) -> float:
        """Height of its lowest point at rest."""
        return self.place[1] + self.outline.bottom * self.metres

    @property
    def stands(self) -> bool:
        """Whether it stands on the ground, and does not hang or lie above it."""
        return self.bottom - self.floor < _STANDS * self.metres

    def to_world(self, x: float, y: float) -> tuple[float, float]:
        """Metres of a point in photo coordinates."""
        return x * self.metres, -y * self.aspect * self.metres

    def to_photo(self, x: float, y: float) -> tuple[float, float]:
        """Photo coordinates of a point in metres."""
        return x / self.metres, -y / self.metres / self.aspect

    def side(self) -> float:
        """Where it goes: 1 to the right, -1 to the left; away from the middle, where most is, when nothing is said."""
        for cue in reversed(self.cues):
            if cue.direction in {"left", "right"}:
                return 1.0 if cue.direction == "right" else -1.0
            if _FROM_LEFT.search(cue.words.casefold()):
                return 1.0
            if _FROM_RIGHT.search(cue.words.casefold()):
                return -1.0
        left, _, right, _ = self.frame
        share = (self.place[0] - left) / (right - left)
        return 1.0 if 0.5 <= share < _AT_BORDER or share < 1 - _AT_BORDER else -1.0

    @property
    def pace(self) -> float:
        """How fast time passes for it: small things are filmed slowed down, or nobody would see them fall."""
        if self.explicit:
            return 1.0
        tall = self.frame[3] - self.frame[1]
        return min(max(math.sqrt(tall / _PLAIN_TO_SEE_M), _SLOWEST), 1.0)


_FALLING = frozenset({"fall", "bounce", "throw"})
_HIGH_UP = 0.25
"""Photo heights above the ground from which what is placed is in the air and not on something."""
_PRONOUNS = ("", "it", "they", "this", "that")


def subjects(stage: Stage, cues: tuple[MotionCue, ...]) -> tuple[Subject, ...]:
    """Cues put together by what they move, in the order in which each is named first."""
    groups: list[list[MotionCue]] = []
    for cue in cues:
        home = next((group for group in reversed(groups) if _is_same(group[0], cue)), None)
        if home is None:
            groups.append([cue])
        else:
            home.append(cue)
    found = (_subject(stage, tuple(own)) for own in groups)
    return tuple(one for one in found if one is not None)


def _is_same(first: MotionCue, cue: MotionCue) -> bool:
    """Whether two cues move one thing: the same layer, or a prop that is not said to start at another place."""
    if first.layer is not None or cue.layer is not None:
        return first.layer == cue.layer
    here = cue.place is None or cue.place == first.place
    named = cue.subject in {first.subject, *_PRONOUNS}
    return here and named and first.prop == cue.prop


def shape_of(stage: Stage, layer: Layer) -> Outline | None:
    """The outline of a layer of the stage."""
    return outline(layer, stage.scene.size_px[0], stage.aspect)


def _stuff(prop: Prop, words: str) -> str:
    """What a drawn thing is made of: as the words say, a steel ball, else as usual; what is airy stays so."""
    said = None if prop.airy else materials.named(words)
    return prop.material if said is None or said.name in {"air", "water"} else said.name


def _subject(stage: Stage, cues: tuple[MotionCue, ...]) -> Subject | None:
    first = cues[0]
    prop = placing.of(first) if first.layer is None else None
    layer, shading = placing.body(stage, first) if prop is not None else (stage.layer(first), None)
    shape = shape_of(stage, layer) if layer is not None else None
    if layer is None or shape is None:
        return None
    shape = _as_asked(shape, cues, prop)
    x, y = shape.centre
    metres_at_one = stage.shot.world.metres_per_width or scale.metres_per_width(stage.scene)[0]
    foot = y - shape.bottom / stage.aspect
    q = layer.plane.inverse_depth(x, foot)
    metres = scale.at_depth(metres_at_one, q)
    fixed = _fixed(cues)
    said = fixed.material or (_stuff(prop, first.subject) if prop is not None else None)
    made_of = materials.material(said) if said else materials.of(layer.label, layer.surface)
    framed = stage.shot.framing
    return Subject(
        name=layer.name,
        layer=layer,
        shading=shading,
        prop=prop,
        outline=shape,
        cues=cues,
        q=q,
        metres=metres,
        aspect=stage.aspect,
        made_of=made_of,
        physics=fixed,
        explicit=any(cue.physics is not None for cue in cues),
        start_s=min(cue.start_s for cue in cues),
        end_s=max(stage.end_s(cue) for cue in cues),
        floor=-_row(stage, layer, q, foot, _said(cues) if prop is not None else None) * stage.aspect * metres,
        frame=(
            framed.x0 * metres,
            -framed.y1 * stage.aspect * metres,
            framed.x1 * metres,
            -framed.y0 * stage.aspect * metres,
        ),
        busy=stage.scene.salience[0] * metres,
        ledge=_ledge(stage, layer, shape, metres),
    )


def _said(cues: tuple[MotionCue, ...]) -> str:
    return " ".join(f"{cue.verb} {cue.words.casefold()}" for cue in cues)


def _as_asked(shape: Outline, cues: tuple[MotionCue, ...], prop: Prop | None) -> Outline:
    """What rolls is round; what only slides, or topples, is not, unless a person fixed numbers for it."""
    if prop is not None and shape.radius is None and not prop.round:
        # Boxes are drawn with one corner in front; they stand on all of them.
        return shape.as_box()
    rolls = any(cue.verb == "roll" for cue in cues) or (prop is not None and prop.round)
    if rolls:
        return shape if shape.radius is not None else shape.as_circle()
    stays_up = any(cue.verb in {"slide", "topple"} for cue in cues) and all(cue.physics is None for cue in cues)
    return shape.as_box() if stays_up and shape.radius is not None else shape


def _ledge(stage: Stage, layer: Layer, shape: Outline, metres: float) -> tuple[float, float] | None:
    """The ends of the nearest layer behind a thing that reaches below its middle on both sides: a saucer's rim."""
    if layer not in stage.scene.layers:
        return None
    x, y = shape.centre
    for other in reversed(stage.scene.layers[1 : stage.scene.layers.index(layer)]):
        under = outline(other, stage.scene.size_px[0], stage.aspect) if other.surface not in UNMOVED else None
        if under is None:
            continue
        left, right = under.centre[0] + under.left, under.centre[0] + under.right
        if left < x < right and y < under.centre[1] - under.bottom / stage.aspect:
            return left * metres, right * metres
    return None


def _unseen_floor(stage: Stage, layer: Layer, words: str) -> float | None:
    """The row where a thing from above lands in a picture without ground of its own; None where ground is seen.

    A picture that is all one surface is looked down on, and things lie in it. In front of somebody whose feet are not
    seen a thing falls out of the picture and may bounce back into it, unless the words let it land.
    """
    framed, back = stage.shot.framing, stage.scene.layers[0]
    if ground.support(stage) is not None:
        return None
    if len(stage.scene.layers) == 1 and stage.scene.horizon_y is None and back.surface is Surface.BACKDROP:
        return framed.y0 + _LOOKED_DOWN * framed.height
    stands = any(one.contact_y is not None and one.contact_y < framed.y1 - _STANDS for one in stage.scene.layers)
    if stands or len(stage.scene.layers) == 1 or back.plane.per_y > _SLOPES or _LANDS.search(words):
        return None
    return framed.y1 + 1.1 * layer.size_px[1] / stage.scene.size_px[1]


def _row(stage: Stage, layer: Layer, q: float, foot: float, words: str | None) -> float:
    """The row on which a thing will come to lie: as the Shot says, where it stands, or where the ground is.

    `words` are what is said about a thing that is drawn; None for a layer of the photo.
    """
    said = stage.shot.world.ground_y
    if said is not None:
        return said if said - foot > 0.004 else max(foot, said - 0.02)
    framed = stage.shot.framing
    row = min(ground.row(stage, q), framed.y1 - _BELOW_FRAME)
    if words is not None and foot <= framed.y0 + 0.1 and (own := _unseen_floor(stage, layer, words)) is not None:
        return own
    if words is not None:
        seen = ground.first_row(
            stage, layer.left_px / stage.scene.size_px[0], layer.size_px[0] / stage.scene.size_px[0]
        )
        lands = max(row, seen)
        falls = words.split(" ", 1)[0] in _FALLING and foot < lands - _HIGH_UP
        return min(foot if foot > framed.y0 + 0.1 and not falls else lands, framed.y1 - _BELOW_FRAME)
    if layer.contact_y is not None and abs(layer.contact_y - foot) < 0.05:
        return foot
    return foot if row - foot < _STANDS * 2 else row


def _fixed(cues: tuple[MotionCue, ...]) -> Physics:
    """The numbers of all the cues of one thing; the first that says one wins."""
    said = [cue.physics for cue in cues if cue.physics is not None]

    def first(name: str) -> object:
        return next((getattr(one, name) for one in said if getattr(one, name) is not None), None)

    return Physics(**{name: first(name) for name in Physics.__slots__})  # type: ignore[arg-type]
