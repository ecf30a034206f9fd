"""What can be done next with what was answered: links between the operations of the OpenAPI document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_HOSTED, _OPENAI, _NATIVE = "/api/v3", "/v1/videos", "/api/native/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """An operation that takes the id of what was made."""

    name: str
    method: str
    path: str


def _on(path: str, **names: str) -> tuple[Next, ...]:
    """Operations under the address of a thing: method and the rest of the path, by name."""
    return tuple(
        Next(name=name, method=words.partition(" ")[0], path=path + words.partition(" ")[2])
        for name, words in names.items()
    )


_OF_HOSTED = _on(f"{_HOSTED}/predictions/{{prediction_id}}", look="get ", result="get /result", delete="delete ")
_OF_VIDEO = _on(f"{_OPENAI}/{{video_id}}", look="get ", content="get /content", remix="post /remix", delete="delete ")
_OF_NATIVE = _on(
    f"{_NATIVE}/predictions/{{prediction_id}}",
    look="get ",
    cancel="post /cancel",
    events="get /events",
    delete="delete ",
)
_IN_ENVELOPE, _PLAIN, _FIRST, _ITEM = "/data/id", "/id", "/data/0/id", "/items/0/id"
_FROM: Mapping[tuple[str, str], tuple[str, tuple[Next, ...]]] = {
    ("post", f"{_HOSTED}/media/uploads"): (_IN_ENVELOPE, _on("/uploads/{upload_id}", send="put ")),
    ("get", _OPENAI): (_FIRST, _OF_VIDEO),
    ("post", _OPENAI): (_PLAIN, _OF_VIDEO),
    ("post", f"{_OPENAI}/{{video_id}}/remix"): (_PLAIN, _OF_VIDEO),
    ("post", f"{_NATIVE}/predictions"): (_PLAIN, _OF_NATIVE),
    ("post", f"{_NATIVE}/drafts"): (_PLAIN, _OF_NATIVE),
    ("post", f"{_NATIVE}/scenes"): (_PLAIN, _OF_NATIVE),
    ("get", f"{_NATIVE}/uploads"): (_ITEM, _on(f"{_NATIVE}/uploads/{{upload_id}}", delete="delete ")),
    ("get", f"{_NATIVE}/deliveries"): (_ITEM, _on(f"{_NATIVE}/deliveries/{{delivery_id}}", resend="post /resend")),
}
_MODELS = f"{_HOSTED}/openai/"


def join(paths: dict[str, Any]) -> None:
    """Write the links into the document's operations."""
    for path, operations in paths.items():
        for method, operation in operations.items():
            where = (_IN_ENVELOPE, _OF_HOSTED) if path.startswith(_MODELS) else _FROM.get((method, path))
            if where is not None:
                operation["responses"]["200"]["links"] = dict(_link(paths, where[0], one) for one in where[1])


def _link(paths: dict[str, Any], pointer: str, following: Next) -> tuple[str, dict[str, Any]]:
    operation = paths[following.path][following.method]
    parameter = following.path.partition("{")[2].partition("}")[0]
    return following.name, {
        "operationId": operation["operationId"],
        "parameters": {parameter: f"$response.body#{pointer}"},
    }
