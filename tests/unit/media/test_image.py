"""Pictures from outside: what is read, how it looks afterwards, and what is refused in which words."""

from __future__ import annotations

import os
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from stillmotion import errors
from stillmotion.media import image
from stillmotion.media.image import PIXEL_LIMIT, SIDE_ENOUGH_PX, read_picture, write_png
from unit.media.pictures import (
    animated,
    encoded,
    gradient,
    heic,
    jpeg,
    lab_profile,
    png_header,
    raw_photo,
    sixteen_bit_png,
    swapped_profile,
    turned_jpeg,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    assert one.dtype == np.uint8
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


GOOD = {
    "PNG": encoded(gradient(), "PNG"),
    "JPEG": jpeg(gradient()),
    "WebP": encoded(gradient(), "WEBP", lossless=True),
    "AVIF": encoded(gradient(), "AVIF", quality=95, subsampling="4:4:4"),
    "BMP": encoded(gradient(), "BMP"),
    "TIFF": encoded(gradient(), "TIFF", compression="tiff_lzw"),
    "TIFF of several pages": encoded(
        Image.fromarray(gradient()), "TIFF", save_all=True, append_images=[Image.new("RGB", (96, 64))]
    ),
    "MPO": encoded(
        Image.fromarray(gradient()), "MPO", quality=95, save_all=True, append_images=[Image.new("RGB", (96, 64))]
    ),
    "progressive JPEG": jpeg(gradient(), progressive=True),
    "JPEG with a wrong profile": jpeg(gradient(), icc_profile=lab_profile()),
    "JPEG with a broken profile": jpeg(gradient(), icc_profile=b"nonsense" * 40),
    "JPEG with broken EXIF": jpeg(gradient(), exif=b"Exif\0\0II*\0nonsense"),
    "16-bit PNG": sixteen_bit_png(gradient().astype(np.uint16) * 257),
    "opaque RGBA PNG": encoded(Image.fromarray(gradient()).convert("RGBA"), "PNG"),
    "CMYK TIFF": encoded(Image.fromarray(gradient()).convert("CMYK"), "TIFF"),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_read(name: str) -> None:
    """Each format and kind that we say we read gives the same picture."""
    assert _difference(read_picture(GOOD[name]), gradient()) < 2.5


def test_cmyk_jpeg() -> None:
    """A CMYK JPEG, as print shops send, comes out in its colours and not inverted."""
    data = encoded(Image.fromarray(gradient()).convert("CMYK"), "JPEG", quality=95)
    assert _difference(read_picture(data), gradient()) < 4


@pytest.mark.parametrize(
    "image",
    [
        Image.fromarray(gradient()).convert("L"),
        Image.fromarray(gradient()).convert("LA"),
        Image.fromarray(np.asarray(Image.fromarray(gradient()).convert("L")).astype(np.uint16) * 257),
        Image.fromarray(np.asarray(Image.fromarray(gradient()).convert("L")).astype(np.int32) * 257),
        Image.fromarray(np.asarray(Image.fromarray(gradient()).convert("L")).astype(np.float32) / 255),
        Image.fromarray(np.asarray(Image.fromarray(gradient()).convert("L")).astype(np.float32)),
    ],
    ids=["8 bit", "with alpha", "16 bit", "32 bit", "float 0..1", "float 0..255"],
)
def test_greys(image: Image.Image) -> None:
    """Grey pictures of every depth become the same grey RGB, neither clipped nor black."""
    grey = np.asarray(Image.fromarray(gradient()).convert("L"))
    assert _difference(read_picture(image), np.repeat(grey[..., np.newaxis], 3, axis=2)) < 1


def test_sixteen_bit_grey_png_keeps_its_range() -> None:
    """A 16-bit grey file is scaled, not clipped to white."""
    ramp = np.linspace(0, 65535, 96 * 64).reshape(64, 96).astype(np.uint16)
    picture = read_picture(sixteen_bit_png(ramp))
    assert _difference(picture[..., 0], (ramp / 257).astype(np.uint8)) < 1


def test_two_levels_and_palette() -> None:
    """Black-and-white and palette pictures, GIF among them, come out in their colours."""
    bars = np.repeat(np.tile([0, 255], 48)[np.newaxis].astype(np.uint8), 64, axis=0)
    assert _difference(read_picture(Image.fromarray(bars).convert("1"))[..., 0], bars) == 0
    palette = Image.fromarray(gradient()).quantize(64)
    for kind in ("GIF", "PNG"):
        assert _difference(read_picture(encoded(palette, kind)), np.asarray(palette.convert("RGB"))) == 0


def test_transparency_lies_on_white() -> None:
    """What is transparent is white, half transparent is half white: as on a page."""
    rgba = np.zeros((64, 96, 4), np.uint8)
    rgba[:, 48:, 3] = 255
    rgba[:, 40:48, 3] = 128
    picture = read_picture(encoded(rgba, "PNG"))
    assert (picture[:, :40] == 255).all()
    assert (picture[:, 48:] == 0).all()
    assert abs(int(picture[0, 44, 0]) - 127) <= 1


def test_transparent_palette() -> None:
    """A palette with a transparent entry, as GIFs have, lies on white too."""
    palette = Image.new("P", (96, 64), 1)
    palette.putpalette([255, 0, 0, 0, 255, 0])
    palette.paste(0, (0, 0, 48, 64))
    picture = read_picture(encoded(palette, "GIF", transparency=0))
    assert picture[0, 0].tolist() == [255, 255, 255]
    assert picture[0, 90].tolist() == [0, 255, 0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(orientation: int) -> None:
    """All eight EXIF orientations come out upright."""
    turns = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: np.transpose(a, (1, 0, 2)),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.transpose(np.rot90(a, 2), (1, 0, 2)),
        8: lambda a: np.rot90(a, -1),
    }
    stored = np.ascontiguousarray(turns[orientation](gradient()))
    assert _difference(read_picture(turned_jpeg(stored, orientation)), gradient()) < 2


def test_colour_profile_is_applied() -> None:
    """A profile that says that red is blue makes it blue: the numbers are not taken for sRGB."""
    red = np.zeros((64, 96, 3), np.uint8)
    red[..., 0] = 255
    picture = read_picture(encoded(red, "PNG", icc_profile=swapped_profile()))
    assert picture[0, 0, 2] > 240
    assert picture[0, 0, 0] < 15


def test_arrays() -> None:
    """Arrays are taken as sRGB: bytes as they are, floats from 0 to 1, grey and RGBA too."""
    picture = gradient()
    assert _difference(read_picture(picture), picture) == 0
    assert _difference(read_picture(picture / 255.0), picture) == 0
    assert _difference(read_picture(picture.astype(np.uint16) * 257), picture) == 0
    assert _difference(read_picture(picture[..., 0]), np.repeat(picture[..., :1], 3, axis=2)) == 0
    assert (read_picture(np.zeros((64, 64, 4), np.uint8)) == 255).all()


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((64, 64, 2), np.uint8),
        np.zeros((64,), np.uint8),
        np.zeros((4, 64, 64, 3), np.uint8),
        np.full((64, 64, 3), 2.0),
        np.full((64, 64, 3), np.nan),
        np.zeros((64, 64, 3), np.int64),
        np.zeros((0, 64, 3), np.uint8),
        np.zeros((64, 64, 3), dtype=object),
    ],
)
def test_arrays_that_are_no_pictures(array: np.ndarray) -> None:
    """Arrays of another shape, kind or range are refused, never guessed."""
    with pytest.raises(errors.ImageRefused):
        read_picture(array)


