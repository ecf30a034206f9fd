"""A Shot in words, for people."""

from __future__ import annotations

from stillmotion.diorama.shot.ambient import AMBIENT
from stillmotion.diorama.shot.motion_plan import names_itself
from stillmotion.diorama.shot.places import are_many
from stillmotion.diorama.shot.records import CameraMove, DialogueLine, Direction, MotionCue, MoveKind, Shot, SoundCue

_SPOKEN = {MoveKind.PEDESTAL: "crane", MoveKind.RISE: "drone rise"}
_DEGREES = (MoveKind.PAN, MoveKind.TILT, MoveKind.ROLL, MoveKind.ORBIT, MoveKind.RISE, MoveKind.HANDHELD)


def describe(shot: Shot) -> str:
    """The plan as a short page: camera, what moves, what is heard, what could not be done."""
    width, height = shot.size_px
    parts = [f"{shot.duration_s} s, {width}x{height}, {shot.fps} fps, seed {shot.seed}"]
    parts += _section("Camera", [_move(move) for move in shot.camera] or ["static"])
    parts += _section("Lens and look", _finish(shot))
    parts += _section("Moves", _movements([cue for cue in shot.motion if cue.performed]))
    parts += _section("Not shown", list(dict.fromkeys(_unseen(cue) for cue in shot.motion if not cue.performed)))
    parts += _section("Sound", _sounds(shot))
    parts += _section("Dialogue", [_line(line) for line in shot.dialogue])
    parts += _section("Notes", [note.words for note in shot.notes])
    return "\n".join(parts) + "\n"


def _section(title: str, rows: list[str]) -> list[str]:
    return [f"{title}:", *(f"  - {row}" for row in rows)] if rows else []


def _span(start_s: float, end_s: float | None) -> str:
    if end_s is None:
        return "" if start_s == 0 else f" from {start_s:g} s"
    return f" from {start_s:g} to {end_s:g} s"


def _move(move: CameraMove) -> str:
    name = _SPOKEN.get(move.kind, move.kind.replace("_", " "))
    direction = "" if move.direction is Direction.NONE else f" {move.direction}"
    about = f" on {_thing(move.target)}" if move.target else ""
    about = f" from {_thing(move.source)}{about.replace(' on ', ' to ')}" if move.source else about
    return f"{name}{direction}{about}{_extent(move)}{_span(move.start_s, move.end_s)}"


def _extent(move: CameraMove) -> str:
    if move.kind in {MoveKind.STATIC, MoveKind.FOCUS_PULL}:
        return ""
    if move.kind in _DEGREES:
        return f" by {move.amount:.3g} degrees"
    if move.kind in {MoveKind.ZOOM, MoveKind.DOLLY_ZOOM}:
        return f" by a factor of {move.amount:.3g}"
    return f" by {100 * move.amount:.3g} % of the subject's distance"


def _finish(shot: Shot) -> list[str]:
    rows = []
    if shot.lens.aperture > 0:
        rows.append(f"shallow focus {shot.lens.aperture:g}" + (f" on {shot.lens.focus}" if shot.lens.focus else ""))
    if shot.look.grain != 1.0:
        rows.append("no grain" if shot.look.grain == 0 else f"grain {shot.look.grain:g}")
    if shot.look.vignette > 0:
        rows.append(f"vignette {shot.look.vignette:g}")
    return rows


def _movements(cues: list[MotionCue]) -> list[str]:
    """A line a movement; several drawn things that do the same are one line."""
    same: dict[object, list[MotionCue]] = {}
    for index, cue in enumerate(cues):
        same.setdefault((cue.prop, cue.verb, cue.words) if cue.prop is not None else index, []).append(cue)
    return [_motion(group[0], len(group)) for group in same.values()]


