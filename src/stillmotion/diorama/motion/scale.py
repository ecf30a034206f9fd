"""How many metres a photo spans: from things whose size everybody knows, or from the horizon and a standing eye."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

from stillmotion.diorama.geometry import Box

if TYPE_CHECKING:
    from stillmotion.diorama.scene.records import Layer, Scene, SceneObject

EYE_M = 1.6
"""Height of the eye of a person who takes a photo."""
LEAST, MOST = 0.05, 2000.0
"""Widths in metres that a photo is taken to span at the subject."""
_NOTHING_KNOWN_M = 3.0
_DETECTED = 0.4
_CUT_OFF = 0.004
"""A box this close to the border, in widths, may go on outside."""
_UPRIGHT = 1.3
_LEAST_Q = 0.05

HEIGHTS_M: dict[str, float] = {
    "person": 1.7, "car": 1.5, "truck": 3.0, "bus": 3.1, "train": 3.8, "bicycle": 1.05, "motorcycle": 1.15,
    "airplane": 9.0, "horse": 1.6, "cow": 1.5, "sheep": 0.9, "elephant": 3.0, "bear": 1.2, "zebra": 1.4,
    "giraffe": 4.8, "dog": 0.6, "traffic light": 0.9, "fire hydrant": 0.75, "stop sign": 0.75, "parking meter": 1.4,
    "bench": 0.85, "chair": 0.9, "couch": 0.85, "potted plant": 0.5, "bed": 0.6, "dining table": 0.75, "toilet": 0.75,
    "refrigerator": 1.75, "bottle": 0.27, "wine glass": 0.2, "cup": 0.09, "vase": 0.28, "teddy bear": 0.35,
    "suitcase": 0.6, "backpack": 0.48, "handbag": 0.3, "fire engine": 3.0, "locomotive": 4.0, "rocket": 45.0,
    "missile": 12.0, "pagoda": 30.0, "lighthouse": 25.0, "tower": 35.0, "castle": 25.0, "church": 22.0, "temple": 18.0,
    "building": 15.0, "house": 8.0, "tree": 9.0, "statue": 3.0, "candle": 0.15, "mug": 0.1, "snowman": 1.5,
    "penguin": 0.7, "balloon": 18.0, "windmill": 16.0,
}  # fmt: skip
"""Usual heights, for what stands upright."""
WIDTHS_M: dict[str, float] = {
    "cat": 0.45, "bird": 0.18, "laptop": 0.34, "keyboard": 0.44, "mouse": 0.07, "cell phone": 0.075, "remote": 0.05,
    "book": 0.17, "clock": 0.3, "bowl": 0.16, "pizza": 0.3, "cake": 0.22, "donut": 0.09, "apple": 0.08, "orange": 0.08,
    "banana": 0.18, "sandwich": 0.14, "hot dog": 0.16, "tv": 1.0, "microwave": 0.5, "oven": 0.6, "sink": 0.55,
    "sports ball": 0.22, "frisbee": 0.27, "kite": 1.0, "umbrella": 1.0, "surfboard": 1.9, "skateboard": 0.8,
    "boat": 6.0, "plate": 0.25, "saucer": 0.15, "espresso": 0.15, "coffee": 0.15, "flower": 0.09, "daisy": 0.06,
    "rose": 0.08, "sunflower": 0.22, "ladybug": 0.007, "dragonfly": 0.07, "butterfly": 0.07, "bee": 0.014,
    "snail": 0.04, "leaf": 0.09, "goldfish": 0.08, "spoon": 0.04, "face": 0.15, "marble": 0.016, "ball": 0.2,
    "mushroom": 0.07, "snowball": 0.09,
}  # fmt: skip
"""Usual widths, for what is known by its width."""


def metres_per_width(scene: Scene) -> tuple[float, str]:
    """Metres that the photo's width spans at inverse depth 1, and why, in words.

    At a place of inverse depth q it spans that over q.
    """
    guesses = [found for thing in scene.objects if (found := _of_object(scene, thing)) is not None]
    guesses += [found for face in scene.faces if (found := _of_face(scene, face.box, face.layer)) is not None]
    if not guesses:
        guesses = [found for layer in scene.layers if (found := _of_layer(scene, layer)) is not None]
    if guesses:
        middle = statistics.median_low([metres for metres, _ in guesses])
        why = next(words for metres, words in guesses if metres == middle)
        return _held(middle), why
    return _by_horizon(scene) or _at_most(scene) or (_NOTHING_KNOWN_M, "nothing in the photo tells how large it is")


def _at_most(scene: Scene) -> tuple[float, str] | None:
    """What a thing says that the border cuts off: all of it is seen at most. People say nothing, as they may sit."""
    boxes = [(layer.label, _box(scene, layer), layer) for layer in scene.layers[1:] if layer.label != "person"]
    found = [one for label, box, layer in boxes if (one := _measured(scene, label, box, layer)) is not None]
    least = min(found, default=(_NOTHING_KNOWN_M, ""))
    return (_held(least[0]), least[1]) if least[0] < _NOTHING_KNOWN_M else None


def at_depth(metres_per_photo_width: float, q: float) -> float:
    """Metres that the photo's width spans at inverse depth q; beyond twenty subject distances it grows no more."""
    return metres_per_photo_width / max(q, _LEAST_Q)


