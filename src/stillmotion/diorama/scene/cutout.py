"""A part of a photo as a layer of its own, because a shot moves it: a spoon on its saucer, one of two balls.

What is cut out lies right in front of the layer that it was part of, and the hole behind it is filled once, there.
Found outlines and fills are kept beside the scenes. Nothing here reads a prompt: boxes and points are data.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.geometry import Box, Plane
from stillmotion.diorama.scene import outline, store
from stillmotion.diorama.scene.features import LONG_SIDE, Floats, Mask, Picture, components, grow, shrink
from stillmotion.diorama.scene.fill import fill, spread
from stillmotion.diorama.scene.matte import Reach, Trimap, alpha_matte, part
from stillmotion.diorama.scene.naming import Name, name_part
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.scene.segments import agreement
from stillmotion.diorama.scene.window import in_window, pasted, rounded, shown_shares, stacked, with_background
from stillmotion.errors import ShotInvalid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stillmotion.diorama.scene.outline import Outline

Want = Box | tuple[float, float]
"""What names a thing in the photo: its box, or a point on it."""

VERSION = 4
"""Raise it when cut-outs become better."""
NAME = "cutout"
_SAME = 0.8
"""Intersection over union beyond which a layer is what is wanted."""
_FILLS_BOX = 0.5
_SOLID, _TRACE = 128, 0.02
_HOME = 0.15
"""Share of a thing that a layer shows at least to be the one that it is cut from."""
_TOUCHED = 0.004
_REFERENCE = 1280
_HALO, _LEAST_HALO = 6.0, 3.5
"""How far sharpening and compression carry an outline into its surroundings, in pixels of a photo that wide."""
_CRISP = 0.5
"""Share of the halo in which the background of a textured place is the fill."""
_MATTED_SIDE = 900
"""A larger part of the photo is matted and filled at this size."""
_CONTEXT = 1.5
"""How far the fill looks beyond the hole, in sizes of the hole."""
_LEAST_CONTEXT_PX = 64
_STRETCH = {Surface.WATER: 4.0, Surface.GROUND: 2.0, Surface.SKY: 1.5}
_BEFORE_SKY = 1.0
"""Inverse depth of what hangs before the sky: as near as the subject, where metres mean something."""
_BESIDE = 0.15
"""What is nearly as far away as the subject is taken to be beside it: things that may meet share one scale."""
_NAMED = 0.5
_COARSE = 48
"""Side, at feature size, below which a thing's matte from the analysis is drawn anew: that saw it on a coarse grid."""
_CRUMB = 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cut:
    """What a cut-out changes in a scene; nothing but a name when a layer of the scene is what was wanted."""

    name: str
    layers: tuple[Layer, ...] = ()
    """The new layer; before it the layers that it was cut from, as they are without it."""
    behind: str = ""
    """Name of the layer that the new one lies in front of."""


def with_cutouts(scene: Scene, wanted: tuple[Want, ...], cache_dir: Path) -> tuple[Scene, tuple[str, ...]]:
    """The scene with a layer for everything that is wanted, and the name of the layer of each.

    A want that a layer of the scene already meets is answered with that layer's name, unless it is so small that the
    analysis saw its outline coarsely: that is drawn anew. Equal wants share one layer.

    Args:
        scene: of the photo; not changed.
        wanted: boxes or points in photo coordinates.
        cache_dir: where scenes are kept.

    Raises:
        ShotInvalid: a box or a point holds nothing that can be told apart from what is around it.
    """
    names: dict[Want, str] = {}
    for want in wanted:
        if want not in names:
            scene, names[want] = cut_out(scene, want, cache_dir)
    return scene, tuple(names[want] for want in wanted)


def cut_out(scene: Scene, want: Want, cache_dir: Path) -> tuple[Scene, str]:
    """The scene with the wanted thing in a layer of its own, and that layer's name.

    Stacked unmoved its layers give the photo back, as those of the scene do.

    Raises:
        ShotInvalid: nothing there can be told apart from what is around it.
    """
    path = _place(
        scene, cache_dir, [(layer.name, layer.left_px, layer.top_px, layer.size_px) for layer in scene.layers], want
    )
    cut = store.load_record(path, _read)
    if cut is None:
        cut = _cut(scene, want, cache_dir)
        store.keep(cut, path)
    return applied(scene, cut), cut.name


