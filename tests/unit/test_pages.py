"""The README and the pages of docs/: what they link to exists, what is made from the program is current, samples run.

Samples run in an empty folder with one photo, as 360p drafts of four seconds: what is tested is that they work, and the
lengths and sizes that a page names are checked by themselves.
"""

from __future__ import annotations

import io
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from stillmotion.cli.app import COMMANDS, program, run
from stillmotion.diorama.brief import DURATIONS_S, SIZES_PX

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")])
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
SMALL = (640, 360)
OTHER_PROGRAMS = {"export", "source"}
PARSED_ONLY = {("assets", "adopt"), ("assets", "fetch"), ("assets", "verify")}
"""Run by tests of their own; here only their arguments are read."""


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def _blocks(page: Path, language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    """Each link to a file or to a heading of one leads to something that is there."""
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in _anchors(target), f"{link}: no such heading"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_tables_are_whole(page: Path) -> None:
    """No empty line cuts a table in two: what follows it would be read as text."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for rows in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        assert re.match(r"\|.*\n\|[-:| ]+\|\n", rows), f"rows without a head: {rows[:80]}"


def test_every_page_can_be_found() -> None:
    """The overview in docs/README.md leads to every page; decisions are a folder of their own."""
    overview = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [page for page in PAGES if "docs" in page.parts and page.parent.name != "decisions"]
    assert not [_name(page) for page in pages if page.name != "README.md" and f"/{page.name}" not in overview]


@pytest.mark.parametrize("script", ["assets_table", "cli_page", "settings_table", "shot_table"])
def test_generated_pages_are_current(script: str) -> None:
    """A reference page is what its script writes today; `make pages` writes them all."""
    made = runpy.run_path(str(ROOT / "scripts" / f"{script}.py"))
    path = ROOT / "scripts" / f"{script}.py"
    words = f"import runpy, sys; sys.stdout.buffer.write(runpy.run_path({str(path)!r})['page']().encode())"
    fresh = subprocess.run(
        [sys.executable, "-c", words], capture_output=True, check=True
    )  # Click keeps what others set
    assert made["PAGE"].read_text(encoding="utf-8") == fresh.stdout.decode()


def test_pictures_are_small() -> None:
    """Pictures of the pages together stay under half a megabyte."""
    assert sum(picture.stat().st_size for picture in (ROOT / "docs" / "images").iterdir()) < 500_000


def _pages_with(language: str) -> list[Path]:
    return [page for page in PAGES if _blocks(page, language)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what samples speak of."""
    shutil.copy(ROOT / "examples" / "photo.jpg", tmp_path / "photo.jpg")
    shutil.copy(ROOT / "examples" / "prompt.txt", tmp_path / "prompt.txt")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", _pages_with("sh"), ids=_name)
def test_commands_of_a_page_work(
    page: Path, folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands of a page work one after the other, as they stand, in a folder with a photo."""
    for line in "".join(_blocks(page, "sh")).splitlines():
        words = shlex.shlex(line, punctuation_chars=True, posix=True)
        words.whitespace_split, words.commenters = True, "#"
        _try(list(words), folder, capfd, monkeypatch)


def _try(words: list[str], folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    if not words or words[0] in OTHER_PROGRAMS:
        return
    if words[0] == "make":
        rules = (ROOT / "Makefile").read_text(encoding="utf-8")
        assert f"\n{words[1]}:" in rules, f"make knows no {words[1]}"
        return
    command, target = (words[: words.index(">")], words[-1]) if ">" in words else (words, None)
    out = ""
    for part in _piped(command):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(out.encode()), encoding="utf-8"))
        capfd.readouterr()
        assert part[0] == "stillmotion", f"{part[0]} is not checked"
        code = _run_small(part[1:])
        out, err = capfd.readouterr()
        assert code == 0, f"{shlex.join(part)}: exit {code}\n{err}"
    if target:
        (folder / target).write_text(out, encoding="utf-8")


def _piped(words: list[str]) -> Iterator[list[str]]:
    while "|" in words:
        yield words[: words.index("|")]
        words = words[words.index("|") + 1 :]
    yield words


def _run_small(arguments: list[str]) -> int:
    """Run a command, a film as a short draft."""
    if tuple(arguments[:2]) in PARSED_ONLY:
        return _parsed(arguments)
    assert arguments[0] in COMMANDS
    if arguments[0] == "animate" or (arguments[0] == "plan" and "-p" in arguments):
        arguments = _drafted(arguments)
    return run([*arguments, "-q"] if arguments[0] in {"animate", "render"} else arguments)


def _drafted(arguments: list[str]) -> list[str]:
    rest = list(arguments)
    for option, known in (("-d", {str(each) for each in DURATIONS_S}), ("--size", {f"{w}x{h}" for w, h in SIZES_PX})):
        if option in rest:
            at = rest.index(option)
            assert rest[at + 1] in known
            del rest[at : at + 2]
    return rest if "--draft" in rest else [*rest, "--draft"]


def _parsed(arguments: list[str]) -> int:
    """Whether the command takes these arguments; files that it names are made up."""
    command: click.Command = program
    context = click.Context(program, info_name="stillmotion", **program.context_settings)
    for name in arguments[:2]:
        assert isinstance(command, click.Group)
        found = command.get_command(context, name)
        assert found is not None
        command = found
    made_up = [str(Path("photo.jpg")) if "/" in each else each for each in arguments[2:]]
    command.make_context(arguments[1], made_up, parent=context)
    return 0


@pytest.mark.parametrize("page", _pages_with("python"), ids=_name)
@pytest.mark.usefixtures("folder")
def test_python_of_a_page_works(page: Path) -> None:
    """Each Python sample of a page runs by itself."""
    for number, text in enumerate(_blocks(page, "python")):
        small = re.sub(r"seconds=(?:4|8|12|16|20)\)", f"seconds=4, size={SMALL})", text)
        exec(compile(small, f"{_name(page)}, sample {number + 1}", "exec"), {})  # noqa: S102  # our own pages
