"""What `write_mp4` puts into a file, found out by decoding the file."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from measure.film_facts import film_facts
from stillmotion.clip import Recorded
from stillmotion.errors import DiskFull, OutputUnwritable
from stillmotion.media.video import write_mp4
from stillmotion.progress import Stage
from unit.media.bars import Bars, bars_clip


def _decoded_sound(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)


def _onsets(samples: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(samples[0]) > 0.2)
    return loud[np.r_[True, np.diff(loud) > 5000]]


@pytest.mark.parametrize("rate", [Fraction(30), Fraction(24), Fraction(30_000, 1001)])
def test_duration_is_exact(tmp_path: Path, rate: Fraction) -> None:
    """The film has seconds x rate frames and lasts exactly as long as they do, at whole and broken rates."""
    clip = bars_clip(seconds=2, rate=rate)
    write_mp4(clip, tmp_path / "film.mp4")
    facts = film_facts(tmp_path / "film.mp4")
    assert facts.frame_count == len(clip.source)
    assert facts.duration_s == clip.duration_s
    assert facts.rate == rate
    with av.open(str(tmp_path / "film.mp4")) as container:
        times = [frame.pts * frame.time_base for frame in container.decode(video=0)]
    assert times == [k / rate for k in range(len(clip.source))]


def test_decoded_sound_is_as_long_as_the_picture_and_in_step(tmp_path: Path) -> None:
    """After decoding, the sound ends within a frame of the picture and each click lies within a millisecond."""
    write_mp4(bars_clip(seconds=4), tmp_path / "film.mp4")
    samples = _decoded_sound(tmp_path / "film.mp4")
    assert 0 <= samples.shape[1] / 48_000 - 4 < 1 / 30
    assert np.abs(_onsets(samples) - 24_000 * np.arange(8)).max() <= 48


@pytest.mark.parametrize("given_s", [0.0, 0.5, 3.0])
def test_sound_of_another_length_is_cut_or_filled(tmp_path: Path, given_s: float) -> None:
    """Sound that is too short is filled with silence, sound that is too long is cut: the picture decides."""
    clip = bars_clip(seconds=1)
    odd = type(clip)(
        source=clip.source,
        size_px=clip.size_px,
        rate=clip.rate,
        sound=Recorded(np.zeros((round(given_s * 48_000), 2), np.float32)),
        sample_rate=48_000,
        recipe="{}",
        engine="bars",
    )
    write_mp4(odd, tmp_path / "film.mp4")
    assert abs(film_facts(tmp_path / "film.mp4").sound_duration_s - 1) < Fraction(1, 30)


def test_format(tmp_path: Path) -> None:
    """H.264 High 4:2:0 tagged BT.709 limited range, AAC 48 kHz stereo of at least 192 kbit/s, index in front."""
    clip = bars_clip(seconds=2)
    write_mp4(clip, tmp_path / "film.mp4")
    facts = film_facts(tmp_path / "film.mp4")
    assert (facts.size_px, facts.sample_rate, facts.channels, facts.index_first) == ((64, 64), 48_000, 2, True)
    with av.open(str(tmp_path / "film.mp4")) as container:
        video, audio = container.streams.video[0].codec_context, container.streams.audio[0].codec_context
        assert (video.name, video.profile, video.pix_fmt) == ("h264", "High", "yuv420p")
        assert (video.color_primaries, video.color_trc, video.colorspace, video.color_range) == (1, 1, 1, 1)
        assert audio.name == "aac"


def test_sound_is_encoded_generously(tmp_path: Path) -> None:
    """Noise, the hardest thing to encode, gets at least 192 kbit/s."""
    clip = bars_clip(seconds=2)
    noise = np.random.default_rng(0).normal(0, 0.2, (96_000, 2)).astype(np.float32)
    loud = type(clip)(
        source=clip.source,
        size_px=clip.size_px,
        rate=clip.rate,
        sound=Recorded(noise),
        sample_rate=48_000,
        recipe="{}",
        engine="bars",
    )
    write_mp4(loud, tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as container:
        size = sum(packet.size for packet in container.demux(audio=0))
    assert size * 8 / 2 >= 192_000


def test_pictures_come_through(tmp_path: Path) -> None:
    """Each decoded frame is the frame that was given, in order, within what CRF 18 costs."""
    clip = bars_clip(seconds=1)
    write_mp4(clip, tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as container:
        for index, frame in enumerate(container.decode(video=0)):
            luma = frame.to_ndarray()[:64].astype(int)
            assert np.abs(luma - clip.source.i420(index)[:64]).mean() < 3


def test_same_clip_gives_the_same_bytes(tmp_path: Path) -> None:
    """Nothing of the day or the machine's mood goes into the file."""
    for name in ("a.mp4", "b.mp4"):
        write_mp4(bars_clip(seconds=1, recipe='{"seed": 7}'), tmp_path / name)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


