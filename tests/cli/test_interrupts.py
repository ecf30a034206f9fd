"""Ctrl-C while the real engine works, at the moments when it would hurt most."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from stillmotion import assets
from stillmotion.assets.cache import default_folder
from stillmotion.diorama.scene import cached
from stillmotion.diorama.scene.analyse import fingerprint
from stillmotion.engines.diorama import scene_cache

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def _film(folder: Path, cache: Path) -> subprocess.Popen[str]:
    """The program, filming the china photo small."""
    Image.fromarray(load_sample_image("china.jpg")).save(folder / "photo.png")
    command = [sys.executable, "-m", "stillmotion", "animate", "photo.png", "-p", "Dolly in over the lake", "--draft"]
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "STILLMOTION_CACHE_DIR": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _cache(folder: Path, *, with_scene: bool) -> Path:
    """A cache of the test's own, with the weights and perhaps the scene of the photo that the user's cache holds."""
    assets.fetch_default()
    (folder / "scenes").mkdir(parents=True)
    (folder / "assets").symlink_to(default_folder(), target_is_directory=True)
    if with_scene:
        photo = load_sample_image("china.jpg")
        cached(photo, scene_cache())
        known = scene_cache().glob(f"{fingerprint(photo)}-*.scene")
        shutil.copy2(max(known, key=lambda path: path.stat().st_mtime), folder / "scenes")
    return folder


def _stage_begins(program: subprocess.Popen[str], stage: str) -> None:
    assert program.stderr is not None
    while (line := program.stderr.readline()) != f"{stage}\n":
        assert line, program.wait()


def _files(folder: Path) -> list[str]:
    """All files, but for the weights, which are only linked."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


@pytest.mark.parametrize(("stage", "after_s", "kept"), [("reading the photo", 0.3, []), ("rendering", 0.2, [".scene"])])
def test_ctrl_c_leaves_nothing_half_done(tmp_path: Path, stage: str, after_s: float, kept: list[str]) -> None:
    """Exit code 130, no film, no temporary file beside it or in the cache; scenes that were there before stay."""
    out, cache = tmp_path / "out", _cache(tmp_path / "cache", with_scene=stage == "rendering")
    out.mkdir()
    program = _film(out, cache)
    _stage_begins(program, stage)
    time.sleep(after_s)
    program.send_signal(signal.SIGINT)
    said = program.communicate(timeout=60)
    assert program.returncode == 130, said
    assert said[0] == ""
    assert said[1].splitlines()[-1] == "stillmotion: The work was cancelled; nothing was written."
    assert _files(out) == ["photo.png"]
    assert [name[name.rindex(".") :] for name in _files(cache)] == kept
