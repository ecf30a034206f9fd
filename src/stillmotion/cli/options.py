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

from stillmotion.diorama.brief import LOUDNESS_LUFS, LOUDNESS_RANGE_LUFS, SEED_LIMIT, STEMS, loudness_of
from stillmotion.errors import InputRefused, OutputUnwritable, PromptRefused

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


class LoudnessType(click.ParamType[float]):
    """LUFS as a number, or a name for it."""

    name = "LUFS"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """See `click.ParamType`."""
        try:
            lufs = loudness_of(str(value))
        except InputRefused as error:
            self.fail(str(error), param, ctx)
        low, high = LOUDNESS_RANGE_LUFS
        if lufs is None or not low <= lufs <= high:
            self.fail(f"{value!r} is not between {low:g} and {high:g} LUFS.", param, ctx)
        return lufs


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


def sound_options(command: Command) -> Command:
    """What is done with the sound."""
    presets = ", ".join(f"{name} ({lufs:g})" for name, lufs in LOUDNESS_LUFS.items())
    for option in (
        click.option(
            "--captions/--no-captions",
            default=True,
            show_default=True,
            help="What is heard, in words: a .vtt file beside the film, replaced with the film if that is, "
            "and a text track inside it.",
        ),
        click.option(
            "--stems",
            type=click.Path(path_type=Path),
            metavar="FOLDER",
            help="Also write each track of the mix as 24-bit WAV into this folder: "
            "dialogue.wav, foley.wav, ambience.wav, music.wav.",
        ),
        click.option(
            "--mute",
            type=click.Choice(STEMS),
            multiple=True,
            help="Leave out a track of the sound; may be given several times.",
        ),
        click.option(
            "--loudness",
            type=LoudnessType(),
            help=f"Integrated loudness: a number, or {presets}. Without it -16, and less for a quiet scene.",
        ),
    ):
        command = option(command)
    return command


def talk_options(command: Command) -> Command:
    """How much is said, and in which form."""
    for option in (
        click.option("-v", "--verbose", is_flag=True, help="Say more on stderr; show what is behind an error."),
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
    replaced: bool = False
    """Whether there is such a file."""

    def write(self, write: Callable[[Path], object]) -> Path:
        """Have the result written and return its path. An automatic name is settled only when the file is whole."""
        from stillmotion.media.output import write_new

        if not self.chosen:
            return write_new(write, self.names())
        path = next(self.names())
        write(path)
        return path


def output_place(output: Path | None, photo: str, ending: str, *beside: str) -> Place:
    """Where the result goes.

    Args:
        output: what the person said; None or a folder means a new name after the photo.
        photo: path of the photo.
        ending: what the new name gets after the photo's stem, for example ".mp4".
        beside: suffixes of files that are written beside it; a new name is free for all of them.

    Raises:
        OutputUnwritable: the name has another suffix, or is the photo itself, or cannot be written.
    """
    from stillmotion.media.output import check_writable  # keeps --help light

    if output is None or output.is_dir():
        names = partial(_new_names, output or Path(), Path(photo).stem or "film", (ending, *beside))
        check_writable(next(names()))
        return Place(names=names, chosen=False)
    _check_chosen(output, photo, Path(ending).suffix or ending)
    check_writable(output)
    return Place(names=partial(iter, (output,)), chosen=True, replaced=output.exists())


def _check_chosen(output: Path, photo: str, suffix: str) -> None:
    if output.suffix.lower() != suffix:
        message = f"{output} does not end in {suffix}, which is what this command writes; choose such a name with -o."
        raise OutputUnwritable(message)
    if output.exists() and Path(photo).exists() and output.samefile(photo):
        message = f"{output} is the input itself; choose another name with -o."
        raise OutputUnwritable(message)


def _new_names(folder: Path, stem: str, endings: tuple[str, ...]) -> Iterator[Path]:
    """The names photo.mp4, photo-2.mp4, photo-3.mp4 ... that are not there yet, nor anything of theirs."""
    stems = (f"{stem}-{number}" if number > 1 else stem for number in count(1))
    free = (each for each in stems if not any((folder / f"{each}{ending}").exists() for ending in endings))
    return (folder / f"{each}{endings[0]}" for each in free)
