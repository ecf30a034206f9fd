"""How a store that speaks S3 is reached, as the usual variables say; those that cannot be meant are told by name."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from stillmotion.errors import SettingsInvalid

_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
_PAIR = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_SENT = (*_PAIR, "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION")


def endpoint() -> str | None:
    """The address of the store; none is that of the cloud that its language comes from.

    Raises:
        SettingsInvalid: a variable does not have the form that it needs; the library would break off at that. What it
            holds is not repeated: it may be a secret.
    """
    for name in _ENDPOINTS:
        if (value := os.environ.get(name)) is not None and not _is_address(value):
            message = f"{name} must be the address of the store, such as https://s3.example.com, or not be set."
            raise SettingsInvalid(message)
    for name in _SENT:
        if not _is_plain(os.environ.get(name, "")):
            message = f"{name} holds a space, a line break or a character beyond ASCII; set it without."
            raise SettingsInvalid(message)
    given = [name for name in _PAIR if os.environ.get(name)]
    if len(given) == 1:
        message = f"{given[0]} is set and the other of {' and '.join(_PAIR)} is not; set both or none."
        raise SettingsInvalid(message)
    return next(filter(None, map(os.environ.get, _ENDPOINTS)), None)


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return _is_plain(value) and parts.scheme in {"http", "https"} and bool(parts.hostname) and has_port


def _is_plain(value: str) -> bool:
    return value.isascii() and value.isprintable() and " " not in value
