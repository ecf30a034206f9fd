"""The program: its commands, and how every ending becomes an exit code and one message."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

import click

from stillmotion.errors import Cancelled, StillmotionError
from stillmotion.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

EXIT_USAGE = 2
EXIT_NO_READER = 141
"""What the shell says of programs that a closed pipe ended: 128 and the number of SIGPIPE."""
COMMANDS = {
    "animate": "animate:command",
    "plan": "plan:command",
    "render": "render:command",
    "scene": "scene:command",
    "serve": "serve:command",
    "worker": "worker:command",
    "models": "models:models",
    "schema": "models:schema",
    "price": "models:price",
    "run": "run:command",
    "show": "show:show",
    "history": "show:history",
    "download": "show:download",
    "upload": "show:upload",
    "uploads": "uploads:uploads",
    "cancel": "show:cancel",
    "delete": "show:delete",
    "balance": "money:balance",
    "usage": "money:usage",
    "billings": "money:billings",
    "webhooks": "webhooks:webhooks",
    "accounts": "keys:accounts",
    "keys": "keys:keys",
    "topup": "operate:topup",
    "migrate": "operate:migrate",
    "backup": "operate:backup",
    "restore": "operate:restore",
    "audit": "operate:audit",
    "config": "config:command",
    "plugins": "plugins:command",
    "assets": "assets:command",
    "doctor": "doctor:command",
}
"""Commands in the order in which a person meets them, each with its module and the name there."""


class Commands(click.Group):
    """A group whose commands are modules, imported when they are needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a person meets them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """What its module calls it."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"stillmotion.cli.commands.{module}"), name)
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def program() -> None:
    """One photo and one sentence in, a film shot with sound out, on your own machine.

    \b
    Example:
      stillmotion animate photo.jpg -p "Slow dolly in over the lake at dawn" -d 8 -o out.mp4

    Results go to stdout; progress, notes and errors go to stderr.

    \b
    Exit codes:
      0 done   1 failed   2 wrong usage   3 not signed in or not allowed   4 input refused
      5 server, weights or network   6 still running   7 balance too low   130 interrupted
    """


def run(arguments: Sequence[str]) -> int:
    """Run the program with these arguments and return its exit code."""
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # Click leaves by SystemExit when the reader is gone, and for nothing else
        _mute()
        return EXIT_NO_READER
    return code


def _mute() -> None:
    """Nobody reads any more: let the interpreter write what it still holds into nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None:
            os.dup2(nowhere, stream.fileno())


def _run(arguments: Sequence[str]) -> int:
    as_json, verbose = "--json" in arguments, "-v" in arguments or "--verbose" in arguments
    try:
        with _terminate_as_interrupt():
            code = program.main(args=list(arguments), prog_name="stillmotion", standalone_mode=False)
    except click.ClickException as error:
        return _usage(error, as_json=as_json)
    except (click.Abort, KeyboardInterrupt):
        return _failed(Cancelled(), as_json=as_json)
    except StillmotionError as error:
        if verbose:
            _behind(error)
        return _failed(error, as_json=as_json)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001  # a person sees one line; -v shows the rest
        if verbose:
            traceback.print_exc()
        message = f"{StillmotionError.default_message()} ({type(error).__name__}: {error}). -v shows where."
        return _failed(StillmotionError(message), as_json=as_json)
    return code if isinstance(code, int) else 0


def _usage(error: click.ClickException, *, as_json: bool) -> int:
    if as_json:
        _print_json_error("usage", error.format_message())
    else:
        error.show()
    return EXIT_USAGE


def _failed(error: StillmotionError, *, as_json: bool) -> int:
    if as_json:
        _print_json_error(error.code, str(error), prediction_id=error.prediction_id)
    else:
        click.echo(f"stillmotion: {error}", err=True)
    return error.exit_code


def _behind(error: StillmotionError) -> None:
    """What led to an error, a line each; where in the program it happened, only if nobody foresaw it."""
    if type(error) is StillmotionError:
        traceback.print_exc()
        return
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    while cause is not None:
        words = " ".join(str(cause).split())
        click.echo(f"because of {type(cause).__name__}{f': {words}' if words else ''}", err=True)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _print_json_error(code: str, message: str, *, prediction_id: str = "") -> None:
    """Errors of a run that goes on, or has ended, also name it."""
    which = {"prediction_id": prediction_id} if prediction_id else {}
    click.echo(json.dumps({"error": {"code": code, "message": message, **which}}))


@contextmanager
def _terminate_as_interrupt() -> Iterator[None]:
    """A polite kill cleans up as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is _interrupt:
            signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt
