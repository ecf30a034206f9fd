"""One film, from an untrusted picture file to three files: what the engine process does."""

from __future__ import annotations

import base64
import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stillmotion import catalog, engines
from stillmotion.engines.diorama import Diorama
from stillmotion.errors import (
    AssetError,
    Cancelled,
    DiskFull,
    ImageRefused,
    ImageUnreadable,
    InputRefused,
    PolicyRefused,
)
from stillmotion.media import stills
from stillmotion.media.image import read_picture
from stillmotion.progress import Stage
from stillmotion.server.codes import Code
from stillmotion.server.failpoint import failpoint
from stillmotion.server.worker import limits, scenes, shots
from stillmotion.server.worker.messages import (
    DECODE,
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
from stillmotion.studio import WRITERS

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from stillmotion.clip import Clip
    from stillmotion.diorama.brief import Brief

_STAGES = tuple(Stage)
_TELL_S = 0.1
"""Between two shares of the frames: whoever hears of them passes on fewer."""


@dataclass(slots=True)
class Teller:
    """Stages in their order, and the share of the frames that are done; sound is made beside and not told."""

    tell: Callable[[Message], None]
    wanted: Callable[[], bool]
    """Asked whenever there is something to tell, and after each frame."""
    at: int = -1
    told: int = -1
    told_s: float = 0.0
    began_s: dict[str, float] = field(default_factory=dict)

    def progress(self, stage: Stage, fraction: float) -> None:
        """See `stillmotion.progress.Progress`.

        Raises:
            Cancelled: nobody wants the film any more.
        """
        if not self.wanted():
            raise Cancelled
        place = _STAGES.index(stage)
        if place < self.at or stage is Stage.SOUND:
            return
        # The first frame is told, however many there are.
        done = {Stage.RENDER: max(int(fraction * 100), int(fraction > 0)), Stage.FINISH: 99}.get(stage, 0)
        now_s = time.monotonic()
        is_time = self.told == 0 or now_s - self.told_s >= _TELL_S  # the first frame at once
        if place != self.at or (done != self.told and is_time):
            self.began_s.setdefault(stage.name.lower(), now_s)
            self.at, self.told, self.told_s = place, min(done, 99), now_s
            self.tell(Stand(stage=stage.name.lower(), progress=self.told))
        if stage is Stage.RENDER and fraction > 0:
            failpoint("engine-renders")

    def seconds(self) -> dict[str, float]:
        """How long each stage took until the next one began."""
        names, ends = list(self.began_s), [*self.began_s.values(), time.monotonic()][1:]
        return {name: round(end - self.began_s[name], 3) for name, end in zip(names, ends, strict=True)}


def film(work: Work, tell: Callable[[Message], None], wanted: Callable[[], bool]) -> Made | Refused:
    """Make the film, or say why not.

    Raises:
        Cancelled: nobody wants it any more.
    """
    teller = Teller(tell, wanted)
    try:
        tell(Stand(stage=DECODE, progress=0))
        with limits.bounded():
            photo = read_picture(Path(work.picture))
        return _filmed(work, photo, teller)
    except MemoryError:
        return Refused(code=Code.PARAMETER_INVALID, error="image: the picture takes more memory than is allowed.")
    except PolicyRefused as error:
        return Refused(code=Code.MODERATION, error=str(error))
    except ImageUnreadable:  # the worker had fetched it, so that is no fault of the caller's
        raise
    except ImageRefused as error:
        words = str(error).replace(work.picture, "the picture")
        return Refused(code=Code.PARAMETER_INVALID, error=f"image: {words}")
    except InputRefused as error:
        return Refused(code=Code.PARAMETER_INVALID, error=str(error))
    except (AssetError, DiskFull) as error:
        return Refused(code=Code.UNAVAILABLE, error=str(error))


def _filmed(work: Work, photo: NDArray[np.uint8], teller: Teller) -> Made:
    began_s = time.monotonic()
    model = catalog.get(work.model_id, work.dialect)
    inputs = model.input.model_validate(work.input)
    if work.refuse_faces and Diorama().shows_faces(photo, teller.progress):
        message = "image: the picture shows a human face, and this server does not film faces."
        raise PolicyRefused(message)
    if model.work is catalog.Work.SCENE:
        return scenes.looked_at(photo, teller.progress)
    brief = model.brief(inputs, (photo.shape[1], photo.shape[0]))
    shot = getattr(inputs, "shot", "")
    with (
        shots.filmed(photo, shot, brief, teller.progress, tiny=work.tiny)
        if shot
        else _clip(model.engines, photo, brief, work, teller)
    ) as clip:
        for words in clip.notes:
            teller.tell(Told(kind="warning", data={"message": words}))
        _write(clip, work, teller)
        failpoint("engine-made")
        return Made(engine=clip.engine, facts=_facts(clip, teller, time.monotonic() - began_s))


def _clip(names: tuple[str, ...], photo: NDArray[np.uint8], brief: Brief, work: Work, teller: Teller) -> Clip:
    """By the first engine that can; what the input itself is at fault for is no reason to try another."""
    failed: Exception | None = None
    for name in names:
        try:
            generate = Diorama(tiny=True).generate if work.tiny else engines.get(name).generate
            return generate(photo, brief, teller.progress).with_writers(WRITERS)
        except (InputRefused, Cancelled):
            raise
        except Exception as error:  # noqa: BLE001 - any fault of one engine is the next one's turn
            failed = error
    raise failed or LookupError(work.model_id)


def _write(clip: Clip, work: Work, teller: Teller) -> None:
    """The film, and stills from the frames that went by, made beside it."""
    chosen = stills.spread(len(clip.source))
    kept = stills.Kept(clip.source, frozenset(chosen))
    with ThreadPoolExecutor(1, "stills") as beside:
        shown = _Stills(kept, clip.size_px, work, teller, beside, list(chosen))
        replace(clip, source=kept).save(work.place(FILM), progress=shown.progress)
        for picture in shown.begun:
            picture.result()


@dataclass(slots=True)
class _Stills:
    """Pictures of kept frames as soon as they are there, in a thread of their own: rendering does not wait for them."""

    kept: stills.Kept
    size_px: tuple[int, int]
    work: Work
    teller: Teller
    beside: ThreadPoolExecutor
    waiting: list[int]
    """Frames of the sheet that are still to come; the first one of each row is shown meanwhile."""
    tiles: dict[int, Image.Image] = field(default_factory=dict)
    begun: list[Future[None]] = field(default_factory=list)

    def progress(self, stage: Stage, fraction: float) -> None:
        """See `stillmotion.progress.Progress`; a fault of a picture costs no whole rendering."""
        self.teller.progress(stage, fraction)
        for picture in self.begun:
            if picture.done():
                picture.result()
        while self.waiting and self.waiting[0] in self.kept.pixels:
            self._begin(self._tile, self.waiting.pop(0))
            if not self.waiting:
                self._begin(self._sheet)

    def _begin(self, act: Callable[..., None], *arguments: int) -> None:
        self.begun.append(self.beside.submit(act, *arguments))

    def _tile(self, index: int) -> None:
        pixels = self.kept.pixels.pop(index)
        self.tiles[index] = stills.tile(pixels, self.size_px)
        if len(self.tiles) % stills.COLUMNS == 1:
            self._show(index)
        if index == 0:
            stills.write_still(pixels, self.size_px, self.work.place(THUMBNAIL))

    def _show(self, index: int) -> None:
        picture = base64.b64encode(stills.preview(self.tiles[index])).decode()
        self.teller.tell(Told(kind="preview", data={"frame": index, "image": f"data:image/webp;base64,{picture}"}))

    def _sheet(self) -> None:
        stills.write_sheet(self.tiles, self.work.place(SPRITES))


def _facts(clip: Clip, teller: Teller, work_s: float) -> dict[str, Any]:
    recipe = json.loads(clip.recipe)
    return {
        "notes": list(clip.notes),
        "shot": recipe.get("shot"),
        "size_px": list(clip.size_px),
        "fps": float(clip.rate),
        "frames": len(clip.source),
        "work_s": round(work_s, 3),
        "stages_s": teller.seconds(),
    }
