"""Words to layers and parts of layers: by name, synonym, material, position, pronoun, part; else unbound."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from stillmotion.diorama.scene.records import Layer, Scene, SceneObject, Surface
from stillmotion.diorama.shot import grounding, lexicon, meaning
from stillmotion.diorama.shot.words import Token, tokenize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.shot.props import PropWords

_STANDING = (Surface.PERSON, Surface.ANIMAL, Surface.VEHICLE, Surface.RIGID, Surface.PLANT, Surface.STRUCTURE)
_SELF = frozenset({"subject", "object", "center", "centre", "middle", "foreground", "hero", "protagonist"})
_SIDES = {
    "left": (0, -1.0),
    "leftmost": (0, -1.0),
    "right": (0, 1.0),
    "rightmost": (0, 1.0),
    "top": (1, -1.0),
    "upper": (1, -1.0),
    "bottom": (1, 1.0),
    "lower": (1, 1.0),
    "front": (1, 1.0),
    "nearest": (1, 1.0),
    "back": (1, -1.0),
    "rear": (1, -1.0),
}
_SAME_THING = 0.55
"""Intersection over union beyond which an object is the layer that holds it."""
_CERTAIN = 0.75
"""Score beyond which a detector may call a whole layer by another name than the layer's own."""
_SUBJECT_NAMES = frozenset({"rigid", "vehicle", "structure", "plant"})
_BY_NAME = 3.0
_SMALL_THINGS = frozenset({"ball", "cloth", "spoon"})
"""Groups that a photo is seldom about without anybody seeing it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something in the scene that words may mean."""

    label: str
    layer: str
    surface: Surface
    centre: tuple[float, float]
    area: float
    box: Box | None = None
    """Of an object that is less than its layer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What words mean in a scene; nothing when every field is empty."""

    layer: str | None = None
    box: Box | None = None
    """Of the thing, when it is less than the layer."""
    point: tuple[float, float] | None = None
    """On the thing, when its outline is not known."""
    prop: PropWords | None = None
    """It is not in the photo and will be drawn."""
    grows: bool = False
    """The words name a plant, whatever the layer is."""


def of_layer(layer: Layer) -> Bound:
    """A whole layer."""
    return Bound(layer=layer.name)


def subject_layer(scene: Scene) -> Layer | None:
    """What the photo is about: the nearest standing layer at the salient point, else the largest standing one."""
    standing = [layer for layer in scene.layers if layer.surface in _STANDING]
    if not standing:
        return next((layer for layer in scene.layers if layer.name.startswith("subject")), None)
    named = [layer for layer in standing if layer.name == "subject"]
    salient = [layer for layer in standing if _contains(scene, layer, scene.salience)]
    return (named or salient[::-1] or sorted(standing, key=lambda layer: -_area(layer)))[0]


def bind(scene: Scene, words: str, default: str | None = None) -> str | None:
    """The layer that the words name.

    Args:
        scene: the analysed photo.
        words: "the left boat", "its ears", "cat's whiskers".
        default: the layer of pronouns; the subject when None.

    Returns:
        The layer's name, or None when nothing in the photo fits.
    """
    return _named(scene, words, default).layer


def named_exactly(scene: Scene, words: str) -> bool:
    """Whether something in the photo is called so, rather than being made of the same."""
    heads = _heads(tokenize(words))
    return any(_fit(head, thing) >= _BY_NAME for head in heads for thing in candidates(scene))


def look_closer(scene: Scene, words: str) -> Bound:
    """A point on what the words name, found by looking at parts of the photo; empty when they do not show it."""
    return _seen(scene, words) or Bound()


def locate(scene: Scene, words: str, default: str | None = None, *, guess: bool = True) -> Bound:
    """The layer that the words name, or the part of one; empty when nothing in the photo fits.

    Args:
        scene: the analysed photo.
        words: a noun phrase.
        default: the layer of pronouns; the subject when None.
        guess: whether a scene of one thing may lend its salient point to words that nothing else fits.
    """
    found = _named(scene, words, default)
    if guess and (found == Bound() or _is_nameless(scene, found)):
        found = _seen(scene, words) or (found if found != Bound() else _by_meaning(scene, words))
    found = replace(found, grows=names_plant(words)) if found != Bound() else found
    return _pointed(scene, found) if guess or found.layer else found


