"""Shared by the tests of this folder: the bot as a real process, with our own local Discord.

`town` is one bot for all tests that leave it running; `bare_town` has no bot yet, for tests of starts and stops. Each
test of `town` takes a new server, because in a channel only one answer a minute is public. Its reports stay, so a test
of `town` must also pass during an outage; it never starts after one (`SharedTown`).
"""

import asyncio
import re
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from bot.core.guild_settings import BY_NAME
from bot.core.privacy import ReporterKey
from bot.discord_ui.setup.pages import TITLES
from bot.web.serving import serving
from tests.canaries import REPORTER_KEY, places
from tests.loopback import Bot, Channel, Discord, Guild, Interaction, Message, User
from tests.patience import PATIENCE
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
RUN = [sys.executable, "-m", "bot", "run"]
SERVICE = "character-ai"
KEY = REPORTER_KEY
MENTION = "is cai down for anyone else?"
NOTHING_TO_DO = "**Nothing** needs your attention."
"""The text of `/setup` if all settings work."""
SHARED_FOR = 600.0
"""Seconds after which tests no longer share a town, because older reports are kept but no longer count."""
_TOLD_OF = "SELECT 1 FROM outage WHERE phase NOT IN ('suspected', 'dismissed')"
_TROUBLE = re.compile(r"unexpected failure|job failed|write failed|never retrieved|never awaited|Traceback")


class Service:
    """The watched service's addresses on this machine: the status page, and the probe's endpoint."""

    broken = False

    async def page(self, _request: web.Request) -> web.Response:
        """An answer of an Atlassian status page."""
        status = ("critical", "Major Service Outage") if self.broken else ("none", "All Systems Operational")
        incident = {"name": "It is *down*", "status": "investigating", "created_at": "2026-01-01T00:00:00Z"}
        document = {
            "page": {"id": "loopback", "name": "Character.AI"},
            "status": {"indicator": status[0], "description": status[1]},
            "incidents": [incident] if self.broken else [],
        }
        return web.json_response(document)

    async def health(self, _request: web.Request) -> web.Response:
        return web.Response(status=500) if self.broken else web.json_response({"redis": "UP"})

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """Serve on a free port. Returns the address."""
        app = web.Application()
        app.add_routes([web.get("/api/v2/summary.json", self.page), web.get("/health", self.health)])
        async with serving(app) as port:
            yield f"http://127.0.0.1:{port}"


def reporter(user: User) -> int:
    """A member's hash in the database."""
    return ReporterKey(bytes.fromhex(KEY)).reporter(user.id)


