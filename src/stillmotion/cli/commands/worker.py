"""`stillmotion worker`: one more worker for a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stillmotion.cli.installation import data_option, settings_of

if TYPE_CHECKING:
    from pathlib import Path


@click.command("worker", short_help="Film for a service: one more worker beside those of serve.")
@click.option("--database-url", help="The service's PostgreSQL; also STILLMOTION_DATABASE_URL.")
@data_option
@click.pass_context
def command(context: click.Context, database_url: str | None, data_dir: Path | None) -> None:
    """Take films from the queue of a service until Ctrl-C; then the running one is finished or given back.

    The data folder must be that of the service, on this machine or shared: films are put there.

    \b
    Examples:
      stillmotion worker
      stillmotion worker --database-url postgresql://films@db.example/stillmotion --data-dir /mnt/stillmotion
    """
    settings = settings_of(data_dir, database_url=database_url)

    from stillmotion.server import signals
    from stillmotion.server.worker.worker import work  # loads what the work needs

    code = work(settings)
    signals.ignore()
    context.exit(code)
