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
- **`-v`.** Says how long stages take, and after an error what led to it, a line each. An error that nobody foresaw also
  shows where in the program it happened; please send that along when you report it.
- **Settings.** An option counts most, then the environment, then the nearest `stillmotion.toml` upwards, then yours in
  the user's folder of settings, then the default. Commands that talk to a server read the table `[client]` of it.
- **Nothing is half-written.** A film appears under its name when it is complete, or not at all.

| exit code | means |
| --- | --- |
| 0 | done; of `serve` and `worker` also: they were told to stop, once or more often, and stopped in order |
| 1 | failed, for example because the disk is full; for `doctor`: something needs care |
| 2 | wrong usage: an unknown option, a missing prompt |
| 3 | not signed in or not allowed: the key is missing, wrong or revoked, the account suspended |
| 4 | input refused: the photo, the prompt, the length, the size, the Shot or the output name cannot be used |
| 5 | the server does not answer or fails; weights cannot be fetched, or have the wrong sha256 |
| 6 | still running at `--timeout`; the message names the id |
| 7 | the balance does not cover the run, or the top-up that is to be taken back |
| 130 | interrupted by Ctrl-C or a polite kill; nothing was written, and what a server accepted goes on there |
| 141 | the reader of stdout went away, as in `stillmotion doctor` into a pager that was closed |

| variable | means |
| --- | --- |
| `STILLMOTION_CACHE_DIR` | where weights and scenes are kept, instead of the user's cache folder |
| `STILLMOTION_BASE_URL` | the server that commands talk to, instead of `http://127.0.0.1:8000` |
| `STILLMOTION_API_KEY`, `STILLMOTION_API_KEY_FILE` | the key to it, or a file that holds the key |
| `STILLMOTION_PORT`, `STILLMOTION_DATA_DIR` ... | every setting of the service: `stillmotion config show --origin` |
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
