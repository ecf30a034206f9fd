"""The client: the verbs of the hosted service against a server of ours."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode

from stillmotion.client import configuration, files, waiting
from stillmotion.client.waiting import Pace
from stillmotion.client.wire import Patience, Wire
from stillmotion.errors import PredictionUnknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from types import TracebackType

    from httpx2 import BaseTransport

    from stillmotion.client.files import Source

_DELIVERIES, _UPLOADS = "/api/native/v1/deliveries", "/api/native/v1/uploads"
_TARGET = "/api/native/v1/webhooks/target"


class Client:
    """A server and the key to it. Safe to use from several threads.

    client = stillmotion.Client()
    made = client.run("openai/sora-2/image-to-video", {"image": client.upload("cat.png"), "prompt": "The cat jumps"})
    made["outputs"][0]

    A request is sent again after a fault where that never asks twice. A run carries an `Idempotency-Key` for that; a
    server that does not know the header could run it twice: such a one should be given `Patience(retries=0)`. Which
    predictions are deleted, a webhook that is sent again and a new secret are not asked for again when the answer was
    lost.

    Times are of the zone that they name; a datetime without one is of this machine's zone.

    Added in 0.1.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        patience: Patience | None = None,
        on_pause: Callable[[float, str], None] | None = None,
        transport: BaseTransport | None = None,
    ) -> None:
        """Settle on a server; nothing is asked yet.

        Args:
            base_url: without the path of an API; else STILLMOTION_BASE_URL, `stillmotion.toml`, http://127.0.0.1:8000.
            api_key: else STILLMOTION_API_KEY, the file that STILLMOTION_API_KEY_FILE names, `stillmotion.toml`.
            patience: timeouts and repeats.
            on_pause: told the seconds and the reason before each pause of five seconds and more, for people to see.
            transport: how requests travel, for tests.
        """
        found = configuration.read(base_url, api_key)
        self._wire = Wire(
            found.base_url.value, found.api_key.value, patience or Patience(), transport=transport, on_pause=on_pause
        )
        self.base_url = self._wire.base_url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._wire.close()

    def run(
        self,
        model: str,
        inputs: Mapping[str, Any],
        *,
        timeout_s: float | None = None,
        poll_interval_s: float = 1.0,
        sync: bool = False,
        webhook: str | None = None,
        idempotency_key: str | None = None,
        progress: Callable[[str, float], None] | None = None,
    ) -> dict[str, Any]:
        """Run a model and wait for its outputs.

        Args:
            model: id, for example "openai/sora-2/image-to-video".
            inputs: as its schema says.
            timeout_s: how long to wait once it is accepted; None waits for ever.
            poll_interval_s: how often to ask.
            sync: have the server hold the request open instead.
            webhook: an address that is told the end as well.
            idempotency_key: what names this run; the same key never runs twice.
            progress: told the stage and how far it is, 0 to 1. Raising from it stops the waiting, not the run.

        Returns:
            {"outputs": [address, ...]}.

        Raises:
            StillmotionError: InputRefused, BalanceTooLow, KeyRefused, RunFailed, StillRunning, ServerUnreachable ...
        """
        extra = {"enable_sync_mode": True} if sync else {}
        made = self.submit(model, {**inputs, **extra}, webhook=webhook, idempotency_key=idempotency_key, patient=sync)
        if made["status"] != waiting.COMPLETED:
            made = self.wait(made["id"], timeout_s=timeout_s, poll_interval_s=poll_interval_s, progress=progress)
        return {"outputs": list(made["outputs"])}

    def submit(
        self,
        model: str,
        inputs: Mapping[str, Any],
        *,
        webhook: str | None = None,
        idempotency_key: str | None = None,
        patient: bool = False,
    ) -> dict[str, Any]:
        """Have a model run and return the prediction as accepted: "id", "status", "urls" ...

        Args:
            model: see `run`.
            inputs: see `run`.
            webhook: see `run`.
            idempotency_key: see `run`.
            patient: whether the answer may take as long as the work, for inputs with "enable_sync_mode".
        """
        path = f"/api/v3/{quote(model.strip('/'), safe='/')}"
        key = idempotency_key or secrets.token_hex(16)
        query = {"webhook": webhook} if webhook else None
        made: dict[str, Any] = self._wire.post(path, inputs, key=key, query=query, patient=patient)
        return made

    def wait(
        self,
        prediction_id: str,
        *,
        timeout_s: float | None = None,
        poll_interval_s: float = 1.0,
        progress: Callable[[str, float], None] | None = None,
    ) -> dict[str, Any]:
        """The prediction once it is completed; see `run`."""
        pace = Pace(timeout_s=timeout_s, interval_s=poll_interval_s)
        return waiting.wait(self._wire, _id(prediction_id), pace, progress)

    def get_result(self, prediction_id: str) -> dict[str, Any]:
        """The prediction as it stands; a failed one is an answer, not an error."""
        return waiting.result(self._wire, _id(prediction_id))

    def details(self, prediction_id: str) -> dict[str, Any]:
        """What the hosted dialect has no words for: "stage", "progress", "engine", "notes" of what could not be done.

        Also the "shot" that was filmed, the "price" and the addresses of all "files".
        """
        made: dict[str, Any] = self._wire.get(f"{waiting.NATIVE}/{_id(prediction_id)}")
        return made

    def upload(self, source: Source, *, filename: str | None = None, content_type: str | None = None) -> str:
        """Give the server a file (a path, bytes or a stream) and return its address, for use as an input."""
        return files.upload(self._wire, source, filename=filename, content_type=content_type)

    def uploads(self, *, limit: int = 20, offset: int = 0) -> dict[str, Any]:
        """A page of the files that were sent and are kept, newest first: "items" and "total"."""
        found: dict[str, Any] = self._wire.get(f"{_UPLOADS}?{urlencode({'limit': limit, 'offset': offset})}")
        return found

    def delete_upload(self, upload_id: str) -> None:
        """Delete a file that was sent; films that were made from it stay."""
        self._wire.delete(f"{_UPLOADS}/{_id(upload_id)}")

    def download(self, url: str, path: str | Path) -> Path:
        """Fetch an output into a file; whole or absent."""
        return files.download(self._wire, url, Path(path))

    def price(self, model: str, inputs: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What a run of these inputs costs: "price" in dollars."""
        wanted = {"model_id": model, "inputs": dict(inputs or {})}
        found: dict[str, Any] = self._wire.post("/api/v3/model/price", wanted)
        return found

    def models(self) -> list[dict[str, Any]]:
        """Every model with its price and schema."""
        found: list[dict[str, Any]] = self._wire.get("/api/v3/models", kind=list)
        return found

    def history(
        self,
        *,
        page: int = 1,
        page_size: int = 20,
        model: str | None = None,
        status: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        include_inputs: bool = False,
    ) -> dict[str, Any]:
        """A page of predictions, newest first: "items" and "page"."""
        wanted = {
            "page": page,
            "page_size": page_size,
            "model": model,
            "status": status,
            "created_after": _zoned(created_after),
            "created_before": _zoned(created_before),
            "include_inputs": include_inputs or None,
        }
        found: dict[str, Any] = self._wire.post("/api/v3/predictions", _given(wanted))
        return found

    def delete(self, prediction_ids: str | Sequence[str]) -> int:
        """Delete finished predictions with their files; how many there were."""
        several = [prediction_ids] if isinstance(prediction_ids, str) else list(prediction_ids)
        found: dict[str, Any] = self._wire.post("/api/v3/predictions/delete", {"ids": several}, again=False)
        return int(found["deleted_count"])

    def cancel(self, prediction_id: str) -> dict[str, Any]:
        """Stop a run; nothing is charged for it."""
        made: dict[str, Any] = self._wire.post(f"{waiting.NATIVE}/{_id(prediction_id)}/cancel")
        return made

    def balance(self) -> float:
        """What may be spent, in dollars."""
        return float(self._wire.get("/api/v3/balance")["balance"])

    def usage(self, start: datetime, end: datetime, *, model: str | None = None) -> dict[str, Any]:
        """Costs and counts of a time span of at most 31 days: "summary", "per_model_usage", "daily_usage"."""
        wanted = {"start_time": _zoned(start), "end_time": _zoned(end), "model_uuid": model}
        found: dict[str, Any] = self._wire.post("/api/v3/user/usage_stats", _given(wanted))
        return found

    def billings(
        self,
        *,
        page: int = 1,
        page_size: int = 20,
        billing_type: str | None = None,
        prediction_ids: Sequence[str] = (),
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> dict[str, Any]:
        """A page of money movements, newest first: "items", "page" and "total"."""
        wanted = {
            "page": page,
            "page_size": page_size,
            "billing_type": billing_type,
            "prediction_uuids": list(prediction_ids) or None,
            "start_time": _epoch_ms(start),
            "end_time": _epoch_ms(end),
        }
        found: dict[str, Any] = self._wire.post("/api/v3/billings/search", _given(wanted))
        return found

    def webhooks(
        self, *, limit: int = 20, offset: int = 0, state: str | None = None, prediction_id: str | None = None
    ) -> dict[str, Any]:
        """A page of webhooks that were or will be sent, newest first: "items" and "total"."""
        asked = {"limit": limit, "offset": offset, "state": state, "prediction_id": prediction_id}
        found: dict[str, Any] = self._wire.get(f"{_DELIVERIES}?{urlencode(_given(asked))}")
        return found

    def resend_webhook(self, delivery_id: str) -> dict[str, Any]:
        """Have a webhook sent again: the same id and body, signed anew."""
        made: dict[str, Any] = self._wire.post(f"{_DELIVERIES}/{_id(delivery_id)}/resend", again=False)
        return made

    def webhook_secret(self) -> str:
        """What the account's webhooks are signed with: "whsec_..."."""
        return str(self._wire.get("/api/v3/webhook/secret")["secret"])

    def rotate_webhook_secret(self) -> dict[str, Any]:
        """A new "secret"; until "old_signs_until" the old one signs webhooks of the standard form as well."""
        made: dict[str, Any] = self._wire.post("/api/native/v1/webhooks/secret/rotate", again=False)
        return made

    def webhook_target(self) -> str | None:
        """Where ends of videos of the OpenAI dialect are told, whose creates name no webhook; None: nowhere."""
        found: str | None = self._wire.get(_TARGET)["url"]
        return found

    def set_webhook_target(self, url: str | None) -> None:
        """Have ends of videos that are created in the OpenAI dialect from now on told there; None: nowhere."""
        self._wire.post(_TARGET, {"url": url})


def _given(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if value is not None}


def _zoned(at: datetime | None) -> str | None:
    """With its zone; without one it is of this machine's, as everywhere in Python: the server would take it as UTC."""
    return None if at is None else at.astimezone().isoformat()


def _epoch_ms(at: datetime | None) -> str | None:
    return None if at is None else str(round(at.timestamp() * 1000))


def _id(prediction_id: str) -> str:
    """An id as part of a path, which it can never leave."""
    if not prediction_id.strip("./ "):
        message = f"{prediction_id!r} is no id of a prediction; `stillmotion history` lists them."
        raise PredictionUnknown(message)
    return quote(prediction_id, safe="")
