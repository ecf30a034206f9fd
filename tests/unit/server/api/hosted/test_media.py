"""Uploads in both flows."""

from __future__ import annotations

import base64
import errno
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from hosted_words import MODEL, WANTED, data_of, refused
from stillmotion.server import sizes
from stillmotion.server.api.app import create_app
from stillmotion.server.intake import kinds, uploads

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stillmotion.server.service import Service

BINARY, TICKETS = "/api/v3/media/upload/binary", "/api/v3/media/uploads"


@pytest.mark.parametrize("path", [BINARY, BINARY.replace("v3", "v2")])
@pytest.mark.parametrize("part", [("cat.png",), ("upload", "application/octet-stream")])
def test_files_in_one_request(caller: TestClient, photo: bytes, path: str, part: tuple[str, ...]) -> None:
    """What the bytes are decides, not what the part says; the address serves them."""
    name, *media_type = part
    kept = data_of(caller.post(path, files={"file": (name, photo, *media_type)}))
    assert kept["type"] == "image"
    assert (kept["filename"], kept["size"]) == (name, len(photo))
    back = caller.get(kept["download_url"], headers={"authorization": ""})
    assert (back.content, back.headers["content-type"]) == (photo, "image/png")
    assert back.headers["x-content-type-options"] == "nosniff"


def _ticket(caller: TestClient, **fields: Any) -> Any:
    return data_of(caller.post(TICKETS, json={"filename": "cat.png", **fields}))


def test_tickets(caller: TestClient, photo: bytes) -> None:
    """The bytes go to a signed address with the headers of the ticket alone; a repeated PUT changes nothing."""
    ticket = _ticket(caller, size=len(photo), content_type="image/png")
    assert ticket["upload"]["method"] == "PUT"
    assert ticket["upload"]["headers"] == {"Content-Type": "image/png"}
    assert caller.get(ticket["download_url"]).status_code == 404
    for _ in range(2):
        sent = caller.put(ticket["upload"]["url"], content=photo, headers={"authorization": ""})
        assert (sent.status_code, sent.json()) == (200, {"size": len(photo)})
    other = caller.put(ticket["upload"]["url"], content=photo[:-1] + b"x")
    assert (other.status_code, other.json()["error"]["code"]) == (409, "upload_taken")
    assert caller.get(ticket["download_url"]).content == photo


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("other", [b"\x89PNG\r\n\x1a\n", None])
def test_an_address_is_for_one_file(caller: TestClient, photo: bytes, other: bytes | None, *, announced: bool) -> None:
    """Whatever arrived first stays; a shorter or a longer one is told that, also where no size was announced."""
    ticket = _ticket(caller, **{"size": len(photo)} if announced else {})
    assert caller.put(ticket["upload"]["url"], content=photo).status_code == 200
    sent = caller.put(ticket["upload"]["url"], content=other or photo + b"more")
    assert (sent.status_code, sent.json()["error"]["code"]) == (409, "upload_taken")
    assert caller.get(ticket["download_url"]).content == photo


def test_uploads_are_pictures_to_start_from(
    caller: TestClient, another: Callable[..., TestClient], photo: bytes
) -> None:
    """By their address, for whoever owns them, even when the address leads elsewhere; not before they arrived."""
    ticket = _ticket(caller)
    address = ticket["download_url"].replace("http://films.test", "https://films.example.com")
    caller.put(ticket["upload"]["url"], content=photo)
    assert data_of(caller.post(MODEL, json={**WANTED, "image": address}))["status"] == "created"
    by_id = {**WANTED, "image": f"upload:{ticket['id']}"}
    assert data_of(caller.post(MODEL, json=by_id))["status"] == "created"
    refused(another().post(MODEL, json=by_id), 400)
    pending = _ticket(caller)
    refused(caller.post(MODEL, json={**WANTED, "image": f"upload:{pending['id']}"}), 400)