def _named(scene: Scene, words: str, default: str | None) -> Bound:
    tokens = tokenize(words)
    if not tokens:
        return Bound()
    subject = subject_layer(scene)
    own = Bound(layer=default or (subject.name if subject else None))
    keys = [token.key for token in tokens]
    if keys[-1] in _SELF or _is_pronoun(keys):
        return own
    found = _best(scene, tokens)
    if found is None and any(key in _parts() for key in keys):
        return Bound(layer=_owner(scene, keys, own.layer))
    return Bound() if found is None else Bound(layer=found.layer, box=found.box)


def _is_nameless(scene: Scene, found: Bound) -> bool:
    """A photo of one piece, or a subject that nobody named: a closer look may tell more."""
    return found.box is None and (len(scene.layers) == 1)


def _seen(scene: Scene, words: str) -> Bound | None:
    """A closer look at the photo for what the words name."""
    tokens = tokenize(words)
    heads = [word for word, _, _ in _heads(tokens)] if tokens and not is_pronoun(words) else []
    point = grounding.find(scene, tuple(heads)) if heads else None
    if point is None:
        return None
    showing = [layer for layer in scene.layers if _contains(scene, layer, point)]
    return Bound(layer=showing[-1].name, point=point) if showing else None


def _by_meaning(scene: Scene, words: str) -> Bound:
    """A synonym that the lexicon does not know, by the network for texts."""
    things = [thing for thing in candidates(scene) if not _is_generic(thing)]
    best = meaning.closest(words, tuple(dict.fromkeys(thing.label for thing in things)))
    fitting = [thing for thing in things if thing.label == best]
    if not fitting:
        return Bound()
    found = _by_position(scene, fitting, [token.key for token in tokenize(words)])
    return Bound(layer=found.layer, box=found.box)


def names_plant(words: str) -> bool:
    """Whether words name what grows: a flower, a blade of grass, a tree."""
    return _surface_of_head(words) in {"plant", "foliage"}


def _surface_of_head(words: str) -> str:
    tokens = tokenize(words)
    found = [match for match in lexicon.thing_book().find(tokens) if match.end == len(tokens)]
    return str(found[-1].entry.data["surface"]) if found else ""


def _pointed(scene: Scene, found: Bound) -> Bound:
    """A thing in a photo of one piece is a part of it: the place that people look at first names it."""
    alone = len(scene.layers) == 1 and found.layer is not None and found.box is None and found.point is None
    return replace(found, point=scene.salience) if alone else found


def is_pronoun(words: str) -> bool:
    """Whether words only refer to something: "it", "she"."""
    return _is_pronoun([token.key for token in tokenize(words)])


def names_somebody(words: str) -> bool:
    """Whether words mean a person without naming one: "she", "he"."""
    return words in {"she", "he", "him", "her", "who"}


def names_part(words: str) -> bool:
    """Whether words name a part of a body or a thing: an ear, a hat, a wheel."""
    return any(token.key in _parts() for token in tokenize(words))


def _is_pronoun(keys: Sequence[str]) -> bool:
    table = lexicon.table("things")["pronouns"]
    return len(keys) == 1 and keys[0] in {*table["person"], *table["any"]}


def _owner(scene: Scene, keys: Sequence[str], own: str | None) -> str | None:
    """A part belongs to the one who has such parts: a face or an ear to a person or an animal."""
    if keys[0] in {"its", "her", "his", "their"}:
        return own
    subject = subject_layer(scene)
    living = subject is not None and subject.surface in {Surface.PERSON, Surface.ANIMAL, Surface.PLANT}
    return own if living and len(keys) <= 2 else None


@cache
def _parts() -> frozenset[str]:
    return frozenset(lexicon.table("things")["parts"]["words"])


