"""Names and sizes of the OpenAI dialect, and what only our own API offers."""

from __future__ import annotations

import pytest

from stillmotion import catalog
from stillmotion.catalog.openai_names import LARGE, NAMES, named
from stillmotion.diorama.brief import SIZES_PX, STEMS
from stillmotion.errors import ModelUnknown
from stillmotion.money import Money

INPUTS = {"image": "https://example.com/lake.jpg", "prompt": "waves"}
PHOTO_PX = (1000, 300)


@pytest.mark.parametrize("size", LARGE)
def test_the_size_reaches_the_engine(size: str) -> None:
    """Whatever shape the photo has."""
    model = catalog.get("openai/sora-2-pro/image-to-video", "openai")
    brief = model.brief(model.input.model_validate({**INPUTS, "size": size}), PHOTO_PX)
    assert brief.size_px is not None
    assert "x".join(map(str, brief.size_px)) == size
    assert brief.size_px in SIZES_PX


def test_sound_can_be_left_out() -> None:
    """All of it."""
    model = catalog.get("openai/sora-2/image-to-video", "openai")
    muted = [model.brief(model.input.model_validate({**INPUTS, "audio": on}), PHOTO_PX).muted for on in (True, False)]
    assert muted == [(), STEMS]


def test_names_are_models_of_the_catalog() -> None:
    """The id that is stored leads the worker back to the same record."""
    assert {"sora-2", "sora-2-pro", "sora-2-2025-10-06", "sora-2-2025-12-08", "sora-2-pro-2025-10-06"} == set(NAMES)
    for name in NAMES:
        model = named(name)
        assert catalog.get(model.id, "openai") is model
        assert model.id in catalog.models()
    with pytest.raises(ModelUnknown, match="sora-2-pro"):
        named("sora-3")


def test_other_dialects_do_not_see_the_sizes() -> None:
    """The hosted model keeps its own inputs and its own price."""
    hosted = catalog.get("openai/sora-2-pro/image-to-video")
    assert "size" not in hosted.input.model_fields
    assert hosted.price(hosted.input.model_validate({**INPUTS, "resolution": "1080p"})) == Money.of("2.00")


def test_free_models_exist_in_our_own_dialect_only() -> None:
    """They cost nothing and are in no list."""
    for model_id in catalog.PASSING:
        model = catalog.get(model_id, "native")
        assert model.price(model.input.model_validate(model.examples[0].inputs)) == Money(0)
        assert model_id not in catalog.models()
        for dialect in ("", "hosted", "openai"):
            with pytest.raises(ModelUnknown):
                catalog.get(model_id, dialect)


@pytest.mark.parametrize(("photo_px", "size_px"), [((400, 300), (640, 360)), ((300, 400), (360, 640))])
def test_a_draft_is_small(photo_px: tuple[int, int], size_px: tuple[int, int]) -> None:
    """And stands when the photo does."""
    model = catalog.get("stillmotion/draft", "native")
    assert model.brief(model.input.model_validate(INPUTS), photo_px).size_px == size_px
