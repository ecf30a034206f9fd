"""What should move and what should be heard, out of clauses."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from stillmotion.diorama.shot import lexicon, lookalikes, slots, sound_words
from stillmotion.diorama.shot.clauses import Clause, Joint
from stillmotion.diorama.shot.grammar import content, is_negated, names_camera, phrase_after, subject
from stillmotion.diorama.shot.intent import MotionPhrase, SoundPhrase
from stillmotion.diorama.shot.lexicon import Entry, Match
from stillmotion.diorama.shot.outline import Role
from stillmotion.diorama.shot.read_camera import when
from stillmotion.diorama.shot.words import Token, say, tokenize

if TYPE_CHECKING:
    from collections.abc import Sequence

_CAUSED = frozenset({"fall", "roll", "bounce", "spin", "swing", "slide", "shake", "topple", "float", "fly", "sway"})
_NOISES = frozenset({"collide", "shake", "shatter", "ripple", "move", "walk"})
"""What verbs of sound would be as movements: a bell rings, thunder cracks, a horn blows."""
_EXCEPT = re.compile(r" (?:except|besides|apart from|other than|but)(?: for)? ")
"""What follows is wanted, whatever is left out."""
_MEETS = frozenset({"collide"})
_VEHICLES = frozenset({"car", "boat", "bike", "train"})
_LAUNCHED = frozenset({"rocket", "plane"})


@dataclass(slots=True)
class CueReading:
    """Cues in the order of the words."""

    motion: list[MotionPhrase] = field(default_factory=list)
    sounds: list[SoundPhrase] = field(default_factory=list)
    excluded_sounds: list[str] = field(default_factory=list)
    muted: list[str] = field(default_factory=list)
    silent: bool = False
    only: bool = False
    nouns: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    last_subject: str = ""
    last_object: str = ""
    """What "it" is when somebody throws it."""


def read_cues(clauses: Sequence[Clause]) -> CueReading:
    """Find motion, sound, silence and places; tokens that were understood are marked as used."""
    reading = CueReading()
    for clause in clauses:
        if clause.role is Role.META:
            clause.used.update(range(len(clause.tokens)))
            continue
        if _mutes(clause, reading):
            continue
        taken = set(clause.used)
        if clause.role in {Role.PLAIN, Role.ACTION, Role.CAMERA, Role.LOOK, Role.NEGATIVE}:
            _read_motion(clause, taken, reading)
        _read_sounds(clause, taken, reading)
        _read_names(clause, taken, reading)
    return reading


def _free(taken: set[int], match: Match) -> bool:
    return not taken.intersection(range(match.start, match.end))


def _read_motion(clause: Clause, taken: set[int], reading: CueReading) -> None:
    found = [
        _as_verb(clause, m, reading.last_subject) for m in lexicon.motion_book().find(clause.tokens) if _free(taken, m)
    ]
    found = lookalikes.without(clause, found)
    found = [match for match in found if not _only_heard(clause, match)]
    if not found:
        return
    if clause.joint is Joint.START:
        reading.last_subject = reading.last_subject if _starts_with_pronoun(clause) else ""
    manner = _is_manner(clause)
    for match in _merged(found, clause):
        clause.used.update(range(match.start, match.end))
        if manner:
            continue
        cue = _motion(clause, match, reading)
        if cue and not is_negated(clause, match.start):
            reading.motion.append(cue)


def _is_manner(clause: Clause) -> bool:
    """As if someone tugged at it: how something moves, and no movement of its own."""
    return [token.key for token in clause.tokens[:2]] in (["as", "if"], ["as", "though"])


def _starts_with_pronoun(clause: Clause) -> bool:
    return bool(clause.tokens) and clause.tokens[0].key in lexicon.words("pronoun") | lexicon.words("possessive")


def _as_verb(clause: Clause, match: Match, last: str) -> Match:
    """The flag waves, the lake ripples: with a subject before it, a noun in -s is what the subject does."""
    key = clause.tokens[match.start].key
    if not _is_doing(clause, match, last):
        return match
    who = content(subject(clause, match.start))
    living = _is_living(" ".join(token.key for token in who)) if who else True
    name = ("gesture" if living else "sway") if key in {"waves", "wave"} else match.entry.name
    return Match(match.start, match.end, Entry(name, "third", {**lexicon.table("motion")[name], "noun": False}))


def _is_doing(clause: Clause, match: Match, last: str = "") -> bool:
    key = clause.tokens[match.start].key
    if (
        match.end - match.start > 1
        or not (key.endswith("s") or key == "wave")
        or not (match.entry.data.get("noun") or key == "wave")
    ):
        return False
    following = lexicon.motion_book().at(clause.tokens, match.end)
    if (following and following.entry.form) or _adjectival(clause, match):
        return False
    if not match.start:
        return key == "waves" and clause.joint in {Joint.AND, Joint.THEN} and _is_living(last)
    named = bool(content(subject(clause, match.start)))
    return named and (key in {"waves", "wave"} or lexicon.motion_book().at((Token(key[:-1], ""),), 0) is not None)


def _is_living(words: str) -> bool:
    if words in {"she", "he", "they", "i", "we", "everyone", "who"}:
        return True
    return any(
        match.entry.data["surface"] in {"person", "animal"} for match in lexicon.thing_book().find(tokenize(words))
    )


def _only_heard(clause: Clause, match: Match) -> bool:
    """Children laugh far away, thunder cracks, four knocks: heard, not seen."""
    if _is_sounding(clause, match):
        return True
    if match.entry.data.get("noun"):
        return False
    named = lexicon.sound_book().at(clause.tokens, match.start - 1) if match.start else None
    if named is not None and named.end > match.start:
        return match.entry.name in {"talk", "smile"} or (
            match.entry.form == "base" and named.entry.data["stem"] == "music"
        )
    if slots.level_db(clause.tokens) > -9:
        return False
    return lexicon.sound_book().at(clause.tokens, match.start) is not None


def _is_sounding(clause: Clause, match: Match) -> bool:
    """A thing that is heard makes its sound, or so many sounds are counted: no movement is meant."""
    before = [token.key for token in clause.tokens[: match.start]]
    if before[-1:] and before[-1] in lexicon.words("sounder"):
        return match.entry.name in _NOISES and clause.tokens[match.start].key not in {"vibrates", "vibrate"}
    counted = before[-1:] and (before[-1].isdecimal() or lexicon.slot_book("number").at(clause.tokens, match.start - 1))
    return bool(counted) and any(
        found.start <= match.start < found.end and found.entry.data["stem"] == "foley"
        for found in lexicon.sound_book().find(clause.tokens)
    )


def _adjectival(clause: Clause, match: Match) -> bool:
    before = clause.tokens[match.start - 1].key if match.start else ""
    return before in lexicon.words("adjective") | lexicon.adverbs() | {
        "sea",
        "ocean",
        "foamy",
        "turquoise",
        "rolling",
        "crashing",
        "breaking",
    }


def _merged(found: list[Match], clause: Clause) -> list[Match]:
    """A noun behaviour swallows the generic verb behind it: "steam rises" is steam."""
    nouns = [match for match in found if match.entry.data.get("noun") and not match.entry.data.get("force")]
    kept: list[Match] = []
    for match in found:
        led = [noun for noun in nouns if noun.end <= match.start and _nothing_between(clause, noun.end, match.start)]
        if match.entry.data.get("noun") or not led or match.entry.data["category"] == "articulated":
            kept.append(match)
        else:
            clause.used.update(range(match.start, match.end))
    return [match for match in kept if not (match.entry.data.get("force") and len(kept) > 1)]


def _nothing_between(clause: Clause, start: int, end: int) -> bool:
    between = clause.tokens[start:end]
    return not content(token for token in between if token.key not in lexicon.words("preposition"))


def _motion(clause: Clause, match: Match, reading: CueReading) -> MotionPhrase | None:
    noun = bool(match.entry.data.get("noun"))
    who = say(clause.tokens[match.start : match.end]).casefold() if noun else _who(clause, match, reading)
    if not noun and names_camera(content(subject(clause, match.start))[-1:]):
        return None
    if not noun and _is_no_verb(clause, match):
        return None
    target_object = _object(clause, match) if match.entry.name in _MEETS else ""
    if who and who not in {"someone", "somebody"}:
        reading.last_subject = who
    reading.last_object = _last_noun(clause, match) or reading.last_object
    barred = {index for start, end, _ in slots.directions(clause.tokens) for index in range(start, end)}
    clause.used.update(barred)
    return MotionPhrase(
        verb=_behaviour(clause, match, who),
        subject=who,
        target=phrase_after(clause, match.end, lexicon.words("motion_target"), barred) or target_object,
        direction=_direction(clause, match),
        speed=slots.speed(clause.tokens),
        amount=slots.amount(clause.tokens),
        count=slots.count(clause.tokens, match.start),
        every_s=slots.every_s(clause.tokens),
        when=when(clause, clause.chain, clause.beat),
        words=clause.words,
    )


def _is_no_verb(clause: Clause, match: Match) -> bool:
    """A base form or a participle that stands where no verb can."""
    if match.entry.form == "past":
        return not content(subject(clause, match.start))
    return match.entry.form == "base" and not _base_is_verb(clause, match)


def _base_is_verb(clause: Clause, match: Match) -> bool:
    """Ears twitch, "to wave", "and sway": a base form with nothing before it is a noun ("deep rumble")."""
    named = content(subject(clause, match.start))
    if named:
        return any(token.key != "handheld" for token in named)
    before = clause.tokens[match.start - 1].key if match.start else ""
    return before == "to" or (
        not match.start and clause.joint in {Joint.AND, Joint.THEN} and match.end < len(clause.tokens)
    )


def _behaviour(clause: Clause, match: Match, who: str) -> str:
    """Then pours, of rain: a generic verb means what its subject does; a rocket that is launched is not thrown."""
    things = {row.entry.name for row in lexicon.thing_book().find(tokenize(who))}
    if match.entry.name in {"turn_head", "move", "walk", "roll", "drive"} and things & _VEHICLES:
        return "sail" if "boat" in things else "drive"
    if clause.tokens[match.start].key.startswith("launch") and things & _LAUNCHED:
        return "rise"
    if not (match.entry.data.get("generic") or match.entry.name == "pour"):
        return match.entry.name
    own = lexicon.motion_book().at(tokenize(who)[-1:], 0)
    return (
        own.entry.name if own and own.entry.data.get("noun") and not own.entry.data.get("force") else match.entry.name
    )


def _direction(clause: Clause, match: Match) -> str:
    corner = next((name for start, _, name in slots.corners(clause.tokens) if start >= match.start), "")
    if corner:
        return corner
    names = [name for start, _, name in slots.directions(clause.tokens) if start >= match.start]
    names.sort(key=lambda name: name in {"in", "out"})
    side = slots.value("side", clause.tokens[match.start :])
    if side and names[:1] in ([], ["in"]):
        return {"left": "right", "right": "left"}[side]
    return names[0] if names else ""


def _who(clause: Clause, match: Match, reading: CueReading) -> str:
    named = subject(clause, match.start)
    if named and named[-1].key in lexicon.words("nominative"):
        named = named[-1:]
    plain = content(named) or _head(named)
    moved = _moved(clause, match, reading, " ".join(token.key for token in plain) or reading.last_subject)
    if moved:
        return moved
    force = any(token.key in _forces() for token in plain)
    if force or (not plain and match.entry.form != "" and match.entry.form == "base"):
        what = _object(clause, match)
        if force and what in {"it", "them"}:
            return reading.last_object or what
        return what or ("" if force else reading.last_subject)
    return say(named).casefold().replace(" 's", "'s") if plain else reading.last_subject


def _head(named: Sequence[Token]) -> list[Token]:
    """The glass swings: a word that mostly tells how things are names one when nothing follows it."""
    last = list(named[-1:])
    return last if last and lexicon.thing_book().at(last, 0) is not None else []


def _moved(clause: Clause, match: Match, reading: CueReading, agent: str) -> str:
    """What somebody throws, kicks or drops: it moves, and not the one who does it."""
    always = match.entry.name in {"push", "throw"}
    someone = _is_living(agent) or agent in {"someone", "somebody"}
    if match.entry.data.get("noun") or not (always or (someone and match.entry.name in _CAUSED)):
        return ""
    what = _object(clause, match)
    if what in {"it", "them", "him"}:
        return reading.last_object or (what if always else "")
    known = lexicon.thing_book().at(tokenize(what)[-1:], 0) or lexicon.prop_book().at(tokenize(what)[-1:], 0)
    return what if what and (always or known) else ""


def _last_noun(clause: Clause, match: Match) -> str:
    """The last thing that a clause names from its verb on."""
    tokens = clause.tokens[match.start :]
    found = [*lexicon.thing_book().find(tokens), *lexicon.prop_book().find(tokens)]
    last = max(found, key=lambda one: one.end, default=None)
    return phrase_after(clause, match.end, lexicon.words("motion_target")) if last is None else _text(tokens, last)


def _text(tokens: Sequence[Token], match: Match) -> str:
    return " ".join(token.key for token in tokens[match.start : match.end])


def _forces() -> frozenset[str]:
    return frozenset(lexicon.table("things")["forces"]["words"])


def _object(clause: Clause, match: Match) -> str:
    """The noun behind a verb: "wind moves the flowers"."""
    found: list[Token] = []
    for token in clause.tokens[match.end :]:
        if token.key in lexicon.words("preposition") or not (token.is_word or token.key == "'s"):
            break
        found.append(token)
    return " ".join(token.key for token in content(found))


def _read_sounds(clause: Clause, taken: set[int], reading: CueReading) -> None:
    named = [match for match in lexicon.sound_book().find(clause.tokens) if _free(taken, match)]
    heard = [match for match in named if not _seen_not_heard(clause, match)]
    for match in heard:
        if _is_its_doing(clause, match, heard):
            continue
        clause.used.update(range(match.start, match.end))
        if is_negated(clause, match.start):
            reading.excluded_sounds.append(match.entry.name)
        elif match.entry.name != "echo":
            reading.sounds.append(_sound(clause, match))
    reading.only = reading.only or (_says_only(clause) and bool(reading.sounds))


def _is_its_doing(clause: Clause, match: Match, found: Sequence[Match]) -> bool:
    """Traffic hums, a woodpecker knocks: what a sounding thing does is its own sound; a piano's music is the piano."""
    others = [one for one in found if one.entry.name != match.entry.name]
    if match.entry.name == "music":
        return any(one.entry.data["stem"] == "music" for one in others)
    text = " ".join(token.key for token in clause.tokens[match.start : match.end])
    led = any(one.end == match.start for one in others)
    does = led and text in lexicon.words("sounding")
    if does:
        clause.used.update(range(match.start, match.end))
    return does