def candidates(scene: Scene) -> list[Candidate]:
    """Layers and detected objects as things with a label and a place."""
    rows = [_of_layer(scene, layer) for layer in scene.layers]
    return rows + [_of_object(scene, thing) for thing in scene.objects if _believed(scene, thing)]


def _of_layer(scene: Scene, layer: Layer) -> Candidate:
    centre = centre_of(scene, layer)
    return Candidate(label=layer.label, layer=layer.name, surface=layer.surface, centre=centre, area=_area(layer))


def centre_of(scene: Scene, layer: Layer) -> tuple[float, float]:
    """Middle of a layer's box, photo coordinates."""
    (width, height), (across, down) = layer.size_px, scene.size_px
    return (layer.left_px + width / 2) / across, (layer.top_px + height / 2) / down


def _of_object(scene: Scene, thing: SceneObject) -> Candidate:
    layer = scene.layer(thing.layer)
    whole = _overlap(scene, layer, thing.box) >= _SAME_THING
    return Candidate(
        label=thing.label,
        layer=thing.layer,
        surface=layer.surface,
        centre=thing.box.centre,
        area=thing.box.width * thing.box.height * scene.size_px[0] * scene.size_px[1],
        box=None if whole else thing.box,
    )


def _overlap(scene: Scene, layer: Layer, box: Box) -> float:
    """Intersection over union of a box and a layer's box."""
    (width, height), (across, down) = layer.size_px, scene.size_px
    x0, y0 = layer.left_px / across, layer.top_px / down
    x1, y1 = x0 + width / across, y0 + height / down
    shared = max(0.0, min(x1, box.x1) - max(x0, box.x0)) * max(0.0, min(y1, box.y1) - max(y0, box.y0))
    return shared / ((x1 - x0) * (y1 - y0) + box.width * box.height - shared)


def _believed(scene: Scene, thing: SceneObject) -> bool:
    """A doubtful detection does not rename a layer that has a name: a pagoda is no boat."""
    layers = [layer for layer in scene.layers if layer.name == thing.layer]
    if not layers or thing.score >= _CERTAIN or _overlap(scene, layers[0], thing.box) < _SAME_THING:
        return bool(layers)
    own = _of_layer(scene, layers[0])
    return _is_generic(own) or bool(_label_groups(own.label) & _label_groups(thing.label))


def _area(layer: Layer) -> float:
    return float(layer.size_px[0] * layer.size_px[1])


def _contains(scene: Scene, layer: Layer, point: tuple[float, float]) -> bool:
    x, y = point[0] * scene.size_px[0] - layer.left_px, point[1] * scene.size_px[1] - layer.top_px
    return 0 <= x < layer.size_px[0] and 0 <= y < layer.size_px[1] and bool(layer.rgba[int(y), int(x), 3] > 127)


def _best(scene: Scene, tokens: tuple[Token, ...]) -> Candidate | None:
    heads = _heads(tokens)
    rows = [(max((_fit(head, thing) for head in heads), default=0.0), thing) for thing in candidates(scene)]
    best = max((score for score, _ in rows), default=0.0)
    if best <= 0:
        return _nameless_subject(scene, heads)
    fitting = [thing for score, thing in rows if score == best]
    return _one_of(scene, fitting, tokens)


def _one_of(scene: Scene, things: Sequence[Candidate], tokens: tuple[Token, ...]) -> Candidate:
    """One thing of several with the name: by position; of a thing and its whole layer, the thing when it is solid."""
    solid = {Surface.RIGID, Surface.VEHICLE, Surface.SUPPORT}
    plural = bool(_singulars(tokens[-1].key))
    chosen = _by_position(scene, things, [token.key for token in tokens])
    parts = [thing for thing in things if thing.box is not None and thing.layer == chosen.layer]
    if plural or chosen.box is not None or chosen.surface not in solid or not parts:
        return chosen
    return max(parts, key=lambda thing: thing.area)


def _single(things: Sequence[Candidate]) -> Sequence[Candidate]:
    """Things in boxes of their own rather than the layer that holds them all."""
    parts = [thing for thing in things if thing.box is not None]
    whole = [thing for thing in things if thing.box is None and thing.layer not in {part.layer for part in parts}]
    return [*whole, *parts] if len(parts) > 1 else things


