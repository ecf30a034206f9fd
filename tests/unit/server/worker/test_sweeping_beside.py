"""What a sweep removes while people go on: nobody's file, and nobody waits for it for ever."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image
from sqlalchemy import select
from structlog.testing import capture_logs

from databases import until_it_waits
from stillmotion.money import ZERO
from stillmotion.server import accounts, intake, predictions
from stillmotion.server.db.schema import predictions as table
from stillmotion.server.intake import uploads
from stillmotion.server.predictions import Code, Submission
from stillmotion.server.worker import sweeping

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.server.clock import StoppedClock
    from stillmotion.server.service import Service

DAY_S = 24 * 3600.0


class Beside:
    """A store that lets something else happen just before a file is removed, as far as that gets."""

    def __init__(self, store: Any, act: Callable[[], object]) -> None:
        self._store, self._act = store, act

    def __getattr__(self, name: str) -> Any:
        """Everything else is the store's."""
        return getattr(self._store, name)

    def tidy(self, _before_s: float) -> int:
        """Nothing: the sweep's clock runs days ahead of the disk's, so that what is just being sent looks given up."""
        return 0

    def delete(self, key: str) -> bool:
        """See `Store.delete`."""
        self._act()
        return bool(self._store.delete(key))


def sent(service: Service) -> uploads.Upload:
    """The same picture each time."""
    content = BytesIO()
    Image.new("RGB", (80, 80), "teal").save(content, "PNG")
    return uploads.keep_picture(service, accounts.SINGLE_USER, content.getvalue())


@pytest.mark.parametrize("crashed", [False, True])
def test_a_picture_that_is_sent_again_is_there(service: Service, clock: StoppedClock, *, crashed: bool) -> None:
    """Sent again while the sweep removes it, or what a crashed sweep left, it can be fetched afterwards."""
    picture = sent(service)
    clock.at = clock.at.fromtimestamp(next(service.store.keys())[2], tz=clock.at.tzinfo)  # the disk's own time
    clock.advance(8 * DAY_S)
    if crashed:
        with service.database.begin() as connection:
            connection.execute(uploads.uploads.delete())
    again = Thread(target=sent, args=(service,), daemon=True)

    def send_again() -> None:
        if again.ident is None:
            again.start()
            until_it_waits(service.database, again)

    sweeping.sweep(replace(service, store=Beside(service.store, send_again)))
    assert again.ident is not None
    again.join(30)
    intake.fetch(service, accounts.SINGLE_USER, picture.reference, service.settings.data_dir / "picture")
    assert (service.settings.data_dir / "picture").stat().st_size > 0


def test_a_wanted_upload_is_not_discarded(service: Service) -> None:
    """Between its row and its file somebody sent the picture again: the file stays; without a row it goes."""
    picture = sent(service)
    assert not uploads.discard(service, picture.key)
    with service.database.begin() as connection:
        connection.execute(uploads.uploads.delete())
    assert uploads.discard(service, picture.key)
    assert not uploads.discard(service, picture.key)


def test_an_old_upload_that_is_asked_for_meanwhile_stays(service: Service, clock: StoppedClock) -> None:
    """A create that names it is about to be committed: the sweep waits for that, and leaves it."""
    picture = sent(service)
    clock.advance(8 * DAY_S)
    asked = Submission(
        account_id=accounts.SINGLE_USER,
        dialect="hosted",
        model_id="openai/sora-2/image-to-video",
        input={"prompt": "waves", "image": picture.reference},
        price=ZERO,
        concurrency=1,
        queue_limit=10,
    )
    other = Thread(target=sweeping.sweep, args=(service,), daemon=True)
    with service.database.begin() as connection:
        predictions.submit(connection, asked, service.queue, at=clock.now())
        other.start()
        until_it_waits(service.database, other)
    other.join(30)
    with service.database.connect() as connection:
        assert uploads.find(connection, picture.id) == picture


def test_an_orphan_that_is_wanted_again_is_not_told_as_removed(
    service: Service, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row came back when the sweep had looked for rows: the file stays, and nobody reads that it went."""
    picture = sent(service)
    clock.at = clock.at.fromtimestamp(next(service.store.keys())[2], tz=clock.at.tzinfo)  # the disk's own time
    clock.advance(3 * 3600.0)
    monkeypatch.setattr(sweeping, "_known_keys", lambda _: frozenset())
    with capture_logs() as told:
        sweeping._remove_orphans(service, clock.now())
    assert [key for key, _, _ in service.store.keys()] == [picture.key]  # noqa: SIM118 - no dict
    assert "orphan removed" not in [one["event"] for one in told]


def ended(service: Service) -> str:
    """A prediction that is over."""
    now = service.clock.now()
    limits: dict[str, Any] = {"concurrency": 9, "queue_limit": 9, "price": ZERO}
    asked = Submission(account_id=accounts.SINGLE_USER, dialect="hosted", model_id="m", input={}, **limits)
    told: dict[str, Any] = {"code": Code.EXECUTION_FAILED, "error": "", "tell": lambda *_: None}
    with service.database.begin() as connection:
        made = predictions.submit(connection, asked, service.queue, at=now)
        assert predictions.fail(connection, made.id, queue=service.queue, at=now, **told)
    return made.id


def test_the_sweep_and_an_owner_delete_the_same(service: Service, clock: StoppedClock) -> None:
    """Both lock the same predictions in one order, so that neither waits for the other for ever."""
    first, second = sorted(ended(service) for _ in range(2))
    with service.database.begin() as connection:  # a plain scan comes to the first one last
        later = table.update().where(table.c.id == first).values(finished_at=clock.now().replace(year=2001))
        connection.execute(later)
    clock.advance(8 * DAY_S)
    broke: list[Exception] = []

    def delete() -> None:
        with service.database.begin() as connection:
            predictions.delete(connection, accounts.SINGLE_USER, [first, second], at=clock.now())

    def tried(act: Callable[[], object]) -> Thread:
        def run() -> None:
            try:
                act()
            except Exception as error:  # noqa: BLE001 - looked at below
                broke.append(error)

        thread = Thread(target=run, daemon=True)
        thread.start()
        return thread

    with service.database.begin() as holder:
        holder.execute(select(table.c.id).where(table.c.id == second).with_for_update())
        sweep = tried(lambda: sweeping._expire(service, clock.now()))
        until_it_waits(service.database, sweep)
        owner = tried(delete)
        until_it_waits(service.database, owner, sessions=2)
    for thread in (sweep, owner):
        thread.join(30)
    assert broke == []
