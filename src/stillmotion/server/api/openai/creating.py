"""From a create or a remix in the OpenAI dialect to an accepted prediction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request as HttpRequest  # noqa: TC002 - read by the framework

from stillmotion.catalog.openai_names import named
from stillmotion.errors import MediaRefused, NotYet, ParameterInvalid
from stillmotion.server import ids
from stillmotion.server.api.accept import Request, Sending, accept, accepted_remix
from stillmotion.server.api.idempotency import IdempotencyKey, resends
from stillmotion.server.api.openai import fields
from stillmotion.server.api.shapes import Dialect
from stillmotion.server.intake import pictures

if TYPE_CHECKING:
    from stillmotion.server.accounts import Account
    from stillmotion.server.api.openai.bodies import Body
    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

_FIELD = "input_reference"
_ADDRESS = f"{_FIELD}.image_url"
_NO_PICTURE = (
    "Missing required parameter: 'input_reference'. Films are made from a photo here: send it as a file, or as an"
    " object with image_url."
)
_TWO_PICTURES = "Invalid value for 'input_reference': give exactly one of a file, image_url and file_id."
_NO_FILES = "Invalid value for 'input_reference.file_id': there are no stored files here; send the picture itself."
_CHARACTERS = "characters"
_PENDING = "pending"
"""Stands for a picture while the other fields are looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """By what a request is known again when it is sent once more."""

    key: str
    """Idempotency-Key; empty when there is none."""
    sending: Sending | None


def create(service: Service, caller: Account, sent: Body, naming: Naming) -> Prediction:
    """Accept a create.

    Raises:
        InputRefused: a field is missing or wrong.
        QueueFull, BalanceTooLow, KeyReused: as they say.
    """
    values = sent.without_file(_FIELD)
    if values.pop(_CHARACTERS, None):
        raise NotYet(field=_CHARACTERS)
    asked = fields.fitting(fields.CreateVideo if sent.form else fields.CreateVideoOf, values)
    model = named(asked.model)
    named_inputs = fields.inputs(asked, _PENDING)  # every other fault is found before a picture is kept
    picture = _picture(sent, asked)
    request = Request(
        dialect=Dialect.OPENAI,
        model_id=model.id,
        inputs=named_inputs if picture is not None else {**named_inputs, "image": _address(asked)},
        picture=picture,
        key=naming.key,
        sending=naming.sending,
    )
    return _accepted(service, caller, request, _FIELD if sent.file(_FIELD) is not None else _ADDRESS)


def remix(service: Service, caller: Account, sent: Body, naming: Naming, source: Prediction) -> Prediction:
    """Accept a remix: the same photo, size and length with another prompt.

    Raises:
        As `create`.
    """
    asked = fields.fitting(fields.RemixVideo, sent.without_file(""))
    request = Request(
        dialect=Dialect.OPENAI,
        model_id=source.model_id,
        inputs={**source.input, "prompt": asked.prompt},
        remixed_from=source.id,
        key=naming.key,
        sending=naming.sending,
    )
    return _accepted(service, caller, request)


def remixed(service: Service, caller: Account, sent: Body, naming: Naming, source_id: str) -> Prediction | None:
    """What the same remix of a video that is gone made when it was sent before; None when it was not."""
    try:
        asked = fields.fitting(fields.RemixVideo, sent.without_file(""))
    except ParameterInvalid:  # the video is the first fault
        return None
    request = Request(
        dialect=Dialect.OPENAI,
        model_id="",
        inputs={"prompt": asked.prompt},
        remixed_from=source_id,
        key=naming.key,
        sending=naming.sending,
    )
    return accepted_remix(service, caller, request)


def naming(http: HttpRequest, key: IdempotencyKey = "") -> Naming:
    """What a create or a remix says of itself beside its body."""
    return Naming(key=key, sending=_sending(http))


def _sending(http: HttpRequest) -> Sending | None:
    """What the official clients say of their own retries."""
    count = resends(http)
    if count is None:
        return None
    sender = ids.read_key(http.headers.get("authorization", "").partition(" ")[2].strip())
    return Sending(by="" if sender is None else sender.public, again=count > 0)


def _picture(sent: Body, asked: fields.CreateVideo) -> bytes | None:
    """The picture that came with the request; None when the request names an address."""
    file, reference = sent.file(_FIELD), asked.input_reference
    if file is not None:
        return file.file.read()
    if reference is None or reference.image_url is None or not pictures.is_data_url(reference.image_url):
        return None
    try:
        return pictures.read_data_url(reference.image_url)
    except MediaRefused as error:
        message = f"Invalid value for {_ADDRESS!r}: {error}"
        raise ParameterInvalid(message, field=_ADDRESS) from None


def _address(asked: fields.CreateVideo) -> str:
    reference = asked.input_reference
    if reference is None or not (reference.image_url or reference.file_id):
        raise ParameterInvalid(_NO_PICTURE, field=_FIELD)
    if reference.image_url is not None and reference.file_id is not None:
        raise ParameterInvalid(_TWO_PICTURES, field=_FIELD)
    if reference.image_url is None:
        raise ParameterInvalid(_NO_FILES, field=_FIELD)
    return reference.image_url


def _accepted(service: Service, caller: Account, request: Request, field: str = _FIELD) -> Prediction:
    """Accept, and name a faulty picture as this dialect does."""
    try:
        return accept(service, caller, request)
    except ParameterInvalid as error:
        if error.field != "image":
            raise
        message = f"Invalid value for {field!r}: {str(error).removeprefix('image: ').rstrip('.')}."
        raise ParameterInvalid(message, field=field) from None
