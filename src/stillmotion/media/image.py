"""Pictures from outside: untrusted bytes in, an sRGB array out. The only place that knows Pillow.

Whatever the bytes are, the answer is an array or one of our own errors. The size is checked from the header before a
pixel is decoded.
"""

from __future__ import annotations

import os
import re
import stat
import warnings
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageCms, UnidentifiedImageError

from stillmotion.errors import (
    ImageAnimated,
    ImageBroken,
    ImageFormatRefused,
    ImageRefused,
    ImageShapeRefused,
    ImageTooLarge,
    ImageTooSmall,
    ImageUnreadable,
    StillmotionError,
)
from stillmotion.media.formats import HEAD_BYTES, format_name, refusal
from stillmotion.media.output import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

PictureBytes = bytes | bytearray | memoryview | BytesIO
PictureSource = str | os.PathLike[str] | PictureBytes | Image.Image | np.ndarray[Any, Any]

FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "TIFF", "BMP", "GIF")
"""Multi-picture JPEG (MPO), as phones write it, comes under JPEG."""
READABLE = "JPEG, PNG, WebP, AVIF, TIFF, BMP and still GIF"
PIXEL_LIMIT = 64_000_000
SIDE_MIN_PX = 64
SIDE_ENOUGH_PX = 3840
"""More than this on the long side of the largest 16:9 part is thrown away while decoding, where the format allows: no
film is larger."""
ASPECT_LIMIT = 8.0
"""A longer strip than this has too few lines for a film."""
_FILM_ASPECT = 16 / 9

_SEQUENCES = ("GIF", "PNG", "WEBP", "AVIF")
_ORIENTATION_TAG = 0x0112
_SUBFILE_TAG = 254
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_picture(source: PictureSource) -> NDArray[np.uint8]:
    """A picture as sRGB, upright, shape (height, width, 3).

    Colour profiles are converted, transparency lies on white, 16-bit and CMYK become 8-bit RGB. Pictures much larger
    than a film needs are halved while they are decoded.

    Args:
        source: a path, the bytes of a file (also in a BytesIO), a Pillow image, or an array of shape
            (h, w), (h, w, 3) or (h, w, 4).

    Raises:
        ImageRefused: or one of its kinds; never anything else for any bytes.
    """
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _guarded(lambda: _still(source), b"")
    if isinstance(source, PictureBytes):
        return _from_file(BytesIO(_bytes(source)), "The picture")
    with _opened(source) as file:
        return _from_file(file, f"{os.fspath(source)}")


def write_png(picture: NDArray[np.uint8], path: str | Path) -> None:
    """Write an sRGB array as PNG; whole or not at all.

    Raises:
        OutputUnwritable: the folder does not exist or cannot be written.
        DiskFull: the disk filled up.
    """
    with whole_file(Path(path)) as part:
        Image.fromarray(picture).save(part, format="PNG")


def _bytes(source: PictureBytes) -> bytes:
    """All of it, wherever a BytesIO stands."""
    try:
        return source.getvalue() if isinstance(source, BytesIO) else bytes(source)
    except ValueError as error:
        message = f"The picture cannot be read: {error}"
        raise ImageUnreadable(message) from error


def _opened(source: object) -> IO[bytes]:
    """An ordinary file, open for reading. Pipes and devices are refused: they may never end."""
    if not isinstance(source, str | os.PathLike):
        message = f"A picture cannot be read from {type(source).__name__}; give a path, bytes, an array or an image."
        raise ImageRefused(message)
    name = os.fsdecode(source)
    if "://" in name:
        message = f"{name} is an address; download the picture and give the file."
        raise ImageUnreadable(message)
    try:
        if not stat.S_ISREG(Path(name).stat().st_mode):
            message = f"{name} is not an ordinary file; give the path of a picture."
            raise ImageUnreadable(message)
        return Path(name).open("rb")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{name} cannot be opened: {reason}. Check the path and its permissions."
        raise ImageUnreadable(message) from error


def _from_file(file: IO[bytes], name: str) -> NDArray[np.uint8]:
    try:
        head = file.read(HEAD_BYTES)
        file.seek(0)
    except OSError as error:
        message = f"{name} cannot be read: {error.strerror or error}."
        raise ImageUnreadable(message) from error
    if not head:
        message = f"{name} is empty (0 bytes)."
        raise ImageBroken(message)
    return _guarded(lambda: _decoded(file), head)


