"""The parser and the planner hold for every prompt, not only for those that people write."""

from __future__ import annotations

import cProfile
import gc
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stillmotion.diorama.brief import DURATIONS_S, SIZES_PX, Brief
from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.shot import describe, from_json, planner, to_json
from stillmotion.diorama.shot.ambient import AMBIENT
from stillmotion.diorama.shot.motion_plan import MOST_CUES
from stillmotion.diorama.shot.parse import parse
from stillmotion.diorama.shot.records import Shot  # noqa: TC001 - read at once by strategies
from stillmotion.diorama.shot.timing import Beat, solve

VOCABULARY = """
camera pan left right slowly then and while the cat boat waves rain no without zoom in out tilt up says : , . " ' ( )
for two seconds at end 0-2s: Action: Dialogue: - [0:03] hold static she it falls bounces three times wind quiet music
1.5 don't from to tower silence whip drone orbit only 12 \u00b2 \u00e9 \u8d70
"""
WORDS = st.sampled_from([*VOCABULARY.split(), "\n"])
SENTENCES = st.lists(WORDS, max_size=40).map(" ".join)
PROMPTS = st.one_of(st.text(max_size=200), SENTENCES)


def _scene() -> Scene:
    def layer(name: str, surface: Surface, box: tuple[int, int, int, int]) -> Layer:
        left, top, width, height = box
        pixels = np.full((height, width, 4), 255, np.uint8)
        return Layer(
            name=name, surface=surface, label=name, rgba=pixels, left_px=left, top_px=top, plane=Plane(constant=0.5)
        )

    layers = (
        layer("sky", Surface.SKY, (0, 0, 64, 48)),
        layer("water", Surface.WATER, (0, 30, 64, 18)),
        layer("subject", Surface.ANIMAL, (20, 10, 20, 30)),
    )
    photo = np.zeros((48, 64, 3), np.uint8)
    return Scene(photo_sha256="0" * 64, photo=photo, layers=layers, horizon_y=None, focal=1.0, outdoors=True)


SCENE = _scene()


@settings(deadline=None)
@given(PROMPTS)
def test_any_text_has_an_intent(prompt: str) -> None:
    """Parsing is total and a pure function of the text."""
    assert parse(prompt) == parse(prompt)


@settings(deadline=None)
@given(SENTENCES)
def test_blanks_do_not_matter(prompt: str) -> None:
    """Doubled blanks, tabs and blank edges change nothing."""
    assert parse("  " + prompt.replace(" ", " \t ") + " ") == parse(prompt)


@settings(deadline=None)
@given(SENTENCES)
def test_case_does_not_matter(prompt: str) -> None:
    """A shouted prompt asks for the same moves, cues and looks."""
    quiet, loud = parse(prompt.lower()), parse(prompt.upper())
    assert [(move.kind, move.direction, move.speed, move.when) for move in quiet.camera] == [
        (move.kind, move.direction, move.speed, move.when) for move in loud.camera
    ]
    assert [(cue.verb, cue.count) for cue in quiet.motion] == [(cue.verb, cue.count) for cue in loud.motion]
    assert [cue.sound for cue in quiet.sounds] == [cue.sound for cue in loud.sounds]
    assert (quiet.looks, quiet.silent, quiet.muted) == (loud.looks, loud.silent, loud.muted)


