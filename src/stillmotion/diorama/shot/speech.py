"""Lines of dialogue out of sentences: who says them, how, and what is left of the sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stillmotion.diorama.shot import lexicon, slots
from stillmotion.diorama.shot.clauses import MARKS
from stillmotion.diorama.shot.outline import Outline, Passage, Role
from stillmotion.diorama.shot.words import Token, fold, say, tokenize

if TYPE_CHECKING:
    from collections.abc import Sequence

_BREAKS = frozenset({",", ";", "and", "then", "while", "as", ".", "!", "?"})
_BARE = re.compile(r"^([^\W\d][^:\n]{0,60}): ?(.+)$")
_NONE = re.compile(
    r"^[(\[ ]*(?:none|no (?:dialogue|dialog|speech|spoken words|words|lines)|n/a|silent)\b[ ,;:.)\]-]*", re.IGNORECASE
)


_UP_TO_COLON = 3
"""Words from a speech verb to the colon: "says very softly:"."""
_NAMED_BY = 5
"""Words up to the verb of speech behind a quotation: "the very old woman says"."""
_ON = frozenset({"and", "then"})
_ASIDE = frozenset({"over", "under", "amid", "with", "during"})
_IN_A_VOICE = frozenset({"in", "a", "an", "his", "her", "their", "its", "very", "voice"})
_LED_BY = 7
"""Words before a quotation that may say that it is written."""
_SENTENCE = 4
"""Words from which a quotation without an end mark is no name."""
_OFF = re.compile(r"\b(?:on|over) (?:the )?(?:radio|phone|intercom|loudspeaker)\b")
_ONLY = re.compile(r"^(?:only|just) ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """A line with the sentence it stood in."""

    sentence: int
    place: int
    """Position of the quotation among the tokens that are left."""
    speaker: str
    text: str
    manner: tuple[str, ...]
    off_screen: bool
    around: tuple[Token, ...] = ()
    """The words that name the speaker, with those that say when and from where."""


@dataclass(slots=True)
class Speech:
    """Lines, and the sentences without them."""

    said: list[Said] = field(default_factory=list)
    sentences: list[tuple[Token, ...]] = field(default_factory=list)


def plain_lines(outline: Outline) -> tuple[list[Passage], list[tuple[int, Said]]]:
    """Lines of a dialogue block that stand without quotation marks; "(none, only a purr)" turns into a sound."""
    kept: list[Passage] = []
    lines: list[tuple[int, Said]] = []
    for passage in outline.passages:
        if passage.role is not Role.DIALOGUE or "\ue000" in passage.text:
            kept.append(passage)
            continue
        spoken = _BARE.match(passage.text)
        rest = _NONE.sub("", passage.text)
        if spoken and rest == passage.text:
            around = tokenize(spoken.group(1))
            speaker, manner, off = _speaker(around)
            lines.append((len(kept), Said(-1, 0, speaker, spoken.group(2).strip(), manner, off, around)))
            kept.append(Passage(Role.META, "", passage.start_s, passage.end_s))
        else:
            kept.append(
                Passage(
                    Role.SOUND,
                    _ONLY.sub("", rest.strip("() ")),
                    passage.start_s,
                    passage.end_s,
                    passage.item,
                    passage.label,
                )
            )
    return kept, lines


def read_speech(
    sentences: Sequence[tuple[Token, ...]], passages: Sequence[Passage], quotations: Sequence[str]
) -> Speech:
    """Take the dialogue out of every sentence."""
    speech = Speech()
    speaker = ""
    for index, (tokens, passage) in enumerate(zip(sentences, passages, strict=True)):
        said, rest = _sentence(index, tokens, passage, quotations, speaker)
        speaker = said[-1].speaker if said else speaker
        speech.said.extend(said)
        speech.sentences.append(rest)
    return speech


def _sentence(
    index: int, tokens: tuple[Token, ...], passage: Passage, quotations: Sequence[str], before: str
) -> tuple[list[Said], tuple[Token, ...]]:
    places = [i for i, token in enumerate(tokens) if token.quotation is not None]
    if not places:
        return _unquoted(index, tokens)
    said: list[Said] = []
    dropped: set[int] = set()
    named, name = _first_noun(tokens)
    start = 0
    for order, place in enumerate(places):
        end = places[order + 1] if order + 1 < len(places) else len(tokens)
        text = quotations[tokens[place].quotation or 0].rstrip(",; ")
        found = _line(tokens, (start, place, end), passage, text, name if named < place else "")
        dropped.add(place)
        if found is not None and text:
            (speaker, manner, off), gone = found
            dropped |= gone
            around = tuple(tokens[one] for one in sorted(gone))
            said.append(Said(index, place, speaker or before, text, manner, off, around))
            before = speaker or before
        start = place + 1
    return said, tuple(token for i, token in enumerate(tokens) if i not in dropped)


Speaker = tuple[str, tuple[str, ...], bool]


def _line(
    tokens: tuple[Token, ...], span: tuple[int, int, int], passage: Passage, text: str, subject: str
) -> tuple[Speaker, set[int]] | None:
    """Who says the quotation at `place`, and which tokens that took; None when it is not speech.

    `subject` is the sentence's own, where it stands before the quotation.
    """
    start, place, end = span
    before, after = tokens[start:place], tokens[place + 1 : end]
    verb = _last_verb(before)
    clause_start = _clause_start(before)
    if _is_sign(before):
        return None
    if before and before[-1].key == ":" and (verb is None or verb < clause_start):
        first = _label_start(before)
        return _speaker(before[first:-1]), set(range(start + first, place))
    if verb is not None:
        first = _subject_start(before, verb)
        who = _speaker(before[first:], verb - first)
        if not who[0]:
            who = (subject, who[1], who[2] or _is_off(tokens[start:place]))
        trailing = set(range(place + 1, place + 1 + _how(after)))
        manner = (*who[1], *(tokens[i].key for i in sorted(trailing) if tokens[i].key not in _IN_A_VOICE))
        return (who[0], manner, who[2]), set(range(start + (min(verb, first)), place)) | trailing
    tail = 0 if end < len(tokens) and _leads_on(after) else _tag(after)
    if tail:
        return _tagged(after[:tail]), set(range(place + 1, place + 1 + tail))
    if passage.role is Role.DIALOGUE:
        narrated = passage.label in {"voice over", "voiceover", "voice-over", "narration", "vo"}
        return (("narrator" if narrated else ""), (), narrated), set()
    spoken = text.endswith((".", "!", "?")) or len(text.split()) >= _SENTENCE or _stands_alone(before, after)
    return (("", (), False), set()) if spoken else None


def _how(after: Sequence[Token]) -> int:
    """Words behind a line that say how it is said: "softly", "in a tiny voice"."""
    if after and after[0].key.endswith("ly"):
        return 1
    keys = [token.key for token in after[:_NAMED_BY]]
    return keys.index("voice") + 1 if keys[:1] == ["in"] and "voice" in keys else 0


def _stands_alone(before: Sequence[Token], after: Sequence[Token]) -> bool:
    """She looks up, "Hello there", and smiles: no word leads to the quotation, and none goes on from it."""
    return (not before or before[-1].key in _BREAKS) and (not after or after[0].key in _BREAKS)


def _is_sign(before: Sequence[Token]) -> bool:
    """A sign that reads "OPEN", a film titled "Dusk": written, not said."""
    keys = [token.key for token in before[-_LED_BY - 1 :]]
    return any(
        key in lexicon.words("sign") and not (key == "screen" and keys[max(index - 1, 0)] == "off")
        for index, key in enumerate(keys)
        if len(keys) - index <= _LED_BY
    )


def _first_noun(tokens: Sequence[Token]) -> tuple[int, str]:
    """The subject of the sentence, for a speaker who is not named again, "she nods, then whispers", and where it ends.

    Looked up once a sentence, not once a quotation: a sentence may hold thousands.
    """
    ends = _BREAKS | lexicon.words("preposition") | lexicon.words("auxiliary")
    for index, token in enumerate(tokens):
        verb = lexicon.motion_book().at(tokens, index)
        if token.key in ends or (verb and verb.entry.form):
            return index, _clean(tokens[:index])
    return len(tokens), ""


def _base(key: str) -> str:
    """The speech verb that an inflected form belongs to; empty when it is none."""
    table = lexicon.table("speech")
    if key in table["irregular"]:
        return str(table["irregular"][key])
    stems = [key.removesuffix(ending) for ending in ("", "s", "es", "ed", "d", "ing")]
    return next((stem for stem in (*stems, f"{key.removesuffix('ing')}e") if stem in table["verbs"]), "")


def _last_verb(tokens: Sequence[Token]) -> int | None:
    """A speech verb close to the end: a few words of manner may follow it."""
    for index in range(len(tokens) - 1, max(-1, len(tokens) - 12), -1):
        if _base(tokens[index].key):
            return index
    return None


def _clause_start(tokens: Sequence[Token]) -> int:
    marks = [i for i, token in enumerate(tokens[:-1]) if token.key in _BREAKS]
    return marks[-1] + 1 if marks else 0


def _label_start(before: Sequence[Token]) -> int:
    """Where "Name (manner), off screen:" begins."""
    marks = [i for i, token in enumerate(before[:-1]) if token.key in {".", "!", "?", ";"}]
    return marks[-1] + 1 if marks else 0


def _subject_start(before: Sequence[Token], verb: int) -> int:
    for index in range(verb - 1, -1, -1):
        if before[index].key in _BREAKS | MARKS:
            return index + 1
    return 0


def _tag(after: Sequence[Token]) -> int:
    """Length of "she says softly" behind a quotation; 0 when there is none."""
    words = [i for i, token in enumerate(after[:8]) if token.is_word]
    led = next((n for n, i in enumerate(words) if n and after[i].key in _BREAKS), len(words))
    verbs = [i for i in words[: min(led, _NAMED_BY)] if _base(after[i].key)]
    if not verbs:
        return 0
    for index in range(verbs[0] + 1, len(after)):
        if after[index].key in _BREAKS or _is_aside(after[index:]):
            return index
    return len(after)


def _leads_on(after: Sequence[Token]) -> bool:
    """Whether the words between two quotations lead to the second: "then she whispers", "and the man says"."""
    return bool(after) and after[0].key in _ON


def _is_aside(tokens: Sequence[Token]) -> bool:
    """Over soft music, with a smile: what goes on beside the words, and not "over the radio"."""
    return tokens[0].key in _ASIDE and not _OFF.match(slots.joined(tokens[:3]))


def _speaker(tokens: Sequence[Token], verb: int | None = None) -> Speaker:
    """Name, manner and whether the speaker is out of the picture, from the words before a quotation."""
    name = _name(tokens) if verb is None else tokens[:verb]
    return _clean(name), _manner(tokens, name, verb), _is_off(tokens)


def _tagged(tokens: Sequence[Token]) -> Speaker:
    """The same from the words behind a quotation: "she says softly", "says the old man"."""
    verb = _last_verb(tokens) or 0
    name = [token for token in tokens[:verb] if token.is_word] or tokens[verb + 1 :]
    return _clean(name), _manner(tokens, name, verb), _is_off(tokens)


def _manner(tokens: Sequence[Token], name: Sequence[Token], verb: int | None) -> tuple[str, ...]:
    carried = "" if verb is None else str(lexicon.table("speech")["verbs"][_base(tokens[verb].key)])
    said = [token.key for token in tokens if _is_manner(token, name)]
    return tuple(dict.fromkeys([*([carried] if carried else []), *said]))


def _is_off(tokens: Sequence[Token]) -> bool:
    joined = " ".join(token.key for token in tokens)
    return any(_base(token.key) == "narrate" for token in tokens) or any(
        re.search(rf"\b{mark}\b", joined) for mark in lexicon.words("off_screen")
    )


def _name(tokens: Sequence[Token]) -> Sequence[Token]:
    for index, token in enumerate(tokens):
        if token.key in MARKS:
            return tokens[:index]
    return tokens


def _is_manner(token: Token, name: Sequence[Token]) -> bool:
    return (token.key in lexicon.words("manner") and not any(token is other for other in name)) or (
        token.key.endswith("ly") and len(token.key) > 4
    )


def _clean(name: Sequence[Token]) -> str:
    drop = (
        {"the", "a", "an", "then", "and", "off", "screen", "voice", "over", "who", "suddenly", "'s"}
        | lexicon.adverbs()
        | MARKS
    )
    text = slots.without_sides(tokenize(slots.without_times(name).replace(" 's", "'s")))
    plain = tokenize(_OFF.sub(" ", text).replace(" 's", "'s"))
    return fold(
        say(
            tuple(
                token
                for token in plain
                if token.key not in drop and not token.key.endswith("ly") and token.quotation is None
            )
        )
    )


def _unquoted(index: int, tokens: tuple[Token, ...]) -> tuple[list[Said], tuple[Token, ...]]:
    """She says: we are ready. Without quotation marks the line runs to the end of the sentence."""
    for place, token in enumerate(tokens[1:], 1):
        near = max(place - _UP_TO_COLON, 0)
        found = _last_verb(tokens[near:place]) if token.key == ":" else None
        verb = None if found is None else near + found
        if verb:
            first = _subject_start(tokens[:place], verb)
            speaker, manner, off = _speaker(tokens[first:place], verb - first)
            text = say(tokens[place + 1 :])
            if text:
                return [Said(index, verb, speaker, text, manner, off, tokens[first:place])], tokens[:first]
    return [], tokens
