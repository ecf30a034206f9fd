"""Words of a cue that change nothing are told."""

from __future__ import annotations

import re

import pytest

from stillmotion.diorama.geometry import Box
from stillmotion.diorama.shot import lexicon
from stillmotion.diorama.shot.records import Mix, Shot, SoundCue
from stillmotion.diorama.sound import unfamiliar


def shot(*cues: SoundCue, mix: Mix | None = None) -> Shot:
    """A Shot with these sounds."""
    return Shot(size_px=(640, 360), framing=Box(x0=0, y0=0, x1=1, y1=1), sound=cues, mix=mix or Mix())


@pytest.mark.parametrize(
    ("cue", "words"),
    [
        (SoundCue(sound="footsteps", surface="lava"), '"lava".*carpet, grass'),
        (SoundCue(sound="knock", surface="lava"), '"lava"'),
        (SoundCue(sound="piano", mood="zzz"), '"zzz".*calm, epic'),
        (SoundCue(sound="music", key="Q"), '"Q" is no key'),
        (SoundCue(sound="footsteps", surface="x" * 300), r'"x{37}\.\.\."'),
    ],
)
def test_what_nobody_knows_is_told(cue: SoundCue, words: str) -> None:
    """A surface, a mood or a key that changes nothing gives one sentence, with what can be chosen."""
    (note,) = unfamiliar(shot(cue, cue))
    assert re.search(words, note), note


def test_what_is_known_or_not_heard_is_not_told() -> None:
    """Every word that the planner writes is known; so are words for alike things. Silence needs no remarks."""
    cues = [SoundCue(sound="footsteps", surface=name) for name in lexicon.table("slots")["surface"]]
    cues += [SoundCue(sound="music", mood=name, key="A minor") for name in lexicon.table("slots")["mood"]]
    cues += [SoundCue(sound="knock", surface="a tin roof"), SoundCue(sound="footsteps", surface="Moss")]
    cues += [SoundCue(sound="footsteps", surface="lava", performed=False), SoundCue(sound="birds", surface="lava")]
    assert unfamiliar(shot(*cues)) == ()
    assert unfamiliar(shot(SoundCue(sound="footsteps", surface="lava"), mix=Mix(silent=True))) == ()
