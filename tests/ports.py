"""Free TCP ports for servers that cannot choose one themselves."""

import random
import socket

_FIRST, _LAST = 10_000, 32_000
"""Below the ports for outgoing connections, because one of those could take a port before its server does."""


def free_port() -> int:
    """A free port of 127.0.0.1, chosen at random because other test runs may search at the same time."""
    while True:
        port = random.SystemRandom().randrange(_FIRST, _LAST)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
