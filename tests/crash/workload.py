"""What callers do, by a seed: creates in every dialect, resends, faults, cancels, deletes; every answer is noted."""

from __future__ import annotations

import base64
import io
import time
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from PIL.PngImagePlugin import PngInfo

from crash.driver import PATIENCE_S
from hills import hills
from stillmotion.server import ids

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from crash.driver import Server

_HOSTED = "/api/v3/openai/sora-2/image-to-video"
_OPENAI = "/v1/videos"
_NATIVE = "/api/native/v1/predictions"
_POLL_S = 0.2
_DELIVERIES = "/api/native/v1/deliveries"


class Fate(Enum):
    """How a film must end."""

    MADE = "made"
    REFUSED = "refused"
    POISON = "poison"
    STOPPED = "stopped"
    """Cancelled or deleted; if it was done before, it stays done."""


@dataclass(slots=True)
class Film:
    """One thing that was asked for, however often."""

    fate: Fate
    hook: str = ""
    """Path of its webhook at the receiver; empty when there is none."""
    heard_before: int | None = None
    """How many messages the receiver had taken when another one was asked for, and promised."""
    answered: set[str] = field(default_factory=set)
    """Every prediction that an answer named: it must be one."""
    deleted: bool = False

    @property
    def id(self) -> str:
        """Of its prediction."""
        (found,) = self.answered
        return found


@dataclass(slots=True)
class Caller:
    """One account's program."""

    server: Server
    chance: Random
    films: list[Film] = field(default_factory=list)
    news: float = 0.0
    """How likely a photo is one that nobody has seen: looking at it takes seconds, in which somebody may die."""

    def play(self) -> None:
        """A round of everything; one film is stopped in the middle or before."""
        stopped = self.chance.choice((self._cancelled, self._deleted))
        if "cancelled" in self.server.armed():
            stopped = self._cancelled
        asks = [self._hosted_film, self._openai_film, self._no_picture, stopped]
        self.chance.shuffle(asks)
        made = [ask() for ask in asks]
        for film, again in made:
            if self.chance.random() < 0.7 and not film.deleted:
                film.answered.add(again())
        done = [film for film, _ in made if film.fate is Fate.MADE]
        for film in done:
            self._wait(film)
            if film.hook:
                self._resend(film)
        self._delete(done[0])

    def film(self, seconds: int = 12, fate: Fate = Fate.MADE) -> Film:
        """Ask for one film and no more."""
        return self._hosted(fate, self._photo(), seconds)[0]

    def _hosted_film(self) -> tuple[Film, Callable[[], str]]:
        return self._hosted(Fate.MADE, self._photo(), self.chance.choice((4, 8)))

    def _no_picture(self) -> tuple[Film, Callable[[], str]]:
        return self._hosted(Fate.REFUSED, f"{self.server.receiver.address}/text", 4)

    def _deleted(self) -> tuple[Film, Callable[[], str]]:
        made = self._hosted(Fate.STOPPED, self._photo(), 8)
        self._delete(made[0])
        return made

    def _cancelled(self) -> tuple[Film, Callable[[], str]]:
        film = self._new(Fate.STOPPED)
        asked = {
            "model": "openai/sora-2/image-to-video",
            "input": {"image": self._photo(), "prompt": "Pan left", "duration": 12},
            "webhook_url": self.server.receiver.address + film.hook,
        }
        send = self._keyed(_NATIVE, asked, lambda answer: answer["id"])
        film.answered.add(send())
        if self.chance.random() < 0.5:
            time.sleep(self.chance.uniform(0, 0.6))
        status, answer = self.server.ask("POST", f"{_NATIVE}/{film.id}/cancel")
        assert status == 200, answer
        return film, send

    def _hosted(self, fate: Fate, picture: str, seconds: int) -> tuple[Film, Callable[[], str]]:
        film = self._new(fate)
        asked = {"image": picture, "prompt": "Slow dolly in, leaves sway", "duration": seconds}
        path = f"{_HOSTED}?webhook={self.server.receiver.address}{film.hook}"
        send = self._keyed(path, asked, lambda answer: answer["data"]["id"])
        film.answered.add(send())
        return film, send

    def _openai_film(self) -> tuple[Film, Callable[[], str]]:
        """Without a key: its client says that it repeats itself."""
        film = Film(Fate.MADE)
        self.films.append(film)
        asked = {
            "model": "sora-2",
            "prompt": "The water ripples",
            "seconds": self.chance.choice(("4", "8")),
            "input_reference": {"image_url": self._photo()},
        }
        repeated = {"X-Stainless-Retry-Count": "1"}

        def send(count: str = "1") -> str:
            first = {"X-Stainless-Retry-Count": count}
            status, answer = self.server.ask("POST", _OPENAI, asked, again=repeated, **first)
            assert status == 200, answer
            return _plain(answer["id"])

        film.answered.add(send("0"))
        return film, send

    def _keyed(self, path: str, asked: dict[str, Any], read: Callable[[Any], str]) -> Callable[[], str]:
        named = {"Idempotency-Key": f"{self.chance.getrandbits(96):x}"}

        def send() -> str:
            status, answer = self.server.ask("POST", path, asked, **named)
            assert status == 200, answer
            return _plain(read(answer))

        return send

    def _delete(self, film: Film) -> None:
        """Forget it; whoever asks again may hear that it is gone."""
        film.deleted = True
        status, answer = self.server.ask("DELETE", f"{_NATIVE}/{film.id}")
        assert status in (204, 404), answer

    def _resend(self, film: Film) -> None:
        """Ask for its webhook once more, when the first one is noted as delivered."""
        end_s = time.monotonic() + PATIENCE_S
        while True:
            status, answer = self.server.ask("GET", f"{_DELIVERIES}?prediction_id={film.id}")
            (delivery,) = answer["items"]
            if delivery["state"] == "delivered":
                break
            assert time.monotonic() < end_s, delivery
            time.sleep(_POLL_S)
        heard = self.server.receiver.times[delivery["id"]]
        status, answer = self.server.ask("POST", f"{_DELIVERIES}/{delivery['id']}/resend")
        # Asked again after a death, it may hear that the first time was enough; that is the same promise.
        assert status == 200 or answer["error"]["code"] == "resend_too_soon", answer
        film.heard_before = heard

    def _wait(self, film: Film) -> None:
        end_s = time.monotonic() + PATIENCE_S
        while True:
            status, answer = self.server.ask("GET", f"/api/v3/predictions/{film.id}/result")
            assert status == 200, answer
            if answer["data"]["status"] in ("completed", "failed"):
                return
            assert time.monotonic() < end_s, answer
            time.sleep(_POLL_S)

    def _new(self, fate: Fate) -> Film:
        film = Film(fate, hook=f"/hook/{self.server.name}/{len(self.films)}")
        self.films.append(film)
        return film

    def _photo(self) -> str:
        """Another file each time; as a rule of the same hills, which the engine knows and films in a moment."""
        picture = hills() if self.chance.random() >= self.news else hills(self.chance.uniform(8, 20))
        content, notes = io.BytesIO(), PngInfo()
        notes.add_text("number", f"{self.chance.getrandbits(96):x}")
        picture.save(content, "PNG", pnginfo=notes)
        return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode()


def _plain(text: str) -> str:
    found = ids.prediction_of(text)
    assert found is not None, text
    return found
