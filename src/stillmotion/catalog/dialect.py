"""The catalog in the hosted service's words: what `GET /models` answers, from which clients build forms and flags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stillmotion.catalog.records import Model

_KEPT = ("type", "description", "enum", "default", "minimum", "maximum", "minLength", "maxLength")


def listing(model: Model, server: str, *, sort_order: int = 0) -> dict[str, Any]:
    """One entry of the list of models.

    Args:
        model: of the catalog.
        server: public base address without a trailing slash.
        sort_order: place in the list.
    """
    return {
        "model_id": model.id,
        "name": model.title,
        "base_price": float(model.base_price.dollars),
        "description": model.description,
        "type": model.kind,
        "sort_order": sort_order,
        "formula": model.formula,
        "api_schema": api_schema(model, server),
    }


def api_schema(model: Model, server: str) -> dict[str, Any]:
    """How the model is run: method, path and a flat schema of its inputs."""
    schema = model.input.model_json_schema()
    properties = {name: _plain(one) for name, one in schema["properties"].items()}
    return {
        "api_schemas": [
            {
                "type": "model_run",
                "method": "POST",
                "server": server,
                "api_path": f"/api/v3/{model.id}",
                "request_schema": {
                    "type": "object",
                    "properties": properties,
                    "required": schema.get("required", []),
                    "x-order-properties": list(properties),
                },
            }
        ]
    }


def _plain(field: dict[str, Any]) -> dict[str, Any]:
    """A field without the vocabulary that forms do not read."""
    return {name: field[name] for name in _KEPT if name in field}
