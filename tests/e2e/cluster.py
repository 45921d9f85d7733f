"""Shared by the tests of several bot processes on one PostgreSQL."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from tests.e2e.conftest import ROOT, Service, Town
from tests.loopback import Bot, Discord, Guild
from tests.patience import PATIENCE
from tests.ports import free_port
from tests.postgres import Server

SHARDS = 4
HALVES = ("0-1", "2-3")
READY, WAITS, FOLLOWS = "connected, in ", "waiting until they are free", "took over the shards"


class Cluster(Town):
    """`peers` are the processes by their shards; `asking` is a connection to their database."""

    def __init__(
        self, world: Discord, service: Service, url: str, folder: Path, server: Server, database: str, asking: Any
    ) -> None:
        super().__init__(world, service, url, folder)
        self.server = server
        self.database = database
        self.asking = asking
        self.env |= {"DATABASE_URL": self.database, "SHARD_COUNT": str(SHARDS)}
        self.peers: dict[str, Bot] = {}
        world.gateway.recommended_shards = SHARDS

    async def launch(self, shards: str, *, ready: bool = True, **env: str) -> Bot:
        """Start a process for these shards, and wait until it has read its servers."""
        log = self.folder / f"bot-{next(self._names)}.log"
        env = {**self.env, "SHARD_IDS": shards, "HTTP_PORT": str(free_port()), **env}
        bot = self.peers[shards] = await self.world.spawn(self.command, str(ROOT), env, log=str(log))
        if ready:
            await self.logged(bot, READY)
        return bot

    async def logged(self, bot: Bot, what: str, seconds: float = PATIENCE) -> None:
        """Wait for a line in the log of a process."""
        await self.world.until(lambda: what in bot.output(), seconds, f"{what!r} in {bot.log}", poll=0.05)

    async def replace(self, shards: str) -> None:
        """Start another process for these shards, then end the one that has them."""
        before = self.peers[shards]
        after = await self.launch(shards, ready=False)
        await self.logged(after, WAITS)
        code = await before.stop(sig=signal.SIGTERM)
        assert code == 0, (code, before.tail())
        await self.logged(after, FOLLOWS)

    async def end(self, shards: str) -> None:
        """Ask a process to end. It must end cleanly and in time."""
        bot = self.peers.pop(shards)
        assert await bot.stop(sig=signal.SIGTERM) == 0, bot.tail()

    async def kill(self, shards: str) -> None:
        """Power off."""
        bot = self.peers.pop(shards)
        bot.process.kill()
        await bot.process.wait()

    def on(self, shards: str, *channels: str) -> Guild:
        """A new server on a shard of this process."""
        first, last = map(int, shards.split("-"))
        while True:
            guild = self.guild(*channels)
            if first <= (guild.id >> 22) % SHARDS <= last:
                return guild

    async def decider(self) -> str | None:
        """The shards of the process that holds the lease, according to the database."""
        holder = await self.asking.fetchval(
            "SELECT holder FROM lease WHERE name = 'lead' AND until > 1000 * extract(epoch from clock_timestamp())"
        )
        holds = {shards for shards, bot in self.peers.items() if holder and f"origin={holder}" in bot.output()}
        return next(iter(holds), None)

    async def count(self, what: str) -> int:
        """The number of rows of a table or of a part of it. Unlike `rows`, this does not block the event loop."""
        return await self.asking.fetchval(f"SELECT count(*) FROM {what}")

    async def gone(self, what: str) -> None:
        """Wait until there are no such rows."""

        async def none() -> bool:
            return not await self.count(what)

        await self.soon(none, f"no {what} to be left")

    @property
    def name(self) -> str:
        """The name of the database."""
        return self.database.rpartition("/")[2]

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database, as text."""
        assert not values
        output = self.server.sql(query, self.name)
        return [tuple(line.split("|")) for line in output.splitlines()]

    async def soon(self, holds: Any, what: str) -> float:
        """Check repeatedly until a condition is true. Returns the seconds that it took."""
        began = time.monotonic()
        while not await holds():
            assert time.monotonic() - began < PATIENCE, f"waited {PATIENCE:g} s for {what}"
            await asyncio.sleep(0.05)
        return time.monotonic() - began


@asynccontextmanager
async def found_cluster(folder: Path, server: Server) -> AsyncIterator[Cluster]:
    """A town with a new database and no process yet."""
    async with AsyncExitStack() as stack:
        service = Service()
        url = await stack.enter_async_context(service.serve())
        world = await stack.enter_async_context(await Discord.start())
        database = server.fresh()
        stack.callback(server.drop, database)
        asking = await asyncpg.connect(database.replace("postgresql+asyncpg", "postgresql"))
        stack.push_async_callback(asking.close)
        yield Cluster(world, service, url, folder, server, database, asking)
