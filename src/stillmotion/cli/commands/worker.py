"""`stillmotion worker`: one more worker for a service."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command("worker", short_help="Film for a service: one more worker beside those of serve.")
@click.option("--database-url", help="The service's PostgreSQL; also STILLMOTION_DATABASE_URL.")
@click.option("--data-dir", type=click.Path(path_type=Path), help="Folder of the service: that of `serve`, or shared.")
@click.pass_context
def command(context: click.Context, database_url: str | None, data_dir: Path | None) -> None:
    """Take films from the queue of a service until Ctrl-C; then the running one is finished or given back.

    The data folder must be that of the service, on this machine or shared: films are put there.

    \b
    Examples:
      stillmotion worker
      stillmotion worker --database-url postgresql://films@db.example/stillmotion --data-dir /mnt/stillmotion
    """
    from stillmotion.server.settings import Settings
    from stillmotion.server.worker.worker import work

    given: dict[str, Any] = {"database_url": database_url, "data_dir": data_dir}
    context.exit(work(Settings(**{name: value for name, value in given.items() if value is not None})))
