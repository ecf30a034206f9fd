"""Camera moves and looks, out of clauses. A verb is the camera's when nothing else is its subject."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from stillmotion.diorama.shot import lexicon, slots
from stillmotion.diorama.shot.clauses import Clause, Joint
from stillmotion.diorama.shot.grammar import content, is_negated, names_camera, phrase_after, subject
from stillmotion.diorama.shot.intent import CameraPhrase, When
from stillmotion.diorama.shot.outline import Role
from stillmotion.diorama.shot.records import Direction, MoveKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.shot.lexicon import Match
    from stillmotion.diorama.shot.words import Token

_SIDES = (Direction.LEFT, Direction.RIGHT)
_HEIGHTS = (Direction.UP, Direction.DOWN)
_DEPTHS = (Direction.IN, Direction.OUT)
ALLOWED = {
    MoveKind.PAN: _SIDES + _HEIGHTS,
    MoveKind.TILT: _HEIGHTS,
    MoveKind.ROLL: _SIDES,
    MoveKind.ZOOM: _DEPTHS,
    MoveKind.DOLLY: _DEPTHS + _SIDES,
    MoveKind.TRUCK: _SIDES,
    MoveKind.PEDESTAL: _HEIGHTS,
    MoveKind.ORBIT: _SIDES,
    MoveKind.DOLLY_ZOOM: _DEPTHS,
}
OVERLAYS = (MoveKind.HANDHELD, MoveKind.FOCUS_PULL)


@dataclass(slots=True)
class CameraReading:
    """What the clauses say about the camera."""

    moves: list[tuple[Clause, CameraPhrase, bool]] = field(default_factory=list)
    """Clause, move, and whether it is soft: dropped when the sentence names a move outright."""
    excluded: list[MoveKind] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
    focus: str = ""


def read_camera(clauses: Sequence[Clause]) -> CameraReading:
    """Find every move and look; tokens that were understood are marked as used."""
    reading = CameraReading()
    on_camera = False
    for clause in clauses:
        on_camera = _speaks_of_camera(clause, on_camera)
        known = len(reading.moves) + len(reading.excluded)
        for match in lexicon.camera_book().find(clause.tokens):
            if match.entry.name == "look":
                _take_look(clause, match, reading)
            elif clause.role in {Role.SOUND, Role.MUSIC, Role.DIALOGUE, Role.META}:
                continue
            elif _is_camera(clause, match, inherited=on_camera):
                _take_move(clause, match, reading)
                on_camera = True
        if known == len(reading.moves) + len(reading.excluded):
            _take_unnamed(clause, reading)
    reading.moves = _without_soft(reading.moves)
    return reading


def _speaks_of_camera(clause: Clause, before: bool) -> bool:  # noqa: FBT001 - carries a state along
    """A clause with a subject of its own decides; one without inherits within its sentence."""
    named = content(subject(clause, _first_verb(clause)))
    if names_camera(named):
        return True
    return before and not named and clause.joint is not Joint.START


def _first_verb(clause: Clause) -> int:
    for index in range(len(clause.tokens)):
        for book in (lexicon.motion_book(), lexicon.camera_book()):
            match = book.at(clause.tokens, index)
            if match and match.entry.form:
                return index
    return len(clause.tokens)


def _take_look(clause: Clause, match: Match, reading: CameraReading) -> None:
    longer = lexicon.motion_book().at(clause.tokens, match.start)
    if longer and longer.end > match.end and longer.entry.data.get("noun"):
        return
    clause.used.update(range(match.start, match.end))
    name = match.entry.data["look"]
    if not is_negated(clause, match.start):
        reading.looks.append(name)
    elif name in {"grain", "film"}:
        reading.looks.append("no_grain")
    elif name == "shallow_focus":
        reading.looks.append("deep_focus")
    elif name == "motion_blur":
        reading.looks.append("sharp_motion")


def _is_camera(clause: Clause, match: Match, *, inherited: bool) -> bool:
    who = subject(clause, match.start)
    named = names_camera(who) or clause.role is Role.CAMERA or names_camera(clause.tokens[match.start : match.end])
    others = [
        token for token in content(who) if token.key not in lexicon.words("camera") and not _understood(clause, token)
    ]
    form, needs = match.entry.form, match.entry.data.get("needs", "")
    following = clause.tokens[match.end].key if match.end < len(clause.tokens) else ""
    if needs in {"direction", "free"} and not others and _directly_negated(clause, match):
        return True
    if named and not (others and form in {"third", "past"} and not names_camera(who)):
        return True
    if following in lexicon.words("possessive") and form and needs:
        return False
    alone = not others and (
        inherited or form in {"", "base"} or (form == "ing" and clause.joint is Joint.START) or _elliptical(clause)
    )
    rules = {
        "": not (others and form in {"third", "past"}),
        "free": alone,
        "direction": alone and _pans(clause, match),
        "camera": not others and ((inherited and form not in {"", "base"}) or _commands(clause, match)),
        "only": not others and len(content(_unread(clause))) <= match.end - match.start,
    }
    return rules[needs]


_COMMANDED = frozenset({"dolly", "truck", "pedestal", "rise", "orbit"})


def _commands(clause: Clause, match: Match) -> bool:
    """Fly over the bridge, follow the horse: an imperative at the head of a clause, with a way to go."""
    if match.entry.form != "base" or match.entry.name not in _COMMANDED:
        return False
    if any(token.key not in lexicon.adverbs() for token in clause.tokens[: match.start]):
        return False
    following = clause.tokens[match.end].key if match.end < len(clause.tokens) else ""
    leads = (
        match.end - match.start > 1
        or following in lexicon.words("preposition")
        or bool(slots.directions(clause.tokens))
    )
    return leads or clause.tokens[match.start].key in {"follow", "approach"}


def _directly_negated(clause: Clause, match: Match) -> bool:
    """No pan, don't zoom."""
    return match.start > 0 and clause.tokens[match.start - 1].key in lexicon.words("negation")


