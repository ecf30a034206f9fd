"""What moving bodies obey, held against measured places. Each check fails with the number that it found.

Places are in pixels of the film, heights count upwards; `scale` is pixels a metre. The tolerances are those of the
published checks of the engine's design: they do not belong to any one scene.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from measure import bodies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from measure.bodies import Floats

GRAVITY, TOLERANCE = 9.81, 0.03
_STILL_PX, _OVERLAP_PX, _MASS = 0.3, 1.0, 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flight:
    """A body between two contacts."""

    times_s: Floats
    across: Floats
    heights: Floats

    @property
    def rise(self) -> bodies.Parabola:
        """How the height changes."""
        return bodies.parabola(self.times_s, self.heights)

    @property
    def apex(self) -> float:
        """Greatest height of the parabola."""
        curve = self.rise
        return curve.at(-curve.speed / curve.pull)


def flights(times_s: Floats, across: Floats, heights: Floats) -> list[Flight]:
    """The free flights of a path."""
    return [
        Flight(times_s=times_s[part], across=across[part], heights=heights[part]) for part in bodies.flights(heights)
    ]


def free_fall(flight: Flight, scale: float, gravity: float = GRAVITY) -> None:
    """Check 1: the height is a parabola of gravity to 3 %, no place off by more than a pixel."""
    curve = flight.rise
    assert _near(-curve.pull / scale, gravity), f"g is {-curve.pull / scale:.3f}"
    assert curve.residual <= 1.0, f"{curve.residual:.2f} px off the parabola"


def projectile(flight: Flight, scale: float, speed_m_s: float, gravity: float = GRAVITY) -> None:
    """Check 2: nothing pulls sideways, gravity pulls down, and the path is explained to one part in a thousand."""
    sideways = bodies.parabola(flight.times_s, flight.across)
    speed, _, straight = bodies.line(flight.times_s, flight.across)
    assert abs(sideways.pull) / scale <= TOLERANCE * gravity, f"{sideways.pull / scale:.3f} m/s2 sideways"
    assert _near(speed / scale, speed_m_s), f"{speed / scale:.3f} m/s"
    assert _near(-flight.rise.pull / scale, gravity), f"g is {-flight.rise.pull / scale:.3f}"
    assert min(straight, flight.rise.r_squared) >= 0.999


def contact_s(before: Flight, after: Flight) -> float:
    """When the parabolas on either side of a contact meet."""
    one, two = before.rise, after.rise
    roots = np.roots([(one.pull - two.pull) / 2, one.speed - two.speed, one.start - two.start])
    middle = (before.times_s[-1] + after.times_s[0]) / 2
    return float(min(np.real(roots), key=lambda root: abs(root - middle)))


def restitution(path: Sequence[Flight], share: float) -> None:
    """Check 3: speeds on either side of each contact are in that ratio, to 0.03."""
    assert len(path) >= 2, "nothing bounced"
    for before, after in pairwise(path):
        now = contact_s(before, after)
        found = -after.rise.speed_at(now) / before.rise.speed_at(now)
        assert abs(found - share) <= 0.03, f"e is {found:.3f}"


def bounce_series(path: Sequence[Flight], floor: float, share: float) -> None:
    """Check 4: apex heights fall by the square of the restitution, to 8 %, and never rise."""
    heights = [flight.apex - floor for flight in path]
    assert len(heights) >= 3, f"{len(heights)} apexes"
    for before, after in pairwise(heights):
        assert after < before
        assert abs(after / before / share**2 - 1) <= 0.08, f"h ratio {after / before:.3f}, e^2 {share**2:.3f}"


def momentum(masses: tuple[float, float], before: tuple[float, float], after: tuple[float, float]) -> None:
    """Check 5: what both bodies carry along a line is the same before and after they met, to 3 % of what moves."""
    start, end = (float(np.dot(masses, speeds)) for speeds in (before, after))
    moves = float(np.dot(masses, np.abs(before)))
    assert abs(end - start) <= TOLERANCE * moves, f"{start:.2f} became {end:.2f} of {moves:.2f}"


def collision_energy(
    masses: tuple[float, float], before: tuple[float, float], after: tuple[float, float], share: float
) -> None:
    """Check 6: no energy appears, and closing speeds are in the ratio of the restitution, to 0.04."""
    start, end = (float(np.dot(masses, np.square(speeds))) for speeds in (before, after))
    assert end <= 1.01 * start, f"energy grew by {end / start - 1:.1%}"
    found = (after[1] - after[0]) / (before[0] - before[1])
    assert abs(found - share) <= 0.04, f"e is {found:.3f}"


def pendulum(times_s: Floats, swing_deg: Floats, length_m: float, gravity: float = GRAVITY) -> None:
    """Check 7: the period between crossings of the middle is 2 pi sqrt(L/g) (1 + th^2 / 16), to 2 %."""
    crossings = bodies.zero_crossings(times_s, swing_deg)
    assert len(crossings) >= 3, "less than one period"
    found = 2 * float(np.diff(crossings).mean())
    _, sizes = bodies.peaks(times_s, swing_deg)
    widest = np.radians(float(sizes.mean()))
    wanted = 2 * np.pi * np.sqrt(length_m / gravity) * (1 + widest**2 / 16)
    assert abs(found / wanted - 1) <= 0.02, f"period {found:.4f} s, not {wanted:.4f} s"


def damped(times_s: Floats, values: Floats, frequency_hz: float, damping: float) -> None:
    """Check 8: crossings at the frequency to 5 %, peaks that shrink by a constant damping to 20 %."""
    crossings = bodies.zero_crossings(times_s, values)
    found_hz = 0.5 / float(np.diff(crossings).mean())
    assert abs(found_hz / frequency_hz - 1) <= 0.05, f"f is {found_hz:.3f} Hz"
    when, sizes = bodies.peaks(times_s, values)
    assert len(sizes) >= 3, "too few peaks"
    rate, _, _ = bodies.line(when, np.log(sizes))
    found = -rate / (2 * np.pi * found_hz)
    assert abs(found / damping - 1) <= 0.2, f"damping {found:.4f}, not {damping:.4f}"


def friction_slide(times_s: Floats, across: Floats, scale: float, friction: float, gravity: float = GRAVITY) -> None:
    """Check 9: what slides loses speed evenly, by friction times gravity to 10 %."""
    curve = bodies.parabola(times_s, across)
    found = abs(curve.pull) / scale / gravity
    assert curve.pull * curve.speed_at(float(times_s.mean())) < 0, "it does not slow down"
    assert abs(found / friction - 1) <= 0.1, f"mu is {found:.3f}, not {friction:.3f}"
    assert curve.residual <= 1.0, f"{curve.residual:.2f} px off an even slowing"


def rolling(times_s: Floats, across: Floats, turn_deg: Floats, radius_px: float) -> None:
    """Check 9: what rolls to the right turns clockwise, v = w r to 5 %."""
    speed, _, _ = bodies.line(times_s, across)
    spin, _, _ = bodies.line(times_s, np.unwrap(np.radians(turn_deg)))
    assert abs(spin * radius_px / speed - 1) <= 0.05, f"w r is {spin * radius_px:.1f}, v {speed:.1f} px/s"


def at_rest(places: Floats) -> None:
    """Check 10: it moves by less than 0.3 px a frame. Places have the shape (frames, 2)."""
    fastest = float(np.linalg.norm(np.diff(places, axis=0), axis=1).max())
    assert fastest < _STILL_PX, f"{fastest:.2f} px a frame"


def outside(bottoms: Floats, floor: float) -> None:
    """Check 10: nothing sinks into the ground by more than a pixel. Rows count downwards."""
    deepest = float(bottoms.max()) - floor
    assert deepest <= _OVERLAP_PX, f"{deepest:.2f} px in the ground"


def same_size(areas: Floats) -> None:
    """Check 10: nothing of it is lost or gained, to 2 %. The median of five frames: a codec's chroma flickers."""
    steady = np.median(np.lib.stride_tricks.sliding_window_view(areas, 5), axis=1)
    change = float(np.abs(steady / np.median(steady) - 1).max())
    assert change <= _MASS, f"its area changes by {change:.1%}"


def energy_never_rises(path: Sequence[Flight], gravity_px: float) -> None:
    """Kinetic and potential energy of each flight is no more than that of the one before, to 1 %."""
    totals = []
    for flight in path:
        now = float(flight.times_s.mean())
        across, _, _ = bodies.line(flight.times_s, flight.across)
        lift = flight.rise
        totals.append(across**2 / 2 + lift.speed_at(now) ** 2 / 2 + gravity_px * lift.at(now))
    for before, after in pairwise(totals):
        assert after <= before + 0.01 * abs(totals[0]), f"energy went from {before:.0f} to {after:.0f}"


def agree(event_s: Sequence[float], crossing_s: Sequence[float], frame_s: float) -> None:
    """Check 11: each contact that the pictures show was told, within one frame."""
    for crossing in crossing_s:
        off = min((abs(event - crossing) for event in event_s), default=float("inf"))
        assert off <= frame_s, f"no event within {off:.3f} s of the contact at {crossing:.3f} s"


def _near(found: float, wanted: float) -> bool:
    return abs(found - wanted) <= TOLERANCE * abs(wanted)
