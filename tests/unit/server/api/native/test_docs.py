"""The page of the API."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from stillmotion.server.api import docs_page, document

PAGE = Path(__file__).parents[5] / "docs" / "reference" / "native-api.md"
REQUEST = re.compile(r"^```http\n(\w+) (\S+)\n((?:[\w-]+: [^\n]*\n)*)(?:\n(.*?))?```$", re.MULTILINE | re.DOTALL)


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


def test_the_address_of_the_greeting_leads_there(customer: Any) -> None:
    """Below a proxy's path too, for it is a relative address."""
    answer = customer.client.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "docs")


def test_the_document_says_where_clients_reach_us(customer: Any) -> None:
    """With a public address its base is that one; without one, wherever the document came from."""
    app = customer.client.app
    told = document.of(FastAPI(title="one", version="1", description="none"), "https://films.example.com/below")()
    assert told["servers"] == [{"url": "https://films.example.com/below"}]
    assert "servers" not in app.openapi()


def test_what_stands_in_a_path_is_declared(customer: Any) -> None:
    """Each `{name}` of a path is a required parameter of each of its operations, and nothing else is."""
    paths = customer.client.get("/openapi.json").json()["paths"]
    assert any("{" in path for path in paths)
    for path, operations in paths.items():
        for method, operation in operations.items():
            told = [one for one in operation.get("parameters", []) if one["in"] == "path"]
            assert {one["name"] for one in told} == set(re.findall(r"{(\w+)}", path)), (method, path)
            assert all(one["required"] for one in told)


def test_no_fault_is_called_a_success(customer: Any) -> None:
    """Answers from 400 on say what is wrong, and have the form of an error."""
    for path, operations in customer.client.get("/openapi.json").json()["paths"].items():
        for status, answer in ((code, one) for each in operations.values() for code, one in each["responses"].items()):
            if status >= "400":
                assert "Success" not in answer["description"], (path, status)
                assert all(one["schema"] for one in answer["content"].values()), (path, status)


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


def test_requests_of_the_page_work(customer: Any, worker: Any) -> None:
    """Each request of docs/reference/native-api.md, in its order; `{id}` is what the one before made."""
    made, asked = "", 0
    for method, path, lines, body in REQUEST.findall(PAGE.read_text(encoding="utf-8")):
        headers = dict(line.split(": ", 1) for line in lines.splitlines()) | {"content-type": "application/json"}
        if path.endswith("/events"):
            worker.film(made)
        answer = customer.client.request(method, path.replace("{id}", made), content=body, headers=headers)
        assert answer.status_code in {200, 204}, f"{method} {path}: {answer.text}"
        made = answer.json()["id"] if method == "POST" else made
        asked += 1
    assert asked == 8