BAD = {
    "empty": (b"", errors.ImageBroken, "0 bytes"),
    "text": (b"hello " * 100, errors.ImageFormatRefused, "JPEG, PNG, WebP"),
    "HEIC": (heic(), errors.ImageFormatRefused, "HEIC.*JPEG.*iPhone"),
    "PDF": (b"%PDF-1.7" + bytes(99), errors.ImageFormatRefused, "PDF.*PNG"),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", errors.ImageFormatRefused, "SVG"),
    "MP4": (b"\0\0\0\x18ftypmp42" + bytes(99), errors.ImageFormatRefused, "MP4 video.*frame"),
    "Photoshop": (b"8BPS" + bytes(99), errors.ImageFormatRefused, "Photoshop"),
    "PPM, which Pillow could read": (
        b"P6 64 64 255\n" + bytes(64 * 64 * 3),
        errors.ImageFormatRefused,
        "not a picture",
    ),
    "camera raw": (raw_photo(), errors.ImageFormatRefused, "raw"),
    "truncated JPEG": (jpeg(gradient())[:-400], errors.ImageBroken, "cut off or damaged"),
    "truncated PNG": (encoded(gradient(), "PNG")[:-60], errors.ImageBroken, "cut off or damaged"),
    "PNG that goes on as junk": (encoded(gradient(), "PNG")[:60] + b"x" * 500, errors.ImageBroken, "damaged"),
    "truncated WebP": (encoded(gradient(), "WEBP")[:-40], errors.ImageBroken, "damaged"),
    "only the signature": (b"\x89PNG\r\n\x1a\n", errors.ImageBroken, "damaged"),
    "zero width": (png_header(0, 64), errors.ImageBroken, "damaged"),
    "too small": (encoded(gradient(63, 200), "PNG"), errors.ImageTooSmall, "63 x 200.*64"),
    "over the limit": (png_header(8001, 8000), errors.ImageTooLarge, "64.0 megapixels .8001 x 8000.*limit is 64"),
    "far over the limit": (png_header(12_000, 9_000), errors.ImageTooLarge, "108.0 megapixels.*limit is 64"),
    "a bomb": (png_header(60_000, 60_000), errors.ImageTooLarge, "3,600.0 megapixels.*limit is 64"),
    "animated GIF": (animated("GIF"), errors.ImageAnimated, "GIF.*2 frames"),
    "animated WebP": (animated("WEBP"), errors.ImageAnimated, "WEBP.*2 frames"),
    "animated PNG": (animated("PNG"), errors.ImageAnimated, "PNG.*2 frames"),
    "animated AVIF": (animated("AVIF"), errors.ImageAnimated, "AVIF.*2 frames"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_refused(name: str) -> None:
    """Each bad file gets the error of its kind, in words that name what is wrong and the limit or the way out."""
    data, kind, words = BAD[name]
    with pytest.raises(errors.ImageRefused, match=words) as caught:
        read_picture(data)
    assert type(caught.value) is kind


def test_limit_is_sixty_four_megapixels() -> None:
    """The number in the words is the number in the code."""
    assert PIXEL_LIMIT == 64_000_000


def test_paths(tmp_path: Path) -> None:
    """Text and Path both work, whatever the suffix says."""
    (tmp_path / "photo.txt").write_bytes(GOOD["PNG"])
    assert _difference(read_picture(tmp_path / "photo.txt"), gradient()) == 0
    assert _difference(read_picture(str(tmp_path / "photo.txt")), gradient()) == 0


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("absent.jpg", "No such file"),
        (".", "not an ordinary file"),
        ("a\0b", "cannot be opened"),
        ("https://example.org/a.jpg", "download"),
        ("x" * 5000, "cannot be opened"),
    ],
)
def test_unreadable_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str) -> None:
    """A path that leads nowhere is said with the reason."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(errors.ImageUnreadable, match=words):
        read_picture(name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are a POSIX thing")
def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    """A named pipe would block for ever; it is refused without being opened."""
    os.mkfifo(tmp_path / "pipe.jpg")
    with pytest.raises(errors.ImageUnreadable, match="not an ordinary file"):
        read_picture(tmp_path / "pipe.jpg")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_closed_file_is_said(tmp_path: Path) -> None:
    """No permission is said as such."""
    (tmp_path / "photo.png").write_bytes(GOOD["PNG"])
    (tmp_path / "photo.png").chmod(0)
    with pytest.raises(errors.ImageUnreadable, match="Permission denied"):
        read_picture(tmp_path / "photo.png")


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_large_photos_are_halved_while_they_are_read(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pixels that no film can show are dropped early; the picture stays the same and large enough."""
    monkeypatch.setattr(image, "SIDE_ENOUGH_PX", 960)
    small = gradient(480, 270)
    large = Image.fromarray(small).resize((1920, 1080), Image.Resampling.BICUBIC)
    picture = read_picture(encoded(large, kind))
    assert picture.shape == (540, 960, 3)
    back = np.asarray(Image.fromarray(picture).resize((480, 270), Image.Resampling.BOX))
    assert _difference(back, small) < 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_panorama_keeps_the_pixels_of_its_part(kind: str) -> None:
    """A film shows a part of a panorama, so its length alone is no reason to drop pixels."""
    panorama = Image.fromarray(gradient(480, 64)).resize((SIDE_ENOUGH_PX * 2, 1024), Image.Resampling.BICUBIC)
    assert read_picture(encoded(panorama, kind)).shape == (1024, SIDE_ENOUGH_PX * 2, 3)


