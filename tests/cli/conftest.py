"""Ctrl-C reaches the programs of these tests, also where whoever started the tests has it ignored."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """Programs inherit an ignored SIGINT, as jobs in the background of a shell have it, but not a handled one."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
