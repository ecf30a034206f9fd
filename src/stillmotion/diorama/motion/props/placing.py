"""Where a prop is put when a prompt asks for it: how far away, how large, and in front of what."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from stillmotion.diorama.geometry import Plane
from stillmotion.diorama.motion import ground, light
from stillmotion.diorama.motion.props import catalogue
from stillmotion.diorama.scene.records import Layer, Surface

if TYPE_CHECKING:
    from stillmotion.diorama.motion.light import Lighting
    from stillmotion.diorama.motion.props.brush import Picture
    from stillmotion.diorama.motion.props.records import Prop
    from stillmotion.diorama.motion.stage import Stage
    from stillmotion.diorama.shot.records import MotionCue

SEEN = (0.045, 0.20)
"""Smallest and largest width of a prop as shares of the picture's: smaller is not seen, larger takes the scene over."""
_SMALLEST_WINGS, _LARGEST_WINGS = 0.06, 0.13
"""The same for what flaps: it draws the eye more when it is large, and hovers for nobody when it is small."""
_TALLEST = 0.42
_LYING = (Surface.SKY, Surface.GROUND, Surface.SUPPORT, Surface.WATER)
_FALLING = ("fall", "bounce", "drop", "splash")
_LANDING = ("fall", "bounce", "roll", "slide", "throw", "settle", "topple")
_SINKING = ("float", "down")
_CROSSING = ("bounce", "roll", "slide", "move", "drive", "sail", "fly", "throw", "float", "push", "collide")
_FROM = re.compile(r"\bfrom (?:the )?(?:far |upper |lower |top |bottom )?(left|right|top|above)\b")
_BEHIND = re.compile(r"\bbehind\b|\bbeyond\b|\bhinter\b|\bderriere\b")
_HOVERING = ("kite",)
_PASSES = re.compile(r"\b(?:past|across|by|away|through)\b")
_ABOUT = re.compile(r"\b(?:around|about|round|over|above|near|at|beside|by)\b")
_FAR_Q = 0.25
_COMING_Q = 0.6
"""Inverse depth from which something comes nearer."""
_NEARBY_Q, _NEARER_THAN_AIR = 0.4, 1.35
"""What flies nearby is hidden only by things that are so much nearer: nobody sees how far away it is."""
_INSIDE = 0.03
"""How far above the lower edge of the picture things stand at least."""
_AIR_Q, _WATER_Q, _GROUND_Q = 1.02, 0.55, 1.03
"""Inverse depth of what flies, floats and stands when no words place it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a prop is at rest."""

    x: float
    """Middle, in photo coordinates."""
    bottom: float
    """Lower edge, in photo coordinates."""
    q: float
    wide: float
    """Width in photo widths."""
    tall: float
    """Height in photo heights."""


def of(cue: MotionCue) -> Prop | None:
    """The prop that a cue asks for; None when it asks for none that is known."""
    return catalogue.KNOWN.get(cue.prop) if cue.prop is not None else None


def layer(stage: Stage, cue: MotionCue, pose: int = 0) -> Layer:
    """The prop of a cue as a layer at rest, lit like the photo; it may lie outside the picture.

    Raises:
        ValueError: the cue asks for no prop that is known.
    """
    prop = _wanted(cue)
    spot = place(stage, cue)
    return _placed(stage, prop, spot, _drawn(stage, prop, spot, light.of(stage.scene), pose), name(cue))


def body(stage: Stage, cue: MotionCue) -> tuple[Layer, Layer | None]:
    """The same in two parts for what rolls: a body that may turn, and the shading on it, which must not.

    The shading is drawn right in front of the body and travels with it. It is None for what is not round: then the
    body carries its own light.

    Raises:
        ValueError: the cue asks for no prop that is known.
    """
    prop = _wanted(cue)
    if not prop.round:
        return layer(stage, cue), None
    spot, real = place(stage, cue), light.of(stage.scene)
    flat = _frontal(real)
    if prop.skin is not None:
        turning, staying = prop.halves(_wide_px(stage, spot), real, stage.shot.seed)
    else:
        turning = _drawn(stage, prop, spot, flat, 0)
        ball = catalogue.PLAIN_BALL
        lit, even = (_drawn(stage, ball, spot, one, 0) for one in (real, flat))
        staying = None if prop.airy else _sheen(lit, even)
    own = _placed(stage, prop, spot, turning, name(cue))
    return own, None if staying is None else _placed(stage, prop, spot, staying, f"{name(cue)}-shading")


def _wide_px(stage: Stage, spot: Spot) -> int:
    return max(8, round(spot.wide * stage.scene.size_px[0]))


def name(cue: MotionCue) -> str:
    """The name of the layer of a cue's prop: no layer of a photo is called so, nor a prop of other words or place."""
    place_of = "" if cue.place is None else f"@{cue.place[0]:.5f},{cue.place[1]:.5f}"
    return f"+{cue.prop} {cue.subject}{place_of}"


