"""Lines in time: whose voice, from when to when, how fast, and which words do not fit; nothing is dropped silently."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stillmotion.diorama import voice
from stillmotion.diorama.shot.binding import bind, subject_layer
from stillmotion.diorama.shot.motion_plan import MOST_CUES
from stillmotion.diorama.shot.records import DialogueLine, Note
from stillmotion.errors import AssetError
from stillmotion.progress import Stage, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.intent import Intent, SpokenLine
    from stillmotion.diorama.shot.timing import Schedule
    from stillmotion.progress import Progress

GAP_S = 0.2
"""Between two lines."""
FIRST_S, LAST_S = 0.15, 0.1
"""Silence before the first and after the last line."""
SPEEDS = (1.0, 1.12, 1.25)
_LEAST_S = 0.35
"""Nothing can be said in less."""
_WORDS_PER_S = 5.5
"""Nobody speaks faster: what is beyond is cut before it is ever spoken."""
_SHOWN = 60
_CLAUSE_ENDS = (",", ";", ":", ".", "!", "?", "\u2014", "\u2026")
_CLAUSE_SHARE = 0.6
"""A cut at the end of a clause may lose so much more of what would fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """A line that can be spoken."""

    index: int
    line: DialogueLine
    wanted_s: float | None
    rigid: bool
    """The words name its time."""


def dialogue(
    scene: Scene, intent: Intent, timing: Schedule, progress: Progress = ignore_progress
) -> tuple[tuple[DialogueLine, ...], tuple[Note, ...]]:
    """The lines of a shot with their voices and times, and notes on what is not heard.

    Args:
        scene: says which layers can speak.
        intent: lines in order.
        timing: when the beats of the prompt are.
        progress: told when the voices must be fetched first, and before each line: raising from it ends the work.
    """
    if not intent.lines:
        return (), ()
    lines = _cast(scene, intent)
    reasons = {index: voice.refusal(line.text) for index, line in enumerate(lines)}
    notes = [_unspoken(lines[index], reason) for index, reason in reasons.items() if reason]
    missing = len(intent.lines) - len(lines)
    if missing > 0:
        words = f"The prompt holds {len(intent.lines)} lines; the last {missing} are not heard."
        notes.append(Note(code="cut", words=words))
    wishes = [_wish(index, line, intent.lines[index], timing) for index, line in enumerate(lines) if not reasons[index]]
    if intent.silent or not wishes:
        return lines, tuple(notes)
    try:
        voice.ready(progress)
    except AssetError as error:
        words = f"Nothing is spoken, because the voices are not here ({error})."
        return lines, (*notes, Note(code="not-performed", words=words))
    placed, cuts = _place(wishes, timing.total_s, progress)
    return tuple(placed.get(index, line) for index, line in enumerate(lines)), (*notes, *cuts)


def _cast(scene: Scene, intent: Intent) -> tuple[DialogueLine, ...]:
    """Every speaker gets a voice of their own and keeps it."""
    voices: dict[str, str] = {}
    about = " ".join(intent.nouns)
    lines = []
    for line in intent.lines[:MOST_CUES]:
        key = _who(line, voices)
        if key not in voices:
            voices[key] = voice.choose(_described(line, about), line.manner, tuple(voices.values()))
        lines.append(_line(scene, line, voices[key]))
    return _one_mouth_each(lines)


def _one_mouth_each(lines: Sequence[DialogueLine]) -> tuple[DialogueLine, ...]:
    """A face speaks with one voice: whoever else is bound to it is heard and not seen."""
    owner: dict[str, str] = {}
    return tuple(
        replace(line, layer=None) if line.layer and owner.setdefault(line.layer, line.voice) != line.voice else line
        for line in lines
    )


def _who(line: SpokenLine, voices: dict[str, str]) -> str:
    """The speaker, by the words; "he" is the last man who spoke."""
    name = line.speaker.casefold().strip() or "speaker"
    sexes = voice.traits(name)["sex"]
    if name in {"he", "she", "him", "her"}:
        earlier = [key for key, known in voices.items() if key != "speaker" and voice.VOICES[known].sex in sexes]
        return earlier[-1] if earlier else name
    return name


def _described(line: SpokenLine, about: str) -> str:
    """Words about the speaker; those of the whole prompt when a pronoun or nothing stands for them."""
    own = voice.traits(line.speaker)
    named = voice.traits(about)
    if line.off_screen or own["age"] or own["character"] or len(named["sex"]) != 1:
        return line.speaker
    if line.speaker and (line.speaker.casefold() not in {"he", "she"} or named["sex"] != own["sex"]):
        return line.speaker
    return f"{line.speaker} {about}"


def _line(scene: Scene, line: SpokenLine, name: str) -> DialogueLine:
    layer = None if line.off_screen else bind(scene, line.speaker) if line.speaker else _face(scene)
    return DialogueLine(
        speaker=line.speaker or "speaker",
        text=line.text,
        manner=line.manner,
        voice=name,
        layer=layer,
        off_screen=line.off_screen,
        pan=line.pan,
    )


def _face(scene: Scene) -> str | None:
    subject = subject_layer(scene)
    return scene.faces[0].layer if scene.faces else subject.name if subject else None


