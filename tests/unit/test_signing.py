"""Signatures fit what was signed, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, urlsplit

import pytest

from stillmotion.errors import SignatureInvalid
from stillmotion.signing import Scheme, check_signed_path, signed_url, verify_webhook, webhook_headers

SECRET = "whsec_" + base64.b64encode(b"sixteen bytes or so").decode()
OTHER = "whsec_" + base64.b64encode(b"another secret").decode()
BODY = b'{"id":"1"}'
NOW_S = 1_790_000_000


def headers(scheme: Scheme, *secrets: str) -> dict[str, str]:
    """A webhook signed now."""
    return webhook_headers(scheme, secrets, message_id="msg_1", timestamp_s=NOW_S, body=BODY)


@pytest.mark.parametrize("scheme", list(Scheme))
class TestWebhooks:
    """Promises of both forms."""

    def test_valid(self, scheme: Scheme) -> None:
        """What we sign, we accept."""
        verify_webhook(scheme, SECRET, headers(scheme, SECRET), BODY, now_s=NOW_S + 299)

    def test_tampered_body(self, scheme: Scheme) -> None:
        """Another body is refused."""
        with pytest.raises(SignatureInvalid, match="does not fit"):
            verify_webhook(scheme, SECRET, headers(scheme, SECRET), BODY + b" ", now_s=NOW_S)

    def test_wrong_secret(self, scheme: Scheme) -> None:
        """Another secret is refused."""
        with pytest.raises(SignatureInvalid, match="secret"):
            verify_webhook(scheme, OTHER, headers(scheme, SECRET), BODY, now_s=NOW_S)

    @pytest.mark.parametrize("off_s", [-301, 301])
    def test_old_or_early(self, scheme: Scheme, off_s: int) -> None:
        """A replay after five minutes is refused, and so is the future."""
        with pytest.raises(SignatureInvalid, match="300 s"):
            verify_webhook(scheme, SECRET, headers(scheme, SECRET), BODY, now_s=NOW_S + off_s)

    @pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
    def test_missing_header(self, scheme: Scheme, name: str) -> None:
        """All three headers are needed."""
        rest = {key: value for key, value in headers(scheme, SECRET).items() if key != name}
        with pytest.raises(SignatureInvalid, match="missing"):
            verify_webhook(scheme, SECRET, rest, BODY, now_s=NOW_S)

    def test_no_secret(self, scheme: Scheme) -> None:
        """Nothing is sent unsigned."""
        with pytest.raises(ValueError, match="secret"):
            headers(scheme)


def test_rotation() -> None:
    """While a secret is rotated the standard form is accepted under both; the hosted one carries a single signature."""
    both = headers(Scheme.STANDARD, OTHER, SECRET)
    verify_webhook(Scheme.STANDARD, SECRET, both, BODY, now_s=NOW_S)
    verify_webhook(Scheme.STANDARD, OTHER, both, BODY, now_s=NOW_S)
    assert headers(Scheme.HOSTED, OTHER, SECRET)["webhook-signature"].count(",") == 1


def test_the_published_recipes() -> None:
    """Hosted: hex under the raw text of the secret. Standard: base64 under the decoded one."""
    message = f"msg_1.{NOW_S}.".encode() + BODY
    raw = hmac.new(SECRET.removeprefix("whsec_").encode(), message, hashlib.sha256).hexdigest()
    assert headers(Scheme.HOSTED, SECRET)["webhook-signature"] == f"v3,{raw}"
    decoded = hmac.new(b"sixteen bytes or so", message, hashlib.sha256).digest()
    assert headers(Scheme.STANDARD, SECRET)["webhook-signature"] == f"v1,{base64.b64encode(decoded).decode()}"


class TestAddresses:
    """Outputs are fetched by addresses that expire."""

    SECRET = b"of this installation"

    def query(self, url: str) -> dict[str, str]:
        """The query of an address."""
        return dict(parse_qsl(urlsplit(url).query))

    def test_until_it_expires(self) -> None:
        """Good until the second it names."""
        url = signed_url("http://host/outputs/a.mp4?download=1", self.SECRET, expires_s=NOW_S)
        assert self.query(url)["download"] == "1"
        check_signed_path("/outputs/a.mp4", self.query(url), self.SECRET, now_s=NOW_S - 1)
        with pytest.raises(SignatureInvalid, match="expired"):
            check_signed_path("/outputs/a.mp4", self.query(url), self.SECRET, now_s=NOW_S)

    def test_only_for_its_path_and_time(self) -> None:
        """Neither another file nor a later expiry can be made from it."""
        query = self.query(signed_url("http://host/outputs/a.mp4", self.SECRET, expires_s=NOW_S))
        for path, changed in (("/outputs/b.mp4", query), ("/outputs/a.mp4", {**query, "expires": str(NOW_S + 9)})):
            with pytest.raises(SignatureInvalid, match="changed"):
                check_signed_path(path, changed, self.SECRET, now_s=NOW_S - 1)
        with pytest.raises(SignatureInvalid, match="not signed"):
            check_signed_path("/outputs/a.mp4", {}, self.SECRET, now_s=NOW_S - 1)
