"""Where our client may go: public addresses only.

Addresses in service files and redirects may come from anybody, so the check sits at the socket, behind DNS,
literals and redirects alike: what is not public is refused.
"""

import socket
from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

# `is_global` of Python 3.11 lets these through; through them one can reach private hosts.
_ALSO_REFUSED = tuple(
    ip_network(net)
    for net in (
        "64:ff9b::/96",  # NAT64: an IPv4 address in disguise
        "64:ff9b:1::/48",  # local-use NAT64
        "2002::/16",  # 6to4: likewise
        "2001::/32",  # Teredo: likewise
        "192.0.0.0/24",  # protocol assignments
        "100.64.0.0/10",  # carrier-grade NAT
        "192.88.99.0/24",  # 6to4 relays
        "fec0::/10",  # site-local, the private range before fc00::/7
        "3fff::/20",  # documentation
    )
)

AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]
refused: ContextVar[list[str] | None] = ContextVar("refused", default=None)
"""Set to a list around a request, it collects the addresses that were refused."""


class AddressRefusedError(OSError):
    """The address is not a public one."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, and not a way round to another."""
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return False
    return not any(ip.version == net.version and ip in net for net in _ALSO_REFUSED)


def socket_factory(*, allow_private: bool) -> Callable[[AddrInfo], socket.socket]:
    """Makes sockets for aiohttp's connector; sees every address just before it is connected to."""

    def make(info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if not allow_private and not is_public(str(address[0])):
            if (seen := refused.get()) is not None:
                seen.append(str(address[0]))
            raise AddressRefusedError(f"{address[0]} is not a public address")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    return make