def test_an_uploaded_picture_is_repeated_as_an_address(caller: TestClient, photo: bytes) -> None:
    """Whoever shows or sends again what was asked for has an address that opens; when the upload is gone, its id."""
    ticket = _ticket(caller)
    caller.put(ticket["upload"]["url"], content=photo)
    made = data_of(caller.post(MODEL, json={**WANTED, "image": ticket["download_url"]}))
    asked = data_of(caller.post("/api/v3/predictions", json={"include_inputs": True}))["items"][0]["input"]
    assert caller.get(asked["image"]).content == photo
    assert data_of(caller.post(MODEL, json=asked))["id"] != made["id"], "it can be sent again as it is"


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        (b"\0\0\0\x18ftypheic" + bytes(40), "image", "Most Compatible"),
        (b"\0\0\0\x18ftypavif" + bytes(40), "image", "AVIF files are not read"),
        (b"GIF89a" + bytes(40), "image", "we read JPEG, PNG and WebP"),
        (b"\0\0\0\x18ftypisom" + bytes(40), "video", "Save one frame"),
        (b"ID3\x04" + bytes(40), "audio", "JPEG, PNG and WebP"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "image", "header is broken"),
    ],
    ids=["HEIC", "AVIF", "GIF", "film", "sound", "broken"],
)
def test_uploads_that_cannot_be_filmed(caller: TestClient, content: bytes, kind: str, words: str) -> None:
    """Are told as what they are; a create with one is refused at once, with advice, and nothing is held."""
    kept = data_of(caller.post("/api/v3/media/upload/binary", files={"file": ("a.jpg", content)}))
    assert kept["type"] == kind
    answer = refused(caller.post(MODEL, json={**WANTED, "image": kept["download_url"]}), 400)
    assert answer["message"].startswith("image: ")
    assert words in answer["message"]
    assert data_of(caller.get("/api/v3/balance"))["balance"] == 100


def test_sizes_are_held_to(caller: TestClient, photo: bytes, service: Service) -> None:
    """By announcement, and while bytes arrive; an upload that was refused can be sent again."""
    limit = service.settings.upload_limit_bytes
    may = f"A file may have {sizes.words(limit)}, and this one has "
    for answer, has in (
        (caller.post(TICKETS, json={"filename": "x.png", "size": 954 << 20}), "954 MiB"),
        (caller.post(TICKETS, json={"filename": "x.png", "size": limit + 1}), sizes.words(limit + 1)),
        (caller.post(BINARY, files={"file": ("x.png", photo + bytes(limit))}), "more"),
        (caller.post(BINARY, files={"file": ("x.png", photo + bytes(limit + 2_000_000))}), "more"),
    ):
        assert answer.status_code == 413
        assert answer.json()["message"] == f"{may}{has}; save the picture smaller."
    ticket = _ticket(caller, size=len(photo))
    assert caller.put(ticket["upload"]["url"], content=photo + bytes(limit)).status_code == 413
    assert caller.put(ticket["upload"]["url"], content=photo[:-1]).status_code == 400
    assert caller.put(ticket["upload"]["url"], content=photo).status_code == 200


@pytest.mark.parametrize("content", [b"", b"<html><script>", b"<svg onload=x>", b"MZ\x90", b"%PDF-1.7"])
def test_other_files_are_refused(caller: TestClient, content: bytes) -> None:
    """No page of somebody else is ever served from here."""
    refused(caller.post(BINARY, files={"file": ("cat.png", content)}), 400)


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"json": {"file": "x"}},
        {"data": {"file": "text"}},
        {"files": {"other": ("cat.png", b"\x89PNG\r\n\x1a\n")}},
        {"content": b"--x\r\nbroken", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"", "headers": {"content-type": "multipart/form-data"}},
    ],
)
def test_forms_without_a_file(caller: TestClient, request_: dict[str, Any]) -> None:
    """Told what is expected."""
    refused(caller.post(BINARY, **request_), 400)


