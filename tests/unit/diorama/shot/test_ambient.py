"""What lives in a photo moves a little when the prompt does not name it, and not at all when it asks for stillness."""

from __future__ import annotations

from dataclasses import replace

import pytest

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.scene.records import Gate, Scene, Surface
from stillmotion.diorama.shot.ambient import AMBIENT, ambient_cues
from stillmotion.diorama.shot.records import MotionCue
from synthetic import scenes


def lake() -> Scene:
    """A sky, a lake and a person before it."""
    scene = scenes.landscape((480, 300))
    sky, ground, subject = scene.layers
    return replace(scene, layers=(sky, replace(ground, name="water", surface=Surface.WATER, plane=Plane()), subject))


def verbs(prompt: str, *named: MotionCue) -> set[str]:
    """The behaviours that are added."""
    return {cue.verb for cue in ambient_cues(lake(), prompt, named)}


def test_a_lake_is_never_quite_still() -> None:
    """Water ripples, clouds drift and people breathe under a prompt that names none of them, and the cues say so."""
    cues = ambient_cues(lake(), "Slow dolly in", ())
    assert {cue.verb for cue in cues} == {"ripple", "clouds", "breathe"}
    assert all(cue.words == AMBIENT and cue.amount < 1 for cue in cues)


@pytest.mark.parametrize(
    "prompt",
    [
        "Only breathing.",
        "The picture is motionless.",
        "Nothing else moves.",
        "No movement at all",
        "without any motion",
    ],
)
def test_stillness_is_respected(prompt: str) -> None:
    """Words that ask for stillness leave everything still."""
    assert verbs(prompt) == set()


def test_a_still_camera_is_not_a_still_picture() -> None:
    """No camera movement is about the camera."""
    assert verbs("Camera: static. No camera movement.") == {"ripple", "clouds", "breathe"}


def test_what_is_named_is_left_to_the_prompt() -> None:
    """A layer that the prompt moves gets no second movement; waves are about the water, whatever they were bound to."""
    named = MotionCue(verb="hop", subject="she", layer="subject")
    assert verbs("She hops", named) == {"ripple", "clouds"}
    assert verbs("Waves roll in", MotionCue(verb="waves", subject="waves")) == {"clouds", "breathe"}


def test_doubtful_layers_stay_still() -> None:
    """A gated photo has no ambient life: its layers are not trusted with more."""
    gated = replace(lake(), gates=(Gate(code="no-subject", measured=0.0, limit=0.6, words="Nothing stands out."),))
    assert ambient_cues(gated, "Slow dolly in", ()) == ()
