"""Whether a film shows what a prompt asks to move: against a control with the same camera in which nothing moves."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
from scipy.signal import find_peaks

from measure import motion
from measure.video import decode
from stillmotion.diorama import pipeline
from stillmotion.diorama.brief import Brief
from stillmotion.diorama.shot import drawable
from stillmotion.diorama.shot.ambient import AMBIENT
from stillmotion.diorama.shot.motion_plan import row_of
from stillmotion.media.image import read_picture
from stillmotion.media.video import write_mp4
from stillmotion.studio import draft_size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from stillmotion.diorama.scene.records import Layer, Scene
    from stillmotion.diorama.shot.records import MotionCue, Shot

    Mask = NDArray[np.bool_]
    Series = NDArray[np.float64]

FPS = 12
"""Enough to see a blink, and quick to film."""
CHANGED = 9.0
"""Levels of blurred luma by which a pixel differs from the control when it shows something that moves."""
_LAG = 4
"""Frames in which billows rise far enough to be told from the picture's noise."""
_SMALL = frozenset({"blink", "twitch", "smile", "glance", "breathe", "talk"})
_SPARSE = frozenset({"dust", "insects", "fireflies", "birds_fly", "sparks", "petals", "bubbles", "drip", "leaves"})
_LIGHT = frozenset({"dusk", "light", "flicker", "lightning"})
_TRAVELS = frozenset(
    {"fall", "roll", "slide", "fly", "rise", "drive", "sail", "move", "throw", "hop", "bounce", "float", "push"}
)
_FLOWS = frozenset({"clouds", "waves", "flow", "fog"})
_USUAL = {"fall": "down", "rise": "up", "hop": "up", "steam": "up", "smoke": "up", "snow": "down", "petals": "down"}
_DRIFTS = frozenset({"steam", "smoke", "snow", "petals", "confetti", "sparks", "leaves"})
_WET = frozenset({"ripple", "waves", "flow", "splash"})
_RISES = frozenset({"steam", "smoke", "fire", "sparks", "petals", "drip", "bubbles", "splash"})
"""What leaves the layer that it comes out of."""
_STEADY = frozenset({"settle", "collide", "wind"})
"""What shows in what else moves, and has no movement of its own."""
_FAR_ENOUGH, _FLOW_PX, _LIT, _REACH_PX = 0.02, 0.04, 1.2, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the film shows of one cue."""

    what: str
    shown: bool
    said: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Pair:
    """A film, its control, and what they were made from. Both are drafts without grain."""

    film: Sequence[NDArray[np.uint8]]
    control: Sequence[NDArray[np.uint8]]
    fps: float
    scene: Scene
    shot: Shot

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a frame."""
        return self.film[0].shape[1], self.film[0].shape[0]

    @cached_property
    def differences(self) -> NDArray[np.float32]:
        """Blurred luma of the film less that of the control, (frames, height, width)."""
        return np.stack([_soft(one) - _soft(two) for one, two in zip(self.film, self.control, strict=True)])

    @cached_property
    def changed(self) -> Mask:
        """Where film and control differ, (frames, height, width)."""
        return np.abs(self.differences) > CHANGED

    @cached_property
    def camera(self) -> list[NDArray[np.float64]]:
        """The similarity from frame 0 to each frame of the control, (2, 3) each."""
        still = np.eye(2, 3)
        points = motion.corners(self.control[0])
        if len(points) < 8:
            return [still] * len(self.control)
        paths, good = motion.tracks(self.control, points)
        if good.sum() < 8:
            return [still] * len(self.control)
        found = [motion.similarity(paths[0, good], places[good]) for places in paths]
        return [still if one is None else one for one in found]

    def seconds(self, start_s: float, end_s: float | None) -> slice:
        """The frames of a span."""
        end = len(self.film) if end_s is None else min(len(self.film), int(np.ceil((end_s + 0.35) * self.fps)))
        return slice(min(int(start_s * self.fps), len(self.film) - 2), max(end, 2))


def filmed(photo: Path, words: str, cache: Path, folder: Path) -> Pair:
    """Plan four seconds of a prompt, film them and their control as drafts, and read both back from MP4 files.

    Args:
        photo: file of the photo.
        words: the prompt.
        cache: where scenes are kept.
        folder: where the films pass through.
    """
    picture = read_picture(photo)
    brief = Brief(prompt=words, duration_s=4, size_px=draft_size(picture), seed=1)
    scene, planned = pipeline.plan_shot(picture, brief, cache)
    shot = replace(planned, fps=FPS, look=replace(planned.look, grain=0.0, vignette=0.0))
    control = frames_of(scene, replace(shot, motion=()), folder)
    film = frames_of(scene, shot, folder) if shot.motion else control
    return Pair(film=film, control=control, fps=FPS, scene=scene, shot=shot)


