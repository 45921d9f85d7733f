"""The stage: simcord's preview with our bot in it. The only module that uses simcord."""

import asyncio
import random
import signal
import tempfile
import webbrowser
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import discord
import simcord
from simcord.preview import Preview

from bot.app import App, open_app
from bot.core.errors import ConfigurationError
from bot.core.shards import Shards
from bot.demo import neighbour
from bot.demo.past import invent_past
from bot.demo.scenario import STORIES, Act, Line, Scenario
from bot.demo.status_page import Addresses, DemoService, serve
from bot.settings import Settings
from bot.usecases.tasks import cancel

SHOW_EVERY = 1.5
FASTER = 6.0
"""How much faster the demo's clock runs: a minute in ten seconds."""
WORLD_BEGINS = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
_SERVICE = "character-ai"
_CROWD_SERVERS = 12


class WorldClock:
    """The clock of simcord's world, which has its own time; before the world exists, its start time."""

    def __init__(self) -> None:
        self.world: simcord.Env | None = None

    def __call__(self) -> float:
        """The time in epoch seconds."""
        return self.world.now().timestamp() if self.world else WORLD_BEGINS


async def play(*, scenario: Scenario, browser: bool, port: int, pace: float) -> None:
    """Open the page, play the story, and run until the page or the terminal is closed."""
    demo, clock = DemoService(), WorldClock()
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="notjustyou-demo-")))
        settings = _settings(folder, await stack.enter_async_context(serve(demo)))
        await invent_past(settings, _SERVICE, WORLD_BEGINS, random.Random(1))  # noqa: S311 - the same past every time
        app = await stack.enter_async_context(open_app(settings, clock=clock, jobs=False))
        client = app.client(message_content=True, shards=Shards((0,), 1))
        world = await stack.enter_async_context(simcord.run(client, check_errors=False, settle_timeout=30))
        clock.world = world
        stage = Stage(world, app, demo)
        await stage.build()
        try:
            preview = await stack.enter_async_context(stage.open(port or None))
        except simcord.SetupError:
            raise ConfigurationError([f"--port {port}: is in use; choose another, or 0 for a free one"]) from None
        click.echo(f"\n  NotJustYou demo: {preview.url}\n")
        click.echo("  Type /500 there, or watch what the others do. Switch the viewer to act as another member.")
        click.echo(
            "  Character.AI has closed its status page, and /status says so. That of Storyloft, which is invented,"
        )
        click.echo("  lives: try /status with service: Storyloft.")
        click.echo("  Press Ctrl+C to end the demo; nothing is stored.\n")
        if browser:
            webbrowser.open(preview.url)
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _end, asyncio.current_task())
        story = asyncio.create_task(stage.play(STORIES[scenario], pace), name="story")
        with suppress(asyncio.CancelledError):
            await preview.wait_closed()
        await cancel(story)


def _end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()


def _settings(folder: Path, urls: Addresses) -> Settings:
    """The demo's settings, with service files whose sources are on this machine."""
    override, second = folder / "services" / _SERVICE, folder / "services" / neighbour.NAME
    for one in (override, second):
        one.mkdir(parents=True)
    (override / "service.toml").write_text(
        f'[sources.official]\nkind = "statuspage"\nurl = "{urls.closed}"\n'
        f'[sources.probe]\nkind = "http"\nurl = "{urls.closed}/health"\n'
    )
    (second / "service.toml").write_text(neighbour.SERVICE.format(url=urls.living))
    (second / "guide.en.toml").write_text(neighbour.GUIDE)
    return Settings(
        database_url=f"sqlite+aiosqlite:///{folder / 'demo.db'}",
        services_dir=folder / "services",
        second_stage="off",  # it answers in real time, but the demo has its own clock
        allow_private_status_hosts=True,
    )