@settings(max_examples=60, deadline=None)
@given(prompt=PROMPTS, duration_s=st.sampled_from(DURATIONS_S), size_px=st.sampled_from((None, *SIZES_PX)))
def test_every_plan_is_a_valid_shot(prompt: str, duration_s: int, size_px: tuple[int, int] | None) -> None:
    """Whatever the words, the plan passes the strict reader unchanged, and can be told in words."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planner, "nearest", lambda clauses, _progress: ([], list(clauses)))
        shot = planner.plan(SCENE, Brief(prompt=prompt + " x", duration_s=duration_s, size_px=size_px, seed=7))
    assert_cues_fit(shot)
    assert from_json(to_json(shot)) == shot
    assert to_json(from_json(to_json(shot))) == to_json(shot)
    assert describe(shot).startswith(f"{duration_s} s")
    assert shot.camera


def assert_cues_fit(shot: Shot) -> None:
    """Every cue begins inside the shot, ends after it began and inside too, and holds finite numbers; not too many."""
    named = [cue for cue in shot.motion if cue.words != AMBIENT]
    assert len(named) <= MOST_CUES
    for cue in shot.motion:
        end = shot.duration_s if cue.end_s is None else cue.end_s
        assert 0 <= cue.start_s < end <= shot.duration_s
        places = [*(cue.place or ()), *(cue.point or ()), *(cue.target_point or ()), cue.size_m or 0.0]
        assert all(math.isfinite(value) for value in (*places, cue.speed, cue.amount))
        assert cue.count is None or 1 <= cue.count <= 1000


MOTION_WORDS = """
the cat ball balloons coins many two it she they blinks nods falls bounces rises rain rolls in starts stops settles
every second sways after two seconds until 2s 0-1s: 2-9s: at the end for last twice then while and , . from above 0.5
finally before halfway of a behind lake waves walk dances clouds confetti makes move three times long 40 s
"""


@settings(max_examples=80, deadline=None)
@given(prompt=st.lists(st.sampled_from(MOTION_WORDS.split()), max_size=60).map(" ".join))
def test_movements_stay_inside_the_shot(prompt: str) -> None:
    """Whatever is said about times and numbers, cues fit into four seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planner, "nearest", lambda clauses, _progress: ([], list(clauses)))
        shot = planner.plan(SCENE, Brief(prompt=prompt + " x", duration_s=4, seed=7))
    assert_cues_fit(shot)
    assert from_json(to_json(shot)) == shot


BEATS = st.builds(
    Beat,
    start_s=st.none() | st.floats(0, 20),
    duration_s=st.none() | st.floats(0, 30),
    weight=st.floats(0.1, 5),
)


@settings(deadline=None)
@given(beats=st.lists(BEATS, max_size=12), total_s=st.sampled_from(DURATIONS_S))
def test_beats_stay_in_order_and_inside_the_shot(beats: list[Beat], total_s: int) -> None:
    """One window a beat, none overlapping, none outside."""
    windows = solve(beats, 0.0, float(total_s))
    assert len(windows) == len(beats)
    edges = [edge for window in windows for edge in window]
    assert all(0.0 <= edge <= total_s + 1e-9 for edge in edges)
    assert all(later >= earlier - 1e-9 for earlier, later in pairwise(edges))


HARD = {
    "prose": "the camera pans left and the cat jumps over it ",
    "sentences": "Pan left. ",
    "commas": "a, ",
    "quotes": '" ',
    "apostrophes": "' a",
    "labels": "Action: x. ",
    "times": "(0-2s) a ",
    "brackets": "(0 ",
    "blanks": " ",
    "lines": "\n",
    "one word": "a",
    "digits": "1",
    "then": "then pan left ",
    "or": "no x or ",
    "speech": 'She says: "hi" ',
    "colons": "x: ",
    "hashes": "#",
    "stars": "*",
    "time words": "for the first two ",
    "says": 'says "a" ',
    "both quotes": "\u201ca\u201d 'b' says \"c\" ",
    "speech verbs and colons": "says: ",
    "quotes in bullets": '- says: "a"\n',
    "stamps": "[0:03] a ",
    "stamped speech": "0:03 - 0:04 she says 'a'\n",
    "one move": "pan ",
    "one sound": "rain ",
    "one movement": "it bounces ",
    "manner": "slowly, ",
    "no list": "no a, b, or c ",
    "spans": "0-1s: a ",
    "until": "until two seconds ",
    "every": "it blinks every two seconds ",
}


def _calls(prompt: str) -> int:
    """How many functions, compiled ones too, are called while a prompt is parsed that was parsed before.

    What other tests left in caches, or hung onto the garbage collector, would count otherwise.
    """
    parse(prompt)
    profile = cProfile.Profile()
    gc.disable()
    try:
        profile.runcall(parse, prompt)
    finally:
        gc.enable()
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("name", sorted(HARD))
def test_long_prompts_take_linear_work(name: str) -> None:
    """Eight times the text needs about eight times the calls. What a clock says stands in the benchmarks."""
    unit = HARD[name]
    short, long = ((unit * (length // len(unit) + 1))[:length] for length in (1_000, 8_000))
    assert _calls(long) < 1.3 * 8 * _calls(short) + 500