def _unread(clause: Clause) -> list[Token]:
    return [token for index, token in enumerate(clause.tokens) if index not in clause.used]


def _understood(clause: Clause, token: Token) -> bool:
    return any(clause.tokens[index] is token for index in clause.used)


def _elliptical(clause: Clause) -> bool:
    return clause.joint is Joint.START and clause.role is not Role.ACTION


def _pans(clause: Clause, match: Match) -> bool:
    before = clause.tokens[match.start - 1].key if match.start else ""
    following = clause.tokens[match.end].key if match.end < len(clause.tokens) else ""
    if following in lexicon.words("pan_next"):
        return before not in lexicon.words("cooking") or following in {"left", "right", "up", "down"}
    how = (
        slots.value("speed", clause.tokens) is not None
        or slots.value("direction", clause.tokens[: match.start]) is not None
    )
    return before not in lexicon.words("cooking") and (
        (how and following not in {"on", "of", "with", "in"}) or len(clause.tokens) == 1
    )


def _take_move(clause: Clause, match: Match, reading: CameraReading) -> None:
    clause.used.update(range(match.start, match.end))
    kind = MoveKind(match.entry.name)
    if match.start and clause.tokens[match.start - 1].key == "to" and reading.moves and reading.moves[-1][0] is clause:
        return
    if is_negated(clause, match.start):
        reading.excluded.append(kind)
        return
    data = match.entry.data
    barred = {index for start, end, _ in slots.directions(clause.tokens) for index in range(start, end)}
    direction, kind = _direction(clause, match, kind)
    move = CameraPhrase(
        kind=kind,
        direction=direction,
        speed=4.0 if data.get("whip") else _speed(clause, reading),
        amount=slots.amount(clause.tokens),
        quantity=_quantity(clause, kind),
        target=phrase_after(clause, match.start, lexicon.words("camera_target"), barred),
        source=phrase_after(clause, match.start, frozenset({"from", "von", "de", "desde"}), barred),
        words=clause.words,
    )
    if kind is MoveKind.FOCUS_PULL and not move.target:
        reading.focus = reading.focus or move.source
    clause.used.update(barred)
    reading.moves.append((clause, move, bool(data.get("soft"))))


def _speed(clause: Clause, reading: CameraReading) -> float:
    """Slowly pulls back and pans: "and" carries the speed on."""
    before = reading.moves[-1] if reading.moves else None
    if (
        slots.value("speed", clause.tokens) is None
        and clause.joint is Joint.AND
        and before
        and before[0].sentence == clause.sentence
    ):
        return min(before[1].speed, 2.2)
    return slots.speed(clause.tokens)


_UNNAMED = {
    Direction.IN: MoveKind.DOLLY,
    Direction.OUT: MoveKind.DOLLY,
    Direction.LEFT: MoveKind.TRUCK,
    Direction.RIGHT: MoveKind.TRUCK,
    Direction.UP: MoveKind.PEDESTAL,
    Direction.DOWN: MoveKind.PEDESTAL,
}


