"""How soon the service answers, films and finishes, alone and with fifty clients around it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import psutil

from benchmarks.rows import Row
from stillmotion import animate

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

PHOTO, PROMPT = Path("examples/photo.jpg"), "Slow dolly in over the water, wind"
MODEL = "/api/v3/openai/sora-2/image-to-video"
CLIENTS, SUBMITS_S, LOAD_S, QUEUED = 50, 2.0, 50.0, 1000
AT_ONCE = 8
FILMS = 9
"""Warm ones on either side of the ratio, of which the middle one counts; taken in turn."""
LARGE, LARGE_BYTES = 10, 14_500_000
"""Pictures in the request itself, so large that their data URLs just fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """Seconds from the request on."""

    taken_up_s: float
    """The first progress: a worker has it."""
    first_frame_s: float
    completed_s: float


@dataclass(frozen=True, slots=True)
class Load:
    """Milliseconds of each answer."""

    submits_ms: list[float] = field(default_factory=list)
    polls_ms: list[float] = field(default_factory=list)


def measure() -> list[Row]:
    """A film by the library and by the service, both warm; then two loads beside a running film."""
    with tempfile.TemporaryDirectory() as folder, _serving(Path(folder) / "data") as (address, process):
        return asyncio.run(_measured(address, process, Path(folder) / "film.mp4", PHOTO.read_bytes()))


def _by_library(target: Path, seed: int) -> float:
    """Seconds of a film."""
    began_s = time.perf_counter()
    animate(PHOTO, PROMPT, seed=seed).save(target)
    target.unlink()
    return time.perf_counter() - began_s


