"""The budget solver: choose the framing and scale the moves so that nothing is ever shown that is not there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.camera.aim import check_layers
from stillmotion.diorama.camera.amounts import asked_for, enlarged, scaled, words
from stillmotion.diorama.camera.asked_to_move import regions
from stillmotion.diorama.camera.focus import can_pull
from stillmotion.diorama.camera.framing import Candidate, candidates, is_framing
from stillmotion.diorama.camera.limits import Allowance, allowed, parallax_px
from stillmotion.diorama.camera.path import CameraPath
from stillmotion.diorama.camera.probes import Probes, probes
from stillmotion.diorama.camera.visible import carried, unseen
from stillmotion.diorama.shot.records import CameraMove, MoveKind, Note, Shot

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from stillmotion.diorama.geometry import Box
    from stillmotion.diorama.scene.records import Scene

_LOOKS = 17
_HALVINGS = 7
_ENOUGH = 0.97
_TRIES = 8
_NOTICED = 0.03
_GAIN = 0.04
"""A crop that costs more must give this much more of the moves."""
_FRAMING_WEIGHT = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What the solver works on."""

    scene: Scene
    shot: Shot
    """With the moves as large as they should be."""
    probes: Probes
    allowance: Allowance
    times_s: NDArray[np.float64]

    def framed(self, box: Box) -> _Task:
        return replace(self, shot=replace(self.shot, framing=box))

    def scaled(self, factors: list[float]) -> Shot:
        moves = tuple(scaled(move, factor) for move, factor in zip(self.shot.camera, factors, strict=True))
        return replace(self.shot, camera=moves)

    def ok(self, factors: list[float]) -> bool:
        return _fine(self, self.scaled(factors), self.times_s)


def fit(scene: Scene, shot: Shot) -> Shot:
    """A Shot whose camera stays inside what the scene can show. A Shot that already does comes back as it is.

    The framing is chosen among crops that cut at most 8 % a side beyond what the output's shape needs; each move is
    scaled down as little as needed, and a travelling move that would hardly be seen is scaled up where there is room.
    A named move that ends up below half of what was asked leaves a note.

    Raises:
        ShotInvalid: a move is aimed at a layer that the scene does not have.
    """
    check_layers(scene, shot)
    shot = _without_hopeless_pulls(scene, shot)
    task = _task(scene, shot)
    decided = is_framing(scene, shot.framing, shot.size_px) and shot.framing.width * shot.framing.height < 1.0
    if decided and _fine(task, shot, _all_times(shot)):
        return shot
    fitted = _solved(task, decided=decided)
    helped = carried(scene, shot, fitted, task.probes.ground)
    if helped is not shot:
        task = replace(task, shot=helped)
        fitted = _solved(task, decided=decided)
    stays = _same(shot, fitted) and _fine(task, shot, _all_times(shot))
    return shot if stays else replace(fitted, notes=_notes(task, helped, fitted))


def _solved(task: _Task, *, decided: bool) -> Shot:
    """The Shot with the best framing, or the one that a person decided on, and moves as large as they may be."""
    framed, factors = _in_place(task) if decided else _best(_wished(task))
    return _secured(task, framed.scaled(_each_as_far_as_it_goes(framed, factors)))


def _first_box(task: _Task) -> Box:
    return candidates(task.scene, task.shot.size_px)[0].box


def _same(one: Shot, two: Shot) -> bool:
    """Whether the solver has nothing to say that an eye would notice: a Shot that was fitted before stays."""
    if len(one.camera) != len(two.camera):
        return False
    pairs = zip(one.camera, two.camera, strict=True)
    return one.framing == two.framing and all(
        abs(asked_for(a).strength(a) - asked_for(b).strength(b)) <= _NOTICED * asked_for(a).strength(a)
        for a, b in pairs
    )


def _task(scene: Scene, shot: Shot) -> _Task:
    allowance = Allowance(trusted=scene.trusted, scale=720.0 / min(shot.size_px), size_px=shot.size_px)
    ends = [min(max(time, 0.0), shot.duration_s) for move in shot.camera for time in (move.start_s, move.end_s)]
    times = np.unique(np.concatenate([np.linspace(0.0, shot.duration_s, _LOOKS), ends]))
    return _Task(scene=scene, shot=shot, probes=probes(scene), allowance=allowance, times_s=times)


def _fine(task: _Task, shot: Shot, times_s: NDArray[np.float64]) -> bool:
    return allowed(CameraPath(task.scene, shot), times_s, task.probes, task.allowance)


def _all_times(shot: Shot) -> NDArray[np.float64]:
    """Every frame, and the instants half-way between that a motion blur shows."""
    return np.arange(2 * shot.frame_count) / (2.0 * shot.fps)


