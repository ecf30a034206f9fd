"""What runs cost, what an account has, and what it spent."""

from __future__ import annotations

import hashlib
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field, create_model

from stillmotion import catalog
from stillmotion.catalog.exact import Exact
from stillmotion.errors import ModelUnknown, ParameterInvalid
from stillmotion.money import ZERO, Money
from stillmotion.server import ids, ledger
from stillmotion.server.api.accept import check_inputs
from stillmotion.server.api.callers import Caller, Parts  # noqa: TC001 - read by the framework
from stillmotion.server.api.hosted import envelope
from stillmotion.server.api.hosted.envelope import Success, Words
from stillmotion.server.api.hosted.results import PAGE, PAGES, ModelId, Text, Time
from stillmotion.server.api.hosted.submit import Control
from stillmotion.server.api.reading import Reading
from stillmotion.server.predictions import spending
from stillmotion.server.webhooks import bodies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stillmotion.catalog import Model, ModelInput
    from stillmotion.server.accounts import Account
    from stillmotion.server.predictions.spending import Bill, Spent
    from stillmotion.server.service import Service

router = APIRouter(route_class=Reading)
_LONGEST = timedelta(days=31)
_KINDS = {"capture": "deduct", "topup": "top_up", "undo": "top_up_undone"}
_LATEST_MS = 253_402_300_799_000
_Answer = dict[str, Any]


class Balance(Words):
    """What may be spent; what is held for open predictions is not in it."""

    balance: float


class Priced(Words):
    """Which run to price; inputs that do not change the price may be left out."""

    model_id: Text
    inputs: dict[str, Any] = Field(default_factory=dict)


class Price(Words):
    """What a run costs."""

    model_id: str
    price: float
    discounted_price: float
    discount_rate: float
    currency: Literal["USD"] = "USD"


class UnitPrice(Words):
    """What a run costs."""

    model_id: str
    unit_price: float
    currency: Literal["USD"] = "USD"


class Span(Words):
    """Of at most 31 days."""

    start_time: Time
    end_time: Time
    model_uuid: ModelId | None = None


class Summary(Words):
    """All models together."""

    total_cost: float
    total_requests: int
    success_requests: int


class ModelUsage(Words):
    """One model."""

    model_uuid: str
    model_type: str
    unit_price: float
    total_cost: float
    total_count: int
    last_used_date: str


class DayOfModel(Words):
    """One model on one day."""

    model_uuid: str
    amount: float
    count: int


class Day(Words):
    """One day (UTC)."""

    date: str
    amount: float
    count: int
    models: list[DayOfModel]


class Usage(Words):
    """What was made and what it cost."""

    summary: Summary
    per_model_usage: list[ModelUsage]
    daily_usage: list[Day]


Moment = Annotated[
    str, Field(pattern=r"^\d{1,15}$", description="Milliseconds since 1970, as text.", examples=["1767225600000"])
]


class Search(Words):
    """Which movements of money."""

    billing_type: Literal["deduct", "top_up", "top_up_undone"] | None = None
    prediction_uuids: Annotated[list[Text], Field(max_length=1000)] = Field(default_factory=list)
    sort: Literal["created_at ASC", "created_at DESC"] = "created_at DESC"
    start_time: Moment | None = None
    end_time: Moment | None = None
    page: Annotated[int, Field(ge=1, le=PAGES)] = 1
    page_size: Annotated[int, Field(ge=1, le=PAGE)] = 10


class SearchOf(Search, Exact):
    """The same as JSON."""


class Order(Words):
    """What was ordered."""

    uuid: str
    state: Literal["done"] = "done"
    price: float
    origin_price: float
    status: str
    ak_id: int


class Billed(Words):
    """For which prediction."""

    uuid: str
    model_uuid: str
    status: str


class BillItem(Words):
    """One movement of money."""

    uuid: str
    access_key_name: str
    billing_type: str
    price: float
    created_at: str
    updated_at: str
    order: Order
    prediction: Billed


class Bills(Words):
    """A page of them."""

    page: int
    total: int
    items: list[BillItem]


@router.get("/balance", response_model=Success[Balance])
def balance(service: Parts, account: Caller) -> _Answer:
    """What may be spent, in dollars."""
    with service.database.connect() as connection:
        has = ledger.balance(connection, account.id)
    return envelope.success({"balance": _dollars(has.available)})


@router.post("/model/price", response_model=Success[Price])
def price(account: Caller, asked: Priced) -> _Answer:
    """What a run of these inputs costs: that much is charged when it completes, and nothing when it fails."""
    del account
    model, cost = _quoted(asked)
    return envelope.success(
        {"model_id": model.id, "price": cost, "discounted_price": cost, "discount_rate": 0.0, "currency": "USD"}
    )


@router.post("/model/pricing", response_model=Success[UnitPrice])
def pricing(account: Caller, asked: Priced) -> _Answer:
    """The same in another form."""
    del account
    model, cost = _quoted(asked)
    return envelope.success({"model_id": model.id, "unit_price": cost, "currency": "USD"})


