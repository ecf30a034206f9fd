"""Pictures over TLS come from whom the certificate names, although the connection goes to a number."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest

from security.peers import Peer, says
from stillmotion.errors import MediaUnreachable
from stillmotion.server.intake.addresses import Rules, networks_of
from stillmotion.server.intake.fetching import Fetcher

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

NAME = "pictures.example"
OPENSSL = shutil.which("openssl")
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x40\0\0\0\x40\x08\x02\0\0\0" + bytes(40)

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl makes the certificate")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for the name, with its key, signed by nobody else."""
    folder = tmp_path_factory.mktemp("tls")
    words = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN={NAME}"
    files = ["-addext", f"subjectAltName=DNS:{NAME}", "-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run([str(OPENSSL), *words.split(), *files], check=True, capture_output=True)
    both = folder / "both"
    both.write_bytes((folder / "key").read_bytes() + (folder / "cert").read_bytes())
    return both


def over_tls(certificate: Path) -> Callable[[socket.socket], None]:
    """Answers with the picture over TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1 << 16)
            says(200, {}, PICTURE)(secure)

    return answer


class Quiet(Peer):
    """A peer that leaves the handshake to its answer."""

    def _heard(self, connection: socket.socket) -> bytes:
        del connection
        return b""


def fetcher(certificate: Path | None) -> Fetcher:
    """A fetcher that trusts a certificate, or whom this machine trusts."""
    rules = Rules(networks=networks_of(("127.0.0.1/32",)))
    known = {} if certificate is None else {"tls": lambda: ssl.create_default_context(cafile=str(certificate))}
    return Fetcher(
        rules=rules,
        discreet=False,
        size_limit_bytes=1000,
        limit_s=5.0,
        resolver=lambda _host, _port: ("127.0.0.1",),
        **known,
    )


def test_the_name_is_proved(certificate: Path, tmp_path: Path) -> None:
    """By a certificate that we trust, for the name in the address; any other ends as unreachable."""
    with Quiet((over_tls(certificate),)) as peer:
        url = peer.url(host=NAME).replace("http:", "https:")
        fetcher(certificate).fetch(url, tmp_path / "picture")
        assert (tmp_path / "picture").read_bytes() == PICTURE
        for source, other in (
            (fetcher(None), url),
            (fetcher(certificate), url.replace(NAME, "other.example")),
            (fetcher(certificate), url.replace(NAME, "127.0.0.1")),
        ):
            with pytest.raises(MediaUnreachable, match="certificate"):
                source.fetch(other, tmp_path / "other")
