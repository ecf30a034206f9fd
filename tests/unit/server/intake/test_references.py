"""A picture comes from an address, a data URL or an upload of the account's own, and from nowhere else."""

from __future__ import annotations

import base64
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from security.peers import Peer, says
from stillmotion.errors import MediaRefused, MediaUnreachable, ParameterInvalid
from stillmotion.server import accounts, intake
from stillmotion.server.intake import pictures, uploads
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.server.service import Service


def a_picture() -> bytes:
    """A small JPEG."""
    file = BytesIO()
    Image.new("RGB", (80, 64), "teal").save(file, "JPEG")
    return file.getvalue()


PICTURE = a_picture()
DATA_URL = "data:image/jpeg;base64," + base64.b64encode(PICTURE).decode()


def an_account(service: Service, name: str) -> str:
    """A new account."""
    with service.database.begin() as connection:
        return accounts.create(connection, name, at=service.clock.now(), may_owe=False).id


def an_upload(service: Service, account_id: str, folder: Path, *, arrived: bool = True) -> uploads.Upload:
    """An upload, announced or also received."""
    with service.database.begin() as connection:
        made = uploads.open_upload(connection, account_id, filename="a.jpg", size_bytes=None, at=service.clock.now())
    if not arrived:
        return made
    source = folder / "source.jpg"
    source.write_bytes(PICTURE)
    return uploads.receive(service, made, source)


def _looked_at(service: Service, account_id: str, reference: str) -> None:
    """All that is asked before a request is accepted."""
    intake.check(service, intake.look_at(service, account_id, reference))


def test_a_data_url_is_its_picture(service: Service, tmp_path: Path) -> None:
    """Checked when it comes, written when it is needed."""
    _looked_at(service, "a", DATA_URL)
    intake.fetch(service, "a", DATA_URL, tmp_path / "picture")
    assert (tmp_path / "picture").read_bytes() == PICTURE


@pytest.mark.parametrize(
    "text",
    [
        DATA_URL.rstrip("="),
        DATA_URL.replace("data:image/jpeg", "DATA:IMAGE/PNG;name=a.png"),
        DATA_URL.replace("image/jpeg", "application/octet-stream"),
        DATA_URL[:60] + "\r\n" + DATA_URL[60:],
    ],
    ids=["no padding", "wrong kind", "no kind", "line breaks"],
)
def test_data_urls_as_clients_write_them(text: str) -> None:
    """Small sloppiness is no fault: the bytes say what it is."""
    assert pictures.read_data_url(text) == PICTURE


@pytest.mark.parametrize(
    "text",
    [
        "data:",
        "data:,hello",
        "data:text/html;base64,PGh0bWw+",
        "data:image/png,plain",
        "data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=",
        DATA_URL[:-20] + "*" + DATA_URL[-19:],
        "data:image/jpeg;base64,",
        "data:image/jpeg" + ";a=b" * 100 + ";base64,AA==",
        "data:image/jpeg;base64," + "A" * pictures.DATA_URL_LIMIT,
    ],
    ids=["empty", "text", "HTML", "not base64", "SVG", "broken", "nothing", "long head", "too long"],
)
def test_data_urls_that_are_no_pictures(service: Service, text: str) -> None:
    """Refused at once, in words that are short."""
    with pytest.raises(ParameterInvalid) as refused:
        _looked_at(service, "a", text)
    assert refused.value.field == "image"
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("text", ["", "cat.png", "/etc/passwd", "file:///etc/passwd", "upload:", "upload:" + "0" * 32])
def test_what_is_no_reference(service: Service, text: str, tmp_path: Path) -> None:
    """Refused when it comes, and unreachable should it come further."""
    with pytest.raises(ParameterInvalid):
        _looked_at(service, "a", text)
    with pytest.raises(MediaUnreachable):
        intake.fetch(service, "a", text, tmp_path / "picture")


