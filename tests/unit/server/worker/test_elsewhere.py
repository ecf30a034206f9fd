"""Films are kept in a store elsewhere, waited for while it is away, made again when it stays away, and swept there."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from buckets import Server, s3, s3_server
from scripted import MADE, books, cancelled, clean, filmed, found, submitted
from stillmotion.errors import StoreUnavailable
from stillmotion.server import operating
from stillmotion.server.predictions import Code, Status
from stillmotion.server.store.s3 import S3Store
from stillmotion.server.worker import filming, sweeping
from stillmotion.server.worker.messages import FILES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stillmotion.server.clock import StoppedClock
    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

__all__ = ["s3", "s3_server"]


@pytest.fixture
def elsewhere(service: Service, s3: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    """The parts, with a store that lies elsewhere; whoever waits for it does not wait long."""
    monkeypatch.setattr(filming, "_AGAIN_S", 0.01)
    return replace(service, store=S3Store(s3.fresh_url(), incoming=tmp_path / "incoming"))


@pytest.fixture
def waiting(service: Service, elsewhere: Service) -> Prediction:
    """A film that was asked for; its picture stood in the request."""
    del service
    return submitted(elsewhere)


def going(s3: Server, *, away: bool) -> Callable[[], None]:
    """The store goes away, or comes back, just before the engine says the next thing."""

    def now() -> None:
        s3.away = away

    return now


def back_after(s3: Server, requests: int) -> None:
    """It comes back when it was asked that often in vain."""

    class Counting(list[str]):
        def append(self, method: str) -> None:
            super().append(method)
            if len(self) > requests:
                s3.away = False

    s3.asked = Counting()


def test_a_film_is_kept_there(s3: Server, elsewhere: Service, waiting: Prediction) -> None:
    """Its files under names of the attempt, nothing else, and nothing of them on this machine."""
    made, _ = filmed(elsewhere, waiting, MADE)
    assert made.status is Status.COMPLETED
    assert s3.objects(elsewhere.store.place) == sorted(made.outputs)
    for key, name in zip(made.outputs, FILES, strict=True):
        with elsewhere.store.open(key) as file:
            assert file.read() == name.encode()
    with elsewhere.database.connect() as connection:
        assert operating.audit_files(connection, elsewhere.store) == ()
    assert clean(elsewhere)


def test_a_store_that_comes_back_in_time(s3: Server, elsewhere: Service, waiting: Prediction) -> None:
    """The film waits for it, and is done in its first attempt."""
    back_after(s3, 20)
    made, engine = filmed(elsewhere, waiting, going(s3, away=True), MADE)
    assert (made.status, made.attempts, engine.begun.is_set()) == (Status.COMPLETED, 1, True)
    assert s3.objects(elsewhere.store.place) == sorted(made.outputs)


def test_answers_that_get_lost(s3: Server, elsewhere: Service, waiting: Prediction) -> None:
    """Whatever was written and not heard of is the film's all the same."""

    def lose() -> None:
        s3.lost = 12

    made, _ = filmed(elsewhere, waiting, lose, MADE)
    assert (made.status, made.attempts) == (Status.COMPLETED, 1)
    assert s3.objects(elsewhere.store.place) == sorted(made.outputs)