def order(stage: Stage, cue: MotionCue) -> str | None:
    """The layer right in front of a cue's prop; None when nothing is."""
    if cue.target is not None and _BEHIND.search(cue.words):
        return cue.target
    spot = place(stage, cue)
    in_air = spot.q > _NEARBY_Q and _wanted(cue).light
    nearer = spot.q * (_NEARER_THAN_AIR if in_air else 1.02)
    # What lands before plants that line the picture would never be seen again behind them.
    passed = (*_LYING, Surface.FOLIAGE, Surface.PLANT) if cue.verb in _LANDING else _LYING
    for one in stage.scene.layers[1:]:
        if one.surface not in passed and one.plane.inverse_depth(spot.x, spot.bottom) > nearer:
            return one.name
    return None


def place(stage: Stage, cue: MotionCue) -> Spot:
    """Where a cue's prop rests before it moves.

    Raises:
        ValueError: the cue asks for no prop that is known.
    """
    prop = _wanted(cue)
    q = _depth(stage, cue, prop)
    wide = _width(stage, cue, prop, q)
    tall = wide * prop.aspect / stage.aspect
    x, bottom = _middle(stage, cue, prop, wide), _bottom(stage, cue, prop, q, tall)
    return Spot(x=x, bottom=bottom, q=q, wide=wide, tall=tall)


def _wanted(cue: MotionCue) -> Prop:
    prop = of(cue)
    if prop is None:
        message = f"there is no prop called {cue.prop}"
        raise ValueError(message)
    return prop


def _behind(stage: Stage, cue: MotionCue) -> Layer | None:
    if cue.target is None or not _BEHIND.search(cue.words):
        return None
    return next((one for one in stage.scene.layers if one.name == cue.target), None)


def _depth(stage: Stage, cue: MotionCue, prop: Prop) -> float:
    """Inverse depth: just behind what it is behind, on the ground below its place, or where it looks its real size."""
    hidden_by = _behind(stage, cue)
    if hidden_by is not None:
        box = _box(stage, hidden_by)
        return max(min(hidden_by.plane.inverse_depth(box[0], box[3]) * 0.8, _fitting(stage, cue, prop)), 0.05)
    if _lies(prop, cue) and not prop.floats and cue.place is not None and side(cue) != "top":
        row = min(cue.place[1], stage.shot.framing.y1 - _INSIDE)
        return float(np.clip(ground.plane(stage).inverse_depth(cue.place[0], row), 0.35, 1.6))
    if _lies(prop, cue) and not prop.floats:
        return _COMING_Q if "in" in cue.direction.split() and cue.verb == "drive" else _GROUND_Q
    if not prop.floats and (_ABOUT.search(cue.words) or _PASSES.search(cue.words)):
        return 1.0
    fitting = _fitting(stage, cue, prop)
    return float(np.clip(min(_WATER_Q, 0.6 * fitting) if prop.floats else min(_AIR_Q, fitting), 0.08, 1.0))


def _fitting(stage: Stage, cue: MotionCue, prop: Prop) -> float:
    """The inverse depth at which a prop of its real size takes a good part of the picture."""
    metres = cue.size_m if cue.size_m is not None else prop.width_m
    return 0.7 * SEEN[1] * stage.shot.framing.width * ground.metres_per_width(stage) / metres


def _width(stage: Stage, cue: MotionCue, prop: Prop, q: float) -> float:
    metres = cue.size_m if cue.size_m is not None else prop.width_m
    wide = metres / ground.metres_per_width(stage) * q
    framed = stage.shot.framing
    tallest = _TALLEST * framed.height * stage.aspect / prop.aspect
    largest = SEEN[1] if prop.poses == 1 else _LARGEST_WINGS
    smallest = SEEN[0] if prop.poses == 1 or cue.verb != "float" else _SMALLEST_WINGS
    return float(min(max(wide, smallest * framed.width), largest * framed.width, tallest))


def _lies(prop: Prop, cue: MotionCue) -> bool:
    return not prop.light and cue.verb not in {"fly", "rise"}


def side(cue: MotionCue) -> str:
    """The side of the picture on which a cue's prop comes in: left, right, top, or nothing when it is simply there."""
    said = _FROM.search(cue.words)
    if said:
        return {"above": "top"}.get(said.group(1), said.group(1))
    if cue.place is not None:
        x, y = cue.place
        return "left" if x < 0 else "right" if x > 1 else "top" if y < 0 else "bottom" if y > 1 else ""
    passes = _PASSES.search(cue.words) is not None
    if (cue.verb in _FALLING and not (passes and cue.verb == "bounce")) or (cue.verb, cue.direction) == _SINKING:
        return "top"
    if (cue.prop in _HOVERING or cue.verb == "float") and not cue.direction and not passes:
        return ""
    if cue.verb in _CROSSING:
        return "right" if "left" in cue.direction else "left"
    return "bottom" if cue.verb == "rise" else ""


