"""Engines of a PostgreSQL database: one connection that writes, a few that read."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.storage.engine import Engines

T = TypeVar("T")
_READERS = 3
_WAIT_FOR_A_READER = 5.0
_CONNECT_WITHIN = 10.0
_ANSWER_WITHIN = 30.0
_NAME = "notjustyou"
_GONE_AT_ONCE = {
    # A machine that lost its power or its line within a transaction must not keep its locks for hours.
    "idle_in_transaction_session_timeout": "10s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}


class PostgresWriteEngine:
    """The writing connection: a transaction is asked for over the network, statement by statement."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def transaction(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction. Raises what it raises, and the driver's errors if there is no connection."""
        async with self.engine.begin() as connection:
            return await connection.run_sync(work)

    async def dispose(self) -> None:
        """Close the connection."""
        await self.engine.dispose()


def open_engines(url: str) -> Engines:
    """Engines for a PostgreSQL database; nothing is opened before the first use."""
    writer = open_engine(url, pool_size=1)
    # A query is its own transaction: nothing to begin and to end over the network.
    reader = open_engine(
        url,
        {"default_transaction_read_only": "on"},
        pool_size=_READERS,
        pool_timeout=_WAIT_FOR_A_READER,
        isolation_level="AUTOCOMMIT",
    )
    return Engines(PostgresWriteEngine(writer), reader)


def open_engine(
    url: str, settings: dict[str, str] | None = None, *, patient: bool = False, **engine: Any
) -> AsyncEngine:
    """One engine; `settings` are PostgreSQL's, `patient` work may take its time, `engine` are SQLAlchemy's options."""
    connect = {
        "timeout": _CONNECT_WITHIN,
        "command_timeout": None if patient else _ANSWER_WITHIN,
        "server_settings": {"application_name": _NAME} | _GONE_AT_ONCE | (settings or {}),
    }
    # A connection that a restarted server has closed is noticed before it is used, and made anew.
    return create_async_engine(
        url, max_overflow=0, pool_pre_ping=True, hide_parameters=True, connect_args=connect, **engine
    )


def place(url: str) -> str:
    """Where the database is, for sentences: without the password."""
    parsed = make_url(url)
    host = parsed.query.get("host") or parsed.host or "localhost"
    return f"{parsed.database} on {host}" + (f":{parsed.port}" if parsed.port else "")
