"""Small picture files in many formats, good ones and bad ones, made on the spot."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageCms

if TYPE_CHECKING:
    from numpy.typing import NDArray

ORIENTATION = 0x0112


def gradient(width: int = 96, height: int = 64) -> NDArray[np.uint8]:
    """Red grows to the right, green downwards, blue is a quarter: every side can be told from the others."""
    picture = np.full((height, width, 3), 64, np.uint8)
    picture[..., 0] = np.linspace(0, 255, width)
    picture[..., 1] = np.linspace(0, 255, height)[:, np.newaxis]
    return picture


def encoded(picture: NDArray[Any] | Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as the bytes of a file."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = BytesIO()
    image.save(file, format=kind, **options)
    return file.getvalue()


def jpeg(picture: NDArray[np.uint8], **options: Any) -> bytes:
    """A JPEG without chroma subsampling, so that colours can be compared."""
    return encoded(picture, "JPEG", quality=95, subsampling=0, **options)


def turned_jpeg(picture: NDArray[np.uint8], orientation: int) -> bytes:
    """A JPEG whose EXIF says how it has to be turned."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return jpeg(picture, exif=exif.tobytes())


def png_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be this large."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    data = b"IDAT" + zlib.compress(b"\0")
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))


def sixteen_bit_png(values: NDArray[np.uint16]) -> bytes:
    """A 16-bit PNG, grey for shape (h, w) and RGB for (h, w, 3), written by hand: Pillow writes no such RGB."""
    height, width = values.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 16, 2 if values.ndim == 3 else 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def animated(kind: str) -> bytes:
    """Two different frames."""
    frames = [Image.fromarray(gradient()), Image.fromarray(255 - gradient())]
    file = BytesIO()
    frames[0].save(file, format=kind, save_all=True, append_images=frames[1:], duration=100)
    return file.getvalue()


def heic() -> bytes:
    """The first bytes of what an iPhone writes."""
    return struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + bytes(500)


def raw_photo() -> bytes:
    """A TIFF that says that it is the small preview of something larger, as camera raw files begin."""
    return encoded(gradient(), "TIFF", tiffinfo={254: 1})


def lab_profile() -> bytes:
    """A profile that fits no RGB picture."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def swapped_profile() -> bytes:
    """An sRGB profile under another name whose red and blue columns are exchanged: it turns red into blue."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", data[128:132])[0]
    for index in range(count):
        at = 132 + 12 * index
        tag = bytes(data[at : at + 4])
        data[at : at + 4] = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(tag, tag)
    return bytes(data).replace("sRGB built-in".encode("utf-16-be"), "swap built-in".encode("utf-16-be"))
