"""Money as a whole number of micro-dollars, and the one rule by which it is rounded."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

MICROS = 1_000_000
"""Micro-dollars in a dollar."""
_LIMIT = 2**62
"""Sums of a few such amounts still fit into the ledger's 64 bits."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in US dollars; negative for what is owed."""

    micros: int

    def __post_init__(self) -> None:
        """Whole and within what the ledger can hold."""
        if isinstance(self.micros, bool) or not isinstance(self.micros, int):
            message = f"money is a whole number of micro-dollars, not {self.micros!r}"
            raise TypeError(message)
        if abs(self.micros) > _LIMIT:
            message = f"{self.micros} micro-dollars are more than the ledger can hold"
            raise ValueError(message)

    @classmethod
    def of(cls, dollars: str | Decimal | int) -> Money:
        """An amount from dollars, for example "0.10"; halves of a micro-dollar go to the even one.

        Raises:
            ValueError: the text is no finite number, or too large.
        """
        try:
            micros = int((Decimal(dollars) * MICROS).quantize(Decimal(1), ROUND_HALF_EVEN))
        except (InvalidOperation, ValueError, OverflowError):
            message = f"{dollars!r} is not an amount in dollars"
            raise ValueError(message) from None
        return cls(micros)

    @property
    def dollars(self) -> Decimal:
        """The exact amount in dollars."""
        return Decimal(self.micros) / MICROS

    def __add__(self, other: Money) -> Money:
        return Money(self.micros + other.micros)

    def __sub__(self, other: Money) -> Money:
        return Money(self.micros - other.micros)

    def __neg__(self) -> Money:
        return Money(-self.micros)

    def __mul__(self, times: int) -> Money:
        """A whole number of times; anything else has no single right answer."""
        if isinstance(times, bool) or not isinstance(times, int):
            return NotImplemented
        return Money(self.micros * times)

    def __bool__(self) -> bool:
        return self.micros != 0

    def __str__(self) -> str:
        """Dollars with two digits, or as many as it takes: "$0.40", "$0.0015"."""
        digits = f"{abs(self.dollars):.6f}"
        whole, _, part = digits.partition(".")
        shown = part.rstrip("0").ljust(2, "0")
        return f"{'-' if self.micros < 0 else ''}${whole}.{shown}"


ZERO = Money(0)
