"""Which addresses may be asked: the public ones, and those that `http.allow_addresses` opens."""

import asyncio
import ipaddress
import re
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from aiohttp import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult

from aggregator.errors import ConfigError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

IPV6_PUBLIC = ipaddress.IPv6Network("2000::/3")  # all that IANA ever gave out for global unicast
# Each carries an IPv4 address that something on the way may unwrap, and that address could be a private one.
WRAPPED = {
    ipaddress.IPv6Network("::ffff:0:0/96"): "IPv4-mapped",
    ipaddress.IPv6Network("64:ff9b::/96"): "NAT64",
    ipaddress.IPv6Network("64:ff9b:1::/48"): "NAT64",
    ipaddress.IPv6Network("2002::/16"): "6to4",
    ipaddress.IPv6Network("2001::/32"): "Teredo",
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
    for network, name in WRAPPED.items():
        if address in network:
            return f"an IPv4 address in disguise ({name})"
    if address.is_loopback:
        return "this machine (loopback)"
    if address.is_link_local:
        return "a link-local address"
    if address.is_multicast:
        return "a multicast address"
    if address.is_unspecified:
        return "no address"
    if address.is_private:
        return "a private address"
    # Leaves 100.64.0.0/10 (CGNAT), which ipaddress calls neither private nor global, and what is reserved.
    if not address.is_global or address.is_reserved:
        return "a reserved address"
    if address.version == 6 and address not in IPV6_PUBLIC:
        return "a reserved address"
    return None


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
        address = ipaddress.ip_address(host.partition("%")[0])
        why = refusal(address)
        if why is not None and not any((address, port) in entry for entry in self._allowed):
            opened_by = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
            raise Refused(str(address), why, opened_by)


class Resolver(AbstractResolver):
    """The system's own, in threads of ours: asyncio's few would all wait for the names that no server knows."""

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG
        )
        return [
            ResolveResult(
                hostname=host, host=str(place[0]), port=port, family=family, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for family, _, proto, _, place in found
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
