"""The calls in order: photo and words to a Shot, a Shot to a Clip."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.clip import Clip
from stillmotion.diorama import camera, casting, motion, provenance, render, scene, shot, sound
from stillmotion.diorama.brief import STEMS
from stillmotion.diorama.geometry import Box
from stillmotion.progress import Progress, Stage, ignore_progress

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.diorama.brief import Brief
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import Mix, Shot

ENGINE = "diorama"
WHOLE_PHOTO = Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)
"""A framing that is no decision: the camera then chooses the crop that gives its moves the most room."""
Photo = NDArray[np.uint8]


def plan_shot(photo: Photo, brief: Brief, cache_dir: Path, progress: Progress = ignore_progress) -> tuple[Scene, Shot]:
    """What is in the photo, and what the prompt makes of it: every move stays inside what the layers can show."""
    seen = scene.cached(photo, cache_dir, progress)
    progress(Stage.PLAN, 0.0)
    seen, planned = casting.audition(seen, shot.plan(seen, brief, progress), cache_dir)
    planned = replace(planned, mix=_asked(planned, brief))
    progress(Stage.PLAN, 0.5)
    planned = camera.fit(seen, replace(motion.fit(seen, planned), framing=WHOLE_PHOTO))
    progress(Stage.PLAN, 1.0)
    return seen, planned


def make_clip(seen: Scene, planned: Shot, progress: Progress = ignore_progress) -> Clip:
    """Frames on demand, and sound that is made while they are: nobody waits for it before it is read."""
    audible, unheard = shot.heard(planned, progress)
    moving = motion.simulate(seen, audible)
    progress(Stage.SOUND, 0.0)  # bodies and the first frames take a while: who cancels is heard between them
    plan, too_much = sound.bounded(sound.design(seen, audible, moving.events))
    said = sound.captions(plan, audible.dialogue)
    unheard = (*unheard, *sound.unfamiliar(planned), *too_much)
    recording = sound.Recording(plan, progress).begin()
    try:
        source = render.frames(seen, planned, camera.path(seen, planned), moving)
    except BaseException:
        recording.cancel()
        raise
    return Clip(
        source=source,
        size_px=planned.size_px,
        rate=Fraction(planned.fps),
        sound=recording,
        sample_rate=plan.sample_rate,
        recipe=provenance.recipe(seen, planned, moving.events, said, ENGINE),
        engine=ENGINE,
        notes=(*(note.words for note in planned.notes), *unheard, *_silence(planned.mix)),
        captions=said,
    )


def _asked(planned: Shot, brief: Brief) -> Mix:
    """The planned mix with what was asked for beside the prompt; what is left out no longer makes the film loud."""
    muted = tuple(dict.fromkeys((*planned.mix.muted, *brief.muted)))
    loudness_lufs = planned.mix.loudness_lufs if brief.loudness_lufs is None else brief.loudness_lufs
    if brief.muted and brief.loudness_lufs is None:
        spoken = any(line.performed for line in planned.dialogue)
        loudness_lufs = shot.loudness_lufs(planned.sound, muted, spoken=spoken)
    return replace(planned.mix, loudness_lufs=loudness_lufs, muted=muted)


def _silence(mix: Mix) -> tuple[str, ...]:
    """Said of a film that nothing is heard in, so that nobody looks for a fault."""
    if mix.silent or set(STEMS) <= set(mix.muted):
        return ("The film is silent, as asked: its sound track holds nothing.",)
    return ()


def generate(photo: Photo, brief: Brief, cache_dir: Path, progress: Progress = ignore_progress) -> Clip:
    """Photo and words to a Clip."""
    with ThreadPoolExecutor(1, thread_name_prefix="warm-up") as pool:
        pool.submit(render.warm_up)
        seen, planned = plan_shot(photo, brief, cache_dir, progress)
    return make_clip(seen, planned, progress)


def replay(photo: Photo, planned: Shot, cache_dir: Path, progress: Progress = ignore_progress) -> Clip:
    """Photo and a Shot, perhaps edited by hand, to a Clip; moves beyond what the layers can show are held back."""
    with ThreadPoolExecutor(1, thread_name_prefix="warm-up") as pool:
        pool.submit(render.warm_up)
        seen, planned = casting.cast(scene.cached(photo, cache_dir, progress), planned, cache_dir)
    return make_clip(seen, camera.fit(seen, motion.fit(seen, planned)), progress)