def _seen_not_heard(clause: Clause, match: Match) -> bool:
    """Words that are sights unless the clause is about sound: "the door", "a clock", "a train"."""
    if clause.role in {Role.SOUND, Role.MUSIC, Role.DIALOGUE}:
        return False
    text = " ".join(token.key for token in clause.tokens[match.start : match.end])
    if match.end < len(clause.tokens) and clause.tokens[match.end].key in lexicon.words("compound") | {"like"}:
        return True
    if any(token.key in {"sound", "sounds", "noise", "hear", "hearing", "heard"} for token in clause.tokens):
        return False
    if text in lexicon.words("sight") or (text == "waves" and _is_homograph_wave(clause, match)):
        return True
    return clause.role is Role.LOOK


def _is_homograph_wave(clause: Clause, match: Match) -> bool:
    behaviour = lexicon.motion_book().at(clause.tokens, match.start)
    return behaviour is not None and _is_doing(clause, behaviour)


def _says_only(clause: Clause) -> bool:
    return any(token.key in {"only", "just", "nur", "seulement", "solo"} for token in clause.tokens)


def _sound(clause: Clause, match: Match) -> SoundPhrase:
    tokens, stem = clause.tokens, match.entry.data["stem"]
    musical = stem == "music"
    return SoundPhrase(
        sound=match.entry.name,
        level_db=slots.level_db(tokens),
        pan=slots.pan(tokens),
        count=slots.count(tokens, match.start),
        every_s=slots.every_s(tokens),
        again=_goes_on(tokens[match.start : match.end]),
        pace=sound_words.pace(tokens),
        surface=sound_words.surface(tokens) if stem == "foley" else "",
        kind=slots.value("kind", tokens) or "",
        mood=sound_words.mood(tokens) if musical else "",
        key=sound_words.key(tokens) if musical else "",
        tempo_bpm=sound_words.tempo_bpm(tokens) if musical else None,
        echo=sound_words.echo(tokens),
        when=when(clause, clause.chain, clause.beat),
        words=clause.words,
    )