def frames_of(scene: Scene, shot: Shot, folder: Path) -> list[NDArray[np.uint8]]:
    """Frames of a Shot, read back from an MP4."""
    clip = pipeline.make_clip(scene, shot)
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = Path(place) / "film.mp4"
        write_mp4(clip, path)
        return decode(path).frames


def findings(pair: Pair, folder: Path) -> list[Finding]:
    """What shows of each cue that the prompt asks for.

    Each has a film in which nothing else moves: its own, or that of the body that several cues are about.
    """
    films: dict[tuple[MotionCue, ...], Pair] = {pair.shot.motion: pair}
    found = []
    for cue in pair.shot.motion:
        if cue.words == AMBIENT or not drawable(cue.verb):
            continue
        own = tuple(one for one in pair.shot.motion if one is cue or _together(one, cue))
        if own not in films and cue.performed:
            shot = replace(pair.shot, motion=own)
            films[own] = replace(pair, film=frames_of(pair.scene, shot, folder), shot=shot)
        found.append(judge(films.get(own, pair), cue))
    return found


def _together(one: MotionCue, other: MotionCue) -> bool:
    """Whether two cues are about one body, which falls, bounces and rolls in one go; or wind and what it moves."""
    if "wind" in {one.verb, other.verb}:
        return one.words != AMBIENT
    same = (one.layer, one.prop, one.box, one.point) == (other.layer, other.prop, other.box, other.point)
    bodies = all(row_of(cue.verb)["category"] == "rigid" for cue in (one, other))
    return same and bodies and (one.layer is not None or one.prop is not None)


