"""What every dialect does with what was made: hand out its files, and forget it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from stillmotion.errors import OutputMissing
from stillmotion.server import predictions, webhooks
from stillmotion.server.api import ranges
from stillmotion.server.failpoint import failpoint
from stillmotion.server.predictions import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from stillmotion.server.accounts import Account
    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service


class Variant(StrEnum):
    """Files of a film."""

    VIDEO = "video"
    THUMBNAIL = "thumbnail"
    SPRITESHEET = "spritesheet"


_ENDINGS: Mapping[Variant, tuple[str, str]] = {
    Variant.VIDEO: (".mp4", "video/mp4"),
    Variant.THUMBNAIL: (".webp", "image/webp"),
    Variant.SPRITESHEET: (".jpg", "image/jpeg"),
}


def of(service: Service, made: Prediction, variant: Variant) -> Response:
    """One file of a film; parts of it when the request asks for a range.

    Raises:
        OutputMissing: the film is not ready, failed, or is no longer kept.
    """
    if made.status is not Status.COMPLETED:
        failed = made.status is Status.FAILED
        message = "The film failed, so there is nothing to fetch." if failed else None
        raise OutputMissing(message)
    ending, media_type = _ENDINGS[variant]
    key = next((one for one in made.outputs if one.endswith(ending)), None)
    missing = OutputMissing(f"There is no {variant} of this film, or it is no longer kept.")
    if key is None:
        raise missing
    return ranges.answer(service.store, key, media_type=media_type, missing=missing, filename=f"{made.id}{ending}")


def forget(service: Service, caller: Account, made: Prediction) -> None:
    """Take a prediction off the shelf; if it is not over, it is stopped and its price given back."""
    now = service.clock.now()
    with service.database.begin() as connection:
        predictions.cancel(connection, made.id, queue=service.queue, tell=webhooks.tell(service), at=now)
        predictions.delete(connection, caller.id, [made.id], at=now)
    failpoint("forgotten")
