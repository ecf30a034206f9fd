"""`stillmotion serve`: the whole service on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from stillmotion.cli.installation import data_option, settings_of

if TYPE_CHECKING:
    from pathlib import Path


@click.command("serve", short_help="Serve the API: database, queue and workers with one command.")
@click.option("--host", help="Address to listen on; others than this machine's own need accounts.  [127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 is any free one.  [8000]")
@click.option("--workers", type=click.IntRange(0, 64), help="Worker processes; each films one film at a time.  [1]")
@data_option
def command(host: str | None, port: int | None, workers: int | None, data_dir: Path | None) -> None:
    """Serve the API on this machine until Ctrl-C. Settings come from the environment and stillmotion.toml too.

    A film that is running at Ctrl-C is finished if it does not take long, else it begins again at the next start.

    \b
    Examples:
      stillmotion serve
      stillmotion serve --port 9000 --workers 2 --data-dir /srv/stillmotion
    """
    settings = settings_of(data_dir, host=host, port=port, workers=workers)

    from stillmotion.server import serving, signals  # loads the whole service

    serving.serve(settings, click.echo)
    signals.ignore()
