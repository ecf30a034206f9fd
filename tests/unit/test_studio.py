"""The library's front door: what it loads, what it hands on, what it refuses before any work."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import stillmotion
from stillmotion import engines, errors, studio
from stillmotion.diorama.brief import Brief
from stillmotion.diorama.geometry import Box
from stillmotion.diorama.shot.records import Mix, Shot
from unit.media.bars import bars_clip
from unit.media.pictures import gradient

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.clip import Clip
    from stillmotion.progress import Progress

SHOT = Shot(size_px=(640, 360), framing=Box(x0=0.0, y0=0.1, x1=1.0, y1=0.9))


class Recorder:
    """An engine that remembers what it was asked for."""

    name = "recorder"

    photo_sha256 = "aa"

    def __init__(self) -> None:
        self.photos: list[np.ndarray] = []
        self.asked: list[Brief | Shot] = []

    def generate(self, photo: np.ndarray, brief: Brief | Shot, progress: Progress) -> Clip:
        """See Engine."""
        del progress
        self.photos.append(photo)
        self.asked.append(brief)
        return bars_clip(recipe=json.dumps({"seed": brief.seed, "photo_sha256": self.photo_sha256, "shot": {}}))

    def read_shot(self, text: str) -> Shot:
        """See Diorama."""
        return replace(SHOT, prompt=json.loads(text)["prompt"])

    def replay(self, photo: np.ndarray, shot: Shot, progress: Progress) -> Clip:
        """See Diorama."""
        return self.generate(photo, shot, progress)


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Stands where the embedded engine stands."""
    engine = Recorder()
    monkeypatch.setattr(engines, "get", lambda _name="diorama": engine)
    monkeypatch.setattr(studio, "_diorama", lambda: engine)
    return engine


def test_import_costs_nothing() -> None:
    """`import stillmotion` loads no numpy, no codec, no network; its errors can be caught all the same."""
    code = "import sys, stillmotion; stillmotion.errors.ImageBroken; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "av", "cv2", "PIL", "numba", "scipy", "click", "stillmotion.studio"} & set(done.stdout.split())


def test_public_names() -> None:
    """Every name of `__all__` is there, and `dir` shows them; another name is an AttributeError."""
    for name in stillmotion.__all__:
        assert getattr(stillmotion, name) is not None
    assert dir(stillmotion) == sorted(stillmotion.__all__)
    with pytest.raises(AttributeError, match="no attribute 'animat'"):
        stillmotion.animat  # noqa: B018


def test_animate_hands_on_what_was_asked(recorder: Recorder) -> None:
    """Photo, prompt, length, size and seed reach the engine as they were given."""
    stillmotion.animate(gradient(), "Waves roll in", seconds=8, size=(1920, 1080), seed=7)
    assert recorder.asked == [Brief(prompt="Waves roll in", duration_s=8, size_px=(1920, 1080), seed=7)]
    assert np.array_equal(recorder.photos[0], gradient())


def test_a_clip_saves_itself(recorder: Recorder, tmp_path: Path) -> None:
    """`clip.save(path)` writes a film and returns its path; so does `stillmotion.save`."""
    del recorder
    with stillmotion.animate(gradient(), "Waves") as clip:
        assert clip.save(tmp_path / "a.mp4") == tmp_path / "a.mp4"
    assert stillmotion.save(clip, str(tmp_path / "b.mp4")) == tmp_path / "b.mp4"
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"prompt": ""}, errors.PromptEmpty),
        ({"prompt": " \n"}, errors.PromptEmpty),
        ({"prompt": "x" * 32_001}, errors.PromptTooLong),
        ({"seconds": 5}, errors.DurationRefused),
        ({"size": (800, 600)}, errors.SizeRefused),
        ({"loudness": -5}, errors.InputRefused),
        ({"loudness": float("nan")}, errors.InputRefused),
        ({"loudness": "deafening"}, errors.InputRefused),
        ({"mute": ["kazoo"]}, errors.InputRefused),
        ({"image": b"no picture"}, errors.ImageFormatRefused),
        ({"image": "absent.jpg"}, errors.ImageUnreadable),
    ],
)
def test_refusals_come_before_the_engine(recorder: Recorder, options: dict, kind: type[Exception]) -> None:
    """What cannot be made is refused before the engine hears of it."""
    with pytest.raises(kind):
        stillmotion.animate(**{"image": gradient(), "prompt": "Waves", **options})
    assert recorder.asked == []


def test_longest_prompt_is_taken(recorder: Recorder) -> None:
    """32,000 characters are still a prompt."""
    stillmotion.animate(gradient(), "x" * 32_000)
    assert len(recorder.asked) == 1


@pytest.mark.parametrize(
    ("loudness", "lufs"),
    [("broadcast", -23.0), ("Loud", -14.0), (-18, -18.0), ("\N{MINUS SIGN}20", -20.0), (None, None)],
)
def test_loudness_and_mutes_are_handed_on(recorder: Recorder, loudness: float | str | None, lufs: float | None) -> None:
    """A name, a number or its text; one track or several."""
    stillmotion.animate(gradient(), "Waves", loudness=loudness, mute="music")
    stillmotion.animate(gradient(), "Waves", mute=["foley", "music"])
    assert recorder.asked[0] == Brief(prompt="Waves", loudness_lufs=lufs, muted=("music",))
    assert recorder.asked[1].muted == ("foley", "music")