class Town:
    """A Discord, the watched service's status pages, and a data folder, for one bot after the other."""

    def __init__(self, world: Discord, service: Service, url: str, folder: Path) -> None:
        self.world = world
        self.service = service
        self.folder = folder
        # discord.py logs a lost connection with a traceback. Tests that cut it set this.
        self.tracebacks_expected = False
        # Tests that send garbage find errors about it in the log. They set this.
        self.trouble_expected = False
        self._names = iter(range(1_000_000))
        # Discord refuses a restart within five seconds for a while. That is not tested here.
        world.gateway.identify_interval = 0
        # Neither is the speed of this machine: Discord allows three seconds, and slower answers are deferred.
        world.ack_deadline = PATIENCE
        self.command = RUN
        self.env = settings(folder, override(folder, url))
        self.health = f"http://127.0.0.1:{self.env['HTTP_PORT']}"

    @property
    def bot(self) -> Bot:
        """The newest bot."""
        return self.world.bots[-1]

    async def start(self, *, ready: bool = True, **env: str) -> Bot:
        """Start a bot on the data folder, and wait until it has read its servers."""
        await self.world.until(lambda: not self.world.gateway.live(), what="the last bot to be gone", poll=0.02)
        log = self.folder / f"bot-{len(self.world.bots)}.log"
        bot = await self.world.spawn(self.command, str(ROOT), {**self.env, **env}, log=str(log))
        if ready:
            await self.world.ready()
        return bot

    async def stop(self, sig: int = signal.SIGTERM) -> None:
        """Ask the bot to end. It must end cleanly, without being killed."""
        assert await self.bot.stop(sig=sig) == 0, self.bot.tail()

    def guild(self, *channels: str) -> Guild:
        """A new server."""
        return self.world.guild(f"Guild {next(self._names)}", channels=channels or ("general",))

    def channel(self) -> Channel:
        """A channel of a new server, in which nobody has asked yet."""
        return self.guild().channel("general")

    def user(self, *, days_old: int = 0) -> User:
        return self.world.user(f"User {next(self._names)}", days_old=days_old)

    async def turn_on(self, guild: Guild, *channels: Channel) -> None:
        """Turn on auto-replies as the server's owner, without the wait for people to answer first."""
        owner: Any = guild.owner
        panel = await owner.slash(channels[0], "setup")
        await self.choose(owner, panel, "channels", list(channels))
        await self.choose(owner, panel, "wait", ["0"])

    async def page(self, moderator: Any, panel: Interaction, label: str) -> str:
        """Turn `/setup` to a page. Returns its text. *What I can read* asks Discord first, so it appears later."""
        while not _has(panel.response, "selects", "n1:setgo"):
            await self.overview(moderator, panel)
        await moderator.select(panel, "n1:setgo", [label])
        await self.world.until(lambda: f"## {label}" in panel.text, what=f"the page {label}", poll=0.02)
        return panel.text

    async def overview(self, moderator: Any, panel: Interaction) -> Interaction:
        """Turn `/setup` to its first page, from another one or from the first step of the guide."""
        return await moderator.click(panel, "Skip" if "Skip" in labels(panel) else "Back")

    async def choose(self, moderator: Any, panel: Interaction, name: str, values: list[Any]) -> Interaction:
        """Choose values for a setting, on its page of `/setup`."""
        await self._turn_to(moderator, panel, "selects", f"n1:set:{name}")
        return await moderator.select(panel, f"n1:set:{name}", values)

    async def open(self, moderator: Any, panel: Interaction, name: str) -> Interaction:
        """Open the form of a setting."""
        await self._turn_to(moderator, panel, "buttons", f"n1:setform:{name}")
        return await moderator.click(panel, f"n1:setform:{name}:{BY_NAME[name].page}")

    async def switch(self, moderator: Any, panel: Interaction, name: str) -> Interaction:
        """Switch a setting from on to off, or from off to on."""
        custom_id = await self._turn_to(moderator, panel, "buttons", f"n1:setswitch:{name}")
        return await moderator.click(panel, custom_id)

    async def press(self, moderator: Any, panel: Interaction, label: str) -> Interaction:
        """Press a button of the page *More*."""
        if label not in labels(panel):
            while "More" not in labels(panel):
                await self.overview(moderator, panel)
            await moderator.click(panel, "More")
        return await moderator.click(panel, label)

    async def _turn_to(self, moderator: Any, panel: Interaction, what: str, custom_id: str) -> str:
        if not _has(panel.response, what, custom_id):
            page = BY_NAME[custom_id.split(":")[2]].page
            assert page is not None
            await self.page(moderator, panel, TITLES[page][0])
        return next(iter(_has(panel.response, what, custom_id)))

    async def asked(self, mention: str = MENTION) -> tuple[Channel, Message, Message]:
        """A channel with a mention in it and the bot's auto-reply to it."""
        channel = self.channel()
        await self.turn_on(channel.guild, channel)
        said = await self.user().say(channel, mention)
        return channel, said, await self.world.next_message(channel, after=said)

    async def heard_out(self, *answered: Channel) -> None:
        """Wait until the bot has read all messages so far, and answered those that it answers.

        In the channels in `answered` an answer is expected, so it is waited for. Events arrive in order: after two
        more events, an answer to an earlier message has usually arrived, if there is one.
        """
        for channel in answered:
            await self.world.next_message(channel)
        user = self.user()
        for _ in range(2):
            typed = await user.autocomplete(user.dm(), "500", "service", "char")
            assert typed.acked
        await self.world.gateway.roundtrip()

    async def answers(self) -> None:
        """Check that the bot works: it answers a command."""
        card = await self.user().slash(self.channel(), "500")
        assert "Character.AI" in card.text

    def said(self, channel: Channel) -> list[Message]:
        """The public messages of the bot in a channel."""
        return self.world.messages(channel, by=self.world.bot, ephemeral=False)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        with closing(sqlite3.connect(f"file:{self.folder / 'bot.db'}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()

    def reports(self, user: User) -> list[tuple[Any, ...]]:
        """A member's reports: (server, symptom)."""
        return self.rows("SELECT guild_id, symptom FROM report WHERE reporter = ? ORDER BY id", reporter(user))

    async def reports_become(self, user: User, expected: list[tuple[Any, ...]]) -> None:
        """Wait until a member's reports are these."""
        await self.world.until(
            lambda: self.reports(user) == expected,
            PATIENCE,
            f"the reports {expected}, not {self.reports(user)}",
            poll=0.02,
        )

    async def told_of(self, count: int, ask: Callable[[], Awaitable[int]]) -> None:
        """Wait until the bot says this number: a report on the disk is counted a moment later."""
        async with asyncio.timeout(PATIENCE):
            while await ask() != count:  # noqa: ASYNC110 - there is no event for it
                await asyncio.sleep(0.05)

    def people(self) -> int:
        """The number of reporters in the database. A test takes less than fifteen minutes (`SHARED_FOR`)."""
        return self.rows("SELECT count(DISTINCT reporter) FROM report")[0][0]

    def secrets_told(self) -> list[str]:
        """Places in the bots' logs with the token, the key, or a token of an interaction."""
        secrets = {self.world.token, KEY, *self.world.interactions}
        return [f"{bot.log}: {place}" for bot in self.world.bots for place in places(bot.output(), secrets)]

    def assert_clean(self) -> None:
        """Check that the bot broke none of Discord's rules, had no errors, and logged no secret."""
        self.world.assert_clean()
        assert self.secrets_told() == []
        for bot in self.world.bots:
            found = set(_TROUBLE.findall(bot.output()))
            assert self.trouble_expected or not found - ({"Traceback"} if self.tracebacks_expected else set()), (
                bot.output()
            )


def override(folder: Path, url: str) -> Path:
    """A services folder that replaces the sources of Character.AI with `url`."""
    services = folder / "services"
    (services / SERVICE).mkdir(parents=True)
    (services / SERVICE / "service.toml").write_text(
        f'[sources.official]\nkind = "statuspage"\nurl = "{url}"\n[sources.probe]\nurl = "{url}/health"\n'
    )
    return services


def settings(folder: Path, services: Path) -> dict[str, str]:
    """A value for every setting, so that a .env in the repository has no effect."""
    return {
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        "SERVICES_DIR": str(services),
        "REPORTER_KEY": KEY,
        "ALLOW_PRIVATE_STATUS_HOSTS": "true",
        "CONTROL_URLS": "off",
        "SECOND_STAGE": "off",
        "UPDATE_CHECK": "false",
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(free_port()),
        # The log must be free of secrets at DEBUG too, including the messages of libraries.
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": "console",
        # A test runner may have turned bytecode off. Then a bot would start three times slower than normally.
        "PYTHONDONTWRITEBYTECODE": "",
    }


def others(answer: Interaction) -> int:
    """The number of others that an answer to a report states."""
    if found := re.search(r"(\d+) others?\b", answer.text):
        return int(found[1])
    assert "first" in answer.text, answer.text
    return 0


def sending(channel: Channel) -> str:
    """The request that sends a message to this channel. Outages of other tests may send some to other channels."""
    return f"POST /channels/{channel.id}/messages"


def _has(message: Any, what: str, custom_id: str) -> list[str]:
    """The ids of the menus or buttons of a message that begin with this."""
    ids = [str(one.get("custom_id")) for one in getattr(message, what)]
    return [one for one in ids if f"{one}:".startswith(f"{custom_id}:")]


def preset(panel: Interaction, name: str) -> list[str]:
    """The chosen values that a menu of `/setup` shows."""
    [menu] = [s for s in panel.response.selects if s["custom_id"].startswith(f"n1:set:{name}:")]
    options = [one["value"] for one in menu.get("options", ()) if one.get("default")]
    return options or [str(one["id"]) for one in menu.get("default_values", ())]


TOO = "n1:too:character-ai"
"""The main button of a card. Its label depends on whether others report trouble, too."""


AUTO_REPLY = (["Me too", "What helps?", "More"], ["Broken", "What helps?", "More"])
"""The buttons of an auto-reply, with and without other reports: in a shared town other tests may have made some."""


def labels(message: Message | Interaction) -> list[str]:
    """The buttons of a message."""
    shown = message.response if isinstance(message, Interaction) else message
    return [button["label"] for button in shown.buttons]


@asynccontextmanager
async def found_town(folder: Path) -> AsyncIterator[Town]:
    """A town without a bot."""
    async with AsyncExitStack() as stack:
        service = Service()
        url = await stack.enter_async_context(service.serve())
        world = await stack.enter_async_context(await Discord.start())
        yield Town(world, service, url, folder)


class SharedTown:
    """The town that tests share, with its bot. A new one is made when effects of earlier tests would show on cards."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._stack = AsyncExitStack()
        self._town: Town | None = None
        self._until = 0.0

    async def calm(self) -> Town:
        """The town, if it had no outage and all its reports still count; otherwise a new one."""
        if self._town is None or time.monotonic() > self._until or self._town.rows(_TOLD_OF):
            await self.close()
            self._town = await self._stack.enter_async_context(found_town(self._folder()))
            self._until = time.monotonic() + SHARED_FOR
            await self._town.start()
        return self._town

    async def close(self) -> None:
        await self._stack.aclose()


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def shared_town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SharedTown]:
    shared = SharedTown(lambda: tmp_path_factory.mktemp("town"))
    yield shared
    await shared.close()


@pytest_asyncio.fixture(loop_scope="package")
async def town(shared_town: SharedTown) -> AsyncIterator[Town]:
    town = await shared_town.calm()
    yield town
    town.assert_clean()


@pytest_asyncio.fixture(loop_scope="package")
async def bare_town(tmp_path: Path) -> AsyncIterator[Town]:
    async with found_town(tmp_path) as town:
        yield town
        town.assert_clean()