@contextlib.contextmanager
def _serving(data: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A server as a person starts it; its address and the process that answers."""
    data.mkdir()
    settings = {"DATA_DIR": str(data), "PER_MINUTE": "1000000", "CONCURRENCY": str(10 * QUEUED), "DRAIN_S": "0"}
    environment = {**os.environ, **{f"STILLMOTION_{name}": value for name, value in settings.items()}}
    command = [sys.executable, "-m", "stillmotion", "serve", "--port", "0"]
    with (data / "log").open("wb") as log:
        running = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=environment, text=True
        )
    try:
        assert running.stdout is not None  # noqa: S101 - asked for above
        yield running.stdout.readline().split()[-1], psutil.Process(running.pid)
    except Exception as error:
        error.add_note((data / "log").read_text(encoding="utf-8")[-5000:])
        raise
    finally:
        running.terminate()
        running.communicate(timeout=60)


async def _measured(address: str, process: psutil.Process, target: Path, content: bytes) -> list[Row]:
    limits = httpx2.Limits(max_connections=2 * CLIENTS)
    async with httpx2.AsyncClient(base_url=address, timeout=120, limits=limits) as http:
        photo = await _upload(http, content)
        pairs = [(_by_library(target, seed), await _film(http, photo, seed)) for seed in range(1 + FILMS)][1:]
        library_s, films = statistics.median(took_s for took_s, _ in pairs), [film for _, film in pairs]
        gc.collect()
        gc.freeze()  # what the library's films left is not looked through while the loads are timed
        taken_up_s = statistics.median(film.taken_up_s for film in films)
        frame_s = statistics.median(film.first_frame_s for film in films)
        completed_s = statistics.median(film.completed_s for film in films)
        beside = await _submit(http, photo, 50, 20)
        await _until_begun(http, beside)
        alone = await _loaded(http, photo)
        await _all(QUEUED, lambda number: _submit(http, photo, 100 + number))
        full = await _loaded(http, photo)
        usual_mb = process.memory_info().rss / 1e6
        most_mb = await _peak_mb(http, process, content)
    return [
        Row(name="service: submit to first progress, warm: taken up", value=taken_up_s, unit="s", at_most=0.3),
        Row(name="service: submit to the first frame done, warm", value=frame_s, unit="s"),
        Row(name="service: a warm film by the library, in turn with the service's", value=library_s, unit="s"),
        Row(name="service: submit to completed, warm", value=completed_s, unit="s"),
        Row(
            name="service: submit to completed, by the library's warm time",
            value=completed_s / library_s,
            at_most=1.1,
        ),
        *_rows("during a film", alone),
        *_rows(f"with {QUEUED:,} queued", full),
        Row(name="service: API process", value=usual_mb, unit="MB", at_most=200.0),
        Row(name=f"service: API process, {LARGE} pictures of 20 MB at once", value=most_mb, unit="MB", at_most=200.0),
    ]


def _rows(when: str, load: Load) -> list[Row]:
    return [
        Row(name=f"service: submit, p99, {when}", value=_p99(load.submits_ms), unit="ms", at_most=100.0),
        Row(name=f"service: poll, p99, {when}", value=_p99(load.polls_ms), unit="ms", at_most=50.0),
    ]


def _p99(values: list[float]) -> float:
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]


async def _upload(http: httpx2.AsyncClient, content: bytes) -> str:
    answer = await http.post("/api/v3/media/upload/binary", files={"file": ("photo.jpg", content)})
    return str(_data(answer)["download_url"])


async def _submit(http: httpx2.AsyncClient, photo: str, seed: int, seconds: int = 4) -> str:
    wanted = {"image": photo, "prompt": PROMPT, "seed": seed, "duration": seconds}
    return str(_data(await http.post(MODEL, json=wanted))["id"])


async def _film(http: httpx2.AsyncClient, photo: str, seed: int) -> Film:
    """One film, by the events that a listener hears."""
    began_s, taken_up_s, frame_s = time.perf_counter(), math.inf, math.inf
    made = await _submit(http, photo, seed)
    async with http.stream("GET", f"/api/native/v1/predictions/{made}/events") as events:
        async for line in events.aiter_lines():
            now_s = time.perf_counter() - began_s
            if line == "event: progress":
                taken_up_s = min(taken_up_s, now_s)
            if _tells_of_a_frame(line):
                frame_s = min(frame_s, now_s)
    ended_s = time.perf_counter() - began_s
    status = _data(await http.get(f"/api/v3/predictions/{made}"))
    if status["status"] != "completed":
        raise RuntimeError(status["error"])
    return Film(taken_up_s=taken_up_s, first_frame_s=frame_s, completed_s=ended_s)


def _tells_of_a_frame(line: str) -> bool:
    """Whether a line of the events says that at least one frame is done."""
    told = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
    return bool(told.get("stage") == "render" and told["progress"])


async def _until_begun(http: httpx2.AsyncClient, made: str) -> None:
    for _ in range(1000):
        if _data(await http.get(f"/api/v3/predictions/{made}"))["status"] != "created":
            return
        await asyncio.sleep(0.05)


async def _loaded(http: httpx2.AsyncClient, photo: str) -> Load:
    """Clients that poll once a second, each its own film, and submits at an even pace."""
    load = Load()
    films = [await _submit(http, photo, 10_000 + number) for number in range(CLIENTS)]

    async def polling(number: int) -> None:
        await asyncio.sleep(number / CLIENTS)
        for _ in range(round(LOAD_S)):
            look = partial(http.get, f"/api/v3/predictions/{films[number]}/result")
            load.polls_ms.append(await _paced(1.0, look))

    async def submitting() -> None:
        for number in range(round(LOAD_S * SUBMITS_S)):
            took_ms = await _paced(1 / SUBMITS_S, partial(_submit, http, photo, 20_000 + number))
            load.submits_ms.append(took_ms)

    await asyncio.gather(submitting(), *(polling(number) for number in range(CLIENTS)))
    return load


async def _peak_mb(http: httpx2.AsyncClient, process: psutil.Process, content: bytes) -> float:
    """What the process takes at most while large pictures arrive."""
    whole = content + bytes(LARGE_BYTES - len(content))
    image = "data:image/jpeg;base64," + base64.b64encode(whole).decode()
    body = json.dumps({"image": image, "prompt": PROMPT}).encode()
    kind = {"content-type": "application/json"}
    sending = [asyncio.create_task(http.post(MODEL, content=body, headers=kind)) for _ in range(LARGE)]
    most_bytes = 0
    while not all(one.done() for one in sending):
        most_bytes = max(most_bytes, process.memory_info().rss)
        await asyncio.sleep(0.02)
    for one in sending:
        one.result().raise_for_status()
    return most_bytes / 1e6


async def _paced(every_s: float, act: Callable[[], Awaitable[Any]]) -> float:
    """Milliseconds that it took; returns when it is time for the next."""
    began_s = time.perf_counter()
    answer = await act()
    took_s = time.perf_counter() - began_s
    if isinstance(answer, httpx2.Response):
        answer.raise_for_status()
    await asyncio.sleep(max(0.0, every_s - took_s))
    return took_s * 1000


async def _all(count: int, act: Callable[[int], Awaitable[Any]]) -> None:
    """A few at a time."""
    numbers = iter(range(count))

    async def some() -> None:
        for number in numbers:
            await act(number)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


def _data(answer: httpx2.Response) -> dict[str, Any]:
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()["data"]
    return found
