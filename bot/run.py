"""`run`: run the bot on Discord until it is stopped. Signals, intents and refusals by Discord are handled here."""

import asyncio
import ctypes
import gc
import logging
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.app import App, open_app
from bot.core.errors import (
    ConfigurationError,
    DiscordRefusedError,
    DiscordUnreachableError,
    NotJustYouError,
    OutdatedError,
    StoreError,
)
from bot.core.shards import Shards
from bot.discord_ui.connection.client import Client
from bot.discord_ui.connection.endpoint import Endpoint
from bot.discord_ui.connection.gateway import Backoff
from bot.discord_ui.connection.sync import forget_sync
from bot.settings import Settings
from bot.usecases.leadership import LeaseLostError
from bot.usecases.ports import Clock
from bot.usecases.tasks import cancel
from bot.usecases.upkeep.diagnose import Diagnose, Starting
from bot.usecases.upkeep.measure import Measure
from bot.usecases.upkeep.refused_token import RefusedToken

if TYPE_CHECKING:
    from bot.web.serving import RouteHandler

if sys.platform == "win32":
    from asyncio import new_event_loop
else:
    from uvloop import new_event_loop

CLOSE_WITHIN = 8.0
ANSWER_WITHIN = 2.0
"""Seconds for the answers that are in progress when we are stopped."""
_COLLECT_AFTER = 20_000
"""The garbage collector runs after this many more objects were created than freed."""
_M_ARENA_MAX = -8
"""The number of this option in glibc's malloc.h."""
_ANSWER_FIRST = 1.0
"""Seconds for answering people whose report was refused, before the bot stops because of a damaged database."""
_HANDLERS = ("discord.py: on_", "CommandTree-invoker")
"""discord.py's names for the tasks in which we answer people."""
_logger = logging.getLogger(__name__)
_TOKEN_REFUSED = 4004
_NOT_ACCEPTED = {4010: "invalid shard", 4011: "sharding required", 4012: "invalid API version", 4013: "invalid intents"}


def serve(settings: Settings) -> None:
    """Call `run` on uvloop."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(run(settings))


async def run(settings: Settings, *, clock: Clock = time.time) -> None:
    """Run until SIGTERM or SIGINT, then finish what is in progress and close, within seconds.

    While Discord cannot be reached, the bot keeps trying to connect, and keeps watching the services. Raises
    DiscordRefusedError, OutdatedError, ConfigurationError or StoreError.
    """
    assert settings.discord_token is not None, "checked when the settings were read"
    spare_collections()
    share_one_heap()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    hangup = _hangup(loop)
    async with AsyncExitStack() as stack:
        diagnosis: Diagnose | Starting = Starting()
        measure: Measure | None = None
        page: RouteHandler | None = None
        port = _port(settings, lambda: diagnosis, lambda: measure, lambda: page)
        if settings.shard_ids is not None:
            await stack.enter_async_context(port)  # a spare process may wait for shards for days
        try:
            app = await stack.enter_async_context(open_app(settings, clock=clock, sleep=_sleep_until(stop)))
        except _StoppedError:
            return
        return_free_memory()
        diagnosis, measure = app.diagnose, app.measure
        if settings.http_port is not None:
            from bot.features.page import open_page  # noqa: PLC0415 - loads aiohttp's server, which few need

            page = (await stack.enter_async_context(open_page(app.base, app.outages))).answer
        if settings.shard_ids is None:
            await stack.enter_async_context(port)  # last: a second bot on a file must fail on the file
        damage = asyncio.create_task(_stop_on_damage(app, stop), name="damage")
        stack.callback(damage.cancel)
        if hangup is not None:
            reading = asyncio.create_task(_read_services_on(hangup, app), name="read services")
            stack.callback(reading.cancel)
        ending = asyncio.create_task(_stop_on_ending(app, stop), name="ending")
        stack.callback(ending.cancel)
        await _stay(app, settings.discord_token, stop, clock)
    _logger.info("stopped")


def _port(
    settings: Settings,
    diagnose: Callable[[], Diagnose | Starting],
    measure: Callable[[], Measure | None],
    page: Callable[[], "RouteHandler | None"],
) -> AbstractAsyncContextManager[object]:
    """The HTTP server; does nothing if no port is set."""
    if settings.http_port is None:
        return nullcontext()
    # These load aiohttp's server and Prometheus's client, which few bots need.
    from bot.web.health import health_routes  # noqa: PLC0415
    from bot.web.metrics import MetricsPage  # noqa: PLC0415
    from bot.web.server import serve_web  # noqa: PLC0415

    routes = {**health_routes(diagnose), "/metrics": MetricsPage(measure, settings.metrics_token).answer}
    return serve_web(settings.http_host, settings.http_port, routes, page)


def share_one_heap() -> None:
    """Let all threads share one heap (glibc only), because Python runs only one thread at a time."""
    if (tune := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        tune(_M_ARENA_MAX, 1)


def return_free_memory() -> None:
    """Return memory that was only needed at start, such as 3 MB for reading the model, to the system (glibc only)."""
    if (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        gc.collect()
        trim(0)


def spare_collections() -> None:
    """Exclude everything imported so far from garbage collection, and collect less often.

    Imported objects live until the end anyway, and checking them all blocks the event loop for about 80 ms each time.
    The bot's own objects are hardly ever in reference cycles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)


async def sync_now(settings: Settings, token: str) -> Sequence[str]:
    """Send the commands to Discord, even if nothing changed; returns their names.

    Raises what `run` raises, and DiscordUnreachableError.
    """
    async with open_app(settings, jobs=False, may_lead=False) as app:
        client = app.client(message_content=False, shards=Shards())  # any shard will do
        await forget_sync(app.base.stores.meta)
        with _refusals(client.endpoint):
            async with client:
                await client.login(token)
                return [command.name for command in client.tree.get_commands()]


