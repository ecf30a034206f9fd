"""What the materials of `motion.materials` sound like when struck."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sounding:
    """How a body of one material rings."""

    f0_hz: float
    """Lowest mode of a body of 0.1 kg."""
    loss: float
    """Loss factor (modal explorer values: steel and glass 0.006, aluminium 0.014, ceramic 0.04, wood 0.1, rubber 1)."""
    spread: float
    hardness: float
    knock: float
    grain_m: float = 0.001


DULL = Sounding(f0_hz=180.0, loss=0.6, spread=1.0, hardness=0.3, knock=0.8)
"""What no table knows: a thud."""
SOUNDINGS: dict[str, Sounding] = {
    "steel": Sounding(f0_hz=1900.0, loss=0.006, spread=1.5, hardness=1.0, knock=0.15, grain_m=0.0006),
    "aluminium": Sounding(f0_hz=1500.0, loss=0.014, spread=1.4, hardness=0.95, knock=0.2, grain_m=0.0006),
    "gold": Sounding(f0_hz=2300.0, loss=0.007, spread=1.6, hardness=0.95, knock=0.15, grain_m=0.0006),
    "glass": Sounding(f0_hz=2600.0, loss=0.006, spread=1.2, hardness=1.0, knock=0.12, grain_m=0.0004),
    "ceramic": Sounding(f0_hz=1300.0, loss=0.04, spread=1.1, hardness=0.95, knock=0.25, grain_m=0.0008),
    "wood": Sounding(f0_hz=480.0, loss=0.1, spread=1.3, hardness=0.75, knock=0.4, grain_m=0.0012),
    "plastic": Sounding(f0_hz=700.0, loss=0.09, spread=1.0, hardness=0.7, knock=0.4, grain_m=0.001),
    "rubber": Sounding(f0_hz=150.0, loss=1.0, spread=0.9, hardness=0.35, knock=0.5),
    "leather": Sounding(f0_hz=140.0, loss=0.35, spread=0.8, hardness=0.4, knock=0.5),
    "stone": Sounding(f0_hz=900.0, loss=0.08, spread=1.0, hardness=0.95, knock=0.6, grain_m=0.003),
    "concrete": Sounding(f0_hz=600.0, loss=0.15, spread=0.9, hardness=0.9, knock=0.7, grain_m=0.003),
    "asphalt": Sounding(f0_hz=350.0, loss=0.3, spread=0.9, hardness=0.8, knock=0.8, grain_m=0.004),
    "brick": Sounding(f0_hz=700.0, loss=0.12, spread=0.9, hardness=0.9, knock=0.6, grain_m=0.003),
    "flesh": Sounding(f0_hz=110.0, loss=0.8, spread=0.8, hardness=0.15, knock=0.6),
    "fur": Sounding(f0_hz=95.0, loss=0.9, spread=0.8, hardness=0.08, knock=0.6),
    "cloth": Sounding(f0_hz=120.0, loss=1.0, spread=0.8, hardness=0.1, knock=0.9),
    "paper": Sounding(f0_hz=420.0, loss=0.8, spread=0.8, hardness=0.55, knock=1.0),
    "cardboard": Sounding(f0_hz=220.0, loss=0.35, spread=0.9, hardness=0.45, knock=0.7),
    "ice": Sounding(f0_hz=1500.0, loss=0.02, spread=1.1, hardness=0.95, knock=0.4, grain_m=0.0005),
    "sand": Sounding(f0_hz=90.0, loss=1.0, spread=0.7, hardness=0.3, knock=1.5, grain_m=0.002),
    "soil": Sounding(f0_hz=85.0, loss=0.9, spread=0.7, hardness=0.2, knock=1.0, grain_m=0.004),
    "grass": Sounding(f0_hz=90.0, loss=0.9, spread=0.7, hardness=0.25, knock=1.2, grain_m=0.004),
    "gravel": Sounding(f0_hz=1400.0, loss=0.3, spread=0.6, hardness=0.8, knock=1.5, grain_m=0.008),
    "snow": Sounding(f0_hz=80.0, loss=1.0, spread=0.7, hardness=0.2, knock=1.3, grain_m=0.003),
    "leaf": Sounding(f0_hz=900.0, loss=0.9, spread=0.7, hardness=0.6, knock=1.5),
    "plant": Sounding(f0_hz=300.0, loss=0.8, spread=0.8, hardness=0.35, knock=1.0),
    "food": Sounding(f0_hz=160.0, loss=0.5, spread=0.9, hardness=0.35, knock=0.6),
}
WATER = frozenset({"water"})
_SURFACES = {
    "metal": "steel", "tin": "steel", "iron": "steel", "brass": "steel", "copper": "steel", "silver": "steel",
    "door": "wood", "table": "wood", "floor": "wood", "board": "wood", "plank": "wood", "tile": "ceramic",
    "tiles": "ceramic", "porcelain": "ceramic", "window": "glass", "rock": "stone", "pavement": "stone",
    "carpet": "cloth", "fabric": "cloth", "rug": "cloth", "dirt": "soil", "earth": "soil", "leaves": "leaf",
    "aluminum": "aluminium", "twig": "wood", "branch": "wood", "skin": "flesh", "box": "cardboard",
}  # fmt: skip


def of_surface(words: str) -> Sounding | None:
    """What a person's word for a surface rings like: "wood", "a tin roof"; None when it says nothing."""
    for word in words.casefold().split():
        for form in (word, word.removesuffix("en"), word.removesuffix("s")):
            found = SOUNDINGS.get(_SURFACES.get(form, form))
            if found is not None:
                return found
    return None