def _soft(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    return cv2.GaussianBlur(motion.grey(frame).astype(np.float32), (0, 0), 1.2)


def region(pair: Pair, cue: MotionCue) -> Mask | None:
    """Where a cue's layer lies in frame 0, a little grown; None for a field over the whole picture or a drawn thing."""
    layer = next((one for one in pair.scene.layers if one.name == cue.layer), None)
    return None if layer is None or cue.prop is not None else seen(pair, layer)


def seen(pair: Pair, layer: Layer, grown: float = 0.02) -> Mask:
    """Where a layer is not hidden in frame 0, grown by a share of the width."""
    width, height = pair.size
    across, down = pair.scene.size_px
    alpha = np.zeros((down, across), np.uint8)
    names = [one.name for one in pair.scene.layers]
    for one in pair.scene.layers[names.index(layer.name) :]:
        wide, tall = one.size_px
        place = alpha[one.top_px : one.top_px + tall, one.left_px : one.left_px + wide]
        own = one.rgba[: place.shape[0], : place.shape[1], 3]
        place[:] = np.maximum(place, own) if one is layer else np.minimum(place, 255 - own)
    box = pair.shot.framing
    rows, columns = (
        slice(int(box.y0 * down), int(np.ceil(box.y1 * down))),
        slice(int(box.x0 * across), int(np.ceil(box.x1 * across))),
    )
    mask = cv2.resize(alpha[rows, columns], (width, height), interpolation=cv2.INTER_AREA) > 100
    reach = max(1, round(grown * width))
    return cv2.dilate(mask.astype(np.uint8), np.ones((2 * reach + 1,) * 2, np.uint8)) > 0


def carried(pair: Pair, mask: Mask, frame: int) -> Mask:
    """A mask of frame 0 as the camera has moved it by a frame."""
    moved = cv2.warpAffine(mask.astype(np.uint8), pair.camera[frame], pair.size, borderMode=cv2.BORDER_REPLICATE)
    return moved > 0


def energy(pair: Pair, mask: Mask | None) -> Series:
    """Share of the pixels (of the mask) that differ from the control, frame by frame."""
    if mask is None:
        return pair.changed.mean(axis=(1, 2))
    return np.array([_share(now, carried(pair, mask, k)) for k, now in enumerate(pair.changed)])


def _share(changed: Mask, mask: Mask) -> float:
    return float((changed & mask).sum() / max(int(mask.sum()), 1))


def judge(pair: Pair, cue: MotionCue) -> Finding:
    """Whether the film shows a cue: enough of it, when it should, which way, how often."""
    what = f"{cue.verb} {cue.prop or cue.layer or 'picture'}"
    if not cue.performed and cue.verb != "wind":
        return Finding(what=what, shown=False, said="not performed")
    if cue.verb in _STEADY:
        return Finding(what=what, shown=True, said="shows in what else moves")
    mask, span = region(pair, cue), pair.seconds(cue.start_s, cue.end_s)
    shares = energy(pair, None if cue.verb in _TRAVELS | _RISES else mask)
    checks = [
        _much(pair, cue, shares[span]),
        _onset(pair, cue, shares),
        _way(pair, cue, mask, span),
        _often(pair, cue, mask, span),
    ]
    kept = [check for check in checks if check is not None]
    return Finding(what=what, shown=all(fine for fine, _ in kept), said=", ".join(words for _, words in kept))


def _much(pair: Pair, cue: MotionCue, shares: Series) -> tuple[bool, str]:
    if cue.verb in _LIGHT:
        shift = np.abs(pair.differences[pair.seconds(cue.start_s, cue.end_s)].mean(axis=(1, 2)))
        local = float(shares.max(initial=0.0))
        return bool(shift.max() > _LIT or local > 0.004), f"light {shift.max():.1f}, {local:.1%}"
    local = cue.place is not None or (cue.layer is None and cue.verb in _WET)
    least = 0.0004 if local or cue.verb in _SMALL else 0.0002 if cue.verb in _SPARSE else 0.0015
    peak = float(shares.max(initial=0.0))
    return peak >= least * min(cue.amount, 1.0), f"{peak:.2%}"


def _onset(pair: Pair, cue: MotionCue, shares: Series) -> tuple[bool, str] | None:
    """Nothing before it starts, unless something else moves the same thing by then."""
    others = [one for one in pair.shot.motion if one.performed and one is not cue and one.start_s < cue.start_s]
    busy = [one for one in others if one.layer in {None, cue.layer} or cue.layer is None or one.prop is not None]
    if cue.start_s < 0.5 or busy:
        return None
    before = float(shares[: max(int((cue.start_s - 0.2) * pair.fps), 1)].max())
    return before <= 0.3 * float(shares.max(initial=0.0)), f"before {before:.2%}"


def _way(pair: Pair, cue: MotionCue, mask: Mask | None, span: slice) -> tuple[bool, str] | None:
    asked = cue.direction if cue.direction not in {"", "in", "out"} else _USUAL.get(cue.verb, "")
    if not asked:
        return None
    if cue.verb in _TRAVELS:
        moved, least = _travelled(pair, cue, mask, span), _FAR_ENOUGH
    elif cue.verb in _FLOWS:
        moved, least = _flowed(pair, mask, span), _FLOW_PX / pair.size[0]
    elif cue.verb in _DRIFTS:
        soft = cue.verb in {"steam", "smoke"}
        moved, least = (_billowed if soft else _drifted)(pair, span), _FLOW_PX / pair.size[0]
    else:
        return None
    x, y = moved
    fits = {"left": x < -least, "right": x > least, "up": y < -least, "down": y > least}
    return all(fits[word] for word in asked.split()), f"moves ({x:+.4f}, {y:+.4f}) for {asked}"


def _travelled(pair: Pair, cue: MotionCue, mask: Mask | None, span: slice) -> tuple[float, float]:
    """How far a thing got from where it started, its farthest point, in picture widths."""
    path = centres(pair, mask, span)
    if len(path) < 2:
        return 0.0, 0.0
    start = path[0] if mask is None else _middle(mask)
    away = (path - start) / pair.size[0]
    if cue.verb == "hop":
        return float(away[away[:, 1].argmin(), 0]), float(away[:, 1].min())
    return float(away[np.abs(away[:, 0]).argmax(), 0]), float(away[np.abs(away[:, 1]).argmax(), 1])


def centres(pair: Pair, mask: Mask | None, span: slice) -> NDArray[np.float64]:
    """Middle of what is new in each frame that shows something new, (n, 2) in pixels.

    Where a thing was, its absence is new as well: that place is left out once the thing has left it.
    """
    found = []
    for k in range(*span.indices(len(pair.changed))):
        new = pair.changed[k]
        outside = new if mask is None else new & ~carried(pair, mask, k)
        kept = outside if outside.sum() > 0.2 * new.sum() else new
        if kept.sum() > 12:
            rows, columns = np.nonzero(kept)
            found.append((float(np.median(columns)), float(np.median(rows))))
    return np.array(found).reshape(-1, 2)


def _middle(mask: Mask) -> NDArray[np.float64]:
    rows, columns = np.nonzero(mask)
    return np.array([columns.mean(), rows.mean()]) if len(rows) else np.zeros(2)


def _flowed(pair: Pair, mask: Mask | None, span: slice) -> tuple[float, float]:
    """Median way per frame of what streams inside a mask, less the camera's, in picture widths."""
    flow_of = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    inside = np.ones(pair.film[0].shape[:2], bool) if mask is None else mask
    ways = []
    for k in range(*span.indices(len(pair.film) - 2))[::2]:
        own = flow_of.calc(motion.grey(pair.film[k]), motion.grey(pair.film[k + 2]), None)
        camera = flow_of.calc(motion.grey(pair.control[k]), motion.grey(pair.control[k + 2]), None)
        textured = inside & (np.abs(cv2.Laplacian(_soft(pair.film[k]), cv2.CV_32F)) > 0.6)
        if textured.sum() > 50:
            ways.append((own - camera)[textured].mean(axis=0) / 2)
    middle = np.median(ways, axis=0) / pair.size[0] if ways else np.zeros(2)
    return float(middle[0]), float(middle[1])


def _drifted(pair: Pair, span: slice) -> tuple[float, float]:
    """How what is added to the control moves from frame to frame, in picture widths, by dense flow.

    Weighted by how much shows; for flakes and leaves.
    """
    flow_of = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    shown = np.clip(np.abs(pair.differences[span]) * 4, 0, 255).astype(np.uint8)
    ways = []
    for one, two in itertools.pairwise(shown):
        weights = (one > 20).astype(np.float32)
        if weights.sum() > 20:
            flow = flow_of.calc(one, two, None)
            ways.append((flow * weights[..., None]).sum(axis=(0, 1)) / weights.sum())
    middle = np.mean(ways, axis=0) / pair.size[0] if ways else np.zeros(2)
    return float(middle[0]), float(middle[1])


def _billowed(pair: Pair, span: slice) -> tuple[float, float]:
    """The same for soft plumes: how far their billows shift, the plume's own lasting outline taken away."""
    shown = pair.differences[span]
    billows = np.stack([cv2.GaussianBlur(one, (0, 0), 2.5) for one in shown - shown.mean(axis=0)])
    rows, columns = np.nonzero(np.abs(billows).max(axis=0) > 2.0)
    if len(rows) < 100:
        return 0.0, 0.0
    top, left = max(int(rows.min()), _REACH_PX), max(int(columns.min()), _REACH_PX)
    bottom, right = min(int(rows.max()), pair.size[1] - _REACH_PX), min(int(columns.max()), pair.size[0] - _REACH_PX)
    if bottom - top < 2 * _REACH_PX or right - left < 2 * _REACH_PX:
        return 0.0, 0.0
    total = np.zeros((2 * _REACH_PX + 1,) * 2)
    for one, two in zip(billows[:-_LAG], billows[_LAG:], strict=True):
        part = one[top:bottom, left:right]
        around = two[top - _REACH_PX : bottom + _REACH_PX, left - _REACH_PX : right + _REACH_PX]
        total += cv2.matchTemplate(around, part, cv2.TM_CCORR_NORMED)
    down, across = np.unravel_index(int(total.argmax()), total.shape)
    return tuple(float(at - _REACH_PX) / _LAG / pair.size[0] for at in (across, down))


def _often(pair: Pair, cue: MotionCue, mask: Mask | None, span: slice) -> tuple[bool, str] | None:
    """Blinks are peaks of change; bounces are low points of the path."""
    if not cue.count or cue.verb not in {"blink", "bounce"}:
        return None
    if cue.verb == "blink":
        series = energy(pair, mask)[span]
        peaks = _peaks(series, 0.35 * float(np.ptp(series)))
    else:
        low = centres(pair, mask, span)[:, 1]
        peaks = _peaks(low, 0.015 * pair.size[1])
    return abs(peaks - cue.count) <= (cue.verb == "bounce"), f"{peaks} of {cue.count}"


def _peaks(series: Series, prominence: float) -> int:
    padded = np.concatenate([[series.min(initial=0.0)], series, [series.min(initial=0.0)]])
    return len(find_peaks(padded, prominence=max(prominence, 1e-6))[0])


def elsewhere(pair: Pair, grown: float = 0.05) -> float | None:
    """Share of what no cue names that differs from the control, over the film; None when a cue is about everything."""
    allowed = np.zeros(pair.film[0].shape[:2], bool)
    for cue in pair.shot.motion:
        layer = next((one for one in pair.scene.layers if one.name == cue.layer), None)
        if cue.performed and (
            layer is None or cue.prop is not None or cue.verb in _TRAVELS | {"steam", "smoke", "fire"}
        ):
            return None
        if cue.performed and layer is not None:
            allowed |= seen(pair, layer, grown)
    if (~allowed).mean() < 0.05:
        return None
    return float(np.mean([_share(now, ~carried(pair, allowed, k)) for k, now in enumerate(pair.changed)]))
