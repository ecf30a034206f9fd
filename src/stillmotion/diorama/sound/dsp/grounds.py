"""What feet walk on: how each ground answers to the pressure of a sole."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One ground. Levels are relative to each other within it."""

    thump_hz: float = 90.0
    """Of the mass under the surface, which gives way as one."""
    thump: float = 0.3
    modes_hz: tuple[float, ...] = ()
    """Resonances of a plate or board that is struck."""
    loss: float = 0.1
    """Loss factor of the modes."""
    ring: float = 0.0
    clicks: float = 0.0
    """How many points of the sole meet a hard ground one after the other."""
    clicks_s: float = 0.03
    """Within which time."""
    click: float = 0.0
    grains_per_s: float = 0.0
    """Micro-impacts at full pressure: pebbles that shift, crystals and leaves that break."""
    grain: float = 0.0
    grain_hz: tuple[float, float] = (800.0, 7000.0)
    """Of grains and clicks."""
    grain_loss: float = 0.13
    """Loss factor of a grain: small rings, large clicks."""
    grain_tilt: float = 0.5
    """Large grains sound lower and are stronger: amplitude falls with this power of frequency."""
    grain_tail: float = 2.0
    """Exponent of the strengths: small is few strong among many faint ones."""
    rub_hz: tuple[float, float] = (2000.0, 8000.0)
    rub: float = 0.0
    """Level of the friction of the sole."""
    yields_s: float = 0.06
    """How long it goes on giving way under the foot."""
    toe: float = 0.5
    """Force of the ball of the foot over that of the heel."""
    squeak_hz: float = 0.0
    """Stick and slip of packed crystals: their breaks come in a rhythm; 0 for none."""
    bubbles_per_s: float = 0.0
    """Air that the foot takes under water."""
    bubble: float = 0.0
    echo: float = 0.03
    """Energy that comes back from what usually stands around such a ground."""


GROUNDS = {
    "wood": Ground(
        thump_hz=87.0, thump=0.6, modes_hz=(142.0, 217.0, 331.0, 462.0, 655.0, 910.0, 1340.0, 1900.0), loss=0.11,
        ring=0.18, clicks=10.5, clicks_s=0.052, click=1.9, grain_hz=(500.0, 2300.0), grain_loss=0.23, grain_tilt=1.13,
        grain_tail=2.2, rub=0.1, toe=0.6, echo=0.04,
    ),
    "stone": Ground(
        thump=0.0, clicks=19.0, clicks_s=0.034, click=1.1, grains_per_s=100.0, grain=0.6, grain_hz=(743.0, 4055.0),
        grain_loss=0.2, grain_tilt=1.12, grain_tail=2.24, rub=0.05, yields_s=0.055, toe=0.56,
    ),
    "gravel": Ground(
        thump=0.3, grains_per_s=468.0, grain=1.0, grain_hz=(801.0, 6971.0), grain_loss=0.178, grain_tilt=0.76,
        grain_tail=2.6, rub=0.05, yields_s=0.115, toe=0.82, echo=0.05,
    ),
    "snow": Ground(
        thump=1.0, grains_per_s=1447.0, grain=1.0, grain_hz=(564.0, 3817.0), grain_loss=0.169, grain_tilt=0.285,
        grain_tail=4.5, rub_hz=(500.0, 4000.0), rub=0.2, yields_s=0.14, toe=0.65, squeak_hz=190.0,
    ),
    "grass": Ground(
        thump=0.3, grains_per_s=700.0, grain=1.0, grain_hz=(1288.0, 9738.0), grain_loss=0.2, grain_tilt=0.65,
        grain_tail=3.5, rub_hz=(1500.0, 9500.0), rub=0.1, yields_s=0.13, toe=0.8,
    ),
    "sand": Ground(
        thump=2.0, grains_per_s=1762.0, grain=1.0, grain_hz=(468.0, 2544.0), grain_loss=0.223, grain_tilt=0.56,
        grain_tail=4.6, rub_hz=(400.0, 2600.0), rub=0.3, yields_s=0.1, toe=0.65, echo=0.01,
    ),
    "leaves": Ground(
        thump=0.3, grains_per_s=1262.0, grain=1.0, grain_hz=(1000.0, 10_100.0), grain_loss=0.13, grain_tilt=0.77,
        grain_tail=2.7, rub_hz=(3000.0, 11_000.0), rub=0.3, yields_s=0.16, toe=0.8, echo=0.01,
    ),
    "water": Ground(
        thump=0.1, grains_per_s=524.0, grain=1.0, grain_hz=(693.0, 4462.0), grain_loss=0.31, grain_tilt=0.48,
        grain_tail=2.3, rub_hz=(600.0, 8000.0), rub=0.3, bubbles_per_s=348.0, bubble=0.1, yields_s=0.12, toe=0.66,
        echo=0.01,
    ),
    "metal": Ground(
        thump=0.0, modes_hz=(188.0, 305.0, 523.0, 741.0, 1180.0, 1655.0, 2240.0, 3120.0, 4300.0, 5650.0), loss=0.018,
        ring=0.8, clicks=28.0, clicks_s=0.051, click=0.9, grain_hz=(551.0, 3192.0), grain_loss=0.19, grain_tilt=0.6,
        grain_tail=2.1, rub=0.05, toe=0.56, echo=0.05,
    ),
    "carpet": Ground(
        thump_hz=72.0, thump=1.0, clicks=12.0, clicks_s=0.045, click=1.4, grains_per_s=100.0, grain=1.0,
        grain_hz=(190.0, 1422.0), grain_loss=0.25, grain_tilt=0.45, grain_tail=3.4, rub_hz=(400.0, 2500.0), rub=0.1,
        yields_s=0.12, toe=0.75, echo=0.01,
    ),
}  # fmt: skip
"""Decided by how they are heard and by the order of the spectra: carpet and sand dullest, wood hollow, stone short,
leaves and grass highest."""

_ALIKE = {
    "wood": ("floor", "floorboards", "parquet", "stairs", "deck", "bridge", "plank", "planks", "plastic"),
    "stone": (
        "concrete", "pavement", "asphalt", "tile", "tiles", "marble", "street", "road", "sidewalk", "cobblestone",
        "cobblestones", "brick", "rock", "ceramic", "glass", "ice",
    ),
    "gravel": ("pebbles", "pebble", "shingle", "rubble", "scree"),
    "grass": ("lawn", "meadow", "moss", "hay", "straw", "field"),
    "sand": ("beach", "dirt", "dust", "earth", "soil", "desert", "ash"),
    "leaves": ("twigs", "undergrowth", "forest", "foliage", "paper"),
    "water": ("puddle", "puddles", "mud", "shallows", "slush"),
    "metal": ("tin", "steel", "iron", "grate", "grating", "aluminium"),
    "carpet": ("rug", "cloth", "mat", "fabric", "rubber", "cushion"),
}  # fmt: skip


def named(surface: str) -> Ground:
    """The ground of that name or of one that sounds alike; an unknown one is stone, the most common under shoes."""
    return GROUNDS.get(_plain(surface), GROUNDS["stone"])


def knows(surface: str) -> bool:
    """Whether there is a ground of that name or one that sounds alike."""
    return _plain(surface) in GROUNDS


def _plain(surface: str) -> str:
    name = surface.strip().lower()
    return next((ground for ground, words in _ALIKE.items() if name in words), name)
