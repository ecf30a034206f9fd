"""A Shot as JSON that people read and edit: every field written, in the order of the records; read strictly."""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections import Counter
from enum import StrEnum
from functools import cache
from typing import Any, Union

from stillmotion.diorama.brief import DRAFT_SIZES_PX, DURATIONS_S, PROMPT_LIMIT, RATES_FPS, SIZES_PX
from stillmotion.diorama.shot import props
from stillmotion.diorama.shot.records import MOVES_LIMIT, SHOT_VERSION, STEMS, MoveKind, Shot
from stillmotion.diorama.voice import VOICES
from stillmotion.errors import ShotInvalid

if typing.TYPE_CHECKING:
    from collections.abc import Mapping

    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.shot.records import MotionCue

TEXT_LIMIT = 2_000_000
_LONGEST = 1_000
"""Entries in one list."""
_LONGEST_TEXT = 4_000
"""Characters of every text but the prompt."""
_SEED_LIMIT = 2**63 - 1
_LIMITS: Mapping[str, tuple[float, float]] = {
    "Box.x0": (0, 1),
    "Box.y0": (0, 1),
    "Box.x1": (0, 1),
    "Box.y1": (0, 1),
    "Lens.aperture": (0, 1),
    "Look.grain": (0, 5),
    "Look.vignette": (0, 1),
    "Look.shutter_deg": (0, 360),
    "MotionCue.speed": (0.05, 20),
    "MotionCue.amount": (0.01, 20),
    "MotionCue.count": (1, 1000),
    "MotionCue.size_m": (0.001, 1000),
    "MotionCue.point": (0, 1),
    "MotionCue.target_point": (0, 1),
    "MotionCue.place": (-2, 3),
    "Physics.mass_kg": (0.0001, 1e6),
    "Physics.restitution": (0, 1),
    "Physics.friction": (0, 10),
    "Physics.spin_deg_s": (-36_000, 36_000),
    "Physics.damping": (0, 1),
    "Physics.pivot": (0, 1),
    "Physics.velocity_m_s": (-1000, 1000),
    "Physics.frequency_hz": (0.01, 20),
    "World.metres_per_width": (0.001, 1e6),
    "World.gravity_m_s2": (0, 300),
    "World.ground_y": (0, 1.5),
    "SoundCue.count": (1, 1000),
    "SoundCue.level_db": (-60, 20),
    "SoundCue.pan": (-1, 1),
    "SoundCue.place": (0, 1),
    "SoundCue.every_s": (0.02, 60),
    "SoundCue.pace": (0.1, 10),
    "SoundCue.tempo_bpm": (20, 300),
    "SoundCue.echo": (0, 1),
    "DialogueLine.speed": (0.5, 2),
    "DialogueLine.pan": (-1, 1),
    "Mix.loudness_lufs": (-40, -10),
    "Shot.seed": (0, _SEED_LIMIT),
}
_AMOUNTS = {
    MoveKind.STATIC: (0.0, 0.0),
    MoveKind.PAN: (0.0, 90.0),
    MoveKind.TILT: (0.0, 90.0),
    MoveKind.ROLL: (0.0, 90.0),
    MoveKind.ZOOM: (1.0, 4.0),
    MoveKind.DOLLY: (0.0, 2.0),
    MoveKind.TRUCK: (0.0, 2.0),
    MoveKind.PEDESTAL: (0.0, 2.0),
    MoveKind.ORBIT: (0.0, 90.0),
    MoveKind.DOLLY_ZOOM: (1.0, 4.0),
    MoveKind.HANDHELD: (0.0, 2.0),
    MoveKind.RISE: (0.0, 90.0),
    MoveKind.FOCUS_PULL: (0.0, 1.0),
}


def to_json(shot: Shot) -> str:
    """The Shot as indented JSON with every field, ending in a newline."""
    return json.dumps(dataclasses.asdict(shot), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def from_json(text: str) -> Shot:
    """Read a Shot; fields that are left out take their defaults.

    Raises:
        ShotInvalid: the message names the field, as in `camera[1].end_s`, the limit and what to do.
    """
    if len(text) > TEXT_LIMIT:
        message = f"The Shot has {len(text):,} characters; the limit is {TEXT_LIMIT:,}."
        raise ShotInvalid(message)
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_twins)
    except (ValueError, RecursionError) as error:
        message = f"The Shot is not JSON: {error or 'nested too deeply'}."
        raise ShotInvalid(message) from None
    if isinstance(value, dict) and value.get("version", SHOT_VERSION) != SHOT_VERSION:
        _refuse(
            "version", f"is {_show(value['version'])}; this program reads version {SHOT_VERSION}. Plan the shot again"
        )
    try:
        shot = typing.cast("Shot", _record(Shot, value, ""))
    except RecursionError:
        message = "The Shot is nested too deeply."
        raise ShotInvalid(message) from None
    _check(shot)
    return shot