def _guarded(decode: Callable[[], NDArray[np.uint8]], head: bytes) -> NDArray[np.uint8]:
    """Run a decoder; whatever it raises becomes one of our errors. Its warnings about small faults are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture: NDArray[np.uint8] = decode()
        except StillmotionError:
            raise
        except UnidentifiedImageError as error:
            raise _unidentified(head) from error
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise _too_large(_pixel_count(str(error))) from error
        except MemoryError as error:
            message = "There is not enough memory to decode the picture; scale it down."
            raise ImageTooLarge(message) from error
        except Exception as error:  # damaged bytes make decoders raise anything
            message = f"The picture is cut off or damaged ({_short(error)}); export it again."
            raise ImageBroken(message) from error
    return picture


def _unidentified(head: bytes) -> ImageRefused:
    """Bytes that no decoder took: damaged when they begin like a format that we read, foreign otherwise."""
    name = format_name(head)
    if name and name.upper() in FORMATS:
        return ImageBroken(f"The file begins like {name}, but its header is damaged; export it again.")
    return ImageFormatRefused(refusal(head, READABLE))


def _short(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text[:120] or type(error).__name__


def _pixel_count(text: str) -> int:
    """The count in Pillow's own message about decompression bombs."""
    found = re.search(r"\((\d+) pixels\)", text)
    return int(found.group(1)) if found else 2 * PIXEL_LIMIT


def _too_large(pixels: int, size_px: tuple[int, int] | None = None) -> ImageTooLarge:
    sides = f" ({size_px[0]} x {size_px[1]})" if size_px else ""
    return ImageTooLarge(
        f"The picture has {pixels / 1e6:,.1f} megapixels{sides}; the limit is {PIXEL_LIMIT / 1e6:.0f}. Scale it down."
    )


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        message = f"The picture says that it is {width} x {height} pixels; it is damaged."
        raise ImageBroken(message)
    if width * height > PIXEL_LIMIT:
        raise _too_large(width * height, (width, height))
    if min(width, height) < SIDE_MIN_PX:
        message = f"The picture is {width} x {height} pixels; give at least {SIDE_MIN_PX} x {SIDE_MIN_PX}."
        raise ImageTooSmall(message)
    if max(width, height) > ASPECT_LIMIT * min(width, height):
        message = (
            f"The picture is {width} x {height} pixels, a strip; one side may be {ASPECT_LIMIT:g} times the other at "
            "most. Cut out the part that the film should show."
        )
        raise ImageShapeRefused(message)


def _filmed_side(size: tuple[int, int]) -> float:
    """The long side of the largest part with a film's shape: of a panorama, a film shows only a part."""
    return min(max(size), min(size) * _FILM_ASPECT)


def _decoded(file: IO[bytes]) -> NDArray[np.uint8]:
    _refuse_broken_chunks(file)
    with Image.open(file, formats=FORMATS) as image:
        _check_size(*image.size)
        _refuse_animated(image)
        _refuse_raw(image)
        _draft(image)
        return _pixels(image)


def _refuse_broken_chunks(file: IO[bytes]) -> None:
    """A PNG whose chunks break off would be read as black from there on: its decoder only stops."""
    with Image.open(file, formats=FORMATS) as image:
        _check_size(*image.size)
        if image.format == "PNG":
            image.verify()
    file.seek(0)


def _still(image: Image.Image) -> NDArray[np.uint8]:
    """A Pillow image of the caller; it is refused as the file that it came from would be."""
    _refuse_animated(image)
    _refuse_raw(image)
    return _pixels(image)


def _refuse_animated(image: Image.Image) -> None:
    if image.format in _SEQUENCES and getattr(image, "is_animated", False):
        frames = getattr(image, "n_frames", 2)
        message = f"The {image.format} is animated ({frames} frames); give a single frame."
        raise ImageAnimated(message)


def _refuse_raw(image: Image.Image) -> None:
    """Camera raw files are TIFF files whose first page is a thumbnail: animating that would be a bad surprise."""
    tags = getattr(image, "tag_v2", None)
    if tags is not None and isinstance(tags.get(_SUBFILE_TAG), int) and tags[_SUBFILE_TAG] & 1:
        message = "This is a camera raw file, of which only a thumbnail could be read. Export it as JPEG."
        raise ImageFormatRefused(message)


