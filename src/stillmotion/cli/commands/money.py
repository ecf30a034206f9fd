"""`stillmotion balance`, `usage`, `billings`: what an account has, and where it went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from stillmotion.cli.display import say
from stillmotion.cli.options import talk_options
from stillmotion.cli.remote import moment, server, server_options, show_json, table

LONGEST_DAYS = 31


@click.command("balance", short_help="What may be spent.")
@server_options
@talk_options
def balance(*, base_url: str | None, api_key: str | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Print what your account may spend, in US dollars.

    On a server without accounts it sinks below zero: there money is written down and never refused.

    \b
    Example:
      stillmotion balance
    """
    del quiet, verbose
    with server(base_url, api_key) as client:
        amount = client.balance()
        if as_json:
            show_json({"balance": amount})
        else:
            click.echo(_dollars(amount))


@click.command("usage", short_help="What was run and what it cost, by model and day.")
@click.option(
    "--days", type=click.IntRange(1, LONGEST_DAYS), default=30, show_default=True, help="How many days back from now."
)
@click.option("--model", help="Only of this model.")
@server_options
@talk_options
def usage(
    *,
    days: int,
    model: str | None,
    base_url: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Sum up the last days: runs and costs, by model; with -v also by day.

    \b
    Example:
      stillmotion usage --days 7
    """
    del quiet
    end = datetime.now(UTC)
    with server(base_url, api_key) as client:
        found = client.usage(end - timedelta(days=days), end, model=model)
        if as_json:
            show_json(found)
            return
        models, days_of = found["per_model_usage"], found["daily_usage"] if verbose else []
        rows = [(one["model_uuid"], str(one["total_count"]), _dollars(one["total_cost"])) for one in models]
        daily = [(one["date"], str(one["count"]), _dollars(one["amount"])) for one in days_of]
        summary = found["summary"]
        table([*rows, *daily, ("all", str(summary["total_requests"]), _dollars(summary["total_cost"]))])


@click.command("billings", short_help="List money movements, newest first.")
@click.option("--type", "kind", type=click.Choice(("deduct", "top_up", "top_up_undone")), help="Only those.")
@click.option("--prediction", "predictions", multiple=True, metavar="ID", help="Only of these predictions.")
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("-n", "--limit", type=click.IntRange(1, 100), default=20, show_default=True, help="How many on a page.")
@server_options
@talk_options
def billings(
    *,
    kind: str | None,
    predictions: tuple[str, ...],
    page: int,
    limit: int,
    base_url: str | None,
    api_key: str | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """List what was charged, paid in and taken back: time (UTC), kind, amount, prediction.

    A run is charged when it completes. What was only held for one that then failed or was cancelled is no entry.

    \b
    Example:
      stillmotion billings -n 50
    """
    del verbose
    with server(base_url, api_key) as client:
        found = client.billings(page=page, page_size=limit, billing_type=kind, prediction_ids=predictions)
        if as_json:
            show_json(found)
            return
        table([_line(one) for one in found["items"]])
        if not found["items"] and not quiet:
            say("nothing that fits" if kind or predictions or page > 1 else "nothing yet")


def _line(one: dict[str, Any]) -> tuple[str, ...]:
    prediction = one.get("prediction") or {}
    return (
        moment(one.get("created_at")),
        str(one.get("billing_type", "")),
        _dollars(one.get("price", 0)),
        str(prediction.get("uuid", "")),
    )


def _dollars(amount: object) -> str:
    from stillmotion.money import Money

    return str(Money.of(str(amount)))
