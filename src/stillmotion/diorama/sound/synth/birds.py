"""Birds of several kinds, near and far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound.dsp import level, rooms

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stillmotion.diorama.sound.dsp.take import Take


@dataclass(frozen=True, slots=True, kw_only=True)
class Birds:
    """Controls of birdsong."""

    count: int = 4
    activity: float = 0.5
    """0 a call now and then, 1 a dawn chorus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """One syllable: a whistle that glides and may warble."""

    start_hz: float
    end_hz: float
    length_s: float
    bow_hz: float = 0.0
    """How far the glide bends upwards in its middle."""
    trill_hz: float = 0.0
    trill_depth_hz: float = 0.0
    overtone: float = 0.06
    gap_s: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class _Species:
    """A phrase grammar: motifs of notes, how often a motif repeats, how long the bird then listens."""

    motifs: tuple[tuple[_Note, ...], ...]
    repeats: tuple[int, int]
    pause_s: tuple[float, float]


def _note(start_hz: float, end_hz: float, length_s: float, **more: float) -> _Note:
    return _Note(start_hz=start_hz, end_hz=end_hz, length_s=length_s, **more)


_SPECIES = (
    # Two alternating pitches, like a saw: a tit.
    _Species(
        motifs=((_note(6200, 6000, 0.09, gap_s=0.06), _note(4300, 4200, 0.13, gap_s=0.10)),),
        repeats=(3, 6),
        pause_s=(1.5, 4.0),
    ),
    # Rich, slow, fluted: a blackbird.
    _Species(
        motifs=(
            (_note(2300, 2700, 0.18, bow_hz=250), _note(2900, 2200, 0.22, bow_hz=-150), _note(2000, 2050, 0.14)),
            (
                _note(1900, 2600, 0.20),
                _note(2600, 2600, 0.12, trill_hz=28, trill_depth_hz=220),
                _note(3800, 6200, 0.12),
            ),
            (_note(2500, 2100, 0.25, bow_hz=300), _note(2300, 3000, 0.15)),
        ),
        repeats=(1, 2),
        pause_s=(1.2, 3.0),
    ),
    # Single chirps, harsh and short: a sparrow.
    _Species(
        motifs=(
            (
                _note(3600, 4800, 0.05, bow_hz=900, overtone=0.3, gap_s=0.02),
                _note(4600, 3000, 0.06, overtone=0.3, gap_s=0.22),
            ),
            (_note(4100, 3300, 0.08, bow_hz=700, overtone=0.3, gap_s=0.25),),
        ),
        repeats=(1, 4),
        pause_s=(0.6, 2.4),
    ),
    # A falling run that ends in a flourish: a finch.
    _Species(
        motifs=(
            (
                *(_note(6200 - 420 * k, 4300 - 260 * k, 0.055, gap_s=0.035) for k in range(8)),
                _note(2800, 5200, 0.16, trill_hz=24, trill_depth_hz=500),
            ),
        ),
        repeats=(1, 1),
        pause_s=(2.5, 6.0),
    ),
    # A fast rattle of tiny notes: a wren.
    _Species(
        motifs=(
            (*(_note(6800, 4700, 0.028, gap_s=0.022) for _ in range(14)), _note(5200, 7000, 0.08)),
            tuple(_note(4300, 5900, 0.035, gap_s=0.03) for _ in range(9)),
        ),
        repeats=(1, 2),
        pause_s=(2.0, 5.0),
    ),
    # Thin and high, rising: a robin.
    _Species(
        motifs=(
            (_note(5200, 7400, 0.12, bow_hz=-300), _note(7000, 3600, 0.20, trill_hz=34, trill_depth_hz=350)),
            (_note(3400, 3500, 0.10), _note(6600, 5200, 0.09), _note(4200, 6400, 0.16, bow_hz=500)),
        ),
        repeats=(1, 2),
        pause_s=(1.6, 4.0),
    ),
)


def signal(controls: Birds, take: Take) -> NDArray[np.float32]:
    """Frequency-modulated whistles in phrases; singers answer each other from different distances.

    A syrinx is close to a single sine whose pitch follows air pressure and muscle tension in smooth arcs (Gardner et
    al. 2001, "Simple motor gestures for birdsongs").
    """
    near = np.zeros((take.count, 2), dtype=np.float32)
    wood = np.zeros((take.count, 2), dtype=np.float32)
    first = int(take.rng.integers(len(_SPECIES)))
    singers = max(1, round(controls.count))
    for k in range(singers):
        song = _singer(_SPECIES[(first + k) % len(_SPECIES)], controls, take, eager=k == 0)
        distance_m = take.rng.uniform(7, 45)
        angle = ((k + take.rng.uniform(0.15, 0.85)) / singers * 1.7 + 0.15) * np.pi / 4
        sides = np.array([np.cos(angle), np.sin(angle)]) * rooms.distance_gain(distance_m)
        near += song[:, None] * sides.astype(np.float32)
        # The farther a bird, the more of it comes back from the trees.
        wood += song[:, None] * (sides * np.sqrt(min(0.9, distance_m / 40))).astype(np.float32)
    near += rooms.tail(wood, take.sample_rate, take.rng, decay_s=0.9)
    return level.to_reference(near, take.sample_rate, gain_db=-5.0)


def _singer(species: _Species, controls: Birds, take: Take, *, eager: bool) -> NDArray[np.float32]:
    rng = take.rng
    out = np.zeros(take.count, dtype=np.float32)
    pitch = rng.uniform(0.9, 1.1)
    slack = 1.9 - 1.5 * controls.activity
    time_s = rng.uniform(0.1, 0.5) if eager else rng.uniform(0.2, 1.0 + species.pause_s[1] * slack)
    while time_s < take.duration_s:
        motif = species.motifs[int(rng.integers(len(species.motifs)))]
        for _ in range(int(rng.integers(species.repeats[0], species.repeats[1] + 1))):
            time_s = _sing(out, motif, time_s, pitch * rng.uniform(0.985, 1.015), take)
        time_s += rng.uniform(*species.pause_s) * slack
    return out


def _sing(out: NDArray[np.float32], motif: tuple[_Note, ...], time_s: float, pitch: float, take: Take) -> float:
    """Write a motif into the song and return when it ends."""
    for note in motif:
        syllable = _syllable(note, pitch, take.sample_rate, take.rng)
        first = int(time_s * take.sample_rate)
        if first >= out.size:
            break
        part = syllable[: out.size - first]
        out[first : first + part.size] += part
        time_s += note.length_s + note.gap_s * take.rng.uniform(0.85, 1.2)
    return time_s


def _syllable(note: _Note, pitch: float, rate: int, rng: np.random.Generator) -> NDArray[np.float32]:
    count = int(note.length_s * rng.uniform(0.92, 1.08) * rate)
    u = np.arange(count) / count
    t = np.arange(count) / rate
    glide = note.start_hz + (note.end_hz - note.start_hz) * (3 * u**2 - 2 * u**3) + note.bow_hz * np.sin(np.pi * u)
    hz = pitch * (glide + note.trill_depth_hz * np.sin(2 * np.pi * note.trill_hz * t))
    phase = 2 * np.pi * np.cumsum(hz) / rate
    envelope = np.sin(np.pi * np.clip(u * 1.0, 0, 1) ** 0.75) ** 1.3 * rng.uniform(0.75, 1.0)
    if note.trill_hz:
        envelope *= 0.75 + 0.25 * np.cos(2 * np.pi * note.trill_hz * t)
    return (envelope * (np.sin(phase) + note.overtone * np.sin(2 * phase))).astype(np.float32)
