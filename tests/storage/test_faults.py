"""Messages to an operator about a PostgreSQL that cannot be used."""

import errno
import socket

import pytest

from bot.storage.faults import connection_hint


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "no host of that name"),
        (TimeoutError(), "nothing answers there in time"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed"), "does PostgreSQL run"),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] Connect"), "does PostgreSQL run"),
        (FileNotFoundError(errno.ENOENT, "No such file"), "PGSSLROOTCERT names"),
        (Exception('root certificate file "/x" does not exist'), "PGSSLROOTCERT should name"),
    ],
)
def test_each_fault_has_a_hint(error: Exception, hint: str) -> None:
    assert hint in connection_hint(error)


def test_of_another_fault_nothing_is_guessed() -> None:
    assert connection_hint(ValueError("something else")) == ""