def test_render_takes_another_loudness_and_mutes(recorder: Recorder) -> None:
    """What the Shot leaves out stays out; without a word the Shot's own mix is kept."""
    shot = replace(SHOT, mix=Mix(loudness_lufs=-30.0, muted=("music",)))
    stillmotion.render(gradient(1600, 1125), shot, loudness="loud", mute=("foley", "music"))
    stillmotion.render(gradient(1600, 1125), shot)
    assert recorder.asked[0].mix == Mix(loudness_lufs=-14.0, muted=("music", "foley"))
    assert recorder.asked[1].mix == shot.mix
    with pytest.raises(errors.InputRefused, match="dialogue, foley, ambience, music"):
        stillmotion.render(gradient(), shot, mute=["kazoo"])


def test_a_clip_saves_its_tracks_and_captions(recorder: Recorder, tmp_path: Path) -> None:
    """`clip.save_stems(folder)` and `clip.save_captions(path)`, with the paths; `audio` is the sum of `stems`."""
    del recorder
    clip = stillmotion.animate(gradient(), "Waves")
    assert clip.save_stems(tmp_path / "tracks") == (tmp_path / "tracks" / "ambience.wav",)
    assert clip.save_captions(str(tmp_path / "a.vtt")).read_text() == "WEBVTT\n"
    assert np.array_equal(sum(clip.stems.values()), clip.audio)


def test_render_takes_another_rate_and_size(recorder: Recorder) -> None:
    """A Shot can be filmed at another rate and size; the rest of it stays exactly as it is."""
    stillmotion.render(gradient(1600, 1125), SHOT, fps=24, size=(1280, 720))
    (asked,) = recorder.asked
    assert asked == replace(SHOT, fps=24, size_px=(1280, 720))


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (1792, 1024), (360, 640)])
def test_framing_is_cropped_to_the_shape_of_the_size(recorder: Recorder, size: tuple[int, int]) -> None:
    """The framing gets the shape of the picture by cutting, around its middle, never by growing."""
    stillmotion.render(gradient(1500, 900), SHOT, size=size)
    box = recorder.asked[0].framing
    assert box.width * 1500 / (box.height * 900) == pytest.approx(size[0] / size[1])
    assert box.centre == pytest.approx(SHOT.framing.centre)
    assert box.x0 >= SHOT.framing.x0 - 1e-9
    assert box.y0 >= SHOT.framing.y0 - 1e-9


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"duration_s": 5}, errors.DurationRefused),
        ({"size_px": (800, 600)}, errors.SizeRefused),
        ({"fps": 0}, errors.InputRefused),
        ({"fps": 1000}, errors.InputRefused),
        ({"fps": 29.97}, errors.InputRefused),
    ],
)
def test_render_refuses_what_cannot_be_made(recorder: Recorder, change: dict, kind: type[Exception]) -> None:
    """A Shot with an impossible length, size or rate is refused before the engine hears of it."""
    with pytest.raises(kind):
        stillmotion.render(gradient(), replace(SHOT, **change))
    assert recorder.asked == []


def test_shot_json_takes_a_recipe_too() -> None:
    """The recipe out of a film is as good as the Shot inside it; other text is left for the Shot's reader to refuse."""
    shot = {"prompt": "Waves", "duration_s": 4}
    assert json.loads(studio.shot_json(json.dumps({"stillmotion": "1", "shot": shot}))) == shot
    for text in (json.dumps(shot), "[1]", "no JSON", ""):
        assert studio.shot_json(text) == text


HOSTILE = {
    "lists": "[" * 200_000,
    "objects": '{"a":' * 200_000,
    "a deep Shot": '{"shot": ' * 200_000 + "{}" + "}" * 200_000,
    "half as deep": '{"shot": {"a": ' + "[" * 700 + "]" * 700 + "}}",
    "long": '{"shot": {"prompt": "' + "x" * 5_000_000 + '"}}',
    "huge number": '{"shot": {"seed": ' + "9" * 10_000 + "}}",
    "no number": '{"shot": {"seed": NaN}}',
    "half a character": '{"shot": {"prompt": "\\ud800"}}',
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_no_shot(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Whatever text is given for a Shot, the answer is ShotInvalid: no crash, no long work."""
    monkeypatch.setattr(studio, "_diorama", engines.get)
    with pytest.raises(errors.ShotInvalid):
        stillmotion.render(gradient(), text)


@pytest.mark.parametrize(("sha256", "told"), [("aa", False), ("bb", True), (None, False), (7, False)])
def test_a_shot_of_another_photo_is_told(recorder: Recorder, sha256: object, told: bool) -> None:  # noqa: FBT001
    """Filming the recipe of another photo works, and a note says so; with the same photo there is none."""
    recorder.photo_sha256 = "aa"
    recipe = json.dumps({"photo_sha256": sha256, "shot": {"prompt": "Waves"}})
    assert (studio.OTHER_PHOTO in stillmotion.render(gradient(), recipe).notes) == told


def test_draft_follows_the_orientation() -> None:
    """A draft of a portrait photo is a portrait."""
    assert studio.draft_size(gradient(96, 64)) == (640, 360)
    assert studio.draft_size(gradient(64, 96)) == (360, 640)


def test_engines_are_known_by_name() -> None:
    """The registry names its engines without loading them and refuses others."""
    assert engines.names() == ("diorama",)
    assert engines.get().name == "diorama"
    with pytest.raises(KeyError):
        engines.get("magic")
