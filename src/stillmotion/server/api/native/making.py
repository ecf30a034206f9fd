"""Asking for films of prompts or Shots, for free drafts, and for the scene of a photo."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, Request

from stillmotion import catalog
from stillmotion.errors import ParameterInvalid, ShotInvalid
from stillmotion.server.api.accept import Request as Asked
from stillmotion.server.api.accept import accept
from stillmotion.server.api.callers import Caller, Parts  # noqa: TC001 - read by the framework
from stillmotion.server.api.creates import Creating
from stillmotion.server.api.idempotency import IdempotencyKey  # noqa: TC001 - read by the framework
from stillmotion.server.api.native.shapes import Create, Draft, PredictionView, SceneOf  # noqa: TC001 - read by the framework
from stillmotion.server.api.native.shot_reading import reader
from stillmotion.server.api.native.showing import shown
from stillmotion.server.api.shapes import Dialect

router = APIRouter(route_class=Creating)
_DRAFT, _SCENE = catalog.PASSING


@router.post("/predictions")
def create(asked: Create, request: Request, caller: Caller, service: Parts, key: IdempotencyKey = "") -> PredictionView:
    """Film a photo by a prompt, or by a Shot. It costs what the model costs."""
    inputs, words = _with_shot(asked.input)
    made = Asked(
        dialect=Dialect.NATIVE,
        model_id=_filmed(asked.model),
        inputs=inputs,
        words=words,
        webhook_url=asked.webhook_url,
        key=key,
    )
    return shown(service, request, accept(service, caller, made))


@router.post("/drafts")
def draft(asked: Draft, request: Request, caller: Caller, service: Parts, key: IdempotencyKey = "") -> PredictionView:
    """Plan a shot and film a preview of it, free of charge. It is gone after an hour; its Shot can be filmed."""
    inputs, words = _with_shot(asked.model_dump(exclude_none=True, exclude_unset=True))
    made = Asked(dialect=Dialect.NATIVE, model_id=_DRAFT, inputs=inputs, words=words, key=key)
    return shown(service, request, accept(service, caller, made))


@router.post("/scenes")
def scene(asked: SceneOf, request: Request, caller: Caller, service: Parts, key: IdempotencyKey = "") -> PredictionView:
    """Look at a photo: layers, labels and boxes, free of charge. It is gone after an hour."""
    made = Asked(dialect=Dialect.NATIVE, model_id=_SCENE, inputs=asked.model_dump(), key=key)
    return shown(service, request, accept(service, caller, made))


def _filmed(model_id: str) -> str:
    """A model that is paid for: what is free has addresses of its own."""
    return catalog.get(model_id).id


def _with_shot(inputs: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Inputs in which what the Shot fixes is taken from it, and the words that it holds beside its prompt.

    Raises:
        ParameterInvalid: there is a prompt beside the Shot, or neither; or a length or seed that is not the Shot's.
        ShotInvalid: it is no Shot; the message names the field.
    """
    given = inputs.get("shot")
    if given is None:
        if "prompt" not in inputs:
            message = "prompt: give a prompt, or a Shot as `shot`."
            raise ParameterInvalid(message, field="prompt")
        return {name: value for name, value in inputs.items() if name != "shot"}, ()
    if "prompt" in inputs:
        message = "shot: give a prompt or a Shot, not both; a Shot carries the prompt that it was planned from."
        raise ParameterInvalid(message, field="shot")
    text = given if isinstance(given, str) else json.dumps(given)
    try:
        planned = reader().read(text)
    except ShotInvalid as error:
        message = f"shot: {error}"
        raise ParameterInvalid(message, field="shot") from None
    fixed = {"prompt": planned["prompt"] or "A Shot", "duration": planned["duration_s"], "seed": planned["seed"]}
    for name, value in fixed.items():
        if name in inputs and inputs[name] != value:
            message = f"{name}: the Shot fixes it at {value}; leave it out, or change the Shot."
            raise ParameterInvalid(message, field=name)
    return {**inputs, **fixed, "shot": planned["shot"]}, tuple(planned["words"])
