"""Files that callers send before they ask for a film: announced, received, known by a key that never changes."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from sqlalchemy import Exists, delete, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from stillmotion.errors import (
    BodyTooLarge,
    DiskFull,
    MediaRefused,
    QuotaFull,
    StoreTaken,
    StoreUnavailable,
    UploadAwaited,
    UploadTaken,
    UploadUnknown,
)
from stillmotion.media.output import disk_full
from stillmotion.server import ids, quota, sizes
from stillmotion.server.db.locks import alone_with, alone_with_account
from stillmotion.server.db.schema import predictions, uploads
from stillmotion.server.failpoint import failpoint
from stillmotion.server.intake import kinds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Connection, Result, Row

    from stillmotion.server.service import Service
    from stillmotion.server.settings import Settings
    from stillmotion.server.store import Store

FOLDER = "uploads/"
"""Of the store."""
REFERENCE = "upload:"
"""With an upload's id behind it: an upload without an address, in place of a picture's address."""
NAME_LIMIT = 200
COUNTED = 100_000
"""More of an account's uploads than this are not counted: that would take as long as somebody likes."""
_TRIES = 3
_SERVED = re.compile(r"/files/uploads/([0-9a-f]{32})(?:\.[a-z0-9]{1,4})?")
_EXTENSION = re.compile(r"\.[a-z0-9]{1,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file of an account; it may not have arrived yet."""

    id: str
    account_id: str
    filename: str
    media_type: str
    key: str
    size_bytes: int | None
    """As announced, then as it is; None when nothing was announced."""
    sha256: bytes | None
    """Of the content; None before it has arrived."""
    stored_at: datetime | None

    @property
    def reference(self) -> str:
        """What stands for it in the input of a prediction; it never expires."""
        return REFERENCE + self.id

    @property
    def family(self) -> str:
        """The first half of the media type: "image", "video" or "audio"; empty before it has arrived."""
        return self.media_type.partition("/")[0]


def open_upload(
    connection: Connection, account_id: str, *, filename: str, size_bytes: int | None, at: datetime
) -> Upload:
    """Announce a file: it has its key from now on, and no content yet."""
    name = _plain(filename)
    extension = PurePosixPath(name).suffix.lower()
    upload_id = ids.prediction_id()
    row = {
        "id": upload_id,
        "account_id": account_id,
        "filename": name,
        "size_bytes": size_bytes,
        "key": f"{FOLDER}{upload_id}{extension if _EXTENSION.fullmatch(extension) else ''}",
        "created_at": at,
    }
    return _upload(connection.execute(insert(uploads).values(row).returning(*uploads.c)).one())


def too_large(settings: Settings, size_bytes: int | None = None) -> BodyTooLarge:
    """What is said of a file that is larger than they may be."""
    has = "this one has more" if size_bytes is None else f"this one has {sizes.words(size_bytes)}"
    limit = sizes.words(settings.upload_limit_bytes)
    return BodyTooLarge(f"A file may have {limit}, and {has}; save the picture smaller.")


def find(connection: Connection, upload_id: str) -> Upload:
    """An upload by its id.

    Raises:
        UploadUnknown: there is none.
    """
    return _upload(_there(connection.execute(select(uploads).where(uploads.c.id == upload_id))))


def listing(connection: Connection, account_id: str, *, limit: int, offset: int = 0) -> tuple[tuple[Upload, ...], int]:
    """A page of what an account has sent and is kept, newest first, and how many there are.

    At most `COUNTED` are counted, and can be paged to.
    """
    order = uploads.c.stored_at.desc(), uploads.c.id
    every = select(uploads.c.id).where(uploads.c.account_id == account_id, uploads.c.stored_at.is_not(None))
    found = tuple[Upload, ...]()
    if offset < COUNTED:  # chosen by what the index holds: no others are read
        chosen = every.order_by(*order).limit(limit).offset(offset)
        rows = connection.execute(select(uploads).where(uploads.c.id.in_(chosen)).order_by(*order))
        found = tuple(map(_upload, rows))
        if len(found) < limit and (found or not offset):  # the last page tells how many there are
            return found, offset + len(found)
    return found, connection.scalar(select(func.count()).select_from(every.limit(COUNTED).subquery())) or 0


def remove(connection: Connection, account_id: str, upload_id: str) -> str | None:
    """Forget an upload of an account; the key under which its file is to be discarded once that is committed.

    Raises:
        UploadUnknown: the account has none of that id.
        UploadAwaited: a prediction that has not ended will fetch it.
    """
    alone_with_account(connection, account_id)  # a create that names it sees this, or is seen by it
    mine = (uploads.c.id == upload_id) & (uploads.c.account_id == account_id)
    if connection.scalar(select(uploads.c.id).where(mine, awaited())) is not None:
        raise UploadAwaited
    gone = connection.execute(delete(uploads).where(mine).returning(uploads.c.key))
    return None if (row := _there(gone)).key is None else str(row.key)


def awaited() -> Exists:
    """Whether a prediction that has not ended will fetch an upload: by its id or an address of ours."""
    return exists().where(
        predictions.c.account_id == uploads.c.account_id,
        predictions.c.status.in_(("created", "processing")),
        func.strpos(predictions.c.input["image"].astext, uploads.c.id) > 0,
    )


def adds_bytes(connection: Connection, account_id: str, content: bytes) -> int:
    """How much room a picture takes that stood in a request: none when the account has it already."""
    mine = (uploads.c.id == _id_of(account_id, content)) & uploads.c.stored_at.is_not(None)
    return len(content) if connection.scalar(select(uploads.c.id).where(mine)) is None else 0


def receive(service: Service, upload: Upload, source: Path) -> Upload:
    """Keep the file that was announced; the same file twice is one.

    Raises:
        BodyTooLarge: it is larger than uploads may be.
        MediaRefused: its size is not the announced one, or it is nothing that we know.
        UploadTaken: another file was sent to the same address before.
        UploadUnknown: it was removed meanwhile.
        DiskFull, QuotaFull: there is no room.
    """
    kind, size_bytes = _checked(service, upload, source), source.stat().st_size
    if upload.stored_at is None:
        with service.database.connect() as connection:
            quota.check_account(connection, service.settings, upload.account_id, adding_bytes=size_bytes)
    digest = _put(service, upload.key, source)
    failpoint("upload-stored")
    values = {
        "media_type": kind.media_type,
        "size_bytes": size_bytes,
        "sha256": digest,
        "stored_at": service.clock.now(),
    }
    with service.database.begin() as connection:
        _check_room(service, connection, upload, size_bytes)
        changed = update(uploads).where(uploads.c.id == upload.id).values(values).returning(*uploads.c)
        return _upload(_there(connection.execute(changed)))


def keep_picture(service: Service, account_id: str, content: bytes) -> Upload:
    """A picture that stood in a request as an upload; the same picture of the same account is the same upload.

    So a prediction's row stays small, however large the picture in the request was.

    Raises:
        MediaRefused: it is no picture.
        BodyTooLarge, DiskFull: as they say.
    """
    upload_id = _id_of(account_id, content)
    kind = kinds.sniff(content[: kinds.HEAD_BYTES])
    if kind is None or kind.family != "image":
        message = "image: that is no picture that we know; send a JPEG, PNG or WebP."
        raise MediaRefused(message)
    row = {
        "id": upload_id,
        "account_id": account_id,
        "filename": f"picture{kind.extension}",
        "key": f"{FOLDER}{upload_id}{kind.extension}",
        "created_at": service.clock.now(),
    }
    with service.database.begin() as connection:
        _alone_with(connection, str(row["key"]))
        # Asked for again, it is kept as long as a new one.
        again = {"created_at": row["created_at"]}
        connection.execute(upsert(uploads).values(row).on_conflict_do_update(index_elements=["id"], set_=again))
        upload = find(connection, upload_id)
    with gathering(service.store) as source:
        source.write_bytes(content)
        return receive(service, upload, source)


@contextmanager
def gathering(store: Store) -> Iterator[Path]:
    """An empty file for what arrives, on the disk where it will be kept; it goes away again.

    Raises:
        DiskFull: no more fits while it is filled.
    """
    try:
        handle, name = tempfile.mkstemp(dir=store.incoming)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as error:
        if disk_full(error):
            message = "The disk of the server is full; nothing was kept."
            raise DiskFull(message) from error
        raise


def discard(service: Service, key: str) -> bool:
    """Remove the file of an upload whose row is gone; False when there was none, or its row is there again.

    The same picture may be kept again at any moment, under the same key: whoever does that waits, and finds no file.
    """
    with service.database.begin() as connection:
        _alone_with(connection, key)
        wanted = connection.scalar(select(uploads.c.id).where(uploads.c.key == key)) is not None
        return not wanted and service.store.delete(key)


def reference_of(account_id: str, content: bytes) -> str:
    """What will stand for a picture that `keep_picture` keeps."""
    return REFERENCE + _id_of(account_id, content)


def of_reference(connection: Connection, account_id: str, reference: str) -> Upload | None:
    """The upload that a reference names: ours by its id or its address, of this account, and arrived.

    The address need not be fresh: whoever owns an upload may use it while it is kept.
    """
    upload_id = _id_in(reference)
    if upload_id is None:
        return None
    mine = (uploads.c.id == upload_id) & (uploads.c.account_id == account_id) & uploads.c.stored_at.is_not(None)
    row = connection.execute(select(uploads).where(mine)).one_or_none()
    return None if row is None else _upload(row)


def named_by(reference: str) -> str | None:
    """What stands for the upload that a reference would name, were it there; None for an address of anything else."""
    upload_id = _id_in(reference)
    return None if upload_id is None else REFERENCE + upload_id


def keys(connection: Connection, references: Iterable[str]) -> dict[str, str]:
    """Where uploads lie in the store, by what stands for them in inputs; those that were removed are left out."""
    wanted = [one.removeprefix(REFERENCE) for one in references if one.startswith(REFERENCE)]
    if not wanted:
        return {}
    rows = connection.execute(select(uploads.c.id, uploads.c.key).where(uploads.c.id.in_(wanted)))
    return {REFERENCE + row.id: row.key for row in rows}


def _id_in(reference: str) -> str | None:
    return reference.removeprefix(REFERENCE) if reference.startswith(REFERENCE) else _served_id(reference)


def _served_id(address: str) -> str | None:
    """The upload behind an address of ours, whatever name the caller has for this server."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return None
    found = _SERVED.search(path)
    return found.group(1) if found and found.end() == len(path) else None


def _checked(service: Service, upload: Upload, source: Path) -> kinds.Kind:
    size_bytes = source.stat().st_size
    if size_bytes > service.settings.upload_limit_bytes:
        raise too_large(service.settings, size_bytes)
    if upload.size_bytes is not None and upload.size_bytes != size_bytes:
        if upload.stored_at is not None:  # it is the size of what arrived
            raise UploadTaken
        message = f"{size_bytes:,} bytes arrived and {upload.size_bytes:,} were announced; send the file again."
        raise MediaRefused(message)
    with source.open("rb") as file:
        kind = kinds.sniff(file.read(kinds.HEAD_BYTES))
    if kind is None:
        message = "The file is no picture, film or sound in a format that we know; send a JPEG, PNG or WebP."
        raise MediaRefused(message)
    return kind


def _check_room(service: Service, connection: Connection, upload: Upload, size_bytes: int) -> None:
    """Look again while nobody else of the account adds anything: several at once had room for one of them each."""
    quota.one_at_a_time(connection, upload.account_id)
    if find(connection, upload.id).stored_at is not None:
        return
    try:
        quota.check_account(connection, service.settings, upload.account_id, adding_bytes=size_bytes)
    except QuotaFull:
        with suppress(OSError, StoreUnavailable):  # then it goes with its row, which says that it never came
            service.store.delete(upload.key)
        raise


def _alone_with(connection: Connection, key: str) -> None:
    """Nobody else removes the file under a key, or says that it is wanted, until the transaction is over."""
    alone_with(connection, f"upload {key}")


def _put(service: Service, key: str, source: Path) -> bytes:
    """Keep the file, and give its SHA-256.

    The same one may be there already, and whoever had no room for it may remove it meanwhile.
    """
    for _ in range(_TRIES):
        try:
            return service.store.put(key, source).sha256
        except StoreTaken:
            with suppress(FileNotFoundError), service.store.open(key) as kept, source.open("rb") as given:
                digest = _digest(given)
                if _digest(kept) != digest:
                    raise UploadTaken from None
                return digest
    raise UploadTaken


def _there(rows: Result[Any]) -> Row[Any]:
    row = rows.one_or_none()
    if row is None:
        raise UploadUnknown
    return row


def _id_of(account_id: str, content: bytes) -> str:
    """The same for the same picture of the same account; others' are never met, so nobody learns who has what."""
    return hashlib.sha256(account_id.encode() + b"\n" + content).hexdigest()[:32]


def _digest(file: BinaryIO) -> bytes:
    made = hashlib.sha256()
    while piece := file.read(1 << 20):
        made.update(piece)
    return made.digest()


def _plain(filename: str) -> str:
    """The last part of a name, without characters that cannot be shown."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in last if one.isprintable())[-NAME_LIMIT:] or "upload"


def _upload(row: Row[Any]) -> Upload:
    return Upload(
        id=row.id,
        account_id=row.account_id,
        filename=row.filename,
        media_type=row.media_type,
        key=row.key,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        stored_at=row.stored_at,
    )
