"""From a Shot to a SoundPlan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.motion.records import Event
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.shot import lexicon, performed
from stillmotion.diorama.shot.records import Mix, MotionCue, Shot, SoundCue
from stillmotion.diorama.sound import design, palette
from stillmotion.diorama.sound.records import Stem
from stillmotion.diorama.sound.registry import GENERATORS, SoundUnknown


def layer(name: str, surface: Surface, columns: slice, plane: Plane, label: str = "") -> Layer:
    """A layer of a 400 x 200 photo that is opaque in some columns."""
    rgba = np.zeros((200, 400, 4), dtype=np.uint8)
    rgba[:, columns] = 255
    return Layer(name=name, surface=surface, label=label or name, rgba=rgba, left_px=0, top_px=0, plane=plane)


def scene(*layers: Layer, outdoors: bool = True) -> Scene:
    """A photo of these layers over a sky."""
    sky = layer("sky", Surface.SKY, slice(None), Plane())
    photo = np.zeros((200, 400, 3), dtype=np.uint8)
    return Scene(photo_sha256="x", photo=photo, layers=(sky, *layers), horizon_y=0.5, focal=1.0, outdoors=outdoors)


def shot(*cues: SoundCue, mix: Mix | None = None, **changes: object) -> Shot:
    """A four-second Shot with these sounds."""
    settings = {"size_px": (1280, 720), "framing": Box(x0=0.0, y0=0.0, x1=1.0, y1=1.0)} | changes
    return Shot(sound=cues, mix=mix or Mix(), **settings)  # type: ignore[arg-type]


def test_every_promised_sound_has_a_generator() -> None:
    """What the planner says we can play is in the palette, and each entry of it names a generator that exists."""
    made = {name for name in lexicon.sounds() if performed.makes(name)}
    assert made == set(palette.VOICES) - {"air"}
    assert {voice.generator for voice in palette.VOICES.values()} <= set(GENERATORS)


def test_every_voice_has_a_caption() -> None:
    """Each named sound has words for people who cannot hear it."""
    assert all(voice.caption for voice in palette.VOICES.values())


def test_cue_becomes_a_sound() -> None:
    """Name, time, level and caption arrive in the plan."""
    plan = design(scene(), shot(SoundCue(sound="wind", start_s=1.0, end_s=3.0, level_db=-9.0)), ())
    wind = next(item for item in plan.sounds if item.generator == "wind")
    assert (wind.start_s, wind.end_s, wind.caption) == (1.0, 3.0, "wind blows")
    assert wind.gain_db == palette.VOICES["wind"].gain_db - 9.0
    assert (plan.duration_s, plan.sample_rate, plan.loudness_lufs) == (4.0, 48_000, -16.0)


def test_open_ends_last_to_the_end_of_the_shot() -> None:
    """A cue without an end, or with one too late, ends with the shot."""
    plan = design(scene(), shot(SoundCue(sound="rain"), SoundCue(sound="wind", end_s=90.0)), ())
    assert all(item.end_s == 4.0 for item in plan.sounds)


def test_tone_lies_under_everything() -> None:
    """The tone of the place runs from start to end, open air outside and a room inside, far under the rest."""
    for outdoors, openness in ((True, 1.0), (False, 0.0)):
        plan = design(scene(outdoors=outdoors), shot(SoundCue(sound="birds")), ())
        tone = plan.sounds[0]
        assert (tone.generator, tone.start_s, tone.end_s) == ("room_tone", 0.0, 4.0)
        assert dict(tone.controls).get("openness", 0.0) == openness
        assert tone.gain_db < plan.sounds[1].gain_db - 20


def test_own_tone_replaces_the_one_under_everything() -> None:
    """A Shot that asks for room tone gets it once, at the loudness that the Shot plans."""
    plan = design(scene(), shot(SoundCue(sound="room_tone"), mix=Mix(loudness_lufs=-32.0)), ())
    assert [item.generator for item in plan.sounds] == ["room_tone"]
    assert plan.loudness_lufs == -32.0


def test_silent_only_when_asked() -> None:
    """Without cues there is still the tone of the place, as loud as the Shot says; silence comes from the mix alone."""
    quiet = design(scene(), shot(), ())
    assert not quiet.silent
    assert quiet.sounds
    assert quiet.loudness_lufs == -16
    assert design(scene(), shot(mix=Mix(loudness_lufs=-38.0)), ()).loudness_lufs == -38
    silent = design(scene(), shot(SoundCue(sound="wind"), mix=Mix(silent=True)), ())
    assert silent.silent
    assert not silent.sounds


def test_water_is_heard_where_it_is() -> None:
    """Water on the right is heard on the right, a lake across the picture in the middle, the far one farther away."""
    near, far = Plane(constant=1.0), Plane(constant=0.1)
    cue = shot(SoundCue(sound="stream"))
    right = design(scene(layer("water", Surface.WATER, slice(320, 400), near)), cue, ()).sounds[1]
    wide = design(scene(layer("water", Surface.WATER, slice(0, 400), near)), cue, ()).sounds[1]
    distant = design(scene(layer("water", Surface.WATER, slice(320, 400), far)), cue, ()).sounds[1]
    assert 0.3 < right.pan <= 0.7
    assert abs(wide.pan) < 0.05
    assert distant.distance_m > 3 * right.distance_m


def test_the_crop_moves_the_stage() -> None:
    """Pan counts from what the picture shows, not from the whole photo."""
    water = layer("water", Surface.WATER, slice(160, 200), Plane(constant=1.0))
    cropped = shot(SoundCue(sound="stream"), framing=Box(x0=0.4, y0=0.0, x1=1.0, y1=1.0))
    assert design(scene(water), cropped, ()).sounds[1].pan < -0.3


def test_own_pan_wins() -> None:
    """A cue that says where it is, is there."""
    water = layer("water", Surface.WATER, slice(320, 400), Plane(constant=1.0))
    plan = design(scene(water), shot(SoundCue(sound="stream", pan=-0.5)), ())
    assert plan.sounds[1].pan == -0.5


def test_what_cannot_be_performed_is_left_out() -> None:
    """Cues marked as not performed make no sound and no error."""
    plan = design(scene(), shot(SoundCue(sound="didgeridoo", performed=False), SoundCue(sound="wind")), ())
    assert [item.generator for item in plan.sounds] == ["room_tone", "wind"]


def test_unknown_sound_is_refused() -> None:
    """A hand-edited Shot with an unknown sound is told which ones there are."""
    with pytest.raises(SoundUnknown, match=r'"didgeridoo".*birds'):
        design(scene(), shot(SoundCue(sound="didgeridoo")), ())


def test_muted_stems_travel() -> None:
    """What the Shot mutes, the plan mutes; words that are no stem do nothing."""
    plan = design(scene(), shot(SoundCue(sound="drone"), mix=Mix(muted=("music", "kazoo"))), ())
    assert plan.muted == (Stem.MUSIC,)


def test_thunder_follows_its_event() -> None:
    """A flash in the simulation is heard as thunder from that moment on, on its side."""
    event = Event(kind="thunder", time_s=1.5, x=1.0, y=0.2)
    plan = design(scene(), shot(SoundCue(sound="rain")), (event, replace(event, kind="contact")))
    rolls = [item for item in plan.sounds if item.generator == "thunder"]
    assert [(roll.start_s, roll.end_s) for roll in rolls] == [(1.5, 4.0)]
    assert rolls[0].pan > 0.5


def test_captions_call_drawn_things_by_their_kind() -> None:
    """The name that a layer has inside the program is never shown."""
    plane = MotionCue(verb="fall", subject="two planes", prop="paper plane", performed=True)
    hit = Event(
        kind="contact",
        time_s=1.0,
        x=0.5,
        y=0.5,
        impulse=0.1,
        speed=1.0,
        materials=("paper", "wood"),
        subject="+paper plane two planes@0.39600,-0.08000",
    )
    plan = design(scene(), shot(motion=(plane,)), (hit,))
    assert "a paper plane hits wood" in {sound.caption for sound in plan.sounds}


def test_kinds_reach_their_generators() -> None:
    """Heels and choirs are controls of steps and of singing."""
    cues = (SoundCue(sound="footsteps", kind="heels"), SoundCue(sound="singing", kind="choir"))
    kinds = {sound.generator: dict(sound.controls).get("kind") for sound in design(scene(), shot(*cues), ()).sounds}
    assert (kinds["footsteps"], kinds["singing"]) == ("heels", "choir")
