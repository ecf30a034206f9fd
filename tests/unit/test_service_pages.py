"""The pages about the service: their commands can be typed, their settings exist, the container file fits."""

from __future__ import annotations

import ast
import http.server
import json
import os
import re
import shlex
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import click
import pytest

from stillmotion import errors
from stillmotion.cli.app import COMMANDS, program
from stillmotion.client import configuration
from stillmotion.progress import Stage
from stillmotion.server import webhooks
from stillmotion.server.api.native import listening
from stillmotion.server.api.shapes import status_of
from stillmotion.server.settings import SECRETS, Settings
from stillmotion.server.webhooks import delivering
from stillmotion.server.worker import filming, messages

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / "how-to" / f"{name}.md" for name in ("run-the-service", "clients", "container")]
REFERENCE = ROOT / "docs" / "reference" / "settings.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"STILLMOTION_([A-Z_]+)")
TURNED = ("AddressRefused", "MediaUnreachable", "SettingsInvalid", "ShotInvalid", "StoreTaken")
"""Errors that requests never get as such: what is at fault is a field of theirs, the prediction's own, or told before
anything starts."""
OTHERS = {"BASE_URL", "API_KEY", "API_KEY_FILE", "CACHE_DIR"}


def _lines(page: Path) -> list[list[str]]:
    """The stillmotion commands of a page, without the variables before them and the program that runs them inside."""
    blocks = [text for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")) if kind in {"console", "text"}]
    words = [shlex.split(line, comments=True) for line in "".join(blocks).splitlines() if "stillmotion " in line]
    places = [(line, next((at for at, word in enumerate(line) if word == "stillmotion"), None)) for line in words]
    return [line[at + 1 :] for line, at in places if at is not None and line[at + 1 : at + 2]]


COMMAND_LINES = [(page.stem, line) for page in PAGES for line in _lines(page) if line[0] in COMMANDS]


@pytest.mark.parametrize(
    ("page", "line"), COMMAND_LINES, ids=lambda each: each if isinstance(each, str) else " ".join(each)
)
def test_commands_can_be_typed(page: str, line: list[str]) -> None:
    """Each command of a page is one that the program takes, with these arguments."""
    assert page
    above = click.Context(program, **program.context_settings)
    command, context, rest = program.get_command(above, line[0]), above, line[1:]
    name = line[0]
    while isinstance(command, click.Group):
        name, rest = rest[0], rest[1:]
        command = command.get_command(context, name)
    assert command is not None
    command.make_context(name, [word for word in rest if word != "-h"], parent=context)


def test_there_are_commands() -> None:
    """The pages were found, and show each command of the operator at least once."""
    shown = {line[0] for _, line in COMMAND_LINES}
    operators = {"accounts", "keys", "topup", "migrate", "backup", "restore", "audit", "doctor", "serve", "worker"}
    assert operators <= shown


def test_every_setting_is_explained() -> None:
    """The reference has a line of words for each setting; the table of the guide names only settings that there are."""
    rows = [line.split("|") for line in REFERENCE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert [cells[1].strip(" `") for cells in rows] == list(Settings.model_fields)
    assert not [cells[1] for cells in rows if len(cells[4].split()) < 2]
    cells = [line.split("|")[1] for line in PAGES[0].read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    named = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert named
    assert named <= set(Settings.model_fields)


def test_settings_of_the_pages_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each stillmotion.toml of a page is read by the service and by the client."""
    monkeypatch.chdir(tmp_path)
    blocks = [text for page in PAGES for kind, text in BLOCK.findall(page.read_text()) if kind == "toml"]
    assert len(blocks) >= 3
    for text in blocks:
        (tmp_path / "stillmotion.toml").write_text(text, encoding="utf-8")
        told = Settings().model_dump(mode="json")
        for name, value in tomllib.loads(text).items():
            if name == "public_url":  # an address without a path ends with a slash once it is read
                assert str(told[name]).rstrip("/") == value
            else:
                assert name == "client" or json.dumps(value) in json.dumps(told[name])
        configuration.read(environment={}, folder=tmp_path)


def test_the_stages_are_all_named() -> None:
    """The page of the API names each stage that a prediction goes through, in their order, and no other."""
    page = (ROOT / "docs" / "reference" / "native-api.md").read_text(encoding="utf-8")
    (row,) = (line for line in page.splitlines() if line.startswith("| `stage`"))
    told = [stage.name.lower() for stage in Stage if stage is not Stage.SOUND and stage is not Stage.FETCH]
    assert re.findall(r"`([\w ]+)`", row.split("|")[2]) == [filming._FETCH, filming._WARM, messages.DECODE, *told]


@pytest.mark.parametrize("file", [*PAGES, REFERENCE, ROOT / "Containerfile"], ids=lambda path: path.name)
def test_variables_exist(file: Path) -> None:
    """A variable that a page or the container file sets is one that the program reads."""
    known = {name.upper() for name in Settings.model_fields} | {f"{name.upper()}_FILE" for name in SECRETS} | OTHERS
    assert set(VARIABLE.findall(file.read_text(encoding="utf-8"))) <= known


def test_the_container_file_fits() -> None:
    """What it copies is there and let through, it does not run as root, and it starts `stillmotion serve`."""
    lines = _container_file()
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    copied = [
        word for line in lines if line.startswith("COPY ") and "--from" not in line for word in line.split()[1:-1]
    ]
    assert copied
    for name in copied:
        assert (ROOT / name).exists()
        assert f"!{name}" in allowed
    after = lines.index("USER stillmotion")
    assert not [line for line in lines[after:] if line.startswith(("RUN", "COPY", "USER root"))]
    assert {'ENTRYPOINT ["stillmotion"]', 'CMD ["serve"]'} <= set(lines[after:])
    assert allowed[-1] == "**/__pycache__", "what was compiled here is of no use there"


def test_the_container_writes_to_its_volumes_alone() -> None:
    """Its folders and its user's home, where npm and pip keep what they like, are in volumes: the rest is read-only."""
    text = "\n".join(_container_file())
    (volumes,) = (json.loads(line) for line in re.findall(r"^VOLUME (.*)$", text, re.MULTILINE))
    written = dict(re.findall(r"\b(HOME|WORKDIR|\w+_DIR)[= ](/\S+)", text.partition("\nFROM ")[2]))
    assert {"HOME", "WORKDIR", "NUMBA_CACHE_DIR", "STILLMOTION_CACHE_DIR", "STILLMOTION_DATA_DIR"} == set(written)
    for place in written.values():
        assert any(Path(place).is_relative_to(volume) for volume in volumes), place
    assert re.findall(r"--home-dir (\S+)", text) == [written["HOME"]]


def test_the_health_check_comes_into_the_image() -> None:
    """Podman leaves it out of an image that is not of Docker's format: each build of the page asks for that."""
    lines = (ROOT / "docs" / "how-to" / "container.md").read_text(encoding="utf-8").splitlines()
    builds = [line for line in lines if line.startswith("podman build")]
    assert builds
    assert all("--format docker" in line for line in builds)


@pytest.mark.parametrize(("command", "path"), [("serve", "/healthz"), ("serve", "/readyz"), ("worker", "")])
def test_the_container_is_healthy_while_it_answers(tmp_path: Path, command: str, path: str) -> None:
    """At its port, by what says that it lives and not that it has room; a worker answers nobody and is healthy."""
    answered = threading.Thread(target=(server := _Answering(("127.0.0.1", 0), path)).handle_request)
    server.timeout = 20 if path else 0
    answered.start()
    check = next(line for line in _container_file() if line.startswith("HEALTHCHECK")).partition(" CMD ")[2]
    (first := tmp_path / "cmdline").write_bytes(b"/usr/bin/python\0/opt/stillmotion\0" + command.encode() + b"\0")
    words = json.loads(check)[2].replace("/proc/1/cmdline", str(first))
    port = {"STILLMOTION_PORT": str(server.server_address[1])}
    done = subprocess.run([sys.executable, "-c", words], env={**os.environ, **port}, capture_output=True, check=False)
    answered.join()
    server.server_close()
    assert (done.returncode == 0) is (path != "/readyz")


class _Answering(http.server.HTTPServer):
    """Says yes at one path."""

    def __init__(self, place: tuple[str, int], path: str) -> None:
        self.path = path
        super().__init__(place, _Yes)


class _Yes(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Yes, or no."""
        assert isinstance(self.server, _Answering)
        self.send_response(200 if self.path == self.server.path else 503)
        self.end_headers()

    def log_message(self, *_: object) -> None:  # type: ignore[override]
        """Nothing."""


def _container_file() -> list[str]:
    return (ROOT / "Containerfile").read_text(encoding="utf-8").splitlines()


def _answered() -> set[str]:
    """The names of the errors that the service makes where requests are answered, but for those that it turns."""
    home, turned = ROOT / "src" / "stillmotion" / "server", set(TURNED)
    files = [home / f"{name}.py" for name in ("accounts", "ledger", "policy", "quota", "rates")]
    for folder in ("api", "intake", "predictions", "store", "webhooks"):
        files += (home / folder).rglob("*.py")
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in (*files, ROOT / "src/stillmotion/signing.py")]
    called = [node.func for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    raised = [node.exc for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    either = [part for one in raised if isinstance(one, ast.IfExp) for part in (one.body, one.orelse)]
    names = {one.id for one in (*called, *raised, *either) if isinstance(one, ast.Name)}
    assert turned <= names
    return {name for name in names - turned if hasattr(errors, name)}


def test_the_pages_of_limits_and_webhooks_are_true() -> None:
    """The codes of faults, the waits between attempts and the numbers are those of the code."""
    limits, told = (
        (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") for name in ("limits.md", "webhooks.md")
    )
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.StillmotionError)]
    rows = [line.split("|") for line in limits.splitlines() if line.startswith("| ") and "`" in line.split("|")[-2]]
    answered, shown = _answered(), set[str]()
    for *_, answers, codes, _ in rows:
        named = set(re.findall(r"`(\w+)`", codes)) - {"no_such_route"}
        known = {one.code: str(status_of(one())) for one in kinds if one.code in named}
        assert set(known) == named
        assert set(known.values()) <= set(re.findall(r"\d{3}", answers)), codes
        shown |= named
    assert shown == {one.code for one in kinds if one.__name__ in answered} | {"internal"}
    assert f"{listening.LISTENERS} streams" in limits
    words = ["5 s", "5 min", "30 min", "2 h", "5 h", "10 h", "14 h", "20 h", "24 h"]
    units = {"s": 1, "min": 60, "h": 3600}
    assert [int(word.split()[0]) * units[word.split()[1]] for word in words] == list(webhooks.SCHEDULE_S[1:])
    assert re.sub(r"\s+", " ", ", ".join(words[:-1]) + " and " + words[-1]) in re.sub(r"\s+", " ", told)
    assert f"within {delivering.LIMIT_S:.0f} s" in told
