"""The engine process, a real one: stopped when its time is over, with nothing of it left running."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
import time
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from hills import hills
from stillmotion.money import Money
from stillmotion.server import accounts, ledger, predictions
from stillmotion.server.predictions import Code, Status, Submission
from stillmotion.server.worker import engine as engine_module
from stillmotion.server.worker.engine import Engine
from stillmotion.server.worker.filming import WORK, Filming
from stillmotion.server.worker.messages import ENDS, FILES, Made, Message, Refused, Stand, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

LIMIT_S = 0.5
AT_ONCE_S = 2.0
PATIENCE_S = 120.0


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    """What the engine below is bound to."""
    with asyncio.Runner() as made:
        yield made


@pytest.fixture(scope="module")
def engine(loop: asyncio.Runner) -> Iterator[Engine]:
    """One that all tests share which leave a warm one behind: a start takes seconds."""
    made = Engine(thoroughly=False)
    yield made
    loop.run(made.stop())


class Timed(Engine):
    """Knows how long its last end took."""

    took_s = 0.0

    async def stop(self) -> None:
        """See Engine."""
        began_s = time.monotonic()
        await super().stop()
        self.took_s = time.monotonic() - began_s


def submitted(service: Service) -> Prediction:
    """A film of twenty seconds that waits."""
    content = BytesIO()
    Image.fromarray(load_sample_image("china.jpg")).save(content, "PNG")
    picture = "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()
    asked = Submission(
        account_id=accounts.SINGLE_USER,
        dialect="hosted",
        model_id="openai/sora-2/image-to-video",
        input={"image": picture, "prompt": "Slow dolly in, the leaves sway", "duration": 20},
        price=Money.of("2.00"),
        concurrency=9,
        queue_limit=9,
    )
    with service.database.begin() as connection:
        return predictions.submit(connection, asked, service.queue, at=service.clock.now())


def test_a_film_beyond_its_time_is_stopped_and_paid_back(service: Service) -> None:
    """5004, no money, no files; the process that worked on it is gone at once, and a new one is on its way."""
    hasty = replace(service, settings=service.settings.model_copy(update={"time_limit_s": LIMIT_S}))
    made = submitted(service)

    async def run() -> tuple[psutil.Process, float, bool]:
        engine = Timed(thoroughly=False)
        await engine.ready()
        assert engine._process is not None
        process = psutil.Process(engine._process.pid)
        await Filming(hasty, engine).run(made.id)
        took_s, follows = engine.took_s, engine._starting is not None
        await engine.stop()
        return process, took_s, follows

    process, took_s, follows = asyncio.run(run())
    assert follows
    assert not process.is_running()
    with service.database.begin() as connection:
        ended = predictions.find(connection, made.account_id, made.id)
        assert ledger.balance(connection, made.account_id).held == Money(0)
    assert (ended.status, ended.code) == (Status.FAILED, Code.TIMED_OUT)
    assert "0.5 s" in ended.error
    assert took_s < AT_ONCE_S
    assert not list((service.settings.data_dir / WORK).glob("*"))
    assert list(service.store.keys()) == []


def work(folder: Path, name: str) -> Work:
    """A short film."""
    (folder / name).mkdir()
    hills().save(folder / name / "picture", "PNG")
    return Work(
        token=name,
        dialect="hosted",
        model_id="openai/sora-2/image-to-video",
        input={"image": "https://pictures.example/a.png", "prompt": f"waves {name}", "duration": 4},
        picture=str(folder / name / "picture"),
        folder=str(folder / name),
        tiny=True,
        refuse_faces=False,
    )


async def answer(engine: Engine, until: Callable[[Message], bool]) -> Message:
    """The first message that is waited for."""
    async with asyncio.timeout(PATIENCE_S):
        while (said := await engine.hear(1)) is None or not until(said):
            pass
    return said


def ends(said: Message) -> bool:
    """Whether it is the last word about a piece of work."""
    return isinstance(said, ENDS)


def test_an_answer_to_other_work_is_not_heard(tmp_path: Path, loop: asyncio.Runner, engine: Engine) -> None:
    """Work that is begun while other work is still done gets its own answer, and its own film."""

    async def run() -> tuple[Message, list[str]]:
        await engine.begin(work(tmp_path, "first"))
        await answer(engine, lambda said: isinstance(said, Stand) and said.progress > 0)
        await engine.begin(work(tmp_path, "second"))
        said = await answer(engine, ends)
        return said, sorted(place.name for place in (tmp_path / "second").iterdir())

    said, files = loop.run(run())
    assert isinstance(said, Made)
    assert files == sorted((*FILES, "picture"))


def test_work_that_nobody_wants_is_left_and_the_engine_stays_warm(
    tmp_path: Path, loop: asyncio.Runner, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A film is left in the middle at once, with nothing under its name; the same process then makes the next one."""
    monkeypatch.setattr(engine_module, "_LEAVING_S", PATIENCE_S)  # it is not ended, however busy the machine is

    async def run() -> tuple[bool, Message]:
        await engine.begin(replace(long := work(tmp_path, "long"), input={**long.input, "duration": 20}))
        await answer(engine, lambda said: isinstance(said, Stand) and said.progress > 0)
        process = engine._process
        await engine.leave()
        stayed = engine._process is process
        await engine.begin(work(tmp_path, "next"))
        return stayed, await answer(engine, ends)

    stayed, said = loop.run(run())
    assert stayed
    assert isinstance(said, Made)
    assert not (tmp_path / "long" / FILES[0]).exists()


