"""What things that move cost: rigid bodies by themselves, every effect a frame, and a whole film of four of them."""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.render import encoded_s, rendered, written_s
from benchmarks.rows import Row
from stillmotion.diorama import camera, motion, pipeline, render
from stillmotion.diorama.brief import Brief
from stillmotion.diorama.motion import rigid
from stillmotion.media.image import read_picture

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import MotionCue, Shot

ROUNDS = 3
SIZE_PX = (1280, 720)
DURATION_S = 4
BODIES, FALL_S = 500, 5.0
STEP = 4
"""Every so many frames of a film are made where one effect is measured."""
PHOTOS = {
    "lake": ("sklearn", "datasets/images/china.jpg"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
    "coffee": ("skimage", "data/coffee.png"),
    "cat": ("skimage", "data/chelsea.png"),
    "officer": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
}
EFFECTS = {
    "rain": ("lake", "rain falls"),
    "hail": ("lake", "hail falls"),
    "snow": ("lake", "snow falls"),
    "lightning": ("lake", "lightning strikes"),
    "dusk": ("lake", "dusk falls"),
    "clouds": ("lake", "the clouds drift"),
    "fog": ("lake", "fog drifts through"),
    "ripple": ("lake", "the water ripples"),
    "waves": ("lake", "waves roll over the water"),
    "sway": ("lake", "the trees sway in the wind"),
    "leaves": ("lake", "leaves fall"),
    "birds_fly": ("lake", "birds fly across the sky"),
    "fireflies": ("lake", "fireflies glow"),
    "insects": ("flower", "insects buzz around the flower"),
    "petals": ("flower", "petals fall"),
    "dust": ("coffee", "dust floats in the light"),
    "steam": ("coffee", "steam rises from the cup"),
    "smoke": ("lake", "smoke rises"),
    "fire": ("lake", "a fire burns"),
    "sparks": ("lake", "sparks fly"),
    "confetti": ("officer", "confetti falls"),
    "bubbles": ("officer", "bubbles rise"),
    "blink": ("officer", "he blinks"),
    "smile": ("officer", "he smiles"),
    "turn_head": ("officer", "he turns his head to the left"),
    "bounce": ("lake", "a red ball bounces"),
    "fly": ("lake", "a kite flies to the right"),
    "float": ("lake", "a ball floats on the water"),
    "spin": ("coffee", "a coin spins"),
}
"""By behaviour: the photo, and words that ask for it."""
FULL = "The clouds drift, the water ripples, rain falls, a red ball bounces"
FULL_VERBS = ("clouds", "ripple", "rain", "bounce")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One effect on a photo, in milliseconds."""

    frame_ms: float
    """Processor time of a frame with it, less that of a frame without."""
    preparing_ms: float
    """From the cues to motion that can be drawn."""


def measure() -> list[Row]:
    """All rows; scenes are made before any clock starts."""
    render.warm_up()
    with tempfile.TemporaryDirectory() as name:
        return [*rigid_rows(), *film_rows(Path(name)), *effect_rows(Path(name))]


def rigid_rows() -> list[Row]:
    """Circles and squares poured into a box."""
    rigid.simulate(poured(2, 0.1))
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        rigid.simulate(poured(BODIES, FALL_S))
        taken.append(time.process_time() - start)
    words = f"{BODIES} rigid bodies for {FALL_S:g} s at {rigid.records.RATE_HZ} Hz, processor time"
    return [Row(name=words, value=min(taken), unit="s", at_most=1.5)]


def poured(count: int, duration_s: float) -> rigid.World:
    """Bodies of 8 cm in rows of 25 above a floor between two walls."""
    half = 0.04
    square = ((-half, -half), (half, -half), (half, half), (-half, half))
    bodies = tuple(
        rigid.Body(
            name=f"body {k}",
            place=(0.12 * (k % 25) + 0.02 * (k // 25 % 3), 0.3 + 0.12 * (k // 25)),
            radius=half if k % 2 else None,
            pieces=() if k % 2 else (square,),
            gyration=0.7 * half,
            velocity=(0.3 * (k % 7 - 3), 0.0),
        )
        for k in range(count)
    )
    boxes = {"floor": (-1.0, -1.0, 5.0, 0.0), "left": (-1.0, 0.0, -0.2, 9.0), "right": (3.2, 0.0, 5.0, 9.0)}
    obstacles = tuple(
        rigid.Obstacle(name=name, pieces=(((x0, y0), (x1, y0), (x1, y1), (x0, y1)),))
        for name, (x0, y0, x1, y1) in boxes.items()
    )
    return rigid.World(bodies=bodies, obstacles=obstacles, duration_s=duration_s)


def film_rows(cache: Path) -> list[Row]:
    """The whole job from a cached scene against x264 alone on the same frames."""
    seen, planned = planned_shot("lake", FULL, cache)
    verbs = {cue.verb for cue in planned.motion if cue.performed}
    missing = [verb for verb in FULL_VERBS if verb not in verbs]
    rounds = [_film_round(seen, planned) for _ in range(ROUNDS)]
    ratio, preparing_s, fps, frame_ms = (statistics.median(column) for column in zip(*rounds, strict=True))
    words = "clouds, water, rain and a ball" + (f", WITHOUT {', '.join(missing)}" if missing else "")
    return [
        Row(name=f"write_mp4 at 720p with {words}, against x264 alone (aim 0.45)", value=ratio, at_least=0.3),
        Row(name="the same film", value=fps, unit="frames/s"),
        Row(name="the same, processor time of rendering a frame", value=frame_ms, unit="ms"),
        Row(name="the same, from the scene to the first frame, with its sound", value=preparing_s, unit="s"),
    ]


def _film_round(seen: Scene, planned: Shot) -> tuple[float, float, float, float]:
    """Speed against x264 alone, seconds of preparation, frames a second, processor milliseconds a frame."""
    start = time.perf_counter()
    clip = pipeline.make_clip(seen, planned)
    clip.sound.mix()  # nothing else works while pictures are timed
    preparing_s = time.perf_counter() - start
    frames, _, processor_s = rendered(clip.source)
    alone_s = encoded_s(frames)
    written = written_s(clip)
    del clip
    return alone_s / written, preparing_s, len(frames) / written, 1000 * processor_s / len(frames)


def effect_rows(cache: Path) -> list[Row]:
    """A row for each effect that the planner finds in its words; the others are named in one row."""
    found = {verb: _effect(verb, photo, prompt, cache) for verb, (photo, prompt) in EFFECTS.items()}
    costs = {verb: cost for verb, cost in found.items() if cost is not None}
    absent = [verb for verb in EFFECTS if verb not in costs]
    words = f" ({', '.join(absent)})" if absent else ""
    rows = [
        Row(
            name=f"{verb} at 720p, processor time added to a frame (prepared in {cost.preparing_ms:.0f} ms)",
            value=cost.frame_ms,
            unit="ms",
            at_most=20.0,
        )
        for verb, cost in costs.items()
    ]
    return [*rows, Row(name=f"effects that were not performed{words}", value=len(absent), at_most=0.0)]


def _effect(verb: str, photo: str, prompt: str, cache: Path) -> Cost | None:
    """What one effect costs; None when the shot does not show it."""
    seen, planned = planned_shot(photo, f"Static camera, {prompt}", cache)
    cues = tuple(cue for cue in planned.motion if cue.performed and cue.verb == verb)
    if not cues:
        return None
    pairs = [(_frame_ms(seen, planned, cues), _frame_ms(seen, planned, ())) for _ in range(ROUNDS)]
    start = time.perf_counter()
    motion.simulate(seen, replace(planned, motion=cues))
    return Cost(
        frame_ms=statistics.median(moving - still for moving, still in pairs),
        preparing_ms=1000 * (time.perf_counter() - start),
    )


def _frame_ms(seen: Scene, planned: Shot, cues: tuple[MotionCue, ...]) -> float:
    """Processor milliseconds a frame, over the whole film in steps; the first frames load what is loaded once."""
    shot = replace(planned, motion=cues)
    source = render.frames(seen, shot, camera.path(seen, shot), motion.simulate(seen, shot))
    source.i420(0)
    source.i420(len(source) // 2)
    wanted = range(0, len(source), STEP)
    start = time.process_time()
    for index in wanted:
        source.i420(index)
    return 1000 * (time.process_time() - start) / len(wanted)


def planned_shot(photo: str, prompt: str, cache: Path) -> tuple[Scene, Shot]:
    """A sample photo's scene and shot, with what the shot cuts out of it."""
    package, inside = PHOTOS[photo]
    picture = read_picture(Path(str(files(package).joinpath(inside))))
    return pipeline.plan_shot(picture, Brief(prompt=prompt, duration_s=DURATION_S, size_px=SIZE_PX), cache)
