"""`/docs`: the OpenAPI document as one page that loads nothing from anywhere and runs no script."""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

if TYPE_CHECKING:
    from collections.abc import Iterator

router = APIRouter()
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 0 auto; padding: 1rem }
code, pre { font-family: ui-monospace, monospace; font-size: .875rem }
pre { overflow-x: auto; padding: .75rem; border: 1px solid }
summary { cursor: pointer; padding: .375rem 0 }
summary b { display: inline-block; min-width: 4.5rem }
details { border-bottom: 1px solid }
dt { font-weight: 600 } dd { margin: 0 0 .5rem 1rem }
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "content-security-policy": f"default-src 'none'; style-src 'sha256-{_DIGEST}'; base-uri 'none'; form-action 'none'"
}
_PREFIX = "#/components/schemas/"


@router.get("/", include_in_schema=False)
def front() -> RedirectResponse:
    """Whoever opens the address that `serve` printed finds out what it answers; relative, for proxies' paths."""
    return RedirectResponse("docs", status_code=307)


@router.get("/docs", include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """The page."""
    return HTMLResponse(page(request.app.openapi()), headers=_HEADERS)


def page(document: dict[str, Any]) -> str:
    """The page of a document; every text in it is escaped."""
    info = document["info"]
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>{escape(info['title'])} API</title><style>{_STYLE}</style>",
        f"<h1>{escape(info['title'])} {escape(info['version'])}</h1><p>{escape(info['description'])}</p>",
        '<p>As data: <a href="openapi.json">openapi.json</a></p>',
    ]
    for tag, operations in _by_tag(document).items():
        parts.append(f"<h2>{escape(tag)}</h2>")
        parts.extend(_operation(*one) for one in operations)
    parts.append("<h2>Objects</h2>")
    for name, schema in document["components"]["schemas"].items():
        text = escape(json.dumps(schema, indent=1))
        parts.append(f'<details id="{escape(name)}"><summary>{escape(name)}</summary><pre>{text}</pre></details>')
    return "\n".join(parts) + "\n"


def _by_tag(document: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    found: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict):
                tag = next(iter(operation.get("tags", ())), "other")
                found.setdefault(tag, []).append((method, path, operation))
    return found


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    words = escape(operation.get("description") or operation.get("summary", ""))
    rows = "".join((*_parameters(operation), *_bodies(operation), *_answers(operation)))
    head = f"<summary><b>{method.upper()}</b> <code>{escape(path)}</code></summary>"
    return f"<details>{head}<p>{words}</p><dl>{rows}</dl></details>"


def _parameters(operation: dict[str, Any]) -> Iterator[str]:
    for one in operation.get("parameters", ()):
        needed = "required" if one.get("required") else "optional"
        words = f"{one['in']}, {needed}. {one.get('description', '')}"
        yield f"<dt><code>{escape(one['name'])}</code></dt><dd>{escape(words)}</dd>"


def _bodies(operation: dict[str, Any]) -> Iterator[str]:
    for kind, body in operation.get("requestBody", {}).get("content", {}).items():
        example = body.get("example")
        shown = "" if example is None else f"<pre>{escape(json.dumps(example, indent=1))}</pre>"
        yield f"<dt>Body: {escape(kind)}</dt><dd>{_schema(body.get('schema', {}))}{shown}</dd>"


def _answers(operation: dict[str, Any]) -> Iterator[str]:
    for status, answer in operation["responses"].items():
        kinds = answer.get("content", {}).items()
        shapes = ", ".join(f"{escape(kind)} {_schema(one.get('schema', {}))}" for kind, one in kinds)
        yield f"<dt>{escape(status)}</dt><dd>{escape(answer.get('description', ''))} {shapes}</dd>"


def _schema(schema: dict[str, Any]) -> str:
    """A link to a named object, or the names of the fields."""
    reference = str(schema.get("$ref", ""))
    if reference.startswith(_PREFIX):
        name = escape(reference.removeprefix(_PREFIX))
        return f'<a href="#{name}">{name}</a>'
    fields = ", ".join(f"<code>{escape(name)}</code>" for name in schema.get("properties", {}))
    return fields or escape(str(schema.get("type", "")))
