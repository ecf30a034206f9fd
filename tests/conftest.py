"""What all tests stand on."""

from __future__ import annotations

import compileall
from pathlib import Path
from typing import TYPE_CHECKING

import stillmotion

if TYPE_CHECKING:
    import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Compile the package once for the many programs that tests start: with `PYTHONDONTWRITEBYTECODE` each would."""
    if not hasattr(config, "workerinput"):  # of the processes that share the tests the first one does it for all
        compileall.compile_dir(Path(stillmotion.__file__).parent, quiet=2)
