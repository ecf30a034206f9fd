"""Money adds up exactly and is rounded in one way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stillmotion.money import ZERO, Money

AMOUNTS = st.integers(-(2**50), 2**50).map(Money)


def test_tenths_are_exact() -> None:
    """Ten times a tenth of a dollar is a dollar, which binary fractions cannot say."""
    assert Money.of("0.10") * 10 == Money.of(1)
    assert Money.of("0.1") + Money.of("0.2") == Money.of("0.3")


@pytest.mark.parametrize(
    ("dollars", "micros"),
    [("0.0000005", 0), ("0.0000015", 2), ("0.0000025", 2), ("-0.0000015", -2), ("1.9999999", 2_000_000)],
)
def test_halves_go_to_the_even_micro_dollar(dollars: str, micros: int) -> None:
    """One rounding rule, in both signs."""
    assert Money.of(dollars).micros == micros


@pytest.mark.parametrize("text", ["", "ten", "NaN", "Infinity", "1e30", "0,10"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    """Never a silent zero."""
    with pytest.raises(ValueError, match=r"."):
        Money.of(text)


def test_fractions_of_micro_dollars_are_refused() -> None:
    """Floats and booleans are no amounts, and no factors."""
    with pytest.raises(TypeError):
        Money(0.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money(True)  # noqa: FBT003 - what is refused
    with pytest.raises(TypeError):
        Money.of("1") * 0.5  # type: ignore[operator]


@given(AMOUNTS, AMOUNTS)
def test_sums_come_back(one: Money, other: Money) -> None:
    """What is added and taken away again leaves nothing behind; dollars and micro-dollars agree."""
    assert one + other - other == one
    assert one + -one == ZERO
    assert Money.of(one.dollars) == one


@pytest.mark.parametrize(
    ("dollars", "text"), [("0.4", "$0.40"), ("0.0015", "$0.0015"), ("-12", "-$12.00"), ("1.999999", "$1.999999")]
)
def test_people_read_dollars(dollars: str, text: str) -> None:
    """Two digits, more where they are needed."""
    assert str(Money.of(Decimal(dollars))) == text