def test_an_upload_is_served_from_the_store(service: Service, tmp_path: Path) -> None:
    """By its id, and by any address that we gave for it: no request goes out."""
    mine = an_account(service, "mine")
    upload = an_upload(service, mine, tmp_path)
    for number, reference in enumerate(
        (
            upload.reference,
            f"http://10.9.8.7:8000/files/{upload.key}?expires=1&signature=x",
            f"https://video.example.com/files/{upload.key}",
        )
    ):
        _looked_at(service, mine, reference)
        intake.fetch(service, mine, reference, tmp_path / str(number))
        assert (tmp_path / str(number)).read_bytes() == PICTURE


def test_others_uploads_are_not_there(service: Service, tmp_path: Path) -> None:
    """Neither by id nor by address; and an announced one has no content."""
    mine, other = an_account(service, "mine"), an_account(service, "other")
    for upload in (an_upload(service, mine, tmp_path), an_upload(service, other, tmp_path, arrived=False)):
        for reference in (upload.reference, f"http://10.9.8.7:8000/files/{upload.key}"):
            with pytest.raises(ParameterInvalid):
                _looked_at(service, other, reference)
            with pytest.raises(MediaUnreachable):
                intake.fetch(service, other, reference, tmp_path / "picture")


def test_an_address_in_an_opened_network(service: Service, tmp_path: Path) -> None:
    """Is fetched when the operator opened it, and refused at once when not."""
    with Peer((says(200, {}, PICTURE),)) as peer:
        _looked_at(service, "a", peer.url())
        intake.fetch(service, "a", peer.url(), tmp_path / "picture")
        assert (tmp_path / "picture").read_bytes() == PICTURE
        closed = replace(service, settings=Settings(data_dir=tmp_path))
        for url in (peer.url(), "http://localhost/a.png", "http://a.localhost/a.png"):
            with pytest.raises(ParameterInvalid, match="does not go to"):
                _looked_at(closed, "a", url)
        with pytest.raises(MediaUnreachable):
            intake.fetch(closed, "a", peer.url(), tmp_path / "other")
        assert len(peer.requests) == 1


def test_size_is_limited_by_the_settings(service: Service, tmp_path: Path) -> None:
    """As uploads are."""
    with Peer((says(200, {}, PICTURE + bytes(1 << 20)),)) as peer, pytest.raises(MediaUnreachable):
        intake.fetch(service, "a", peer.url(), tmp_path / "picture")


def test_a_lost_upload_is_said(service: Service, tmp_path: Path) -> None:
    """Its row is there and its file is not: it ends as unreachable, not as a fault of ours."""
    mine = an_account(service, "mine")
    upload = an_upload(service, mine, tmp_path)
    service.store.delete(upload.key)
    with pytest.raises(ParameterInvalid, match="no such upload"):
        _looked_at(service, mine, upload.reference)
    with pytest.raises(MediaUnreachable):
        intake.fetch(service, mine, upload.reference, tmp_path / "picture")


def test_an_upload_that_is_no_picture(service: Service, tmp_path: Path) -> None:
    """A film may be uploaded, but not be filmed: refused when it comes, and should it come further."""
    mine = an_account(service, "mine")
    with service.database.begin() as connection:
        made = uploads.open_upload(connection, mine, filename="a.mp4", size_bytes=None, at=service.clock.now())
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x18ftypisom" + bytes(40))
    upload = uploads.receive(service, made, tmp_path / "a.mp4")
    with pytest.raises(ParameterInvalid, match="MP4"):
        _looked_at(service, mine, upload.reference)
    with pytest.raises(MediaRefused, match="MP4"):
        intake.fetch(service, mine, upload.reference, tmp_path / "picture")
    assert not (tmp_path / "picture").exists()


def test_networks_are_checked_at_the_start() -> None:
    """A typing error in the allow-list is found before it opens or closes anything."""
    with pytest.raises(ValueError, match="does not appear"):
        Settings(allow_networks=("10.0.0/8",))
