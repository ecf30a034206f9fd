"""A drop falls into water: it hangs, falls, throws up a crown of droplets, and rings run outwards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama import randomness
from stillmotion.diorama.motion import rings, ripples, shares, water
from stillmotion.diorama.motion.records import Event, LayerMotion, Part, Strokes
from stillmotion.diorama.scene.records import Surface

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Matrix
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.motion.water import Pool
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue

Floats = NDArray[np.float32]
VERBS = ("splash",)
_GAIN, _SHADE = 0.006, 0.13
_FALL_S, _FALL = 0.42, 0.9
"""How long a drop is seen falling and from how high, in photo heights."""
_GRAVITY = 2 * _FALL / _FALL_S**2
"""Photo heights a second squared: slow motion, as close-ups of drops are filmed."""
_CROWN, _FIRST_S, _EVERY_S = 26, 0.55, 1.9
_SINKING = ("collapse", "subside", "falls back", "settle", "sink")
_STANDING = (Surface.RIGID, Surface.PLANT, Surface.STRUCTURE)


def refusal(stage: Stage, cue: MotionCue) -> str | None:
    """Why this scene cannot show a cue."""
    if _sinks(cue) and _crown_layer(stage, cue) is not None:
        return None
    if _spot(stage, cue) is None:
        return f'No water was found in the photo for "{cue.words or cue.subject}".'
    return None


def perform(stage: Stage, cues: tuple[MotionCue, ...]) -> Part:
    """Drops of each cue; several cues about one place are the same drops."""
    parts: list[Part] = []
    done: set[tuple[float, float]] = set()
    for cue in cues:
        layer = _crown_layer(stage, cue) if _sinks(cue) else None
        if layer is not None:
            sinking = _Sinking.of(stage, cue, layer)
            parts.append(Part(layers=(LayerMotion(layer=layer.name, tracks=(sinking,)),)))
            continue
        spot = _spot(stage, cue)
        if spot is not None and (round(spot[1][0], 2), round(spot[1][1], 2)) not in done:
            done.add((round(spot[1][0], 2), round(spot[1][1], 2)))
            parts.append(_drops(stage, cue, *spot))
    return Part(
        layers=tuple(one for part in parts for one in part.layers),
        overlays=tuple(one for part in parts for one in part.overlays),
        events=tuple(one for part in parts for one in part.events),
    )


def _sinks(cue: MotionCue) -> bool:
    return any(word in f"{cue.subject} {cue.words}".casefold() for word in _SINKING)


def _crown_layer(stage: Stage, cue: MotionCue) -> Layer | None:
    """The frozen splash of the photo: what stands out."""
    own = stage.layer(cue)
    if own is not None and own.surface in _STANDING:
        return own
    return next((layer for layer in stage.scene.layers if layer.name == "subject"), None)


def _spot(stage: Stage, cue: MotionCue) -> tuple[Pool, tuple[float, float]] | None:
    """The water and the point of it that is hit."""
    place = shares.pointed(stage, cue.point, cue.place)
    if place is None:
        pool = water.pool(stage, cue)
        return None if pool is None else (pool, (pool.centre[0], pool.centre[1] - 0.55 * pool.hollow / stage.aspect))
    pool = water.pool(stage, cue) or water.around(stage, place)
    return pool, place


def _drops(stage: Stage, cue: MotionCue, pool: Pool, place: tuple[float, float]) -> Part:
    end = stage.end_s(cue)
    count = cue.count or max(int((end - cue.start_s - _FIRST_S) / _EVERY_S * cue.speed) + 1, 1)
    step = min(_EVERY_S / cue.speed, max((end - cue.start_s - _FIRST_S) / count, 0.3))
    times_s = [cue.start_s + _FIRST_S + n * step for n in range(count)]
    size = 0.0085 * cue.amount**0.5
    surface = rings.spreading(stage, pool, [(pool.centre if pool.hollow else place, time_s, 1.0) for time_s in times_s])
    presence = partial(shares.presence, stage, cue, rise_s=0.1)
    gain = _GAIN * cue.amount
    share = ripples.receding(stage, pool)
    warp = ripples.Shiver(
        surface=surface, share=share, presence=presence, gain=gain, aspect=stage.aspect, reach=4 * gain, step_px=4
    )
    light = ripples.Glitter(
        surface=surface,
        share=pool.share,
        bright=ripples.brightness(stage, pool.share),
        presence=presence,
        shade=_SHADE * cue.amount,
        sparkle=0.15,
    )
    flying = _Flying.of(stage, pool, place, tuple(times_s), size)
    hit = partial(Event, kind="splash", x=place[0], y=place[1], impulse=2e-4, speed=2.5, materials=("water", "water"))
    events = tuple(hit(time_s=time_s) for time_s in times_s)
    moved = LayerMotion(layer=pool.layer, warps=(warp,), lights=(light,))
    return Part(layers=(moved,), overlays=(flying,), events=events)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Flying:
    """The falling drop and the crown that it throws up. See `motion.records.Overlay`."""

    before: str | None
    place: tuple[float, float]
    q: float
    times_s: tuple[float, ...]
    size: float
    outwards: Floats
    """Photo widths a second to the right and towards the viewer, shape (n, 2)."""
    upwards: Floats
    """Photo heights a second, shape (n,)."""
    sizes: Floats
    colour: Floats
    """Of the body and of the glint of a drop."""

    @classmethod
    def of(
        cls,
        stage: Stage,
        pool: Pool,
        place: tuple[float, float],
        times_s: tuple[float, ...],
        size: float,
    ) -> _Flying:
        """Drops for a place on the water."""
        rng = randomness.generator(stage.shot.seed, "crown", pool.layer)
        angle = np.linspace(0, 2 * np.pi, _CROWN, endpoint=False) + rng.uniform(-0.1, 0.1, _CROWN)
        speed = 0.13 * rng.uniform(0.55, 1.1, _CROWN)
        tones = _tones(stage, place)
        layer = stage.scene.layer(pool.layer)
        return cls(
            before=None,
            place=place,
            q=float(np.clip(layer.plane.inverse_depth(*place), 0.1, 1.5)),
            times_s=times_s,
            size=size,
            outwards=np.stack([np.cos(angle) * speed, np.sin(angle) * speed * 0.4], axis=-1).astype(np.float32),
            upwards=(0.6 * rng.uniform(0.35, 1.0, _CROWN)).astype(np.float32),
            sizes=(size * rng.uniform(0.18, 0.5, _CROWN)).astype(np.float32),
            colour=np.asarray(255 * tones, np.float32),
        )

    def at(self, time_s: float, shutter_s: float) -> Strokes | None:
        """All drops in the air at one instant: each a body and a small bright glint in it."""
        ends = [self._places(time_s), self._places(time_s - max(shutter_s, 1e-4))]
        if not len(ends[0][0]):
            return None
        if len(ends[1][0]) != len(ends[0][0]):
            ends[1] = ends[0]
        (heads, sizes), (tails, _) = ends
        lift = np.zeros_like(heads)
        lift[:, :2] = -0.3 * sizes[:, None]
        return Strokes(
            heads=np.concatenate([heads, heads + lift]),
            tails=np.concatenate([tails, tails + lift]),
            radius=np.concatenate([sizes, 0.4 * sizes]),
            colour=np.repeat(self.colour, len(sizes), axis=0),
            alpha=np.concatenate([np.full(len(sizes), 0.78), np.full(len(sizes), 0.9)]).astype(np.float32),
            softness=0.55,
        )

    def _places(self, time_s: float) -> tuple[Floats, Floats]:
        places, sizes = [np.zeros((0, 3), np.float32)], [np.zeros(0, np.float32)]
        x, y = self.place
        for hit_s in self.times_s:
            age = time_s - hit_s
            if -_FALL_S < age < 0:
                high = _FALL - _GRAVITY * (age + _FALL_S) ** 2 / 2
                places.append(np.array([[x, y - high, self.q]], np.float32))
                sizes.append(np.array([self.size], np.float32))
            elif 0 <= age < 1.2:
                lift = self.upwards * np.float32(age) - np.float32(0.5 * _GRAVITY * 0.12 * age**2)
                flying = lift > 0
                spread = self.outwards * np.float32(age)
                crown = np.stack([x + spread[:, 0], y + spread[:, 1] - lift, np.full(len(lift), self.q)], axis=-1)
                places.append(crown[flying].astype(np.float32))
                sizes.append(self.sizes[flying])
        return np.concatenate(places), np.concatenate(sizes)


def _tones(stage: Stage, place: tuple[float, float]) -> Floats:
    """Dark and bright of the water about a point, sRGB 0..1, shape (2, 3)."""
    small = shares.photo_small(stage)
    rows, columns = small.shape[:2]
    row, column = min(int(place[1] * rows), rows - 1), min(int(place[0] * columns), columns - 1)
    near = small[max(row - 20, 0) : row + 20, max(column - 30, 0) : column + 30].reshape(-1, 3)
    dark, bright = np.quantile(near, 0.55, axis=0), np.quantile(near, 0.95, axis=0)
    return np.asarray([dark, np.minimum(bright + 0.15, 1)], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sinking:
    """A frozen splash falls back: it sinks into the water, widens a little and is gone. See `motion.records.Track`."""

    foot: tuple[float, float]
    start_s: float
    length_s: float

    @classmethod
    def of(cls, stage: Stage, cue: MotionCue, layer: Layer) -> _Sinking:
        """The way down of a layer."""
        width, height = stage.scene.size_px
        x = (layer.left_px + layer.size_px[0] / 2) / width
        y = (layer.top_px + 0.8 * layer.size_px[1]) / height
        length = max(stage.end_s(cue) - cue.start_s, 0.8) / max(cue.speed, 0.3)
        return cls(foot=(x, y), start_s=cue.start_s, length_s=min(length, 2.4 / max(cue.speed, 0.3)))

    def matrix(self, time_s: float) -> Matrix:
        """From the layer at rest to where it is."""
        part = shares.smooth(time_s, self.start_s + 0.2, self.start_s + self.length_s)
        wide, tall = 1 + 0.16 * part, 1 - 0.82 * part
        x, y = self.foot
        return np.array([[wide, 0.0, x * (1 - wide)], [0.0, tall, y * (1 - tall)], [0.0, 0.0, 1.0]])

    def opacity(self, time_s: float) -> float:
        """It dissolves into the water at the end."""
        return 1 - shares.smooth(time_s, self.start_s + 0.4 * self.length_s, self.start_s + 0.85 * self.length_s)
