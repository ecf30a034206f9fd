"""Words that read like movements and are none: other parts of speech, states, things that stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion.diorama.shot import lexicon

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.diorama.shot.clauses import Clause
    from stillmotion.diorama.shot.lexicon import Match


def without(clause: Clause, found: Sequence[Match]) -> list[Match]:
    """Those of the words found in a clause that are movements."""
    kept = [match for match in found if not (_is_homograph(clause, match) or _is_scenery(clause, match))]
    ends = {match.end for match in kept}
    return [match for match in kept if not _is_there(clause, match, ends)]


def _is_homograph(clause: Clause, match: Match) -> bool:
    """A noun that is a verb here, or the other way round: "the flag waves", "she leaves"."""
    key = clause.tokens[match.start].key
    following = clause.tokens[match.end].key if match.end < len(clause.tokens) else ""
    if (
        match.entry.form == "third"
        and match.start
        and clause.tokens[match.start - 1].key in lexicon.words("article") - {"her", "all"}
    ):
        return True
    if key in {"drops", "drop"} and following in {"of", "and"}:
        return True
    if match.entry.form == "base" and match.start and clause.tokens[match.start - 1].key in {"a", "an", "the"}:
        return not match.entry.data.get("noun") and key not in {
            "blink",
            "nod",
            "smile",
            "spin",
            "hop",
            "jump",
            "glance",
        }
    return False


def _is_scenery(clause: Clause, match: Match) -> bool:
    """Snow-covered, rain-soaked: a state, not a happening."""
    return match.end < len(clause.tokens) and clause.tokens[match.end].key in lexicon.words("compound")


def _is_there(clause: Clause, match: Match, ends: set[int]) -> bool:
    """Past the yellow petals, moves the yellow petals: of what the photo shows nothing new falls.

    Args:
        clause: what is read.
        match: a word for something in the air.
        ends: where the words for movements end.
    """
    row = match.entry.data
    if not row.get("noun") or row["category"] != "particles" or match.end - match.start > 1:
        return False
    start = match.start
    while start and clause.tokens[start - 1].key in lexicon.words("adjective"):
        start -= 1
    named = lexicon.thing_book().at(clause.tokens, match.start) is not None
    if not named or start < 2 or clause.tokens[start - 1].key != "the":
        return False
    return start - 1 in ends or clause.tokens[start - 2].key in lexicon.words("preposition")
