"""The whole way once, with the real engine: photo and words to a film, the film to its Shot, the Shot to the film."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import av
import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_image

from measure import vtt
from measure.film_facts import film_facts
from stillmotion.cli.app import run
from stillmotion.media.recipe import read_recipe

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _pictures(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.stack([frame.to_ndarray() for frame in container.decode(video=0)])


def test_animate_plan_render(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`animate` films; `plan out.mp4` prints the Shot; `render` of that Shot gives the same pictures again."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(load_sample_image("china.jpg")).save("photo.png")
    assert run(["animate", "photo.png", "-p", "Slow dolly in over the lake", "--draft", "-o", "out.mp4", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    facts = film_facts("out.mp4")
    assert (facts.frame_count, facts.size_px, facts.duration_s) == (120, (640, 360), 4)
    assert (told["engine"], told["width"], told["height"], told["frames"]) == ("diorama", 640, 360, 120)

    cues = vtt.read((tmp_path / "out.vtt").read_text(encoding="utf-8"))
    assert cues
    captions = json.loads(read_recipe("out.mp4"))["captions"]
    assert [(cue.start_s, cue.text) for cue in cues] == [(one["start_s"], one["text"]) for one in captions]

    words = ["plan", "photo.png", "-p", "Slow dolly in over the lake while a dragon plays chess", "--draft"]
    assert run(words) == 0
    planned = capsys.readouterr()
    assert json.loads(planned.out)["size_px"] == [640, 360]
    lines = planned.err.splitlines()
    notes = [line for line in lines if line.startswith("note: ")]
    assert notes
    assert lines[-len(notes) :] == notes
    assert any(line.strip() == "Camera" or line.startswith("Camera") for line in lines[: -len(notes)])
    assert run([*words, "--json"]) == 0
    assert "Camera" not in capsys.readouterr().err

    assert run(["plan", "out.mp4", "-q"]) == 0
    shot = capsys.readouterr().out
    assert [move["kind"] for move in json.loads(shot)["camera"]] == ["dolly"]
    (tmp_path / "shot.json").write_text(shot, encoding="utf-8")

    assert run(["render", "photo.png", "shot.json", "-o", "again.mp4", "-q"]) == 0
    first = _pictures(tmp_path / "out.mp4")
    assert np.array_equal(first, _pictures(tmp_path / "again.mp4"))
    assert np.abs(first[0].astype(int) - first[-1]).mean() > 3, "the camera does not move"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("again.mp4", "again.vtt", "out.mp4", "out.vtt", "photo.png", "shot.json")
    ]
