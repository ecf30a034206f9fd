"""Names of things: predictions, uploads, messages, and API keys that can be recognised, checked and never read back.

A key is `sm_` + a public part of twelve characters + a secret of thirty-two + a checksum of six, in letters and digits.
Scanners recognise it by its prefix and checksum; the database holds the public part and a hash.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import zlib
from dataclasses import dataclass, field

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
KEY_PREFIX = "sm_"
_PUBLIC, _SECRET, _CHECK = 12, 32, 6
_KEY = re.compile(rf"{KEY_PREFIX}([0-9A-Za-z]{{{_PUBLIC}}})([0-9A-Za-z]{{{_SECRET}}})([0-9A-Za-z]{{{_CHECK}}})")
_PREDICTION = re.compile(r"[0-9a-f]{32}")
_VIDEO = "video_"


def prediction_id() -> str:
    """A new one: 32 lower-case hexadecimal digits, as the hosted service writes them."""
    return secrets.token_hex(16)


def video_id(prediction: str) -> str:
    """The same prediction in the OpenAI dialect."""
    return _VIDEO + prediction


def prediction_of(name: str) -> str | None:
    """The prediction that an id of either dialect names; None when it is no such id."""
    plain = name.removeprefix(_VIDEO)
    return plain if _PREDICTION.fullmatch(plain) else None


def message_id() -> str:
    """Of a webhook: the same on every retry."""
    return "msg_" + secrets.token_hex(16)


def attempt_token() -> str:
    """Of one attempt of one worker at one job: only its holder may complete the prediction."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key in its two parts."""

    public: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """What the caller sends; shown once."""
        body = KEY_PREFIX + self.public + self.secret
        return body + _checksum(body)

    @property
    def digest(self) -> bytes:
        """What is stored: the secret has 190 bits of chance, so a plain hash cannot be searched."""
        return hashlib.sha256(f"{self.public}.{self.secret}".encode()).digest()

    def fits(self, digest: bytes) -> bool:
        """Whether this is the key behind a stored digest; takes the same time either way."""
        return hmac.compare_digest(self.digest, digest)


def new_key() -> ApiKey:
    """A new key."""
    return ApiKey(public=_random(_PUBLIC), secret=_random(_SECRET))


def read_key(text: str) -> ApiKey | None:
    """The key in a text; None when the form or the checksum is wrong, so that typing errors cost no query."""
    found = _KEY.fullmatch(text)
    if found is None or _checksum(text[:-_CHECK]) != found.group(3):
        return None
    return ApiKey(public=found.group(1), secret=found.group(2))


def _random(count: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(count))


def _checksum(body: str) -> str:
    value = zlib.crc32(body.encode())
    digits = ""
    for _ in range(_CHECK):
        value, rest = divmod(value, len(_LETTERS))
        digits = _LETTERS[rest] + digits
    return digits