@router.post("/user/usage_stats", response_model=Success[Usage])
def usage(service: Parts, account: Caller, span: Span) -> _Answer:
    """What you made in a span of time, by model and by day."""
    if not timedelta(0) <= span.end_time - span.start_time <= _LONGEST:
        message = "end_time: must come after start_time, by at most 31 days."
        raise ParameterInvalid(message, field="end_time")
    with service.database.connect() as connection:
        rows = spending.spent(
            connection, account.id, begin=span.start_time, end=span.end_time, model_id=span.model_uuid
        )
    summary = {
        "total_cost": _dollars(_sum(rows)),
        "total_requests": sum(row.count for row in rows),
        "success_requests": sum(row.completed for row in rows),
    }
    models = [_of_model(name, [row for row in rows if row.model_id == name]) for name in _names(rows)]
    days = [_of_day([row for row in rows if row.day == day]) for day in sorted({row.day for row in rows})]
    return envelope.success({"summary": summary, "per_model_usage": models, "daily_usage": days})


@router.post("/billings/search", response_model=Success[Bills])
def billings(service: Parts, account: Caller, search: SearchOf | None = None) -> _Answer:
    """The movements of your money: what completed predictions cost, top-ups, and those that were taken back."""
    return found_bills(service, account, search or Search())


def found_bills(service: Service, account: Account, wanted: Search) -> _Answer:
    """The same for whoever asked in another way."""
    kinds = tuple(kind for kind, word in _KINDS.items() if wanted.billing_type in {None, word})
    which = spending.Billed(
        kinds=kinds,
        prediction_ids=[ids.prediction_of(one) or one for one in wanted.prediction_uuids],
        begin=_moment(wanted.start_time),
        end=_moment(wanted.end_time),
    )
    offset = (wanted.page - 1) * wanted.page_size
    newest_first = wanted.sort.endswith("DESC")
    with service.database.connect() as connection:
        found, total = spending.bills(
            connection, account.id, which, limit=wanted.page_size, offset=offset, newest_first=newest_first
        )
    return envelope.success({"page": wanted.page, "total": total, "items": [_bill(one) for one in found]})


def _quoted(asked: Priced) -> tuple[Model, float]:
    model = catalog.get(asked.model_id)
    given = {name: value for name, value in asked.inputs.items() if name not in Control.model_fields}
    return model, _dollars(model.price(check_inputs(model.id, _without_needs(model.input), given)))


@cache
def _without_needs(form: type[ModelInput]) -> type[ModelInput]:
    """The model's inputs when none is required: whoever asks for a price need not have a picture yet."""
    fields: dict[str, Any] = {}
    for name, one in form.model_fields.items():
        if one.is_required():
            spared = copy(one)
            spared.default = None
            fields[name] = (one.annotation, spared)
    return create_model(f"{form.__name__}Price", __base__=form, **fields)


def _dollars(amount: Money) -> float:
    return float(amount.dollars)


def _sum(rows: Sequence[Spent]) -> Money:
    return sum((row.cost for row in rows), ZERO)


def _names(rows: Sequence[Spent]) -> list[str]:
    return sorted({row.model_id for row in rows})


def _of_model(name: str, rows: Sequence[Spent]) -> dict[str, Any]:
    try:
        model = catalog.get(name)
        kind, base = model.kind, _dollars(model.base_price)
    except ModelUnknown:  # made by a plug-in that is no longer there
        kind, base = "", 0.0
    return {
        "model_uuid": name,
        "model_type": kind,
        "unit_price": base,
        "total_cost": _dollars(_sum(rows)),
        "total_count": sum(row.count for row in rows),
        "last_used_date": bodies.stamp(max(row.last_at for row in rows)),
    }


def _of_day(rows: Sequence[Spent]) -> dict[str, Any]:
    models = [{"model_uuid": row.model_id, "amount": _dollars(row.cost), "count": row.count} for row in rows]
    return {
        "date": rows[0].day.isoformat(),
        "amount": _dollars(_sum(rows)),
        "count": sum(row.count for row in rows),
        "models": models,
    }


def _bill(one: Bill) -> dict[str, Any]:
    at, cost = bodies.stamp(one.at), _dollars(one.amount)
    name = hashlib.sha256(one.reference.encode()).hexdigest()[:32]
    return {
        "uuid": name,
        "access_key_name": "",
        "billing_type": _KINDS[one.kind],
        "price": cost,
        "created_at": at,
        "updated_at": at,
        "order": {"uuid": name, "state": "done", "price": cost, "origin_price": cost, "status": "", "ak_id": 0},
        "prediction": {"uuid": one.prediction_id, "model_uuid": one.model_id, "status": one.status},
    }


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromtimestamp(min(int(text), _LATEST_MS) / 1000, UTC)
