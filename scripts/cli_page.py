"""Write docs/reference/cli.md from the program's own help: `python scripts/cli_page.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from stillmotion.cli.app import program

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "cli.md"
WIDTH = 100
HEAD = """# The command line

What `stillmotion --help` and the help of each command say. Made by `python scripts/cli_page.py`.

- **Streams.** Results go to stdout: a path, a Shot, a list. Progress, notes and errors go to stderr. On a terminal
  progress is a bar a stage, elsewhere a line a stage; `-q` silences both.
- **`--json`.** Exactly one JSON value on stdout. Errors too: `{"error": {"code": "...", "message": "..."}}`; codes are
  stable.
- **Nothing is half-written.** A film appears under its name when it is complete, or not at all.

| exit code | means |
| --- | --- |
| 0 | done |
| 1 | failed, for example because the disk is full; for `doctor`: something needs care |
| 2 | wrong usage: an unknown option, a missing prompt |
| 4 | input refused: the photo, the prompt, the length, the size, the Shot or the output name cannot be used |
| 5 | weights cannot be fetched, or have the wrong sha256 |
| 130 | interrupted by Ctrl-C or a polite kill; nothing was written |
| 141 | the reader of stdout went away, as in `stillmotion doctor` into a pager that was closed |

| variable | means |
| --- | --- |
| `STILLMOTION_CACHE_DIR` | where weights and scenes are kept, instead of the user's cache folder |
| `NO_COLOR` | no colours on a terminal |
"""


def helps(command: click.Command, name: str, above: click.Context | None) -> Iterator[tuple[str, str]]:
    """The command's full name and help, then those of its own commands."""
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, info_name=name, parent=above, **settings)
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            if found is not None:
                yield from helps(found, each, context)


def page() -> str:
    """The whole page as Markdown."""
    sections = [f"## {name}\n\n```text\n{text.rstrip()}\n```\n" for name, text in helps(program, "stillmotion", None)]
    return "\n".join([HEAD, *sections])


def main() -> int:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
