"""Programs that others published, in exactly the versions that we test against: every file is known by its hash."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from serving import environment

PINS = Path(__file__).parent / "contract" / "clients"
PATIENCE_S = 240
_PIP = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
_EXACTLY = ["--no-deps", "--require-hashes", "--only-binary", ":all:"]
_NPM = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]


def python_packages(name: str, folder: Path) -> Path:
    """The packages of a list of pins in a folder of their own, which no other package of ours can reach into."""
    packages = folder / "packages"
    _fetched([*_PIP, *_EXACTLY, "--target", str(packages), "--requirement", str(PINS / f"{name}.txt")], folder)
    return packages


def npm_packages(name: str, folder: Path) -> Path:
    """The packages of a lock file; without Node the test is skipped, or fails if STILLMOTION_TEST_NODE is set.

    Whoever wants the JavaScript clients to have been tried sets it: `STILLMOTION_TEST_NODE=1 make test`.
    """
    if shutil.which("npm") is None:
        words = "needs Node: there is no npm on this machine, so the JavaScript clients cannot run"
        (pytest.fail if os.environ.get("STILLMOTION_TEST_NODE") else pytest.skip)(words)
    for file in ("package.json", "package-lock.json"):
        shutil.copy(PINS / name / file, folder)
    _fetched(_NPM, folder)
    return folder


def answered(command: list[str], **more: str) -> Any:
    """What a program says in its last line of output, as JSON; it must end well."""
    done = subprocess.run(
        command, env=environment(**more), capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, (done.stderr + done.stdout)[-4000:]
    return json.loads(done.stdout if done.stdout.startswith(("{", "[")) else done.stdout.splitlines()[-1])


def _fetched(command: list[str], folder: Path) -> None:
    """Packages from their registry, without scripts of theirs."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
