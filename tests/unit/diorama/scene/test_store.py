"""Scenes on disk: whole, bounded, and made again when they do not check out."""

from __future__ import annotations

import os
import time
import zlib
from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.scene import store
from stillmotion.diorama.scene.records import Face, Gate, Layer, Scene, SceneObject, Surface

if TYPE_CHECKING:
    from pathlib import Path

PHOTO = np.arange(64 * 96 * 3, dtype=np.uint8).reshape(64, 96, 3)


def small_scene() -> Scene:
    """A scene that uses every kind of value."""
    layer = Layer(
        name="picture",
        surface=Surface.BACKDROP,
        label="picture",
        rgba=np.dstack([PHOTO, np.full((64, 96), 255, np.uint8)]),
        left_px=0,
        top_px=0,
        plane=Plane(per_y=0.15, constant=0.85),
        relief=np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4),
    )
    box = Box(x0=0.1, y0=0.2, x1=0.3, y1=0.4)
    return Scene(
        photo_sha256="x",
        photo=PHOTO,
        layers=(layer,),
        horizon_y=None,
        focal=1.0,
        objects=(SceneObject(label="cat", score=0.9, box=box, layer="picture"),),
        faces=(Face(box=box, landmarks=np.ones((478, 3), np.float32), score=0.8, layer="picture"),),
        gates=(Gate(code="thin-edges", measured=0.5, limit=0.35, words="Thin."),),
        tags=(("tabby", 0.5),),
    )


def test_a_scene_comes_back_as_it_was(tmp_path: Path) -> None:
    """Arrays, boxes, faces, gates and tags survive, and arrays can be written to."""
    scene = small_scene()
    store.save(scene, tmp_path / "a.scene")
    read = store.load(tmp_path / "a.scene")
    assert read is not None
    assert np.array_equal(read.layers[0].rgba, scene.layers[0].rgba)
    assert np.array_equal(np.asarray(read.layers[0].relief), np.asarray(scene.layers[0].relief))
    assert np.array_equal(read.faces[0].landmarks, scene.faces[0].landmarks)
    assert (read.objects, read.gates, read.tags) == (scene.objects, scene.gates, scene.tags)
    assert (read.layers[0].surface, read.layers[0].plane) == (Surface.BACKDROP, scene.layers[0].plane)
    assert read.photo.flags.writeable


@pytest.mark.parametrize("harm", ["cut", "flip", "empty", "foreign"])
def test_a_broken_file_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    """A file that was cut, changed or is something else is never believed; the scene is made anew and kept."""
    made = []
    monkeypatch.setattr(store, "analyse", lambda *_: made.append(1) or small_scene())
    store.cached(PHOTO, tmp_path)
    (path,) = tmp_path.glob("*.scene")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes({"cut": content[:-7], "flip": content, "empty": b"", "foreign": b"{}" * 500}[harm])
    store.cached(PHOTO, tmp_path)
    assert len(made) == 2
    store.cached(PHOTO, tmp_path)
    assert len(made) == 2


def test_another_version_is_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A better analysis does not read the scenes of an older one."""
    made = []
    monkeypatch.setattr(store, "analyse", lambda *_: made.append(1) or small_scene())
    store.cached(PHOTO, tmp_path)
    monkeypatch.setattr(store, "VERSION", store.VERSION + 1)
    store.cached(PHOTO, tmp_path)
    assert len(made) == 2


def test_other_networks_make_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scene that other networks saw, for example a finer depth, is not taken for this one's."""
    made = []
    monkeypatch.setattr(store, "analyse", lambda *_: made.append(1) or small_scene())
    store.cached(PHOTO, tmp_path)
    monkeypatch.setattr(store, "identity", lambda: "finer-0123456789ab")
    store.cached(PHOTO, tmp_path)
    assert len(made) == 2


def test_a_full_disk_costs_the_cache_not_the_scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the scene cannot be kept it is returned all the same, and no half file stays."""

    def full(*_: object) -> None:
        message = "no space left"
        raise OSError(message)

    monkeypatch.setattr(store, "analyse", lambda *_: small_scene())
    monkeypatch.setattr(store.Path, "replace", full)
    assert store.cached(PHOTO, tmp_path).photo_sha256 == "x"
    assert list(tmp_path.iterdir()) == []


def test_the_scene_used_longest_ago_goes_first(tmp_path: Path) -> None:
    """Beyond the limit the oldest files are dropped and the newest stay."""
    for age, name in enumerate(("new", "middle", "old")):
        path = tmp_path / f"{name}.scene"
        path.write_bytes(bytes(100))
        os.utime(path, (1e9 - age, 1e9 - age))
    store.evict(tmp_path, 250)
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["middle", "new"]


def test_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    """A half-written file that nobody touched for hours goes; one that is being written stays."""
    for name, age_s in (("dead", 7200), ("alive", 0)):
        path = tmp_path / f"{name}.part"
        path.write_bytes(b"half")
        then = time.time() - age_s
        os.utime(path, (then, then))
    store.evict(tmp_path, 250)
    assert [path.stem for path in tmp_path.iterdir()] == ["alive"]


def test_a_bottomless_description_is_no_scene(tmp_path: Path) -> None:
    """A file whose checksum is right and whose description nests without end is not a scene, and no crash."""
    text = b"[" * 200_000
    path = tmp_path / "deep.scene"
    path.write_bytes(store._MAGIC + store._HEAD.pack(len(text), 0, zlib.crc32(text)) + text)
    assert store.load(path) is None
