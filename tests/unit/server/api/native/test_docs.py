"""The page of the API."""

from __future__ import annotations

from typing import Any

from stillmotion.server.api import docs_page


def test_the_page_names_every_operation_and_loads_nothing(customer: Any) -> None:
    """All paths are there, no script, no address of another machine; the policy forbids what is not there."""
    answer = customer.client.get("/docs")
    document = customer.client.get("/openapi.json").json()
    assert answer.status_code == 200
    assert all(path in answer.text for path in document["paths"])
    assert "Not affiliated with OpenAI" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for loading in ("<script", "<link", " src=", "url("):
        assert loading not in answer.text


def test_texts_are_shown_as_texts() -> None:
    """Markup in a description is no markup of the page."""
    hostile = "<img onerror=x>"
    operation = {"description": hostile, "responses": {hostile: {"description": hostile}}, "tags": [hostile]}
    document = {
        "info": {"title": hostile, "version": hostile, "description": hostile},
        "paths": {hostile: {"get": operation}},
        "components": {"schemas": {hostile: {"description": hostile}}},
    }
    assert "<img" not in docs_page.page(document)
