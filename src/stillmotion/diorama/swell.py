"""When waves break: one list of instants that the foam and the sound of the sea both read."""

from __future__ import annotations

from dataclasses import dataclass

from stillmotion.diorama import randomness


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """One wave that runs up the shore."""

    time_s: float
    """When it topples; may lie before the start, because its foam still drains then."""
    strength: float
    """About 1; sets of larger and smaller waves follow each other."""
    period_s: float
    """Time to the next one."""
    lean: float
    """-1..1: below 0 it breaks on the left first."""


def breakers(seed: int, duration_s: float, *, period_s: float = 7.5) -> tuple[Breaker, ...]:
    """Waves whose sound or foam falls inside the shot. Longer shots begin with the same waves.

    Periods vary by a quarter around `period_s`, as in swell that has come a long way (engine practice: 6 to 11 s).
    """
    rng = randomness.generator(seed, "swell")
    time_s = -period_s * rng.uniform(0.45, 0.75)
    waves: list[Breaker] = []
    while time_s < duration_s + period_s / 2:
        spacing_s = period_s * rng.uniform(0.75, 1.25)
        strength, lean = rng.uniform(0.6, 1.15), rng.uniform(-1.0, 1.0)
        waves.append(Breaker(time_s=time_s, strength=strength, period_s=spacing_s, lean=lean))
        time_s += spacing_s
    return tuple(waves)
