"""Bots as processes, each on its own Discord: ours as operators run it, and bare clients of the library."""

import asyncio
import gc
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.content.new_service import NewService, write_files
from bot.core.guild_settings import Change, GuildSettings
from bot.core.service import Source
from bot.core.signals import Signal
from bot.settings import Settings
from bot.stores import open_stores
from bot.web.serving import serving
from tests.loopback import Bot, Channel, Discord

OURS, OURS_BOTH = "ours", "both stages"
"""Our bot with the first stage of the mention detector, and with both."""
SERVICE = "character-ai"
CHANNELS = 20
_KEY = "ab" * 32
_TURNED_ON = Change("channels", [], ["all"])


@dataclass(frozen=True, slots=True)
class Town:
    """A bot with its Discord. Auto-reply is on in the first half of the servers and off in the rest."""

    kind: str
    world: Discord
    bot: Bot

    @property
    def channels(self) -> list[Channel]:
        """All channels, server by server."""
        return [channel for guild in self.world.guilds.values() for channel in guild.channels.values()]

    def cpu(self) -> float:
        """CPU seconds of the bot so far, including all threads and its second stage, to the microsecond."""
        threads = [
            thread
            for pid in (self.bot.process.pid, *children(self.bot.process.pid))
            for thread in Path(f"/proc/{pid}/task").glob("*/schedstat")
        ]
        return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def children(pid: int) -> list[int]:
    """The child processes of a process."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def steady() -> Iterator[None]:
    """Turn off Python's garbage collector in this process, which runs the Discord.

    It would stop Discord for up to 0.2 s. All events of that time would then reach the bot at once and wait in a queue,
    which is not the bot's fault.
    """
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@asynccontextmanager
async def town(
    kind: str, guilds: int, chosen: int = CHANNELS, more: Sequence[str] = (), followed: Sequence[str] = ()
) -> AsyncIterator[Town]:
    """A Discord with this number of servers, and a bot that has received them all.

    In the first half of the servers auto-reply is on in `chosen` channels. `more` services are watched besides our own;
    these servers follow those in `followed`.
    """
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(await Discord.start(check_self=False))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        world.populate(guilds, CHANNELS)
        if kind in {OURS, OURS_BOTH}:
            command, env = (
                [sys.executable, "-m", "bot", "run"],
                await _our_settings(stack, world, folder, chosen, more, followed),
            )
            env["SECOND_STAGE"] = "on" if kind == OURS_BOTH else "off"
        else:
            command, env = [sys.executable, "-m", "benchmarks.gateway.bare", kind], {}
        bot = await world.spawn(command, env={**env, "PYTHONDONTWRITEBYTECODE": ""}, log=str(folder / "bot.log"))
        await world.ready()
        await world.until(world.registered_commands, 60, "the commands", poll=0.05)
        await bot.settle()
        yield Town(kind, world, bot)


async def _our_settings(
    stack: AsyncExitStack, world: Discord, folder: Path, chosen: int, more: Sequence[str], followed: Sequence[str]
) -> dict[str, str]:
    """Make the settings for our process, and a database with the moderators' settings."""
    url = f"http://127.0.0.1:{await stack.enter_async_context(serving(_status_page()))}"
    services = folder / "services"
    (services / SERVICE).mkdir(parents=True)
    (services / SERVICE / "service.toml").write_text(
        f'[sources.official]\nkind = "statuspage"\nurl = "{url}"\n[sources.probe]\nurl = "{url}/health"\n'
    )
    for service_id in more:
        page = Source(Signal.OFFICIAL, "statuspage", url)
        name = service_id.capitalize()
        write_files(NewService(service_id, name, [service_id], url, url, page, probe=None), services / service_id)
    database = f"sqlite+aiosqlite:///{folder / 'bot.db'}"
    given = Settings(database_url=database, reporter_key=_KEY)
    chosen_services = frozenset(followed)
    async with open_stores(given, [SERVICE, *more]) as stores:
        guilds, now = list(world.guilds.values()), int(time.time())
        saving = (
            stores.settings.save(
                guild.id,
                GuildSettings(channels=frozenset(list(guild.channels)[:chosen]), more_services=chosen_services),
                guild.owner.id,
                now,
                [_TURNED_ON],
            )
            for guild in guilds[: len(guilds) // 2]
        )
        await asyncio.gather(*saving)
    return {
        "DATABASE_URL": database,
        "SERVICES_DIR": str(services),
        "REPORTER_KEY": _KEY,
        "ALLOW_PRIVATE_STATUS_HOSTS": "true",
        "CONTROL_URLS": "off",
        "UPDATE_CHECK": "false",
        "LOG_LEVEL": "INFO",
        "LOG_FORMAT": "json",
    }


def _status_page() -> web.Application:
    async def page(_request: web.Request) -> web.Response:
        status = {"indicator": "none", "description": "All Systems Operational"}
        return web.json_response({"page": {"id": "x", "name": "Character.AI"}, "status": status, "incidents": []})

    async def health(_request: web.Request) -> web.Response:
        return web.json_response({"redis": "UP"})

    app = web.Application()
    app.add_routes([web.get("/api/v2/summary.json", page), web.get("/health", health)])
    return app


def per_second(count: float) -> str:
    """A rate as text, such as `12,345/s`."""
    return f"{count:,.0f}/s"


def at(values: Sequence[float], share: float) -> float:
    """The quantile: the value that this share of them does not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
