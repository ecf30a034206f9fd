"""What holds for the house as a whole: what importing costs, what is sent, what is packed, what files may say."""

from __future__ import annotations

import importlib.util
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import stillmotion

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "stillmotion"
HEAVY = {"av", "click", "cv2", "numba", "numpy", "onnxruntime", "PIL", "pydantic", "rich", "scipy", "tokenizers"}
CHECKOUT = pytest.mark.skipif(
    not (ROOT / ".git").exists() or not shutil.which("git"), reason="needs git's list of files"
)


def test_the_notice_names_what_is_installed_beside() -> None:
    """Every dependency of the package stands in NOTICE with its licence, and so does what hibari-tts passes on."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=~!\[; ]", line)[0] for line in project["dependencies"]}
    listed = (ROOT / "NOTICE").read_text(encoding="utf-8").split("\nLibraries\n")[1]
    assert (
        sorted(name for name in (*names, "misaki", "spaCy") if not re.search(rf"\b{re.escape(name)}\b", listed)) == []
    )


def _run(code: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_importing_loads_nothing_heavy() -> None:
    """`import stillmotion` and looking at its names load no arrays, codecs, networks or terminals."""
    loaded = set(
        _run("import sys, stillmotion\ndir(stillmotion), stillmotion.__version__\nprint(*sys.modules)").split()
    )
    assert "stillmotion" in loaded
    assert not loaded & HEAVY


def test_every_public_name_is_there() -> None:
    """Each name of `__all__` can be had, and no other is invented."""
    assert all(getattr(stillmotion, name) is not None for name in stillmotion.__all__)
    with pytest.raises(AttributeError, match="animation"):
        stillmotion.animation  # noqa: B018


def test_the_version_is_one() -> None:
    """The version is semantic, and the changelog has a place for it."""
    assert re.fullmatch(r"\d+\.\d+\.\d+([-+.].+)?", stillmotion.__version__)
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in changelog or f"## [{stillmotion.__version__}]" in changelog


def test_networks_report_nothing(tmp_path: Path) -> None:
    """A network that runs in an empty home leaves no identifier there, and the runtime's reports are off."""
    code = """
import os, numpy
from stillmotion.diorama.perception import detector
detector.detect(numpy.zeros((64, 64, 3), numpy.uint8), 0.5)
print(os.environ["ORT_DISABLE_TELEMETRY"])
"""
    home = str(tmp_path)
    assert _run(code, HOME=home, XDG_CACHE_HOME=home, LOCALAPPDATA=home, ORT_DISABLE_TELEMETRY="0") == "1\n"
    assert list(tmp_path.rglob("*")) == []


def test_the_wheel_holds_what_the_program_reads(tmp_path: Path) -> None:
    """Data files, networks, licences and the mark of a typed package travel in the wheel; tests and pages do not."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    kept = {path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path.relative_to(PACKAGE.parent).as_posix() for path in kept} <= packed
    assert {name.split("/")[0] for name in packed} == {
        "stillmotion",
        f"stillmotion-{stillmotion.__version__}.dist-info",
    }
    assert {Path(name).name for name in packed if "/licenses/" in name} == {"LICENSE", "NOTICE"}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-build.lock"])
def test_lock_files_pin_and_hash_everything(name: str) -> None:
    """Each locked package has one version and hashes, and no file says where to get it from."""
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text) if not entry.startswith("#")]
    assert len(entries) > 5
    assert all(re.match(r"[a-z0-9._-]+==[^ ]+", entry) and "--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


def test_lock_files_know_all_dependencies() -> None:
    """What pyproject.toml asks for is locked, for users and for developers."""
    project = _project()["project"]
    for name, wanted in (
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", project["optional-dependencies"]["dev"]),
    ):
        locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        assert {re.match(r"[a-z0-9._-]+", line)[0] for line in wanted} <= locked


def test_few_rules_are_switched_off() -> None:
    """At most fifteen lint rules are ignored everywhere, and no import rule has exceptions."""
    tool = _project()["tool"]
    assert len(tool["ruff"]["lint"]["ignore"]) <= 15
    assert not any("ignore_imports" in contract for contract in tool["importlinter"]["contracts"])


def _words_of_tracked_files() -> list[tuple[str, str]]:
    git = shutil.which("git") or "git"
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    pages = []
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".onnx", ".jpg", ".png"} and path != Path(__file__):
            pages.append((name, path.read_text(encoding="utf-8")))
    return pages


@CHECKOUT
@pytest.mark.parametrize(
    "forbidden",
    [
        r"/(?:work|root|home|Users)/\w",
        r"pypi\.org|pythonhosted|registry\.npmjs|npmjs\.com",
        r"\b(?:TODO|FIXME|XXX)\b",
        r"(?i)\b(?:claude|anthropic|chatgpt|copilot|coding agent|as an ai)\b",
        r"(?i)\bissue #?\d|\btask [A-F]\b",
    ],
    ids=["machine-paths", "registries", "unfinished", "assistants", "tickets"],
)
def test_no_file_says(forbidden: str) -> None:
    """No tracked file names a machine's folder or a registry's host, or tells how it came about."""
    found = [
        f"{name}: {match[0]}"
        for name, text in _words_of_tracked_files()
        for match in re.finditer(forbidden, text)
        if name != "src/stillmotion/assets/data/imagenet_labels.txt"
    ]
    assert found == []


@pytest.mark.parametrize(
    ("missing", "version", "words"),
    [
        ("ensurepip", (3, 11), "apt install python3.11-venv"),
        ("venv", (3, 13), "apt install python3.13-venv"),
        ("", (3, 9), "needs Python 3.11 or newer; this is 3.9"),
        ("", (3, 13), None),
    ],
)
def test_make_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, missing: str, version: tuple[int, int], words: str | None
) -> None:
    """With a Python that is too old or cannot make environments, `make` names the remedy before it starts."""
    problem = runpy.run_path(str(ROOT / "scripts" / "ready.py"))["problem"]
    monkeypatch.setattr(sys, "version_info", (*version, 0, "final", 0))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else object())
    said = problem()
    assert said is None if words is None else words in said
