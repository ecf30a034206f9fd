"""Absolute addresses that the caller can reach: of predictions, and signed ones of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stillmotion import signing

if TYPE_CHECKING:
    from fastapi import Request

    from stillmotion.server.intake.uploads import Upload
    from stillmotion.server.predictions import Prediction
    from stillmotion.server.service import Service

FILES = "/files/"
_DAY_S = 86_400
RIGHT: list[dict[str, Any]] = [
    {
        "name": name,
        "in": "query",
        "required": True,
        "description": f"{words}; part of the address as it was answered.",
        "schema": {"type": "string"},
    }
    for name, words in ((signing.EXPIRES, "When the address ends"), (signing.SIGNATURE, "Who may go there"))
]
"""What a signed address carries, for the document."""


def base(service: Service, request: Request) -> str:
    """Where the caller reaches us, without a trailing slash: the configured place, else as the request says."""
    public = service.settings.public_url
    return str(public if public is not None else request.base_url).rstrip("/")


def file(service: Service, base_url: str, key: str) -> str:
    """A signed address of a stored file, good for as long as the settings say."""
    expires_s = int(service.clock.now().timestamp()) + service.settings.url_ttl_s
    # Signed from here on: a proxy may stand before us under a path of its own.
    return base_url + signing.signed_url(f"{FILES}{key}", service.address_secret, expires_s=expires_s)


def upload(service: Service, base_url: str, one: Upload) -> str:
    """The address of an upload, good for as long as it is kept."""
    ttl_s = max(service.settings.url_ttl_s, int(service.settings.retention_days * _DAY_S))
    expires_s = int(service.clock.now().timestamp()) + ttl_s
    return base_url + signing.signed_url(FILES + one.key, service.address_secret, expires_s=expires_s)


def film(service: Service, base_url: str, made: Prediction) -> list[str]:
    """Signed addresses of the films of a prediction, not of its pictures."""
    return [file(service, base_url, key) for key in made.outputs if key.endswith(".mp4")]
