"""The books balance, whatever happens in whatever order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from stillmotion.errors import BalanceTooLow
from stillmotion.money import ZERO, Money
from stillmotion.server import ids, ledger
from stillmotion.server.db.schema import accounts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DOLLAR = Money.of(1)


def customer(connection: Connection, *, may_owe: bool = False) -> str:
    """A new account with its books."""
    account_id = ids.prediction_id()
    connection.execute(accounts.insert().values(id=account_id, name="somebody", created_at=NOW))
    ledger.open_books(connection, account_id, may_owe=may_owe)
    return account_id


def test_hold_and_capture(connection: Connection) -> None:
    """What is held is neither spent nor free; captured, it is gone."""
    me = customer(connection)
    assert ledger.top_up(connection, me, DOLLAR, reference="r1" + me, words="cash", at=NOW)
    assert ledger.hold(connection, me, Money.of("0.40"), prediction_id="p1" + me[:20], at=NOW)
    assert ledger.balance(connection, me) == ledger.Balance(available=Money.of("0.60"), held=Money.of("0.40"))
    assert ledger.capture(connection, me, prediction_id="p1" + me[:20], at=NOW)
    assert ledger.balance(connection, me) == ledger.Balance(available=Money.of("0.60"), held=ZERO)
    assert ledger.audit(connection) == ()


def test_a_hold_ends_once(connection: Connection) -> None:
    """Captured or released, never both, and doing it again changes nothing."""
    me = customer(connection)
    ledger.top_up(connection, me, DOLLAR, reference="r" + me, words="", at=NOW)
    ledger.hold(connection, me, DOLLAR, prediction_id="p" + me[:20], at=NOW)
    assert not ledger.hold(connection, me, DOLLAR, prediction_id="p" + me[:20], at=NOW)
    assert ledger.release(connection, me, prediction_id="p" + me[:20], at=NOW)
    assert not ledger.capture(connection, me, prediction_id="p" + me[:20], at=NOW)
    assert not ledger.release(connection, me, prediction_id="p" + me[:20], at=NOW)
    assert ledger.balance(connection, me).available == DOLLAR
    assert not ledger.capture(connection, me, prediction_id="never held", at=NOW)


def test_nobody_spends_what_they_do_not_have(connection: Connection) -> None:
    """The message says what it costs and what to do."""
    me = customer(connection)
    with pytest.raises(BalanceTooLow, match=r"Insufficient credits.*\$0\.40"):
        ledger.hold(connection, me, Money.of("0.40"), prediction_id="p" + me[:20], at=NOW)


def test_single_user_money_is_recorded_and_never_refused(connection: Connection) -> None:
    """An account that may owe goes below zero."""
    me = customer(connection, may_owe=True)
    assert ledger.hold(connection, me, DOLLAR, prediction_id="p" + me[:20], at=NOW)
    assert ledger.balance(connection, me).available == -DOLLAR


@pytest.mark.parametrize("statement", ["update transfers set micros = 0", "delete from transfers"])
def test_transfers_are_never_changed(connection: Connection, statement: str) -> None:
    """Not even by hand."""
    me = customer(connection)
    ledger.top_up(connection, me, DOLLAR, reference="r" + me, words="", at=NOW)
    with pytest.raises(DBAPIError, match="never changed"):
        connection.execute(text(statement))


def test_audit_finds_a_balance_that_lies(connection: Connection) -> None:
    """A balance that is not the sum of its transfers is named."""
    me = customer(connection)
    connection.execute(text("update balances set micros = 7 where book = :book"), {"book": ledger.spendable(me)})
    assert {finding.where for finding in ledger.audit(connection)} == {ledger.spendable(me), "all"}


def test_top_ups_are_above_zero(connection: Connection) -> None:
    """Nothing is taken by topping up."""
    me = customer(connection)
    with pytest.raises(ValueError, match="above zero"):
        ledger.top_up(connection, me, ZERO, reference="r", words="", at=NOW)


class _Books(RuleBasedStateMachine):
    """Everything that may happen to one account, against a plain model of it."""

    database: Engine
    predictions = Bundle("predictions")

    @initialize()
    def open(self) -> None:
        self.connection = self.database.connect()
        self.transaction = self.connection.begin()
        self.me = customer(self.connection)
        self.available = 0
        self.holds: dict[str, int] = {}
        self.ended: set[str] = set()
        self.number = 0

    @rule(micros=st.integers(1, 3_000_000), again=st.booleans())
    def top_up(self, micros: int, *, again: bool) -> None:
        self.number += 1
        for turn in range(1 + again):
            booked = ledger.top_up(
                self.connection, self.me, Money(micros), reference=f"{self.me}-{self.number}", words="", at=NOW
            )
            assert booked is (turn == 0)
        self.available += micros

    @rule(target=predictions, micros=st.integers(0, 2_000_000))
    def hold(self, micros: int) -> str:
        self.number += 1
        prediction = f"{self.me[:20]}-{self.number}"
        point = self.connection.begin_nested()
        try:
            ledger.hold(self.connection, self.me, Money(micros), prediction_id=prediction, at=NOW)
        except BalanceTooLow:
            assert micros > self.available
            point.rollback()
        else:
            assert micros <= self.available
            point.commit()
            self.available -= micros
            self.holds[prediction] = micros
        return prediction

    @rule(prediction=predictions, captured=st.booleans())
    def end(self, prediction: str, *, captured: bool) -> None:
        finish = ledger.capture if captured else ledger.release
        done = finish(self.connection, self.me, prediction_id=prediction, at=NOW)
        assert done is (prediction in self.holds and prediction not in self.ended)
        if done:
            self.ended.add(prediction)
            self.available += 0 if captured else self.holds[prediction]

    @invariant()
    def agrees(self) -> None:
        held = sum(micros for name, micros in self.holds.items() if name not in self.ended)
        found = ledger.balance(self.connection, self.me)
        assert (found.available.micros, found.held.micros) == (self.available, held)
        assert self.available >= 0
        assert ledger.audit(self.connection) == ()

    def teardown(self) -> None:
        self.transaction.rollback()
        self.connection.close()


def test_any_history_balances(database: Engine) -> None:
    """Top-ups, holds and ends in any order agree with a plain model after every step."""
    machine = type("Books", (_Books,), {"database": database})
    checks = settings(
        max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    run_state_machine_as_test(machine, settings=checks)
