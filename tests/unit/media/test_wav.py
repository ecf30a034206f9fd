"""Tracks as WAV files: exact, all of them or none."""

from __future__ import annotations

import wave
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import av
import numpy as np
import pytest

from stillmotion.clip import Recorded
from stillmotion.diorama.brief import STEMS
from stillmotion.errors import DiskFull, OutputUnwritable
from stillmotion.media.wav import check_folder, write_stems
from unit.media.bars import bars_clip

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from stillmotion.clip import Clip

NAMES = ("dialogue", "foley", "ambience", "music")


@dataclass(frozen=True, slots=True)
class Tracks(Recorded):
    """Sound of four tracks that add up to the samples."""

    def stems(self) -> Mapping[str, np.ndarray]:
        """See SoundSource."""
        return {name: self.samples * np.float32(0.1 * (k + 1)) for k, name in enumerate(NAMES)}


def _clip() -> Clip:
    noise = np.random.default_rng(1).uniform(-1, 1, (48_000, 2)).astype(np.float32)
    noise[0], noise[1] = 1.0, -1.0
    return replace(bars_clip(), sound=Tracks(noise))


def _read(path: Path) -> np.ndarray:
    with wave.open(str(path), "rb") as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (2, 3, 48_000)
        data = np.frombuffer(file.readframes(file.getnframes()), np.uint8).reshape(-1, 2, 3)
    padded = np.concatenate([np.zeros((*data.shape[:2], 1), np.uint8), data], axis=2)
    return padded.view("<i4")[..., 0] / 2.0**31


def test_samples_come_back(tmp_path: Path) -> None:
    """24-bit words at 48 kHz: each sample to half a step, and their sum is the mix to within rounding."""
    clip = _clip()
    paths = write_stems(clip, tmp_path / "tracks")
    assert [path.name for path in paths] == [f"{name}.wav" for name in NAMES]
    read = [_read(path) for path in paths]
    for made, samples in zip(read, clip.stems.values(), strict=True):
        assert np.abs(made - samples).max() <= 0.5001 / 2**23
    assert np.abs(sum(read) - clip.audio).max() <= 4 / 2**23


def test_full_scale_does_not_wrap(tmp_path: Path) -> None:
    """One is the highest word, not the lowest."""
    samples = np.array([[1.0, -1.0], [2.0, -2.0]], np.float32).repeat(24_000, axis=0)
    (path,) = write_stems(replace(bars_clip(), sound=Recorded(samples)), tmp_path)
    made = _read(path)
    assert made[:, 0].min() > 0.99
    assert made[:, 1].max() == -1.0


def test_other_programs_read_it(tmp_path: Path) -> None:
    """A common demuxer sees 24-bit PCM as long as the film."""
    paths = write_stems(_clip(), tmp_path)
    with av.open(str(paths[0])) as container:
        (track,) = container.streams.audio
        assert (track.codec_context.name, track.rate, track.channels) == ("pcm_s24le", 48_000, 2)
        assert sum(frame.samples for frame in container.decode(audio=0)) == 48_000


def test_the_folder_is_made(tmp_path: Path) -> None:
    """Also when several are missing; files of before are replaced."""
    folder = tmp_path / "a" / "b"
    write_stems(_clip(), folder)
    (folder / "music.wav").write_bytes(b"old")
    write_stems(_clip(), folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{name}.wav" for name in NAMES)
    assert (folder / "music.wav").stat().st_size > 1000


def test_a_full_disk_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the third of four does not fit, none is there, nor the folder that was made for them."""
    synced = iter([False, False])

    def full(_: int) -> None:
        if next(synced, True):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DiskFull):
        write_stems(_clip(), tmp_path / "tracks")
    assert list(tmp_path.iterdir()) == []


def test_a_track_that_cannot_be_written_leaves_none(tmp_path: Path) -> None:
    """An error in the middle leaves the folder as it was."""

    class Broken(Tracks):
        def stems(self) -> Mapping[str, np.ndarray]:
            return {"dialogue": self.samples, "foley": None}  # type: ignore[dict-item]

    with pytest.raises(TypeError):
        write_stems(replace(bars_clip(), sound=Broken(np.zeros((48_000, 2), np.float32))), tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


def test_an_unusable_folder_is_refused(tmp_path: Path) -> None:
    """A file in its place is refused before any work, and looking leaves nothing behind."""
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "tracks"):
        with pytest.raises(OutputUnwritable, match="--stems"):
            check_folder(folder, ["dialogue"])
    check_folder(tmp_path / "new" / "tracks", ["dialogue"])
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["dialogue", "foley", "ambience", "music"])
def test_every_track_is_checked_before(tmp_path: Path, name: str) -> None:
    """A folder with the name of any of them is found before the film is made."""
    (tmp_path / f"{name}.wav").mkdir()
    with pytest.raises(OutputUnwritable, match=rf"{name}\.wav is a folder"):
        check_folder(tmp_path, STEMS)
