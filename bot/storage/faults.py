"""Classifies the driver's errors: do they concern the whole database or one row, and is it damaged?"""

import errno
import socket
import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from bot.core.errors import NotJustYouError

_TROUBLE = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_AUTH,
    }
)
"""SQLite codes for environmental errors (lock, disk, permissions), which may be temporary."""

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_NOTADB})

_SERVER_TROUBLE = ("08", "25006", "28", "3D", "53", "55P03", "57", "58", "XX")
"""The same for PostgreSQL, as classes and codes: connection, read-only, login, no such database, resources, locks,
operator, system, internal. https://www.postgresql.org/docs/current/errcodes-appendix.html"""

_CONFLICT = ("40001", "40P01")
_WRONG_VALUE = "22"


_CONNECTION_HINTS = {
    "28P01": "are user and password in DATABASE_URL right?",
    "28000": "may the user in DATABASE_URL connect to it from here?",
    "3D000": "make it first, or name another one in DATABASE_URL",
}
_NO_CERTIFICATES = (
    "PGSSLROOTCERT should name the file of the CAs that may vouch for it, docs/operators/scaling.md says more"
)


class ServerError(NotJustYouError):
    """PostgreSQL's error message, without quoted values."""


def is_environmental(error: BaseException) -> bool:
    """Whether the environment is at fault, not the file: it may pass, or the operator can fix it."""
    return _code(error) in _TROUBLE


def is_corruption(error: BaseException) -> bool:
    """Whether SQLite reports that the file is damaged, or is not a database."""
    return _code(error) in _DAMAGE


def is_database_wide(error: BaseException) -> bool:
    """Whether every other statement would also fail, so that trying them one by one is useless."""
    if is_environmental(error) or is_corruption(error):
        return True
    # A lost connection may be the driver's error or the system's; the next batch gets a new connection.
    lost = isinstance(error, OSError | NoConnectionError) or getattr(error, "connection_invalidated", False)
    return lost or _sqlstate(error).startswith(_SERVER_TROUBLE)


def is_conflict(error: BaseException) -> bool:
    """Whether the transaction lost a conflict with another process, such as a deadlock: a retry will work."""
    return _sqlstate(error) in _CONFLICT


def describe(error: BaseException) -> str:
    """The driver's error message, because SQLAlchemy's own message would quote the values."""
    origin = _origin(error)
    state = _sqlstate(error)
    # The lines after the first (DETAIL) quote rows; if a value is wrong, the first line quotes it.
    said = "" if state.startswith(_WRONG_VALUE) else str(origin).split("\n", 1)[0]
    return f"{type(origin).__name__}: {said or state}"


def connection_hint(error: BaseException) -> str:
    """A hint for the operator if PostgreSQL could not be reached or refused the login; else an empty text."""
    if isinstance(error, socket.gaierror):
        return "there is no host of that name; is the address in DATABASE_URL right?"
    if isinstance(error, TimeoutError):
        return "nothing answers there in time; is the address in DATABASE_URL right, and does a firewall stand between?"
    # If a name has several addresses, the system's errors are joined in one text.
    if isinstance(error, OSError) and f"[Errno {errno.ECONNREFUSED}]" in str(error):
        return "nothing answers there; does PostgreSQL run, and at this address?"
    if isinstance(error, FileNotFoundError):
        return "is the file there that PGSSLROOTCERT names, or the server's socket?"
    if str(_origin(error)).startswith("root certificate file"):
        return _NO_CERTIFICATES
    return _CONNECTION_HINTS.get(_sqlstate(error), "")


def without_values(error: BaseException) -> BaseException:
    """The error for a traceback. PostgreSQL's own error would quote values, including ids of people."""
    return ServerError(describe(error)) if _sqlstate(error) else error


def _origin(error: BaseException) -> BaseException:
    return (error.orig if isinstance(error, DBAPIError) else None) or error


def _sqlstate(error: BaseException) -> str:
    # The driver's errors and SQLAlchemy's copies of them both have it.
    return getattr(_origin(error), "sqlstate", None) or ""


def _code(error: BaseException) -> int | None:
    # The low byte is the primary code; the rest are details, such as the failed disk operation.
    code = getattr(_origin(error), "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
