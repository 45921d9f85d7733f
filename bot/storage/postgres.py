"""Engines for a PostgreSQL database: one connection for writing, a few for reading.

A network connection can die silently. Where possible the operating system notices within seconds (TCP keepalive);
otherwise the query times out. Either way the connection is discarded and replaced.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import Connection, Engine, Executable, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.storage.engine import Engines
from bot.storage.work_thread import Done

T = TypeVar("T")
_READERS = 3
_WAIT_FOR_A_READER = 5.0
_ANSWER_WITHIN = 10.0
_CLOSE_WITHIN = 1.0
_NAME = "notjustyou"
_GONE_AT_ONCE = {
    # If a machine loses power or network during a transaction, its locks must not stay for hours.
    "idle_in_transaction_session_timeout": "10s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
}
_DEAD_AFTER = {
    # The same from our side, including sent data that is never acknowledged. Not every system has all of these.
    "TCP_KEEPIDLE": 5,
    "TCP_KEEPINTVL": 2,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 8000,  # milliseconds
}


class PostgresWriteEngine:
    """The writing connection: statements of a transaction are sent over the network one by one."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self._running = set[asyncio.Task[None]]()

    def begin(self, work: Callable[[Connection], T], done: Done[T]) -> None:
        """Run `work` in a transaction. `done` gets its result, or the error of `work` or the driver."""

        async def run() -> None:
            try:
                result = await self.transaction(work)
            except Exception as error:
                done(None, error)
            else:
                done(result, None)

        task = asyncio.create_task(run(), name="transaction")
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def transaction(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction. Raises its errors, and the driver's errors if there is no connection."""
        async with self.engine.begin() as connection:
            return await connection.run_sync(work)

    async def dispose(self) -> None:
        """Close the connection."""
        await self.engine.dispose()


class PostgresReadEngine:
    """The reading connections."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    async def rows(self, query: Executable) -> Sequence[Any]:
        """All rows of a query. Raises SQLAlchemy's errors and the driver's."""
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).all()

    async def dispose(self) -> None:
        """Close the connections."""
        await self.engine.dispose()


def open_engines(url: str, writing: dict[str, str] | None = None) -> Engines:
    """Engines for a PostgreSQL database, opened on first use. `writing` has settings of the writing connection."""
    writer = open_engine(url, writing, pool_size=1)
    # Each query is its own transaction, which saves two round trips.
    reader = open_engine(
        url,
        {"default_transaction_read_only": "on"},
        pool_size=_READERS,
        pool_timeout=_WAIT_FOR_A_READER,
        isolation_level="AUTOCOMMIT",
    )
    return Engines(PostgresWriteEngine(writer), PostgresReadEngine(reader))


def open_engine(
    url: str,
    settings: dict[str, str] | None = None,
    *,
    patient: bool = False,
    answer_within: float | None = None,
    **engine: Any,
) -> AsyncEngine:
    """One engine; `settings` are PostgreSQL's, `engine` SQLAlchemy's options.

    Connecting and each statement may take `answer_within` seconds. `patient` work has no limit for statements.
    """
    answer_within = answer_within or _ANSWER_WITHIN
    connect = {
        "timeout": answer_within,
        "command_timeout": None if patient else answer_within,
        "server_settings": {"application_name": _NAME} | _GONE_AT_ONCE | (settings or {}),
    }
    made = create_async_engine(url, max_overflow=0, hide_parameters=True, connect_args=connect, **engine)
    return _Engine(made.sync_engine)


class _Engine(AsyncEngine):
    """An engine that watches its network connections."""

    def __init__(self, sync_engine: Engine) -> None:
        super().__init__(sync_engine)
        self._connections = WeakSet[Any]()
        event.listen(sync_engine, "connect", self._connected)
        event.listen(sync_engine, "checkout", _must_answer)
        event.listen(sync_engine, "handle_error", _drop_silent_connection)

    def _connected(self, connection: Any, _record: object) -> None:
        self._connections.add(connection.driver_connection)
        _enable_keepalive(connection.driver_connection)

    async def dispose(self, close: bool = True) -> None:  # noqa: FBT001, FBT002 - as SQLAlchemy has it
        """Close all connections at once, without waiting for dead ones."""
        if close:
            await asyncio.gather(
                *(driver.close(timeout=_CLOSE_WITHIN) for driver in self._connections), return_exceptions=True
            )
        await super().dispose(close)


def _enable_keepalive(driver: Any) -> None:
    sock: socket.socket | None = driver._transport.get_extra_info("socket")  # noqa: SLF001 - no other way
    if sock is None or sock.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _DEAD_AFTER.items():
        if (option := getattr(socket, name, None)) is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def _must_answer(connection: Any, _record: object, _proxy: object) -> None:
    """Check a connection before each use. If the server closed it or does not answer, replace all connections.

    SQLAlchemy's own `pool_pre_ping` would report a timeout to the caller, once for each connection.
    """
    try:
        connection.ping()
    except Exception as error:
        connection.driver_connection.terminate()
        raise InvalidatePoolError from error


def _drop_silent_connection(context: ExceptionContext) -> None:
    """After a timeout, close the connection: the next statement would only time out again."""
    if isinstance(context.original_exception, TimeoutError) and context.connection is not None:
        context.is_disconnect = True
        driver: Any = context.connection.connection.driver_connection
        driver.terminate()


def place(url: str) -> str:
    """The location of the database for messages, without the password."""
    parsed = make_url(url)
    host = parsed.query.get("host") or parsed.host or "localhost"
    return f"{parsed.database} on {host}" + (f":{parsed.port}" if parsed.port else "")
