"""Camera phrases to moves in seconds and amounts, and the move that a picture gets when the words name none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stillmotion.diorama.scene.records import Layer, Scene, Surface
from stillmotion.diorama.shot.binding import bind, centre_of, subject_layer
from stillmotion.diorama.shot.intent import CameraPhrase, Intent
from stillmotion.diorama.shot.records import CameraMove, Direction, MoveKind, Note

if TYPE_CHECKING:
    from stillmotion.diorama.shot.timing import Schedule

USUAL = {
    MoveKind.STATIC: (0.0, 0.0, 0.0),
    MoveKind.PAN: (4.0, 0.8, 20.0),
    MoveKind.TILT: (4.0, 0.6, 15.0),
    MoveKind.ROLL: (4.0, 0.5, 15.0),
    MoveKind.ZOOM: (0.22, 0.04, 1.0),
    MoveKind.DOLLY: (0.14, 0.03, 0.6),
    MoveKind.TRUCK: (0.055, 0.02, 0.4),
    MoveKind.PEDESTAL: (0.05, 0.015, 0.3),
    MoveKind.ORBIT: (4.0, 1.5, 30.0),
    MoveKind.DOLLY_ZOOM: (0.25, 0.06, 0.8),
    MoveKind.HANDHELD: (0.22, 0.06, 0.6),
    MoveKind.RISE: (3.5, 0.8, 20.0),
    MoveKind.FOCUS_PULL: (0.7, 0.2, 1.0),
}
"""Amount of a normal move of four seconds, with its least and most; zooms count from 0 here. Chosen so that an ordinary
layered photo has room for at least half of a move whose amount nobody named."""

_REFERENCE_S = 4.0
_LENGTH_POWER = 0.6
"""A move twice as long goes 1.5 times as far: slower, so that long shots stay calm."""
_FACTORS = (MoveKind.ZOOM, MoveKind.DOLLY_ZOOM)
_STEADY = (MoveKind.HANDHELD, MoveKind.FOCUS_PULL)
_DEFAULT_DIRECTION = {
    MoveKind.PAN: Direction.RIGHT,
    MoveKind.TILT: Direction.UP,
    MoveKind.ROLL: Direction.RIGHT,
    MoveKind.ZOOM: Direction.IN,
    MoveKind.DOLLY: Direction.IN,
    MoveKind.TRUCK: Direction.RIGHT,
    MoveKind.PEDESTAL: Direction.UP,
    MoveKind.ORBIT: Direction.RIGHT,
    MoveKind.DOLLY_ZOOM: Direction.IN,
    MoveKind.RISE: Direction.UP,
}


def camera_moves(scene: Scene, intent: Intent, timing: Schedule) -> tuple[tuple[CameraMove, ...], tuple[Note, ...]]:
    """The moves that the words name, else one chosen from the picture."""
    if not intent.camera:
        move = default_move(scene, intent, timing.total_s)
        return (move,), (_chosen(move),)
    notes: list[Note] = []
    moves = tuple(_move(scene, phrase, timing, notes) for phrase in intent.camera)
    return moves, tuple(notes)


def _move(scene: Scene, phrase: CameraPhrase, timing: Schedule, notes: list[Note]) -> CameraMove:
    start, end = timing.window(phrase.when)
    end = timing.total_s if end is None else end
    target = _bound(scene, phrase.target, phrase, notes)
    source = _bound(scene, phrase.source, phrase, notes) if phrase.kind is MoveKind.FOCUS_PULL else None
    return CameraMove(
        kind=phrase.kind,
        direction=_direction(scene, phrase),
        start_s=start,
        end_s=end,
        amount=amount(phrase, end - start),
        target=_aimed(scene, phrase.kind, target, source),
        source=source or _other_end(scene, phrase.kind, target),
    )


def _bound(scene: Scene, words: str, phrase: CameraPhrase, notes: list[Note]) -> str | None:
    layer = bind(scene, words) if words else None
    if words and layer is None and phrase.kind in {MoveKind.DOLLY, MoveKind.ZOOM, MoveKind.ORBIT, MoveKind.FOCUS_PULL}:
        instead = (
            "the focus goes to the far end" if phrase.kind is MoveKind.FOCUS_PULL else "the camera aims at the subject"
        )
        notes.append(Note(code="unbound", words=f'Nothing in the photo was recognised as "{words}"; {instead}.'))
    return layer


def _aimed(scene: Scene, kind: MoveKind, target: str | None, source: str | None) -> str | None:
    """What a focus pull ends on when the words do not say: far from a near start, near from a far one."""
    if kind is not MoveKind.FOCUS_PULL or target is not None:
        return target
    subject = subject_layer(scene)
    if source is not None and subject is not None and source != subject.name:
        return subject.name
    return scene.layers[0].name if source is not None else (subject or scene.layers[-1]).name


def _other_end(scene: Scene, kind: MoveKind, target: str | None) -> str | None:
    """Where a focus pull starts when the words name only its end."""
    if kind is not MoveKind.FOCUS_PULL:
        return None
    subject = subject_layer(scene)
    near = (subject or scene.layers[-1]).name
    return scene.layers[0].name if target in {None, near} else near


def _direction(scene: Scene, phrase: CameraPhrase) -> Direction:
    if phrase.direction is not Direction.NONE or phrase.kind not in _DEFAULT_DIRECTION:
        return phrase.direction
    axis = {MoveKind.PAN: 0, MoveKind.TRUCK: 0, MoveKind.TILT: 1}.get(phrase.kind)
    start, end = (_where(scene, words) for words in (phrase.source, phrase.target))
    if axis is None or (start is None and end is None):
        return _DEFAULT_DIRECTION[phrase.kind]
    middle = (0.5, 0.5)
    forward = (end or middle)[axis] >= (start or middle)[axis]
    return ((Direction.LEFT, Direction.RIGHT), (Direction.UP, Direction.DOWN))[axis][forward]


def _where(scene: Scene, words: str) -> tuple[float, float] | None:
    name = bind(scene, words) if words else None
    return centre_of(scene, scene.layer(name)) if name else None


def amount(phrase: CameraPhrase, seconds: float) -> float:
    """How far a move goes: its usual way, times speed, amount and a power of its length, between its least and most."""
    usual, least, most = USUAL[phrase.kind]
    if phrase.kind is MoveKind.STATIC:
        return 0.0
    factor = phrase.amount * (
        1.0 if phrase.kind in _STEADY else phrase.speed * (seconds / _REFERENCE_S) ** _LENGTH_POWER
    )
    if phrase.speed > 3.0:
        factor = 1.7 * phrase.amount
    wanted = usual * factor
    if phrase.quantity is not None:
        wanted = phrase.quantity - (1.0 if phrase.kind in _FACTORS else 0.0)
        most = max(most, min(wanted, 90.0))
    clipped = min(max(wanted, least), most)
    return round(1.0 + clipped if phrase.kind in _FACTORS else clipped, 4)


def default_move(scene: Scene, intent: Intent, total_s: float) -> CameraMove:
    """A calm move that suits the picture: towards a face or subject, along a deep landscape, a zoom on what is flat."""
    kind, direction, target = _suited(scene, intent)
    if kind in intent.excluded_moves:
        kind, direction = MoveKind.STATIC, Direction.NONE
    phrase = CameraPhrase(kind=kind, direction=direction, speed=0.6)
    return CameraMove(kind=kind, direction=direction, end_s=total_s, amount=amount(phrase, total_s), target=target)


def _suited(scene: Scene, intent: Intent) -> tuple[MoveKind, Direction, str | None]:
    subject = subject_layer(scene)
    if len(scene.layers) < 2 or not scene.trusted:
        return MoveKind.ZOOM, Direction.IN, None
    if scene.faces:
        return MoveKind.DOLLY, Direction.IN, scene.faces[0].layer
    if "wide" in intent.looks or (scene.outdoors and len(scene.layers) >= 3 and not _fills(scene, subject)):
        side = Direction.RIGHT if scene.salience[0] >= 0.5 else Direction.LEFT
        return MoveKind.TRUCK, side, None
    if subject is not None and subject.surface is not Surface.STRUCTURE:
        return MoveKind.DOLLY, Direction.IN, subject.name
    return MoveKind.DOLLY, Direction.IN, None


def _fills(scene: Scene, subject: Layer | None) -> bool:
    """Whether the subject is large enough to be what the shot is about."""
    if subject is None or subject.surface in {Surface.STRUCTURE, Surface.PLANT}:
        return False
    return subject.size_px[0] * subject.size_px[1] > 0.06 * scene.size_px[0] * scene.size_px[1]


def _chosen(move: CameraMove) -> Note:
    names = {
        MoveKind.ZOOM: "a slow zoom in, because the photo reads as flat",
        MoveKind.DOLLY: "a slow push-in towards the subject",
        MoveKind.TRUCK: f"a gentle move to the {move.direction}, past the depth of the scene",
        MoveKind.STATIC: "a static camera, because the prompt rules out the move that would suit the photo",
    }
    return Note(code="camera-chosen", words=f"The prompt names no camera move; the shot gets {names[move.kind]}.")