def applied(scene: Scene, cut: Cut) -> Scene:
    """The scene after a cut."""
    if not cut.layers:
        return scene
    changed = {layer.name: layer for layer in cut.layers[:-1]}
    layers: list[Layer] = []
    for layer in scene.layers:
        layers.append(changed.get(layer.name, layer))
        if layer.name == cut.behind:
            layers.append(cut.layers[-1])
    return replace(scene, layers=tuple(layers))


def _place(scene: Scene, cache_dir: Path, *about: object) -> Path:
    """The file that keeps what was found out about a photo."""
    asked = f"{VERSION} {store.VERSION} {scene.networks} {scene.size_px} {about}"
    return cache_dir / f"{scene.photo_sha256}-{hashlib.sha256(asked.encode()).hexdigest()[:24]}{store.SUFFIX}"


def _read(value: dict[str, object]) -> Cut:
    layers = value["layers"]
    if not isinstance(layers, list):
        raise TypeError
    return Cut(name=str(value["name"]), layers=tuple(map(store.read_layer, layers)), behind=str(value["behind"]))


def _cut(scene: Scene, want: Want, cache_dir: Path) -> Cut:
    there = _piece_in(scene, want) if isinstance(want, Box) else None
    if there is not None and not _is_small(scene, there[1]):
        return _split(scene, *there)
    found = _found(scene, want, cache_dir)
    if found is not None:
        return _of_outline(scene, found)
    if there is not None:
        return _split(scene, *there)
    place = f"box {_said(want.x0, want.y0, want.x1, want.y1)}" if isinstance(want, Box) else f"point {_said(*want)}"
    message = f"Nothing in the {place} can be told apart from what is around it; draw the box around one thing."
    raise ShotInvalid(message)


def _found(scene: Scene, want: Want, cache_dir: Path) -> Outline | None:
    """The outline of what is wanted; it depends on the photo alone, so whatever else is cut out, it is found once."""
    path = _place(scene, cache_dir, "outline", want)
    found = store.load_record(path, lambda value: outline.Outline(**value))
    if found is None:
        box = want if isinstance(want, Box) else outline.box_under(scene.photo, want)
        found = None if box is None else outline.find(scene.photo, box)
        if found is not None:
            store.keep(found, path)
    return found


def _of_outline(scene: Scene, found: Outline) -> Cut:
    """A layer of the scene that an outline shows, its matte drawn anew where the scene was too coarse; or a new one."""
    mask = np.zeros(scene.photo.shape[:2], np.bool_)
    mask[found.window] = found.mask
    there = _piece_under(scene, mask)
    if there is None or (_is_small(scene, mask) and not there[0].name.startswith(NAME)):
        return _taken_out(scene, found, there)
    return _split(scene, *there)


def _is_small(scene: Scene, mask: Mask) -> bool:
    """Whether the analysis of the whole photo saw a thing only coarsely."""
    return float(np.sqrt(np.count_nonzero(mask))) * LONG_SIDE / max(scene.size_px) < _COARSE


def _said(*numbers: float) -> str:
    return ", ".join(f"{number:.3g}" for number in numbers)


def _piece_in(scene: Scene, box: Box) -> tuple[Layer, Mask] | None:
    """A piece of a layer that lies apart and that a box was drawn around."""
    shown = _shown(scene)
    for layer in scene.layers[:0:-1]:
        for piece in _pieces(shown[layer.name]):
            if _drawn_around(outline.box_of(piece), box, scene.size_px):
                return layer, piece
    return None


def _pieces(solid: Mask) -> Iterator[Mask]:
    """What lies apart, largest first, crumbs left out."""
    numbers, areas = components(solid)
    least = _CRUMB * float(solid.sum())
    for number in np.argsort(-areas, kind="stable"):
        if number and areas[number] > least:
            yield np.asarray(numbers == number, np.bool_)


def _drawn_around(thing: Box, box: Box, size_px: tuple[int, int]) -> bool:
    slack_x, slack_y = 3 / size_px[0], 3 / size_px[1]
    across = box.x0 - slack_x <= thing.x0 and thing.x1 <= box.x1 + slack_x
    down = box.y0 - slack_y <= thing.y0 and thing.y1 <= box.y1 + slack_y
    return across and down and thing.width * thing.height > _FILLS_BOX * box.width * box.height


