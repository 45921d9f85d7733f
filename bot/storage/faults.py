"""What the driver's errors mean: trouble of the whole database, or of one row; and whether the file is damaged."""

import sqlite3

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

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
"""Something around the file is wrong, and it may pass: a lock, the disk, rights."""

_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT, sqlite3.SQLITE_NOTADB})

_SERVER_TROUBLE = ("08", "25006", "28", "3D", "53", "55P03", "57", "58", "XX")
"""PostgreSQL's classes (and codes) of the same: connection, read-only, login, no such database, resources, locks,
operator, system, internal. https://www.postgresql.org/docs/current/errcodes-appendix.html"""

_LOST_RACE = ("40001", "40P01")
_WRONG_VALUE = "22"


class ServerError(Exception):
    """What PostgreSQL said, without what it quoted."""


def in_the_way(error: BaseException) -> bool:
    """Whether something around the file is wrong, not the file itself: waiting or the operator may mend it."""
    return _code(error) in _TROUBLE


def means_damage(error: BaseException) -> bool:
    """Whether SQLite found the file itself damaged, or no database at all."""
    return _code(error) in _DAMAGE


def of_the_database(error: BaseException) -> bool:
    """Whether every other statement would fail just so: there is no sense in trying them one by one."""
    if in_the_way(error) or means_damage(error):
        return True
    # A lost connection may come as the driver's error or the system's; a new one is made for the next batch.
    lost = isinstance(error, OSError | NoConnectionError) or getattr(error, "connection_invalidated", False)
    return lost or _sqlstate(error).startswith(_SERVER_TROUBLE)


def lost_a_race(error: BaseException) -> bool:
    """Whether PostgreSQL gave another process precedence, as in a deadlock: the same works a moment later."""
    return _sqlstate(error) in _LOST_RACE


def told(error: BaseException) -> str:
    """The error in the driver's words; SQLAlchemy's own text would repeat the values."""
    origin = _origin(error)
    state = _sqlstate(error)
    # The lines after the first (DETAIL) quote rows; where a value itself is wrong, the first does, too.
    said = "" if state.startswith(_WRONG_VALUE) else str(origin).split("\n", 1)[0]
    return f"{type(origin).__name__}: {said or state}"


def quiet(error: BaseException) -> BaseException:
    """The error as it may stand in a traceback: PostgreSQL's own would quote values, and so the ids of people."""
    return ServerError(told(error)) if _sqlstate(error) else error


def _origin(error: BaseException) -> BaseException:
    return (error.orig if isinstance(error, DBAPIError) else None) or error


def _sqlstate(error: BaseException) -> str:
    # Both the driver's own errors and SQLAlchemy's copies of them have it.
    return getattr(_origin(error), "sqlstate", None) or ""


def _code(error: BaseException) -> int | None:
    # The low byte is the primary code; the rest says more, such as which call to the disk failed.
    code = getattr(_origin(error), "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
