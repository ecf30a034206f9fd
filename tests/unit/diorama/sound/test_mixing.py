"""The mix: length, loudness, peaks, ends, silence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from measure import sound
from stillmotion.diorama.sound import mix, mixing, palette, stems
from stillmotion.diorama.sound.dsp import level
from stillmotion.diorama.sound.records import PlannedSound, SoundPlan, Stem
from stillmotion.diorama.sound.registry import SoundUnknown
from stillmotion.progress import Stage, ignore_progress


def plan(*names: str, seconds: float = 4.0, lufs: float = -16.0, **changes: object) -> SoundPlan:
    """A plan in which named sounds of the palette last from start to end."""
    sounds = tuple(
        PlannedSound(
            generator=voice.generator,
            stem=voice.stem,
            start_s=0.0,
            end_s=seconds,
            gain_db=voice.gain_db,
            controls=voice.controls,
        )
        for voice in (palette.VOICES[name] for name in names)
    )
    whole = SoundPlan(
        duration_s=seconds, sample_rate=sound.RATE, seed=7, loudness_lufs=lufs, silent=False, sounds=sounds
    )
    return replace(whole, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("seconds", [4.0, 8.0])
def test_exact_length(seconds: float) -> None:
    """The mix has exactly duration times rate samples, 32-bit, in stereo."""
    samples = mix(plan("wind", "birds", seconds=seconds))
    assert samples.shape == (round(seconds * sound.RATE), 2)
    assert samples.dtype == np.float32


def test_same_seed_same_samples() -> None:
    """The same plan gives the same samples though sounds are made side by side; another seed gives others."""
    one = plan("wind", "leaves", "stream", "crickets", "room_tone")
    assert np.array_equal(mix(one), mix(one))
    assert not np.array_equal(mix(one), mix(replace(one, seed=8)))


def test_adding_a_sound_leaves_the_others_alone() -> None:
    """Each sound draws its own random numbers: the wind in a plan with birds is the wind without them."""
    alone = stems(plan("wind"))[Stem.AMBIENCE]
    beside = stems(plan("drone", "wind"))[Stem.AMBIENCE]
    assert np.corrcoef(alone[:, 0], beside[:, 0])[0, 1] > 0.99


@pytest.mark.parametrize(
    ("names", "lufs"),
    [
        (("waves", "wind", "birds", "room_tone"), -16.0),
        (("fire", "crickets", "air"), -16.0),
        (("lake",), -16.0),
        (("leaves",), -16.0),
        (("rain", "thunder_distant"), -14.0),
        (("crowd", "room_tone"), -23.0),
        (("drone", "hum"), -30.0),
    ],
)
def test_loudness_and_peaks_after_decoding(names: tuple[str, ...], lufs: float) -> None:
    """What a player decodes is within 0.5 LU of the plan and never above -1 dBTP."""
    decoded = sound.through_aac(mix(plan(*names, lufs=lufs)))
    assert abs(sound.lufs(decoded) - lufs) <= 0.5
    assert sound.dbtp(decoded) <= -1.0


def test_quiet_target_keeps_dynamics() -> None:
    """A quiet mix is the plain sum, scaled: no limiting touches it."""
    quiet, loud = mix(plan("fire", lufs=-35.0)), mix(plan("fire", lufs=-45.0))
    assert np.allclose(quiet, loud * np.float32(10 ** (10 / 20)), atol=2e-5)


def test_stems_add_up_to_the_mix() -> None:
    """Stems are what they are in the mix: gain and limiting included, their sum is the mix."""
    one = plan("waves", "drone", "wind")
    tracks = stems(one)
    assert set(tracks) == {Stem.AMBIENCE, Stem.MUSIC}
    assert np.allclose(sum(tracks.values()), mix(one), atol=1e-6)


def test_muted_stems_are_left_out() -> None:
    """A muted stem is not heard and the rest is still brought to the planned loudness."""
    samples = mix(plan("drone", "wind", muted=(Stem.MUSIC,)))
    assert np.allclose(samples, mix(plan("wind")), atol=1e-6)


def test_silence_when_asked() -> None:
    """A silent plan is digital silence of the right length."""
    samples = mix(plan("wind", silent=True))
    assert samples.shape == (4 * sound.RATE, 2)
    assert not samples.any()


def test_silence_is_never_raised() -> None:
    """A plan that can hardly be heard is not brought up to the target."""
    one = plan("room_tone")
    faint = replace(one, sounds=(replace(one.sounds[0], gain_db=-60.0),))
    assert sound.lufs(mix(faint)) < -60


def test_never_digitally_silent_between_calls() -> None:
    """With room tone under sparse birds no tenth of a second is empty."""
    samples = mix(plan("birds", "air", seconds=8.0))
    assert sound.envelope(samples).min() > 1e-5


def test_no_click_at_either_end() -> None:
    """The first and last milliseconds fade from and to nothing."""
    samples = np.abs(mix(plan("waves", "fire", "rain")))
    assert samples[0].max() < 1e-4
    assert samples[-1].max() < 1e-4
    middle = np.sqrt(np.mean(samples**2))
    assert np.sqrt(np.mean(samples[:240] ** 2)) < 0.35 * middle
    assert np.sqrt(np.mean(samples[-240:] ** 2)) < 0.35 * middle


def test_no_hard_cut_inside() -> None:
    """A sound that begins and ends inside the shot joins softly."""
    one = plan("room_tone", "traffic", "rain")
    sounds = (*one.sounds[:2], replace(one.sounds[2], start_s=1.0, end_s=3.0))
    level_db = 20 * np.log10(sound.envelope(mix(replace(one, sounds=sounds)), 50.0))
    inside = level_db[5:-5]
    assert np.abs(np.diff(inside)).max() < 12
    assert level_db[75:125].mean() > level_db[10:40].mean() + 1


def test_no_direct_current() -> None:
    """Nothing under hearing is left in the mix."""
    samples = mix(plan("thunder_distant", "wind"))
    assert np.abs(samples.mean(axis=0)).max() < 1e-3


def test_pan_and_distance() -> None:
    """A sound on the right is louder there, and one far away is quieter and duller than one near."""
    rain = plan("rain", lufs=-30.0)
    right = mix(replace(rain, sounds=(replace(rain.sounds[0], pan=0.7),)))
    left_rms, right_rms = np.sqrt(np.mean(right**2, axis=0))
    assert right_rms > 3 * left_rms
    near, far = (mix(replace(rain, sounds=(replace(rain.sounds[0], distance_m=m),))) for m in (0.0, 100.0))
    assert sound.band_db(far, 3000, 20_000) < sound.band_db(near, 3000, 20_000) - 0.5


def test_unknown_generator_is_refused() -> None:
    """A plan with an unknown generator fails with a sentence, not with a traceback of ours."""
    one = plan("wind")
    with pytest.raises(SoundUnknown, match="theremin"):
        mix(replace(one, sounds=(replace(one.sounds[0], generator="theremin"),)))


def test_progress_rises_to_one() -> None:
    """Progress counts up to 1 in the sound stage."""
    seen: list[tuple[Stage, float]] = []
    mix(plan("wind", "hum"), lambda stage, part: seen.append((stage, part)))
    assert {stage for stage, _ in seen} == {Stage.SOUND}
    parts = [part for _, part in seen]
    assert parts == sorted(parts)
    assert parts[-1] == 1.0


def test_threads_do_not_change_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker, two or seven: the same samples, bit for bit."""
    one = plan("wind", "leaves", "stream", "crickets", "room_tone", "rain", seconds=2.0)
    mixes = []
    for workers in (1, 2, 7):
        monkeypatch.setattr(mixing, "_WORKERS", workers)
        mixes.append(mix(one))
    assert np.array_equal(mixes[0], mixes[1])
    assert np.array_equal(mixes[0], mixes[2])


