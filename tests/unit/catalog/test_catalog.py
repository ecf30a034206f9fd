"""Models: ids, inputs, prices and what is derived from them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from stillmotion import catalog
from stillmotion.errors import ModelUnknown
from stillmotion.money import Money

SORA, PRO = "openai/sora-2/image-to-video", "openai/sora-2-pro/image-to-video"
GIVEN = {"image": "https://example.com/a.jpg", "prompt": "waves"}


@pytest.mark.parametrize(("seconds", "price"), [(4, "0.40"), (8, "0.80"), (12, "1.20"), (16, "1.60"), (20, "2.00")])
def test_sora_costs_a_tenth_a_second(seconds: int, price: str) -> None:
    """Exactly ten cents a second."""
    model = catalog.get(SORA)
    assert model.quote(model.input(**GIVEN, duration=seconds)).price == Money.of(price)


@pytest.mark.parametrize(("resolution", "price"), [("720p", "6.00"), ("1080p", "10.00")])
def test_pro_is_priced_by_resolution(resolution: str, price: str) -> None:
    """Thirty cents a second in 720p, fifty in 1080p."""
    model = catalog.get(PRO)
    assert model.quote(model.input(**GIVEN, duration=20, resolution=resolution)).price == Money.of(price)


def test_a_quote_names_what_it_did_not_look_at() -> None:
    """Inputs that do not change the price are named, so that nobody wonders."""
    model = catalog.get(SORA)
    assert model.quote(model.input(**GIVEN, seed=7)).blind_to == ("image", "prompt", "seed")


@pytest.mark.parametrize(
    "wrong", [{"duration": 5}, {"duration": "4"}, {"prompt": ""}, {"seed": -1}, {"size": "1280x720"}, {"image": 3}]
)
def test_wrong_inputs_are_refused(wrong: dict[str, object]) -> None:
    """Nothing is guessed and nothing is ignored."""
    with pytest.raises(ValidationError):
        catalog.get(SORA).input(**{**GIVEN, **wrong})


def test_unknown_models_name_the_known() -> None:
    """The message helps; an older id still works."""
    with pytest.raises(ModelUnknown, match=r"openai/sora-2/image-to-video"):
        catalog.get("acme/video")
    assert catalog.get("openai/sora-2/image-to-video-pro").id == PRO


def test_an_id_belongs_to_one_model() -> None:
    """A plug-in cannot take the place of another model unnoticed."""
    with pytest.raises(ValueError, match="two models"):
        catalog.collect([catalog.get(SORA), catalog.get(SORA)])


def test_the_film_lies_or_stands_like_the_photo() -> None:
    """Size by resolution, orientation by the photo."""
    model = catalog.get(PRO)
    inputs = model.input(**GIVEN, resolution="1080p", duration=8)
    assert model.brief(inputs, (600, 800)).size_px == (1080, 1920)
    assert model.brief(inputs, (800, 600)).size_px == (1920, 1080)


@pytest.mark.parametrize("model_id", list(catalog.models()))
def test_the_hosted_listing(model_id: str) -> None:
    """Everything that clients read is there: price, formula, path, order of the inputs, examples that validate."""
    model = catalog.get(model_id)
    row = catalog.listing(model, "http://localhost:8000")
    (run,) = row["api_schema"]["api_schemas"]
    assert run["api_path"] == f"/api/v3/{model_id}"
    assert run["request_schema"]["required"] == ["image", "prompt"]
    assert run["request_schema"]["x-order-properties"][:2] == ["image", "prompt"]
    assert run["request_schema"]["properties"]["duration"]["enum"] == [4, 8, 12, 16, 20]
    assert row["base_price"] == float(model.base_price.dollars) > 0
    for example in model.examples:
        model.input(**example.inputs)