def _refuse(path: str, problem: str) -> typing.NoReturn:
    message = f"{path or 'The Shot'}: {problem}."
    raise ShotInvalid(message)


def _no_constant(name: str) -> float:
    message = f"{name} is not a number that a Shot may hold; write a finite number"
    raise ValueError(message)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    (twin, count), *_ = Counter(keys).most_common(1) or [("", 0)]
    if count > 1:
        message = f"the field {_show(twin)} stands twice in one object; keep one"
        raise ValueError(message)
    return dict(pairs)


def _show(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else text[:37] + "..."


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def _record(kind: type, value: Any, path: str) -> object:  # noqa: ANN401 - JSON from outside
    if not isinstance(value, dict):
        _refuse(path, f"is {_show(value)}; write an object with the fields of {kind.__name__}")
    fields = {field.name: field for field in dataclasses.fields(kind)}
    for key in value:
        if key not in fields:
            _refuse(_join(path, key), f"is not a field of a Shot; known here are {', '.join(fields)}")
    needed = [field.name for field in fields.values() if _has_no_default(field) and field.name not in value]
    if needed:
        _refuse(_join(path, needed[0]), "is missing; add it")
    read = {key: _value(_hints(kind)[key], entry, _join(path, key)) for key, entry in value.items()}
    for key, entry in read.items():
        _within(f"{kind.__name__}.{key}", entry, _join(path, key))
    return kind(**read)


def _has_no_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _within(name: str, value: object, path: str) -> None:
    if isinstance(value, tuple):
        for index, entry in enumerate(value if name in _LIMITS else ()):
            _within(name, entry, f"{path}[{index}]")
    elif name in _LIMITS and value is not None:
        low, high = _LIMITS[name]
        if not low <= typing.cast("float", value) <= high:
            _refuse(path, f"is {_show(value)}; it must lie between {low:g} and {high:g}")


def _value(hint: Any, value: Any, path: str) -> object:  # noqa: ANN401 - any type of the records, any JSON
    origin = typing.get_origin(hint)
    if origin in {Union, types.UnionType}:
        options = [option for option in typing.get_args(hint) if option is not type(None)]
        return None if value is None else _value(options[0], value, path)
    if origin is tuple:
        return _tuple(typing.get_args(hint), value, path)
    if dataclasses.is_dataclass(hint):
        return _record(typing.cast("type", hint), value, path)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return _choice(hint, value, path)
    return _scalar(hint, value, path)


def _tuple(arguments: tuple[Any, ...], value: Any, path: str) -> tuple[object, ...]:  # noqa: ANN401 - JSON from outside
    if not isinstance(value, list):
        _refuse(path, f"is {_show(value)}; write a list")
    if arguments[-1] is not Ellipsis:
        if len(value) != len(arguments):
            _refuse(path, f"has {len(value)} entries; it needs {len(arguments)}")
        return tuple(
            _value(hint, entry, f"{path}[{i}]") for i, (hint, entry) in enumerate(zip(arguments, value, strict=True))
        )
    if len(value) > _LONGEST:
        _refuse(path, f"has {len(value)} entries; the limit is {_LONGEST}")
    return tuple(_value(arguments[0], entry, f"{path}[{i}]") for i, entry in enumerate(value))


def _choice(kind: type[StrEnum], value: Any, path: str) -> StrEnum:  # noqa: ANN401 - JSON from outside
    for member in kind:
        if member.value == value and isinstance(value, str):
            return member
    choices = ", ".join(member.value for member in kind)
    _refuse(path, f"is {_show(value)}; choose one of {choices}")


def _scalar(hint: type, value: Any, path: str) -> object:  # noqa: ANN401 - JSON from outside
    names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        if (isinstance(value, float) and not math.isfinite(value)) or abs(value) > 1e12:
            _refuse(path, f"is {_show(value)}; write a finite number of ordinary size")
        return float(value)
    if type(value) is not hint:
        _refuse(path, f"is {_show(value)}; write {names[hint]}")
    if isinstance(value, str) and len(value) > (PROMPT_LIMIT if path == "prompt" else _LONGEST_TEXT):
        limit = PROMPT_LIMIT if path == "prompt" else _LONGEST_TEXT
        _refuse(path, f"has {len(value):,} characters; the limit is {limit:,}")
    if isinstance(value, str) and any("\ud800" <= char <= "\udfff" for char in value):
        _refuse(path, "holds half of a character (a lone surrogate); remove it")
    return value


def _check(shot: Shot) -> None:
    """Rules that join several fields."""
    if shot.duration_s not in DURATIONS_S:
        _refuse("duration_s", f"is {shot.duration_s}; choose 4, 8, 12, 16 or 20")
    if shot.size_px not in SIZES_PX + DRAFT_SIZES_PX:
        sizes = ", ".join(f"[{w}, {h}]" for w, h in SIZES_PX + DRAFT_SIZES_PX)
        _refuse("size_px", f"is {list(shot.size_px)}; choose one of {sizes}")
    slowest, fastest = RATES_FPS
    if not slowest <= shot.fps <= fastest:
        _refuse("fps", f"is {shot.fps}; it must lie between {slowest} and {fastest}")
    _check_box("framing", shot.framing, 0.01)
    _check_moves(shot)
    for name in shot.mix.muted:
        if name not in STEMS:
            _refuse(f"mix.muted[{shot.mix.muted.index(name)}]", f"is {_show(name)}; choose one of {', '.join(STEMS)}")
    for index, cue in enumerate(shot.motion):
        _check_span(f"motion[{index}]", cue.start_s, cue.end_s, shot.duration_s)
        _check_what(f"motion[{index}]", cue)
    for index, sound in enumerate(shot.sound):
        _check_span(f"sound[{index}]", sound.start_s, sound.end_s, shot.duration_s)
    for index, line in enumerate(shot.dialogue):
        _check_span(f"dialogue[{index}]", line.start_s or 0.0, line.end_s, shot.duration_s)
        if line.voice and line.voice not in VOICES:
            choices = ", ".join(sorted(VOICES))
            _refuse(f"dialogue[{index}].voice", f"is {_show(line.voice)}; choose one of {choices}")


def _check_moves(shot: Shot) -> None:
    if len(shot.camera) > MOVES_LIMIT:
        _refuse("camera", f"has {len(shot.camera)} moves; the limit is {MOVES_LIMIT}")
    for index, move in enumerate(shot.camera):
        _check_span(f"camera[{index}]", move.start_s, move.end_s, shot.duration_s)
        low, high = _AMOUNTS[move.kind]
        if not low <= move.amount <= high:
            allowed = f"for {move.kind} it must lie between {low:g} and {high:g}"
            _refuse(f"camera[{index}].amount", f"is {move.amount:g}; {allowed}")


def _check_what(path: str, cue: MotionCue) -> None:
    """What a cue moves: a part of the photo that has a size, or a thing that can be drawn."""
    if cue.box is not None:
        _check_box(f"{path}.box", cue.box, 0.004)
    if cue.prop is not None and cue.prop not in props.names():
        _refuse(f"{path}.prop", f"is {_show(cue.prop)}; choose one of {', '.join(sorted(props.names()))}")


def _check_box(path: str, box: Box, least: float) -> None:
    for low, high, name in ((box.x0, box.x1, "x1"), (box.y0, box.y1, "y1")):
        if high - low < least:
            _refuse(
                f"{path}.{name}", f"is {high:g}; it must be at least {least:g} more than {name[0]}0, which is {low:g}"
            )


def _check_span(path: str, start_s: float, end_s: float | None, duration_s: float) -> None:
    if not 0 <= start_s <= duration_s:
        _refuse(f"{path}.start_s", f"is {start_s:g}; the shot runs from 0 to {duration_s:g} seconds")
    if end_s is None:
        return
    if not 0 <= end_s <= duration_s:
        _refuse(f"{path}.end_s", f"is {end_s:g}; the shot runs from 0 to {duration_s:g} seconds")
    if end_s <= start_s:
        _refuse(f"{path}.end_s", f"is {end_s:g}; it must be later than start_s, which is {start_s:g}")
