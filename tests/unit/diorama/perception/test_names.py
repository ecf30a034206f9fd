"""Detector and classifier: what things are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.datasets import load_sample_image

from stillmotion.diorama.perception import classifier, detector

if TYPE_CHECKING:
    from numpy.typing import NDArray


def test_the_detector_names_what_is_there(
    cat: NDArray[np.uint8], astronaut: NDArray[np.uint8], coffee: NDArray[np.uint8]
) -> None:
    """Cat, person and cup come first in their photos."""
    assert detector.detect(cat, 0.6)[0].label == "cat"
    assert detector.detect(astronaut, 0.6)[0].label == "person"
    assert {one.label for one in detector.detect(coffee, 0.6)} == {"cup", "dining table"}


def test_boxes_lie_on_the_things(coffee: NDArray[np.uint8]) -> None:
    """The cup's box holds the coffee, inside the photo, and scores come in order above the limit."""
    found = detector.detect(coffee, 0.5)
    cup = next(one for one in found if one.label == "cup")
    assert cup.box.x0 < 0.4
    assert cup.box.x1 > 0.6
    assert cup.box.width < 0.75
    assert all(0 <= edge <= 1 for one in found for edge in (one.box.x0, one.box.y0, one.box.x1, one.box.y1))
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= 0.5


def test_nothing_is_found_in_a_lawn(grass: NDArray[np.uint8]) -> None:
    """An empty picture gives an empty tuple."""
    assert detector.detect(grass, 0.5) == ()


def test_the_classifier_knows_a_cat_and_an_espresso(cat: NDArray[np.uint8], coffee: NDArray[np.uint8]) -> None:
    """The documented best class, with chances that add up to 1."""
    seen = classifier.classify(cat)
    assert seen.shape == (1000,)
    assert seen.dtype == np.float32
    assert seen.sum() == pytest.approx(1.0, abs=1e-3)
    assert classifier.name(int(seen.argmax())) == "Egyptian cat"
    assert classifier.name(int(classifier.classify(coffee).argmax())) == "espresso"


def test_groups_speak_for_the_scene(cat: NDArray[np.uint8]) -> None:
    """A cat is an animal and not a building; a pagoda the other way round."""
    pagoda = classifier.classify(load_sample_image("china.jpg"))
    seen = classifier.classify(cat)
    assert classifier.group_score(seen, "animal") > 0.9
    assert classifier.group_score(seen, "building") < 0.05
    assert classifier.group_score(pagoda, "building") > 0.5
    assert classifier.group_score(pagoda, "animal") < 0.1


@pytest.mark.parametrize(
    ("group", "member", "stranger"),
    [
        ("animal", "Egyptian cat", "teddy"),
        ("bird", "bald eagle", "tabby"),
        ("cat", "Persian cat", "golden retriever"),
        ("dog", "golden retriever", "timber wolf"),
        ("building", "palace", "palm"),
        ("vehicle", "sports car", "car mirror"),
        ("boat", "schooner", "airliner"),
        ("plant", "daisy", "bee"),
        ("water", "lakeside", "desk"),
        ("sea", "seashore", "lakeside"),
        ("mountain", "volcano", "castle"),
        ("indoors", "restaurant", "barn"),
        ("drink", "espresso", "plate"),
        ("timepiece", "wall clock", "compass"),
        ("music", "violin", "microphone"),
        ("fire", "candle", "lampshade"),
    ],
)
def test_group_lists_point_at_the_right_names(group: str, member: str, stranger: str) -> None:
    """An index in the data file that slipped by one would put the wrong thing into a group."""
    names = {classifier.name(int(index)) for index in classifier.groups()[group]}
    assert member in names
    assert stranger not in names


def test_there_is_a_name_for_every_class() -> None:
    """A thousand class names and eighty detector names, none empty."""
    assert len(classifier.LABELS) == 1000
    assert len(detector.labels()) == 80
    assert all(classifier.LABELS)
    assert all(detector.labels())
    assert detector.labels()[0] == "person"
    assert detector.labels()[-1] == "toothbrush"