def _piece_under(scene: Scene, mask: Mask) -> tuple[Layer, Mask] | None:
    """The layer, or the piece of a layer that lies apart, that a mask shows."""
    for name, solid in _shown(scene).items():
        if agreement(solid, mask) >= _SAME:
            return scene.layer(name), solid
        if float((solid & mask).sum()) > _SAME * float(mask.sum()):
            for piece in _pieces(solid):
                if agreement(piece, mask) >= _SAME:
                    return scene.layer(name), piece
    return None


def _shown(scene: Scene) -> dict[str, Mask]:
    """Where each layer is what one sees, near to far."""
    free = np.ones(scene.photo.shape[:2], np.bool_)
    shown: dict[str, Mask] = {}
    for layer in reversed(scene.layers):
        solid = np.zeros_like(free)
        solid[_box(layer)] = layer.rgba[..., 3] > _SOLID
        shown[layer.name] = free & solid
        free &= ~solid
    return shown


def _box(layer: Layer) -> tuple[slice, slice]:
    width, height = layer.size_px
    return slice(layer.top_px, layer.top_px + height), slice(layer.left_px, layer.left_px + width)


def _split(scene: Scene, layer: Layer, piece: Mask) -> Cut:
    """A piece of a layer becomes a layer, each pixel going with the solid piece nearest to it; a whole layer is one."""
    solid = layer.rgba[..., 3] > _SOLID
    mine = piece[_box(layer)] & solid
    if float(mine.sum()) > (1 - _CRUMB) * float(solid.sum()):
        return Cut(name=layer.name)
    goes = _around_piece(layer, piece)[_box(layer)][..., None]
    left = replace(layer, rgba=np.where(goes, 0, layer.rgba).astype(np.uint8))
    new = _cropped(np.where(goes, layer.rgba, 0).astype(np.uint8), layer.left_px, layer.top_px)
    contact = float(np.flatnonzero(piece.any(axis=1))[-1] + 1) / scene.size_px[1]
    name = name_part(scene.photo[_spot(piece)], _detected(scene, outline.box_of(piece)))
    named = replace(layer, name=_free_name(scene), label=name.label, surface=name.surface, contact_y=contact)
    made = replace(named, rgba=new[0], left_px=new[1], top_px=new[2])
    return Cut(name=made.name, layers=(left, made), behind=layer.name)