def test_work_is_left_while_the_photo_is_looked_at(
    tmp_path: Path, loop: asyncio.Runner, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Networks take seconds for a new photo; work is left between them, and the engine stays."""
    monkeypatch.setattr(engine_module, "_LEAVING_S", PATIENCE_S)

    async def run() -> bool:
        asked = work(tmp_path, "new")
        Image.fromarray(load_sample_image("flower.jpg")).resize((320, 214)).save(asked.picture, "PNG")
        await engine.begin(asked)
        await answer(engine, lambda said: isinstance(said, Stand) and said.stage == "analyse")
        process = engine._process
        await engine.leave()
        return engine._process is process

    assert loop.run(run())


def test_an_engine_that_does_not_leave_its_work_is_ended(tmp_path: Path) -> None:
    """Within the time of a cancel, whatever it hangs at; another one takes its place."""

    async def run() -> tuple[float, bool, Message]:
        engine = Engine(thoroughly=False)
        try:
            await engine.begin(work(tmp_path, "stuck"))
            await answer(engine, lambda said: isinstance(said, Stand))
            assert engine._process is not None
            process, began_s = psutil.Process(engine._process.pid), time.monotonic()
            process.suspend()
            await engine.leave()
            took_s, gone = time.monotonic() - began_s, not process.is_running()
            await engine.begin(work(tmp_path, "next"))
            return took_s, gone, await answer(engine, ends)
        finally:
            await engine.stop()

    took_s, gone, said = asyncio.run(run())
    assert gone
    assert isinstance(said, Made)
    assert took_s < AT_ONCE_S


def test_the_engine_process_knows_no_database() -> None:
    """It loads none, which half of its start would go into."""
    code = "import sys; from stillmotion.server.worker import engine_process, films, warming; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "stillmotion.diorama.pipeline" in loaded
    assert not {"sqlalchemy", "psycopg", "procrastinate", "stillmotion.server.ledger"} & set(loaded)


def test_no_path_of_this_machine_in_a_refusal(tmp_path: Path, loop: asyncio.Runner, engine: Engine) -> None:
    """A picture that is broken is told without its place here; one that is gone is our fault, not the caller's."""
    told: list[tuple[int, str]] = []
    empty, gone = work(tmp_path, "empty"), work(tmp_path, "gone")
    Path(empty.picture).write_bytes(b"")
    Path(gone.picture).unlink()

    async def run() -> None:
        for asked in (empty, gone):
            await engine.begin(asked)
            said = await answer(engine, ends)
            assert isinstance(said, Refused)
            told.append((said.code, said.error))

    loop.run(run())
    assert [code for code, _ in told] == [Code.PARAMETER_INVALID, Code.EXECUTION_FAILED]
    assert told[0][1].startswith("image: the picture ")
    assert not any(str(tmp_path) in words for _, words in told)
