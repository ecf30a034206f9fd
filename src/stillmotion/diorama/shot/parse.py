"""A prompt to an Intent: a pure function, total on any text, linear in its length."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion.diorama.shot import lexicon, slots
from stillmotion.diorama.shot.clauses import LONGEST, Clause, Joint, clauses, sentences
from stillmotion.diorama.shot.grammar import content
from stillmotion.diorama.shot.intent import Intent, SpokenLine, When
from stillmotion.diorama.shot.outline import Passage, Role, outline
from stillmotion.diorama.shot.read_camera import CameraReading, ordered, read_camera
from stillmotion.diorama.shot.read_cues import CueReading, deduplicated, distinct, read_cues
from stillmotion.diorama.shot.speech import Said, plain_lines, read_speech
from stillmotion.diorama.shot.words import Token, tokenize

if TYPE_CHECKING:
    from collections.abc import Sequence


def parse(prompt: str) -> Intent:
    """Read a prompt.

    Args:
        prompt: any text; what is not understood is listed in `unknown`.
    """
    found = outline(prompt)
    passages, bare = plain_lines(found)
    owners, parts = _sentences(passages, found.quotations)
    speech = read_speech(parts, owners, found.quotations)
    read = _settle(clauses(owners, speech.sentences))
    camera = read_camera(read)
    cues = read_cues(read)
    said = [*speech.said, *(line for _, line in bare)]
    return _intent(camera, cues, _lines(said, read, owners), _unknown(read))


def _sentences(passages: Sequence[Passage], quotations: Sequence[str]) -> tuple[list[Passage], list[tuple[Token, ...]]]:
    owners: list[Passage] = []
    parts: list[tuple[Token, ...]] = []
    for passage in passages:
        for part in sentences(tokenize(passage.text), quotations):
            owners.append(passage)
            parts.append(part)
    return owners, parts


def _settle(rows: list[Clause]) -> list[Clause]:
    """Merge clauses that only say how or when into their neighbours, spread negation over "or", read the times."""
    merged: list[Clause] = []
    held: Clause | None = None
    for index, row in enumerate(rows):
        following = rows[index + 1] if index + 1 < len(rows) and rows[index + 1].sentence == row.sentence else None
        before = merged[-1] if merged and merged[-1].sentence == row.sentence else None
        if held is not None and not _fit(held, row):
            merged.append(held)
            held = None
        clause = _joined(held, row, held.joint) if held is not None else row
        held = None
        timed = slots.is_time_only(clause.tokens)
        if following and (
            timed or (slots.is_slots_only(clause.tokens) and (before is None or clause.joint is Joint.THEN))
        ):
            held = clause
        elif before and _fit(before, clause) and (timed or _only_how(clause)):
            merged[-1] = _joined(before, clause, before.joint)
        else:
            merged.append(clause)
    _negate_lists(merged)
    _read_times(merged)
    return merged


def _only_how(clause: Clause) -> bool:
    return slots.is_slots_only(clause.tokens) or slots.is_side_only(clause.tokens)


def _fit(first: Clause, second: Clause) -> bool:
    return len(first.tokens) + len(second.tokens) <= LONGEST


def _joined(first: Clause, second: Clause, joint: Joint) -> Clause:
    tokens = first.tokens + second.tokens
    kept = Clause(tokens, joint, first.role, first.sentence, first.passage, first.chain, first.beat)
    kept.start_s, kept.end_s = first.start_s, first.end_s
    return kept


def _negate_lists(rows: list[Clause]) -> None:
    """No music, dialogue or effects: the "no" holds for the whole list."""
    negated = False
    lists = {row.sentence for row in rows if row.joint is Joint.OR}
    for clause in rows:
        if clause.joint is Joint.START:
            negated = False
        if clause.joint is Joint.OR and negated:
            clause.negated = True
        elif any(token.key in lexicon.words("negation") for token in clause.tokens):
            negated = True
        elif negated and clause.joint is Joint.COMMA and len(clause.tokens) <= 2:
            clause.negated = clause.sentence in lists
        else:
            negated = False


def _read_times(rows: Sequence[Clause]) -> None:
    before = 0.0
    for clause in rows:
        times = slots.times(clause.tokens)
        offset = clause.passage.start_s or 0.0
        if times.later_s is not None:
            clause.start_s, clause.end_s = before + times.later_s, clause.passage.end_s
        elif times.start_s is not None:
            clause.start_s = offset + times.start_s
            clause.end_s = None if times.end_s is None else offset + times.end_s
        clause.duration_s, clause.at_end = times.duration_s, times.at_end
        before = clause.start_s or 0.0


def _lines(said: Sequence[Said], rows: Sequence[Clause], owners: Sequence[Passage]) -> tuple[SpokenLine, ...]:
    last = {clause.sentence: clause for clause in rows}
    lines = []
    for line in said:
        clause = last.get(line.sentence)
        owner = owners[line.sentence] if 0 <= line.sentence < len(owners) else None
        own = slots.times(line.around)
        offset_s = owner.start_s if owner else None
        start_s = offset_s if clause is None or clause.start_s is None else clause.start_s
        when = When(
            chain=clause.chain if clause else -2,
            beat=clause.beat if clause else 0,
            start_s=start_s if own.start_s is None else own.start_s + (offset_s or 0.0),
            end_s=owner.end_s if owner else None,
            at_end=own.at_end,
        )
        lines.append(
            SpokenLine(
                speaker=line.speaker,
                text=line.text,
                manner=line.manner,
                off_screen=line.off_screen,
                pan=slots.pan(line.around),
                when=when,
            )
        )
    return tuple(lines)


def _unknown(rows: Sequence[Clause]) -> tuple[str, ...]:
    """Clauses whose content no reader understood; names of things count as understood."""
    found = []
    parts = frozenset(lexicon.table("things")["parts"]["words"])
    for clause in rows:
        if clause.used or clause.role in {Role.META, Role.NEGATIVE, Role.LOOK}:
            continue
        named = {i for m in lexicon.thing_book().find(clause.tokens) for i in range(m.start, m.end)}
        named |= {i for m in lexicon.place_book().find(clause.tokens) for i in range(m.start, m.end)}
        rest = [token for i, token in enumerate(clause.tokens) if i not in named and token.key not in parts]
        if [
            token for token in content(rest) if token.key not in lexicon.words("preposition") | lexicon.words("pronoun")
        ]:
            found.append(clause.words)
    return tuple(dict.fromkeys(found))


def _intent(camera: CameraReading, cues: CueReading, lines: tuple[SpokenLine, ...], unknown: tuple[str, ...]) -> Intent:
    sounds = deduplicated(
        [cue for cue in cues.sounds if cue.sound not in cues.excluded_sounds and cue.sound not in cues.muted]
    )
    return Intent(
        camera=ordered(camera),
        excluded_moves=tuple(dict.fromkeys(camera.excluded)),
        looks=tuple(dict.fromkeys(camera.looks)),
        focus=camera.focus,
        motion=distinct(cues.motion),
        sounds=sounds,
        lines=lines,
        places=tuple(dict.fromkeys(cues.places)),
        silent=cues.silent and not sounds and not lines,
        muted=tuple(dict.fromkeys(cues.muted)),
        excluded_sounds=tuple(dict.fromkeys(cues.excluded_sounds)),
        only_named_sounds=cues.only,
        nouns=tuple(dict.fromkeys(cues.nouns)),
        unknown=unknown,
    )
