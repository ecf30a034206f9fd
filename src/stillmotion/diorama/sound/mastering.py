"""The master: stems at the loudness that was planned, true peaks under a ceiling, beds that are not pumped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.sound import limiter
from stillmotion.diorama.sound.dsp import level
from stillmotion.diorama.sound.records import Stem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Stems = Mapping[Stem, NDArray[np.float32]]

CEILING_DBTP = -3.0
"""Before encoding: AAC overshoots by up to 2 dB on snaps and loud hiss, and the promise after decoding is -1."""
FLOOR_LUFS = -50.0
"""A place that can be heard at all is never quieter."""
_QUIETEST_LUFS = -60.0
"""What is quieter than this is silence, and silence is never raised."""
_SNAP_RELEASE_S = 0.04
"""Of what is struck: its ring comes back at once, and the bed beside it does not duck."""
_STROKES_KNEE = 10 ** (-10.0 / 20)
"""Strokes above this share of the ceiling are drawn together rather than cut off: harder stays louder."""
_DRIVE_DB = -4.0
"""The tone of a place under strokes is raised no further than this beyond where the strokes touch the ceiling; the
strokes themselves are driven on to reach the loudness."""
_FLOOR_LIFT_DB = 24.0
_TONE_LUFS = -48.0
"""Beds quieter than this are the tone of a place, 25 dB under a bed at its usual level."""
_TRIES = 12
_CLOSE_LU = 0.1
"""Good enough: a fifth of what is promised."""
_MOST_LIFT_DB = 50.0
_FIRST_ANSWER, _STEEPEST = 1.4, 8.0
"""Decibels of lift for a decibel of loudness that is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What stays the same while the lift is sought."""

    raw: Stems
    sample_rate: int
    bed_limit_db: float
    """Everything but strokes is raised to here at most."""


def master(
    raw: Stems, sample_rate: int, *, loudness_lufs: float, tick: Callable[[], None]
) -> dict[Stem, NDArray[np.float32]]:
    """The stems as they are heard: their sum has the loudness, and its true peaks stay under the ceiling.

    Strokes are held by a quick limiter of their own, so that one loud blow neither keeps the film quiet nor makes the
    bed duck; what still exceeds the ceiling in the sum is held by a slow one.

    Args:
        raw: stems of one length, shape (count, 2).
        sample_rate: samples per second.
        loudness_lufs: integrated target; films shorter than 3 s are measured by their short-term loudness.
        tick: called between the steps; raising from it stops the work.
    """
    measured = level.film_loudness_lufs(_sum(raw), sample_rate) if raw else level.SILENCE_LUFS
    if measured < _QUIETEST_LUFS:
        return dict(raw)
    desk = _Desk(raw=raw, sample_rate=sample_rate, bed_limit_db=_bed_limit_db(raw, sample_rate))
    search = _Search(lift_db=loudness_lufs - measured)
    best: tuple[float, dict[Stem, NDArray[np.float32]]] = (np.inf, {})
    for _ in range(_TRIES):
        tick()
        made = _at(desk, search.lift_db)
        missing_db = loudness_lufs - level.film_loudness_lufs(_sum(made), sample_rate)
        best = min(best, (abs(missing_db), made), key=lambda one: one[0])
        if best[0] < _CLOSE_LU or not search.go_on(missing_db):
            break
    return best[1]


@dataclass(slots=True, kw_only=True)
class _Search:
    """Looks for the lift at which nothing is missing, where the answer to a lift gets less and less."""

    lift_db: float
    too_low: tuple[float, float] | None = None
    """Highest lift that was too little, and what was missing there."""
    too_high: float | None = None
    """Lowest lift that was too much."""

    def go_on(self, missing_db: float) -> bool:
        """Choose the next lift; False when there is nothing left to try."""
        if missing_db > 0 and self.lift_db >= _MOST_LIFT_DB:
            return False
        answer = _FIRST_ANSWER
        if missing_db < 0:
            self.too_high = self.lift_db
        else:
            if self.too_low is not None and self.too_low[1] > missing_db:
                answer = (self.lift_db - self.too_low[0]) / (self.too_low[1] - missing_db)
            self.too_low = (self.lift_db, missing_db)
        wanted_db = self.lift_db + missing_db * float(np.clip(answer, 1.0, _STEEPEST))
        if self.too_low is not None and self.too_high is not None and not self.too_low[0] < wanted_db < self.too_high:
            wanted_db = (self.too_low[0] + self.too_high) / 2
        self.lift_db = min(wanted_db, _MOST_LIFT_DB)
        return True


def _sum(tracks: Stems) -> NDArray[np.float32]:
    total = np.zeros_like(next(iter(tracks.values())))
    for samples in tracks.values():
        total += samples
    return total


def _bed_limit_db(raw: Stems, sample_rate: int) -> float:
    """How far beds may be raised: as far as is asked for, unless they are the mere tone of a place under strokes."""
    strokes = raw.get(Stem.FOLEY)
    beds = [samples for stem, samples in raw.items() if stem is not Stem.FOLEY]
    if strokes is None or not strokes.any() or not beds:
        return _MOST_LIFT_DB
    if level.loudness_lufs(np.sum(beds, axis=0), sample_rate) > _TONE_LUFS:
        return _MOST_LIFT_DB
    return CEILING_DBTP - _db(float(np.abs(strokes).max())) + _DRIVE_DB


def _at(desk: _Desk, lift_db: float) -> dict[Stem, NDArray[np.float32]]:
    """All stems, raised and held."""
    ceiling = 10 ** (CEILING_DBTP / 20)
    made: dict[Stem, NDArray[np.float32]] = {}
    for stem, samples in desk.raw.items():
        stroke = stem is Stem.FOLEY
        raised = samples * np.float32(10 ** (_own_lift_db(desk, stem, lift_db) / 20))
        if stroke or max(raised.max(initial=0.0), -raised.min(initial=0.0)) > 1.0:
            release_s = _SNAP_RELEASE_S if stroke else limiter.RELEASE_S
            knee = ceiling * _STROKES_KNEE if stroke else None
            held = limiter.gain(raised, desk.sample_rate, ceiling=ceiling, release_s=release_s, knee=knee)
            raised *= held[:, None]
        made[stem] = raised
    factor = limiter.gain(_sum(made), desk.sample_rate, ceiling=ceiling)
    for held_back in made.values():
        np.multiply(held_back, factor[:, None], out=held_back)
    return made


def _own_lift_db(desk: _Desk, stem: Stem, lift_db: float) -> float:
    """Strokes are raised as asked, beds to their limit, and the place up to its floor."""
    if stem is Stem.FOLEY:
        return lift_db
    own_db = min(lift_db, desk.bed_limit_db)
    if stem is Stem.AMBIENCE:
        measured = level.loudness_lufs(desk.raw[stem], desk.sample_rate)
        if level.SILENCE_LUFS < measured < FLOOR_LUFS - own_db:
            return min(FLOOR_LUFS - measured, own_db + _FLOOR_LIFT_DB)
    return own_db


def _db(amplitude: float) -> float:
    return 20 * float(np.log10(max(amplitude, 1e-9)))
