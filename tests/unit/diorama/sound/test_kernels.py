"""Compiled loops add in the order that they are written in, so that every processor makes the same samples."""

from __future__ import annotations

import pytest

from stillmotion.diorama.sound import limiter
from stillmotion.diorama.sound.dsp import filters, pings, tones, vocal


@pytest.mark.parametrize(
    "kernel", [limiter._peaks, filters._state_variable, pings._add, tones._turn, vocal._speak], ids=lambda k: k.__name__
)
def test_sums_keep_their_order(kernel: object) -> None:
    """No kernel lets the compiler reorder its sums, which would make them depend on the width of the vectors."""
    assert not getattr(kernel, "targetoptions", {"fastmath": True}).get("fastmath")
