"""What things are made of: how they bounce, slide, roll and weigh. The sound of a contact reads the same names.

Restitution is that of a thing of this material dropped on a hard floor; friction is against an ordinary dry floor.
Handbook orders of magnitude (density: CRC Handbook; friction: Bowden and Tabor 1950), rounded to what looks right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One material."""

    name: str
    density: float
    """kg/m^3, of a thing made of it as such things are made: a plastic ball is mostly air."""
    restitution: float
    friction: float
    rolling: float
    """Rolling resistance: share of the weight that pulls back."""
    softness: float = 1.0
    """As a floor: factor on the restitution of what falls on it. 1 is hard."""
    squash: float = 0.0
    """How much it gives at an impact of 5 m/s: 0.06 is 6 % shorter."""


def _material(
    name: str, density: float, restitution: float, friction: float, rolling: float, *,
    softness: float = 1.0, squash: float = 0.0,
) -> Material:  # fmt: skip
    return Material(
        name=name, density=density, restitution=restitution, friction=friction, rolling=rolling,
        softness=softness, squash=squash,
    )  # fmt: skip


_TABLE = (
    _material("steel", 7800, 0.55, 0.35, 0.004),
    _material("aluminium", 2700, 0.45, 0.35, 0.005),
    _material("glass", 2500, 0.60, 0.30, 0.005),
    _material("ceramic", 2300, 0.40, 0.40, 0.008),
    _material("wood", 650, 0.42, 0.45, 0.015),
    _material("plastic", 300, 0.55, 0.35, 0.012, softness=0.95),
    _material("rubber", 400, 0.78, 0.80, 0.015, softness=0.9, squash=0.06),
    _material("leather", 120, 0.68, 0.55, 0.02, softness=0.8, squash=0.05),
    _material("stone", 2600, 0.35, 0.60, 0.02),
    _material("concrete", 2400, 0.35, 0.65, 0.015),
    _material("asphalt", 2300, 0.35, 0.75, 0.02),
    _material("brick", 1900, 0.35, 0.60, 0.02),
    _material("flesh", 1000, 0.15, 0.60, 0.10, softness=0.3, squash=0.03),
    _material("fur", 900, 0.15, 0.55, 0.10, softness=0.4, squash=0.03),
    _material("cloth", 300, 0.10, 0.55, 0.08, softness=0.4),
    _material("paper", 100, 0.15, 0.40, 0.05, softness=0.9),
    _material("cardboard", 150, 0.22, 0.45, 0.03, softness=0.9),
    _material("water", 1000, 0.0, 0.10, 0.0, softness=0.0),
    _material("ice", 917, 0.45, 0.05, 0.005),
    _material("sand", 1600, 0.10, 0.60, 0.20, softness=0.3),
    _material("soil", 1400, 0.15, 0.60, 0.08, softness=0.5),
    _material("grass", 300, 0.20, 0.55, 0.06, softness=0.65),
    _material("gravel", 1700, 0.20, 0.60, 0.08, softness=0.5),
    _material("snow", 300, 0.05, 0.25, 0.15, softness=0.15),
    _material("leaf", 50, 0.05, 0.50, 0.10, softness=0.6),
    _material("plant", 300, 0.15, 0.50, 0.08, softness=0.6),
    _material("feather", 20, 0.05, 0.40, 0.08),
    _material("food", 800, 0.30, 0.50, 0.03, softness=0.7),
    _material("gold", 15000, 0.45, 0.35, 0.006),
    _material("film", 2, 0.30, 0.30, 0.02, squash=0.05),
    _material("air", 1.2, 0.0, 0.0, 0.0, softness=0.0),
)  # fmt: skip

_OTHER_NAMES = {
    "metal": "steel", "iron": "steel", "tin": "steel", "brass": "steel", "copper": "steel", "silver": "steel",
    "aluminum": "aluminium", "porcelain": "ceramic", "clay": "ceramic", "crystal": "glass", "rock": "stone",
    "marble": "stone", "fabric": "cloth", "cotton": "cloth", "wool": "cloth", "fruit": "food", "skin": "flesh",
    "latex": "rubber", "foam": "rubber", "tarmac": "asphalt", "dirt": "soil", "earth": "soil", "hay": "plant",
    "straw": "plant", "petal": "leaf", "soap": "film", "bark": "wood", "card": "cardboard", "fiberglass": "plastic",
    "wooden": "wood", "metallic": "steel", "woollen": "cloth",
}  # fmt: skip

