"""The application: routes of all dialects, their errors, and what every request passes through."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from stillmotion import catalog
from stillmotion.errors import (
    DatabaseUnavailable,
    DiskFull,
    HostRefused,
    ModelUnknown,
    PerhapsAccepted,
    RateLimited,
    ServerBusy,
    StillmotionError,
    StoreUnavailable,
)
from stillmotion.media.output import disk_full
from stillmotion.server import log
from stillmotion.server.api import astray, callers, creates, document, faults, shapes
from stillmotion.server.api.accept import noted, noting
from stillmotion.server.api.limits import BodyLimit
from stillmotion.server.api.metrics import Counted, Metrics, template
from stillmotion.server.api.request_ids import RequestIds
from stillmotion.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from stillmotion.server.service import Service

_NOTICE = (
    "Speaks the image-to-video APIs that programs for Sora 2 call, on your own machine. Not affiliated with OpenAI,"
    " WaveSpeedAI or ByteDance; their model ids are used for compatibility."
)
_RETRY_AFTER_S = {429: 60, 503: 5}
_TIMED = (RateLimited, ServerBusy)
"""They know better when to come back."""
_NOT_THERE = "does not answer now. Send the request again in a few seconds."
_NOTHING = "does not answer now; nothing was accepted. Send the request again in a few seconds."
_UNANSWERED = (OperationalError, InterfaceError, PoolTimeout, ConnectorException)
"""What is raised when the database died, restarts, or has no connection left for us."""


def create_app(service: Service, *, is_stopping: Callable[[], bool] = bool) -> FastAPI:
    """The application around the parts of a process.

    Args:
        service: the parts.
        is_stopping: whether the process was told to end: whoever is held is answered then, and no
            film is taken that was not taken before.
    """
    app = FastAPI(title="stillmotion", version=__version__, description=_NOTICE, docs_url=None, redoc_url=None)
    app.state.service, app.state.is_stopping = service, is_stopping
    may_call = callers.may_call if service.settings.accounts else None
    limit_bytes, upload_bytes = service.settings.body_limit_bytes, service.settings.upload_limit_bytes
    folder = service.settings.data_dir
    app.add_middleware(BodyLimit, limit_bytes=limit_bytes, upload_bytes=upload_bytes, folder=folder, may_call=may_call)
    if not service.settings.accounts:
        app.add_middleware(_OnlyFromHere)
    app.add_middleware(_Caught)
    app.state.metrics = Metrics(service)
    app.add_middleware(Counted, metrics=app.state.metrics)
    app.add_middleware(RequestIds)
    app.add_exception_handler(StillmotionError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _no_route)
    for kind in _UNANSWERED:
        app.add_exception_handler(kind, _no_database)
    app.add_exception_handler(StoreUnavailable, _no_store)
    app.router.routes.extend(_routes())
    reached = service.settings.public_url
    app.openapi = document.of(app, str(reached).rstrip("/") if reached else None)  # type: ignore[method-assign]
    return app


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Those of every application of this process: the framework reads each one's function and models only once."""
    from stillmotion.server.api import docs_page, files, health, hosted, openai  # noqa: PLC0415 - routers import the parts above
    from stillmotion.server.api.native import routes as native  # noqa: PLC0415

    routers = (health.router, docs_page.router, files.router, openai.router, native.router, *hosted.routers())
    return tuple(route for router in routers for route in router.routes)


class _OnlyFromHere:
    """An ASGI layer that lets pages and programs of this machine through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        answering = self._app
        if scope["type"] == "http":
            try:
                callers.check_place(Headers(scope=scope))
            except HostRefused as error:
                answering = await _told(Request(scope), error)
        await answering(scope, receive, send)


class _Caught:
    """An ASGI layer that answers what nobody foresaw, inside of those that count answers and give them their names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        with noting():
            try:
                await self._app(scope, receive, watched)
            except ClientDisconnect:
                return  # nobody is there to be answered
            except Exception as error:
                answer = await _unforeseen(scope, error)
                if begun:  # the server must break it off, or it would pass for whole
                    raise
                await answer(scope, receive, send)


