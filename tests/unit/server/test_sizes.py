"""Numbers of bytes for people."""

from __future__ import annotations

import pytest

from stillmotion.server import sizes


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (400_000, "390.6 KiB"),
        (50 << 20, "50 MiB"),
        (5 << 30, "5 GiB"),
        (21 * (1 << 30) // 2, "10.5 GiB"),
    ],
)
def test_a_unit_that_shows_the_number(count: int, told: str) -> None:
    """Nothing that is there is called 0.0 of something larger."""
    assert sizes.words(count) == told
