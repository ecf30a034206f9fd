"""Commits and outer effects are found by reading the source; each has a place to die at, or a reason for none."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import stillmotion.server

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE = Path(stillmotion.server.__file__).parent
ENDS = ("database.begin", "store.put", "store.delete", "sender.send", "_in_one", "self._commit", "self._patiently")
"""How calls end that commit, or that change or tell something outside of the database."""
_ALONE = "one transaction alone: done or not, and done once more by whoever heard nothing"
_CALLERS = "its callers have the places"
_INFORMS = "it reads, or informs; what it says is said again"
_STORE = "the places are inside the store's writing, and what is left is an orphan"
_AGAIN = "the next sweep does it from the start"
_BEFORE = "before the service answers anybody; the next start does it again"
_OPERATOR = "no part of serving: a person runs it, and sees how it ended"
NONE_NEEDED = {
    "api/accept.py _submitted": "around predictions.submit, which has the places before the commit; its caller has one",
    "api/accept.py count": _ALONE,
    "api/hosted/media.py _keep": "around uploads.receive, which has the place",
    "api/hosted/media.py ticket": _ALONE,
    "api/hosted/results.py delete_several": _ALONE,
    "api/native/deliveries.py rotate": _ALONE,
    "api/native/deliveries.py set_target": _ALONE,
    "api/native/uploads.py _removed": "the row goes first, so a file that stays is an orphan",
    "backup.py _restore_files": _OPERATOR,
    "backup.py restore": _OPERATOR,
    "intake/uploads.py _check_room": _STORE,
    "intake/uploads.py _put": _STORE,
    "intake/uploads.py discard": "rows go first, so a file that stays is an orphan",
    "intake/uploads.py keep_picture": "a row whose file never came is swept, and nothing was accepted yet",
    "service.py _parts": _BEFORE,
    "serving.py first_key": "the key may never be shown; `stillmotion keys create` makes another",
    "store/s3.py delete": _CALLERS,
    "store/s3.py probe": _OPERATOR,
    "webhooks/delivering.py _put_off": "the time and the job for it in one commit: both or neither",
    "webhooks/delivering.py _queued_again": _ALONE,
    "worker/filming.py _commit": _CALLERS,
    "worker/filming.py _excuse": _INFORMS,
    "worker/filming.py _inform": _INFORMS,
    "worker/filming.py _patiently": _CALLERS,
    "worker/filming.py _stored": _INFORMS,
    "worker/sweeping.py _expire": _AGAIN,
    "worker/sweeping.py _forget_previews": _AGAIN,
    "worker/sweeping.py _forget_repeats": _AGAIN,
    "worker/sweeping.py _in_one": _CALLERS,
    "worker/sweeping.py _remove_orphans": "it reads; what removes one has the place",
    "worker/sweeping.py _remove_uploads": _AGAIN,
    "worker/sweeping.py _remove_work": _AGAIN,
}
"""Functions without a place, and why a death there shows nothing new."""


def functions() -> Iterator[tuple[str, ast.AST]]:
    """Every function of the service, by the file it stands in and its name."""
    for path in sorted(SOURCE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(SOURCE).as_posix()} {node.name}", node


def calls(function: ast.AST) -> set[str]:
    """What it calls, as it is written."""
    return {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}


def test_each_commit_and_effect_has_a_place_or_a_reason() -> None:
    """Whoever adds one says where a process is killed beside it, or why that would show nothing."""
    acting = {name: calls(body) for name, body in functions() if any(one.endswith(ENDS) for one in calls(body))}
    without = {name for name, called in acting.items() if "failpoint" not in called}
    assert without == set(NONE_NEEDED)
