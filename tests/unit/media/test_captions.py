"""Captions as files: valid WebVTT, a text track that players offer and do not show unasked."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import av
import pytest

from measure import vtt as reader
from measure.film_facts import film_facts
from stillmotion.clip import Caption
from stillmotion.errors import OutputUnwritable
from stillmotion.media.captions import tx3g, vtt, write_vtt
from stillmotion.media.video import write_mp4
from unit.media.bars import bars_clip

if TYPE_CHECKING:
    from pathlib import Path

SAID = (
    Caption(start_s=0.0, end_s=1.5, text="[waves break]"),
    Caption(start_s=0.5, end_s=2.0, text="Woman: Is 3 < 5 & 7 > 6 --> yes?\nÄhm, ja 🌊"),
    Caption(start_s=3.25, end_s=4.0, text="[thunder far away]"),
)


def _decoded(path: Path) -> list[str]:
    """What the codec library shows of the first text track, without empty samples."""
    with av.open(str(path)) as container:
        sets = [found for packet in container.demux(subtitles=0) if packet.size for found in packet.decode()]
    return [found.ass.decode().split(",", 8)[8].replace("\\N", "\n") for found in sets]


def test_the_strict_reader_reads_it_back() -> None:
    """Times to the millisecond and words to the character come back, < & > and arrows included."""
    cues = reader.read(vtt(SAID))
    assert [(cue.start_s, cue.end_s, cue.text) for cue in cues] == [(c.start_s, c.end_s, c.text) for c in SAID]


def test_cues_stand_in_the_order_of_time() -> None:
    """Whatever order they are given in."""
    assert vtt(reversed(SAID)) == vtt(SAID)


def test_no_blank_line_ends_a_cue_early() -> None:
    """Line breaks and blanks inside a text are tamed, and half a character does not stop the writer."""
    (cue,) = reader.read(vtt([Caption(start_s=0, end_s=1, text=" a \n\n \r\n\tb\x0bc \ud83d")]))
    assert cue.text.split() == ["a", "b", "c", "?"]


def test_nothing_to_say_is_still_a_file() -> None:
    """No captions are a header and no cue."""
    assert reader.read(vtt([])) == []


def test_hours_are_written() -> None:
    """3,661.5 s are one hour, one minute and one and a half seconds."""
    assert "01:01:01.500 -->" in vtt([Caption(start_s=3661.5, end_s=3662, text="late")])


def test_the_codec_library_reads_the_file(tmp_path: Path) -> None:
    """A common demuxer finds the same cues."""
    write_vtt(replace(bars_clip(seconds=4), captions=SAID), tmp_path / "film.vtt")
    assert _decoded(tmp_path / "film.vtt") == [one.text for one in SAID]


def test_an_unwritable_place_is_refused(tmp_path: Path) -> None:
    """As for films."""
    with pytest.raises(OutputUnwritable):
        write_vtt(bars_clip(), tmp_path / "absent" / "film.vtt")


def test_samples_of_a_text_track_follow_one_another() -> None:
    """They cover the film without a gap, say what is said then, and carry their length."""
    samples = tx3g(SAID, 4.0)
    assert samples[0][0] == 0
    assert samples[-1][1] == 4000
    assert all(earlier[1] == later[0] for earlier, later in pairwise(samples))
    assert all(int.from_bytes(sample[:2], "big") == len(sample) - 2 for _, _, sample in samples)
    texts = [sample for _, _, sample in samples]
    assert all(earlier != later for earlier, later in pairwise(texts))
    both = next(sample for start, _, sample in samples if start == 500)
    assert both[2:].decode() == SAID[0].text + "\n" + SAID[1].text


@pytest.mark.parametrize("captions", [SAID, SAID[2:], SAID[:1]])
def test_the_film_has_a_text_track(tmp_path: Path, captions: tuple[Caption, ...]) -> None:
    """It is there, in English, says the words at their times, is not marked as shown, and changes no length."""
    clip = replace(bars_clip(seconds=4), captions=captions)
    write_mp4(clip, tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as container:
        (track,) = container.streams.subtitles
        assert track.codec_context.name == "mov_text"
        assert track.language == "eng"
        shown = {stream.type for stream in container.streams if stream.disposition & av.stream.Disposition.default}
        assert shown == {"video", "audio"}
        starts = [float(p.pts * p.time_base) for p in container.demux(track) if p.size > 2]
    assert starts == [start / 1000 for start, _, sample in tx3g(captions, 4.0) if len(sample) > 2]
    assert set("\n".join(_decoded(tmp_path / "film.mp4")).split("\n")) == {
        line for caption in captions for line in caption.text.split("\n")
    }
    assert film_facts(tmp_path / "film.mp4").duration_s == 4
    assert film_facts(tmp_path / "film.mp4").index_first


def test_without_captions_there_is_no_text_track(tmp_path: Path) -> None:
    """Nothing empty is put in."""
    write_mp4(bars_clip(), tmp_path / "film.mp4")
    with av.open(str(tmp_path / "film.mp4")) as container:
        assert not container.streams.subtitles
