"""What the engine process writes for a film."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hills import hills
from stillmotion.errors import Cancelled, DiskFull
from stillmotion.media import stills
from stillmotion.progress import Stage
from stillmotion.server.worker import films
from stillmotion.server.worker.messages import (
    FILES,
    FILM,
    SPRITES,
    THUMBNAIL,
    Made,
    Message,
    Refused,
    Stand,
    Told,
    Work,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture
def work(tmp_path: Path) -> Work:
    """A short film."""
    hills().save(tmp_path / "picture", "PNG")
    return Work(
        token="a",  # noqa: S106 - of an attempt
        dialect="hosted",
        model_id="openai/sora-2/image-to-video",
        input={"image": "https://pictures.example/a.png", "prompt": "Slow dolly in", "duration": 4},
        picture=str(tmp_path / "picture"),
        folder=str(tmp_path),
        tiny=True,
        refuse_faces=False,
    )


class Frames:
    """Grey ones."""

    SIZE_PX = (64, 36)

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def rgb(self, index: int) -> NDArray[np.uint8]:
        """Not asked for."""
        raise NotImplementedError

    def i420(self, index: int) -> NDArray[np.uint8]:
        """See FrameSource."""
        width, height = self.SIZE_PX
        return np.full((height * 3 // 2, width), 100 + index, np.uint8)


def shown(told: list[Message]) -> list[int]:
    """Frames that were shown meanwhile."""
    return [said.data["frame"] for said in told if isinstance(said, Told) and said.kind == "preview"]


def percents(told: list[Message]) -> list[int]:
    """Shares of the frames, as they were told."""
    return [said.progress for said in told if isinstance(said, Stand) and said.stage == "render"]


def test_a_film_and_its_stills(work: Work) -> None:
    """Three files; shares that grow to the end."""
    told: list[Message] = []
    made = films.film(work, told.append, lambda: True)
    assert isinstance(made, Made)
    assert all(work.place(name).stat().st_size for name in FILES)
    assert percents(told) == sorted(set(percents(told)))
    assert told[-1] == Stand(stage="finish", progress=99)
    assert shown(told) == list(stills.spread(made.facts["frames"])[:: stills.COLUMNS])


@pytest.mark.parametrize("count", [1, 5, 17])
def test_stills_are_made_as_frames_go_by(work: Work, count: int) -> None:
    """However few there are, the first one of each row is shown, and no whole frame is kept in memory."""
    told: list[Message] = []
    kept = stills.Kept(Frames(count), frozenset(stills.spread(count)))
    with ThreadPoolExecutor(1) as beside:
        teller = films.Teller(told.append, lambda: True)
        making = films._Stills(kept, Frames.SIZE_PX, work, teller, beside, list(stills.spread(count)))
        for index in range(count):
            kept.i420(index)
            making.progress(Stage.RENDER, (index + 1) / count)
        for picture in making.begun:
            picture.result()
    assert shown(told) == list(stills.spread(count)[:: stills.COLUMNS])
    assert (kept.pixels, len(making.tiles)) == ({}, len(stills.spread(count)))
    assert all(work.place(name).is_file() for name in (SPRITES, THUMBNAIL))


def test_the_first_frame_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """At once and not as nothing, however small a share of the film it is; those after it when they are due."""
    monkeypatch.setattr(films, "_TELL_S", 60.0)
    told: list[Message] = []
    teller = films.Teller(told.append, lambda: True)
    for frame in range(5):
        teller.progress(Stage.RENDER, frame / 480)
    assert percents(told) == [0, 1]


def test_a_still_that_cannot_be_written_ends_the_film_at_once(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is met at the first frame, not after the last one."""

    def full(*_: object) -> None:
        raise DiskFull

    monkeypatch.setattr(stills, "write_still", full)
    told: list[Message] = []
    said = films.film(work, told.append, lambda: True)
    assert isinstance(said, Refused)
    assert max(percents(told), default=0) < 90
    assert not work.place(FILM).exists()


def test_what_nobody_wants_is_left(work: Work) -> None:
    """In the middle of the frames; nothing stays under the names of files."""
    told: list[Message] = []
    with pytest.raises(Cancelled):
        films.film(work, told.append, lambda: not any(percents(told)))
    assert not work.place(FILM).exists()