def _take_unnamed(clause: Clause, reading: CameraReading) -> None:
    """The camera whooshes forward: an unknown verb of the camera with a direction is a move that way."""
    if clause.role not in {Role.PLAIN, Role.ACTION, Role.CAMERA} or not clause.tokens:
        return
    found = slots.directions(clause.tokens)
    verb = next(
        (i for i, token in enumerate(clause.tokens) if token.key in {"camera", "kamera", "camara", "drone"}), None
    )
    if not found or verb is None or verb > 3 or found[0][0] <= verb or is_negated(clause, found[0][0]):
        return
    direction = Direction(found[0][2])
    clause.used.update(range(verb, found[0][1]))
    move = CameraPhrase(
        kind=_UNNAMED[direction],
        direction=direction,
        speed=slots.speed(clause.tokens),
        amount=slots.amount(clause.tokens),
        words=clause.words,
    )
    reading.moves.append((clause, move, False))


def _direction(clause: Clause, match: Match, kind: MoveKind) -> tuple[Direction, MoveKind]:
    data = match.entry.data
    given = Direction(data.get("direction", "none"))
    if data.get("any_direction"):
        allowed = ALLOWED.get(kind, ())
        found = [
            (start, Direction(name)) for start, _, name in slots.directions(clause.tokens) if Direction(name) in allowed
        ]
        found = [
            pair for pair in found if not (kind is MoveKind.DOLLY and pair[1] is Direction.IN and pair[0] > match.end)
        ]
        after = [name for start, name in found if start >= match.start]
        given = (after or [name for _, name in found] or [given])[0]
    if kind is MoveKind.PAN and given in _HEIGHTS:
        kind = MoveKind.TILT
    if kind is MoveKind.DOLLY and given in _SIDES:
        kind = MoveKind.TRUCK
    return given, kind


def _quantity(clause: Clause, kind: MoveKind) -> float | None:
    found = slots.quantity(clause.tokens)
    if found is None:
        return None
    number, unit = found
    turns = kind in {MoveKind.PAN, MoveKind.TILT, MoveKind.ROLL, MoveKind.ORBIT, MoveKind.RISE}
    if unit == "deg":
        return number if turns else None
    if kind in {MoveKind.ZOOM, MoveKind.DOLLY_ZOOM}:
        return number if unit == "x" else 1.0 + number / 100.0
    return None


def _without_soft(moves: list[tuple[Clause, CameraPhrase, bool]]) -> list[tuple[Clause, CameraPhrase, bool]]:
    firm = any(not soft and phrase.kind not in OVERLAYS for _, phrase, soft in moves)
    return [row for row in moves if not (row[2] and firm)]


def ordered(reading: CameraReading) -> tuple[CameraPhrase, ...]:
    """Moves with their place in time: "then", a comma or a new sentence make steps; "and" and "while" join."""
    placed: list[CameraPhrase] = []
    chain_ids = {clause.chain for clause, _, _ in reading.moves}
    beats = {(clause.chain, clause.beat) for clause, _, _ in reading.moves}
    one_chain = len(chain_ids) == 1 and len(beats) > 1 and not _comma_steps(reading)
    beat, before = 0, None
    for clause, phrase, _ in reading.moves:
        beat += _follows(before, clause, phrase, placed)
        chain, place = (clause.chain, clause.beat) if one_chain else (-1, beat)
        if len(reading.moves) == 1:
            chain, place = clause.chain, clause.beat
        timed = replace(phrase, when=when(clause, chain, place))
        if not (
            placed
            and timed.kind is MoveKind.STATIC is placed[-1].kind
            and timed.when.start_s == placed[-1].when.start_s
        ):
            placed.append(timed)
        before = clause
    return tuple(placed)


def when(clause: Clause, chain: int, beat: int) -> When:
    """The clause's times with a place in a chain."""
    return When(
        chain=chain,
        beat=beat,
        start_s=clause.start_s,
        end_s=clause.end_s,
        duration_s=clause.duration_s,
        at_end=clause.at_end,
    )


def _comma_steps(reading: CameraReading) -> bool:
    rows = [clause for clause, phrase, _ in reading.moves if phrase.kind not in OVERLAYS]
    return any(a.beat == b.beat and a is not b and b.joint is Joint.COMMA for a, b in pairwise(rows))


def _follows(before: Clause | None, clause: Clause, phrase: CameraPhrase, placed: list[CameraPhrase]) -> bool:
    if before is None or before is clause or phrase.kind is MoveKind.HANDHELD:
        return False
    if all(move.kind is MoveKind.HANDHELD for move in placed):
        return False
    if before.sentence != clause.sentence or before.beat != clause.beat:
        return True
    participle = any(token.key.endswith("ing") for token in clause.tokens[:3])
    return clause.joint is Joint.COMMA and not participle
