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


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """How a material answers that gives way instead of ringing: a burst of small snaps and shifts."""

    rate_per_s: float
    low_hz: float
    high_hz: float
    length_s: float
    tail: float = 3.0
    """Small: few strong snaps among many faint ones; large: all alike."""
    rub: float = 0.4
    thump: float = 0.0


LOOSE: dict[str, Loose] = {
    "sand": Loose(rate_per_s=2400, low_hz=450, high_hz=3200, length_s=0.2, tail=4.5, rub=1.2, thump=0.8),
    "snow": Loose(rate_per_s=1100, low_hz=250, high_hz=1500, length_s=0.3, tail=4.0, rub=0.5, thump=1.2),
    "gravel": Loose(rate_per_s=420, low_hz=900, high_hz=6500, length_s=0.34, tail=2.2, rub=0.05, thump=0.2),
    "soil": Loose(rate_per_s=500, low_hz=160, high_hz=1500, length_s=0.12, tail=3.5, rub=0.5, thump=2.0),
    "grass": Loose(rate_per_s=600, low_hz=1300, high_hz=9000, length_s=0.2, tail=3.5, rub=0.7, thump=0.9),
    "leaf": Loose(rate_per_s=300, low_hz=2200, high_hz=10_500, length_s=0.36, tail=2.0, rub=0.2),
    "plant": Loose(rate_per_s=260, low_hz=600, high_hz=6000, length_s=0.3, tail=2.4, rub=0.5, thump=0.2),
    "paper": Loose(rate_per_s=650, low_hz=1100, high_hz=8000, length_s=0.12, tail=1.9, rub=0.7, thump=0.35),
    "cloth": Loose(rate_per_s=900, low_hz=350, high_hz=4500, length_s=0.24, tail=5.0, rub=2.5, thump=0.5),
}
"""Everything else rings by its `SOUNDINGS`. Rates and bands after what steps on these grounds sound like."""
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
