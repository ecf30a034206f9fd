"""No address that others give us leads into our network, however it is written."""

from __future__ import annotations

import ipaddress
import socket
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpcore2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from security.hostile_urls import FORMS, MACHINES, METADATA, NAMES, PUBLIC
from stillmotion.errors import AddressRefused, MediaUnreachable, ParameterInvalid
from stillmotion.server import intake
from stillmotion.server.intake import addresses
from stillmotion.server.intake.addresses import Rules
from stillmotion.server.intake.fetching import Fetcher
from stillmotion.server.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Machines that somebody tried to reach; none is reached."""
    tried: list[str] = []

    def connect(_self: object, host: str, *_rest: object) -> None:
        tried.append(host)
        raise httpcore2.ConnectError

    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", connect)
    return tried


def fetcher(*answers: str, rules: Rules | None = None) -> Fetcher:
    """A fetcher for which every name means the same."""

    def resolver(_host: str, _port: int) -> tuple[str, ...]:
        if not answers:
            raise socket.gaierror
        return answers

    return Fetcher(rules=rules or Rules(), size_limit_bytes=1000, limit_s=5.0, resolver=resolver)


def a_service(**settings: Any) -> Any:
    """As much of the service as the checks need."""
    return SimpleNamespace(settings=Settings(**settings))


def test_the_table_is_large() -> None:
    """At least sixty, each said once."""
    everything = [url for _, url in (*FORMS, *MACHINES)]
    assert len(set(everything)) == len(everything) >= 60


@pytest.mark.parametrize(("why", "url"), FORMS, ids=[why for why, _ in FORMS])
def test_strange_forms_are_refused(why: str, url: str, connections: list[str], tmp_path: Path) -> None:
    """At once, without a connection, and the message does not repeat them."""
    with pytest.raises(AddressRefused) as refused:
        addresses.parse(url)
    assert len(url) < 8 or url not in str(refused.value), why
    with pytest.raises(MediaUnreachable):
        fetcher("8.8.8.8").fetch(url, tmp_path / "picture")
    with pytest.raises(ParameterInvalid, match="webhook"):
        intake.check_webhook(a_service(), url)
    assert connections == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("why", "url"), MACHINES, ids=[why for why, _ in MACHINES])
def test_machines_that_are_not_public_are_refused(why: str, url: str, connections: list[str], tmp_path: Path) -> None:
    """When the request comes in, and again where the connection would be made."""
    with pytest.raises(ParameterInvalid, match="webhook"):
        intake.check_webhook(a_service(accounts=True), url)
    with pytest.raises(MediaUnreachable, match="network that this server does not go to"):
        fetcher().fetch(url, tmp_path / "picture")
    assert connections == [], why


@pytest.mark.parametrize(("why", "url", "answers"), NAMES, ids=[why for why, _, _ in NAMES])
def test_names_are_judged_by_all_their_answers(
    why: str, url: str, answers: tuple[str, ...], connections: list[str], tmp_path: Path
) -> None:
    """One answer out of bounds is enough; and nobody learns whether a name is unknown or private."""
    with pytest.raises(MediaUnreachable) as refused:
        fetcher(*answers).fetch(url, tmp_path / "picture")
    with pytest.raises(MediaUnreachable) as unknown:
        fetcher().fetch("http://nobody.example/", tmp_path / "picture")
    assert str(refused.value) == str(unknown.value), why
    assert connections == []


@pytest.mark.parametrize("url", PUBLIC)
def test_public_machines_are_reached(url: str, connections: list[str], tmp_path: Path) -> None:
    """The rules are no mere "no"."""
    intake.check_webhook(a_service(accounts=True), url)
    with pytest.raises(MediaUnreachable, match="no connection"):
        fetcher().fetch(url, tmp_path / "picture")
    assert connections == [str(addresses.parse(url).machine)]


def test_private_networks_open_by_the_list_alone() -> None:
    """What the operator names, and nothing beside it; a wide entry does not open the metadata service."""
    rules = Rules(networks=addresses.networks_of(("10.1.0.0/16", "fd00::/8")))
    allowed = {text: rules.allow(ipaddress.ip_address(text)) for text in ("10.1.2.3", "10.2.0.1", "fd00::1", "fe80::1")}
    assert allowed == {"10.1.2.3": True, "10.2.0.1": False, "fd00::1": True, "fe80::1": False}
    assert rules.allow(ipaddress.ip_address("::ffff:10.1.2.3"))
    everything = Rules(networks=addresses.networks_of(("0.0.0.0/0", "::/0")))
    assert everything.allow(ipaddress.ip_address("192.168.0.1"))
    assert not everything.allow(ipaddress.ip_address(METADATA))
    named = Rules(networks=addresses.networks_of((f"{METADATA}/32",)))
    assert named.allow(ipaddress.ip_address(METADATA))


@pytest.mark.parametrize(
    ("wide", "machine"),
    [
        ("0.0.0.0/0", "127.0.0.1"),
        ("::/0", "::1"),
        ("100.64.0.0/10", "100.100.100.200"),
        ("192.0.0.0/24", "192.0.0.192"),
        ("168.0.0.0/8", "168.63.129.16"),
        ("fd00::/8", "fd00:ec2::254"),
        ("fd00::/8", "fd20:ce::254"),
        ("169.0.0.0/8", "169.254.170.2"),
    ],
)
def test_a_wide_entry_opens_neither_this_machine_nor_what_hands_out_credentials(wide: str, machine: str) -> None:
    """Those are opened by an entry that means them, and by no other."""
    meant, length = ipaddress.ip_address(machine), ipaddress.ip_address(machine).max_prefixlen
    assert not Rules(networks=addresses.networks_of((wide,))).allow(meant)
    assert Rules(networks=addresses.networks_of((f"{machine}/{length}",))).allow(meant)


def test_a_single_user_may_be_told_on_this_machine() -> None:
    """Webhooks to loopback, but not to the rest of the network; with accounts neither."""
    local, shared = a_service(), a_service(accounts=True)
    for url in ("http://127.0.0.1:9000/hook", "http://localhost:9000/hook", "http://[::1]:9000/"):
        intake.check_webhook(local, url)
        with pytest.raises(ParameterInvalid):
            intake.check_webhook(shared, url)
    with pytest.raises(ParameterInvalid):
        intake.check_webhook(local, "http://10.0.0.1/hook")
    assert not Rules.for_pictures(local.settings).allow(ipaddress.ip_address("127.0.0.1"))


PIECES = (
    "127",
    "0x7f",
    "0177",
    "1",
    "a",
    "xn--a",
    ".",
    ".",
    ":",
    "80",
    "::1",
    "[",
    "]",
    "@",
    "%25",
    "/",
    "?",
    "#",
    "\\",
    "é",
)


@given(
    st.text(max_size=40) | st.lists(st.sampled_from(PIECES), max_size=8).map(lambda parts: "http://" + "".join(parts))
)
def test_what_is_not_refused_means_one_thing(text: str) -> None:
    """Whatever the text: refused, or a host that the system's own reader takes for the same."""
    try:
        address = addresses.parse(text)
    except AddressRefused:
        return
    assert address.host.isascii()
    assert address.target.isascii()
    assert address.port in {80, 443} or address.port >= 1024
    if address.machine is not None:
        assert str(address.machine) == address.host
        return
    with pytest.raises(OSError, match="illegal IP"):
        socket.inet_aton(address.host)
