"""One measurement and its target."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A measured number, and what it should be."""

    name: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def missed(self) -> bool:
        """Whether the target was missed."""
        low = self.at_least is not None and self.value < self.at_least
        high = self.at_most is not None and self.value > self.at_most
        return low or high

    @property
    def words(self) -> str:
        """The number with its unit."""
        return f"{self.value:.3g} {self.unit}".strip()

    @property
    def target_words(self) -> str:
        """The target in words; empty when the number is only for information."""
        if self.at_least is not None:
            return f">= {self.at_least:g} {self.unit}".strip()
        return "" if self.at_most is None else f"<= {self.at_most:g} {self.unit}".strip()

    @property
    def verdict(self) -> str:
        """yes, no, or nothing when there is no target."""
        return "" if not self.target_words else ("no" if self.missed else "yes")
