"""Waiting for a prediction at the terminal: what is shown meanwhile, and what an interruption leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from stillmotion.cli.display import stages
from stillmotion.errors import LeftRunning

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.client import Client

Command = TypeVar("Command", bound="Callable[..., Any]")


def wait_option(command: Command) -> Command:
    """--wait."""
    return click.option("--wait", "waits", is_flag=True, help="First wait until it has ended.")(command)


def follow(
    client: Client,
    prediction_id: str,
    *,
    quiet: bool,
    verbose: bool,
    timeout_s: float | None = None,
    interval_s: float = 1.0,
) -> dict[str, Any]:
    """The prediction once it is completed; how far it is stands on stderr until then.

    Raises:
        LeftRunning: Ctrl-C; it goes on, and the message says how to get back to it.
    """
    try:
        with stages(quiet=quiet, verbose=verbose, whole=True) as progress:
            return client.wait(prediction_id, timeout_s=timeout_s, poll_interval_s=interval_s, progress=progress)
    except KeyboardInterrupt:
        message = (
            f"No longer waiting; {prediction_id} goes on. `stillmotion show {prediction_id} --wait` waits again, "
            f"`stillmotion download {prediction_id} --wait` fetches the film, "
            f"`stillmotion cancel {prediction_id}` stops it."
        )
        raise LeftRunning(message, prediction_id=prediction_id) from None