def _draft(image: Image.Image) -> None:
    """Let the JPEG decoder skip detail that no film shows; it never goes below SIDE_ENOUGH_PX."""
    scale = SIDE_ENOUGH_PX / _filmed_side(image.size)
    if scale < 1:
        image.draft(None, (round(image.width * scale), round(image.height * scale)))


def _pixels(image: Image.Image) -> NDArray[np.uint8]:
    _check_size(*image.size)
    turn = _TURNS.get(_orientation(image))
    colour = _srgb(image)
    if turn is not None:
        colour = colour.transpose(turn)
    return np.array(colour, dtype=np.uint8)


def _orientation(image: Image.Image) -> int:
    """EXIF orientation 1..8; damaged EXIF means upright."""
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:  # noqa: BLE001  # a broken tag must not cost the picture
        return 1
    return value if isinstance(value, int) else 1


def _srgb(image: Image.Image) -> Image.Image:
    """Any mode as RGB in sRGB, transparency on white."""
    image.load()
    profile = image.info.get("icc_profile")
    if image.mode.startswith(("I", "F")):
        image = _eight_bit(image)
    if image.has_transparency_data:
        return _on_white(_smaller(_plain(image, "RGBA")), profile)
    if image.mode not in ("L", "RGB", "CMYK"):
        image = _plain(image, "RGB")
    return _with_profile(_smaller(image), profile)


def _smaller(image: Image.Image) -> Image.Image:
    """A whole fraction of the picture that is still large enough; other work then needs less memory."""
    factor = int(_filmed_side(image.size) // SIDE_ENOUGH_PX)
    return image.reduce(factor) if factor > 1 and min(image.size) // factor >= SIDE_MIN_PX else image


def _plain(image: Image.Image, mode: str) -> Image.Image:
    try:
        return image if image.mode == mode else image.convert(mode)
    except ValueError as error:
        message = f"Pictures in the colour mode {image.mode} are not read; save it as RGB."
        raise ImageFormatRefused(message) from error


def _eight_bit(image: Image.Image) -> Image.Image:
    """Greys of 16 and 32 bits as 8 bits. Integer files hold 16-bit values; floats are 0..1, or 0..255 when larger."""
    values = np.asarray(image).astype(np.float32)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    if image.mode.startswith("I"):
        values = values / 257.0
    elif values.max() <= 1.0:
        values = values * 255.0
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def _on_white(image: Image.Image, profile: bytes | None) -> Image.Image:
    colour = _with_profile(image.convert("RGB"), profile)
    white = Image.new("RGB", image.size, "white")
    return Image.composite(colour, white, image.getchannel("A"))


def _with_profile(image: Image.Image, profile: bytes | None) -> Image.Image:
    """From the embedded profile to sRGB; a profile that is damaged or does not fit is left out, as viewers do."""
    if not profile:
        return image.convert("RGB")
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if image.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
            return image
        converted = ImageCms.profileToProfile(
            image,
            source,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image.convert("RGB")
    return converted if converted is not None else image.convert("RGB")


def _from_array(array: NDArray[Any]) -> NDArray[np.uint8]:
    shape_px = (array.shape[1], array.shape[0]) if array.ndim in (2, 3) else None
    if shape_px is None or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        message = f"An array of shape {array.shape} is not a picture; give (height, width, 3) with sRGB values."
        raise ImageRefused(message)
    _check_size(*shape_px)
    values = _byte_values(array)
    if values.ndim == 2:
        values = values[..., np.newaxis]
    if values.shape[2] == 1:
        values = np.repeat(values, 3, axis=2)
    return _guarded(lambda: _pixels(Image.fromarray(np.ascontiguousarray(values))), b"")


def _byte_values(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.uint16:
        return np.rint(array / 257.0).astype(np.uint8)
    if np.issubdtype(array.dtype, np.floating) and array.size and 0.0 <= np.min(array) <= np.max(array) <= 1.0:
        return np.rint(array * 255.0).astype(np.uint8)
    message = f"An array of {array.dtype} is not a picture; give uint8, or floats from 0 to 1."
    raise ImageRefused(message)