class Stage:
    """A small server with members, and their actions."""

    def __init__(self, world: simcord.Env, app: App, demo: DemoService) -> None:
        self._world = world
        self._app = app
        self._demo = demo
        self._members: dict[str, Any] = {}
        self._channel: Any = None
        self._preview: Preview | None = None
        self._opened = asyncio.Event()
        self._turn = asyncio.Lock()
        self._crowd = 0
        self._acts = 0
        self._shown = (0, 0)
        self._rng = random.Random(500)  # noqa: S311 - the same story every time

    async def build(self) -> None:
        """Create the server and its members, and turn on auto-replies in its channel."""
        bot = self._world.bot.user
        assert bot is not None, "logged in by simcord"
        await bot.edit(username="NotJustYou")
        guild = self._world.create_guild("Character Fans")
        self._channel = guild.create_text_channel("general")
        moderator = guild.create_role("Moderator", permissions=discord.Permissions(manage_guild=True))
        for name in ("alice", "ben", "cleo", "dan"):
            roles = [moderator] if name == "alice" else []
            user = self._world.create_user(name, global_name=name.capitalize())
            self._members[name] = guild.add_member(user, roles=roles)
        await self._app.setup.configure.change(
            guild.id,
            self._members["alice"].id,
            {
                "channels": [str(self._channel.id)],
                "cooldown": 30,
                "person_cooldown": 30,
                "wait": 0,
                "outage_channel": str(self._channel.id),
            },
        )
        await self._look()

    def open(self, port: int | None) -> Preview:
        """Open the page."""
        self._preview = self._world.preview(
            self._channel, viewers=list(self._members.values()), layout="channel", port=port
        )
        _take_turns(self._preview, self._turn, self._world)
        _notice_visitors(self._preview, self._opened)
        return self._preview

    async def play(self, story: tuple[Line, ...], pace: float) -> None:
        """Once the page is open in a browser, play the story line by line; refresh the page between lines."""
        await self._opened.wait()
        elapsed = 0.0
        for line in story:
            while elapsed < line.at:
                step = min(line.at - elapsed, SHOW_EVERY)
                await self._let_pass(step, pace)
                elapsed += step
            await self.act(line)
        while True:
            await self._let_pass(SHOW_EVERY, pace)

    async def _let_pass(self, seconds: float, pace: float) -> None:
        """Wait, and advance the world's clock, which does not advance by itself."""
        await asyncio.sleep(seconds * pace)
        await self._when_free(lambda: self._world.advance_time(seconds * FASTER))
        await self._look()
        await self._app.outages.watch.tick()
        await self._app.outages.simulate.tick()
        await self._when_free(self._app.outages.announce.round)
        await self._app.replies.live.refresh()
        await self._show()

    async def act(self, line: Line) -> None:
        """Play one line of the story."""
        self._acts += 1
        if line.act is Act.SAY:
            await self._when_free(lambda: self._members[line.who].send(self._channel, line.text))
        elif line.act is Act.REACT:
            await self._react(line)
        elif line.act is Act.CROWD:
            await self._report_elsewhere(line.count, line.text)
        else:
            self._demo.broken_since = self._world.now() if line.act is Act.BREAK else None
            await self._look()
        await self._show()

    async def _react(self, line: Line) -> None:
        # Starting a thread also adds a message of the bot, which refers to another message but is not a reply.
        replies = [m for m in self._channel.history() if m.author.bot and m.type is discord.MessageType.reply]
        if replies:
            await self._when_free(lambda: self._members[line.who].react(replies[-1], line.text))

    async def _report_elsewhere(self, count: int, symptom: str) -> None:
        service = self._app.base.services.get(_SERVICE)
        for _ in range(count):
            self._crowd += 1
            guild_id = 1000 + self._rng.randrange(_CROWD_SERVERS)
            await self._app.reports.record.report(service, 10_000_000 + self._crowd, guild_id, symptom)

    async def _look(self) -> None:
        for service in self._app.base.services:
            await self._app.status.check.look(service)

    async def _show(self) -> None:
        # Only after changes: a press on an outdated page is refused.
        state = (self._acts, len(self._world.http_requests))
        if self._preview is not None and state != self._shown:
            await self._when_free(self._preview.refresh)
            self._shown = state

    async def _when_free(self, act: Callable[[], Awaitable[object]]) -> None:
        """Run an action when no other one is running: the world handles one at a time, including those of visitors."""
        async with self._turn:
            await act()


def _take_turns(preview: Preview, turn: asyncio.Lock, world: simcord.Env) -> None:
    """Make visitors' actions and the story wait for each other, lose no press, and keep the page's clock right.

    The page refuses a press if anything on it has changed since the browser's last request, which is every second or
    two in a story. Discord accepts such a press, and so do we: it identifies a button by its message and place, which
    the page looks up in the current state. The page also only sets its clock when it is refreshed, so requests since
    then would lie in its future.

    simcord refuses an action while another one runs, and the page then stops working. It has no public interface for
    this. Its version is pinned exactly, and the browser test fails if this private method changes.
    """
    act, page_of = preview._action, preview._get_page  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    async def in_turn(context_id: str | None, body: Mapping[str, Any]) -> dict[str, Any]:
        async with turn:
            preview.capture_time = world.now()
            return await act(context_id, {**body, "published_revision": page_of(context_id).revision})

    preview._action = in_turn  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def _notice_visitors(preview: Preview, opened: asyncio.Event) -> None:
    """Set the event when a browser opens the page. simcord has no public interface for this either."""
    open_page = preview._open_page  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

    def noticed(viewer_id: Any = None, target_id: Any = None) -> Any:
        opened.set()
        return open_page(viewer_id, target_id)

    preview._open_page = noticed  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
