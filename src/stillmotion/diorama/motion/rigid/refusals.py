"""Why a thing cannot be moved as asked, in a sentence for a person; and what no scene can show."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from stillmotion.diorama.motion import materials
from stillmotion.diorama.motion.props import placing
from stillmotion.diorama.motion.rigid.subject import UNMOVED
from stillmotion.errors import ShotInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.scene.records import Layer
    from stillmotion.diorama.shot.records import MotionCue, Physics, Shot

BODIES_LIMIT = 500
"""Things that may move in one shot."""
CUES_LIMIT = 128
PROPS_LIMIT = 40
"""Drawn things in one shot: each takes a while to draw and to light."""
_SLOWEST, _LEAST = 0.05, 0.01
_LARGEST = 0.72
"""Share of the photo beyond which a layer is the scene and not a thing in it."""
_CUT_OFF = 0.2
"""Share of its height or width along which a border may cut a thing that turns or leaves its place."""
_SMALLEST_BOX = 0.004
_FASTEST_M_S = 1000.0


def of_thing(stage: Stage, cue: MotionCue) -> str | None:
    """Why the thing that a cue names cannot be moved; None when it can."""
    if cue.layer is None and placing.of(cue) is not None:
        return None
    what = cue.subject or "what should move"
    layer = stage.layer(cue)
    if layer is None:
        return f"Nothing in the photo was found that is '{what}', so it does not {cue.verb}; name it as the plan does."
    if layer is stage.scene.layers[0] or layer.surface in UNMOVED:
        return (
            f"'{what}' is the {layer.surface.value} of this photo, which holds everything else; it cannot {cue.verb}."
        )
    if _share(stage, layer) > _LARGEST:
        return f"'{what}' fills the photo, so there is nothing that it could {cue.verb} in front of."
    return None


def of_cut_edge(stage: Stage, cue: MotionCue) -> str | None:
    """Why a thing that the side or the top of the photo cuts off is left where it is; its cut would turn into sight."""
    layer = stage.layer(cue)
    if layer is None or cue.physics is not None:
        return None
    solid = layer.rgba[..., 3] > 127
    width = stage.scene.size_px[0]
    edges = {
        "left": solid[:, 0] if layer.left_px <= 0 else solid[:0, 0],
        "right": solid[:, -1] if layer.left_px + solid.shape[1] >= width else solid[:0, 0],
        "upper": solid[0] if layer.top_px <= 0 else solid[0, :0],
    }
    for name, edge in edges.items():
        if edge.size and edge.mean() > _CUT_OFF:
            what = cue.subject or layer.label
            return f"The {what} is cut off by the {name} border of the photo, so it does not {cue.verb}."
    return None


def _share(stage: Stage, layer: Layer) -> float:
    width, height = stage.scene.size_px
    return float((layer.rgba[..., 3] > 127).sum()) / (width * height)


def check(shot: Shot) -> None:
    """Refuse what no scene can show.

    Raises:
        ShotInvalid: the message names the field, as in `motion[1].physics.mass_kg`, the limit and what to do.
    """
    bodies = 0
    for index, cue in enumerate(shot.motion):
        path = f"motion[{index}]"
        _check_span(path, cue, shot.duration_s)
        _check_places(path, cue)
        _check_pace(path, cue)
        if cue.physics is not None:
            _check_physics(f"{path}.physics", cue.physics)
        bodies += cue.count or 1 if cue.prop is not None else 1
        if bodies > BODIES_LIMIT:
            _refuse(path, f"makes {bodies:,} things move; the limit is {BODIES_LIMIT} in a shot, ask for fewer")
    if len(shot.motion) > CUES_LIMIT:
        _refuse("motion", f"has {len(shot.motion)} cues; the limit is {CUES_LIMIT}")
    if (props := sum(cue.prop is not None for cue in shot.motion)) > PROPS_LIMIT:
        _refuse("motion", f"adds {props} things to the photo; the limit is {PROPS_LIMIT}")
    if shot.world.gravity_m_s2 < 0:
        _refuse("world.gravity_m_s2", f"is {shot.world.gravity_m_s2:g}; it must be 0 or more")
    if shot.world.metres_per_width is not None and shot.world.metres_per_width <= 0:
        _refuse("world.metres_per_width", f"is {shot.world.metres_per_width:g}; it must be more than 0")


def _check_span(path: str, cue: MotionCue, duration_s: float) -> None:
    if duration_s <= 0:
        _refuse("duration_s", f"is {duration_s:g}; choose 4, 8, 12, 16 or 20")
    if cue.end_s is not None and cue.end_s <= cue.start_s:
        _refuse(f"{path}.end_s", f"is {cue.end_s:g}; it must be later than start_s, which is {cue.start_s:g}")
    if not 0 <= cue.start_s < duration_s:
        _refuse(f"{path}.start_s", f"is {cue.start_s:g}; the shot runs from 0 to {duration_s:g} seconds")


def _check_pace(path: str, cue: MotionCue) -> None:
    if cue.speed < _SLOWEST:
        _refuse(f"{path}.speed", f"is {cue.speed:g}; it must be {_SLOWEST:g} or more, 1 is ordinary")
    if cue.amount < _LEAST:
        _refuse(f"{path}.amount", f"is {cue.amount:g}; it must be {_LEAST:g} or more, 1 is ordinary")


def _check_places(path: str, cue: MotionCue) -> None:
    if cue.box is not None:
        _check_box(f"{path}.box", cue.box)
    for name in ("point", "target_point"):
        _check_point(f"{path}.{name}", getattr(cue, name))
    if cue.physics is not None:
        _check_point(f"{path}.physics.pivot", cue.physics.pivot)


def _check_box(path: str, box: Box) -> None:
    if box.width < _SMALLEST_BOX or box.height < _SMALLEST_BOX:
        _refuse(
            path, f"is {box.width:g} by {box.height:g} and so holds nothing; x1 and y1 are its right and lower ends"
        )
    if min(box.x0, box.y0) < 0 or max(box.x1, box.y1) > 1:
        _refuse(path, "goes outside the picture; its corners must lie between 0 and 1")


def _check_point(path: str, point: tuple[float, float] | None) -> None:
    if point is not None and not all(0 <= value <= 1 for value in point):
        _refuse(path, f"is {list(point)}, outside the picture; both numbers must lie between 0 and 1")


def _check_physics(path: str, fixed: Physics) -> None:
    if fixed.material is not None and not materials.is_known(fixed.material):
        known = ", ".join(sorted(materials.table()))
        _refuse(f"{path}.material", f"is {fixed.material[:40]!r}; choose one of {known}")
    if fixed.mass_kg is not None and fixed.mass_kg <= 0:
        _refuse(f"{path}.mass_kg", f"is {fixed.mass_kg:g}; a mass is more than 0")
    for name in ("restitution", "damping"):
        value = getattr(fixed, name)
        if value is not None and not 0 <= value <= 1:
            _refuse(f"{path}.{name}", f"is {value:g}; it must lie between 0 and 1")
    if fixed.friction is not None and fixed.friction < 0:
        _refuse(f"{path}.friction", f"is {fixed.friction:g}; it must be 0 or more")
    if fixed.velocity_m_s is not None and _length(fixed.velocity_m_s) > _FASTEST_M_S:
        _refuse(f"{path}.velocity_m_s", f"is faster than {_FASTEST_M_S:g} metres a second; nothing of it would be seen")


def check_targets(shot: Shot, layers: Iterable[str]) -> None:
    """Refuse aims that the scene does not have.

    Raises:
        ShotInvalid: a cue is aimed at a layer that is not there.
    """
    known = tuple(layers)
    for index, cue in enumerate(shot.motion):
        if cue.target is not None and cue.target not in known:
            _refuse(f"motion[{index}].target", f"is {cue.target!r}; layers here are {', '.join(known)}")


def _length(velocity: tuple[float, float]) -> float:
    return float((velocity[0] ** 2 + velocity[1] ** 2) ** 0.5)


def _refuse(path: str, problem: str) -> NoReturn:
    message = f"{path}: {problem}."
    raise ShotInvalid(message)
