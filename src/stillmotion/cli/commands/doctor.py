"""`stillmotion doctor`: is this machine ready?"""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - annotations of every command name it

import click

from stillmotion.cli.installation import data_option
from stillmotion.cli.options import talk_options

WORDS = {True: "ok", False: "PROBLEM", None: "info"}


@click.command("doctor", short_help="Check this machine: memory, disk, codecs, weights, database, clock.")
@data_option
@talk_options
@click.pass_context
def command(context: click.Context, *, data_dir: Path | None, as_json: bool, quiet: bool, verbose: bool) -> None:
    """Check whether this machine is ready to film and to serve. Exit code 0 when it is, 1 when something needs care.

    \b
    Example:
      stillmotion doctor
    """
    del verbose
    from stillmotion.cli.checkup import checkup  # loads the codec library

    findings = checkup(data_dir)
    healthy = all(finding.well is not False for finding in findings)
    if as_json:
        facts = {finding.name: {"ok": finding.well, "detail": finding.detail} for finding in findings}
        click.echo(json.dumps({"ok": healthy, "checks": facts}, ensure_ascii=False))
    else:
        for finding in findings:
            if not quiet or finding.well is False:
                click.echo(f"{WORDS[finding.well]:<8} {finding.name:<14} {finding.detail}")
    context.exit(0 if healthy else 1)
