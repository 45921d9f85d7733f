"""The client may connect to public addresses only.

Addresses in service files and redirects are untrusted. So each socket is checked, after DNS and redirects: an address
that is not public is refused.
"""

import socket
from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from bot.core.errors import NotJustYouError

# Python 3.11's `is_global` accepts these, but private hosts can be reached through them.
_ALSO_REFUSED = tuple(
    ip_network(net)
    for net in (
        "64:ff9b:1::/48",  # local-use NAT64: each network decides where the IPv4 address is in it
        "2002::/16",  # 6to4: contains the IPv4 address of a router, with any host behind it
        "2001::/32",  # Teredo: likewise
        "192.0.0.0/24",  # protocol assignments
        "100.64.0.0/10",  # carrier-grade NAT
        "192.88.99.0/24",  # 6to4 relays
        "fec0::/10",  # site-local, the private range before fc00::/7
        "3fff::/20",  # documentation
    )
)

_NAT64 = ip_network("64:ff9b::/96")
"""Contains an IPv4 address in its last 32 bits (RFC 6052). A host that has only IPv6 reaches all of IPv4 this way."""

AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]
refused: ContextVar[list[str] | None] = ContextVar("refused", default=None)
"""Set to a list during a request; refused addresses are added to it."""


class AddressRefusedError(NotJustYouError, OSError):
    """The address is not a public one."""


def is_public(address: str) -> bool:
    """Whether an IP address is on the public internet.

    An address that maps to an IPv4 address is judged by the latter.
    """
    ip: IPv4Address | IPv6Address = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    elif isinstance(ip, IPv6Address) and ip in _NAT64:
        ip = IPv4Address(int(ip) & 0xFFFF_FFFF)
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip.is_unspecified:
        return False
    return not any(ip.version == net.version and ip in net for net in _ALSO_REFUSED)


def socket_factory(*, allow_private: bool) -> Callable[[AddrInfo], socket.socket]:
    """Makes sockets for aiohttp's connector; checks every address just before it connects."""

    def make(info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if not allow_private and not is_public(str(address[0])):
            if (addresses := refused.get()) is not None:
                addresses.append(str(address[0]))
            raise AddressRefusedError(f"{address[0]} is not a public address")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    return make