def test_another_processor_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How many cores the machine has does not change a film: the encoder's threads are a constant."""
    clip = replace(bars_clip(seconds=1), source=Bars(30, 640, 360), size_px=(640, 360))
    films = []
    for cores in (1, 2, 16):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        write_mp4(clip, tmp_path / "film.mp4")
        films.append((tmp_path / "film.mp4").read_bytes())
    assert films[0] == films[1] == films[2]


def test_progress_runs_to_the_end(tmp_path: Path) -> None:
    """Each stage's fraction never falls, and both stages reach 1."""
    told: dict[Stage, list[float]] = {}
    write_mp4(bars_clip(), tmp_path / "film.mp4", lambda stage, fraction: told.setdefault(stage, []).append(fraction))
    assert list(told) == [Stage.RENDER, Stage.FINISH]
    for fractions in told.values():
        assert fractions == sorted(fractions)
        assert fractions[-1] == 1.0


def test_writes_over_a_file_only_when_done(tmp_path: Path) -> None:
    """While a film is written, the file of that name still holds what it held before."""
    target = tmp_path / "film.mp4"
    target.write_bytes(b"before")
    seen = set()
    write_mp4(bars_clip(), target, lambda *_: seen.add(target.read_bytes()[:6]))
    assert seen == {b"before"}
    assert film_facts(target).frame_count == 30


@pytest.mark.parametrize("at", [0.0, 0.5])
def test_cancelling_leaves_nothing(tmp_path: Path, at: float) -> None:
    """Whatever is raised from progress arrives, and no file stays behind."""

    def cancel(stage: Stage, fraction: float) -> None:
        if stage is Stage.RENDER and fraction >= at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_mp4(bars_clip(), tmp_path / "film.mp4", cancel)
    assert list(tmp_path.iterdir()) == []


