"""Sound cues from the words, ambience from the scene when the words name none, and how loud the film is."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from stillmotion.diorama.scene.records import Scene, Surface
from stillmotion.diorama.shot import lexicon, performed
from stillmotion.diorama.shot.implied import implied
from stillmotion.diorama.shot.records import Mix, SoundCue

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from stillmotion.diorama.shot.intent import Intent
    from stillmotion.diorama.shot.records import MotionCue
    from stillmotion.diorama.shot.timing import Schedule

FULL_LUFS, QUIETEST_LUFS = -16.0, -32.0
_FOLEY_LUFS = -24.0
_TONE_LUFS = -38.0
"""A place where nothing is heard but its own tone."""
_LEVELS_DB = (-15.0, 8.0)
_SEA = (
    "seashore",
    "beach",
    "sea",
    "ocean",
    "breakwater",
    "promontory",
    "sandbar",
    "coast",
    "surf",
    "liner",
    "lighthouse",
)
_FALLING = ("waterfall", "fountain", "dam", "stream", "river", "geyser")
_STREETS = (
    "street",
    "traffic light",
    "car",
    "bus",
    "taxi",
    "cab",
    "parking meter",
    "truck",
    "motorcycle",
    "streetcar",
    "minivan",
)
_SNOW = ("alp", "ski", "snowmobile", "snowplow", "dogsled", "bobsled", "igloo")
_STEPS = ("footsteps", "hooves")
_NOT_BEFORE_S = 0.6
_LOWER = -6.0
_UNDER_DB = -12.0
"""The tone of a room beside what is heard in it."""
_SURE = 0.08
"""Score from which a tag of the photo counts."""


def sound_cues(
    scene: Scene, intent: Intent, timing: Schedule, motion: Sequence[MotionCue] = ()
) -> tuple[SoundCue, ...]:
    """Named sounds in time, those of what moves, and an ambience of the scene when neither makes one."""
    if intent.silent:
        return ()
    named = _distinct([_cue(intent, index, timing) for index in range(len(intent.sounds))])
    named = [_on_floor(scene, cue) for cue in (*named, *implied(scene, intent, motion, named))]
    beds = [cue for cue in named if _row(cue.sound)["stem"] == "ambience" and cue.performed]
    wants_bed = not beds and "ambience" not in intent.muted
    if not wants_bed:
        return tuple(named)
    if intent.only_named_sounds or _has_music_bed(named):
        return (SoundCue(sound="room_tone", level_db=_UNDER_DB), *named)
    beds = list(ambience(scene, intent))
    if [cue.sound for cue in beds] == ["room_tone"] and (named or intent.lines):
        beds = [replace(beds[0], level_db=_UNDER_DB)]
    return (*beds, *named)


def _distinct(cues: list[SoundCue]) -> list[SoundCue]:
    """A bed that is named twice plays once: from its first mention, as loud as its loudest."""
    kept: dict[tuple[str, float | None], SoundCue] = {}
    for cue in cues:
        key = (cue.sound, cue.start_s if cue.end_s is not None else None)
        before = kept.get(key)
        first = cue if before is None else before
        kept[key] = replace(first, level_db=max(first.level_db, cue.level_db), start_s=min(first.start_s, cue.start_s))
    return list(kept.values())


def _once(start_s: float, end_s: float | None, lasts_s: float, total_s: float) -> tuple[float, float]:
    """What happens once takes its own time; at the very start of a film nobody is ready for it."""
    latest_s = total_s if end_s is None else end_s
    begin_s = start_s if start_s > 0 else min(_NOT_BEFORE_S, latest_s / 8)
    return round(begin_s, 3), round(min(begin_s + lasts_s, latest_s), 3)


def _on_floor(scene: Scene, cue: SoundCue) -> SoundCue:
    """Steps that the words put on no floor fall on the photo's."""
    return replace(cue, surface=floor(scene)) if cue.sound in _STEPS and not cue.surface else cue


def floor(scene: Scene) -> str:
    """What people walk on in this photo, as the generators of steps call it."""
    tags = {tag for tag, score in scene.tags if score >= _SURE}
    if tags.intersection(_SNOW):
        return "snow"
    if not scene.outdoors:
        return "wood"
    if tags.intersection(_SEA):
        return "sand"
    green = {layer.surface for layer in scene.layers} & {Surface.FOLIAGE, Surface.PLANT}
    return "grass" if green and not tags.intersection(_STREETS) else "stone"


