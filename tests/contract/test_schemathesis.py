"""The API does what its document says: requests that fit it and requests that do not, alone and one after another.

`STILLMOTION_SCHEMATHESIS_EXAMPLES` asks for more than the 50 examples that each operation gets otherwise; then they
are other ones in every run.
"""

from __future__ import annotations

import base64
import io
import os
import warnings
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from PIL import Image
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from by_hand import Hand, customer_of
from databases import database_url, postgres_url
from stillmotion.server.api.app import create_app
from stillmotion.server.service import running
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from schemathesis.specs.openapi.schemas import OpenApiSchema

    from by_hand import Customer
    from stillmotion.server.service import Service

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
MODEL, NATIVE = "openai/sora-2/image-to-video", "/api/native/v1/predictions"
INPUT = {"image": _PHOTO, "prompt": "Slow dolly in"}
CREATES: dict[str, tuple[str, dict[str, Any]]] = {
    "/v1/videos/{": ("/v1/videos", {"prompt": "Slow dolly in", "input_reference": {"image_url": _PHOTO}}),
    "/api/v3/predictions/{": (f"/api/v3/{MODEL}", INPUT),
    f"{NATIVE}/{{": (NATIVE, {"model": MODEL, "input": INPUT}),
}
"""How the things under a path are made."""
UPLOAD = "/api/native/v1/uploads/{upload_id}"
NOT_READY = "/readyz"
"""Says by a 503 of its own that there is no worker, and here is none."""


REFUSED = (
    "/v1/videos/edits",
    "/v1/videos/extensions",
    "/v1/videos/characters",
    "/v1/videos/characters/{name}",
    "/readyz",
    "/metrics",
    "/api/native/v1/deliveries/{delivery_id}/resend",
)
"""Operations that never succeed here: not made yet, no worker, no operator's key, no webhook was sent."""


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
        shelf = Shelf(service=service, customer=customer, folder=tmp_path_factory.mktemp("made"))
        made = schemathesis.openapi.from_asgi("/openapi.json", app)
        made.config.generation.deterministic = not _ASKED
        made.config.headers = {"authorization": f"Bearer {customer.key.text}"}
        made.hook("map_body")(_with_photo)
        made.hook("map_case")(lambda _context, case: shelf.meant(case))
        yield made


@dataclass
class Shelf:
    """What the account has: otherwise every generated id would be one that never was."""

    service: Service
    customer: Customer
    folder: Path
    films: dict[str, str] = field(default_factory=dict)

    def meant(self, case: Any) -> Any:
        """Half of the requests are about something that is there."""
        given = str(case.path_parameters)
        if case.path_parameters and sum(given.encode("utf-8", "replace")) % 2:
            if case.path == "/v1/models/{name}":
                case.path_parameters = {"name": "sora-2"}
            elif case.path.startswith(("/files/", "/uploads/")):
                self._sign(case)
            elif case.path == UPLOAD:
                asked = {"filename": "lake.png"}
                made = self.customer.client.post("/api/v3/media/uploads", json=asked).json()["data"]["id"]
                case.path_parameters = {"upload_id": made}
            elif case.path.startswith(tuple(CREATES)):
                name = next(iter(case.path_parameters))
                case.path_parameters = {name: self._film(case.path, fresh=case.method == "DELETE")}
        return case

    def _film(self, path: str, *, fresh: bool) -> str:
        """A film that was made in the dialect of a path."""
        prefix = next(prefix for prefix in CREATES if path.startswith(prefix))
        if fresh or not self._is_kept(prefix):
            create, body = CREATES[prefix]
            answer = self.customer.client.post(create, json=body).json()
            made: str = answer.get("data", answer)["id"]
            if fresh:
                return made
            self.films[prefix] = Hand(self.service, self.folder).film(made)
        return self.films[prefix]

    def _is_kept(self, prefix: str) -> bool:
        """Ids are also generated from answers that were seen, so that any film may have been deleted by now."""
        made = self.films.get(prefix)
        return made is not None and self.customer.client.get(f"{NATIVE}/{made}").status_code == 200

    def _sign(self, case: Any) -> None:
        """A file's address as it is answered."""
        if case.path.startswith("/files/"):
            film = self._film(f"{NATIVE}/{{", fresh=False)
            url = self.customer.client.get(f"{NATIVE}/{film}").json()["files"]["film"]
        else:
            asked = {"filename": "lake.png", "size": len(_png())}
            url = self.customer.client.post("/api/v3/media/uploads", json=asked).json()["data"]["upload"]["url"]
            case.body = _png()
        parts = urlsplit(url)
        name = next(iter(case.path_parameters))
        case.path_parameters = {name: parts.path.split("/", 2)[2]}
        case.query = dict(parse_qsl(parts.query))


def _with_photo(_context: Any, body: Any) -> Any:
    """Half of the bodies ask for what can be made: otherwise no film would ever be asked for."""
    if not isinstance(body, dict) or len(str(body)) % 2 == 0:
        return body
    url = "data:image/png;base64," + base64.b64encode(_png()).decode()
    fitting: tuple[tuple[str, type, dict[str, Any]], ...] = (
        ("model_id", object, {"model_id": MODEL, "inputs": {"duration": 8}}),
        ("input", dict, {"model": MODEL, "input": INPUT}),
        ("shot", object, {**INPUT, "seed": 4}),
        ("image", str, {**body, "image": _PHOTO}),
        ("input_reference", dict, {**body, "input_reference": {"image_url": url}}),
    )
    return next((made for name, kind, made in fitting if name in body and isinstance(body[name], kind)), body)


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[f"{method} {path}" for method, path in OPERATIONS])
def test_every_answer_is_documented(schema: OpenApiSchema, method: str, path: str) -> None:
    """Whatever an operation is sent, it answers with a status and a body of its document, and never with a 5xx."""
    operation = schema[path][method]
    statuses: set[int] = set()

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
            answer = case.call_and_validate(checks=CHECKS if path != NOT_READY else CHECKS[1:])
            statuses.add(answer.status_code)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the tool about itself
        held()
    assert path in REFUSED or min(statuses) < 300, sorted(statuses)


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
