"""Stems become one film sound: levels, places, loudness, peaks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import randomness
from stillmotion.diorama.sound import limiter, registry
from stillmotion.diorama.sound.dsp import filters, level, rooms
from stillmotion.diorama.sound.dsp.take import Take
from stillmotion.diorama.sound.records import Stem
from stillmotion.progress import Progress, Stage, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.records import PlannedSound, SoundPlan

CEILING_DBTP = -3.0
"""Before encoding: AAC overshoots by up to 2 dB on snaps and loud hiss, and the promise after decoding is -1."""
_END_FADE_S = 0.03
_JOIN_S = 0.4
_SUBSONIC_HZ = 20.0
_QUIETEST_LUFS = -60.0
"""What is quieter than this is silence, and silence is never raised."""
_WORKERS = 2
_TRIES = 6
_CLOSE_LU = 0.1
"""Good enough: a fifth of what is promised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    sound: PlannedSound
    ordinal: int
    """How many sounds of the same generator came before: adding another kind changes nothing here."""


def mix(plan: SoundPlan, progress: Progress = ignore_progress) -> NDArray[np.float32]:
    """The film's sound, shape (round(duration * rate), 2), at the planned loudness, true peaks under the ceiling.

    Raises:
        SoundUnknown: the plan names a generator that does not exist.
    """
    made = stems(plan, progress)
    total = np.zeros((count(plan), 2), dtype=np.float32)
    for samples in made.values():
        total += samples
    return total


def stems(plan: SoundPlan, progress: Progress = ignore_progress) -> dict[Stem, NDArray[np.float32]]:
    """Each stem as it is in the mix: their sum is the mix.

    Raises:
        SoundUnknown: the plan names a generator that does not exist.
    """
    raw = _raw_stems(plan, progress)
    if not raw:
        return raw
    factor = _master(_sum(raw), plan)
    progress(Stage.SOUND, 1.0)
    return {stem: samples * factor[:, None] for stem, samples in raw.items()}


def count(plan: SoundPlan) -> int:
    """Samples of the whole film."""
    return round(plan.duration_s * plan.sample_rate)


def _sum(tracks: dict[Stem, NDArray[np.float32]]) -> NDArray[np.float32]:
    total = np.zeros_like(next(iter(tracks.values())))
    for samples in tracks.values():
        total += samples
    return total


def _raw_stems(plan: SoundPlan, progress: Progress) -> dict[Stem, NDArray[np.float32]]:
    """Sums of placed sounds before the master gain, in a fixed order."""
    jobs = [] if plan.silent else list(_jobs(plan))
    tracks: dict[Stem, NDArray[np.float32]] = {}
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        for done, (job, samples) in enumerate(zip(jobs, pool.map(lambda job: _perform(job, plan), jobs), strict=True)):
            track = tracks.setdefault(job.sound.stem, np.zeros((count(plan), 2), dtype=np.float32))
            first = round(job.sound.start_s * plan.sample_rate)
            track[first : first + len(samples)] += samples
            progress(Stage.SOUND, 0.9 * (done + 1) / len(jobs))
    return {stem: _finish(samples, plan.sample_rate) for stem, samples in tracks.items()}


def _jobs(plan: SoundPlan) -> Iterator[_Job]:
    seen: dict[str, int] = {}
    for sound in plan.sounds:
        ordinal = seen.get(sound.generator, 0)
        seen[sound.generator] = ordinal + 1
        audible = min(sound.end_s, plan.duration_s) > max(sound.start_s, 0.0)
        if audible and sound.stem not in plan.muted:
            yield _Job(sound=sound, ordinal=ordinal)


def _perform(job: _Job, plan: SoundPlan) -> NDArray[np.float32]:
    """One sound at its level and place, faded where it begins or ends inside the shot."""
    sound = job.sound
    start_s, end_s = max(sound.start_s, 0.0), min(sound.end_s, plan.duration_s)
    take = Take(
        duration_s=end_s - start_s,
        sample_rate=plan.sample_rate,
        rng=randomness.generator(plan.seed, "sound", sound.generator, job.ordinal),
        seed=plan.seed,
        start_s=start_s,
    )
    samples = registry.make(sound.generator, sound.controls, take)
    placed = rooms.place(samples, plan.sample_rate, pan=sound.pan, distance_m=sound.distance_m)
    if sound.echo > 0:
        placed = rooms.reverberate(placed, plan.sample_rate, take.rng, decay_s=0.6 + 2.4 * sound.echo, wet=sound.echo)
    placed *= np.float32(10 ** (sound.gain_db / 20))
    join_s = min(_JOIN_S, take.duration_s / 5)
    # What is struck begins as it begins; a fade would take its attack.
    in_s = join_s if start_s > 0 and sound.stem is not Stem.FOLEY else 0.0
    out_s = join_s if end_s < plan.duration_s else 0.0
    return level.fade(placed, plan.sample_rate, in_s=in_s, out_s=out_s)


def _finish(samples: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """No rumble below hearing, no step at either end."""
    return level.fade(
        filters.high(samples, sample_rate, _SUBSONIC_HZ), sample_rate, in_s=_END_FADE_S, out_s=_END_FADE_S
    )


def _master(total: NDArray[np.float32], plan: SoundPlan) -> NDArray[np.float32]:
    """The factor of every sample that brings the sum to the planned loudness under the ceiling."""
    measured = level.loudness_lufs(total, plan.sample_rate)
    if measured < _QUIETEST_LUFS:
        return np.ones(len(total), dtype=np.float32)
    ceiling = 10 ** (CEILING_DBTP / 20)
    lift_db = plan.loudness_lufs - measured
    factor = np.ones(len(total), dtype=np.float32)
    for _ in range(_TRIES):
        raised = total * np.float32(10 ** (lift_db / 20))
        held = limiter.gain(raised, plan.sample_rate, ceiling=ceiling)
        factor = held * np.float32(10 ** (lift_db / 20))
        if held.min() >= 1.0:
            break
        missing_db = plan.loudness_lufs - level.loudness_lufs(total * factor[:, None], plan.sample_rate)
        if abs(missing_db) < _CLOSE_LU:
            break
        lift_db += 1.4 * missing_db
    return factor