def test_a_strip_is_refused() -> None:
    """A picture of hardly any lines for its length is no photo to film; the message says the limit."""
    with pytest.raises(errors.ImageShapeRefused, match="8 times"):
        read_picture(encoded(Image.fromarray(gradient(1200, 100)), "PNG"))


def test_a_picture_of_a_caller_is_left_alone() -> None:
    """A Pillow image and an array that were passed in are as they were, and still usable."""
    image, array = Image.fromarray(gradient()), gradient()
    read_picture(image)[:] = 0
    read_picture(array)[:] = 0
    assert np.array_equal(np.asarray(image), gradient())
    assert np.array_equal(array, gradient())


def test_write_png_is_read_back(tmp_path: Path) -> None:
    """What is written is exactly what is read, and nothing else lies beside it."""
    write_png(gradient(), tmp_path / "out.png")
    assert np.array_equal(read_picture(tmp_path / "out.png"), gradient())
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]


SEEDS = [
    jpeg(gradient(64, 64), exif=Image.Exif().tobytes(), icc_profile=lab_profile()),
    turned_jpeg(gradient(64, 64), 6),
    encoded(gradient(64, 64), "PNG"),
    encoded(gradient(64, 64), "WEBP"),
    encoded(gradient(64, 64), "AVIF"),
    encoded(gradient(64, 64), "TIFF"),
    encoded(gradient(64, 64), "TIFF", compression="tiff_deflate"),
    encoded(gradient(64, 64), "BMP"),
    encoded(Image.fromarray(gradient(64, 64)).quantize(16), "GIF"),
    animated("GIF"),
    sixteen_bit_png(np.full((64, 64), 4000, np.uint16)),
    encoded(Image.fromarray(gradient(64, 64)).convert("CMYK"), "JPEG"),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file with some bytes changed, mostly near its beginning, and perhaps cut, doubled or joined with another."""
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 12))):
        near = draw(st.booleans())
        data[draw(st.integers(0, min(len(data) - 1, 200 if near else len(data) - 1)))] = draw(st.integers(0, 255))
    start = draw(st.integers(0, len(data)))
    match draw(st.sampled_from(["keep", "cut", "double", "join"])):
        case "cut":
            del data[start:]
        case "double":
            data[start:start] = data[: draw(st.integers(0, 300))]
        case "join":
            data[start:] = draw(st.sampled_from(SEEDS))
    return bytes(data)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(damaged())
def test_damaged_bytes_give_a_picture_or_our_error(data: bytes) -> None:
    """Whatever the bytes are, the answer is an array of the promised shape or one of our refusals, nothing else."""
    try:
        picture = read_picture(data)
    except errors.InputRefused:
        return
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[2] == 3


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_random_bytes_are_refused(data: bytes) -> None:
    """Noise is never a picture and never a crash."""
    with pytest.raises(errors.ImageRefused):
        read_picture(data)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_an_animated_pillow_image_is_refused(kind: str) -> None:
    """An opened animation is refused as its bytes are; a copy of one frame is a picture."""
    with Image.open(BytesIO(animated(kind))) as image:
        with pytest.raises(errors.ImageAnimated):
            read_picture(image)
        assert read_picture(image.copy()).shape[2] == 3


@pytest.mark.parametrize("wrap", [bytearray, memoryview, BytesIO])
def test_bytes_in_other_wrappings(wrap: Callable[[bytes], Any]) -> None:
    """What holds the bytes of a file is as good as the bytes."""
    source = wrap(GOOD["PNG"])
    if isinstance(source, BytesIO):
        source.seek(20)
    assert np.array_equal(read_picture(source), read_picture(GOOD["PNG"]))


def test_a_closed_stream_is_refused() -> None:
    """A BytesIO that cannot be used any more gives our error."""
    stream = BytesIO(GOOD["PNG"])
    stream.close()
    with pytest.raises(errors.ImageUnreadable):
        read_picture(stream)


@pytest.mark.parametrize("source", [None, 7, 2.5, ["a.jpg"], object()])
def test_what_is_no_picture_at_all_is_refused(source: Any) -> None:
    """An object of any other type gives our error, which names the type."""
    with pytest.raises(errors.ImageRefused, match=type(source).__name__):
        read_picture(source)


def test_a_closed_pillow_image_is_refused() -> None:
    """Even an image object that cannot be used any more gives our error."""
    image = Image.open(BytesIO(GOOD["PNG"]))
    image.close()
    with pytest.raises(errors.ImageBroken):
        read_picture(image)
