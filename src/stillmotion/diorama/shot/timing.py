"""Beats to seconds: explicit times stay, fixed durations stay, what is left is shared by weight."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from stillmotion.diorama.shot.intent import CameraPhrase, Intent, When
from stillmotion.diorama.shot.records import MoveKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WHIP_S = 0.6
SPEECH_RATE = 2.6
"""Spoken words a second, unhurried."""
_WHIP_SPEED = 3.0
_SHORTEST_S = 0.2
_MOST_BEATS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One step of a chain, as far as the words fix it."""

    start_s: float | None = None
    duration_s: float | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Seconds for everything in an intent."""

    total_s: float
    scale: float
    """Below 1 when the prompt's own times were longer than the shot."""
    windows: Mapping[tuple[int, int], tuple[float, float]]
    """(chain, beat) to start and end; only chains that have several beats."""

    def window(self, when: When) -> tuple[float, float | None]:
        """Start and end in seconds; the end is None when it simply goes on."""
        start, end = self.windows.get((when.chain, when.beat), (0.0, None))
        if when.at_end:
            return round(self.total_s - _tail(when, self.total_s), 3), None
        if when.start_s is not None and not self._ranged(when):
            start = min(when.start_s * self.scale, self.total_s - _SHORTEST_S)
            end = None if when.end_s is None else min(when.end_s * self.scale, self.total_s)
        if when.duration_s is not None and (end is None or when.start_s is None):
            end = min(start + when.duration_s, self.total_s) if (when.chain, when.beat) not in self.windows else end
        start = min(start, self.total_s - _SHORTEST_S)
        end = None if end is None or end >= self.total_s - 1e-6 else round(max(end, start + _SHORTEST_S / 4), 3)
        return round(start, 3), end

    def _ranged(self, when: When) -> bool:
        return (when.chain, when.beat) in self.windows


def schedule(intent: Intent, total_s: float) -> Schedule:
    """Solve every chain of the intent over the shot."""
    whens = list(_whens(intent))
    scale = _scale([when for when, _, _ in whens], total_s)
    windows: dict[tuple[int, int], tuple[float, float]] = {}
    for chain in sorted({when.chain for when, _, _ in whens}):
        rows = [row for row in whens if row[0].chain == chain]
        count = max(when.beat for when, _, _ in rows) + 1
        if 1 < count <= _MOST_BEATS:
            steps = [[row for row in rows if row[0].beat == index] for index in range(count)]
            windows.update({(chain, index): window for index, window in enumerate(_chain(steps, scale, total_s))})
    return Schedule(total_s=total_s, scale=scale, windows=windows)


def _chain(steps: Sequence[Sequence[Row]], scale: float, total_s: float) -> list[tuple[float, float]]:
    """Windows of the beats of one chain: beats of one timed line share that line's window."""
    groups = [list(rows) for _, rows in groupby(steps, key=_span)]
    beats = [_beat([row for step in group for row in step], scale, total_s) for group in groups]
    windows: list[tuple[float, float]] = []
    for group, (start, end) in zip(groups, solve(beats, 0.0, total_s), strict=True):
        windows.extend(solve([_beat(step, scale, total_s, timed=False) for step in group], start, end))
    return windows


def _span(step: Sequence[Row]) -> object:
    """What the beats of one timed line have in common; a beat without a time is alone."""
    spans = {(when.start_s, when.end_s) for when, _, _ in step if when.start_s is not None}
    return spans.pop() if len(spans) == 1 else object()


Row = tuple[When, float | None, float]


def _whens(intent: Intent) -> Iterable[Row]:
    """Every When with a fixed duration and a weight."""
    for move in intent.camera:
        yield move.when, _camera_seconds(move), 0.5 if move.kind is MoveKind.STATIC else 1.0
    for cue in intent.motion:
        yield cue.when, cue.when.duration_s, 1.0
    for sound in intent.sounds:
        yield sound.when, sound.when.duration_s, 0.5
    for line in intent.lines:
        yield line.when, len(line.text.split()) / SPEECH_RATE + 0.4, 1.0


def _camera_seconds(move: CameraPhrase) -> float | None:
    if move.when.duration_s is not None:
        return move.when.duration_s
    return WHIP_S if move.speed > _WHIP_SPEED else None


def _scale(whens: Sequence[When], total_s: float) -> float:
    last = max((when.end_s or 0.0 for when in whens), default=0.0)
    starts = max((when.start_s or 0.0 for when in whens), default=0.0)
    needed = max(last, starts + _SHORTEST_S * 2 if starts >= total_s - _SHORTEST_S else 0.0)
    return total_s / needed if needed > total_s + 0.05 else 1.0


def _beat(rows: Sequence[Row], scale: float, total_s: float, *, timed: bool = True) -> Beat:
    durations = [seconds for _, seconds, _ in rows if seconds is not None]
    spans = [(when.end_s - when.start_s) * scale for when, _, _ in rows if when.end_s and when.start_s is not None]
    fixed = spans if timed and spans else durations
    weight = max((weight for _, _, weight in rows), default=0.7)
    starts = [start for when, _, _ in rows if timed and (start := _start(when, scale, total_s)) is not None]
    return Beat(start_s=min(starts, default=None), duration_s=max(fixed, default=None), weight=weight)


def _start(when: When, scale: float, total_s: float) -> float | None:
    if when.at_end:
        return total_s - _tail(when, total_s)
    return None if when.start_s is None else min(when.start_s * scale, total_s - _SHORTEST_S)


def _tail(when: When, total_s: float) -> float:
    """How long something at the end lasts."""
    return min(when.duration_s or min(total_s / 4, 2.0), total_s)


def solve(beats: Sequence[Beat], start_s: float, end_s: float) -> list[tuple[float, float]]:
    """Place beats one after the other between two instants.

    Beats with a start are anchors. Between anchors fixed durations are kept, shrunk together when they do not fit; the
    others share the rest by weight.
    """
    windows: list[tuple[float, float]] = []
    first = start_s
    group: list[Beat] = []
    for beat in beats:
        if beat.start_s is not None:
            anchor = min(max(beat.start_s, first), end_s)
            windows.extend(_share(group, first, anchor))
            first, group = anchor, []
        group.append(beat)
    windows.extend(_share(group, first, end_s))
    return windows


def _share(beats: Sequence[Beat], start_s: float, end_s: float) -> list[tuple[float, float]]:
    if not beats:
        return []
    room = end_s - start_s
    fixed = sum(beat.duration_s or 0.0 for beat in beats)
    weights = sum(beat.weight for beat in beats if beat.duration_s is None)
    reserve = min(room * 0.5, _SHORTEST_S * sum(beat.duration_s is None for beat in beats))
    shrink = min(1.0, (room - reserve) / fixed) if fixed > 0 else 1.0
    rest = max(0.0, room - fixed * shrink)
    windows, now = [], start_s
    for beat in beats:
        length = beat.duration_s * shrink if beat.duration_s is not None else rest * beat.weight / weights
        windows.append((now, min(now + length, end_s)))
        now = windows[-1][1]
    return windows
