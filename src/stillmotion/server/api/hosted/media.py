"""Uploads in both flows: one request with the file in it, or a ticket and a PUT to the address that it names."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any, Literal

import anyio
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect

from stillmotion import signing
from stillmotion.catalog.exact import Exact
from stillmotion.errors import ParameterInvalid, UploadUnknown
from stillmotion.server import ids, quota
from stillmotion.server.api import addresses
from stillmotion.server.api.accept import count
from stillmotion.server.api.callers import Caller, Parts  # noqa: TC001 - read by the framework
from stillmotion.server.api.hosted import envelope
from stillmotion.server.api.hosted.envelope import Success, Words
from stillmotion.server.api.reading import Reading
from stillmotion.server.intake import uploads
from stillmotion.server.rates import Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.types import Message

    from stillmotion.server.accounts import Account
    from stillmotion.server.intake.uploads import Upload
    from stillmotion.server.service import Service

router = APIRouter(route_class=Reading)
targets = APIRouter(tags=["files"])
"""Where tickets send the bytes: outside of the dialect's prefix, signed, without a key."""
TARGET = "/uploads/"
TICKET_S = 3600
_MOST_BYTES = 2**40
_FORM_BYTES = 1 << 20
"""Room for what stands around a file in a form."""
_ANY = "application/octet-stream"


class Ticket(Words, Exact):
    """A file that will be sent."""

    filename: Annotated[str, Field(max_length=1000)] = "upload"
    size: Annotated[int, Field(ge=1, le=_MOST_BYTES)] | None = None
    content_type: Annotated[str, Field(max_length=200)] | None = None


class Instruction(Words):
    """Where and how to send it."""

    method: Literal["PUT"] = "PUT"
    url: str
    headers: dict[str, str]


class Ticketed(Words):
    """Where to send the file, and its address afterwards."""

    id: str
    download_url: str
    upload: Instruction
    filename: str
    expires_in: int


class Uploaded(Words):
    """A file that was received."""

    type: Literal["image", "video", "audio"]
    download_url: str
    filename: str
    size: int


class Received(Words):
    """How much arrived."""

    size: int


_Answer = dict[str, Any]


@router.post("/media/uploads", response_model=Success[Ticketed])
def ticket(request: Request, service: Parts, account: Caller, wanted: Ticket) -> _Answer:
    """Announce a file and get the address to send it to."""
    if wanted.size is not None and wanted.size > service.settings.upload_limit_bytes:
        raise uploads.too_large(service.settings, wanted.size)
    count(service, account, Kind.UPLOAD)
    with service.database.begin() as connection:
        quota.check_account(connection, service.settings, account.id, adding_bytes=wanted.size or 0)
        opened = uploads.open_upload(
            connection, account.id, filename=wanted.filename, size_bytes=wanted.size, at=service.clock.now()
        )
    base_url = addresses.base(service, request)
    expires_s = int(service.clock.now().timestamp()) + TICKET_S
    signed = signing.signed_url(f"{TARGET}{opened.id}", service.address_secret, expires_s=expires_s)
    headers = {"Content-Type": _header(wanted.content_type)}
    return envelope.success(
        {
            "id": opened.id,
            "download_url": addresses.upload(service, base_url, opened),
            "upload": {"method": "PUT", "url": base_url + signed, "headers": headers},
            "filename": opened.filename,
            "expires_in": TICKET_S,
        }
    )


@router.post(
    "/media/upload/binary",
    response_model=Success[Uploaded],
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {"file": {"type": "string", "format": "binary"}},
                        "required": ["file"],
                        "additionalProperties": False,
                    }
                }
            },
        }
    },
)
async def binary(request: Request, service: Parts, account: Caller) -> _Answer:
    """Upload a file in one request: the part `file` of a form."""
    await run_in_threadpool(_expect, service, account)
    limit_bytes = service.settings.upload_limit_bytes
    counted = Request(request.scope, _counted(service, request, limit_bytes + _FORM_BYTES))
    async with _whole(), counted.form(max_files=1, max_fields=20) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            message = 'file: send the file as the part "file" of a multipart form.'
            raise ParameterInvalid(message, field="file")
        async with _gathered(service, _pieces(file)) as source:
            kept = await run_in_threadpool(_keep, service, account.id, file.filename or "upload", source)
    base_url = addresses.base(service, request)
    return envelope.success(
        {
            "type": kept.family,
            "download_url": addresses.upload(service, base_url, kept),
            "filename": kept.filename,
            "size": kept.size_bytes,
        }
    )


