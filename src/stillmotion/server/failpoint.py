"""Named places at which a process can be made to die, for the tests that prove that nothing is lost then.

Off unless `STILLMOTION_FAILPOINT` names one: "name", or "name:3" for the third time it is passed.
"""

from __future__ import annotations

import os
import signal
from itertools import count

VARIABLE = "STILLMOTION_FAILPOINT"
_passed: dict[str, count[int]] = {}


def failpoint(name: str) -> None:
    """Die here, at once and without cleaning up, if that was asked for."""
    wanted = os.environ.get(VARIABLE, "")
    if not wanted:
        return
    place, _, times = wanted.partition(":")
    if place == name and next(_passed.setdefault(name, count(1))) == int(times or 1):
        os.kill(os.getpid(), signal.SIGKILL)