def test_put_addresses_cannot_be_made_up(caller: TestClient, photo: bytes) -> None:
    """Neither unsigned nor for another upload."""
    first, second = _ticket(caller), _ticket(caller)
    assert caller.put(f"/uploads/{first['id']}", content=photo).status_code == 403
    swapped = first["upload"]["url"].replace(first["id"], second["id"])
    assert caller.put(swapped, content=photo).status_code == 403


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\\b\\c.PNG", "x" * 900, "b\0d\n.png", "фото.jpg", "", ".png"])
def test_names_are_only_shown(caller: TestClient, photo: bytes, name: str) -> None:
    """Whatever a file is called, it lies where we put it and its address works."""
    ticket = data_of(caller.post(TICKETS, json={"filename": name}))
    assert caller.put(ticket["upload"]["url"], content=photo).status_code == 200
    assert "/" not in ticket["filename"]
    assert ticket["filename"].isprintable()
    assert caller.get(ticket["download_url"]).content == photo


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF....WEBPVP8 ", "image/webp"),
        (b"RIFF....WAVEfmt ", "audio/wav"),
        (b"RIFF....AVI LIST", "video/x-msvideo"),
        (b"\0\0\0\x20ftypisom", "video/mp4"),
        (b"\0\0\0\x18ftypheic", "image/heic"),
        (b"\0\0\0\x18ftyphevx", "image/heic"),
        (b"\0\0\0\x18ftypmif1", "image/heif"),
        (b"\0\0\0\x18ftypavif", "image/avif"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\0\0\0\x14ftypM4A ", "audio/mp4"),
        (b"\0\0\0\x14ftyp3gp5", "video/3gpp"),
        (b"OggS\0\x02........\x01vorbis", "audio/ogg"),
        (b"OggS\0\x02........\x80theora", "video/ogg"),
        (b"\x1a\x45\xdf\xa3", "video/webm"),
        (b"ID3\x04", "audio/mpeg"),
        (b"fLaC", "audio/flac"),
    ],
)
def test_formats_are_known_by_their_bytes(head: bytes, media_type: str) -> None:
    """Those that the hosted service lists, and what telephones save."""
    kind = kinds.sniff(head)
    assert kind is not None
    assert kind.media_type == media_type
    assert kind.family == media_type.split("/", maxsplit=1)[0]


@pytest.mark.parametrize("head", [b"", b"RIFF", b"RIFF....JUNK", b"<svg", b"hello"])
def test_other_bytes_are_nothing(head: bytes) -> None:
    """And are refused."""
    assert kinds.sniff(head) is None


def test_uploads_stop_at_the_quota(service: Service, caller: TestClient, photo: bytes) -> None:
    """507 when what is kept would be more than the operator allows, and nothing is kept."""
    narrow = replace(service, settings=service.settings.model_copy(update={"disk_quota_bytes": 1}))
    there = TestClient(create_app(narrow), base_url="http://films.test", headers=dict(caller.headers))
    refused(there.post("/api/v3/media/upload/binary", files={"file": ("cat.png", photo)}), 507)


@pytest.mark.parametrize("fills", ["tempfile.SpooledTemporaryFile.write", "anyio.AsyncFile.write"])
def test_uploads_are_told_that_the_disk_is_full(
    service: Service, caller: TestClient, photo: bytes, monkeypatch: pytest.MonkeyPatch, fills: str
) -> None:
    """507 wherever the bytes find no room, while a form is read or a file is gathered; nothing is left lying."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    ticket = _ticket(caller)
    with monkeypatch.context() as filling:
        filling.setattr(fills, full)
        answer = caller.post(BINARY, files={"file": ("cat.png", photo)})
        assert (answer.status_code, answer.json()["error_code"]) == (507, "DISK_FULL"), answer.text
        if fills.startswith("anyio"):
            answer = caller.put(ticket["upload"]["url"], content=photo)
            assert (answer.status_code, answer.json()["error"]["code"]) == (507, "disk_full")
    assert list(service.store.incoming.iterdir()) == []
    assert caller.put(ticket["upload"]["url"], content=photo).status_code == 200


def test_uploads_are_gathered_where_they_will_lie(
    service: Service, caller: TestClient, photo: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the disk of the store, in both flows and for a picture in a request, and no trace is left."""
    places: list[Path] = []
    receive = uploads.receive

    def seen(service: Service, upload: uploads.Upload, source: Path) -> uploads.Upload:
        places.append(source)
        return receive(service, upload, source)

    monkeypatch.setattr(uploads, "receive", seen)
    data_of(caller.post(BINARY, files={"file": ("cat.png", photo)}))
    assert caller.put(_ticket(caller)["upload"]["url"], content=photo).status_code == 200
    inside = f"data:image/png;base64,{base64.b64encode(photo).decode()}"
    data_of(caller.post(MODEL, json={**WANTED, "image": inside}))
    assert [place.parent for place in places] == [service.store.incoming] * 3
    assert list(service.store.incoming.iterdir()) == []


def test_the_older_upload(caller: TestClient, photo: bytes) -> None:
    """Its answer calls the address `url`; the file is one like all others."""
    kept = data_of(caller.post("/api/v3/upload", files={"file": ("cat.png", photo)}))
    assert kept["url"] == kept["download_url"]
    assert caller.get(kept["url"]).content == photo