def test_a_store_that_stays_away(
    s3: Server, elsewhere: Service, waiting: Prediction, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The film goes back to the queue, which is no attempt, however often; it is made when the store is back."""
    monkeypatch.setattr(filming, "_AWAY_S", 0.0)
    before = books(elsewhere)
    for _ in range(4):
        with pytest.raises(StoreUnavailable):
            filmed(elsewhere, waiting, going(s3, away=True), MADE)
        stand = found(elsewhere, waiting)
        assert (stand.status, stand.attempts) == (Status.PROCESSING, 0)
        assert clean(elsewhere)
        s3.away = False
    assert books(elsewhere) == before
    made, _ = filmed(elsewhere, waiting, MADE)
    assert (made.status, made.attempts) == (Status.COMPLETED, 1)


@pytest.mark.parametrize("status", [HTTPStatus.FORBIDDEN, HTTPStatus.INSUFFICIENT_STORAGE])
def test_a_store_that_takes_no_film(
    s3: Server, elsewhere: Service, waiting: Prediction, monkeypatch: pytest.MonkeyPatch, status: HTTPStatus
) -> None:
    """It answers, but the key may only read, or it is full: the film is made once, ends as failed, costs nothing."""
    monkeypatch.setattr(filming, "_AWAY_S", 0.0)
    before = books(elsewhere)
    s3.refusing = status
    made, _ = filmed(elsewhere, waiting, MADE)
    assert (made.status, made.code) == (Status.FAILED, Code.UNAVAILABLE)
    assert "takes no film" in made.error
    assert books(elsewhere).held.micros == before.held.micros - 400_000
    assert (s3.objects(elsewhere.store.place), clean(elsewhere)) == ([], True)


def test_nothing_is_filmed_for_a_store_that_is_away(
    s3: Server, elsewhere: Service, waiting: Prediction, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A film that could not be kept is not begun: the cores are for others."""
    monkeypatch.setattr(filming, "_AWAY_S", 0.0)
    s3.away = True
    with pytest.raises(StoreUnavailable):
        filmed(elsewhere, waiting)  # an engine that is asked has nothing to say here
    assert found(elsewhere, waiting).attempts == 0


@pytest.mark.parametrize("owner", ["nobody", "somebody else"])
def test_nothing_is_filmed_for_what_is_not_ours(
    s3: Server, elsewhere: Service, waiting: Prediction, monkeypatch: pytest.MonkeyPatch, owner: str
) -> None:
    """A bucket that was emptied, or is another installation's, is as good as away."""
    monkeypatch.setattr(filming, "_AWAY_S", 0.0)
    elsewhere.store.claim(elsewhere.installation)
    named = s3.root / elsewhere.store.place.removeprefix("s3://") / ".installation"
    named.unlink()
    if owner == "somebody else":
        named.write_text(owner)
    with pytest.raises(StoreUnavailable):
        filmed(elsewhere, waiting)
    assert found(elsewhere, waiting).attempts == 0


def test_a_cancel_while_it_is_away(s3: Server, elsewhere: Service, waiting: Prediction) -> None:
    """Is seen, and costs nothing."""
    before = books(elsewhere)
    cancel = cancelled(elsewhere, waiting)

    def both() -> None:
        s3.away = True
        cancel()

    made, _ = filmed(elsewhere, waiting, both, MADE)
    assert (made.status, made.code) == (Status.FAILED, Code.CANCELLED)
    assert books(elsewhere).held.micros == before.held.micros - 400_000


def test_orphans_are_swept_there(
    s3: Server, elsewhere: Service, waiting: Prediction, clock: StoppedClock, tmp_path: Path
) -> None:
    """What an attempt left that is over goes, the film that is known stays, and foreign objects are left alone."""
    elsewhere.store.claim(elsewhere.installation)
    made, _ = filmed(elsewhere, waiting, MADE)
    (tmp_path / "left").write_bytes(b"left")
    elsewhere.store.put(f"outputs/{waiting.id}/{'0' * 16}-film.mp4", tmp_path / "left")
    sweeping.sweep(elsewhere)
    assert s3.objects(elsewhere.store.place) == sorted([".installation", *made.outputs])
    s3.asked.clear()
    clock.advance(60)
    sweeping.sweep(elsewhere)
    assert s3.asked == []
    clock.advance(timedelta(days=elsewhere.settings.retention_days, hours=1).total_seconds())
    sweeping.sweep(elsewhere)
    assert s3.objects(elsewhere.store.place) == [".installation"]


def test_what_a_probe_left_is_swept(
    s3: Server, elsewhere: Service, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `doctor` that is killed in the middle removes nothing; an hour later a sweep does."""
    assert isinstance(elsewhere.store, S3Store)
    with monkeypatch.context() as patch:
        patch.setattr("obstore.delete", lambda *_: None)
        elsewhere.store.probe()
    (left,) = s3.objects(elsewhere.store.place)
    for age_s, there in ((3000, [left]), (4000, [])):
        at_s = clock.now().timestamp() - age_s
        os.utime(s3.root / elsewhere.store.place.removeprefix("s3://") / left, (at_s, at_s))
        sweeping.sweep(elsewhere)
        assert s3.objects(elsewhere.store.place) == [".installation", *there]


def test_a_sweep_while_it_is_away(s3: Server, elsewhere: Service, waiting: Prediction, clock: StoppedClock) -> None:
    """What cannot be removed stays known, and goes with a later sweep."""
    elsewhere.store.claim(elsewhere.installation)
    filmed(elsewhere, waiting, MADE)
    clock.advance(timedelta(days=elsewhere.settings.retention_days, hours=1).total_seconds())
    s3.away = True
    with pytest.raises(ExceptionGroup) as error:
        sweeping.sweep(elsewhere)
    assert {type(one) for one in error.value.exceptions} == {StoreUnavailable}
    s3.away = False
    sweeping.sweep(elsewhere)
    assert s3.objects(elsewhere.store.place) == [".installation"]
