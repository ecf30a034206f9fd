"""References to pictures and targets of webhooks: what they show by themselves is checked at once, the rest later."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stillmotion.errors import AddressRefused, BodyTooLarge, MediaRefused, MediaUnreachable, ParameterInvalid
from stillmotion.media.output import whole_file
from stillmotion.server.intake import addresses, pictures, uploads
from stillmotion.server.intake.addresses import Rules
from stillmotion.server.intake.fetching import Fetcher

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection

    from stillmotion.server.intake.uploads import Upload
    from stillmotion.server.service import Service

_BEGINNINGS = ("http:", "https:", "data:", uploads.REFERENCE)
_NO_UPLOAD = "There is no such upload of this account, or it was never finished; upload the picture again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a request says of its picture, looked at and not kept yet."""

    reference: str
    """What is kept in its place: an address, or the upload that it is or will be."""
    same: str
    """Equal for the same picture, however often and by whichever way it was sent; of an address, the address."""
    content: bytes | None = field(default=None, repr=False)
    """The picture, when the request carried it."""
    upload: Upload | None = None
    """When it was sent before."""
    gone: str = ""
    """What stood for the upload that is named, where the account has none of that name, or none any more."""


def look_at(service: Service, account_id: str, reference: str, content: bytes | None = None) -> Picture:
    """What a request says of its picture by itself: nothing is asked of the store, nor whether we go there.

    Args:
        service: the parts.
        account_id: of the caller.
        reference: an address, a data URL, or an upload.
        content: the picture itself, when it came beside the reference.

    Raises:
        ParameterInvalid: it is no reference, or the picture in the request is none; the message says what it may be.
        BodyTooLarge: it is larger than uploads may be.
    """
    if content is None and not reference[:7].lower().startswith(_BEGINNINGS):
        message = "image: give an http(s) address, a data URL of a picture, or the address of an upload."
        raise ParameterInvalid(message, field="image")
    with _as_field():
        if content is not None:
            pictures.check_bytes(content)
            return _carried(service, account_id, content)
        if pictures.is_data_url(reference):
            return _carried(service, account_id, pictures.read_data_url(reference))
    return _named(service, account_id, reference)


def check(service: Service, picture: Picture) -> None:
    """Refuse what a film cannot be made of: an address to which we do not go, an upload that is none or not there.

    Raises:
        ParameterInvalid: the message says what it may be.
        StoreUnavailable: nobody can say.
    """
    with _as_field():
        if picture.upload is not None:
            _check_kept(service, picture.upload)
        elif picture.content is None:
            if picture.reference.startswith(uploads.REFERENCE):
                raise MediaUnreachable(_NO_UPLOAD)
            _check_address(Rules.for_pictures(service.settings), picture.reference)


@contextlib.contextmanager
def _as_field() -> Iterator[None]:
    """Faults of a picture as those of the field in which it is named."""
    try:
        yield
    except (AddressRefused, MediaRefused, MediaUnreachable) as error:
        message = f"image: {error}"
        raise ParameterInvalid(message, field="image") from None


def adds_bytes(connection: Connection, account_id: str, picture: Picture) -> int:
    """How much room `keep` takes."""
    return 0 if picture.content is None else uploads.adds_bytes(connection, account_id, picture.content)


def keep(service: Service, account_id: str, picture: Picture) -> None:
    """Keep what a request carried, once nothing else is wrong with it; an address stays an address.

    Raises:
        DiskFull, QuotaFull: as they say.
    """
    if picture.content is not None:
        uploads.keep_picture(service, account_id, picture.content)


def _named(service: Service, account_id: str, reference: str) -> Picture:
    """What was sent before, or lies elsewhere."""
    named = uploads.named_by(reference)
    if named is None:
        return Picture(reference=reference, same=reference)
    with service.database.connect() as connection:
        upload = uploads.of_reference(connection, account_id, reference)
    if upload is None:  # another server of this kind has such addresses, too
        return Picture(reference=reference, same=reference, gone=named)
    # Its address is another one each time that it is given out, and carries a right.
    same = upload.reference if upload.sha256 is None else upload.sha256.hex()
    return Picture(reference=upload.reference, same=same, upload=upload)


