"""Archives that nobody should trust."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile

import pytest

from stillmotion.assets.archives import copy_tar_members, copy_zip_member
from stillmotion.assets.failures import CorruptError, SourceError


class Sink(io.BytesIO):
    """Keeps what it gets."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__()
        self.size_bytes = size_bytes


def tar_of(*infos: tuple[tarfile.TarInfo, bytes], tar_format: int = tarfile.PAX_FORMAT) -> io.BytesIO:
    """A gzipped tar of these members."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=tar_format) as archive:
        for info, block in infos:
            info.size = len(block)
            archive.addfile(info, io.BytesIO(block))
    file.seek(0)
    return file


def zip_of(name: str, block: bytes) -> bytearray:
    """A zip of one member."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, block)
    return bytearray(file.getvalue())


@pytest.mark.parametrize("tar_format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_long_names_are_understood(tar_format: int) -> None:
    """Names over 100 characters are found in every common tar format."""
    name = "package/" + "d" * 80 + "/" + "f" * 70 + ".bin"
    sink = Sink(4)
    copy_tar_members(tar_of((tarfile.TarInfo(name), b"data"), tar_format=tar_format), {name: sink})
    assert sink.getvalue() == b"data"


def test_a_link_in_the_place_of_a_member_is_not_followed() -> None:
    """A symbolic link with the wanted name counts as missing: nothing outside the archive is read."""
    link = tarfile.TarInfo("package/weights.bin")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with pytest.raises(SourceError, match="has no member"):
        copy_tar_members(tar_of((link, b"")), {"package/weights.bin": Sink(10)})


def test_a_member_of_another_size_is_refused_before_it_is_unpacked() -> None:
    """A tar member that claims to be huge is refused by its header."""
    info = tarfile.TarInfo("package/weights.bin")
    sink = Sink(10)
    with pytest.raises(CorruptError, match="1000000 bytes in the archive, not 10"):
        copy_tar_members(tar_of((info, bytes(1_000_000))), {"package/weights.bin": sink})
    assert not sink.getvalue()


def test_a_name_record_of_gigabytes_is_refused() -> None:
    """An extended header that claims gigabytes of name is refused without reading it into memory."""
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 8 << 30
    header = info.tobuf(tarfile.GNU_FORMAT)
    with pytest.raises(CorruptError, match="unreasonably long"):
        copy_tar_members(io.BytesIO(gzip.compress(header)), {"package/weights.bin": Sink(10)})


@pytest.mark.parametrize("record", [b"9999 path=x\n", b"0 path=x\n", b"-5 path=x\n", b"path\n"])
def test_a_broken_extended_header_is_refused(record: bytes) -> None:
    """Lengths that lie in an extended header give an error, not an endless loop."""
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, len(record)
    block = info.tobuf(tarfile.GNU_FORMAT) + record.ljust(512, b"\0") + bytes(1024)
    with pytest.raises(CorruptError, match="damaged"):
        copy_tar_members(io.BytesIO(gzip.compress(block)), {"package/weights.bin": Sink(10)})


@pytest.mark.parametrize("keep", [0, 5, 30, 60])
def test_a_truncated_tarball_is_damaged(keep: int) -> None:
    """A tarball that ends anywhere too early gives an error in words."""
    whole = tar_of((tarfile.TarInfo("package/weights.bin"), bytes(range(256)))).getvalue()
    with pytest.raises(SourceError):
        copy_tar_members(io.BytesIO(whole[:keep]), {"package/weights.bin": Sink(256)})


def test_something_that_is_no_archive_is_damaged() -> None:
    """A web page in the place of an archive is called damaged."""
    page = io.BytesIO(b"<html>not found</html>" * 100)
    with pytest.raises(CorruptError, match="damaged"):
        copy_tar_members(page, {"package/weights.bin": Sink(10)})
    with pytest.raises(CorruptError, match="damaged"):
        copy_zip_member(page, "weights.bin", Sink(10))


def test_a_zip_member_that_lies_about_its_size_is_cut_off() -> None:
    """A member that unpacks to more than its directory entry claims never writes more than the manifest's size."""
    archive = zip_of("weights.bin", bytes(5_000_000))
    archive[22:26] = struct.pack("<I", 10)  # the size in the local header
    central = archive.index(b"PK\x01\x02")
    archive[central + 24 : central + 28] = struct.pack("<I", 10)  # and in the directory
    sink = Sink(10)
    with pytest.raises(CorruptError):
        copy_zip_member(io.BytesIO(archive), "weights.bin", sink)
    assert len(sink.getvalue()) <= 10


def test_an_encrypted_zip_member_is_refused() -> None:
    """A member that asks for a password is refused in words."""
    archive = zip_of("weights.bin", b"data")
    archive[6] |= 1
    archive[archive.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(CorruptError, match="encrypted"):
        copy_zip_member(io.BytesIO(archive), "weights.bin", Sink(4))


def test_a_member_is_matched_by_its_exact_name() -> None:
    """A path that only resolves to the wanted name is another member."""
    with pytest.raises(SourceError, match="has no member"):
        copy_zip_member(io.BytesIO(zip_of("x/../weights.bin", b"data")), "weights.bin", Sink(4))
    with pytest.raises(SourceError, match="has no member"):
        copy_tar_members(tar_of((tarfile.TarInfo("./weights.bin"), b"data")), {"weights.bin": Sink(4)})


def test_a_zip_with_an_unreadable_name_is_damaged() -> None:
    """A member name that claims to be UTF-8 and is not fails the source, not the program."""
    archive = zip_of("w\u00e9ights.bin", b"data")
    central = archive.index(b"PK\x01\x02")
    archive[central + 46 + 1] = 0xFF
    with pytest.raises(CorruptError, match="damaged"):
        copy_zip_member(io.BytesIO(archive), "weights.bin", Sink(4))
