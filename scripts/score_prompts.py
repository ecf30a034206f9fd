"""Measure how many prompts show what they ask for: each is planned, filmed as a draft and read back from the MP4.

A prompts file has one line a prompt: photo | yes, part or no | prompt. Photos are those of tests/measure/photos.py.

Example:
    python scripts/score_prompts.py tests/measure/prompts/dev.txt --page docs/reference/prompt-scores.md
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import numpy as np

from measure import asked, camera, motion, photos  # type: ignore[import-not-found]
from stillmotion.assets.cache import default_folder
from stillmotion.diorama.shot.ambient import AMBIENT
from stillmotion.diorama.shot.records import CameraMove, MoveKind
from stillmotion.engines.diorama import scene_cache
from stillmotion.errors import StillmotionError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.shot.records import Shot

    Frames = Sequence[NDArray[np.uint8]]

WANTED = 0.9
_STRAY = 0.012
"""Share of what nobody named that may differ from the control, on average over the film."""
_FAMILIES = {
    "across": {"pan", "truck", "orbit"},
    "updown": {"tilt", "pedestal", "rise"},
    "along": {"zoom", "dolly", "dolly_zoom"},
    "roll": {"roll"},
    "handheld": {"handheld"},
    "static": {"static"},
}
_WHIP_S = 0.8
_PARALLAX = 0.006
"""Share of the width by which subject and background pass each other in an orbit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a prompts file."""

    photo: str
    feasible: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What the film of one prompt shows."""

    line: Line
    verdict: str
    """shown, missing, or "sound" for prompts that ask for nothing that can be seen."""
    said: tuple[str, ...]


def lines(path: Path) -> list[Line]:
    """The prompts of a file; lines that start with # are comments."""
    rows = [row.split("|", 2) for row in path.read_text(encoding="utf-8").splitlines() if row and row[0] != "#"]
    return [Line(photo=one.strip(), feasible=two.strip(), words=three.strip()) for one, two, three in rows]


def score(line: Line, folder: Path) -> Score:
    """Plan, film and measure one prompt."""
    pair = asked.filmed(photos.path(line.photo, folder), line.words, scene_cache(), folder)
    shot = pair.shot
    said, fine = _judged(pair, line, asked.findings(pair, folder))
    named = [cue for cue in shot.motion if cue.words != AMBIENT]
    silent = not named and not _named_moves(shot)
    if silent and _only_heard(shot):
        heard = all(cue.performed for cue in shot.sound if cue.words) and all(one.performed for one in shot.dialogue)
        return Score(line=line, verdict="shown" if heard else "sound", said=("asks only for sound", *said))
    return Score(line=line, verdict="shown" if fine else "missing", said=said)


def _only_heard(shot: Shot) -> bool:
    return bool(shot.dialogue or any(cue.words for cue in shot.sound))


def _judged(pair: Any, line: Line, findings: list[Any]) -> tuple[tuple[str, ...], bool]:  # noqa: ANN401 - of the measures
    shot = pair.shot
    substituted = any(note.code == "substitute" for note in shot.notes)
    moves = list(_camera(pair))
    stray = asked.elsewhere(pair)
    said = [f"{'+' if one.shown else '-'} {one.what}: {one.said}" for one in findings]
    said += [f"{'+' if fine else '-'} {words}" for fine, words in moves]
    said += [] if stray is None else [f"{'+' if stray <= _STRAY else '-'} elsewhere {stray:.2%}"]
    calm = stray is None or stray <= _STRAY
    shown = [one.shown for one in findings]
    if line.feasible == "yes":
        return tuple(said), all(shown) and all(fine for fine, _ in moves) and calm
    told = any(note.code in {"substitute", "unbound", "not-performed"} for note in shot.notes)
    instead = any(shown) or (substituted and bool(moves))
    return (*said, "told" if told else "not told"), told and instead and calm


def _named_moves(shot: Shot) -> tuple[CameraMove, ...]:
    chosen = any(note.code == "camera-chosen" for note in shot.notes)
    return () if chosen else shot.camera


def _camera(pair: Any) -> Iterator[tuple[bool, str]]:  # noqa: ANN401 - of the measures, untyped here
    """Whether each named move shows in the control, by family and direction."""
    moves = _named_moves(pair.shot)
    alone = all(
        one is two or one.end_s <= two.start_s + 0.05 or two.end_s <= one.start_s + 0.05
        for one in moves
        for two in moves
    )
    for move in moves:
        span = pair.seconds(move.start_s, move.end_s)
        frames = pair.control[span]
        if move.kind is MoveKind.FOCUS_PULL:
            yield _pulled(pair, move)
        elif len(frames) < 4 or move.end_s - move.start_s < _WHIP_S or not alone:
            yield _went(frames, f"{move.kind} {move.direction}")
        else:
            yield _named(pair, frames, move)


def _named(pair: Any, frames: Frames, move: CameraMove) -> tuple[bool, str]:  # noqa: ANN401 - of the measures
    near = _near(pair)
    grown = asked.carried(pair, near, pair.seconds(move.start_s, None).start)
    behind = asked.carried(pair, _far(pair, near), pair.seconds(move.start_s, None).start)
    try:
        seen = camera.look(frames, grown, behind & ~grown)
    except AssertionError:
        return _went(frames, f"{move.kind} {move.direction}")
    family = next(names for names in _FAMILIES.values() if str(move.kind) in names)
    turned = move.direction.value in {"none", seen.direction} or seen.move in {"static", "handheld"}
    said = f"camera {seen.move} {seen.direction}, parallax {seen.parallax_px:.1f} px for {move.kind} {move.direction}"
    if move.kind is MoveKind.ORBIT:
        return seen.move in family or seen.parallax_px > _PARALLAX * pair.size[0], said
    return seen.move in family and (turned or move.kind is MoveKind.DOLLY_ZOOM), said


