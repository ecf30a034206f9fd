"""The API does what its document says: requests that fit it and requests that do not, alone and one after another.

`STILLMOTION_SCHEMATHESIS_EXAMPLES` asks for more than the 50 examples that each operation gets otherwise; then they
are other ones in every run.
"""

from __future__ import annotations

import base64
import io
import os
import warnings
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from PIL import Image
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from by_hand import customer_of
from databases import database_url, postgres_url
from stillmotion.server.api.app import create_app
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemathesis.specs.openapi.schemas import OpenApiSchema

__all__ = ["database_url", "postgres_url"]
_ASKED = os.environ.get("STILLMOTION_SCHEMATHESIS_EXAMPLES", "")
EXAMPLES = int(_ASKED or 50)
STEPS, SCENARIOS = 8, max(12, EXAMPLES // 4)
CHECKS: list[Callable[..., Any]] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.missing_required_header,
    checks.use_after_free,
    checks.ensure_resource_availability,
]
FOLLOWED = 5
"""Operations on things that were made before which the walks must reach, so that they cannot all end at refusals."""
_PHOTO = "https://example.com/lake.jpg"


def _document() -> dict[str, Any]:
    parts: Any = SimpleNamespace(settings=Settings(accounts=True))
    return create_app(parts).openapi()


DOCUMENT = _document()
OPERATIONS = [(method, path) for path, each in DOCUMENT["paths"].items() for method in each]


def _png() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (96, 64), (200, 120, 40)).save(made, "PNG")
    return made.getvalue()


@pytest.fixture(scope="module")
def schema(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenApiSchema]:
    """The document of an application with accounts, and an account with money that calls it."""
    parts = Settings(
        database_url=database_url,
        data_dir=tmp_path_factory.mktemp("api"),
        accounts=True,
        per_minute=0,
        sync_wait_s=0.05,
    )
    with running(parts) as service:
        app = create_app(service)
        customer = customer_of(service, app, dollars=1_000_000)
        made = schemathesis.openapi.from_asgi("/openapi.json", app)
        made.config.generation.deterministic = not _ASKED
        made.config.headers = {"authorization": f"Bearer {customer.key.text}"}
        made.hook("map_body")(_with_photo)
        yield made


def _with_photo(_context: Any, body: Any) -> Any:
    """Half of the pictures are some that a create takes: otherwise no film would ever be asked for."""
    if not isinstance(body, dict):
        return body
    inner = body.get("input")
    if isinstance(inner, dict) and len(str(inner)) % 2:
        return {"model": "openai/sora-2/image-to-video", "input": {"image": _PHOTO, "prompt": "Slow dolly in"}}
    if isinstance(body.get("image"), str) and len(body["image"]) % 2:
        return {**body, "image": _PHOTO}
    if isinstance(body.get("input_reference"), dict) and len(str(body)) % 2:
        return {**body, "input_reference": {"image_url": "data:image/png;base64," + base64.b64encode(_png()).decode()}}
    return body


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_every_answer_is_documented(schema: OpenApiSchema, method: str, path: str) -> None:
    """Whatever an operation is sent, it answers with a status and a body of its document, and never with a 5xx."""
    operation = schema[path][method]

    @settings(
        max_examples=EXAMPLES // 2,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        derandomize=not _ASKED,
        suppress_health_check=list(HealthCheck),
    )
    @given(fitting=operation.as_strategy(GenerationMode.POSITIVE), other=operation.as_strategy(_other(operation)))
    def held(fitting: Any, other: Any) -> None:
        for case in (fitting, other):
            case.call_and_validate(checks=CHECKS)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tool about itself
        held()


def _other(operation: Any) -> GenerationMode:
    """What does not fit, where anything can be wrong."""
    definition = operation.definition.raw
    texts = {"string"}  # any text is one
    can_be_wrong = "requestBody" in definition or any(
        (one["required"] and one["in"] != "path") or not texts & {one["schema"].get("type")}
        for one in definition.get("parameters", ())
    )
    return GenerationMode.NEGATIVE if can_be_wrong else GenerationMode.POSITIVE


def test_what_follows_from_an_answer_is_documented_too(schema: OpenApiSchema) -> None:
    """Films are asked for, looked at, fetched, filmed again, cancelled and deleted, in any order, by the links.

    Streams of events end with their film, and there is no worker here.
    """
    reached: set[tuple[str, str]] = set()

    class Walk(schema.exclude(path_regex="/events$").as_state_machine()):  # type: ignore[misc]
        def validate_response(self, response: Any, case: Any, **_more: Any) -> None:
            case.validate_response(response, checks=CHECKS)
            if response.status_code < 300:
                reached.add((case.method.lower(), case.path))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tool about itself
        Walk.run(
            settings=settings(
                max_examples=SCENARIOS,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                phases=(Phase.generate,),
                derandomize=not _ASKED,
                suppress_health_check=list(HealthCheck),
            )
        )
    followed = {one for one in reached if "{" in one[1]}
    assert len(followed) >= FOLLOWED, sorted(followed)


def test_the_document_leaves_nothing_open() -> None:
    """Objects say all of their fields, and operations all of their answers."""
    assert not list(_defaults())
    assert set(_open(DOCUMENT, "")) == FREE


FREE = {
    f"/components/schemas/{one}"
    for one in (
        "Create/properties/input",
        "Draft/properties/shot/anyOf/0",
        "Instruction/properties/headers",
        "Listed/properties/api_schema",
        "PredictionView/properties/input",
        "PredictionView/properties/scene/anyOf/0",
        "PredictionView/properties/shot/anyOf/0",
        "PredictionWithInput/properties/input",
        "Priced/properties/inputs",
    )
}
"""Where the document says only that there is an object: what people wrote, and plans of the engine."""


def _defaults() -> Iterator[str]:
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            if "default" in operation["responses"]:
                yield f"{method} {path}"


def _open(part: Any, where: str) -> Iterator[str]:
    if isinstance(part, dict):
        if part.get("type") == "object" and part.get("additionalProperties") is not False:
            yield where
        for name, value in part.items():
            yield from _open(value, f"{where}/{name}")
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from _open(value, f"{where}/{place}")
