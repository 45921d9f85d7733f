"""The address of a database, parsed as SQLAlchemy does, but without loading SQLAlchemy."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs, unquote

_ADDRESS = re.compile(
    r"""
    (?P<driver>[\w+]+)://
    (?:[^:/]*(?::(?P<password>[^@]*))?@)?
    (?:(?:\[[^/?]+\]|[^/:?]+)?(?::(?P<port>[^/?]*))?)?
    (?:/(?P<database>[^?]*))?
    (?:\?(?P<query>.*))?
    """,
    re.VERBOSE,
)

_DRIVER_TAKES = frozenset(
    {"host", "port", "user", "password", "database", "passfile", "service", "servicefile", "ssl", "direct_tls"}
    | {"target_session_attrs", "krbsrvname", "gsslib", "prepared_statement_cache_size"}
)
"""Parameters allowed after the ? of a PostgreSQL address. asyncpg's others are not text, or the bot sets them
itself."""
_SSL = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """Such as `postgresql+asyncpg://user:password@host:5432/database?ssl=require`."""

    driver: str
    password: str | None
    database: str | None
    query: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The address in a text; None if the text is not an address."""
        found = _ADDRESS.match(text)
        if found is None or (found["port"] is not None and not found["port"].isdecimal()):
            return None
        password, database = (unquote(part) if (part := found[name]) else part for name in ("password", "database"))
        return cls(found["driver"], password, database, parse_qs(found["query"] or ""))

    @property
    def kind(self) -> str:
        """The database system, without the driver."""
        return self.driver.split("+", 1)[0]


def unusable_parameters(url: DatabaseAddress) -> list[str]:
    """The unusable parameters after the ? of a PostgreSQL address, each with what is expected."""
    message: list[str] = []
    for name in url.query:
        if name == "sslmode":
            message.append("sslmode is called ssl here and has the same values, such as ?ssl=require")
        elif name not in _DRIVER_TAKES:
            message.append(f"should be without {name}, which the library for PostgreSQL does not accept")
    if url.query.get("ssl", ["require"]) not in [[word] for word in _SSL]:
        message.append(f"ssl should be one of {', '.join(_SSL)}")
    return message