def _best(task: _Task) -> tuple[_Task, list[float]]:
    """The crop that lets the moves go farthest, weighed against what the crop costs."""
    crops = candidates(task.scene, task.shot.size_px, regions(task.scene, task.shot))
    count = len(task.shot.camera)
    best, best_score, best_factor = crops[0], -np.inf, 0.0
    for crop in crops:
        if 1.0 - _FRAMING_WEIGHT * crop.cost <= best_score:
            break
        factor = _joint_factor(task.framed(crop.box), count, floor=_floor(best_score, crop))
        score = factor - _FRAMING_WEIGHT * crop.cost
        if score > best_score:
            best, best_score, best_factor = crop, score, factor
    return task.framed(best.box), [best_factor] * count


def _floor(best_score: float, crop: Candidate) -> float:
    """A smaller factor than this would not make a crop the best."""
    return max(best_score + _FRAMING_WEIGHT * crop.cost + _GAIN, 0.0)


def _in_place(task: _Task) -> tuple[_Task, list[float]]:
    """Keep the framing that a person chose."""
    count = len(task.shot.camera)
    return task, [_joint_factor(task, count, floor=0.0)] * count


def _joint_factor(task: _Task, count: int, floor: float) -> float:
    """The largest factor for all moves together, or 0 when it is below `floor`."""
    if task.ok([1.0] * count):
        return 1.0
    if floor >= 1.0 or (floor > 0 and not task.ok([floor] * count)):
        return 0.0
    return _largest(lambda factor: task.ok([factor] * count), floor)


def _largest(fine: Callable[[float], bool], low: float) -> float:
    """The largest value from `low` to 1 that is fine, when smaller ones are."""
    high = 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if fine(middle):
            low = middle
        else:
            high = middle
    return low


def _each_as_far_as_it_goes(task: _Task, factors: list[float]) -> list[float]:
    """Moves of a sequence rarely limit each other: let each grow while the others stay."""
    for index, factor in enumerate(factors):
        if factor < 1.0:
            factors = [*factors[:index], _alone(task, factors, index), *factors[index + 1 :]]
    return factors


def _alone(task: _Task, factors: list[float], index: int) -> float:
    """How far one move may go while the others stay as they are."""

    def fine(value: float) -> bool:
        return task.ok([*factors[:index], value, *factors[index + 1 :]])

    return 1.0 if fine(1.0) else _largest(fine, factors[index])


def _secured(task: _Task, shot: Shot) -> Shot:
    """The solver looks at some times; the film shows all. The last resort is a camera that stands still."""
    times = _all_times(shot)

    def less(factor: float) -> Shot:
        return replace(shot, camera=tuple(scaled(move, factor) for move in shot.camera))

    for tries in range(_TRIES):
        if _fine(task, less(_ENOUGH**tries), times):
            return less(_ENOUGH**tries)
    return less(_largest(lambda factor: _fine(task, less(factor), times), 0.0))


def _wished(task: _Task) -> _Task:
    """The moves as large as they should be if the photo had all the room that there is.

    A travelling move that would show less parallax than an eye notices grows, a pan along a panorama too.
    """
    moves = tuple(enlarged(task.scene, task.shot, move) for move in task.shot.camera)
    if len(task.scene.layers) > 1 and task.scene.trusted:
        moves = tuple(_grown(task, move) for move in moves)
    return replace(task, shot=replace(task.shot, camera=moves))


def _grown(task: _Task, move: CameraMove) -> CameraMove:
    wish = asked_for(move)
    if not wish.wants_parallax:
        return move
    alone = replace(task.shot, camera=(move,), framing=_first_box(task))
    now = parallax_px(CameraPath(task.scene, alone), task.times_s, task.probes, task.allowance)
    if not 0.5 < now < wish.parallax_px:
        return move
    return scaled(move, min(1.05 * wish.parallax_px / now, wish.growth))


def _without_hopeless_pulls(scene: Scene, shot: Shot) -> Shot:
    """A focus pull between things at the same depth is left out."""
    moves = tuple(
        replace(move, amount=0.0) if move.kind is MoveKind.FOCUS_PULL and not can_pull(scene, move) else move
        for move in shot.camera
    )
    lost = any(move.amount != before.amount for move, before in zip(moves, shot.camera, strict=True))
    if not lost:
        return shot
    note = Note(
        code="camera-limited",
        words="The focus cannot move: what it should go from and to lies at about the same distance in this photo.",
    )
    notes = shot.notes if note in shot.notes else (*shot.notes, note)
    return replace(shot, camera=moves, notes=notes)


def _notes(task: _Task, asked: Shot, fitted: Shot) -> tuple[Note, ...]:
    """The Shot's notes and one for each named move that kept less than half of what was asked."""
    notes = list(asked.notes)
    for before, after in zip(asked.camera, fitted.camera, strict=True):
        if asked_for(before).strength(before) <= 0:
            continue
        share = asked_for(after).strength(after) / asked_for(before).strength(before)
        note = Note(code="camera-limited", words=words(before, after, trusted=task.scene.trusted))
        if share < 0.5 and note not in notes:
            notes.append(note)
    if unseen(task.scene, fitted, task.probes.ground) and not any(note.code == "camera-limited" for note in notes):
        notes.append(Note(code="camera-limited", words="The camera's move is too small to be seen in this photo."))
    return tuple(notes)
