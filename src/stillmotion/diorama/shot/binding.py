"""Words to layers: by name, synonym, material, position, pronoun, part; what fits nothing stays unbound."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from stillmotion.diorama.scene.records import Layer, Scene, SceneObject, Surface
from stillmotion.diorama.shot import lexicon
from stillmotion.diorama.shot.words import Token, tokenize

if TYPE_CHECKING:
    from collections.abc import Sequence

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
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something in the scene that words may mean."""

    label: str
    layer: str
    surface: Surface
    centre: tuple[float, float]
    area: float


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
    tokens = tokenize(words)
    if not tokens:
        return None
    subject = subject_layer(scene)
    own = default or (subject.name if subject else None)
    keys = [token.key for token in tokens]
    if keys[-1] in _SELF or _is_pronoun(keys):
        return own
    found = _best(scene, tokens)
    if found is None and any(key in _parts() for key in keys):
        return _owner(scene, keys, own)
    return found


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
    return rows + [
        _of_object(scene, thing) for thing in scene.objects if thing.layer in {layer.name for layer in scene.layers}
    ]


def _of_layer(scene: Scene, layer: Layer) -> Candidate:
    width, height = layer.size_px
    x = (layer.left_px + width / 2) / scene.size_px[0]
    y = (layer.top_px + height / 2) / scene.size_px[1]
    return Candidate(label=layer.label, layer=layer.name, surface=layer.surface, centre=(x, y), area=_area(layer))


def _of_object(scene: Scene, thing: SceneObject) -> Candidate:
    surface = scene.layer(thing.layer).surface
    area = thing.box.width * thing.box.height
    return Candidate(label=thing.label, layer=thing.layer, surface=surface, centre=thing.box.centre, area=area)


def _area(layer: Layer) -> float:
    return float(layer.size_px[0] * layer.size_px[1])


def _contains(scene: Scene, layer: Layer, point: tuple[float, float]) -> bool:
    x, y = point[0] * scene.size_px[0] - layer.left_px, point[1] * scene.size_px[1] - layer.top_px
    return 0 <= x < layer.size_px[0] and 0 <= y < layer.size_px[1] and bool(layer.rgba[int(y), int(x), 3] > 127)


def _best(scene: Scene, tokens: tuple[Token, ...]) -> str | None:
    heads = _heads(tokens)
    rows = [(max((_fit(head, thing) for head in heads), default=0.0), thing) for thing in candidates(scene)]
    best = max((score for score, _ in rows), default=0.0)
    if best <= 0:
        return None
    fitting = [thing for score, thing in rows if score == best]
    return _by_position(scene, fitting, [token.key for token in tokens]).layer


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
            return max(things, key=lambda thing: sign * thing.centre[axis])
    subject = subject_layer(scene)
    return max(things, key=lambda thing: (subject is not None and thing.layer == subject.name, thing.area))
