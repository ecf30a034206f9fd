"""What lies on the disk when something beside the film cannot be written, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from stillmotion import studio
from stillmotion.cli import film
from stillmotion.cli.options import output_place
from stillmotion.clip import Caption
from stillmotion.errors import DiskFull
from stillmotion.media import output
from stillmotion.progress import ignore_progress
from unit.media.bars import bars_clip

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.clip import Clip

SAID = (Caption(start_s=0.0, end_s=1.0, text="[a click]"),)


def clip() -> Clip:
    """A second of bars that can be written."""
    return replace(bars_clip(seconds=1), captions=SAID).with_writers(studio.WRITERS)


def write(path: Path, stems: Path | None = None) -> film.Files:
    """The clip under the name that somebody chose."""
    place = output_place(path, "photo.jpg", ".mp4")
    return film.write(clip(), place, captions=True, stems=stems, progress=ignore_progress)


def test_a_full_disk_at_the_tracks_leaves_the_film_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error is still that the disk is full; nobody has to look for the film."""

    def full(*_: object) -> None:
        message = "The disk is full while writing dialogue.wav; nothing of it was left behind."
        raise DiskFull(message)

    monkeypatch.setattr("stillmotion.clip.Clip.save_stems", full)
    with pytest.raises(DiskFull, match=r"dialogue\.wav.*The film itself is whole: .*film\.mp4"):
        write(tmp_path / "film.mp4", tmp_path / "tracks")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4", "film.vtt"]


def test_a_folder_where_the_captions_would_be_costs_no_film(tmp_path: Path) -> None:
    """They take the next name, also when the film is replaced."""
    (tmp_path / "film.vtt").mkdir()
    for number in (2, 3):
        assert write(tmp_path / "film.mp4").captions == tmp_path / f"film-{number}.vtt"


def test_subtitles_of_others_stay_as_they_are(tmp_path: Path) -> None:
    """Byte for byte, when there was no film of that name."""
    (tmp_path / "film.vtt").write_bytes(b"by hand")
    assert write(tmp_path / "film.mp4").captions == tmp_path / "film-2.vtt"
    assert (tmp_path / "film.vtt").read_bytes() == b"by hand"


def test_a_full_disk_speaks_of_one_file(tmp_path: Path) -> None:
    """What is said to be gone is that file: others may be there."""
    with (
        pytest.raises(DiskFull, match=r"a\.wav; nothing of it was left behind"),
        output.whole_file(tmp_path / "a.wav"),
    ):
        raise OSError(28, "No space left on device")
