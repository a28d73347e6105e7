"""Which addresses may be asked: the public ones, and those that `http.allow_addresses` opens."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from aiohttp import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult

from aggregator.errors import ConfigError

_NUMBERS = re.compile(r"(?:0x[0-9a-f]{1,12}|\d{1,12})(?:\.(?:0x[0-9a-f]{1,12}|\d{1,12})){0,3}\.?", re.IGNORECASE)

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

IPV6_PUBLIC = ipaddress.IPv6Network("2000::/3")  # all that IANA ever gave out for global unicast
KNOWN: dict[Network, str] = {
    # Each carries an IPv4 address that something on the way may unwrap, and that address could be a private one.
    ipaddress.ip_network("::ffff:0:0/96"): "an IPv4 address in disguise (IPv4-mapped)",
    ipaddress.ip_network("64:ff9b::/96"): "an IPv4 address in disguise (NAT64)",
    ipaddress.ip_network("64:ff9b:1::/48"): "an IPv4 address in disguise (NAT64)",
    ipaddress.ip_network("2002::/16"): "an IPv4 address in disguise (6to4)",
    ipaddress.ip_network("2001::/32"): "an IPv4 address in disguise (Teredo)",
    # What IANA's registries of special purposes gained since the oldest Python that we run on.
    ipaddress.ip_network("192.0.0.0/24"): "a private address",  # Oracle's metadata service is there
    ipaddress.ip_network("192.88.99.0/24"): "a reserved address",
    ipaddress.ip_network("2001::/23"): "a reserved address",
    ipaddress.ip_network("3fff::/20"): "a private address",
    # Public by its number alone: Azure has it in all its networks.
    ipaddress.ip_network("168.63.129.16/32"): "a cloud's metadata service",
}


class Refused(OSError):
    """Every str() is the same: aiohappyeyeballs then raises the error itself, not a text of many."""

    def __init__(self, address: str, why: str, opened_by: str) -> None:
        super().__init__("address refused")
        self.reason = f'{address} is {why}; http.allow_addresses = ["{opened_by}"] would allow it'


@dataclass(frozen=True, slots=True)
class Allowed:
    """What one entry of `allow_addresses` opens; no port: all ports."""

    network: Network
    port: int | None

    def __contains__(self, place: tuple[Address, int]) -> bool:
        address, port = place
        return address in self.network and self.port in (None, port)


def allowed(text: str) -> Allowed:
    """From "10.1.0.0/16", "10.1.2.3", "127.0.0.1:8000", "::1" or "[::1]:80"."""
    with_port = re.fullmatch(r"\[([^]]+)\](?::(\d{1,5}))?|([\d.]+):(\d{1,5})", text)
    address, port = text, None
    if with_port:
        address = with_port[1] or with_port[3]
        port = with_port[2] or with_port[4]
    try:
        return Allowed(ipaddress.ip_network(address), int(port) if port else None)
    except ValueError as error:
        reason = f"{error}; write an address, a network or address:port, such as 127.0.0.1:8000"
        raise ConfigError("http.allow_addresses", reason) from None


def refusal(address: Address) -> str | None:
    """Why an address must not be asked; None: it is a public one."""
    networks = ((network, name) for network, name in KNOWN.items() if address.version == network.version)
    if name := next((name for network, name in networks if address in network), None):
        return name
    kinds = {
        "this machine (loopback)": address.is_loopback,
        "a link-local address": address.is_link_local,
        "a multicast address": address.is_multicast,
        "no address": address.is_unspecified,
        "a private address": address.is_private,
        # Leaves 100.64.0.0/10 (CGNAT), which ipaddress calls neither private nor global, and what is reserved.
        "a reserved address": not address.is_global
        or address.is_reserved
        or (address.version == 6 and address not in IPV6_PUBLIC),
    }
    return next((name for name, holds in kinds.items() if holds), None)


class Guard:
    """aiohttp's socket_factory: it sees every address that is about to be asked, literal ones too."""

    def __init__(self, allowed: Iterable[Allowed]) -> None:
        self._allowed = tuple(allowed)

    def __call__(self, place: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, (host, port, *_) = place
        self.check(str(host), int(port))
        return socket.socket(family, kind, protocol)

    def check(self, host: str, port: int) -> None:
        """Raises Refused where this literal address must not be asked."""
        if refused := self.refused(host, port):
            raise refused

    def refused(self, host: str, port: int) -> Refused | None:
        address = ipaddress.ip_address(host.partition("%")[0])
        why = refusal(address)
        if why is None or any((address, port) in entry for entry in self._allowed):
            return None
        opened_by = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
        return Refused(str(address), why, opened_by)

    def check_all(self, places: Sequence[tuple[str, int]]) -> None:
        """Raises Refused for a name that stands for public addresses and for others: whoever gave it both kinds wants
        us to take the wrong one."""
        found = [self.refused(host, port) for host, port in places]
        public = [not refusal(ipaddress.ip_address(host.partition("%")[0])) for host, _ in places]
        if any(public) and (first := next(filter(None, found), None)):
            raise first


class Resolver(AbstractResolver):
    """The system's own, in threads of ours: asyncio's few would all wait for the names that no server knows."""

    def __init__(self, threads: int, guard: Guard) -> None:
        self._guard = guard
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG
        )
        self._guard.check_all([(str(place[0]), port) for *_, place in found])
        return [
            ResolveResult(
                hostname=host, host=str(place[0]), port=port, family=family, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for family, _, proto, _, place in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def meant(host: str) -> Address | None:
    """The address that C's resolver takes a number for: "127.1", "0x7f000001", "017700000001", "2130706433"."""
    if not _NUMBERS.fullmatch(host):
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None