def _hangup(loop: asyncio.AbstractEventLoop) -> asyncio.Event | None:
    """An event that SIGHUP sets; None on Windows. Without a handler the signal would end the process."""
    if sys.platform == "win32":
        return None
    hangup = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, hangup.set)
    return hangup


async def _read_services_on(hangup: asyncio.Event, app: App) -> None:
    while True:
        await hangup.wait()
        hangup.clear()
        try:
            await app.files.reload.now()
        except Exception as error:
            app.base.failures.note(error, "read services")


async def _stop_on_damage(app: App, stop: asyncio.Event) -> None:
    await app.base.stores.damaged.wait()
    _logger.critical("the database is damaged")
    await asyncio.sleep(_ANSWER_FIRST)
    stop.set()


async def _stop_on_ending(app: App, stop: asyncio.Event) -> None:
    await app.process.fatal.event.wait()
    stop.set()


class _StoppedError(NotJustYouError):
    """The process was stopped while it waited for shards."""


def _sleep_until(stop: asyncio.Event) -> Callable[[float], Awaitable[None]]:
    async def sleep(seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
        if stop.is_set():
            raise _StoppedError

    return sleep


async def _stay(app: App, token: str, stop: asyncio.Event, clock: Clock) -> None:
    """Stay connected to Discord until stopped, unless Discord refused this token earlier."""
    refused = RefusedToken(token, app.base.stores.meta, clock)
    await refused.check()
    try:
        await _connect(app, token, stop)
        if app.base.stores.damaged.is_set():
            raise StoreError("the database is damaged, so the bot ended; the next start replaces it with a backup")
        if app.process.fatal.reason is not None:
            raise app.process.fatal.reason
    except DiscordRefusedError as error:
        # Only at login: if Discord refuses a running bot, the next start tries once more, in case it was a mistake.
        if isinstance(error.__cause__, discord.LoginFailure):
            with suppress(StoreError):
                await refused.remember()
        raise


async def _connect(app: App, token: str, stop: asyncio.Event) -> None:
    message_content = True
    backoff = Backoff(random.Random())  # noqa: S311 - jitter, not secrets
    while not stop.is_set():
        client = app.client(message_content=message_content)
        try:
            with _refusals(client.endpoint):
                await _serve(app, client, token, stop)
        except discord.PrivilegedIntentsRequired as error:
            if not message_content:
                raise OutdatedError(
                    "Discord refuses the intents that this version of NotJustYou requests (close code 4014); update it"
                ) from error
            _logger.warning(
                "the message content intent is not granted: only messages that mention the bot get auto-replies; "
                "everything else works",
                extra={"fix": "Developer Portal > Bot > Message Content Intent"},
            )
            message_content = False
        except DiscordUnreachableError as error:
            _logger.warning("%s; trying again", error)
            await _pause(backoff, stop)
        except (DiscordRefusedError, OutdatedError, ConfigurationError, StoreError):
            raise
        except Exception as error:
            # A gateway event could not be read; a new connection may work.
            app.base.failures.note(error, "connection")
            await _pause(backoff, stop)
        else:
            return


async def _arrive(app: App, client: Client) -> None:
    """Take over from the previous process, if there is one. Errors, such as of the database, are retried."""
    while app.following is not None:
        try:
            await app.following.arrive(client)
        except LeaseLostError as error:
            app.process.fatal.because(error)
        except Exception as error:
            app.base.failures.note(error, "arrive")
            await asyncio.sleep(1)
            continue
        return


async def _leave(app: App) -> None:
    try:
        if app.following is not None and app.process.fatal.reason is None:
            await app.following.leave()
    except StoreError as error:
        _logger.warning("stopped without handing over the shards", extra={"error": str(error)})


async def _finish() -> None:
    """Finish the answers in progress, because their reports may already be on the disk."""
    if answering := [task for task in asyncio.all_tasks() if task.get_name().startswith(_HANDLERS)]:
        await asyncio.wait(answering, timeout=ANSWER_WITHIN)


async def _pause(backoff: Backoff, stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), backoff.delay())


@contextmanager
def _refusals(endpoint: Endpoint) -> Generator[None]:
    """Turn Discord's refusals into our errors, which say whether a restart can help."""
    try:
        yield
    except discord.PrivilegedIntentsRequired:
        raise
    except discord.LoginFailure as error:
        raise DiscordRefusedError from error
    except discord.ConnectionClosed as error:
        if error.code == _TOKEN_REFUSED:
            raise DiscordRefusedError from error
        if error.code in _NOT_ACCEPTED:
            raise OutdatedError(
                f"Discord no longer supports what this version of NotJustYou requests (close code {error.code}, "
                f"{_NOT_ACCEPTED[error.code]}); update it"
            ) from error
        raise DiscordUnreachableError(f"Discord closed the connection for good (code {error.code})") from error
    except (aiohttp.ClientError, discord.HTTPException, discord.GatewayNotFound, discord.RateLimited, OSError) as error:
        raise DiscordUnreachableError(f"Discord {endpoint.unreachable(error)}") from error


async def _serve(app: App, client: Client, token: str, stop: asyncio.Event) -> None:
    bot = asyncio.create_task(client.start(token), name="discord")
    stopping = asyncio.create_task(stop.wait(), name="stop signal")
    arriving = asyncio.create_task(_arrive(app, client), name="arrive")
    try:
        await asyncio.wait({bot, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if bot.done():
            bot.result()
        else:
            _logger.info("stopping")
            await _leave(app)
            await _finish()
    finally:
        stopping.cancel()
        arriving.cancel()
        with suppress(TimeoutError):
            await asyncio.wait_for(client.close(), CLOSE_WITHIN)
        await cancel(bot)
