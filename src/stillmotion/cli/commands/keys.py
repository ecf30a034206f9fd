"""`stillmotion accounts`, `stillmotion keys`: who may use this installation."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - annotations of every command name it
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from stillmotion.cli.display import say
from stillmotion.cli.installation import data_option, moment, transaction
from stillmotion.cli.options import talk_options
from stillmotion.cli.remote import show_json, table
from stillmotion.errors import InputRefused

if TYPE_CHECKING:
    from stillmotion.server.accounts import KeyInfo
    from stillmotion.server.operating import Holder


@click.group("accounts", short_help="Operator: who may use this installation.")
def accounts() -> None:
    """Accounts of this installation. They count once the setting `accounts` is on.

    \b
    Examples:
      stillmotion accounts create alice
      stillmotion accounts list
    """


@accounts.command("create")
@click.argument("name")
@click.option("--admin", is_flag=True, help="May also see what is for operators.")
@data_option
@talk_options
def create_account(*, name: str, admin: bool, data_dir: Path | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Make an account and print its id. It has no key and no money yet.

    \b
    Example:
      stillmotion accounts create alice
    """
    del verbose
    from stillmotion.server import operating

    with transaction(data_dir) as (connection, now):
        made = operating.create_account(connection, name, admin=admin, at=now)
    if as_json:
        show_json({"id": made.id, "name": made.name, "admin": made.admin})
        return
    click.echo(made.id)
    if not quiet:
        say(f"next: `stillmotion keys create {quote(name)}` and `stillmotion topup {quote(name)} 10`")


@accounts.command("list")
@data_option
@talk_options
def list_accounts(*, data_dir: Path | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """List accounts: id, balance, keys, name.

    \b
    Example:
      stillmotion accounts list --json
    """
    del quiet, verbose
    from stillmotion.server import operating

    with transaction(data_dir) as (connection, _):
        found = operating.holders(connection)
    if as_json:
        show_json([_holder(one) for one in found])
        return
    table([_holder_line(one) for one in found])


@accounts.command("suspend")
@click.argument("account")
@click.option("--lift", is_flag=True, help="Let it work again.")
@data_option
@talk_options
def suspend_account(
    *, account: str, lift: bool, data_dir: Path | None, as_json: bool, quiet: bool, verbose: bool
) -> None:
    """Refuse all keys of ACCOUNT (id or name) from now on. What runs already goes on.

    \b
    Examples:
      stillmotion accounts suspend alice
      stillmotion accounts suspend alice --lift
    """
    del verbose
    from stillmotion.server import operating

    with transaction(data_dir) as (connection, now):
        account_id = operating.find_account(connection, account)
        operating.suspend(connection, account_id, at=None if lift else now)
    if as_json:
        show_json({"id": account_id, "suspended": not lift})
    elif not quiet:
        say(f"{account} may work again" if lift else f"{account} is suspended")


@click.group("keys", short_help="Operator: API keys of an account.")
def keys() -> None:
    """API keys. A key is shown once, when it is made; only its hash is kept.

    \b
    Examples:
      stillmotion keys create alice --name laptop
      stillmotion keys list alice
    """


@keys.command("create")
@click.argument("account")
@click.option("--name", default="", help="What it is for.")
@data_option
@talk_options
def create_key(*, account: str, name: str, data_dir: Path | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Make a key for ACCOUNT (id or name) and print it. It cannot be shown again.

    \b
    Example:
      stillmotion keys create alice --name laptop
    """
    del verbose
    from stillmotion.server import accounts as people
    from stillmotion.server import operating

    with transaction(data_dir) as (connection, now):
        account_id = operating.find_account(connection, account)
        key = people.issue_key(connection, account_id, name=operating.key_name(name), at=now)
    if as_json:
        show_json({"id": key.public, "account": account_id, "name": name, "key": key.text})
        return
    click.echo(key.text)
    if not quiet:
        say(f"keep it: it is not shown again; its id is {key.public}")


@keys.command("list")
@click.argument("account")
@data_option
@talk_options
def list_keys(*, account: str, data_dir: Path | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """List the keys of ACCOUNT (id or name): id, when made, whether revoked, name.

    \b
    Example:
      stillmotion keys list alice
    """
    del quiet, verbose
    from stillmotion.server import accounts as people
    from stillmotion.server import operating

    with transaction(data_dir) as (connection, _):
        found = people.keys(connection, operating.find_account(connection, account))
    if as_json:
        show_json([_key(one) for one in found])
        return
    table([(one.public, moment(one.created_at), "revoked" if one.revoked_at else "good", one.name) for one in found])


@keys.command("revoke")
@click.argument("account")
@click.argument("key_id")
@data_option
@talk_options
def revoke_key(*, account: str, key_id: str, data_dir: Path | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Refuse the key KEY_ID of ACCOUNT from now on, for good.

    \b
    Example:
      stillmotion keys revoke alice 0aB1cD2eF3gH
    """
    del verbose
    from stillmotion.server import accounts as people
    from stillmotion.server import operating

    with transaction(data_dir) as (connection, now):
        account_id = operating.find_account(connection, account)
        done = people.revoke_key(connection, account_id, key_id, at=now)
    if not done:
        message = f"{account} has no good key {key_id!r}; `stillmotion keys list {account}` shows them."
        raise InputRefused(message)
    if as_json:
        show_json({"id": key_id, "revoked": True})
    elif not quiet:
        say(f"{key_id} is revoked")


def _holder_line(one: Holder) -> tuple[str, ...]:
    state = "suspended" if one.suspended_at else "admin" if one.admin else "-"
    held = f"{one.balance.held} held" if one.balance.held else "nothing held"
    return (one.id, str(one.balance.available), held, f"{one.keys} keys", state, one.name)


def _holder(one: Holder) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "admin": one.admin,
        "available_micros": one.balance.available.micros,
        "held_micros": one.balance.held.micros,
        "keys": one.keys,
        "created_at": one.created_at.isoformat(),
        "suspended_at": one.suspended_at.isoformat() if one.suspended_at else None,
    }


def _key(one: KeyInfo) -> dict[str, Any]:
    return {
        "id": one.public,
        "name": one.name,
        "created_at": one.created_at.isoformat(),
        "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
    }
