"""A sheet that shows a person what the engine saw: the marked photo, every layer, the depth, and what is in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.scene.features import Floats, Picture
    from stillmotion.diorama.scene.records import Layer, Scene

_CELL = 560
_LINE = 22
_MARGIN = 14
_PAPER, _INK, _QUIET = (250, 250, 248), (25, 25, 30), (105, 105, 110)
_HORIZON, _THING, _FACE, _LOOK = (255, 70, 60), (60, 140, 255), (60, 220, 120), (255, 200, 40)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_SIZE = 0.52
_CHECK = 12
_NEAREST = 1.5
_LETTERS = 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cell:
    image: Picture
    lines: tuple[str, ...]


def picture(scene: Scene) -> Picture:
    """The sheet as sRGB, shape (height, width, 3)."""
    cells = [
        _Cell(image=_marked(scene), lines=_facts(scene)),
        _Cell(image=_depth_picture(scene), lines=("depth: red is near, blue is far", *_doubts(scene))),
        *(_Cell(image=_on_checks(scene, layer), lines=_about(scene, layer)) for layer in scene.layers),
    ]
    across = min(3, len(cells))
    rows = [cells[start : start + across] for start in range(0, len(cells), across)]
    return np.vstack([_row(row, across) for row in rows])


def _row(cells: list[_Cell], across: int) -> Picture:
    height = max(cell.image.shape[0] + _LINE * len(cell.lines) for cell in cells) + 3 * _MARGIN
    sheet = np.full((height, across * (_CELL + _MARGIN) + _MARGIN, 3), _PAPER, np.uint8)
    for number, cell in enumerate(cells):
        left = _MARGIN + number * (_CELL + _MARGIN)
        tall, wide = cell.image.shape[:2]
        sheet[_MARGIN : _MARGIN + tall, left : left + wide] = cell.image
        for line, text in enumerate(cell.lines):
            colour = _INK if line == 0 else _QUIET
            place = (left, _MARGIN + tall + _LINE * (line + 1))
            cv2.putText(sheet, text, place, _FONT, _SIZE, colour, 1, cv2.LINE_AA)
    return sheet


def _scaled(image: Picture) -> Picture:
    height, width = image.shape[:2]
    size = (_CELL, max(1, round(height * _CELL / width)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _marked(scene: Scene) -> Picture:
    image = _scaled(scene.photo)
    height, width = image.shape[:2]
    for thing in scene.objects:
        _frame(image, thing.box, f"{thing.label} {thing.score:.2f}", _THING)
    for face in scene.faces:
        _frame(image, face.box, f"face {face.score:.2f}", _FACE)
        for x, y in face.landmarks[:, :2] * (width, height):
            cv2.circle(image, (round(float(x)), round(float(y))), 1, _FACE, -1)
    if scene.horizon_y is not None:
        row = round(scene.horizon_y * height)
        cv2.line(image, (0, row), (width, row), _HORIZON, 2, cv2.LINE_AA)
    centre = round(scene.salience[0] * width), round(scene.salience[1] * height)
    cv2.drawMarker(image, centre, _LOOK, cv2.MARKER_CROSS, 22, 2, cv2.LINE_AA)
    return image


def _frame(image: Picture, box: Box, text: str, colour: tuple[int, int, int]) -> None:
    height, width = image.shape[:2]
    first = round(box.x0 * width), round(box.y0 * height)
    last = round(box.x1 * width), round(box.y1 * height)
    cv2.rectangle(image, first, last, colour, 2, cv2.LINE_AA)
    place = (first[0] + 4, max(first[1] + 18, 18))
    cv2.putText(image, text, place, _FONT, _SIZE, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(image, text, place, _FONT, _SIZE, colour, 1, cv2.LINE_AA)


def _facts(scene: Scene) -> tuple[str, ...]:
    width, height = scene.size_px
    flags = [
        word for word, on in (("outdoors", scene.outdoors), ("night", scene.night), ("blurred", scene.bokeh)) if on
    ]
    horizon = "no horizon" if scene.horizon_y is None else f"horizon at {scene.horizon_y:.3f} of the height (red line)"
    words = ", ".join(f"{word} {score:.2f}" for word, score in scene.tags[:3]) or "nothing certain"
    return (
        f"{width} x {height}, {len(scene.layers)} layers, far to near",
        f"{horizon}; people look at the yellow cross",
        f"looks like: {words}"[:_LETTERS],
        ", ".join(flags) or "indoors or unclear, daylight",
    )


def _doubts(scene: Scene) -> tuple[str, ...]:
    if scene.trusted:
        return ("no gate: the camera may travel freely",)
    lines: list[str] = []
    for gate in scene.gates:
        lines.extend(_wrapped(f"{gate.code} ({gate.measured:.2f}, limit {gate.limit:.2f}): {gate.words}"))
    return tuple(lines)


def _wrapped(text: str) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= _LETTERS:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _about(scene: Scene, layer: Layer) -> tuple[str, ...]:
    nearness = _nearness(scene, layer)
    alpha = layer.rgba[..., 3].astype(np.float32)
    mean = float((nearness * alpha).sum() / max(float(alpha.sum()), 1.0))
    stands = "" if layer.contact_y is None else f", stands at {layer.contact_y:.2f}"
    form = "relief" if layer.relief is not None else "plane"
    return (
        f"{layer.name}: {layer.label} ({layer.surface.value})",
        f"{form}, mean nearness {mean:.2f} (subject 1, infinity 0){stands}",
        f"confidence {layer.confidence:.2f}",
    )


def _nearness(scene: Scene, layer: Layer) -> Floats:
    """Inverse depth of each pixel of the layer's box."""
    height, width = layer.rgba.shape[:2]
    x = ((np.arange(width, dtype=np.float32) + 0.5 + layer.left_px) / scene.size_px[0])[None]
    y = ((np.arange(height, dtype=np.float32) + 0.5 + layer.top_px) / scene.size_px[1])[:, None]
    flat = layer.plane.per_x * x + layer.plane.per_y * y + layer.plane.constant
    if layer.relief is None:
        return np.asarray(flat + np.zeros((height, width)), np.float32)
    bump = cv2.resize(layer.relief, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(flat + bump, np.float32)


def _depth_picture(scene: Scene) -> Picture:
    width, height = scene.size_px
    depth = np.zeros((height, width), np.float32)
    for layer in scene.layers:
        tall, wide = layer.rgba.shape[:2]
        box = (slice(layer.top_px, layer.top_px + tall), slice(layer.left_px, layer.left_px + wide))
        alpha = layer.rgba[..., 3].astype(np.float32) / np.float32(255)
        depth[box] += alpha * (_nearness(scene, layer) - depth[box])
    levels = np.clip(depth / _NEAREST * 255, 0, 255).astype(np.uint8)
    coloured = cv2.cvtColor(cv2.applyColorMap(_scaled(levels), cv2.COLORMAP_TURBO), cv2.COLOR_BGR2RGB)
    return np.asarray(coloured, np.uint8)


def _on_checks(scene: Scene, layer: Layer) -> Picture:
    width, height = scene.size_px
    whole = np.zeros((height, width, 4), np.uint8)
    tall, wide = layer.rgba.shape[:2]
    whole[layer.top_px : layer.top_px + tall, layer.left_px : layer.left_px + wide] = layer.rgba
    small = _scaled(whole).astype(np.float32)
    rows, columns = np.mgrid[0 : small.shape[0], 0 : small.shape[1]] // _CHECK
    checks = np.where((rows + columns) % 2, 205, 150)[..., None]
    return np.asarray(small[..., :3] + checks * (1 - small[..., 3:] / 255) + 0.5, np.uint8)