def _spot(piece: Mask) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(piece.any(axis=1)), np.flatnonzero(piece.any(axis=0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _cropped(rgba: Picture, left_px: int, top_px: int) -> tuple[Picture, int, int]:
    """A layer's pixels without empty rows and columns."""
    spot = _spot(rgba[..., 3] > 0)
    return np.ascontiguousarray(rgba[spot]), left_px + int(spot[1].start), top_px + int(spot[0].start)


def _free_name(scene: Scene) -> str:
    taken = {layer.name for layer in scene.layers}
    number = 1
    while (name := NAME if number == 1 else f"{NAME}-{number}") in taken:
        number += 1
    return name


def _detected(scene: Scene, box: Box) -> str | None:
    """What a detector called the thing in a box."""
    for thing in scene.objects:
        wide = min(thing.box.x1, box.x1) - max(thing.box.x0, box.x0)
        tall = min(thing.box.y1, box.y1) - max(thing.box.y0, box.y0)
        common = max(wide, 0.0) * max(tall, 0.0)
        both = thing.box.width * thing.box.height + box.width * box.height - common
        if common > _NAMED * both:
            return thing.label
    return None


def _taken_out(scene: Scene, found: Outline, there: tuple[Layer, Mask] | None) -> Cut:
    """Cut a thing out of the layers that show it, or draw anew the layer that shows just it."""
    window = _widened(found, scene.photo.shape[:2])
    mask = np.zeros(scene.photo.shape[:2], np.bool_)
    mask[found.window] = found.mask
    mask = mask[window]
    shares = shown_shares(scene, window, mask)
    home = max(index for index, share in enumerate(shares) if share >= min(_HOME, max(shares)))
    seen = stacked(scene.layers[: home + 1], window)
    alpha = _matte(rounded(seen), mask, found.grain_px, scene.size_px)
    halo = max(_LEAST_HALO, _HALO * max(scene.size_px) / _REFERENCE)
    hole = grow(alpha > _TRACE, round(halo))
    bare: list[Layer] = []
    for index, layer in enumerate(scene.layers[: home + 1]):
        own = hole if there is None or there[0] is not layer else hole | _around_piece(*there)[window]
        bare.append(_without(scene, index, window, own, halo) if shares[index] > _TOUCHED else layer)
    return _parted(scene, found, tuple(bare), _Seen(window=window, picture=seen, alpha=alpha, halo=halo))


def _around_piece(layer: Layer, piece: Mask) -> Mask:
    """What of a layer lies nearer to one of its pieces than to the others."""
    whole = np.zeros_like(piece)
    solid = layer.rgba[..., 3] > _SOLID
    mine = piece[_box(layer)] & solid
    to_mine, to_rest = (
        cv2.distanceTransform((~one).astype(np.uint8), cv2.DIST_L2, 5) if one.any() else np.full(one.shape, np.inf)
        for one in (mine, solid & ~mine)
    )
    whole[_box(layer)] = to_mine < to_rest
    return whole


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """A part of the photo with the thing in it."""

    window: tuple[slice, slice]
    picture: Floats
    alpha: Floats
    halo: float


def _parted(scene: Scene, found: Outline, bare: tuple[Layer, ...], seen: _Seen) -> Cut:
    home = bare[-1]
    empty = np.asarray(np.rint(stacked(bare, seen.window)), np.float32)
    certain = np.ones(seen.alpha.shape, np.float32)
    reach = Reach(smooth=_CRISP * seen.halo, textured=_CRISP * seen.halo)
    parted = part(seen.picture, seen.alpha, empty, certain, reach)
    back = with_background(bare, seen.window, parted.behind)
    behind = np.asarray(np.rint(stacked(back, seen.window)), np.float32)
    opaque = np.asarray(np.rint(parted.alpha * 255) / 255, np.float32)[..., None]
    front = np.clip(seen.picture - (1 - opaque) * behind, 0, 255 * opaque)
    rgba = np.concatenate([front, opaque * 255], axis=2)
    pixels, left, top = _cropped(rounded(rgba), int(seen.window[1].start), int(seen.window[0].start))
    changed = tuple(new for new, old in zip(back, scene.layers, strict=False) if new is not old)
    made = _made(scene, found, pixels, (left, top), home.name)
    return Cut(name=made.name, layers=(*changed, made), behind=home.name)


def _made(scene: Scene, found: Outline, pixels: Picture, place: tuple[int, int], home: str) -> Layer:
    """The new layer: upright, as far away as what it stands on or hangs before."""
    width, height = scene.size_px
    rows, columns = np.nonzero(found.mask)
    contact = (found.top_px + float(rows.max()) + 1) / height
    foot = (found.left_px + float(columns[rows >= rows.max() - 2].mean()) + 0.5) / width
    source = scene.layer(home)
    name: Name = name_part(scene.photo[found.window], _detected(scene, _box_of(found, scene.size_px)))
    return Layer(
        name=_free_name(scene),
        surface=name.surface,
        label=name.label,
        rgba=pixels,
        left_px=place[0],
        top_px=place[1],
        plane=Plane(constant=_beside(_depth(source, foot, contact, scene.size_px))),
        contact_y=None if source.surface is Surface.SKY else contact,
    )


def _box_of(found: Outline, size_px: tuple[int, int]) -> Box:
    rows, columns = _spot(found.mask)
    return Box(
        x0=(found.left_px + columns.start) / size_px[0],
        y0=(found.top_px + rows.start) / size_px[1],
        x1=(found.left_px + columns.stop) / size_px[0],
        y1=(found.top_px + rows.stop) / size_px[1],
    )


def _beside(depth: float) -> float:
    return 1.0 if abs(depth - 1.0) < _BESIDE else depth


def _depth(layer: Layer, x: float, y: float, size_px: tuple[int, int]) -> float:
    if layer.surface is Surface.SKY:
        return _BEFORE_SKY
    flat = layer.plane.inverse_depth(x, y)
    if layer.relief is None:
        return max(flat, 0.0)
    rows, columns = layer.relief.shape
    down = (y * size_px[1] - layer.top_px) / layer.size_px[1] * rows
    across = (x * size_px[0] - layer.left_px) / layer.size_px[0] * columns
    return max(flat + float(layer.relief[min(max(int(down), 0), rows - 1), min(max(int(across), 0), columns - 1)]), 0.0)


def _widened(found: Outline, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The part of the photo that a fill looks at."""
    rows, columns = _spot(found.mask)
    margin = max(round(_CONTEXT * max(found.mask[rows, columns].shape)), _LEAST_CONTEXT_PX)
    return (
        slice(max(0, found.top_px + rows.start - margin), min(shape[0], found.top_px + rows.stop + margin)),
        slice(max(0, found.left_px + columns.start - margin), min(shape[1], found.left_px + columns.stop + margin)),
    )


def _matte(picture: Picture, mask: Mask, grain_px: float, size_px: tuple[int, int]) -> Floats:
    """Opacity of the thing; what is thin keeps a core."""
    factor = min(1.0, _MATTED_SIDE / max(mask.shape))
    size = (max(8, round(mask.shape[1] * factor)), max(8, round(mask.shape[0] * factor)))
    few = cv2.resize(picture, size, interpolation=cv2.INTER_AREA) if factor < 1 else picture
    solid = np.asarray(cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.5, np.bool_)
    radius = max(3, round((2 * grain_px + 2 * max(size_px) / _REFERENCE) * factor))
    thick = grow(shrink(solid, radius), radius + 1)
    inside = shrink(solid, radius) | (shrink(solid, 1) & ~thick)
    alpha = alpha_matte(np.asarray(few, np.uint8), Trimap(inside=inside, outside=~grow(solid, radius)))
    if factor == 1:
        return alpha
    wide = cv2.resize(alpha, mask.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.where(wide > 0.99, 1, np.where(wide < 0.01, 0, wide)), np.float32)


def _without(scene: Scene, index: int, window: tuple[slice, slice], hole: Mask, halo: float) -> Layer:
    """A layer as it is without what was in the hole: its own colours go on there, and its own outline."""
    layer = scene.layers[index]
    pixels = in_window(layer, window)
    filled = _filled(scene, index, window, hole, halo)
    known = (~hole).astype(np.float32)
    carried = spread(np.asarray(pixels[..., 3:] / 255, np.float32), known)[..., 0]
    covers = np.ones_like(carried) if index == 0 else np.clip((carried - 0.5) * 4 + 0.5, 0, 1)
    opacity = np.where(hole, covers, pixels[..., 3] / 255)[..., None]
    colours = np.where(hole[..., None], filled * opacity, pixels[..., :3])
    patched = pasted(layer, window, rounded(np.concatenate([colours, opacity * 255], axis=2)))
    return replace(patched, relief=_smoothed_relief(layer, window, hole))


def _filled(scene: Scene, index: int, window: tuple[slice, slice], hole: Mask, halo: float) -> Floats:
    layer = scene.layers[index]
    picture = rounded(stacked(scene.layers[: index + 1], window))
    factor = min(1.0, _MATTED_SIDE / max(hole.shape))
    size = (max(8, round(hole.shape[1] * factor)), max(8, round(hole.shape[0] * factor)))
    if factor < 1:
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    few = cv2.resize(hole.astype(np.uint8), size, interpolation=cv2.INTER_LINEAR_EXACT) > 0
    plain = layer.surface is Surface.SKY or scene.bokeh
    stretch = _STRETCH.get(layer.surface, 1.0)
    made = fill(picture, np.asarray(few, np.bool_), smooth_only=plain, stretch=stretch, rim=halo * factor).picture
    if factor < 1:
        made = np.asarray(cv2.resize(made, hole.shape[::-1], interpolation=cv2.INTER_CUBIC), np.uint8)
    return made.astype(np.float32)


def _smoothed_relief(layer: Layer, window: tuple[slice, slice], hole: Mask) -> Floats | None:
    """The layer's relief without the bump of what was cut out."""
    if layer.relief is None:
        return None
    whole = np.zeros((layer.top_px + layer.size_px[1], layer.left_px + layer.size_px[0]), np.float32)
    part_of = whole[window]
    part_of[...] = hole[: part_of.shape[0], : part_of.shape[1]]
    rows, columns = layer.relief.shape
    own = whole[layer.top_px :, layer.left_px :]
    known = cv2.resize(own, (columns, rows), interpolation=cv2.INTER_AREA) == 0
    known = cv2.erode(known.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    return spread(layer.relief[..., None], np.asarray(known, np.float32))[..., 0]
