"""A Clip as an MP4: H.264 and AAC, exact duration, index at the front, the recipe inside; whole or absent."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
import numpy as np

from stillmotion.media.captions import tx3g
from stillmotion.media.output import whole_file
from stillmotion.media.recipe import RECIPE_TAG
from stillmotion.media.tracks import switch_off
from stillmotion.progress import Progress, Stage, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.stream import AudioStream
    from av.container import OutputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream
    from numpy.typing import NDArray

    from stillmotion.clip import Clip, FrameSource

X264_OPTIONS = {"preset": "veryfast", "crf": "18"}
KEYFRAME_S = 20
"""A new keyframe of a picture that holds still shows as a jump (1.8 levels on average), so there is one a film."""
AAC_BITRATE = 320_000
AAC_OPTIONS = {"aac_pns": "0"}
"""At 224 kbit/s, with noise put in for noise, limited drums come back 3 dB over their peaks; like this, 1 at most."""
AAC_FRAME = 1024
FRAMES_AHEAD = 6
ENCODER_THREADS = 2
"""Always as many, whatever the processor: x264 decides otherwise with another number, so the film would differ. With
four, a slow pan shakes by 0.034 px rms instead of 0.026: threads bound how far a frame may look into the one before."""

WAITS_S = 60
"""How far the picture may run ahead of sound that is still being made: longer than any film, so that both tracks
always lie side by side in the file."""

_BT709 = 1
_LIMITED_RANGE = 1


def write_mp4(clip: Clip, path: str | Path, progress: Progress | None = None) -> None:
    """Encode a clip. Frames are rendered ahead in other threads while x264 works, and sound is taken when it is there.

    Raises:
        OutputUnwritable: the folder does not exist or cannot be written; found before the first frame.
        DiskFull: the disk filled up; nothing stays under `path`.
    """
    report = progress or ignore_progress
    try:
        with whole_file(Path(path)) as part:
            _encode(clip, part, report)
            if clip.captions:
                switch_off(part, b"sbtl")
            report(Stage.FINISH, 1.0)
    except BaseException:
        clip.sound.cancel()
        raise


def _encode(clip: Clip, part: Path, report: Progress) -> None:
    movie = {"movflags": "+faststart+use_metadata_tags", "fflags": "+bitexact"}
    options = {**movie, "max_interleave_delta": str(WAITS_S * 1_000_000)}
    with av.open(str(part), "w", format="mp4", options=options) as container:
        container.metadata[RECIPE_TAG] = clip.recipe
        video = _video_stream(container, clip)
        audio = _audio_stream(container, clip)
        _mux_captions(container, clip)
        sound = _sound_frames(clip)
        count = len(clip.source)
        report(Stage.RENDER, 0.0)
        for index, pixels in enumerate(_ahead(clip.source)):
            container.mux(video.encode(_picture(pixels, index, clip.rate)))
            if clip.sound.ready():
                _mux_sound(container, audio, sound, until_s=(index + 1) / clip.rate)
            report(Stage.RENDER, (index + 1) / count)
        report(Stage.FINISH, 0.0)
        container.mux(video.encode(None))
        _mux_sound(container, audio, sound, until_s=clip.duration_s)
        container.mux(audio.encode(None))


def _video_stream(container: OutputContainer, clip: Clip) -> VideoStream:
    """H.264 High, 4:2:0, tagged BT.709 limited range."""
    stream = container.add_stream("libx264", rate=clip.rate, options=dict(X264_OPTIONS))
    stream.width, stream.height = clip.size_px
    stream.pix_fmt = "yuv420p"
    stream.time_base = 1 / clip.rate
    context = stream.codec_context
    context.time_base = 1 / clip.rate
    context.gop_size = round(KEYFRAME_S * clip.rate)
    context.thread_count = ENCODER_THREADS
    context.color_primaries = _BT709
    context.color_trc = _BT709
    context.colorspace = _BT709
    context.color_range = _LIMITED_RANGE
    return stream


def _audio_stream(container: OutputContainer, clip: Clip) -> AudioStream:
    stream = container.add_stream("aac", rate=clip.sample_rate, layout="stereo", options=dict(AAC_OPTIONS))
    stream.codec_context.bit_rate = AAC_BITRATE
    return stream


def _picture(pixels: NDArray[np.uint8], index: int, rate: Fraction) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
    frame.pts = index
    frame.time_base = 1 / rate
    frame.colorspace = _BT709
    frame.color_range = _LIMITED_RANGE
    return frame


def _sound_frames(clip: Clip) -> Iterator[tuple[Fraction, av.AudioFrame]]:
    """The sound in pieces as long as an AAC frame, with the time at which each ends.

    Sound is cut or filled with silence to the length of the picture.
    """
    wanted = round(clip.duration_s * clip.sample_rate)
    samples = clip.audio
    for start in range(0, wanted, AAC_FRAME):
        piece = np.zeros((2, min(AAC_FRAME, wanted - start)), np.float32)
        given = np.asarray(samples[start : start + piece.shape[1]], np.float32)
        piece[:, : len(given)] = given.T
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
        frame.sample_rate = clip.sample_rate
        frame.time_base = Fraction(1, clip.sample_rate)
        frame.pts = start
        yield Fraction(start + piece.shape[1], clip.sample_rate), frame


def _mux_sound(
    container: OutputContainer,
    stream: AudioStream,
    frames: Iterator[tuple[Fraction, av.AudioFrame]],
    *,
    until_s: Fraction,
) -> None:
    """Encode sound up to a time, so that both tracks lie side by side in the file."""
    for end_s, frame in frames:
        container.mux(stream.encode(frame))
        if end_s >= until_s:
            return


def _mux_captions(container: OutputContainer, clip: Clip) -> None:
    """The whole text track at once: it is small, and the muxer puts each sample where its time comes.

    Nothing in between is left to the muxer, which writes it by itself.
    """
    if not clip.captions:
        return
    stream: Stream = container.add_mux_stream("mov_text")
    stream.time_base = Fraction(1, 1000)
    stream.metadata["language"] = "eng"
    samples = tx3g(clip.captions, float(clip.duration_s))
    for start_ms, end_ms, sample in (samples[0], *(one for one in samples[1:-1] if len(one[2]) > 2), samples[-1]):
        packet = av.Packet(sample)
        packet.stream = stream
        packet.pts = packet.dts = start_ms
        packet.duration = end_ms - start_ms
        packet.time_base = stream.time_base
        packet.is_keyframe = True
        container.mux(packet)


def _ahead(source: FrameSource) -> Iterator[NDArray[np.uint8]]:
    """The frames in order, a few of them made ahead; whoever stops listening stops the threads.

    Two threads, because what moves takes longer to draw than to encode; without movement one of them mostly waits.
    """
    count = len(source)
    with ThreadPoolExecutor(2, thread_name_prefix="render") as pool:
        waiting: deque[Future[NDArray[np.uint8]]] = deque()
        try:
            for index in range(count):
                waiting.append(pool.submit(source.i420, index))
                if len(waiting) > FRAMES_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
