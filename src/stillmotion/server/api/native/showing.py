"""A prediction as our own API shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stillmotion.money import Money
from stillmotion.server.api import addresses
from stillmotion.server.api.native.shapes import Files, PredictionView
from stillmotion.server.predictions import Code
from stillmotion.server.webhooks.bodies import echo

if TYPE_CHECKING:
    from fastapi import Request

    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

PREFIX = "/api/native/v1"


def shown(service: Service, request: Request, made: Prediction) -> PredictionView:
    """Everything about a prediction that its owner may see."""
    base = addresses.base(service, request)
    facts = made.facts
    return PredictionView(
        id=made.id,
        model=made.model_id,
        dialect=made.dialect,
        status=made.status,
        stage=made.stage,
        progress=made.progress,
        code=Code(made.code),
        error=made.error,
        engine=made.engine,
        price=_dollars(made.price_micros),
        input=echo({name: value for name, value in made.input.items() if name != "shot"}),
        shot=_object(facts.get("shot")),
        scene=_object(facts.get("scene")),
        notes=[str(words) for words in facts.get("notes", [])],
        files=_files(service, base, made),
        remixed_from=made.remixed_from,
        created_at=made.created_at,
        started_at=made.started_at,
        finished_at=made.finished_at,
        events=f"{base}{PREFIX}/predictions/{made.id}/events",
    )


def _files(service: Service, base: str, made: Prediction) -> Files:
    def of(ending: str) -> str | None:
        key = next((one for one in made.outputs if one.endswith(ending)), None)
        return None if key is None else addresses.file(service, base, key)

    return Files(film=of(".mp4"), thumbnail=of(".webp"), spritesheet=of(".jpg"))


def _object(value: object) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


def _dollars(micros: int) -> str:
    """Two digits, or as many as it takes."""
    amount = Money(micros).dollars
    return f"{amount:.2f}" if amount == round(amount, 2) else f"{amount:f}"
