"""Shared by the tests of this folder: the bot as a real process, with our own local Discord.

`town` is one bot for all tests that leave it running; `bare_town` has none yet, for tests of its life. Each test of
`town` takes a fresh server, because answers are public once a minute a channel. Its reports stay, so a test of `town`
holds while people report so much that there is an outage; it never begins after one (`SharedTown`).
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
"""What `/setup` says if it can do all that is set."""
SHARED_FOR = 600.0
"""Seconds after which tests no longer share a town: older reports do not count any more, though they are still kept."""
_TOLD_OF = "SELECT 1 FROM outage WHERE phase NOT IN ('suspected', 'dismissed')"
_TROUBLE = re.compile(r"unexpected failure|job failed|write failed|never retrieved|never awaited|Traceback")


class Service:
    """The watched service's addresses on this machine: a status page, and what the probe asks."""

    broken = False

    async def page(self, _request: web.Request) -> web.Response:
        """As Atlassian's status pages answer."""
        told = ("critical", "Major Service Outage") if self.broken else ("none", "All Systems Operational")
        incident = {"name": "It is *down*", "status": "investigating", "created_at": "2026-01-01T00:00:00Z"}
        document = {
            "page": {"id": "loopback", "name": "Character.AI"},
            "status": {"indicator": told[0], "description": told[1]},
            "incidents": [incident] if self.broken else [],
        }
        return web.json_response(document)

    async def health(self, _request: web.Request) -> web.Response:
        return web.Response(status=500) if self.broken else web.json_response({"redis": "UP"})

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        """Serve on a free port; gives the address."""
        app = web.Application()
        app.add_routes([web.get("/api/v2/summary.json", self.page), web.get("/health", self.health)])
        async with serving(app) as port:
            yield f"http://127.0.0.1:{port}"


def reporter(user: User) -> int:
    """A member as the database knows them."""
    return ReporterKey(bytes.fromhex(KEY)).reporter(user.id)


class Town:
    """A Discord, the watched service's status pages, and a data folder; bots come and go."""

    def __init__(self, world: Discord, service: Service, url: str, folder: Path) -> None:
        self.world = world
        self.service = service
        self.folder = folder
        # discord.py tells of a lost connection with a traceback; a test that cuts it says so.
        self.tracebacks_expected = False
        # A test that sends what nobody could understand finds that in the log; it says so, too.
        self.trouble_expected = False
        self._names = iter(range(1_000_000))
        # A restart within five seconds is refused by Discord for a while; that is not what is tested here.
        world.gateway.identify_interval = 0
        # Nor is how fast this machine is: Discord gives an answer three seconds, and what takes longer is deferred.
        world.ack_deadline = PATIENCE
        self.command = RUN
        self.env = settings(folder, override(folder, url))
        self.health = f"http://127.0.0.1:{self.env['HTTP_PORT']}"

    @property
    def bot(self) -> Bot:
        """The newest bot."""
        return self.world.bots[-1]

    async def start(self, *, ready: bool = True, **env: str) -> Bot:
        """Start a bot on the data folder, up to the moment it has read its servers."""
        await self.world.until(lambda: not self.world.gateway.live(), what="the last bot to be gone", poll=0.02)
        log = self.folder / f"bot-{len(self.world.bots)}.log"
        bot = await self.world.spawn(self.command, str(ROOT), {**self.env, **env}, log=str(log))
        if ready:
            await self.world.ready()
        return bot

    async def stop(self, sig: int = signal.SIGTERM) -> None:
        """Ask the bot to end; it must do so cleanly, and not be killed for not ending at all."""
        assert await self.bot.stop(sig=sig) == 0, self.bot.tail()

    def guild(self, *channels: str) -> Guild:
        """A new server."""
        return self.world.guild(f"Guild {next(self._names)}", channels=channels or ("general",))

    def channel(self) -> Channel:
        """A channel of a new server, without any questions so far."""
        return self.guild().channel("general")

    def user(self, *, days_old: int = 0) -> User:
        return self.world.user(f"User {next(self._names)}", days_old=days_old)

    async def turn_on(self, guild: Guild, *channels: Channel) -> None:
        """Auto-replies, as the server's owner turns them on, which do not wait for people to answer first."""
        owner: Any = guild.owner
        panel = await owner.slash(channels[0], "setup")
        await self.choose(owner, panel, "channels", list(channels))
        await self.choose(owner, panel, "wait", ["0"])

    async def page(self, moderator: Any, panel: Interaction, label: str) -> str:
        """Turn `/setup` to a page; gives its text. *What I can read* asks Discord first, and comes a moment later."""
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
        """Turn a setting on or off, whichever it is not."""
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
        """Everything said so far has been heard and answered, if it is to be answered at all.

        In the channels that are named something is to be answered: that is waited for. Events come in order, so a
        member's two presses later an answer to what was said before is mostly here, if there is one.
        """
        for channel in answered:
            await self.world.next_message(channel)
        user = self.user()
        for _ in range(2):
            typed = await user.autocomplete(user.dm(), "500", "service", "char")
            assert typed.acked
        await self.world.gateway.roundtrip()

    async def answers(self) -> None:
        """The bot is there for people: it answers a command."""
        card = await self.user().slash(self.channel(), "500")
        assert "Character.AI" in card.text

    def said(self, channel: Channel) -> list[Message]:
        """What the bot said to all in a channel."""
        return self.world.messages(channel, by=self.world.bot, ephemeral=False)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database holds now."""
        with closing(sqlite3.connect(f"file:{self.folder / 'bot.db'}?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()

    def reports(self, user: User) -> list[tuple[Any, ...]]:
        """A member's reports: (server, symptom)."""
        return self.rows("SELECT guild_id, symptom FROM report WHERE reporter = ? ORDER BY id", reporter(user))

    async def reports_become(self, user: User, expected: list[tuple[Any, ...]]) -> None:
        """A member's reports become these, soon."""
        await self.world.until(
            lambda: self.reports(user) == expected,
            PATIENCE,
            f"the reports {expected}, not {self.reports(user)}",
            poll=0.02,
        )

    async def told_of(self, count: int, ask: Callable[[], Awaitable[int]]) -> None:
        """People are told of so many, soon: what is on the disk is counted a moment later."""
        async with asyncio.timeout(PATIENCE):
            while await ask() != count:  # noqa: ASYNC110 - it is told when asked
                await asyncio.sleep(0.05)

    def people(self) -> int:
        """Everybody who reports trouble, by the database; a test takes less than fifteen minutes (`SHARED_FOR`)."""
        return self.rows("SELECT count(DISTINCT reporter) FROM report")[0][0]

    def secrets_told(self) -> list[str]:
        """Where the logs of the bots hold the token, the key, or a token of an interaction."""
        secrets = {self.world.token, KEY, *self.world.interactions}
        return [f"{bot.log}: {place}" for bot in self.world.bots for place in places(bot.output(), secrets)]

    def assert_clean(self) -> None:
        """The bot broke no rule of Discord's, had no trouble of its own, and told its log no secret."""
        self.world.assert_clean()
        assert self.secrets_told() == []
        for bot in self.world.bots:
            found = set(_TROUBLE.findall(bot.output()))
            assert self.trouble_expected or not found - ({"Traceback"} if self.tracebacks_expected else set()), (
                bot.output()
            )


