"""Whose webhooks are sent at the moment, so that the slow receivers of one account hold up nobody else's."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

AT_ONCE = 2
"""Sendings of one account in a process."""
_BRIEF_S = 1.0


@dataclass(slots=True)
class Turns:
    """Those of one process."""

    brief_s: float = _BRIEF_S
    """What usual receivers take: so long a turn is waited for, and a sending that takes longer is a slow one."""
    _begun: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """When the sendings of an account began that have not ended."""
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

    def _taken(self, account_id: str) -> float | None:
        until_s = time.monotonic() + self.brief_s
        with self._left:
            begun = self._begun[account_id]
            while len(begun) >= AT_ONCE:
                # While none is known to be brief, nobody waits: the others' messages do.
                patience_s = min(until_s, max(begun) + self.brief_s) - time.monotonic()
                if patience_s <= 0:
                    return None
                self._left.wait(patience_s)
                begun = self._begun[account_id]
            begun.append(now_s := time.monotonic())
            return now_s

    def _leave(self, account_id: str, began_s: float) -> None:
        with self._left:
            begun = self._begun[account_id]
            begun.remove(began_s)
            if not begun:
                del self._begun[account_id]
            self._left.notify_all()