def strokes(count: int, seconds: float = 4.0) -> SoundPlan:
    """The same stroke again and again, over the tone of a room."""
    one = PlannedSound(generator="impact", stem=Stem.FOLEY, start_s=0.0, end_s=0.0)
    times = np.linspace(0.1, seconds - 0.7, count)
    quiet = plan("room_tone", seconds=seconds, lufs=-30.0)
    hits = (replace(one, start_s=float(t), end_s=float(t) + 0.6, pan=0.5) for t in times)
    return replace(quiet, sounds=(replace(quiet.sounds[0], gain_db=-36.0), *hits))


def test_many_of_one_sound_share_recordings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred strokes that are alike are recorded six times, and each is heard at its own time."""
    made = []
    monkeypatch.setattr(mixing.registry, "make", lambda *a, make=mixing.registry.make: made.append(a) or make(*a))
    tracks = stems(strokes(200, 20.0))
    assert sum(name == "impact" for name, *_ in made) == mixing.TAKES
    loud = sound.envelope(tracks[Stem.FOLEY], 20.0)
    assert (loud[4:380] > 0.03 * loud.max()).all()


def test_neighbours_are_not_the_same_recording() -> None:
    """Two strokes that are alike differ, as two strokes do."""
    track = stems(strokes(2))[Stem.FOLEY]
    first, second = (track[round(t * sound.RATE) :][:24_000] for t in (0.1, 3.3))
    assert np.abs(first - second).max() > 0.05 * np.abs(first).max()


def test_muting_leaves_the_rest_as_it_is() -> None:
    """A track sounds the same whether another is heard beside it or not, but for its level."""
    one = plan("drone", "wind", "waves")
    beside = stems(one)[Stem.AMBIENCE]
    alone = stems(replace(one, muted=(Stem.MUSIC,)))[Stem.AMBIENCE]
    assert np.corrcoef(alone[:, 0], beside[:, 0])[0, 1] > 0.99


@pytest.mark.parametrize("seconds", [0.2, 0.7, 2.5])
def test_short_plans_end_well(seconds: float) -> None:
    """Also a fifth of a second is as long as asked for, at its loudness, without a click."""
    samples = mix(plan("waves", "birds", seconds=seconds, lufs=-23.0))
    assert samples.shape == (round(seconds * sound.RATE), 2)
    assert np.abs(samples[[0, -1]]).max() < 1e-4
    assert level.film_loudness_lufs(samples, sound.RATE) == pytest.approx(-23.0, abs=0.5)


def test_stems_stay_within_full_scale() -> None:
    """So that each can be written as a file without clipping."""
    one = plan("drone", "thunder_distant", "waves", lufs=-14.0)
    assert max(np.abs(track).max() for track in stems(one).values()) <= 1.0


@pytest.mark.parametrize(("name", "counted", "depth_db"), [("keyboard", 0, 7.5), ("hooves", 0, 7.5), ("knock", 4, 3.0)])
def test_what_goes_on_steps_back_under_speech_like_a_bed(name: str, counted: int, depth_db: float) -> None:
    """Under a voice from 2 to 4 s, foley that lasts is 6 to 9 dB lower than without it; counted strokes are 3 dB."""
    alone = plan(name, seconds=6.0)
    alone = replace(alone, sounds=(replace(alone.sounds[0], controls=(*alone.sounds[0].controls, ("count", counted))),))
    voice = replace(plan("humming").sounds[0], stem=Stem.DIALOGUE, start_s=2.0, end_s=4.0)
    beside = replace(alone, sounds=(*alone.sounds, voice))
    before, after = (mixing._raw_stems(one, ignore_progress)[Stem.FOLEY] for one in (alone, beside))
    under, apart = (np.s_[int(a * sound.RATE) : int(b * sound.RATE)] for a, b in ((2.4, 3.4), (0.1, 1.7)))
    lower_db = 10 * np.log10(np.mean(before[under] ** 2) / np.mean(after[under] ** 2))
    assert lower_db == pytest.approx(depth_db, abs=0.2)
    assert np.allclose(before[apart], after[apart], atol=1e-6)
