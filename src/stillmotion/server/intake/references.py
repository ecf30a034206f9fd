"""References to pictures and targets of webhooks: their form is checked at once, what is behind them later."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from stillmotion.errors import ParameterInvalid

if TYPE_CHECKING:
    from pathlib import Path

    from stillmotion.server.service import Service

_SCHEMES = ("http", "https")


def check_reference(service: Service, account_id: str, reference: str) -> None:
    """Refuse what cannot be a picture: no address, no data URL, no upload of this account.

    Raises:
        ParameterInvalid: the message says what it may be.
    """
    del service, account_id
    if not reference.startswith(("http://", "https://", "data:image/")):
        message = "image: give an http(s) address, a data URL of a picture, or the address of an upload."
        raise ParameterInvalid(message, field="image")


def check_webhook(service: Service, url: str) -> None:
    """Refuse a webhook target that is no http(s) address.

    Raises:
        ParameterInvalid: the message says what it may be.
    """
    del service
    if urlsplit(url).scheme not in _SCHEMES or not urlsplit(url).hostname:
        message = "webhook: give an http(s) address."
        raise ParameterInvalid(message, field="webhook")


def fetch(service: Service, account_id: str, reference: str, target: Path) -> None:
    """Write the picture behind a reference to a file.

    Raises:
        MediaUnreachable: it cannot be fetched, is too large, or lies where we do not go.
    """
    raise NotImplementedError
