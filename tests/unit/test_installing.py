"""Installing as the page says: the wheel is built and put into a new environment, and the program there works."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import stillmotion

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "run-the-service.md"
BLOCK = re.compile(r"^## Install\n.*?^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LIBRARIES = "~/stillmotion/bin/pip install --require-hashes -r requirements.lock"
PARTS = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "requirements.lock")
PATIENCE_S = 120


def test_the_page_installs_the_wheel(tmp_path: Path) -> None:
    """The lines of the page, one after the other, end in a program that runs from the installed files alone.

    Only the libraries, some 300 MB, are not fetched again: the new environment sees those that are here.
    """
    found = BLOCK.search(PAGE.read_text(encoding="utf-8"))
    assert found is not None
    lines = found[1].splitlines()
    checkout, home = _copied(tmp_path / "checkout"), tmp_path / "home"
    home.mkdir()
    for line in lines[: lines.index(LIBRARIES)]:
        _typed(line, checkout, home)
    (packages,) = home.glob("stillmotion/lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    said = [_typed(line, checkout, home) for line in lines[lines.index(LIBRARIES) + 1 :]]
    assert said[-1] == f"stillmotion {stillmotion.__version__}\n"
    where = "~/stillmotion/bin/python -c 'import stillmotion; print(stillmotion.__file__)'"
    assert Path(_typed(where, home, home).strip()).is_relative_to(packages)
    assert "u2netp" in _typed("~/stillmotion/bin/stillmotion assets list", home, home)


def _copied(checkout: Path) -> Path:
    """What the wheel is built from; building writes nothing into the tree that is tested."""
    shutil.copytree(ROOT / "src", checkout / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in PARTS:
        shutil.copy(ROOT / name, checkout)
    return checkout


def _typed(line: str, folder: Path, home: Path) -> str:
    """What a line of a shell says; it must end well."""
    known = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=folder,
        env={**known, "HOME": str(home), "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, (line, done.stdout[-2000:], done.stderr[-2000:])
    return done.stdout
