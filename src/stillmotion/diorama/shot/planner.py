"""A scene and a brief to a Shot: words to layers, times to seconds, wishes to amounts; what is not shown is said."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stillmotion.diorama.shot import lexicon, sound_plan, speech_plan
from stillmotion.diorama.shot.ambient import ambient_cues
from stillmotion.diorama.shot.binding import is_pronoun
from stillmotion.diorama.shot.camera_plan import camera_moves
from stillmotion.diorama.shot.framing import film_size, largest_crop
from stillmotion.diorama.shot.intent import When
from stillmotion.diorama.shot.look_plan import lens, look, look_notes
from stillmotion.diorama.shot.motion_plan import lacks_stand_in, motion_cues
from stillmotion.diorama.shot.nearest import Reading, nearest
from stillmotion.diorama.shot.parse import parse
from stillmotion.diorama.shot.records import MOVES_LIMIT, Note, Shot, SoundCue
from stillmotion.diorama.shot.timing import Schedule, schedule
from stillmotion.diorama.shot.words import tokenize
from stillmotion.errors import AssetError
from stillmotion.progress import ignore_progress

if TYPE_CHECKING:
    from stillmotion.diorama.brief import Brief
    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.intent import Intent
    from stillmotion.diorama.shot.records import MotionCue
    from stillmotion.progress import Progress


def plan(scene: Scene, brief: Brief, progress: Progress = ignore_progress) -> Shot:
    """Plan a shot.

    Args:
        scene: what the photo shows.
        brief: what is asked for.
        progress: told when a network for rare words must be fetched first.
    """
    prompt = brief.prompt.encode("utf-8", "replace").decode("utf-8")
    intent, reading_notes = _limited(*understand(prompt, progress))
    timing = schedule(intent, float(brief.duration_s))
    size_px = film_size(scene, brief.size_px)
    motion, motion_notes = motion_cues(scene, intent, timing)
    intent = _with_stand_in(intent, motion)
    camera, camera_notes = camera_moves(scene, intent, timing)
    motion += ambient_cues(scene, prompt, motion)
    sound = sound_plan.sound_cues(scene, intent, timing, motion)
    dialogue, speech_notes = speech_plan.dialogue(scene, intent, timing, progress)
    notes = (*_gated(scene), *camera_notes, *motion_notes, *_sound_notes(sound), *speech_notes,
             *look_notes(intent), *_time_notes(timing), *reading_notes)  # fmt: skip
    return Shot(
        prompt=prompt,
        duration_s=brief.duration_s,
        size_px=size_px,
        fps=brief.fps,
        seed=brief.seed,
        framing=largest_crop(scene, size_px),
        camera=camera,
        lens=lens(scene, intent, camera),
        look=look(intent),
        motion=motion,
        sound=sound,
        dialogue=dialogue,
        mix=sound_plan.mix(intent, sound, spoken=any(line.performed for line in dialogue)),
        notes=tuple(dict.fromkeys(notes)),
    )


def _limited(intent: Intent, notes: tuple[Note, ...]) -> tuple[Intent, tuple[Note, ...]]:
    """No more camera moves than a Shot may hold."""
    count = len(intent.camera)
    if count <= MOVES_LIMIT:
        return intent, notes
    words = f"The prompt names {count} camera moves; the shot makes the first {MOVES_LIMIT}."
    return replace(intent, camera=intent.camera[:MOVES_LIMIT]), (Note(code="camera-limited", words=words), *notes)


def _with_stand_in(intent: Intent, motion: tuple[MotionCue, ...]) -> Intent:
    """What cannot move may be looked at instead: a push-in all along, when the words leave the camera free."""
    if intent.camera or not lacks_stand_in(motion):
        return intent
    anytime = When(chain=-2)
    return replace(intent, camera=tuple(replace(move, when=anytime) for move in parse("slow push in").camera))


def understand(prompt: str, progress: Progress = ignore_progress) -> tuple[Intent, tuple[Note, ...]]:
    """Parse a prompt; clauses without a known word are read by meaning."""
    intent = parse(prompt)
    if not intent.unknown:
        return intent, ()
    try:
        known, unknown = nearest(intent.unknown, progress)
    except AssetError as error:
        words = f"These words were not looked up by meaning, because the language network is not here ({error})"
        return intent, (Note(code="unknown-words", words=f"{words}: {_list(intent.unknown)}."),)
    intent = replace(_with_readings(intent, known), unknown=tuple(unknown))
    notes = [Note(code="substitute", words=f'"{one.words}" was read as "{_plain(one.phrase)}".') for one in known]
    if unknown:
        notes.append(Note(code="unknown-words", words=f"These words changed nothing: {_list(tuple(unknown))}."))
    return intent, tuple(notes)


def _list(words: tuple[str, ...]) -> str:
    shown = [word if len(word) <= 60 else word[:57] + "..." for word in words[:8]]
    more = f" and {len(words) - 8} more" if len(words) > 8 else ""
    return ", ".join(f'"{word}"' for word in shown) + more


def _plain(phrase: str) -> str:
    return phrase.removeprefix("it ")


def _with_readings(intent: Intent, known: list[Reading]) -> Intent:
    """The intent with what the nearest phrases say; the subject words stay those of the prompt."""
    for one in known:
        more = parse(one.phrase)
        motion = tuple(
            replace(cue, subject=cue.subject if cue.subject != "it" else who(one.words), words=one.words)
            for cue in more.motion
        )
        sounds = tuple(replace(cue, words=one.words, level_db=0.0) for cue in more.sounds)
        is_sound = one.phrase.startswith("sound of")
        camera = tuple(replace(move, words=one.words) for move in more.camera) if not intent.camera else ()
        intent = replace(
            intent,
            camera=intent.camera + camera,
            motion=intent.motion + (() if is_sound else motion),
            sounds=intent.sounds + (sounds if is_sound else ()),
        )
    return intent


def who(words: str) -> str:
    """Whom a clause without a known verb is about: the first thing that it names, else its pronoun, else nobody."""
    tokens = tokenize(words)
    if tokens and is_pronoun(tokens[0].key):
        return tokens[0].key
    named = [*lexicon.thing_book().find(tokens), *lexicon.prop_book().find(tokens)]
    first = min(named, key=lambda match: (match.start, -match.end), default=None)
    return "" if first is None else " ".join(token.text for token in tokens[first.start : first.end]).casefold()


def _sound_notes(cues: tuple[SoundCue, ...]) -> list[Note]:
    missing = tuple(dict.fromkeys(cue.words for cue in cues if not cue.performed))
    return (
        [Note(code="not-performed", words=f"These sounds are planned but not yet made: {_list(missing)}.")]
        if missing
        else []
    )


def _gated(scene: Scene) -> list[Note]:
    """What the scene's doubts about itself mean for the film."""
    reasons = " ".join(dict.fromkeys(gate.words for gate in scene.gates))
    words = "The photo is filmed as one flat picture, so nearer things hardly part from what is behind them."
    return [Note(code="gated", words=f"{words} {reasons}".strip())] if scene.gates else []


def _time_notes(timing: Schedule) -> list[Note]:
    if timing.scale == 1.0:
        return []
    fitted = f"they were scaled by {timing.scale:.2f} to fit {timing.total_s:g} seconds"
    return [Note(code="timing", words=f"The prompt's times are longer than the shot; {fitted}.")]
