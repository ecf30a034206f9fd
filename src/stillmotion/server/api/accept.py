"""From a caller's words to an accepted prediction: what all dialects do between reading a request and answering it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from stillmotion import catalog
from stillmotion.errors import ParameterInvalid, PerhapsAccepted, StillmotionError
from stillmotion.server import ids, intake, log, predictions, quota, rates
from stillmotion.server.api import faults
from stillmotion.server.api.shapes import Dialect
from stillmotion.server.failpoint import failpoint
from stillmotion.server.predictions import Repeated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from stillmotion.catalog import Model, ModelInput
    from stillmotion.server.accounts import Account
    from stillmotion.server.intake import Picture
    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service


RESENT_WITHIN = timedelta(minutes=10)
_USUAL_S = 4.0
"""The length of a film whose inputs do not name one."""
_ASKED, _ASK_S, _ASKED_S = 20, 0.5, 20.0
"""How often, how long apart and how long at most a database that died in the middle of a commit is asked about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A prediction that the request made."""

    id: str
    """As its dialect names it."""
    repeatable: bool
    """Whether the same request sent again is known as the same."""


@dataclass(slots=True)
class _Notes:
    """Of the request that is being answered."""

    accepted: Accepted | None = None
    refusal: StillmotionError | None = None


_NOTES: ContextVar[_Notes | None] = ContextVar("notes", default=None)


@contextlib.contextmanager
def noting() -> Iterator[None]:
    """Have remembered what is accepted inside, also by its threads: a fault after that must not deny it."""
    before = _NOTES.set(_Notes())
    try:
        yield
    finally:
        _NOTES.reset(before)


def noted() -> Accepted | None:
    """What was accepted in the request that is being answered."""
    notes = _NOTES.get()
    return None if notes is None else notes.accepted


def refuse_new(error: StillmotionError) -> None:
    """For the request that is being answered: what was accepted before is told, for all else the error is raised."""
    if (notes := _NOTES.get()) is not None:
        notes.refusal = error


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One send of a request by a client that counts its retries."""

    by: str
    """The public part of the API key; empty in the single-user mode."""
    again: bool
    """Whether this is a retry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A create in no dialect's words."""

    dialect: Dialect
    model_id: str
    inputs: dict[str, Any]
    words: tuple[str, ...] = ()
    """What else is to be heard, shown or written, as the inputs have it somewhere; judged like the prompt."""
    webhook_url: str | None = None
    webhook_field: str = "webhook_url"
    """Under which name that was sent."""
    base_url: str = ""
    """Where the caller reached us, for what the webhook names; no part of what is asked for."""
    picture: bytes | None = None
    """The picture itself, when it came beside the inputs and not in them."""
    base64_output: bool = False
    remixed_from: str | None = None
    key: str = ""
    """Idempotency-Key; empty when there is none."""
    sending: Sending | None = None
    """Without a key: what the client says of its own retries; None when it says nothing."""


def accept(service: Service, account: Account, asked: Request) -> Prediction:
    """Check, price, hold and queue.

    Every fault that the request itself shows is found here, before any money is held. Pictures behind addresses are
    fetched later, by the worker. The first of several faults counts, in this order: the model, its fields, the picture
    in the request, the same key with another body, the policy, the picture elsewhere, the webhook, a full queue, the
    balance, the room on the disk. Nothing is stored for a request that has one of them. That it is one of this minute
    was counted before: see `creates`.

    What the same request made before is given back before anything is asked that may have changed since: the policy,
    whether the upload and the store are there, whether anything new is taken.

    Args:
        service: the parts.
        account: of the caller.
        asked: the request.

    Raises:
        InputRefused: a field is missing or wrong, the model is unknown, the policy says no.
        QueueFull, BalanceTooLow, KeyReused, QuotaFull: as they say.
        PerhapsAccepted: the database went away in the commit, and did not come back to say what became of it.
        ServerBusy: nothing new is taken, see `refuse_new`.
    """
    now = service.clock.now()
    submission, picture = _submission(service, account, asked)
    if submission.key and submission.repeated.known:
        submission, known = _recognised(service, submission, picture, at=now)
    else:
        known = None
    if known is None:
        _check_new(service, asked, submission, picture)
        intake.keep(service, account.id, picture)
    failpoint("accepting")
    made = _submitted(service, submission, at=now)
    if (notes := _NOTES.get()) is not None:
        notes.accepted = _named(submission, made)
    failpoint("accepted")
    log.get().info("accepted", prediction=made.id, model=made.model_id)
    return made


