"""Signatures of webhooks and of addresses that expire, as pure functions; time is an argument.

Two forms of webhook signature are in use. The hosted one: `v3,` and the hexadecimal HMAC-SHA256 under the text of the
secret as it stands. Standard Webhooks 1.0: `v1,` and the base64 HMAC-SHA256 under the decoded secret, several of them
separated by spaces. Both sign `id.timestamp.body`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping  # noqa: TC003 - part of the public signatures
from enum import StrEnum
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from stillmotion.errors import SignatureInvalid

SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix, not a secret
TOLERANCE_S = 300
EXPIRES, SIGNATURE = "expires", "signature"


class Scheme(StrEnum):
    """How a webhook is signed."""

    HOSTED = "hosted"
    STANDARD = "standard"


def webhook_headers(
    scheme: Scheme, secrets: tuple[str, ...], *, message_id: str, timestamp_s: int, body: bytes
) -> dict[str, str]:
    """The three headers of a webhook.

    Args:
        scheme: the dialect of the receiver.
        secrets: newest first; while a secret is rotated the standard form carries a signature for each. The hosted
            form's verifiers choke on more than one, so they get the newest.
        message_id: the same on every retry.
        timestamp_s: Unix time of this attempt.
        body: exactly as sent.

    Raises:
        ValueError: no secret, or one that the standard form cannot decode.
    """
    if not secrets:
        message = "a webhook needs a secret to be signed with"
        raise ValueError(message)
    signed = [_signature(scheme, secret, message_id, timestamp_s, body) for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signed) if scheme is Scheme.STANDARD else signed[0],
    }


def verify_webhook(
    scheme: Scheme,
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now_s: float,
    tolerance_s: float = TOLERANCE_S,
) -> None:
    """Check a received webhook; names of headers in lower case.

    Raises:
        SignatureInvalid: a header is missing, the time is off by more than the tolerance, or no signature fits.
    """
    try:
        message_id, sent, given = (headers[f"webhook-{name}"] for name in ("id", "timestamp", "signature"))
        timestamp_s = int(sent)
    except (KeyError, ValueError):
        message = "The webhook headers are missing or not readable."
        raise SignatureInvalid(message) from None
    if abs(now_s - timestamp_s) > tolerance_s:
        message = f"The webhook was signed {abs(now_s - timestamp_s):.0f} s from now; {tolerance_s:.0f} s are allowed."
        raise SignatureInvalid(message)
    expected = _signature(scheme, secret, message_id, timestamp_s, body).encode()
    found = [hmac.compare_digest(expected, one.encode()) for one in given.split(" ")]
    if not any(found):
        message = "The webhook's signature does not fit its body; check the secret."
        raise SignatureInvalid(message)


def _signature(scheme: Scheme, secret: str, message_id: str, timestamp_s: int, body: bytes) -> str:
    text = secret.removeprefix(SECRET_PREFIX)
    message = f"{message_id}.{timestamp_s}.".encode() + body
    if scheme is Scheme.HOSTED:
        return "v3," + hmac.new(text.encode(), message, hashlib.sha256).hexdigest()
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        problem = "a secret of the standard form is base64 after its prefix"
        raise ValueError(problem) from None
    return "v1," + base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


def signed_url(url: str, secret: bytes, *, expires_s: int) -> str:
    """The address with an expiry and a signature over its path and that expiry; host and scheme stay free to change."""
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), (EXPIRES, str(expires_s))]
    query.append((SIGNATURE, _url_signature(parts.path, expires_s, secret)))
    return urlunsplit(parts._replace(query=urlencode(query)))


def check_signed_path(
    path: str,
    query: Mapping[str, str],
    secret: bytes,
    *,
    now_s: float,
    advice: str = "ask for the prediction again to get a fresh one",
) -> None:
    """Check a request for a signed address.

    Args:
        path: what is asked for.
        query: with its expiry and signature.
        secret: that signed it.
        now_s: seconds since 1970.
        advice: what to do when it is refused.

    Raises:
        SignatureInvalid: it expired, or was not signed by us.
    """
    try:
        expires_s, given = int(query[EXPIRES]), query[SIGNATURE]
    except (KeyError, ValueError):
        message = f"The address is not signed; {advice}."
        raise SignatureInvalid(message) from None
    if not hmac.compare_digest(_url_signature(path, expires_s, secret).encode(), given.encode()):
        message = f"The address was changed after it was signed; {advice}."
        raise SignatureInvalid(message)
    if now_s >= expires_s:
        message = f"The address has expired; {advice}."
        raise SignatureInvalid(message)


def _url_signature(path: str, expires_s: int, secret: bytes) -> str:
    digest = hmac.new(secret, f"{path}\n{expires_s}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
