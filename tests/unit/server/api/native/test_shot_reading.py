"""Reading Shots outside of the API's process."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest

from stillmotion.errors import ReaderBusy, ShotInvalid
from stillmotion.server.api.native import shot_reading
from stillmotion.server.api.native.shot_reading import LIMIT, Reader

if TYPE_CHECKING:
    from pathlib import Path

SHOT = {
    "version": 1,
    "prompt": "waves",
    "duration_s": 8,
    "size_px": [1280, 720],
    "seed": 3,
    "framing": {"x0": 0.0, "y0": 0.0, "x1": 1.0, "y1": 1.0},
}


def test_a_reader_that_died_is_started_anew() -> None:
    """Whoever asks next notices nothing; what is wrong with a Shot is told as before."""
    with closing(Reader()) as reader:
        assert reader.read(json.dumps(SHOT))["duration_s"] == 8
        process = reader._process
        assert process is not None
        process.kill()
        process.wait()
        assert reader.read(json.dumps(SHOT))["seed"] == 3
        with pytest.raises(ShotInvalid, match="duration_s"):
            reader.read(json.dumps({**SHOT, "duration_s": 5}))
        with pytest.raises(ShotInvalid, match="are allowed"):
            reader.read(" " * (LIMIT + 1))


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who finds too many before him, or a reader that says nothing, is told so, and the next one is read."""
    with closing(Reader()) as reader:
        with monkeypatch.context() as short:
            short.setattr(shot_reading, "_START_S", 0.0)
            with pytest.raises(ReaderBusy):
                reader.read(json.dumps(SHOT))
        assert reader.read(json.dumps(SHOT))["seed"] == 3
        with monkeypatch.context() as short, reader._one_at_a_time:
            short.setattr(shot_reading, "_TURN_S", 0.01)
            with pytest.raises(ReaderBusy):
                reader.read(json.dumps(SHOT))
        with ExitStack() as others:
            for _ in range(shot_reading._WAITING):
                others.enter_context(reader._waiting)
            with pytest.raises(ReaderBusy):
                reader.read(json.dumps(SHOT))
        assert reader.read(json.dumps(SHOT))["seed"] == 3


def test_what_lies_about_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the working folder that is called like a part of Python is not taken for it."""
    (tmp_path / "json.py").write_text("raise SystemExit", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with closing(Reader()) as reader:
        assert reader.read(json.dumps(SHOT))["seed"] == 3


def test_the_api_does_not_load_the_engine() -> None:
    """Not even to read a Shot: its process would be three times as large."""
    words = "import json, sys\nfrom stillmotion.server.api.native import making\n"
    words += (
        f"made, _ = making._with_shot({{'shot': {SHOT!r}}})\nprint(made['seed'], {{'cv2', 'scipy'}} & {{*sys.modules}})"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["3", "set()"]


def test_the_reader_loads_little() -> None:
    """Neither the service nor what makes sound: it is there soon, and small."""
    words = "import sys\nfrom stillmotion.server.api.native import shot_process\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True, timeout=120)
    assert not {"fastapi", "sqlalchemy", "psycopg", "scipy.signal"} & set(done.stdout.split())