def _nameless_subject(scene: Scene, heads: Sequence[tuple[str, str, str]]) -> Candidate | None:
    """What the photo is about may be called by any standing thing's name while nobody has named it."""
    subject = subject_layer(scene)
    if subject is None or subject.name != "subject" or subject.surface.value not in _SUBJECT_NAMES:
        return None
    if not _is_generic(_of_layer(scene, subject)):
        return None
    fits = any(surface in _SUBJECT_NAMES and group not in _SMALL_THINGS for _, group, surface in heads)
    return _of_layer(scene, subject) if fits else None


def _heads(tokens: tuple[Token, ...]) -> list[tuple[str, str, str]]:
    """Names of things in the words: (word, group, surface). The last one that is no part leads."""
    found = []
    for match in lexicon.thing_book().find(tokens):
        word = " ".join(token.key for token in tokens[match.start : match.end])
        surface = str(match.entry.data["surface"])
        found += [(form, match.entry.name, surface) for form in (word, *_singulars(word))]
    known = {word for word, _, _ in found}
    plain = [
        token.key
        for token in tokens
        if token.is_word and token.key not in known | lexicon.words("adjective") | set(_SIDES)
    ]
    found += [
        (singular, _group(singular), _surface(singular))
        for word in plain[-2:]
        for singular in (word, *_singulars(word))
    ]
    whole = [row for row in found if row[0] not in _parts()]
    return whole[-4:] or found[-2:]


def _singulars(word: str) -> list[str]:
    if word.endswith("ies"):
        return [word[:-3] + "y"]
    return [word[:-1]] if word.endswith("s") and not word.endswith("ss") else []


def _group(word: str) -> str:
    match = lexicon.thing_book().at(tokenize(word), 0) if word else None
    return match.entry.name if match else ""


def _surface(word: str) -> str:
    match = lexicon.thing_book().at(tokenize(word), 0) if word else None
    return str(match.entry.data["surface"]) if match else ""


@lru_cache(maxsize=512)
def _label_groups(label: str) -> frozenset[str]:
    tokens = tokenize(label)
    whole = {match.entry.name for match in lexicon.thing_book().find(tokens)}
    return frozenset(whole | {_group(singular) for token in tokens for singular in _singulars(token.key)} - {""})


def _fit(head: tuple[str, str, str], thing: Candidate) -> float:
    word, group, surface = head
    labels = {token.key for token in tokenize(thing.label)}
    if word == " ".join(token.key for token in tokenize(thing.label)):
        return 4.0
    if word in labels:
        return 3.5
    groups = _label_groups(thing.label)
    if group and group in groups:
        return 3.0
    if surface == thing.surface.value and (
        _is_generic(thing) or group in {"animal", "object", "building", "sky", "water", "ground"}
    ):
        return 2.0
    return 1.0 if _kin(surface, thing.surface) else 0.0


def _is_generic(thing: Candidate) -> bool:
    """A label that only repeats the material says nothing against a more special word."""
    return thing.label.casefold() in {
        thing.surface.value,
        "subject",
        "object",
        "thing",
        "animal",
        "building",
        "vehicle",
        "plant",
        "",
    }


def _kin(surface: str, other: Surface) -> bool:
    pairs = {
        ("foliage", "plant"),
        ("plant", "foliage"),
        ("ground", "support"),
        ("support", "ground"),
        ("structure", "backdrop"),
    }
    return surface == other.value in {"sky", "water", "foliage", "person", "plant"} or (surface, other.value) in pairs


def _by_position(scene: Scene, things: Sequence[Candidate], keys: Sequence[str]) -> Candidate:
    for key in keys:
        if key in _SIDES and len(things) > 1:
            axis, sign = _SIDES[key]
            return max(_single(things), key=lambda thing: sign * thing.centre[axis])
    subject = subject_layer(scene)
    return max(things, key=lambda thing: (subject is not None and thing.layer == subject.name, thing.area))
