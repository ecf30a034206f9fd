"""`stillmotion topup`, `migrate`, `backup`, `restore`, `audit`: looking after an installation."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from stillmotion.cli.display import say
from stillmotion.cli.installation import data_option, service, settings_of, transaction
from stillmotion.cli.options import talk_options
from stillmotion.cli.remote import show_json
from stillmotion.errors import BackupRefused, LedgerWrong

if TYPE_CHECKING:
    from stillmotion.server.backup import Summary
    from stillmotion.server.ledger import Finding

_SHOWN = 20


@click.command("topup", short_help="Operator: add money to an account.")
@click.argument("account")
@click.argument("amount", required=False)
@click.option("--reference", help="Names the payment: booked once, however often it is sent.")
@click.option("--undo", metavar="REFERENCE", help="Take the top-up of that reference back, instead of adding one.")
@click.option("--note", default="", help="Words for the books.")
@data_option
@talk_options
def topup(
    *,
    account: str,
    amount: str | None,
    reference: str | None,
    undo: str | None,
    note: str,
    data_dir: Path | None,
    as_json: bool,
    quiet: bool,
    verbose: bool,
) -> None:
    """Add AMOUNT US dollars to ACCOUNT (id or name) and print its balance.

    A reference that was used for another account or amount is refused. No entry is ever removed: --undo books the same
    amount the other way round, once, and only while that much is free.

    \b
    Examples:
      stillmotion topup alice 25 --reference invoice-17
      stillmotion topup alice --undo invoice-17
    """
    del verbose
    from stillmotion.server import ledger, operating

    if "" in {reference, undo}:  # of a variable that a script did not set: it would be booked each time
        message = "The reference is empty. Give the name of the payment, or leave --reference out to have one made."
        raise click.UsageError(message)
    if (amount is None) is (undo is None) or (undo is not None and reference):
        message = "Give an AMOUNT to add, with or without --reference, or --undo with the reference of a top-up."
        raise click.UsageError(message)
    named = undo or reference or operating.new_reference()
    with transaction(data_dir) as (connection, now):
        account_id = operating.find_account(connection, account)
        if amount is None:
            booked = operating.undo_top_up(connection, account_id, named, at=now, words=note)
        else:
            booked = operating.top_up(connection, account_id, amount, at=now, reference=named, words=note)
        balance = ledger.balance(connection, account_id).available
    if as_json:
        facts = {"account": account_id, "booked": booked, "reference": named, "balance_micros": balance.micros}
        show_json({**facts, "undo": amount is None})
        return
    click.echo(balance)
    if not quiet:
        say(_booked(account, named, booked=booked, undo=amount is None))


def _booked(account: str, reference: str, *, booked: bool, undo: bool) -> str:
    if undo:
        return f"{reference} was taken back" + ("" if booked else " before; nothing was changed")
    if not booked:
        return f"{reference} was booked before; nothing was added"
    return f"booked as {reference}; `stillmotion topup {quote(account)} --undo {quote(reference)}` takes it back"


@click.command("migrate", short_help="Operator: bring the database to this version.")
@data_option
@talk_options
def migrate(*, data_dir: Path | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Bring the tables of the database to this version. `serve` and `worker` do it too when they start.

    \b
    Example:
      stillmotion migrate
    """
    del verbose
    from stillmotion.server.db import engine
    from stillmotion.server.queue import make_tables
    from stillmotion.server.service import connected

    with connected(settings_of(data_dir)) as (database, _):
        with database.connect() as connection:
            before = engine.current_revision(connection)
        engine.migrate(database, make_tables)
    now = engine.revisions()[-1]
    if as_json:
        show_json({"before": before, "now": now})
    elif not quiet:
        say(
            f"the tables are at {now} already" if before == now else f"the tables went from {before or 'none'} to {now}"
        )


