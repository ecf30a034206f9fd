"""Scenes kept on disk by the content of their photo: the second shot from the same photo starts at once.

One file a scene: a magic word, the length and checksum of what follows, a JSON description, then the arrays one after
the other, uncompressed. Written beside its place and renamed, so that nobody ever reads half a file; what does not
check out is made again.
"""

from __future__ import annotations

import contextlib
import json
import os
import struct
import tempfile
import time
import zlib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.perception.weights import identity
from stillmotion.diorama.scene.analyse import analyse, fingerprint
from stillmotion.diorama.scene.records import Face, Gate, Layer, Scene, SceneObject, Surface
from stillmotion.progress import Progress, Stage, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from stillmotion.diorama.scene.features import Picture

Record = TypeVar("Record")

VERSION = 8
"""Raise it when scenes change: in form, or because the analysis became better."""
LIMIT_BYTES = 2_000_000_000
_MAGIC = b"stillmotion scene\n"
_HEAD = struct.Struct("<QQI")
"""Length of the JSON, length of the arrays, CRC-32 of both."""
SUFFIX, _PART = ".scene", ".part"
_ABANDONED_S = 3600.0
"""Nobody writes one scene for an hour."""
_ALIGNMENT = 64

Array = NDArray[Any]


def cached(photo: Picture, cache_dir: Path, progress: Progress = ignore_progress) -> Scene:
    """The scene of a photo, from the cache when it was analysed before.

    Args:
        photo: sRGB, shape (height, width, 3).
        cache_dir: a folder of our own; made when absent. What was used longest ago is dropped beyond `LIMIT_BYTES`.
        progress: as in `analyse`.
    """
    path = cache_dir / f"{fingerprint(photo)}-{VERSION}-{identity()}{SUFFIX}"
    scene = load(path)
    if scene is not None:
        progress(Stage.ANALYSE, 1.0)
        return scene
    scene = analyse(photo, progress)
    keep(scene, path)
    return scene


def keep(record: object, path: Path) -> None:
    """Write what may be kept, if there is room: a full disk costs the next shot some seconds, not this one its life."""
    with contextlib.suppress(OSError):
        save(record, path)
        evict(path.parent, LIMIT_BYTES)


def save(record: object, path: Path) -> None:
    """Write a scene, or another record of arrays and plain values; the file appears whole or not at all.

    Raises:
        OSError: there is no room, or no permission.
    """
    arrays: list[Array] = []
    text = json.dumps(_plain(record, arrays)).encode()
    text += b" " * (-(len(_MAGIC) + _HEAD.size + len(text)) % _ALIGNMENT)
    path.parent.mkdir(parents=True, exist_ok=True)
    parts = [text, *(np.ascontiguousarray(array).tobytes() + bytes(_padding(array)) for array in arrays)]
    check = 0
    for part in parts:
        check = zlib.crc32(part, check)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=_PART)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_MAGIC + _HEAD.pack(len(text), sum(map(len, parts[1:])), check))
            file.writelines(parts)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def load(path: Path) -> Scene | None:
    """Read a scene; None when there is none or when it does not check out."""
    return load_record(path, _scene)


def load_record(path: Path, build: Callable[[dict[str, Any]], Record]) -> Record | None:
    """Read what `save` wrote and note that it was used; None when there is none or when it does not check out."""
    try:
        content = bytearray(path.stat().st_size)
        with path.open("rb") as file:
            file.readinto(content)
        record = build(_described(content))
    except (OSError, ValueError, KeyError, TypeError, RecursionError, struct.error):
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return record


def evict(folder: Path, limit_bytes: int) -> None:
    """Drop the scenes that were used longest ago until the rest fits, and what a killed process left half-written."""
    for path in folder.glob(f"*{_PART}"):
        if time.time() - path.stat().st_mtime > _ABANDONED_S:
            path.unlink(missing_ok=True)
    found = sorted(((path.stat().st_mtime, path) for path in folder.glob(f"*{SUFFIX}")), reverse=True)
    total = 0
    for _, path in found:
        total += path.stat().st_size
        if total > limit_bytes:
            path.unlink(missing_ok=True)


def _padding(array: Array) -> int:
    return -array.nbytes % _ALIGNMENT


def _plain(value: object, arrays: list[Array]) -> object:
    """A record as JSON values; its arrays are put aside and named by number."""
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"array": len(arrays) - 1, "shape": list(value.shape), "type": value.dtype.str}
    if isinstance(value, tuple):
        return [_plain(one, arrays) for one in value]
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name), arrays) for field in fields(value)}
    return value.item() if isinstance(value, np.generic) else value


def _described(content: bytearray) -> Any:  # noqa: ANN401 - JSON
    start = len(_MAGIC) + _HEAD.size
    text_length, array_length, check = _HEAD.unpack_from(content, len(_MAGIC))
    body = memoryview(content)[start:]
    if not content.startswith(_MAGIC) or len(body) != text_length + array_length or zlib.crc32(body) != check:
        message = "not a whole scene file"
        raise ValueError(message)
    described = json.loads(bytes(body[:text_length]))
    return _with_arrays(described, content, [start + text_length])


def _with_arrays(value: Any, content: bytearray, place: list[int]) -> Any:  # noqa: ANN401 - JSON
    """Arrays put back, in the order in which they were put aside; `place` is where the next one starts."""
    if isinstance(value, list):
        return [_with_arrays(one, content, place) for one in value]
    if not isinstance(value, dict):
        return value
    if "array" not in value:
        return {key: _with_arrays(one, content, place) for key, one in value.items()}
    kind, shape = np.dtype(value["type"]), tuple(value["shape"])
    array = np.frombuffer(content, kind, int(np.prod(shape)), place[0]).reshape(shape)
    place[0] += array.nbytes + _padding(array)
    return array


def _scene(value: dict[str, Any]) -> Scene:
    value["layers"] = tuple(read_layer(one) for one in value["layers"])
    value["objects"] = tuple(SceneObject(**{**one, "box": Box(**one["box"])}) for one in value["objects"])
    value["faces"] = tuple(Face(**{**one, "box": Box(**one["box"])}) for one in value["faces"])
    value["gates"] = tuple(Gate(**one) for one in value["gates"])
    value["tags"] = tuple((word, score) for word, score in value["tags"])
    value["salience"] = tuple(value["salience"])
    return Scene(**value)


def read_layer(value: dict[str, Any]) -> Layer:
    """A layer from its fields."""
    return Layer(**{**value, "surface": Surface(value["surface"]), "plane": Plane(**value["plane"])})
