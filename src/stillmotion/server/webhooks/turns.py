"""Whose webhooks are sent at the moment, so that the slow receivers of one account hold up nobody else's."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

AT_ONCE = 2
"""Sendings of one account in a process."""
_BRIEF_S = 1.0
_PUT_OFF_MOST_S = 3600.0


@dataclass(slots=True)
class _Line:
    """The sendings of one account."""

    begun_s: list[float] = field(default_factory=list)
    """When those began that have not ended."""
    waiting: int = 0
    """How many wait for a turn here; those that were put off do not."""
    took_s: float = 0.0
    """What one takes, by the latest ones."""
    last_s: float = 0.0
    """When the last one that was put off comes back."""

    def lasts_s(self, now_s: float) -> float:
        """What one takes, also while no more of them end."""
        return max(self.took_s, now_s - max(self.begun_s, default=now_s))


@dataclass(slots=True)
class Turns:
    """Those of one process."""

    brief_s: float = _BRIEF_S
    """What usual receivers take: so long a turn is waited for, and a sending that takes longer is a slow one."""
    now_s: Callable[[], float] = time.monotonic
    _lines: dict[str, _Line] = field(default_factory=lambda: defaultdict(_Line))
    _left: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def turn(self, account_id: str) -> Iterator[bool]:
        """Whether one more of this account may be sent now; it is, until the end of the block."""
        began_s = self._taken(account_id)
        try:
            yield began_s is not None
        finally:
            if began_s is not None:
                self._leave(account_id, began_s)

    def later_s(self, account_id: str) -> float:
        """For how long to put off one that may not be sent now: until its turn, if all take as long as the latest."""
        with self._left:
            line, now_s = self._lines[account_id], self.now_s()
            each_s = line.lasts_s(now_s) / AT_ONCE
            line.last_s = max(line.last_s, now_s) + each_s
            if line.last_s - now_s > _PUT_OFF_MOST_S:  # receivers get better, too: these come back between the others
                line.last_s = now_s + each_s
            return line.last_s - now_s

    def _taken(self, account_id: str) -> float | None:
        until_s = self.now_s() + self.brief_s
        with self._left:
            line = self._lines[account_id]
            while len(line.begun_s) >= AT_ONCE:
                # While none is known to be brief, and where enough wait, nobody else does: others need the room.
                patience_s = min(until_s, max(line.begun_s) + self.brief_s) - self.now_s()
                expected_s = (line.waiting + 1) * line.lasts_s(self.now_s()) / AT_ONCE
                if patience_s <= 0 or expected_s > self.brief_s:
                    return None
                line.waiting += 1
                self._left.wait(patience_s)
                line.waiting -= 1
            line.begun_s.append(now_s := self.now_s())
            return now_s

    def _leave(self, account_id: str, began_s: float) -> None:
        with self._left:
            line, now_s = self._lines[account_id], self.now_s()
            line.begun_s.remove(began_s)
            took_s = now_s - began_s
            line.took_s = (line.took_s + took_s) / 2 if line.took_s else took_s
            if not line.begun_s and not line.waiting and line.last_s <= now_s:
                del self._lines[account_id]
            self._left.notify_all()
