"""What the engine sees in a photo, as data that a page can draw over it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from stillmotion.diorama import scene
from stillmotion.engines.diorama import Diorama, scene_cache
from stillmotion.server.worker.messages import Made

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.scene.records import Layer, Scene
    from stillmotion.progress import Progress

_DIGITS = 4


def looked_at(photo: NDArray[np.uint8], progress: Progress) -> Made:
    """Look at a photo; there is no file, all is in the facts."""
    began_s = time.monotonic()
    seen = scene.cached(photo, scene_cache(), progress)
    work_s = round(time.monotonic() - began_s, 3)
    return Made(engine=Diorama().name, facts={"scene": described(seen), "work_s": work_s, "notes": []})


def described(seen: Scene) -> dict[str, Any]:
    """A scene in words and numbers; places are shares of the photo's width and height, layers far to near."""
    width, height = seen.size_px
    return {
        "size_px": [width, height],
        "layers": [_layer(layer, width, height) for layer in seen.layers],
        "objects": [
            {"label": one.label, "score": _round(one.score), "box": _box(one.box), "layer": one.layer}
            for one in seen.objects
        ],
        "faces": [{"score": _round(one.score), "box": _box(one.box), "layer": one.layer} for one in seen.faces],
        "tags": [{"label": label, "score": _round(score)} for label, score in seen.tags],
        "horizon_y": None if seen.horizon_y is None else _round(seen.horizon_y),
        "salience": [_round(share) for share in seen.salience],
        "outdoors": seen.outdoors,
        "night": seen.night,
        "notes": [gate.words for gate in seen.gates],
    }


def _layer(layer: Layer, width: int, height: int) -> dict[str, Any]:
    across, down = layer.size_px
    left, top = layer.left_px, layer.top_px
    return {
        "name": layer.name,
        "label": layer.label,
        "surface": layer.surface.value,
        "box": [
            _round(left / width),
            _round(top / height),
            _round((left + across) / width),
            _round((top + down) / height),
        ],
        "stands_at_y": None if layer.contact_y is None else _round(layer.contact_y),
        "confidence": _round(layer.confidence),
    }


def _box(box: Box) -> list[float]:
    return [_round(edge) for edge in (box.x0, box.y0, box.x1, box.y1)]


def _round(value: float) -> float:
    return round(float(value), _DIGITS)
