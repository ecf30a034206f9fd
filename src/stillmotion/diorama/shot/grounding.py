"""Where in the photo a thing is that no layer and no detector names: the classifier looks through windows.

A window that shows a class which the words name, much more than the other windows do, gives a point on the thing.
"""

from __future__ import annotations

from functools import cache, lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from stillmotion.diorama.shot import lexicon
from stillmotion.diorama.shot.words import fold, tokenize
from stillmotion.errors import AssetError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from stillmotion.diorama.scene.records import Scene

    Floats = NDArray[np.float32]

SURE = 0.42
"""Chance in the best window beyond which a thing is there. On the photos of our tests a spoon reaches 0.82, a ladybird
0.94, a helmet 0.98; what is not there mostly stays under 0.25."""
_SHARES = (0.5, 0.33, 0.22)
"""Sides of the windows, as shares of the photo's longer side."""
_FINE, _FINER, _LARGE = 5, 0.5, 0.8


def find(scene: Scene, words: Iterable[str]) -> tuple[float, float] | None:
    """A point on what the words name, photo coordinates; None when no window shows it or the network is not here.

    Args:
        scene: of a photo.
        words: names of one thing, folded: the noun and its group in the lexicon.
    """
    classes = sorted({index for word in words for index in _classes(word)})
    if not classes:
        return None
    try:
        boxes, chances = _looked(_Photo(scene))
    except AssetError:
        return None
    scores = chances[:, classes].sum(axis=1)
    return _on_it(scene, boxes, scores, classes) if float(scores.max()) >= SURE else None


def _on_it(scene: Scene, boxes: Floats, scores: Floats, classes: list[int]) -> tuple[float, float]:
    """Where people look first, if that is in the window that shows it best; else where smaller windows in it do."""
    small = boxes[:, 2] - boxes[:, 0] < _SHARES[0] * 0.9
    x0, y0, x1, y1 = (float(value) for value in boxes[int(np.argmax(scores * np.where(small, 1.0, _LARGE)))])
    x, y = scene.salience
    if x0 < x < x1 and y0 < y < y1:
        return scene.salience
    picture = scene.photo
    side = max(int((x1 - x0) * picture.shape[1] * _FINER), 1)
    steps = (np.arange(_FINE) + 0.5) / _FINE
    places = [(x0 + (x1 - x0) * u, y0 + (y1 - y0) * v) for v in steps for u in steps]
    found = np.array([_chances(picture, _corner(picture, at, side), side)[classes].sum() for at in places]) ** 2
    middle = (np.array(places) * found[:, None]).sum(axis=0) / max(float(found.sum()), 1e-9)
    return float(middle[0]), float(middle[1])


def _corner(picture: NDArray[np.uint8], at: tuple[float, float], side: int) -> tuple[int, int]:
    """Left and top of a window about a point, inside the picture."""
    height, width = picture.shape[:2]
    left, top = int(at[0] * width) - side // 2, int(at[1] * height) - side // 2
    return min(max(left, 0), max(width - side, 0)), min(max(top, 0), max(height - side, 0))


def _chances(picture: NDArray[np.uint8], corner: tuple[int, int], side: int) -> Floats:
    from stillmotion.diorama.perception import classifier  # noqa: PLC0415 - heavy, and seldom needed

    left, top = corner
    return classifier.classify(np.ascontiguousarray(picture[top : top + side, left : left + side]))


@cache
def _labels() -> tuple[frozenset[str], ...]:
    from stillmotion.diorama.perception import classifier  # noqa: PLC0415 - heavy, and seldom needed

    return tuple(
        frozenset(name for part in label.split(",") for name in _names(fold(part.strip())))
        for label in classifier.LABELS
    )


def _names(label: str) -> list[str]:
    """A class by its full name, its head, and the group of things that it belongs to."""
    tokens = tokenize(label)
    found = [match for match in lexicon.thing_book().find(tokens) if match.end == len(tokens)]
    return [label, *(token.key for token in tokens[-1:]), *(f"={match.entry.name}" for match in found)]


@lru_cache(maxsize=512)
def _classes(word: str) -> tuple[int, ...]:
    group = lexicon.thing_book().at(tokenize(word), 0)
    special = group is not None and group.entry.name not in _BROAD
    wanted = {word, f"={group.entry.name}"} if special and group is not None else {word}
    return tuple(index for index, names in enumerate(_labels()) if names & wanted)


_BROAD = frozenset({"object", "animal", "building", "background", "ground", "water", "sky", "food", "cloth", "support"})
"""Groups whose members do not look alike."""


class _Photo:
    """A scene that is looked up by its photo, so that the same photo is looked at once."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def __hash__(self) -> int:
        return hash(self.scene.photo_sha256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Photo) and other.scene.photo_sha256 == self.scene.photo_sha256


@lru_cache(maxsize=2)
def _looked(photo: _Photo) -> tuple[Floats, Floats]:
    """Windows as boxes (n, 4) and the chance of every class in each (n, 1000)."""
    picture = photo.scene.photo
    height, width = picture.shape[:2]
    boxes, chances = [], []
    for left, top, side in _windows(width, height):
        chances.append(_chances(picture, (left, top), side))
        boxes.append((left / width, top / height, (left + side) / width, (top + side) / height))
    return np.array(boxes, np.float32), np.array(chances, np.float32)


def _windows(width: int, height: int) -> Iterable[tuple[int, int, int]]:
    for share in _SHARES:
        side = max(min(int(share * max(width, height)), width, height), 1)
        step = max(side // 2, 1)
        across, down = range(0, width - side + 1, step), range(0, height - side + 1, step)
        yield from ((left, top, side) for top, left in product(down, across))
