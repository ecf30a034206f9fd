"""The command line, as transcripts: what is typed, what is printed where, which exit code, which files lie there after.

A transcript is a text file:

    # A comment says what is promised.
    with photo.jpg prompt.txt      fixture files (see `FIXTURES`)
    $ stillmotion animate ...      a command; what follows is about it
    exit 4                         its exit code
    out: text    err: text         a piece of stdout, of stderr
    no out       no err            nothing there
    files: a b                     everything in the folder afterwards
    error: code                    stdout is one JSON value with this error code
    json: key key                  stdout is one JSON object with these keys at least

Films are made by an engine of bars, so these tests are about the command line and nothing else.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from stillmotion import engines
from stillmotion.cli.app import run
from stillmotion.client.wire import Wire
from stillmotion.clip import Caption
from stillmotion.media.video import write_mp4
from stillmotion.progress import Stage
from unit.media.bars import bars_clip
from unit.media.pictures import animated, encoded, gradient, heic, jpeg, png_header

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.clip import Clip
    from stillmotion.diorama.brief import Brief
    from stillmotion.progress import Progress

TRANSCRIPTS = sorted(Path(__file__).parent.glob("*.txt"))


class BarsEngine:
    """Makes bars of whatever it is given, and says so in a note."""

    name = "bars"

    def generate(self, photo: NDArray[np.uint8], brief: Brief, progress: Progress) -> Clip:
        """A clip as long as asked for, tiny; its size tells which size was asked for."""
        del photo
        progress(Stage.ANALYSE, 1.0)
        recipe = json.dumps({"seed": brief.seed, "prompt": brief.prompt, "asked_px": brief.size_px})
        clip = bars_clip(seconds=brief.duration_s, recipe=recipe)
        notes = ["The bars do not dance: that was asked for."]
        if brief.muted or brief.loudness_lufs is not None:
            notes.append(f"Loudness {brief.loudness_lufs}, without {' '.join(brief.muted) or 'nothing'}.")
        captions = () if "silent" in brief.prompt else (Caption(start_s=0.0, end_s=2.0, text="[bars <click>]"),)
        return replace(clip, engine="bars", notes=tuple(notes), captions=captions)


FIXTURES = {
    "photo.jpg": lambda: jpeg(gradient(96, 64)),
    "tall.png": lambda: encoded(gradient(64, 96), "PNG"),
    "empty.jpg": lambda: b"",
    "text.jpg": lambda: b"I am no picture. " * 20,
    "cut.jpg": lambda: jpeg(gradient())[:-400],
    "huge.png": lambda: png_header(20_000, 20_000),
    "moving.gif": lambda: animated("GIF"),
    "phone.heic": heic,
    "prompt.txt": "Waves roll in,\nüber die Kiesel".encode,
    "latin.txt": lambda: "über".encode("latin-1"),
    "long.txt": lambda: b"x" * 32_001,
    "film.mp4": lambda: b"an old film",
    "photo-4.vtt": lambda: b"WEBVTT",
    "film.vtt": lambda: b"WEBVTT\n\nmade by hand",
    "quiet.vtt": lambda: b"WEBVTT\n\nmade by hand",
    "foreign.mp4": lambda: _film("{}", tag=b"somebody's_recipe!"),
    "future.mp4": lambda: _film('["a recipe of another time"]'),
    "ours.mp4": lambda: _film(
        '{"stillmotion": "0.1", "engine": "bars", "seed": 7, "shot": {"prompt": "Wellen über Kies"}}'
    ),
    "deep.json": lambda: b"[" * 200_000,
    "deep.mp4": lambda: _film("[" * 200_000),
    "list.json": lambda: b"[1, 2]",
    "broken.json": lambda: b'{"camera": [',
    "dragon.json": lambda: _shot('"verb": "fly", "subject": "dragon", "prop": "dragon"'),
    "box.json": lambda: _shot('"verb": "fall", "subject": "cup", "box": {"x0": 0.5, "y0": 0, "x1": 0.5, "y1": 1}'),
    "place.json": lambda: _shot('"verb": "fall", "subject": "ball", "prop": "ball", "place": [0.5, -40]'),
    "stillmotion.toml": lambda: _settings("http://from.the.file.invalid"),
    "heavy.json": lambda: _shot('"verb": "fall", "subject": "ball", "physics": {"mass_kg": -1}'),
}


def _settings(base_url: str) -> bytes:
    """Settings of the service and of the client in one file."""
    alias = '[client.alias.cat]\nmodel = "some/model"\ninputs = { duration = 8 }\n'
    return f'port = 8765\n[client]\nbase_url = "{base_url}"\n{alias}'.encode()


def _shot(cue: str) -> bytes:
    """A Shot written by hand with one cue."""
    frame = '"size_px": [640, 360], "framing": {"x0": 0, "y0": 0, "x1": 1, "y1": 1}'
    return f'{{{frame}, "motion": [{{{cue}}}]}}'.encode()


def _film(recipe: str, tag: bytes = b"stillmotion_recipe") -> bytes:
    """A film with this recipe under this tag."""
    path = Path("made.mp4")
    write_mp4(bars_clip(recipe=recipe), path)
    data = path.read_bytes().replace(b"stillmotion_recipe", tag)
    path.unlink()
    return data


@pytest.fixture(autouse=True)
def bars(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every film of these tests is made of bars."""
    monkeypatch.setattr(engines, "get", lambda _name="diorama": BarsEngine())


def _check(line: str, code: int, out: str, err: str) -> None:
    """One expectation of a transcript."""
    word, _, rest = line.partition(" ")
    match word:
        case "exit":
            assert code == int(rest), f"exit code {code}\nstdout: {out}\nstderr: {err}"
        case "out:":
            assert rest in out
        case "err:":
            assert rest in " ".join(err.split()), err
        case "no":
            assert (out if rest == "out" else err) == ""
        case "files:":
            assert sorted(path.name for path in Path().iterdir()) == sorted(rest.split())
        case "error:":
            error = json.loads(out)["error"]
            assert error["code"] == rest
            assert len(error["message"]) > 10
        case "json:":
            assert set(rest.split()) <= set(json.loads(out))
        case _:
            pytest.fail(f"a transcript cannot say {line!r}")


def _prepare(names: list[str]) -> None:
    for name in names:
        Path(name).write_bytes(FIXTURES[name]())


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda path: path.stem)
def test_transcript(
    transcript: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the transcript shows is what happens."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("STILLMOTION_") and "CACHE" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(Wire, "again", lambda *_: None)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"A prompt from stdin"), encoding="utf-8"))
    seen = (0, "", "")
    commands = 0
    for line in transcript.read_text(encoding="utf-8").splitlines():
        if line.startswith("$ stillmotion "):
            code = run(shlex.split(line)[2:])
            seen = (code, *capfd.readouterr())
            commands += 1
        elif line.startswith("with "):
            _prepare(line.split()[1:])
        elif line and not line.startswith("#"):
            _check(line, *seen)
    assert commands


def test_there_are_transcripts() -> None:
    """The folder was found."""
    assert len(TRANSCRIPTS) >= 8
