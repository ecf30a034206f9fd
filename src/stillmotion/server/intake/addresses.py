"""Addresses that others give us: their form, read strictly, and the machines that we may reach by them.

A form that two readers could take for two different machines is refused, not repaired: numbers that only some readers
take for an IPv4 address, letters that only look like ASCII, names in front of an @. What remains is handed on in parts,
so that nobody reads the text a second time.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from stillmotion.errors import AddressRefused

if TYPE_CHECKING:
    from stillmotion.server.settings import Settings

Machine = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LENGTH_LIMIT = 8192
_PORTS = {"http": 80, "https": 443}
_FIRST_FREE_PORT = 1024
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_NAME_LIMIT = 253
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029\ufeff\ud800-\udfff]")
_KEPT = "%/?:@!$&'()*+,;=-._~[]|"

_CLOSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",  # public by its number, but on one cloud it is what runs the machine
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/3",
        # Of IPv6 only 2000::/3 is given out; in it lie tunnels that end at an IPv4 address, and examples.
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
"""Networks that are not the public Internet."""
_GIVEN_OUT = ipaddress.ip_network("2000::/3")
_EMBEDDING = tuple(ipaddress.IPv6Network(text) for text in ("::ffff:0:0/96", "64:ff9b::/96"))
"""IPv6 addresses that mean the IPv4 address in their last 32 bits: mapped ones, and those of NAT64."""
_ISATAP = 0x5EFE
_NAMED_ONLY = tuple(
    ipaddress.ip_network(text)
    for text in (
        "127.0.0.0/8",
        "::1/128",
        # Here clouds hand out credentials to whoever asks from their machines.
        "169.254.0.0/16",
        "fe80::/10",
        "100.100.100.200/32",
        "168.63.129.16/32",
        "192.0.0.192/32",
        "fd00:ec2::254/128",
        "fd20:ce::254/128",
    )
)
"""Networks that an entry of the allow-list opens only when it is no wider than they are."""


class _Fault(StrEnum):
    """What is wrong with an address."""

    CHARACTER = "it holds a space, a backslash or a control character"
    LENGTH = f"it is longer than {LENGTH_LIMIT} characters"
    FORM = "its host or port cannot be read"
    SCHEME = "it does not begin with http:// or https://"
    USER = "it holds a user name or password"
    PORT = f"its port is not one of 80, 443 and those from {_FIRST_FREE_PORT} on"
    IPV6 = "its host is no IPv6 address"
    NO_HOST = "it has no host"
    LETTERS = 'its host has letters outside ASCII; write it as "xn--..."'
    NAME = "its host is no name"
    UNUSUAL = "its host is an IP address in an unusual form"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An http(s) address in its parts."""

    scheme: str
    host: str
    """A name in ASCII, or an IP address without brackets."""
    port: int
    target: str
    """Path and query, in ASCII."""

    @property
    def authority(self) -> str:
        """What the header Host says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def machine(self) -> Machine | None:
        """The machine, when the host is an IP address."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    def follow(self, location: str) -> Address:
        """Where a redirect from here leads.

        Raises:
            AddressRefused: see `parse`.
        """
        if _FORBIDDEN.search(location):
            raise _refused(_Fault.CHARACTER)
        return parse(urljoin(f"{self.scheme}://{self.authority}{self.target}", location))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Which machines may be reached."""

    networks: tuple[Network, ...] = ()
    """Private networks that are open."""
    loopback: bool = False
    """Whether this machine is open."""

    @classmethod
    def for_pictures(cls, settings: Settings) -> Rules:
        """The public Internet, and what the operator opened."""
        return cls(networks=networks_of(settings.allow_networks))

    @classmethod
    def for_webhooks(cls, settings: Settings) -> Rules:
        """The same; a single user may also tell programs on this machine."""
        return cls(networks=networks_of(settings.allow_networks), loopback=not settings.accounts)

    def allow(self, machine: Machine) -> bool:
        """Whether that machine may be reached."""
        meant = _meant(machine)
        if any(_opens(network, meant) for network in self.networks):
            return True
        return self.loopback if _is_loopback(meant) else is_public(meant)


def parse(text: str) -> Address:
    """Read an address.

    Raises:
        AddressRefused: it is no plain http(s) address; the message says why and never repeats it.
    """
    if len(text) > LENGTH_LIMIT:
        raise _refused(_Fault.LENGTH)
    if _FORBIDDEN.search(text):
        raise _refused(_Fault.CHARACTER)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise _refused(_Fault.FORM) from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise _refused(_Fault.SCHEME)
    if "@" in parts.netloc:
        raise _refused(_Fault.USER)
    target = quote(parts.path or "/", safe=_KEPT) + (f"?{quote(parts.query, safe=_KEPT)}" if parts.query else "")
    port = _PORTS[scheme] if port is None else port
    return Address(scheme=scheme, host=_host(parts.netloc), port=_port(port), target=target)


def networks_of(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Networks in CIDR form.

    Raises:
        ValueError: one of them is none.
    """
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def is_public(machine: Machine) -> bool:
    """Whether a machine is on the public Internet, as far as its address tells."""
    meant = _meant(machine)
    if any(meant in network for network in _CLOSED):
        return False
    return isinstance(meant, IPv4Address) or (meant in _GIVEN_OUT and not _is_isatap(meant))


def _refused(fault: _Fault) -> AddressRefused:
    return AddressRefused(f"The address is refused: {fault}. Give a plain public http(s) address.")


def _port(port: int) -> int:
    if port in _PORTS.values() or port >= _FIRST_FREE_PORT:
        return port
    raise _refused(_Fault.PORT)


def _host(netloc: str) -> str:
    """The host as an IP address in its one usual form, or as a name that nobody takes for a number."""
    if netloc.startswith("["):
        text, _, rest = netloc[1:].partition("]")
        if rest and not rest.startswith(":"):
            raise _refused(_Fault.IPV6)
        return _literal(text)
    host = netloc.partition(":")[0].lower()
    if not host:
        raise _refused(_Fault.NO_HOST)
    if not host.isascii():
        raise _refused(_Fault.LETTERS)
    labels = host.split(".")
    if len(host) > _NAME_LIMIT or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refused(_Fault.NAME)
    if not _NUMBER.fullmatch(labels[-1]):
        return host
    try:
        return str(IPv4Address(host))
    except ValueError:
        raise _refused(_Fault.UNUSUAL) from None


def _literal(text: str) -> str:
    """An IPv6 address; those with a zone mean a machine beside us."""
    try:
        return str(IPv6Address(text.replace("%", " ")))
    except ValueError:
        raise _refused(_Fault.IPV6) from None


def _meant(machine: Machine) -> Machine:
    """The machine that answers: IPv4 inside IPv6 is taken out."""
    if isinstance(machine, IPv6Address) and any(machine in network for network in _EMBEDDING):
        return IPv4Address(int(machine) & 0xFFFFFFFF)
    return machine


def _is_loopback(machine: Machine) -> bool:
    return machine.is_loopback


def _is_isatap(machine: IPv6Address) -> bool:
    return (int(machine) >> 32) & 0xFFFF == _ISATAP and (int(machine) >> 48) & 0xFDFF == 0


def _opens(network: Network, machine: Machine) -> bool:
    """Whether an entry of the allow-list opens a machine."""
    if machine.version != network.version or machine not in network:
        return False
    return all(network.prefixlen >= one.prefixlen for one in _NAMED_ONLY if machine in one)
