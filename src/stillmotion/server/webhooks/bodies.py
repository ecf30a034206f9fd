"""What is told about a prediction, in each dialect's shape, as pure functions; the hosted API answers with the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from stillmotion.server.predictions import Prediction

_DATA_URL = "data:"
_LONG = 1000


def hosted(
    made: Prediction, *, base_url: str, outputs: Sequence[str], asked: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The prediction object of the hosted dialect: nothing in it is ever null.

    Args:
        made: the prediction.
        base_url: where the caller reaches us, without a trailing slash.
        outputs: absolute addresses of its films.
        asked: what was asked for, when that is to be repeated.
    """
    inference_ms = _between_ms(made.started_at, made.finished_at)
    body = {
        "id": made.id,
        "model": made.model_id,
        "outputs": list(outputs),
        "urls": {"get": f"{base_url}/api/v3/predictions/{made.id}/result"},
        "has_nsfw_contents": [False] * len(outputs),
        "status": made.status.value,
        "created_at": stamp(made.created_at),
        "error": made.error,
        "executionTime": inference_ms,
        "timings": {"inference": inference_ms},
        "code": made.code,
        "engine": made.engine,
    }
    return body if asked is None else {**body, "input": echo(asked)}


def asked(made: Prediction, picture: str | None) -> dict[str, Any]:
    """What was asked for, with an address of its picture where that was an upload.

    Args:
        made: the prediction.
        picture: an address that the receiver can open; None where there is none of ours.
    """
    return made.input if picture is None else {**made.input, "image": picture}


def event(made: Prediction, *, event_id: str, object_id: str, noun: str) -> dict[str, Any]:
    """An event that names a prediction and says no more, as OpenAI's webhooks do.

    Args:
        made: a prediction that has ended.
        event_id: of this event; the same on every retry.
        object_id: the prediction as the dialect names it.
        noun: what the dialect calls it: "video".
    """
    told_at = made.finished_at or made.created_at
    return {
        "id": event_id,
        "object": "event",
        "created_at": int(told_at.timestamp()),
        "type": f"{noun}.{made.status.value}",
        "data": {"id": object_id},
    }


def echo(values: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as they are repeated to the caller: of a data URL only its kind, for it may be 20 MB long."""
    return {name: _short(value) for name, value in values.items()}


def shortened(value: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """JSON with its long texts cut, so that a message stays small."""
    if isinstance(value, str):
        return value if len(value) <= _LONG else value[:_LONG] + "..."
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    return value


def stamp(at: datetime) -> str:
    """A time as the hosted dialect writes it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _short(value: object) -> object:
    if not isinstance(value, str) or value[: len(_DATA_URL)].lower() != _DATA_URL:
        return value
    return value[:100].partition(",")[0] + ",..."


def _between_ms(begin: datetime | None, end: datetime | None) -> int:
    return 0 if begin is None or end is None else max(0, round((end - begin).total_seconds() * 1000))