_SURFACES = {
    Surface.SKY: "air",
    Surface.WATER: "water",
    Surface.GROUND: "soil",
    Surface.SUPPORT: "wood",
    Surface.FOLIAGE: "leaf",
    Surface.PLANT: "plant",
    Surface.STRUCTURE: "stone",
    Surface.RIGID: "wood",
    Surface.VEHICLE: "steel",
    Surface.PERSON: "cloth",
    Surface.ANIMAL: "fur",
    Surface.BACKDROP: "stone",
}

_LABELS = {
    "steel": ("spoon", "fork", "knife", "key", "coin", "can", "pot", "pan", "bell", "anchor", "hammer", "scissors",
              "wheel", "car", "truck", "bus", "train", "bicycle", "motorcycle", "locomotive", "kettle", "hydrant",
              "refrigerator", "oven", "toaster", "clock", "parking meter"),
    "aluminium": ("rocket", "missile", "airplane", "laptop"),
    "glass": ("bottle", "wine glass", "glass", "marble", "jar", "goblet", "bulb", "lamp", "mirror", "window"),
    "ceramic": ("cup", "mug", "espresso", "coffee", "saucer", "plate", "bowl", "teapot", "vase", "toilet", "sink",
                "pitcher"),
    "wood": ("table", "chair", "desk", "bench", "door", "boat", "crate", "barrel", "log", "guitar", "violin", "pencil",
             "baseball bat"),
    "plastic": ("toy", "remote", "keyboard", "mouse", "cell phone", "bucket", "frisbee", "helmet", "balloon",
                "traffic light"),
    "rubber": ("ball", "tyre", "tire", "rubber duck", "basketball", "tennis ball"),
    "leather": ("football", "soccer ball", "shoe", "boot", "suitcase", "handbag", "backpack", "baseball glove"),
    "stone": ("rock", "statue", "boulder", "pebble", "pagoda", "tower", "castle", "building", "house", "cliff"),
    "asphalt": ("road", "street"),
    "concrete": ("pavement", "floor", "launchpad"),
    "cloth": ("teddy bear", "teddy", "hat", "flag", "pillow", "curtain", "umbrella", "kite", "tie", "couch", "bed"),
    "paper": ("book", "letter", "newspaper", "paper plane"),
    "cardboard": ("box", "package", "carton", "present"),
    "sand": ("sand", "beach", "dune", "desert"),
    "snow": ("snow", "snowman", "snowball"),
    "grass": ("grass", "lawn", "meadow", "field"),
    "food": ("apple", "orange", "banana", "carrot", "broccoli", "pizza", "cake", "donut", "sandwich", "hot dog",
             "lemon", "strawberry", "pumpkin", "egg", "bread", "tomato"),
    "plant": ("tumbleweed", "potted plant", "flower"),
    "leaf": ("leaf", "leaves"),
}  # fmt: skip


@cache
def table() -> Mapping[str, Material]:
    """Every material by name."""
    return {material.name: material for material in _TABLE}


def material(name: str) -> Material:
    """The material of that name or of another word for it; wood when nobody knows the word."""
    known = name.casefold().strip()
    return table().get(_OTHER_NAMES.get(known, known), table()["wood"])


def is_known(name: str) -> bool:
    """Whether the table has a material of that name."""
    known = name.casefold().strip()
    return _OTHER_NAMES.get(known, known) in table()


@cache
def _by_label() -> Mapping[str, str]:
    return {word: name for name, words in _LABELS.items() for word in words}


def named(label: str) -> Material | None:
    """The material that the words before a thing's name say: "three steel balls"; None when they say none."""
    said = (word for word in _words(label)[:-1] if is_known(word))
    return next((table()[_OTHER_NAMES.get(word, word)] for word in said), None)


def _words(label: str) -> list[str]:
    return label.casefold().replace("-", " ").split()


def of(label: str, surface: Surface) -> Material:
    """The material of a thing.

    Args:
        label: what a person calls it: "coffee cup", "glass marble", "sand dune".
        surface: what its layer is, for labels that say nothing.
    """
    words = _words(label)
    spans = [" ".join(words[i:j]) for j in range(len(words), 0, -1) for i in range(j)]
    said = named(label)
    if said is not None:
        return said
    for span in spans:
        for form in (span, span.removesuffix("s")):
            if form in _by_label():
                return table()[_by_label()[form]]
            if is_known(form):
                return material(form)
    return table()[_SURFACES[surface]]


def mass_kg(made_of: Material, area_m2: float) -> float:
    """Weight of a thing that is about as deep as it is wide.

    Args:
        made_of: its material.
        area_m2: what it covers as seen from the front.
    """
    return max(made_of.density * area_m2 * math.sqrt(area_m2) * 0.5, 1e-4)
