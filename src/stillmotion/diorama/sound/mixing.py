"""Stems become one film sound: levels and places of sounds, then the master."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama import randomness
from stillmotion.diorama.sound import dialogue, ducking, mastering, registry
from stillmotion.diorama.sound.dsp import filters, level, rooms
from stillmotion.diorama.sound.dsp.take import Take
from stillmotion.diorama.sound.records import Stem
from stillmotion.progress import Progress, Stage, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from stillmotion.diorama.sound.records import PlannedSound, SoundPlan

_END_FADE_S = 0.03
_JOIN_S = 0.4
_SUBSONIC_HZ, _ULTRASONIC_HZ = 20.0, 18_500.0
"""What the codec would drop (it ends at 19 kHz) is not counted as loudness."""
_WORKERS = 2
_AHEAD = 2 * _WORKERS
"""Recordings that are made or lie ready at most: each is as long as the film."""
TAKES = 6
"""Sounds that are alike in everything but time and place are recorded so often; more of them share the recordings."""
_ECHO_S = 3.0
_LASTING_S = 2.5
"""From here on, foley that nobody counts is a bed to those who speak over it."""
_REST = 1e-5
"""Under -100 dB, nothing is heard any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One recording and where it is heard."""

    sounds: tuple[PlannedSound, ...]
    """Alike in everything but time and place."""
    ordinal: int
    """How many recordings of the same generator came before: adding another kind changes nothing here."""


def mix(plan: SoundPlan, progress: Progress = ignore_progress) -> NDArray[np.float32]:
    """The film's sound, shape (round(duration * rate), 2), at the planned loudness, true peaks under the ceiling.

    Raises:
        SoundUnknown: the plan names a generator that does not exist.
    """
    total = np.zeros((count(plan), 2), dtype=np.float32)
    for samples in stems(plan, progress).values():
        total += samples
    return total


def stems(plan: SoundPlan, progress: Progress = ignore_progress) -> dict[Stem, NDArray[np.float32]]:
    """Each stem as it is in the mix: their sum is the mix. A stem that holds nothing is left out.

    Raises:
        SoundUnknown: the plan names a generator that does not exist.
    """
    raw = _raw_stems(plan, progress)
    made = mastering.master(raw, plan.sample_rate, loudness_lufs=plan.loudness_lufs, tick=lambda: _almost(progress))
    progress(Stage.SOUND, 1.0)
    return made


def _almost(progress: Progress) -> None:
    progress(Stage.SOUND, 0.9)


def count(plan: SoundPlan) -> int:
    """Samples of the whole film."""
    return round(plan.duration_s * plan.sample_rate)


def _raw_stems(plan: SoundPlan, progress: Progress) -> dict[Stem, NDArray[np.float32]]:
    """Sums of placed sounds before the master, in a fixed order whatever the threads do."""
    tracks = _summed([] if plan.silent else list(_jobs(plan)), plan, progress)
    # One after the other, each given up for the next: films are long.
    finished = {bus: _finish(tracks.pop(bus), plan.sample_rate) for bus in list(tracks)}
    return ducking.duck(finished, plan.sample_rate)


def _summed(jobs: list[_Job], plan: SoundPlan, progress: Progress) -> dict[ducking.Bus, NDArray[np.float32]]:
    tracks: dict[ducking.Bus, NDArray[np.float32]] = {}
    spoken = any(job.sounds[0].stem is Stem.DIALOGUE for job in jobs)
    for done, (job, made) in enumerate(_side_by_side(lambda job: _perform(job, plan), jobs)):
        bus = ducking.Bus(stem=job.sounds[0].stem, lasting=spoken and _lasts(job.sounds[0], plan))
        track = tracks.setdefault(bus, np.zeros((count(plan), 2), dtype=np.float32))
        for first, samples in made:
            track[first : first + len(samples)] += samples[: len(track) - first]
        progress(Stage.SOUND, 0.9 * (done + 1) / len(jobs))
    return tracks


def _lasts(sound: PlannedSound, plan: SoundPlan) -> bool:
    """Whether foley goes on like a bed: long, and as often as it comes instead of so many times."""
    start_s, end_s = _span(sound, plan)
    counted = dict(sound.controls).get("count", 0)
    return sound.stem is Stem.FOLEY and end_s - start_s >= _LASTING_S and not counted


_Placed = list[tuple[int, "NDArray[np.float32]"]]


def _side_by_side(perform: Callable[[_Job], _Placed], jobs: list[_Job]) -> Iterator[tuple[_Job, _Placed]]:
    """Results in the order of the jobs, a few made ahead; whoever stops listening stops the work."""
    with ThreadPoolExecutor(max_workers=_WORKERS, thread_name_prefix="sound") as pool:
        waiting = deque(pool.submit(perform, job) for job in jobs[:_AHEAD])
        try:
            for index, job in enumerate(jobs):
                made = waiting.popleft().result()
                waiting.extend(pool.submit(perform, after) for after in jobs[index + _AHEAD : index + _AHEAD + 1])
                yield job, made
                del made
        finally:
            for future in waiting:
                future.cancel()


def _jobs(plan: SoundPlan) -> Iterator[_Job]:
    alike: dict[object, list[list[PlannedSound]]] = {}
    for sound in plan.sounds:
        takes = alike.setdefault(_recording(sound, plan), [])
        if len(takes) < TAKES:
            takes.append([])
        # Fill the takes in turn: those of fewest sounds first.
        min(takes, key=len).append(sound)
    seen: dict[str, int] = {}
    for take in (take for takes in alike.values() for take in takes):
        generator = take[0].generator
        ordinal = seen.setdefault(generator, 0)
        seen[generator] += 1
        # What is muted counts as well: the rest then sounds as it does beside it.
        if _samples(take[0], plan) > 0 and take[0].stem not in plan.muted:
            yield _Job(sounds=tuple(take), ordinal=ordinal)


def _recording(sound: PlannedSound, plan: SoundPlan) -> object:
    """What two sounds have in common when one recording can stand for both."""
    return (sound.generator, sound.stem, sound.controls, _samples(sound, plan))


def _span(sound: PlannedSound, plan: SoundPlan) -> tuple[float, float]:
    return max(sound.start_s, 0.0), min(sound.end_s, plan.duration_s)


def _samples(sound: PlannedSound, plan: SoundPlan) -> int:
    start_s, end_s = _span(sound, plan)
    return round((end_s - start_s) * plan.sample_rate)


def _perform(job: _Job, plan: SoundPlan) -> _Placed:
    """The sounds of one recording, each at its level and place, with the sample at which it begins."""
    first = job.sounds[0]
    start_s, end_s = _span(first, plan)
    take = Take(
        duration_s=end_s - start_s,
        sample_rate=plan.sample_rate,
        rng=randomness.generator(plan.seed, "sound", first.generator, job.ordinal),
        seed=plan.seed,
        start_s=start_s,
    )
    made = (
        dialogue.spoken(first.controls, _samples(first, plan))
        if first.generator == dialogue.GENERATOR
        else registry.make(first.generator, first.controls, take)
    )
    dry = _heard_part(made, plan.sample_rate)
    return [
        (round(_span(sound, plan)[0] * plan.sample_rate), _place(dry, sound, plan, take.rng)) for sound in job.sounds
    ]


def _heard_part(samples: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """Without the nothing after a short sound, but with room for its echo."""
    # One value in 16 is enough to find the end.
    loud = np.flatnonzero(np.abs(samples[::16]).max(axis=1) > _REST)
    last = 16 * int(loud[-1]) if loud.size else 0
    return samples[: last + int(_ECHO_S * sample_rate)]


def _place(
    dry: NDArray[np.float32], sound: PlannedSound, plan: SoundPlan, rng: np.random.Generator
) -> NDArray[np.float32]:
    """A recording at its level and place, faded where it begins or ends inside the shot."""
    placed = rooms.place(dry, plan.sample_rate, pan=sound.pan, distance_m=sound.distance_m)
    if sound.echo > 0:
        placed = rooms.reverberate(placed, plan.sample_rate, rng, decay_s=0.6 + 2.4 * sound.echo, wet=sound.echo)
    placed *= np.float32(10 ** (sound.gain_db / 20))
    start_s, end_s = _span(sound, plan)
    join_s = min(_JOIN_S, (end_s - start_s) / 5)
    # What is struck begins as it begins; a fade would take its attack.
    in_s = join_s if start_s > 0 and sound.stem is Stem.AMBIENCE else 0.0
    # What is said ends by itself; a fade would take its last syllable.
    out_s = join_s if end_s < plan.duration_s and sound.stem is not Stem.DIALOGUE else 0.0
    level.fade_in_place(placed, plan.sample_rate, in_s=in_s, out_s=out_s)
    return placed


def _finish(samples: NDArray[np.float32], sample_rate: int) -> NDArray[np.float32]:
    """No rumble below hearing, nothing above it, no step at either end."""
    heard = filters.below(filters.high(samples, sample_rate, _SUBSONIC_HZ), sample_rate, _ULTRASONIC_HZ)
    level.fade_in_place(heard, sample_rate, in_s=_END_FADE_S, out_s=_END_FADE_S)
    return heard
