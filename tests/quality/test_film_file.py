"""What a player finds in the file: exact lengths, the codecs that play everywhere, sound as loud as planned."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from measure import sound
from measure.video import decode

if TYPE_CHECKING:
    from pathlib import Path

    from measure.films import Studio

pytestmark = pytest.mark.quality

SHOTS = {
    "quiet": ("china", "static camera", 4),
    "waves": ("china", "static camera. Loud waves crash, strong wind and birds.", 4),
    "long rain": ("storm", "static camera. Heavy rain and thunder.", 8),
    "indoors": ("motorcycle", "static camera. A quiet garage.", 4),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Streams:
    """What a container says about itself."""

    codecs: tuple[str, str]
    pixels: str
    size_px: tuple[int, int]
    rate: Fraction
    frames: int
    picture_s: Fraction
    sound_s: Fraction
    sample_rate: int
    channels: int
    colours: tuple[int, int, int, int]


def streams(path: Path) -> Streams:
    """The facts of an MP4, its sound counted in decoded samples."""
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        context = video.codec_context
        samples = sum(frame.samples for frame in container.decode(audio))
        return Streams(
            codecs=(context.name, audio.codec_context.name),
            pixels=context.pix_fmt,
            size_px=(context.width, context.height),
            rate=video.average_rate,
            frames=video.frames,
            picture_s=video.duration * video.time_base,
            sound_s=Fraction(samples, audio.rate),
            sample_rate=audio.rate,
            channels=audio.channels,
            colours=(context.colorspace, context.color_primaries, context.color_trc, context.color_range),
        )


def boxes(path: Path) -> list[str]:
    """The names of the boxes of an MP4, in order (ISO 14496-12)."""
    content, names, place = path.read_bytes(), [], 0
    while place < len(content):
        size, name = struct.unpack(">I4s", content[place : place + 8])
        size = struct.unpack(">Q", content[place + 8 : place + 16])[0] if size == 1 else size
        names.append(name.decode())
        place += size or len(content)
    return names


@pytest.mark.parametrize("kind", SHOTS)
def test_lengths_are_exact(films: Studio, kind: str) -> None:
    """Frames are seconds times 30, and the sound ends within one frame of the picture."""
    name, prompt, seconds = SHOTS[kind]
    path = films.film(name, films.plan(name, prompt, draft=True, seconds=seconds))
    told = streams(path)
    assert (told.frames, told.rate, told.picture_s) == (30 * seconds, 30, seconds)
    assert len(decode(path).frames) == 30 * seconds
    assert abs(told.sound_s - told.picture_s) <= 1 / told.rate


def test_every_player_can_play_it(films: Studio) -> None:
    """H.264 4:2:0 tagged BT.709 and 48 kHz stereo AAC, with the index before the data."""
    shot = films.plan("cat", "a quiet moment")
    told = streams(films.film("cat", shot, fps=12))
    assert (told.codecs, told.pixels) == (("h264", "aac"), "yuv420p")
    assert told.size_px == shot.size_px == (1280, 720)
    assert (told.sample_rate, told.channels) == (48_000, 2)
    assert told.colours == (1, 1, 1, 1)
    names = boxes(films.film("cat", shot, fps=12))
    assert names.index("moov") < names.index("mdat")


@pytest.mark.parametrize("kind", SHOTS)
def test_the_sound_is_as_loud_as_planned(films: Studio, kind: str) -> None:
    """After decoding: within 0.5 LU of the Shot's loudness, no true peak above -1 dBTP, and two different channels."""
    name, prompt, seconds = SHOTS[kind]
    shot = films.plan(name, prompt, draft=True, seconds=seconds)
    heard = decode(films.film(name, shot)).audio
    assert sound.lufs(heard) == pytest.approx(shot.mix.loudness_lufs, abs=0.5)
    assert sound.dbtp(heard) <= -1.0
    assert np.abs(heard[:, 0] - heard[:, 1]).max() > 0.001


def test_it_is_silent_only_when_asked(films: Studio) -> None:
    """The prompt "Silence." gives digital silence as long as the picture; other films can be heard."""
    path = films.film("china", films.plan("china", "Static camera. Silence.", draft=True))
    heard = decode(path).audio
    assert np.abs(heard).max() < 1e-4
    assert abs(streams(path).sound_s - 4) <= Fraction(1, 30)
    assert np.abs(decode(films.film("china", films.plan("china", "static camera", draft=True))).audio).max() > 1e-3
