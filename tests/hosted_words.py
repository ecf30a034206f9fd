"""Words of the hosted dialect for its tests, and the end of a prediction without a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stillmotion.server import predictions
from stillmotion.server.predictions import Code, Prediction, StoredFile

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.server.service import Service

MODEL = "/api/v3/openai/sora-2/image-to-video"
WANTED = {"image": "https://example.com/lake.jpg", "prompt": "Slow dolly in over the lake"}
FILM = b"\0\0\0\x18ftypmp42" + b"film" * 64


@dataclass(frozen=True)
class Ending:
    """What workers do, without a film."""

    service: Service
    folder: Path

    def complete(self, prediction_id: str) -> Prediction:
        """The film is there."""
        service, at = self.service, self.service.clock.now()
        with service.database.begin() as connection:
            attempt = predictions.begin(connection, prediction_id, at=at)
        assert attempt is not None
        source = self.folder / "film.mp4"
        source.write_bytes(FILM)
        kept = service.store.put(f"outputs/{prediction_id}/{attempt.token}-film.mp4", source)
        stored = StoredFile(key=kept.key, size_bytes=kept.size_bytes, sha256=kept.sha256)
        with service.database.begin() as connection:
            made = predictions.complete(
                connection, attempt, [stored], engine="diorama", facts={}, queue=service.queue, tell=_nobody, at=at
            )
        assert made is not None
        return made

    def fail(self, prediction_id: str) -> None:
        """It cannot be done."""
        service, at = self.service, self.service.clock.now()
        with service.database.begin() as connection:
            predictions.fail(
                connection,
                prediction_id,
                code=Code.MEDIA_UNREACHABLE,
                error="The picture could not be fetched.",
                queue=service.queue,
                tell=_nobody,
                at=at,
            )


def _nobody(*_: object) -> None:
    """No webhook."""


def data_of(answer: Any) -> Any:
    """What is in the envelope of a success."""
    body = answer.json()
    assert answer.status_code == 200, body
    assert (body["code"], body["message"]) == (200, "success")
    assert "error" not in body
    return body["data"]


def refused(answer: Any, status: int) -> dict[str, Any]:
    """The envelope of a refusal."""
    body: dict[str, Any] = answer.json()
    assert answer.status_code == status, body
    assert body["code"] == status
    assert set(body) == {"code", "message", "error_code", "error"}
    assert body["message"] == body["error"]
    return body