@targets.put(
    TARGET + "{upload_id}",
    responses={
        400: {"description": "It is no file that we know, or not the one that was announced"},
        403: {"description": "The address is not signed, was changed or has expired"},
        404: {"description": "There is no such upload"},
        409: {"description": "Another file was sent here before"},
        413: {"description": "The file is too large"},
        507: {"description": "There is no room for the file"},
    },
    openapi_extra={
        "parameters": addresses.RIGHT,
        "requestBody": {
            "required": True,
            "content": {_ANY: {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def put(request: Request, service: Parts, upload_id: str) -> Received:
    """Send the bytes of an announced file; the address carries its own right."""
    now_s = service.clock.now().timestamp()
    given, advice = dict(request.query_params), "announce the file again to get a fresh one"
    signing.check_signed_path(TARGET + upload_id, given, service.address_secret, now_s=now_s, advice=advice)
    upload = await run_in_threadpool(_find, service, upload_id)
    async with _whole(), _gathered(service, request.stream()) as source:
        kept = await run_in_threadpool(uploads.receive, service, upload, source)
    return Received(size=kept.size_bytes or 0)


def _expect(service: Service, account: Account) -> None:
    """Count a file before its bytes are taken, and refuse it when there is no room for any.

    Raises:
        RateLimited, QuotaFull: as they say.
    """
    count(service, account, Kind.UPLOAD)
    with service.database.connect() as connection:
        quota.check_account(connection, service.settings, account.id, adding_bytes=1)


@asynccontextmanager
async def _whole() -> AsyncIterator[None]:
    """A caller who goes away while sending is no fault of ours."""
    try:
        yield
    except ClientDisconnect:
        message = "The request ended before its body did; send the file again."
        raise ParameterInvalid(message) from None


def _keep(service: Service, account_id: str, filename: str, source: Path) -> Upload:
    with service.database.begin() as connection:
        opened = uploads.open_upload(connection, account_id, filename=filename, size_bytes=None, at=service.clock.now())
    return uploads.receive(service, opened, source)


def _find(service: Service, upload_id: str) -> Upload:
    if ids.prediction_of(upload_id) != upload_id:
        raise UploadUnknown
    with service.database.connect() as connection:
        return uploads.find(connection, upload_id)


def _header(content_type: str | None) -> str:
    """The type that the client announced, if it can stand in a header; the bytes decide in the end."""
    plain = content_type is not None and content_type.isascii() and content_type.isprintable()
    return content_type if content_type and plain else _ANY


def _counted(service: Service, request: Request, limit_bytes: int) -> Any:  # noqa: ANN401 - an ASGI receive
    """The request's messages, refused when they become too many: a form would be kept whole before we see it."""
    left = limit_bytes

    async def receive() -> Message:
        nonlocal left
        message = await request.receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise uploads.too_large(service.settings)
        return message

    return receive


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(1 << 18):
        yield piece


@asynccontextmanager
async def _gathered(service: Service, pieces: AsyncIterator[bytes]) -> AsyncIterator[Path]:
    """What arrives, in a file that goes away again.

    Raises:
        BodyTooLarge: as soon as it is more than the limit.
        DiskFull: no more fits.
    """
    limit_bytes, count = service.settings.upload_limit_bytes, 0
    with uploads.gathering(service.store) as source:
        async with await anyio.open_file(source, "wb") as file:
            async for piece in pieces:
                count += len(piece)
                if count > limit_bytes:
                    raise uploads.too_large(service.settings)
                await file.write(piece)
        yield source