def _near(pair: Any) -> NDArray[np.bool_]:  # noqa: ANN401 - of the measures, untyped here
    layers = pair.scene.layers
    if len(layers) > 1:
        mask: NDArray[np.bool_] = asked.seen(
            pair, next((one for one in layers if one.name == "subject"), layers[-1]), 0.0
        )
        if 0.02 < mask.mean() < 0.9:
            return mask
    width, height = pair.size
    mask = np.zeros((height, width), bool)
    mask[height // 4 : -height // 4, width // 4 : -width // 4] = True
    return mask


def _far(pair: Any, near: NDArray[np.bool_]) -> NDArray[np.bool_]:  # noqa: ANN401 - of the measures, untyped here
    """What lies behind the subject, not what grows in front of it."""
    names = [one.name for one in pair.scene.layers]
    if "subject" not in names:
        return ~near
    masks = [asked.seen(pair, one, 0.0) for one in pair.scene.layers[: names.index("subject")]]
    together: NDArray[np.bool_] = np.any([near & False, *masks], axis=0)
    return together if together.mean() > 0.08 else ~near


def _went(frames: Frames, asked_for: str) -> tuple[bool, str]:
    """For moves too short or too mixed to name: the picture moves at all."""
    away = (
        float(np.abs(frames[0].astype(np.float32) - frames[-1].astype(np.float32)).mean()) if len(frames) > 1 else 0.0
    )
    still = asked_for.startswith("static")
    return (away < 1.5) if still else (away > 1.0), f"camera {asked_for}: pictures differ by {away:.1f}"


def _pulled(pair: Any, move: CameraMove) -> tuple[bool, str]:  # noqa: ANN401 - of the measures, untyped here
    near = _near(pair)
    first, last = pair.control[0], pair.control[-1]
    nearer = motion.sharpness(last, near) / max(motion.sharpness(first, near), 1e-6)
    farther = motion.sharpness(last, ~near) / max(motion.sharpness(first, ~near), 1e-6)
    away = move.target != "subject"
    return (farther > nearer * 1.15) if away else (
        nearer > farther * 1.15
    ), f"focus near x{nearer:.2f}, far x{farther:.2f}"


def told(scores: Iterable[Score]) -> Iterator[str]:
    """A table row for each prompt, in Markdown."""
    yield "| Photo | Feasible | Prompt | Verdict | Measured |"
    yield "|---|---|---|---|---|"
    for one in scores:
        words = one.line.words.replace("|", "/")
        yield f"| {one.line.photo} | {one.line.feasible} | {words} | {one.verdict} | {'; '.join(one.said)} |"


def summary(scores: Sequence[Score]) -> tuple[str, float]:
    """The shares in words, and the share of feasible prompts that show what they ask for."""
    feasible = [one for one in scores if one.line.feasible == "yes" and one.verdict != "sound"]
    others = [one for one in scores if one.line.feasible != "yes"]
    waiting = sum(one.verdict == "sound" for one in scores)
    good = sum(one.verdict == "shown" for one in feasible)
    honest = sum(one.verdict == "shown" for one in others)
    share = good / max(len(feasible), 1)
    words = f"{good} of {len(feasible)} feasible prompts show what they ask for ({share:.0%}); "
    words += f"{honest} of {len(others)} others show a part or an honest substitute and say so; "
    return words + f"{waiting} ask only for sound that is not made yet.", share


def main() -> int:
    """Read the command line, score the prompts, print the table; 1 when too few are shown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("prompts", type=Path)
    parser.add_argument("--page", type=Path, help="write the table to this Markdown file, below its heading")
    parser.add_argument("--title", default="Prompts", help="heading of the table in the page")
    parser.add_argument(
        "--photos", type=Path, default=default_folder().parent / "photos", help="where photos are unpacked"
    )
    parser.add_argument("--only", nargs="*", default=[], help="photos, or numbers of prompts from 1")
    given = parser.parse_args()
    given.photos.mkdir(parents=True, exist_ok=True)
    scores = []
    for number, line in enumerate(lines(given.prompts), 1):
        if given.only and line.photo not in given.only and str(number) not in given.only:
            continue
        try:
            scores.append(score(line, given.photos))
        except StillmotionError as error:
            scores.append(Score(line=line, verdict="missing", said=(f"- {error.code}: {error}",)))
        one = scores[-1]
        print(f"{number:3} {one.verdict:8} {line.photo}: {line.words[:70]}\n      {'; '.join(one.said)}", flush=True)
    words, share = summary(scores)
    print(words)
    if given.page is not None:
        _write(given.page, given.title, [words, "", *told(scores)])
    return 0 if share >= WANTED else 1


def _write(page: Path, title: str, rows: list[str]) -> None:
    """Replace the section of a page, or add it."""
    before = page.read_text(encoding="utf-8") if page.exists() else "# Prompt scores\n"
    head, _, rest = before.partition(f"\n## {title}\n")
    tail = rest[rest.index("\n## ") :] if "\n## " in rest else ""
    page.write_text(f"{head.rstrip()}\n\n## {title}\n\n" + "\n".join(rows) + "\n" + tail, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
