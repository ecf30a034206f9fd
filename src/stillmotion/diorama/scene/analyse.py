"""Photo in, scene out: what the networks say, what follows from it, then pixels."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.perception.weights import fetch_weights, identity
from stillmotion.diorama.scene import relief
from stillmotion.diorama.scene.binding import bind_faces, bind_objects
from stillmotion.diorama.scene.decide import Decision, decide
from stillmotion.diorama.scene.mood import is_night, is_outdoors, salience_point, tags
from stillmotion.diorama.scene.observe import Observed, observe
from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.scene.sizes import at_scene_size, at_working_size
from stillmotion.diorama.scene.stack import cut_all, to_layers
from stillmotion.progress import Progress, Stage, ignore_progress

if TYPE_CHECKING:
    from stillmotion.diorama.scene.features import Picture

_SEEN, _CUT = 0.6, 0.9


def analyse(photo: Picture, progress: Progress = ignore_progress) -> Scene:
    """Split a photo into layers with depth, surfaces and names.

    Args:
        photo: sRGB, shape (height, width, 3).
        progress: told the share of the stage ANALYSE that is done; before it FETCH, while weights are absent.
    """
    fetch_weights(progress)
    progress(Stage.ANALYSE, 0.0)
    scene_photo, working = at_scene_size(photo), at_working_size(photo)
    seen = observe(photo, working, lambda share: progress(Stage.ANALYSE, _SEEN * share))
    decision = decide(seen)
    layers = _layers(scene_photo, working, decision, progress)
    progress(Stage.ANALYSE, 1.0)
    return _scene(photo, scene_photo, seen, decision, layers)


def fingerprint(photo: Picture) -> str:
    """The sha256 of the decoded pixels and their shape."""
    digest = hashlib.sha256(repr(photo.shape).encode())
    digest.update(np.ascontiguousarray(photo).data)
    return digest.hexdigest()


def _layers(photo: Picture, working: Picture, decision: Decision, progress: Progress) -> tuple[Layer, ...]:
    surface = Surface.BACKDROP if decision.name is None else decision.name.surface
    label = "picture" if decision.name is None else decision.name.label
    if decision.layout is None:
        whole = relief.receding if decision.receding else relief.ramp
        return (whole(photo, surface, label),)
    if decision.gates:
        return (relief.embossed(photo, decision.layout, surface, label),)
    cuts = cut_all(working, decision.layout, lambda share: progress(Stage.ANALYSE, _SEEN + (_CUT - _SEEN) * share))
    return to_layers(photo, decision.layout, cuts)


def _scene(
    photo: Picture, scene_photo: Picture, seen: Observed, decision: Decision, layers: tuple[Layer, ...]
) -> Scene:
    plan = decision.layout
    return Scene(
        photo_sha256=fingerprint(photo),
        networks=identity(),
        photo=scene_photo,
        layers=layers,
        horizon_y=None if plan is None else plan.horizon_y,
        focal=1.0,
        objects=bind_objects(seen.detections, layers, scene_photo),
        faces=bind_faces(seen.faces, layers, scene_photo),
        gates=decision.gates,
        tags=tags(seen.classes),
        salience=salience_point(seen, decision),
        bokeh=plan is not None and plan.bokeh,
        night=is_night(seen.features),
        outdoors=is_outdoors(seen, decision),
    )