async def _told(request: Request, error: Exception) -> JSONResponse:
    """An error that a person can cause, in the words of the dialect."""
    assert isinstance(error, StillmotionError)  # noqa: S101 - registered for nothing else
    status = shapes.status_of(error)
    dialect = shapes.dialect_of(request.url.path)
    final = 400 <= status < 500 and status != 429
    if final or (isinstance(error, PerhapsAccepted) and not error.repeatable):
        headers = {"x-should-retry": "false"}
    else:
        headers = {}
    if status in _RETRY_AFTER_S:
        headers["retry-after"] = str(error.retry_after_s if isinstance(error, _TIMED) else _RETRY_AFTER_S[status])
    field = error.field or None
    return JSONResponse(shapes.body(dialect, status, str(error), error.code, field=field), status, headers)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    """A request that does not fit the schema: the first fault, with the name of its field."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
    field, message = faults.told(error.errors(), framed=True)
    dialect = shapes.dialect_of(request.url.path)
    found = shapes.body(dialect, 400, message, "invalid_param", field=field or None)
    return JSONResponse(found, 400, {"x-should-retry": "false"})


async def _no_route(request: Request, error: Exception) -> JSONResponse:
    """No such address, or no such method there; whoever asks for a model that there is not learns which there are."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    model_id = astray.model_asked(request.url.path)
    if error.status_code == 404 and request.method == "POST" and model_id:
        return await _no_model(request, model_id)
    methods = astray.methods_at(request) if error.status_code == 405 else []
    code = "no_such_route" if error.status_code in (404, 405) else "invalid_param"
    words = _of_route(request, error, methods)
    found = shapes.body(shapes.dialect_of(request.url.path), error.status_code, words, code)
    headers = {"allow": ", ".join(methods)} if methods else error.headers or {}
    return JSONResponse(found, error.status_code, {"x-should-retry": "false", **headers})


async def _no_model(request: Request, model_id: str) -> JSONResponse:
    """A create like any other, as far as the key and the rate go."""
    try:
        await creates.counted(request)
    except StillmotionError as error:
        return await _told(request, error)
    except _UNANSWERED as error:
        return await _no_database(request, error)
    return await _told(request, ModelUnknown(catalog.no_such(model_id)))


def _of_route(request: Request, error: HTTPException, methods: list[str]) -> str:
    """What the framework says of a route in two words, in more; anything else as it is."""
    if error.status_code == 404:
        return f"There is no such address: {request.url.path[:200]!r}; /docs lists those that there are."
    if error.status_code == 405:
        return f"This address is not asked with {request.method}; use {' or '.join(methods)}."
    return str(error.detail)


async def _no_database(request: Request, error: Exception) -> JSONResponse:
    """It died or restarts: unless it did so after an accept, the same request goes well when it is back."""
    what = "The database"
    return await _away(request, error, what, DatabaseUnavailable(f"{what} {_then(request)}"))


async def _no_store(request: Request, error: Exception) -> JSONResponse:
    """The same of a store that lies elsewhere; where it lies is no caller's business."""
    what = "The store of films and uploads"
    return await _away(request, error, what, StoreUnavailable(f"{what} {_then(request)}"))


def _then(request: Request) -> str:
    """Who only asks has sent nothing that might be accepted, and may ask for what was accepted long ago."""
    return _NOTHING if request.method == "POST" else _NOT_THERE


async def _away(request: Request, error: Exception, what: str, told: StillmotionError) -> JSONResponse:
    words = f"{what.lower()} does not answer"
    log.get().warning(words, error=type(error).__name__, route=template(request.scope))
    made = noted()
    if made is None:
        return await _told(request, told)
    message = f"{what} does not answer now, but this was accepted as {made.id}: ask for that in a few seconds."
    return await _told(request, PerhapsAccepted(message, repeatable=made.repeatable))


async def _unforeseen(scope: Scope, error: Exception) -> JSONResponse:
    """What nobody took: a full disk, wherever it showed before anything was accepted, is no riddle."""
    if disk_full(error) and noted() is None:
        log.get().error("the disk is full", route=template(scope))
        return await _told(Request(scope), DiskFull("The disk of the server is full; nothing was kept."))
    return _our_fault(scope, error)


def _our_fault(scope: Scope, error: Exception) -> JSONResponse:
    """Anything else: logged with where it came from, without its words, which may hold what people sent."""
    where = {"route": template(scope), "places": log.places(error.__traceback__)}
    log.get().error("request failed", error=type(error).__name__, **where)
    made = noted()
    message, headers = "Something went wrong on the server; nothing was charged for this request.", {}
    if made is not None:
        message = f"Something went wrong on the server after this was accepted as {made.id}: ask for that."
        headers = {} if made.repeatable else {"x-should-retry": "false"}
    return JSONResponse(shapes.body(shapes.dialect_of(scope["path"]), 500, message, "internal"), 500, headers)
