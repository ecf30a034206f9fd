"""Text embeddings rank by meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from stillmotion import assets
from stillmotion.diorama.perception import embeddings
from stillmotion.diorama.perception.embeddings import embed_texts
from stillmotion.errors import Cancelled
from stillmotion.progress import Progress, Stage, ignore_progress

if TYPE_CHECKING:
    from collections.abc import Iterable


@pytest.mark.parametrize(
    ("word", "sound"),
    [
        ("grandfather clock", "clock ticking"),
        ("surf on the beach", "ocean waves"),
        ("puppy", "dog barking"),
        ("thunderstorm", "thunder rumbling"),
    ],
)
def test_a_thing_is_nearest_to_its_sound(word: str, sound: str) -> None:
    """Words that share no letter with the right answer still find it."""
    sounds = ["clock ticking", "ocean waves", "dog barking", "thunder rumbling", "car engine", "church bell"]
    closeness = embed_texts(sounds) @ embed_texts([word])[0]
    assert sounds[int(closeness.argmax())] == sound


def test_vectors_have_length_one_and_do_not_depend_on_their_company() -> None:
    """A long neighbour in the same call changes nothing."""
    together = embed_texts(["rain", "a very long sentence about rain that falls on a roof of tin in the night"])
    assert together.shape == (2, 384)
    assert together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, rtol=1e-5)
    np.testing.assert_array_equal(together[:1], embed_texts(["rain"]))


def test_no_texts_no_vectors() -> None:
    """An empty list is fine, and so is an empty text."""
    assert embed_texts([]).shape == (0, 384)
    assert np.isfinite(embed_texts([""])).all()


def test_the_first_use_can_show_a_bar_and_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Network and tokenizer are fetched together, under the caller's progress, and what it raises comes through."""

    def fetch(names: Iterable[str], progress: Progress) -> None:
        assert set(names) == {embeddings.ASSET, embeddings.TOKENIZER}
        progress(Stage.FETCH, 0.5)

    def cancel(stage: Stage, _: float) -> None:
        assert stage is Stage.FETCH
        raise Cancelled

    monkeypatch.setattr(assets, "fetch", fetch)
    embeddings.ready(ignore_progress)
    with pytest.raises(Cancelled):
        embeddings.ready(cancel)