def override(folder: Path, url: str) -> Path:
    """A services folder that sends the looks at Character.AI to `url`."""
    services = folder / "services"
    (services / SERVICE).mkdir(parents=True)
    (services / SERVICE / "service.toml").write_text(
        f'[sources.official]\nkind = "statuspage"\nurl = "{url}"\n[sources.probe]\nurl = "{url}/health"\n'
    )
    return services


def settings(folder: Path, services: Path) -> dict[str, str]:
    """Every setting is given, so that a .env in the repository changes nothing."""
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
        # What may be in the log at all: what libraries say at their lowest levels must stay out of it, too.
        "LOG_LEVEL": "DEBUG",
        "LOG_FORMAT": "console",
        # A test runner may have turned bytecode off; a bot would then start three times slower than it does in life.
        "PYTHONDONTWRITEBYTECODE": "",
    }


def others(answer: Interaction) -> int:
    """How many others an answer to a report speaks of."""
    if found := re.search(r"(\d+) others?\b", answer.text):
        return int(found[1])
    assert "first" in answer.text, answer.text
    return 0


def sending(channel: Channel) -> str:
    """The request that sends a message to a channel. An outage that others reported may send some elsewhere."""
    return f"POST /channels/{channel.id}/messages"


def _has(message: Any, what: str, custom_id: str) -> list[str]:
    """The ids of the menus or buttons of a message that begin so."""
    ids = [str(one.get("custom_id")) for one in getattr(message, what)]
    return [one for one in ids if f"{one}:".startswith(f"{custom_id}:")]


def preset(panel: Interaction, name: str) -> list[str]:
    """What a menu of `/setup` shows as chosen."""
    [menu] = [s for s in panel.response.selects if s["custom_id"].startswith(f"n1:set:{name}:")]
    options = [one["value"] for one in menu.get("options", ()) if one.get("default")]
    return options or [str(one["id"]) for one in menu.get("default_values", ())]


TOO = "n1:too:character-ai"
"""The main button of a card, whose label depends on whether others report it, too."""


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
    """The town that tests share, with its bot; another one once what earlier tests did would show on a card."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder
        self._stack = AsyncExitStack()
        self._town: Town | None = None
        self._until = 0.0

    async def calm(self) -> Town:
        """A town in which there was no outage, and whose reports all still count."""
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