def _carried(service: Service, account_id: str, content: bytes) -> Picture:
    """What stood in the request itself."""
    if len(content) > service.settings.upload_limit_bytes:
        message = f"The picture is larger than {service.settings.upload_limit_bytes:,} bytes; save it smaller."
        raise BodyTooLarge(message)
    same = hashlib.sha256(content).hexdigest()
    return Picture(reference=uploads.reference_of(account_id, content), same=same, content=content)


def check_webhook(service: Service, url: str, *, field: str = "webhook_url") -> None:
    """Refuse a webhook target that is no http(s) address, or one to which we do not go.

    Args:
        service: the parts.
        url: the target.
        field: as the caller named it.

    Raises:
        ParameterInvalid: the message says what it may be.
    """
    try:
        _check_address(Rules.for_webhooks(service.settings), url)
    except AddressRefused as error:
        message = f"{field}: {error}"
        raise ParameterInvalid(message, field=field) from None


def fetch(
    service: Service, account_id: str, reference: str, target: Path, unwanted: threading.Event | None = None
) -> None:
    """Write the picture behind a reference to a file; whole or not at all.

    Args:
        service: the parts.
        account_id: whose uploads count.
        reference: an address, a data URL, or an upload.
        target: the file.
        unwanted: set by another thread when nobody waits for it any more; a slow peer then holds nothing up.

    Raises:
        MediaUnreachable: it cannot be fetched, is too large, or lies where we do not go.
        MediaRefused: what is there is no picture that we read.
    """
    if pictures.is_data_url(reference):
        content = pictures.read_data_url(reference)
        with whole_file(target) as part:
            part.write_bytes(content)
        return
    upload = _upload(service, account_id, reference)
    if upload is not None:
        _copy(service, upload.key, target)
        return
    settings = service.settings
    fetcher = Fetcher(
        rules=Rules.for_pictures(settings),
        size_limit_bytes=settings.upload_limit_bytes,
        discreet=settings.accounts,
        unwanted=unwanted or threading.Event(),
    )
    fetcher.fetch(reference, target)


def _check_address(rules: Rules, url: str) -> None:
    """What can be told of an address without asking anybody."""
    address = addresses.parse(url)
    machine = address.machine
    local = address.host == "localhost" or address.host.endswith(".localhost")
    if (local and not rules.loopback and not rules.networks) or (machine is not None and not rules.allow(machine)):
        message = "The address lies in a network that this server does not go to. Give a public http(s) address."
        raise AddressRefused(message)


def _upload(service: Service, account_id: str, reference: str) -> Upload | None:
    """One of the account's uploads; None when it is the address of something else.

    Raises:
        MediaUnreachable: it can only be an upload, and there is none.
    """
    with service.database.connect() as connection:
        found = uploads.of_reference(connection, account_id, reference)
    if found is None and reference.startswith(uploads.REFERENCE):
        raise MediaUnreachable(_NO_UPLOAD)
    return found


def _check_kept(service: Service, upload: Upload) -> None:
    """Anything may be uploaded; what is filmed lies here already, so what it is need not show later."""
    try:
        with service.store.open(upload.key) as kept:
            pictures.check_open(kept)
    except FileNotFoundError:
        raise MediaUnreachable(_NO_UPLOAD) from None


def _copy(service: Service, key: str, target: Path) -> None:
    """An upload from the store: no request goes out, so it works wherever our public address points."""
    try:
        with service.store.open(key) as kept, whole_file(target) as part:
            with part.open("wb") as file:
                shutil.copyfileobj(kept, file)
            pictures.check_header(part)
    except FileNotFoundError:
        raise MediaUnreachable(_NO_UPLOAD) from None