def _middle(stage: Stage, cue: MotionCue, prop: Prop, wide: float) -> float:
    framed = stage.shot.framing
    beside = {"left": framed.x0 - 0.6 * wide, "right": framed.x1 + 0.6 * wide}
    if (where := side(cue)) in beside:
        return beside[where]
    hidden_by = _behind(stage, cue)
    if hidden_by is not None:
        return _rising_behind(stage, hidden_by, wide)
    if cue.place is not None:
        return cue.place[0]
    if cue.verb == "float" and prop.poses > 1 and _ABOUT.search(cue.words):
        return min(max(stage.scene.salience[0], framed.x0 + 0.3 * framed.width), framed.x1 - 0.3 * framed.width)
    share = 0.68 if stage.scene.salience[0] < 0.5 else 0.32
    return framed.x0 + framed.width * (share if not prop.light else 0.5 + 1.5 * (share - 0.5))


def _rising_behind(stage: Stage, hidden_by: Layer, wide: float) -> float:
    """Its middle when there is room above it; else the side where more is free, half hidden."""
    framed, box = stage.shot.framing, _box(stage, hidden_by)
    middle = (box[0] + box[2]) / 2
    if box[1] > framed.y0 + 0.4 * framed.height:
        return middle
    solid = hidden_by.rgba[: hidden_by.rgba.shape[0] // 2, :, 3] > 127
    columns = np.flatnonzero(solid.mean(0) > 0.3)
    if not len(columns):
        return middle
    left, right = (box[0] + float(end) / stage.scene.size_px[0] for end in (columns[0], columns[-1]))
    return right + 0.25 * wide if framed.x1 - right > left - framed.x0 else left - 0.25 * wide


def _bottom(stage: Stage, cue: MotionCue, prop: Prop, q: float, tall: float) -> float:
    framed, where = stage.shot.framing, side(cue)
    hidden_by = _behind(stage, cue)
    if where == "top":
        return framed.y0 - 0.1 * tall
    if cue.verb == "rise" and hidden_by is not None:
        return _box(stage, hidden_by)[3] + 0.15 * tall
    if where == "bottom":
        return framed.y1 + 1.1 * tall
    if not _lies(prop, cue):
        return framed.y0 + 0.3 * framed.height + tall / 2
    on_ground = cue.place is not None and not prop.floats
    lowest = cue.place[1] if on_ground and cue.place is not None else ground.row(stage, q, on_water=prop.floats)
    return min(lowest, framed.y1 - _INSIDE)


def _box(stage: Stage, one: Layer) -> tuple[float, float, float, float]:
    width, height = stage.scene.size_px
    wide, tall = one.size_px
    return one.left_px / width, one.top_px / height, (one.left_px + wide) / width, (one.top_px + tall) / height


def _placed(stage: Stage, prop: Prop, spot: Spot, picture: Picture, called: str) -> Layer:
    width, height = stage.scene.size_px
    tall, wide = picture.shape[:2]
    return Layer(
        name=called,
        surface=prop.surface,
        label=prop.name,
        rgba=picture,
        left_px=round(spot.x * width - wide / 2),
        top_px=round(spot.bottom * height) - tall,
        plane=Plane(constant=spot.q),
        contact_y=spot.bottom,
    )


def _drawn(stage: Stage, prop: Prop, spot: Spot, lit: Lighting, pose: int) -> Picture:
    picture = prop.draw(_wide_px(stage, spot), lit, stage.shot.seed, pose)
    return _in_air(picture, lit, spot.q)


def _in_air(picture: Picture, lit: Lighting, q: float) -> Picture:
    """What is far away fades into the haze."""
    share = 0.45 * max(0.0, 1 - q / _FAR_Q) if not lit.night else 0.0
    if share <= 0:
        return picture
    haze = light.to_encoded(np.asarray(lit.haze, np.float32)) * 255
    result = picture.astype(np.float32)
    result[..., :3] += share * (haze * result[..., 3:] / 255 - result[..., :3])
    return np.asarray(np.rint(result), np.uint8)


def _frontal(lit: Lighting) -> Lighting:
    """The same amount of light from all around: what turns must not carry its shadow along."""
    total = np.array(lit.key) * 0.62 + np.array(lit.sky) * 0.5 + np.array(lit.bounce) * 0.5
    even = (float(total[0]), float(total[1]), float(total[2]))
    return replace(lit, key=(0.0, 0.0, 0.0), sky=even, bounce=even)


def _sheen(lit: Picture, flat: Picture) -> Picture:
    """Black where a grey ball is darker than evenly lit, white where it is brighter; premultiplied, over the body."""
    one, two = (picture[..., :3].mean(-1) / 255.0 for picture in (lit, flat))
    cover = lit[..., 3] / 255.0
    darker = np.clip(1 - one / np.maximum(two, 1e-3), 0, 1) * cover
    brighter = np.clip((one - two) / np.maximum(1 - two, 0.05), 0, 1) * cover
    result = np.zeros(lit.shape, np.float32)
    result[..., :3] = brighter[..., None]
    result[..., 3] = np.maximum(darker, brighter)
    smooth = cv2.GaussianBlur(result, (0, 0), 0.8)
    smooth[..., 3] = np.minimum(smooth[..., 3], cover)
    smooth[..., :3] = np.minimum(smooth[..., :3], smooth[..., 3:])
    return np.asarray(np.rint(smooth * 255), np.uint8)
