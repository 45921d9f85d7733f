"""What the driver's errors mean: trouble of the whole database, or of one row; and whether the file is damaged."""

import sqlite3

from sqlalchemy.exc import DBAPIError

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


def in_the_way(error: BaseException) -> bool:
    """Whether something around the file is wrong, not the file itself: waiting or the operator may mend it."""
    return _code(error) in _TROUBLE


def means_damage(error: BaseException) -> bool:
    """Whether SQLite found the file itself damaged, or no database at all."""
    return _code(error) in _DAMAGE


def of_the_database(error: BaseException) -> bool:
    """Whether every other statement would fail just so: there is no sense in trying them one by one."""
    return in_the_way(error) or means_damage(error)


def told(error: BaseException) -> str:
    """The error in the driver's words; SQLAlchemy's own text would repeat the values."""
    origin = _origin(error)
    return f"{type(origin).__name__}: {origin}"


def _origin(error: BaseException) -> BaseException:
    return (error.orig if isinstance(error, DBAPIError) else None) or error


def _code(error: BaseException) -> int | None:
    # The low byte is the primary code; the rest says more, such as which call to the disk failed.
    code = getattr(_origin(error), "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
