"""What sixty prompts plan to move: behaviours, what they are bound to, directions, counts and times, line by line."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from stillmotion.diorama.brief import Brief
from stillmotion.diorama.geometry import Box
from stillmotion.diorama.scene.records import SceneObject
from stillmotion.diorama.shot import grounding, plan, planner
from stillmotion.diorama.shot.ambient import AMBIENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stillmotion.diorama.scene.records import Scene
    from stillmotion.diorama.shot.records import MotionCue, Shot

Build = Callable[..., "Scene"]
TABLE = tomllib.loads((Path(__file__).parent / "dev_prompts.toml").read_text(encoding="utf-8"))
SEEN = {"spoon": (0.64, 0.73), "ladybird": (0.70, 0.51)}
"""Where a closer look at the real photos finds what no layer is called."""


def scene_of(build: Build, row: dict[str, Any]) -> Scene:
    """A drawn scene with the layers and objects of a photo."""
    objects = [
        SceneObject(label=label, score=score, box=Box(x0=x0, y0=y0, x1=x1, y1=y1), layer=layer)
        for label, score, (x0, y0, x1, y1), layer in row["objects"]
    ]
    parts = [(name, surface, label, tuple(box)) for name, surface, label, box in row["layers"]]
    quarter = tuple(side // 8 for side in row["size"])
    return build(parts, size=quarter, objects=objects, salience=tuple(row["salience"]))


def planned(scene: Scene, words: str) -> Shot:
    """Four seconds of a prompt."""
    return plan(scene, Brief(prompt=words, duration_s=4, seed=1))


def _told(cue: MotionCue) -> str:
    part = "part of " if cue.box is not None or cue.point is not None else ""
    bound = f"+{cue.prop}" if cue.prop else f"{part}{cue.layer or '?'}"
    way = f" {cue.direction}" if cue.direction else ""
    often = f" x{cue.count}" if cue.count else ""
    aim = f" to {cue.target}" if cue.target and cue.target != cue.layer else ""
    until = "" if cue.end_s is None else f"{cue.end_s:g}"
    return f"{cue.verb} {bound}{way}{often}{aim} {cue.start_s:g}..{until}"


def told(shot: Shot) -> list[str]:
    """Every cue that the prompt asks for, in a line each."""
    return [_told(cue) for cue in _asked(shot.motion)]


def _asked(cues: Iterable[MotionCue]) -> list[MotionCue]:
    return [cue for cue in cues if cue.words != AMBIENT]


@pytest.fixture(autouse=True)
def _with_a_closer_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """The networks' answers as the real photos give them; no reading by meaning."""
    monkeypatch.setattr(planner, "nearest", lambda clauses, _progress: ([], list(clauses)))
    monkeypatch.setattr(grounding, "find", lambda _, words: next((SEEN[word] for word in words if word in SEEN), None))


@pytest.mark.parametrize("row", TABLE["prompts"], ids=lambda row: f"{row['photo']}: {row['words'][:40]}")
def test_prompts_plan_the_cues_of_the_table(row: dict[str, Any], make_scene: Build) -> None:
    """Each prompt moves what it names, which way, how often and when, and nothing else."""
    assert told(planned(scene_of(make_scene, TABLE["scenes"][row["photo"]]), row["words"])) == row["cues"]


@pytest.mark.parametrize(
    "row", [row for row in TABLE["prompts"] if row["feasible"] == "no"], ids=lambda row: row["words"]
)
def test_what_is_not_feasible_is_named_with_its_substitute(row: dict[str, Any], make_scene: Build) -> None:
    """A prompt for what cannot be drawn gets a note that says so."""
    shot = planned(scene_of(make_scene, TABLE["scenes"][row["photo"]]), row["words"])
    assert any(note.code == "substitute" for note in shot.notes)