def usual_size(label: str) -> tuple[float, bool] | None:
    """Usual size in metres of a thing with that name, and whether it is the height; None when nobody knows."""
    words = label.casefold().replace("-", " ").split()
    for start in range(len(words)):
        name = " ".join(words[start:])
        for form in (name, name.removesuffix("s")):
            if form in HEIGHTS_M:
                return HEIGHTS_M[form], True
            if form in WIDTHS_M:
                return WIDTHS_M[form], False
    return None


def _of_object(scene: Scene, thing: SceneObject) -> tuple[float, str] | None:
    layer = next((layer for layer in scene.layers if layer.name == thing.layer), None)
    if layer is None or thing.score < _DETECTED:
        return None
    return _of_box(scene, thing.label, thing.box, layer)


def _of_box(scene: Scene, label: str, box: Box, layer: Layer) -> tuple[float, str] | None:
    """The width that makes a thing as large as such things are."""
    return None if _is_cut_off(box) else _measured(scene, label, box, layer)


def _measured(scene: Scene, label: str, box: Box, layer: Layer) -> tuple[float, str] | None:
    size = usual_size(label)
    if size is None:
        return None
    metres, upright = size
    aspect = scene.size_px[1] / scene.size_px[0]
    if label == "person" and box.height * aspect < _UPRIGHT * box.width:
        return None
    extent = box.height * aspect if upright else box.width
    if extent < 0.01:
        return None
    q = max(layer.plane.inverse_depth(box.centre[0], box.y1), _LEAST_Q)
    kind = "tall" if upright else "wide"
    return metres / extent * q, f"the {label} is taken to be {metres:g} m {kind}"


def _is_cut_off(box: Box) -> bool:
    edges = (box.x0, box.y0, 1 - box.x1, 1 - box.y1)
    return min(edges) < _CUT_OFF


def _of_face(scene: Scene, box: Box, name: str) -> tuple[float, str] | None:
    layer = next((layer for layer in scene.layers if layer.name == name), None)
    if layer is None or box.width <= 0.01:
        return None
    q = max(layer.plane.inverse_depth(*box.centre), _LEAST_Q)
    return WIDTHS_M["face"] / box.width * q, "a face is taken to be 0.15 m wide"


def _of_layer(scene: Scene, layer: Layer) -> tuple[float, str] | None:
    """What the layer's own label says."""
    return _of_box(scene, layer.label, _box(scene, layer), layer)


def _box(scene: Scene, layer: Layer) -> Box:
    width, height = scene.size_px
    across, down = layer.size_px
    return Box(
        x0=layer.left_px / width,
        y0=layer.top_px / height,
        x1=(layer.left_px + across) / width,
        y1=(layer.top_px + down) / height,
    )


def _by_horizon(scene: Scene) -> tuple[float, str] | None:
    """The ground at row y is Z = f h / (y - horizon) away, rows in photo widths, and the photo Z / f wide."""
    standing = [layer for layer in scene.layers if layer.contact_y is not None]
    if scene.horizon_y is None or not standing or not scene.outdoors:
        return None
    nearest = min(standing, key=lambda layer: abs(math.log(max(_contact_q(layer), _LEAST_Q))))
    drop = (float(nearest.contact_y or 0.0) - scene.horizon_y) * scene.size_px[1] / scene.size_px[0]
    if drop < 0.01:
        return None
    metres = EYE_M / drop * max(_contact_q(nearest), _LEAST_Q)
    return _held(metres), "the horizon is taken to be at eye height, 1.6 m above the ground"


def _contact_q(layer: Layer) -> float:
    return layer.plane.inverse_depth(0.5, float(layer.contact_y or 0.5))


def _held(metres: float) -> float:
    return min(max(metres, LEAST), MOST)