def _has_music_bed(cues: list[SoundCue]) -> bool:
    return any(cue.sound == "drone" for cue in cues)


def _row(sound: str) -> dict[str, object]:
    return dict(lexicon.sounds()[sound])


def _cue(intent: Intent, index: int, timing: Schedule) -> SoundCue:
    phrase = intent.sounds[index]
    start, end = timing.window(phrase.when)
    row = _row(phrase.sound)
    timed = phrase.when.end_s is not None or phrase.when.duration_s is not None
    lasting = row["stem"] in {"ambience", "music"} and not timed
    if "lasts_s" in row and not (timed or phrase.again or phrase.count or phrase.every_s):
        start, end = _once(start, end, float(str(row["lasts_s"])), timing.total_s)
    elif row["stem"] == "foley" and phrase.count and start <= 0:
        # The first of four knocks is not cut by the start of the film.
        start = round(min(_NOT_BEFORE_S, (timing.total_s if end is None else end) / 8), 3)
    low, high = _LEVELS_DB
    return SoundCue(
        sound=phrase.sound,
        start_s=start,
        end_s=None if lasting else end,
        level_db=min(max(phrase.level_db, low), high),
        pan=phrase.pan,
        count=phrase.count,
        every_s=phrase.every_s,
        pace=phrase.pace,
        surface=phrase.surface,
        kind=phrase.kind,
        mood=phrase.mood,
        key=phrase.key,
        tempo_bpm=phrase.tempo_bpm,
        echo=phrase.echo,
        words=phrase.words,
        performed=performed.makes(phrase.sound),
    )


def ambience(scene: Scene, intent: Intent) -> tuple[SoundCue, ...]:
    """What such a place sounds like: at most three beds, the first the leading one."""
    names = [name for name in intent.places if performed.makes(name)] or _heard(scene)
    kept = [name for name in dict.fromkeys(names) if name not in intent.excluded_sounds][:3] or ["room_tone"]
    levels = (0.0, _LOWER, _LOWER)
    return tuple(SoundCue(sound=name, level_db=level) for name, level in zip(kept, levels, strict=False))


def _heard(scene: Scene) -> list[str]:
    surfaces = {layer.surface for layer in scene.layers}
    tags = {tag for tag, score in scene.tags if score >= _SURE}
    outdoors = scene.outdoors or Surface.SKY in surfaces
    found: list[str] = []
    if Surface.WATER in surfaces or tags.intersection(_SEA + _FALLING):
        found.append(_water(tags))
    if not outdoors and not found:
        return ["room_tone"]
    if tags.intersection(_STREETS):
        found.append("traffic")
    if scene.night:
        return [*found, "crickets", "wind"]
    if Surface.FOLIAGE in surfaces:
        return [*found, "leaves", "birds"]
    return [*found, "wind", *(["birds"] if Surface.PLANT in surfaces else [])]


def _water(tags: set[str]) -> str:
    if tags.intersection(_SEA):
        return "waves"
    return "stream" if tags.intersection(_FALLING) else "lake"


def mix(intent: Intent, cues: tuple[SoundCue, ...], *, spoken: bool = False) -> Mix:
    """How loud, and what is left out."""
    if intent.silent:
        return Mix(silent=True, muted=intent.muted)
    return Mix(loudness_lufs=loudness_lufs(cues, intent.muted, spoken=spoken), muted=intent.muted)


def loudness_lufs(cues: Iterable[SoundCue], muted: Collection[str], *, spoken: bool) -> float:
    """Loudness by what is heard: a full bed -16 LUFS, a quiet room -30, a place's tone alone -38; speech a full mix.

    Args:
        cues: planned sounds.
        muted: stems that are left out count for nothing.
        spoken: whether there are lines.
    """
    heard = [cue for cue in cues if cue.performed and _stem(cue.sound) not in muted]
    power = sum(10 ** ((_usual(cue.sound) + cue.level_db) / 10) for cue in heard)
    wanted = max(10 * math.log10(power), QUIETEST_LUFS) if power > 0 else _TONE_LUFS
    if spoken and "dialogue" not in muted:
        wanted = FULL_LUFS
    return round(min(wanted, FULL_LUFS), 1)


def _stem(sound: str) -> str:
    """The track of a sound; what throats utter is foley."""
    stem = str(_row(sound)["stem"])
    return "foley" if stem == "voice" else stem


def _usual(sound: str) -> float:
    row = _row(sound)
    return float(str(row.get("lufs", FULL_LUFS if row["stem"] == "music" else _FOLEY_LUFS)))
