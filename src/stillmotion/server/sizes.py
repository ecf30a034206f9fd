"""Numbers of bytes for people."""

from __future__ import annotations

_UNITS = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def words(count_bytes: int) -> str:
    """In the largest unit of which there is one at least: "20 GiB", "1.5 MiB", "300 bytes"."""
    for size, unit in _UNITS:
        if count_bytes >= size:
            return f"{count_bytes / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{count_bytes} bytes"