def test_a_frame_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    """An error in the render thread arrives as it is, and no file stays behind."""

    class Broken(Bars):
        def i420(self, index: int) -> np.ndarray:
            if index == 17:
                raise ZeroDivisionError
            return super().i420(index)

    clip = bars_clip()
    object.__setattr__(clip, "source", Broken(30, 64, 64))
    with pytest.raises(ZeroDivisionError):
        write_mp4(clip, tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []


def test_unwritable_folder_is_refused_before_the_first_frame(tmp_path: Path) -> None:
    """No frame is made for a place that cannot be written."""

    class Untouchable(Bars):
        def i420(self, index: int) -> np.ndarray:
            raise AssertionError(index)

    clip = bars_clip()
    object.__setattr__(clip, "source", Untouchable(30, 64, 64))
    (tmp_path / "file").write_bytes(b"")
    for target in (tmp_path / "absent" / "film.mp4", tmp_path / "file" / "film.mp4", tmp_path):
        with pytest.raises(OutputUnwritable):
            write_mp4(clip, target)


@dataclass
class Late:
    """Sound that is ready after some frames, or breaks then."""

    samples: np.ndarray
    frames: int = 10
    error: BaseException | None = None
    cancelled: bool = False

    def ready(self) -> bool:
        """See SoundSource."""
        self.frames -= 1
        return self.frames < 0

    def mix(self) -> np.ndarray:
        """See SoundSource."""
        if self.error is not None:
            raise self.error
        return self.samples

    def stems(self) -> dict[str, np.ndarray]:
        """See SoundSource."""
        return {"ambience": self.mix()}

    def cancel(self) -> None:
        """See SoundSource."""
        self.cancelled = True


@pytest.mark.parametrize("frames", [1, 30, 10_000])
def test_late_sound_gives_the_same_film(tmp_path: Path, frames: int) -> None:
    """Whether sound is there from the start or after the last frame, the bytes are the same, side by side in time."""
    clip = bars_clip(seconds=12, rate=Fraction(12))
    write_mp4(clip, tmp_path / "early.mp4")
    write_mp4(replace(clip, sound=Late(clip.audio, frames)), tmp_path / "late.mp4")
    assert (tmp_path / "early.mp4").read_bytes() == (tmp_path / "late.mp4").read_bytes()
    with av.open(str(tmp_path / "late.mp4")) as container:
        packets = [(p.pos, p.stream.type, float(p.dts * p.time_base)) for p in container.demux() if p.size]
    seen = {"video": 0.0, "audio": 0.0}
    for _, kind, time_s in sorted(packets):
        seen[kind] = time_s
        assert abs(seen["video"] - seen["audio"]) < 1.0


def test_sound_that_breaks_stops_the_film_at_once(tmp_path: Path) -> None:
    """The error arrives as it is, soon after it happened, and leaves nothing behind."""

    class Counting(Bars):
        made = 0

        def i420(self, index: int) -> np.ndarray:
            Counting.made += 1
            return super().i420(index)

    broken = Late(np.zeros((0, 2), np.float32), 10, ZeroDivisionError())
    clip = replace(bars_clip(seconds=4), source=Counting(120, 64, 64), sound=broken)
    with pytest.raises(ZeroDivisionError):
        write_mp4(clip, tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []
    assert Counting.made < 40


def test_cancelling_the_film_cancels_its_sound(tmp_path: Path) -> None:
    """Nobody goes on making sound for a film that is not written."""
    sound = Late(np.zeros((0, 2), np.float32), 10_000)

    def cancel(stage: Stage, fraction: float) -> None:
        if stage is Stage.RENDER and fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_mp4(replace(bars_clip(), sound=sound), tmp_path / "film.mp4", cancel)
    assert sound.cancelled


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from unit.media.bars import bars_clip
from stillmotion.errors import DiskFull
from stillmotion.media.video import write_mp4
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
folder, clip, unlimited = Path(sys.argv[1]), bars_clip(), resource.RLIM_INFINITY
write_mp4(clip, folder / "film.mp4")
whole = (folder / "film.mp4").stat().st_size
(folder / "film.mp4").unlink()
for limit in (0, 50, whole // 3, whole // 2, whole - 1000, whole - 1):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited))
    try:
        write_mp4(clip, folder / "film.mp4")
        verdict = "written"
    except DiskFull:
        verdict = "full"
    resource.setrlimit(resource.RLIMIT_FSIZE, (unlimited, unlimited))
    print(verdict, len(list(folder.iterdir())))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a POSIX thing")
def test_a_full_disk_at_any_byte_leaves_nothing(tmp_path: Path) -> None:
    """Wherever in the file the room ends, even at its last byte, DiskFull is raised and nothing stays behind."""
    tests = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(tmp_path)], cwd=tests, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["full 0"] * 6


def test_disk_full_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ENOSPC from the file system at the last moment is DiskFull too."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DiskFull):
        write_mp4(bars_clip(), tmp_path / "film.mp4")
    assert list(tmp_path.iterdir()) == []
