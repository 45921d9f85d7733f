"""A dead connection to PostgreSQL: it is not closed, but nothing sent on it is ever answered."""

import asyncio
import os
import socket
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace

import pytest
import uvloop

from bot.core.reports import Report
from bot.settings import Settings
from bot.storage.database import database
from bot.storage.postgres import open_engine
from bot.stores import open_stores
from tests.patience import PATIENCE
from tests.postgres import Server


@dataclass
class Lines:
    """Carries all that is said to the server; `die` lets what is connected now say nothing more."""

    server: int
    port: int = 0
    _dead: asyncio.Event = field(default_factory=asyncio.Event)
    _pumps: set[asyncio.Task[None]] = field(default_factory=set)

    def die(self) -> None:
        self._dead.set()
        self._dead = asyncio.Event()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dead = self._dead
        theirs, ours = await asyncio.open_connection("127.0.0.1", self.server)
        self._pumps |= {asyncio.create_task(_pump(a, b, dead)) for a, b in ((reader, ours), (theirs, writer))}

    async def end(self) -> None:
        for pump in self._pumps:
            pump.cancel()
        await asyncio.gather(*self._pumps, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dead: asyncio.Event) -> None:
    try:
        while said := await reader.read(65536):
            if not dead.is_set():
                writer.write(said)
                await writer.drain()
    finally:
        writer.close()


@pytest.fixture
async def lines(postgres: Server) -> AsyncGenerator[Lines]:
    made = Lines(postgres.port)
    async with await asyncio.start_server(made.connect, "127.0.0.1", 0) as listening:
        made.port = listening.sockets[0].getsockname()[1]
        yield made
        await made.end()


async def test_leases_are_renewed_and_reports_written_though_every_line_died(
    postgres: Server, postgres_settings: Settings, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.postgres._ANSWER_WITHIN", 2.0)  # leases have their own
    url = postgres_settings.database_url.replace(f":{postgres.port}/", f":{lines.port}/")
    loop = asyncio.get_running_loop()
    async with open_stores(replace(postgres_settings, database_url=url), ["one"]) as stores:
        assert stores.shared is not None
        leases, events = stores.shared.leases, stores.shared.events
        await events.begin()
        await asyncio.gather(*(leases.take([name], 60) for name in "abc"))
        await stores.reports.append(Report(1, "one", 3, 7, None, 1000))
        lines.die()
        began = loop.time()
        assert all(await asyncio.gather(*(leases.take([name], 60) for name in "abc")))
        renewed = loop.time() - began
        await stores.reports.append(Report(2, "one", 3, 8, None, 1001))
        await events.fresh()
        assert renewed < PATIENCE / 2, "nobody waits for the line to be noticed, which takes minutes"
        lines.die()
        began = loop.time()
    assert loop.time() - began < PATIENCE / 2


async def test_long_work_may_take_its_time(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.storage.postgres._ANSWER_WITHIN", 4.0)  # enough to connect on a busy machine
    work = database(postgres_url).transaction
    await asyncio.to_thread(work, lambda connection: connection.exec_driver_sql("SELECT pg_sleep(5)").all())


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such option")
@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_the_system_is_asked_to_notice(postgres_url: str, loop: object) -> None:
    async def options() -> list[int]:
        engine = open_engine(postgres_url)
        async with engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            line = driver._transport.get_extra_info("socket")
            with socket.socket(fileno=os.dup(line.fileno())) as asked:
                asked_for = [
                    asked.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE),
                    *(
                        asked.getsockopt(socket.IPPROTO_TCP, option)
                        for option in (socket.TCP_KEEPIDLE, socket.TCP_USER_TIMEOUT)
                    ),
                ]
        await engine.dispose()
        return asked_for

    with asyncio.Runner(loop_factory=loop) as runner:  # type: ignore[arg-type]
        assert runner.run(options()) == [1, 5, 8000]
