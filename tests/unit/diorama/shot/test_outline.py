"""Blocks, bullets and timed lines."""

from __future__ import annotations

import pytest

from stillmotion.diorama.shot.outline import Role, outline
from stillmotion.diorama.shot.parse import parse

GUIDE = """An old kitchen in the morning.

**Cinematography:**
Camera shot: medium close-up, slow arc to the right
Lens: 85mm, shallow depth of field
Mood: nostalgic

Actions:
- She blinks
- She looks to the left
- She smiles

Dialogue:
- Anna: "It is late."
- Tom (off screen): "Then stay."

Background Sound:
rain on the roof, a clock ticking
"""


def test_guide_blocks() -> None:
    """The blocks of the published video prompting guides each go where they belong."""
    intent = parse(GUIDE)
    assert [(str(move.kind), str(move.direction)) for move in intent.camera] == [("orbit", "right")]
    assert "shallow_focus" in intent.looks
    assert [cue.verb for cue in intent.motion] == ["blink", "glance", "smile"]
    assert [cue.when.beat for cue in intent.motion] == [0, 1, 2]
    assert [(line.speaker, line.off_screen) for line in intent.lines] == [("anna", False), ("tom", True)]
    assert [cue.sound for cue in intent.sounds] == ["rain_roof", "clock"]
    assert intent.unknown == ()


@pytest.mark.parametrize(
    "prompt",
    [
        "Action: the kite rises. Ambient Sound: wind. Character Dialogue: none",
        "**Action:** the kite rises.\n**Ambient Sound:** wind.\n**Character Dialogue:** none",
        "## Action\nthe kite rises\n\n## Ambient sound\nwind\n\n## Character dialogue\nnone",
        "ACTION: THE KITE RISES AMBIENT SOUND: WIND CHARACTER DIALOGUE: (NONE)",
        "action - beat\nAction:\n- the kite rises\nAmbient Sound:\n- wind",
    ],
)
def test_labelled_blocks_in_any_dress(prompt: str) -> None:
    """Plain, bold, headed, shouted or bulleted labels read alike."""
    intent = parse(prompt)
    assert [(cue.verb, cue.subject.casefold()) for cue in intent.motion] == [("rise", "kite")]
    assert [cue.sound for cue in intent.sounds] == ["wind"]
    assert intent.lines == ()


def test_no_dialogue_may_still_be_a_sound() -> None:
    """(none, only a satisfied purr) is a sound and no line, and does not silence the rest."""
    intent = parse("Ambient Sound: rain. Character Dialogue: (none, only a satisfied purr)")
    assert [cue.sound for cue in intent.sounds] == ["rain", "purr"]
    assert intent.lines == ()
    assert not intent.only_named_sounds


@pytest.mark.parametrize(
    "prompt",
    [
        "0-1.5s: pan left. 1.5-4s: tilt up.",
        "0.00-1.50 pan left\n1.50-4.00 tilt up",
        "[0:00-0:01.5] pan left [0:01.5-0:04] tilt up",
        "(0s-1.5s) pan left (1.5s to 4s) tilt up",
        "Shot 1 (0-1.5s): pan left. Shot 2 (1.5-4s): tilt up.",
    ],
)
def test_timed_lines(prompt: str) -> None:
    """Seconds in front of a line are its window."""
    spans = [(str(move.kind), move.when.start_s, move.when.end_s) for move in parse(prompt).camera]
    assert spans == [("pan", 0.0, 1.5), ("tilt", 1.5, 4.0)]


def test_a_lone_start_ends_where_the_next_begins() -> None:
    """[0:02] opens a window that the next mark closes."""
    rows = outline("[0:00] wide shot [0:02] slow push in\n[0:03] hold").passages
    assert [(row.start_s, row.end_s) for row in rows] == [(0.0, 2.0), (2.0, 3.0), (3.0, None)]


@pytest.mark.parametrize("prompt", ["A 35-50 mm lens", "16:9 aspect", "2-3 birds fly by", "f/1.8, 24 fps", "in 1987"])
def test_other_numbers_are_no_times(prompt: str) -> None:
    """Focal lengths, ratios and counts open no window."""
    assert all(row.start_s is None for row in outline(prompt).passages)


def test_settings_are_not_content() -> None:
    """Duration, ratio and negative prompts do not become cues."""
    intent = parse(
        "Duration: 8 seconds\nAspect ratio: 16:9\nNegative prompt: shaky camera, rain, music\nPrompt: dolly in"
    )
    assert [str(move.kind) for move in intent.camera] == ["dolly"]
    assert intent.sounds == intent.motion == ()


def test_quotations_are_lifted_before_labels() -> None:
    """A label inside a quotation is part of what is said."""
    found = outline('He says: "Camera: roll! Action: now."')
    assert found.quotations == ("Camera: roll! Action: now.",)
    assert {row.role for row in found.passages} == {Role.PLAIN}