def _goes_on(named: Sequence[Token]) -> bool:
    """Knocking, explosions: a form in -ing, or a plural that is no verb."""
    keys = [token.key for token in named]
    return any(key.endswith("ing") for key in keys) or (len(keys) == 1 and keys[0] in lexicon.words("several"))


def _mutes(clause: Clause, reading: CueReading) -> bool:
    """Silence and muted stems. True when the clause says nothing else."""
    text, _, kept = _EXCEPT.sub("|", " ".join(token.key for token in clause.tokens if token.is_word)).partition("|")
    if kept and text.strip() in lexicon.words("silence"):
        reading.only = True
        return False
    if text in lexicon.words("silence") and (text != "none" or clause.role is Role.SOUND):
        reading.silent = True
        clause.used.update(range(len(clause.tokens)))
        return True
    if not (is_negated(clause, len(clause.tokens)) or text.startswith(("no ", "without "))):
        return False
    muted = [
        stem
        for stem, names in lexicon.table("slots")["mutes"].items()
        if any(f" {name} " in f" {text} " for name in names)
    ]
    if muted:
        reading.muted.extend(muted)
        clause.used.update(range(len(clause.tokens)))
    return bool(muted) and len(text.split()) <= 6


def _read_names(clause: Clause, taken: set[int], reading: CueReading) -> None:
    for match in lexicon.thing_book().find(clause.tokens):
        reading.nouns.append(" ".join(token.key for token in clause.tokens[match.start : match.end]))
    if clause.role == Role.NEGATIVE:
        return
    for match in lexicon.place_book().find(clause.tokens):
        if _free(taken, match) and not is_negated(clause, match.start):
            reading.places.extend(match.entry.data["sounds"])


def distinct(cues: Sequence[MotionPhrase]) -> tuple[MotionPhrase, ...]:
    """One cue a behaviour, subject and beat; nouns of one behaviour count as one."""
    best: dict[tuple[str, str, int, int], MotionPhrase] = {}
    for cue in cues:
        own = lexicon.motion_book().at(tokenize(cue.subject)[-1:], 0)
        field_like = own is not None and bool(own.entry.data.get("noun"))
        key = (cue.verb, "" if field_like else cue.subject, cue.when.chain, cue.when.beat)
        best.setdefault(key, cue)
    return tuple(best.values())


def deduplicated(sounds: Sequence[SoundPhrase]) -> tuple[SoundPhrase, ...]:
    """One cue a sound and beat; the more telling words win."""
    best: dict[tuple[str, int, int], SoundPhrase] = {}
    for cue in sounds:
        key = (cue.sound, cue.when.chain, cue.when.beat)
        known = best.get(key)
        if known is None:
            best[key] = cue
        else:
            level_db, count = known.level_db or cue.level_db, known.count or cue.count
            best[key] = replace(known, level_db=level_db, count=count, kind=known.kind or cue.kind)
    return tuple(best.values())