@click.command("backup", short_help="Operator: write everything into one archive.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Also when there is a FILE; that one goes when the new one is whole.")
@data_option
@talk_options
def backup(*, file: Path, replace: bool, data_dir: Path | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Write the database and all files into FILE, while the service runs. FILE is there whole or not at all.

    It holds what people sent and made, and the secrets of the installation: keep it where only you can read it.

    \b
    Example:
      stillmotion backup stillmotion-monday.zip
    """
    del verbose
    from stillmotion.server import backup as archives
    from stillmotion.server import store
    from stillmotion.server.clock import SystemClock
    from stillmotion.server.service import found

    if file.exists() and not replace:
        message = f"{file} is there already; choose another name, or --replace it."
        raise BackupRefused(message)
    settings = settings_of(data_dir)
    with found(settings) as (database, _):
        summary = archives.write(database, store.of(settings), file, at=SystemClock().now())
    _tell(summary, file, as_json=as_json, quiet=quiet, done="kept")


@click.command("restore", short_help="Operator: put an archive into an empty installation.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_option
@talk_options
def restore(*, file: Path, data_dir: Path | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Put FILE, which `stillmotion backup` wrote, into an empty database and prove the books of what came out.

    What had not ended when the backup was taken is filmed again. What is older than the service keeps films is counted:
    `serve` removes it, unless STILLMOTION_RETENTION_DAYS is raised before.

    \b
    Example:
      stillmotion restore stillmotion-monday.zip --data-dir elsewhere
    """
    del verbose
    from stillmotion.server import backup as archives
    from stillmotion.server import operating, store
    from stillmotion.server.clock import SystemClock
    from stillmotion.server.queue import PostgresQueue
    from stillmotion.server.service import connected

    settings = settings_of(data_dir)
    with connected(settings) as (database, url):
        now = SystemClock().now()
        summary = archives.restore(database, store.of(settings), PostgresQueue(url), file, at=now)
        with database.connect() as connection:
            _refuse(operating.audit(connection))
            old = archives.outlived(connection, settings.retention_days, at=now)
    _tell(summary, file, as_json=as_json, quiet=quiet, done="restored", outlived=old.count if old else 0)
    if old and not as_json and not quiet:
        say(
            f"{old.count} films and uploads are older than the {settings.retention_days:g} days that they are kept:"
            " `serve` and `worker` remove them at once. To keep them, set STILLMOTION_RETENTION_DAYS to"
            f" {old.keeping_days} or more before you start one."
        )


@click.command("audit", short_help="Operator: prove the ledger.")
@click.option("--files", "with_files", is_flag=True, help="Also look whether every output is in the store.")
@data_option
@talk_options
def audit(*, with_files: bool, data_dir: Path | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Prove the books. Exit code 0 when they are right, 1 with what is wrong.

    Every balance is the sum of its transfers; all of them sum to nothing; every prediction was held once, then charged
    its price if it completed, refunded if it failed, and neither while it runs.

    \b
    Example:
      stillmotion audit --files
    """
    del verbose
    from stillmotion.server import operating
    from stillmotion.server.service import place

    with service(data_dir) as parts, parts.database.connect() as plain:
        connection = plain.execution_options(isolation_level="REPEATABLE READ")
        seen = operating.audited(connection)
        found = operating.audit(connection)
        if with_files:
            found = (*found, *operating.audit_files(connection, parts.store))
        where = place(parts.settings)
    _refuse(found)
    if as_json:
        show_json({"ok": True, "place": where, **seen})
    elif not quiet:
        say("the books are right" + (", and every output is there" if with_files else ""))
        say(f"{where}: " + ", ".join(f"{count} {what}" for what, count in seen.items()))


def _refuse(found: tuple[Finding, ...]) -> None:
    if found:
        lines = [f"{one.where}: {one.what}" for one in found[:_SHOWN]]
        more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        raise LedgerWrong("; ".join(["The audit found what should not be", *lines, *more]) + ".")


def _tell(summary: Summary, file: Path, *, as_json: bool, quiet: bool, done: str, **more: int) -> None:
    if as_json:
        facts = {"file": str(file), "revision": summary.revision, "rows": summary.rows, "files": summary.files}
        show_json({**facts, "created_at": summary.created_at, **more})
        return
    if done == "kept":
        click.echo(file)
    if not quiet:
        say(f"{done}: {summary.rows} rows and {summary.files} files, as of {summary.created_at}")
