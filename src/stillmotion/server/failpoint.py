"""Named places at which a process can be made to die, for the tests that prove that nothing is lost then.

Off unless `STILLMOTION_FAILPOINT` is set: to "name", or "name:3" for the third time it is passed; or to the path of a
folder. There a file "name.1" has whoever passes the place take the file and die, so that it happens once however many
processes there are; with "name.2" and "name.3" beside it the third one dies.
"""

from __future__ import annotations

import os
import signal
from itertools import count
from pathlib import Path

VARIABLE = "STILLMOTION_FAILPOINT"
_passed: dict[str, count[int]] = {}


def failpoint(name: str) -> None:
    """Die here, at once and without cleaning up, if that was asked for."""
    wanted = os.environ.get(VARIABLE, "")
    if not wanted:
        return
    place, _, times = wanted.partition(":")
    if os.sep in wanted:
        doomed = _took_the_last(Path(wanted), name)
    else:
        doomed = place == name and next(_passed.setdefault(name, count(1))) == int(times or 1)
    if doomed:
        os.kill(os.getpid(), signal.SIGKILL)


def _took_the_last(folder: Path, name: str) -> bool:
    left = sorted(folder.glob(f"{name}.*"), reverse=True)
    if not left:
        return False
    try:
        left[0].unlink()
    except FileNotFoundError:  # another process passed at the same moment
        return False
    return len(left) == 1
