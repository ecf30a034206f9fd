"""The OpenAPI document: what the routes say, with every answer that a request may get, in the dialect's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi

from stillmotion.server.api import links
from stillmotion.server.api.shapes import Dialect, dialect_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import FastAPI

_WORDS: Mapping[str, str] = {
    "400": "A field is missing or wrong; the message names it",
    "401": "The API key is missing, wrong or revoked",
    "403": "The account is suspended, or the Host or Origin is not this machine",
    "404": "There is no such thing of this account",
    "405": "This address is not asked like that",
    "413": "The request is too large",
    "503": "The database or the store does not answer, too many large requests arrive at once, or the service stops",
}
"""Answers of every operation."""
_MAKING: Mapping[str, str] = {
    "402": "Insufficient credits: the balance does not cover this run",
    "409": "The Idempotency-Key was sent before with another request, or what it made was deleted",
    "429": "Too many requests; Retry-After says how long to wait",
    "507": "There is no room for the picture, or for a film",
}
"""Answers of what makes something, by the addresses below."""
_CREATES = ("/v1/videos", "/v1/videos/{video_id}/remix", "/api/native/v1/predictions")
_FREE = ("/api/native/v1/drafts", "/api/native/v1/scenes")
_MODELS = "/api/v3/openai/"
_UPLOADS = "/api/v3/media/upload"
_METHODS = ("get", "post", "put", "delete", "patch")
_OPEN = ("/healthz", "/readyz", "/files/", "/uploads/")
"""Without a key and without a dialect."""


def _closed(**properties: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON has no shape
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": list(properties),
    }


def _and_perhaps(closed: dict[str, Any], **properties: Any) -> dict[str, Any]:  # noqa: ANN401 - see above
    return {**closed, "properties": {**closed["properties"], **properties}}


_REFUSED_AS = {"type": "integer", "description": "The code of a task that the policy refused: 1200."}
_TEXT, _FIELD = {"type": "string"}, {"anyOf": [{"type": "string"}, {"type": "null"}]}
_ERRORS: Mapping[Dialect, tuple[str, dict[str, Any]]] = {
    Dialect.HOSTED: (
        "HostedError",
        _and_perhaps(
            _closed(code={"type": "integer"}, message=_TEXT, error_code=_TEXT, error=_TEXT),
            data=_closed(code=_REFUSED_AS),
        ),
    ),
    Dialect.OPENAI: ("OpenAIError", _closed(error=_closed(message=_TEXT, type=_TEXT, param=_FIELD, code=_TEXT))),
    Dialect.NATIVE: ("NativeError", _closed(error=_closed(code=_TEXT, message=_TEXT, field=_FIELD))),
}


def of(app: FastAPI, public_url: str | None = None) -> Callable[[], dict[str, Any]]:
    """What `app.openapi` is replaced by: the document, made when it is first asked for."""

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            told = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
            if public_url is not None:
                told["servers"] = [{"url": public_url}]
            app.openapi_schema = completed(told)
        return app.openapi_schema

    return made


def completed(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the errors of every operation, and the key that they ask for."""
    parts = document.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas.update(_ERRORS.values())
    parts["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                _complete(path, method, operations[method])
    links.join(document["paths"])
    return document


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    answers.pop("422", None)  # ours are 400
    name, _ = _ERRORS[dialect_of(path)]
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    words = {**_WORDS, **_making(path, method)}
    if path.startswith(_OPEN):
        del words["401"]
    for status, description in words.items():
        answers.setdefault(status, {"description": description})
    for status, answer in answers.items():
        if status >= "400":
            answer.setdefault("content", content)
    operation["responses"] = dict(sorted(answers.items()))
    if not path.startswith(_OPEN):
        operation["security"] = [{"key": []}, {}]  # in the single-user mode any key or none


def _making(path: str, method: str) -> dict[str, str]:
    """Which answers an operation has because it makes something."""
    if method != "post":
        return {}
    if path.startswith(_MODELS) or path in _CREATES:
        return dict(_MAKING)
    if path in _FREE:
        return {status: words for status, words in _MAKING.items() if status != "402"}
    if path.startswith(_UPLOADS):
        return {status: _MAKING[status] for status in ("429", "507")}
    return {"429": _MAKING["429"]} if path.endswith("/resend") else {}