def _wish(index: int, line: DialogueLine, asked: SpokenLine, timing: Schedule) -> _Wish:
    when = asked.when
    timed = when.start_s is not None or when.at_end or (when.chain, when.beat) in timing.windows
    wanted = timing.window(when)[0] if timed else None
    return _Wish(index=index, line=line, wanted_s=wanted, rigid=when.start_s is not None and not when.at_end)


def _place(wishes: Sequence[_Wish], total_s: float, progress: Progress) -> tuple[dict[int, DialogueLine], list[Note]]:
    """Lines in turn at the slowest speed at which all fit; what does not fit at the highest is cut."""
    whole = sum(len(wish.line.text.split()) for wish in wishes) <= _WORDS_PER_S * total_s
    for speed in SPEEDS if whole else ():
        lengths_s = []
        for wish in wishes:
            progress(Stage.PLAN, 0.0)
            lengths_s.append(_seconds(wish.line, wish.line.text, speed))
        starts = _starts(wishes, lengths_s, total_s)
        if starts is not None:
            pairs = zip(wishes, starts, strict=True)
            return {wish.index: _at(wish.line, start, speed) for wish, start in pairs}, []
    return _squeezed(wishes, total_s, progress)


def _seconds(line: DialogueLine, text: str, speed: float) -> float:
    return voice.speak(text, voice=line.voice, speed=speed, manner=line.manner).duration_s


def _at(line: DialogueLine, start_s: float, speed: float, said: str = "") -> DialogueLine:
    end_s = start_s + _seconds(line, said or line.text, speed)
    return replace(line, start_s=round(start_s, 3), end_s=round(end_s, 3), speed=speed, said=said, performed=True)


def _starts(wishes: Sequence[_Wish], lengths_s: Sequence[float], total_s: float) -> list[float] | None:
    """When each line begins: as asked, later behind the line before, earlier when the shot ends; None: impossible."""
    starts: list[float] = []
    free_s = FIRST_S
    for wish, length_s in zip(wishes, lengths_s, strict=True):
        starts.append(
            max(wish.wanted_s if wish.wanted_s is not None else free_s, free_s if not wish.rigid or starts else 0.0)
        )
        free_s = starts[-1] + length_s + GAP_S
    latest_s = total_s - LAST_S
    for place in range(len(starts) - 1, -1, -1):
        last_s = latest_s - lengths_s[place]
        if starts[place] > last_s:
            if wishes[place].rigid or last_s < 0:
                return None
            starts[place] = last_s
        latest_s = starts[place] - GAP_S
    return starts


def _squeezed(
    wishes: Sequence[_Wish], total_s: float, progress: Progress
) -> tuple[dict[int, DialogueLine], list[Note]]:
    """At the highest speed, one line after the other; each is cut where the next fixed one, or the end, comes."""
    placed: dict[int, DialogueLine] = {}
    notes: list[Note] = []
    free_s = 0.0
    for place, wish in enumerate(wishes):
        progress(Stage.PLAN, 0.0)
        start_s = max(wish.wanted_s or 0.0, free_s) if wish.rigid else free_s
        fixed = [later.wanted_s - GAP_S for later in wishes[place + 1 :] if later.rigid and later.wanted_s is not None]
        end_s = min([total_s - LAST_S / 2, *(one for one in fixed if one > start_s)])
        said = _fitting(wish.line, end_s - start_s)
        if not said:
            notes.append(_unspoken(wish.line, "the shot is over before it could begin"))
            continue
        whole = said == wish.line.text
        placed[wish.index] = line = _at(wish.line, start_s, SPEEDS[-1], "" if whole else said)
        if not whole:
            notes.append(_cut(wish.line.text, said))
        free_s = (line.end_s or start_s) + GAP_S
    return placed, notes


def _fitting(line: DialogueLine, room_s: float) -> str:
    """As many words from the start as can be said in the time, up to the end of a clause if one is near."""
    words = line.text.split()
    if room_s < _LEAST_S:
        return ""
    count = min(len(words), max(int(room_s * _WORDS_PER_S), 1))
    for _ in range(6):
        said = line.text if count == len(words) else _ended(words[:count])
        if not said or (count < len(words) and voice.refusal(said)):
            return ""
        seconds = _seconds(line, said, SPEEDS[-1])
        if seconds <= room_s:
            return said
        count = min(int(len(said.split()) * room_s / seconds), count - 1)
    return ""


def _ended(words: Sequence[str]) -> str:
    """The words up to the last end of a clause, if not too much is lost with the rest."""
    ends = [index + 1 for index, word in enumerate(words) if word.endswith(_CLAUSE_ENDS)]
    count = ends[-1] if ends and ends[-1] >= _CLAUSE_SHARE * len(words) else len(words)
    return " ".join(words[:count]).rstrip(",;:\u2014")


def _shown(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 3] + "..."


def _unspoken(line: DialogueLine, reason: str) -> Note:
    return Note(code="not-performed", words=f'The line "{_shown(line.text)}" is not heard: {reason}.')


def _cut(text: str, said: str) -> Note:
    rest = " ".join(text.split()[len(said.split()) :])
    words = f'The line "{_shown(text)}" is longer than its time; these words are not heard: "{_shown(rest)}".'
    return Note(code="cut", words=words)