def _motion(cue: MotionCue, things: int = 1) -> str:
    """Who, how, whereto, how often, when: "ball (added): roll right, fast, toward cup, from 1 s"."""
    what = _props(cue, things) if cue.prop else cue.subject or _thing(cue.layer or "subject")
    way = f" {cue.direction}" if cue.direction else ""
    asked = ", of itself" if cue.words == AMBIENT else ""
    how = f"{way}{_how(cue)}{_span(cue.start_s, cue.end_s)}{asked}"
    says_so = names_itself(what) and cue.prop is None
    doing = how.removeprefix(",") if says_so else f" {cue.verb.replace('_', ' ')}{how}"
    return f"{what}{_where(cue, what)}:{doing}" if doing else f"{what}{_where(cue, what)}"


def _unseen(cue: MotionCue) -> str:
    """What stays undone, in the words that asked for it; the notes say why."""
    return f'"{cue.words}"' if cue.words else _motion(cue)


def _thing(name: str) -> str:
    """A layer for people, who have never heard of layers."""
    return {"subject": "the subject", "picture": "the photo", "cutout": "what was cut out"}.get(name, name)


def _where(cue: MotionCue, what: str) -> str:
    """Which part of the picture that is, unless the words say so already."""
    if cue.prop is not None:
        return " (added)"
    if cue.layer and (cue.box is not None or cue.point is not None):
        return " (cut out)" if cue.layer.startswith("cutout") else f" (a part of {_thing(cue.layer)})"
    plain = cue.layer is None or cue.layer == what or cue.layer in {"subject", "picture"} or not cue.subject
    return "" if plain else f" ({cue.layer})"


def _props(cue: MotionCue, things: int) -> str:
    count = things * (cue.count or 1) if are_many(cue) else things
    return f"{count} x {cue.prop}" if count > 1 else str(cue.prop)


def _how(cue: MotionCue) -> str:
    pace = ((1.3, "fast"), (0.8, ""), (0.0, "slow"))
    much = ((1.3, "strongly"), (0.8, ""), (0.0, "a little"))
    words = [next(word for limit, word in pace if cue.speed >= limit)]
    words += [next(word for limit, word in much if cue.amount >= limit)]
    words += [f"toward {_thing(cue.target)}"] if cue.target and cue.target != cue.layer else []
    words += (
        ["once" if cue.count == 1 else f"{cue.count} times"]
        if cue.count and not (are_many(cue) or cue.verb == "insects")
        else []
    )
    words += _numbers(cue)
    return "".join(f", {word}" for word in words if word)


def _numbers(cue: MotionCue) -> list[str]:
    """What the Shot fixes for the physics, with units."""
    if cue.physics is None:
        return []
    units = {"mass_kg": "kg", "frequency_hz": "Hz", "spin_deg_s": "degrees a second", "restitution": "restitution"}
    said = [f"{value:g} {unit}" for name, unit in units.items() if (value := getattr(cue.physics, name)) is not None]
    return [*([cue.physics.material] if cue.physics.material else []), *said]


def _sounds(shot: Shot) -> list[str]:
    if shot.mix.silent:
        return ["silent, as asked"]
    rows = [_sound(cue) for cue in shot.sound]
    rows += [f"no {stem}, as asked" for stem in shot.mix.muted]
    return [*rows, f"loudness {shot.mix.loudness_lufs:g} LUFS"]


def _sound(cue: SoundCue) -> str:
    level = f", {cue.level_db:+g} dB" if cue.level_db else ""
    side = "" if not cue.pan else ", from the left" if cue.pan < 0 else ", from the right"
    number = "" if cue.count is None else f", {cue.count} times"
    kind = ", ".join([cue.sound.replace("_", " "), *filter(None, (cue.surface, cue.mood, cue.key))])
    return f"{kind}{number}{level}{side}{_span(cue.start_s, cue.end_s)}{_later(performed=cue.performed)}"


def _line(line: DialogueLine) -> str:
    manner = [*line.manner, *(["off screen"] if line.off_screen else [])]
    how = f" ({', '.join(manner)})" if manner else ""
    at = "" if line.start_s is None else f" at {line.start_s:g} s"
    return f'{line.speaker}{how}{at}: "{line.text}"{_later(performed=line.performed)}'


def _later(*, performed: bool) -> str:
    return "" if performed else " [not yet]"