def accepted_remix(service: Service, account: Account, asked: Request) -> Prediction | None:
    """What the same remix made when it was sent before, when the video is gone of which it was one.

    Args:
        service: the parts.
        account: of the caller.
        asked: with the prompt as its only input.
    """
    key, repeated = _memory(asked, b"")
    prompt, source_id, now = str(asked.inputs["prompt"]), asked.remixed_from or "", service.clock.now()
    with service.database.connect() as connection:
        return predictions.remix_known(connection, account.id, source_id, prompt, key=key, repeated=repeated, at=now)


def _recognised(
    service: Service, asked: predictions.Submission, picture: Picture, *, at: datetime
) -> tuple[predictions.Submission, Prediction | None]:
    """What was made when the same request was sent before."""
    with service.database.connect() as connection:
        if picture.gone:
            asked = predictions.as_remembered(connection, asked, picture.gone, at=at)
        return asked, predictions.known(connection, asked, at=at)


def _check_new(service: Service, asked: Request, submission: predictions.Submission, picture: Picture) -> None:
    """All that only matters to what is made now."""
    notes = _NOTES.get()
    if notes is not None and notes.refusal is not None:
        raise notes.refusal
    for words in (str(submission.input.get("prompt", "")), *asked.words):
        service.policy.check_words(words)
    intake.check(service, picture)
    if asked.webhook_url:
        intake.check_webhook(service, asked.webhook_url, field=asked.webhook_field)
    with service.database.connect() as connection:
        predictions.foresee(connection, submission)
        # What cannot be kept is not made either.
        needed = _film_bytes(service, submission) + intake.adds_bytes(connection, submission.account_id, picture)
        quota.check_account(connection, service.settings, submission.account_id, adding_bytes=needed)


def _film_bytes(service: Service, asked: predictions.Submission) -> int:
    """About the room for what will be made."""
    if catalog.get(asked.model_id, asked.dialect).work is not catalog.Work.FILM:
        return 1
    said = asked.input.get("duration")
    seconds = said if isinstance(said, int | float) and said > 0 else _USUAL_S
    return quota.film_bytes(seconds, tiny=service.settings.quality == "tiny")


def _submitted(service: Service, submission: predictions.Submission, *, at: datetime) -> Prediction:
    """In one commit; when the database died during that, what became of it is asked for when it is back."""
    made: Prediction | None = None
    try:
        with service.database.begin() as connection:
            made = predictions.submit(connection, submission, service.queue, at=at)
    except DBAPIError:
        kept = False if made is None else _is_kept(service, made)
        if made is None or kept is False:
            raise
        if kept is None:
            raise _in_doubt(_named(submission, made)) from None
    return made


def _is_kept(service: Service, made: Prediction) -> bool | None:
    """Whether it is there; None when nobody can say."""
    until_s = time.monotonic() + _ASKED_S
    for _ in range(_ASKED):
        time.sleep(_ASK_S)
        with contextlib.suppress(SQLAlchemyError), service.database.connect() as connection:
            return predictions.is_kept(connection, made.id)
        if time.monotonic() > until_s:
            break
    return None


def _named(submission: predictions.Submission, made: Prediction) -> Accepted:
    name = ids.video_id(made.id) if submission.dialect == Dialect.OPENAI.value else made.id
    return Accepted(id=name, repeatable=bool(submission.key))


