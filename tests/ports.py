"""Free TCP ports for servers that cannot choose one themselves."""

import random
import socket

_FIRST, _LAST = 10_000, 32_000
"""Below the ports that systems give to outgoing connections: one of those could take a port before its server does."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now; a random one, as other test runs look for theirs at the same time."""
    while True:
        port = random.SystemRandom().randrange(_FIRST, _LAST)
        with socket.socket() as one:
            try:
                one.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
