"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import click

from stillmotion.diorama.brief import SEED_LIMIT
from stillmotion.errors import OutputUnwritable, PromptRefused

Command = TypeVar("Command", bound=Callable[..., Any])

FILM_SUFFIX = ".mp4"
_SIZE = re.compile(r"(\d{1,5})\s*[xX]\s*(\d{1,5})")


class SizeType(click.ParamType[tuple[int, int]]):
    """Width and height as WxH; which sizes are made is decided later, so that the message can name them."""

    name = "WxH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """See `click.ParamType`."""
        found = _SIZE.fullmatch(str(value).strip())
        if found is None:
            self.fail(f"{value!r} is not a size; write width x height, for example 1280x720.", param, ctx)
        return int(found.group(1)), int(found.group(2))


class PromptType(click.ParamType[str]):
    """A prompt as it stands, or @file to read it from a file (@- from stdin). It is never rewritten."""

    name = "TEXT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """See `click.ParamType`."""
        text = str(value)
        if text.startswith("@"):
            text = self._read(text[1:], param, ctx)
        try:
            text.encode()
        except UnicodeEncodeError as error:
            message = "The prompt is not valid UTF-8 text."
            raise PromptRefused(message) from error
        return text

    def _read(self, name: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
            return data.decode("utf-8-sig")
        except OSError as error:
            self.fail(f"the prompt file {name} cannot be read: {error.strerror}.", param, ctx)
        except UnicodeDecodeError:
            self.fail(f"the prompt file {name} is not UTF-8 text.", param, ctx)


def prompt_option(*, required: bool) -> Callable[[Command], Command]:
    """-p, --prompt."""
    return click.option(
        "-p",
        "--prompt",
        type=PromptType(),
        required=required,
        help="What happens, how the camera moves, what is heard; @FILE reads it from a file, @- from stdin.",
    )


def shot_options(command: Command) -> Command:
    """Length, size, draft and seed of a shot that is still to be planned."""
    for option in (
        click.option("--seed", type=click.IntRange(0, SEED_LIMIT), default=0, show_default=True, help="Another take."),
        click.option("--draft", is_flag=True, help="A quick small film (360p), to judge the shot."),
        click.option(
            "--size",
            type=SizeType(),
            help="1280x720, 720x1280, 1792x1024, 1024x1792, 1920x1080 or 1080x1920; "
            "without it 720p in the photo's orientation.",
        ),
        click.option(
            "-d",
            "--duration",
            "seconds",
            type=int,
            default=4,
            show_default=True,
            metavar="SECONDS",
            help="4, 8, 12, 16 or 20.",
        ),
    ):
        command = option(command)
    return command


def talk_options(command: Command) -> Command:
    """How much is said, and in which form."""
    for option in (
        click.option("-v", "--verbose", is_flag=True, help="Say more on stderr; show where an error happened."),
        click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on stderr."),
        click.option("--json", "as_json", is_flag=True, help="One JSON value on stdout, errors included."),
    ):
        command = option(command)
    return command


def output_option(suffix: str) -> Callable[[Command], Command]:
    """-o, --output, for a file with this ending."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        help=f"The file to write, replaced if it is there, or a folder. Without it, a new {suffix} file here, "
        "named after the photo; nothing is overwritten.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a result goes: one chosen name, or the first free one of many."""

    names: Callable[[], Iterator[Path]]
    """The names that may be taken, best first."""
    chosen: bool
    """Whether the person chose the name; a file of that name is then replaced."""

    def write(self, write: Callable[[Path], object]) -> Path:
        """Have the result written and return its path. An automatic name is settled only when the file is whole."""
        from stillmotion.media.output import write_new

        if not self.chosen:
            return write_new(write, self.names())
        path = next(self.names())
        write(path)
        return path


def output_place(output: Path | None, photo: str, ending: str) -> Place:
    """Where the result goes.

    Args:
        output: what the person said; None or a folder means a new name after the photo.
        photo: path of the photo.
        ending: what the new name gets after the photo's stem, for example ".mp4".

    Raises:
        OutputUnwritable: the name has another suffix, or is the photo itself, or cannot be written.
    """
    from stillmotion.media.output import check_writable  # keeps --help light

    if output is None or output.is_dir():
        names = partial(_new_names, output or Path(), Path(photo).stem or "film", ending)
        check_writable(next(names()))
        return Place(names=names, chosen=False)
    _check_chosen(output, photo, Path(ending).suffix or ending)
    check_writable(output)
    return Place(names=partial(iter, (output,)), chosen=True)


def _check_chosen(output: Path, photo: str, suffix: str) -> None:
    if output.suffix.lower() != suffix:
        message = f"{output} does not end in {suffix}, which is what this command writes; choose such a name with -o."
        raise OutputUnwritable(message)
    if output.exists() and Path(photo).exists() and output.samefile(photo):
        message = f"{output} is the input itself; choose another name with -o."
        raise OutputUnwritable(message)


def _new_names(folder: Path, stem: str, ending: str) -> Iterator[Path]:
    """The names photo.mp4, photo-2.mp4, photo-3.mp4 ... that are not there yet."""
    names = (folder / (f"{stem}-{number}{ending}" if number > 1 else f"{stem}{ending}") for number in count(1))
    return (name for name in names if not name.exists())