def _in_doubt(made: Accepted) -> PerhapsAccepted:
    then = (
        "Send it again as it is: it is known as the same."
        if made.repeatable
        else "Look for that id in a minute; send the request again only if it is not there."
    )
    message = f"The database went away in the middle; this may have been accepted as {made.id}, or not at all. {then}"
    return PerhapsAccepted(message, repeatable=made.repeatable)


def count(service: Service, account: Account, kind: rates.Kind) -> None:
    """Count a request against what its account may ask for in a minute, in a transaction of its own.

    Raises:
        RateLimited: there were more.
    """
    limit = service.settings.per_minute if account.per_minute is None else account.per_minute
    with service.database.begin() as connection:
        rates.count(connection, account.id, kind, per_minute=limit, at=service.clock.now())


def _submission(service: Service, account: Account, asked: Request) -> tuple[predictions.Submission, Picture]:
    """What is to be submitted, if nothing is wrong with it that only shows elsewhere, and its picture."""
    model = catalog.get(asked.model_id, asked.dialect.value)
    beside = {} if asked.picture is None else {"image": intake.reference_of(account.id, asked.picture)}
    inputs = validated(model, {**asked.inputs, **beside})
    values = inputs.model_dump(mode="json")
    picture = intake.look_at(service, account.id, str(values.get("image", "")), asked.picture)
    fingerprint = _fingerprint(model, {**values, "image": picture.same}, asked)
    values |= {"image": picture.reference} if "image" in values else {}
    key, repeated = _memory(asked, fingerprint)
    submission = predictions.Submission(
        account_id=account.id,
        dialect=asked.dialect.value,
        model_id=model.id,
        input=values,
        price=model.quote(inputs).price,
        concurrency=account.concurrency or service.settings.concurrency,
        queue_limit=service.settings.queue_limit,
        webhook_url=asked.webhook_url,
        account_webhook=asked.dialect is Dialect.OPENAI,
        base_url=asked.base_url,
        base64_output=asked.base64_output,
        remixed_from=asked.remixed_from,
        key=key,
        repeated=repeated,
        body_sha256=fingerprint,
    )
    return submission, picture


def validated(model: Model, inputs: dict[str, Any]) -> ModelInput:
    """The inputs of a model.

    Raises:
        ParameterInvalid: the first fault, with the name of its field and what it may be.
    """
    return check_inputs(model.id, model.input, inputs)


def check_inputs(model_id: str, form: type[ModelInput], inputs: dict[str, Any]) -> ModelInput:
    """Inputs in a given form; raises as `validated` does."""
    try:
        return form.model_validate(inputs)
    except ValidationError as error:
        found = error.errors(include_url=False)
        field, message = faults.told(found)
        if found[0]["type"] == "extra_forbidden":
            message = f"{field}: there is no such field; {model_id} has {', '.join(form.model_fields)}."
        raise ParameterInvalid(message, field=field) from None


def _fingerprint(model: Model, values: dict[str, Any], asked: Request) -> bytes:
    """The same for requests that ask for the same."""
    content = [model.id, values, asked.webhook_url, asked.base64_output, asked.remixed_from]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()


def _memory(asked: Request, fingerprint: bytes) -> tuple[str, Repeated]:
    """Under which name the request is remembered, and when that counts.

    People do ask for the same film twice, so an equal body alone says nothing: the client must say that it repeats
    itself, and only what the same key sent a short while ago is taken for the first send.
    """
    if asked.key:
        return f"key {hashlib.sha256(asked.key.encode()).hexdigest()}", Repeated()  # of any length
    if asked.sending is None:
        return "", Repeated()
    name = f"sent {asked.sending.by} {fingerprint.hex()}"
    return name, Repeated(known=asked.sending.again, within=RESENT_WITHIN)
