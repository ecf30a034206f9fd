"""The parts of the service, with accounts and in the single-user mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stillmotion.server.clock import StoppedClock
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stillmotion.server.service import Service


@pytest.fixture(scope="module")
def service(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """With accounts; this machine's loopback counts as a network that the operator opened."""
    settings = Settings(
        database_url=database_url,
        data_dir=tmp_path_factory.mktemp("intake"),
        accounts=True,
        allow_networks=("127.0.0.1/32",),
        upload_limit_bytes=1 << 20,
    )
    with running(settings, StoppedClock()) as made:
        yield made
