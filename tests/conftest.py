"""What all tests stand on, and how several processes share them."""

from __future__ import annotations

import compileall
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import structlog

import stillmotion

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST = (
    "tests/quality/test_prompts.py",  # compiles what films need, on a new machine, which else each engine would
    "tests/contract/test_schemathesis.py",  # needs no films meanwhile
    "tests/security/",
    "tests/crash/test_crash.py",
    "tests/crash/",
    "tests/contract/",
    "tests/quality/",
    "tests/cli/",
    "tests/unit/test_installing.py",
    "tests/unit/server/worker/",
)
"""Files that take long, in the order in which they begin: with them last, one process would wait for the other one."""
_ONE_SERVER = "tests/contract/ of one server"
_ON_ONE_SERVER = frozenset(f"tests/contract/test_{name}.py" for name in ("native", "openai", "wavespeed", "webhooks"))


def pytest_configure(config: pytest.Config) -> None:
    """Compile the package once for the many programs that tests start: with `PYTHONDONTWRITEBYTECODE` each would."""
    if not hasattr(config, "workerinput"):  # of the processes that share the tests the first one does it for all
        compileall.compile_dir(Path(stillmotion.__file__).parent, quiet=2)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Where processes share the tests: what takes long first, then files by how much is in them."""
    yield
    if not hasattr(config, "workerinput"):
        return
    files = [item.nodeid.partition("::")[0] for item in items]
    counts = {file: files.count(file) for file in {*files}}

    def place(item: pytest.Item) -> tuple[int, int]:
        file = item.nodeid.partition("::")[0]
        first = next((at for at, name in enumerate(_FIRST) if file.startswith(name)), len(_FIRST))
        return first, -counts[file]

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadfile`: in the order above, and what shares a server stays in one process."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling  # noqa: PLC0415 - it is there if this is asked

    class Sharing(LoadFileScheduling):
        """Files, but for those that share a server."""

        def _split_scope(self, nodeid: str) -> str:
            file = str(super()._split_scope(nodeid))
            return _ONE_SERVER if file in _ON_ONE_SERVER else file

    config.option.loadscopereorder = False
    return Sharing(config, log)


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A process of the service says once where it logs; one that a test plays writes to that test's own stderr."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        root.handlers[:] = before
        root.setLevel(level)
