"""A small Discord server with our bot in it, on simcord; the sources are a fake port."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot.app import App, open_app
from bot.core.guild_settings import BY_NAME
from bot.core.outage_life import Phase
from bot.core.service import Source
from bot.core.shards import Shards
from bot.core.signals import Cause, Reading, Signal, State
from bot.demo.stage import WorldClock
from bot.discord_ui.setup.pages import TITLES
from bot.settings import Settings
from bot.usecases.ports import Sleep
from tests.patience import PATIENCE
from tests.resources import resources

SERVICE = "character-ai"
DAY_OF_MINUTES = 1440


@dataclass
class FakeSource:
    """Readings that a test chooses. `seen` maps a signal to state and cause."""

    clock: WorldClock
    seen: dict[Signal, tuple[State, Cause]] = field(default_factory=dict)
    looks: int = 0

    async def look(self, source: Source) -> Reading:
        self.looks += 1
        state, cause = self.seen.get(source.signal, (State.UP, Cause.ANSWERED))
        return Reading(source.signal, state, cause, self.clock(), source.link)


@dataclass
class Stage:
    """The simulated Discord, the bot, and the people of one server."""

    env: simcord.Env
    app: App
    source: FakeSource
    guild: Any
    channel: Any
    mod: Any
    ann: Any
    bob: Any

    async def turn_replies_on(self, **more: Any) -> None:
        await self.app.setup.configure.change(self.guild.id, self.mod.id, {"channels": [str(self.channel.id)], **more})

    async def turn(self, panel: Any, title: str, who: Any = None) -> Any:
        """Turn `/setup` to a page."""
        panel, who = _card(panel), who or self.mod
        while not ids_of(panel, "n1:setgo"):
            await self.overview(panel, who)
        page = next(name for name, (label, _) in TITLES.items() if label == title)
        return await who.select(panel, custom_id=ids_of(panel, "n1:setgo")[0], values=[page])

    async def overview(self, panel: Any, who: Any = None) -> Any:
        """Turn `/setup` to its first page, from another one or from the first step of the guide."""
        panel = _card(panel)
        return await (who or self.mod).click(panel, label="Skip" if "Skip" in labels_of(panel) else "Back")

    async def choose(self, panel: Any, name: str, values: list[Any]) -> Any:
        """Choose values for a setting, on its page of `/setup`."""
        return await self.mod.select(
            _card(panel), custom_id=await self._turn_to(panel, f"n1:set:{name}"), values=values
        )

    async def open(self, panel: Any, name: str) -> Any:
        """Open the form of a setting."""
        return await self.mod.click(_card(panel), custom_id=await self._turn_to(panel, f"n1:setform:{name}"))

    async def alerts(self, panel: Any, values: list[Any]) -> Any:
        """Choose the channel for AutoMod's alerts."""
        return await self.mod.select(panel, custom_id=ids_of(panel, "n1:setautomod")[0], values=values)

    async def switch(self, panel: Any, name: str) -> Any:
        """Switch a setting from on to off, or from off to on."""
        return await self.mod.click(_card(panel), custom_id=await self._turn_to(panel, f"n1:setswitch:{name}"))

    async def simulate(self, panel: Any, channel: Any, who: Any = None) -> Any:
        """Simulate an outage in a channel."""
        if not ids_of(_card(panel), "n1:setsimplay"):
            await self.press(panel, "Simulate an outage", who)
        menu = ids_of(_card(panel), "n1:setsimplay")[0]
        return await (who or self.mod).select(_card(panel), custom_id=menu, values=[channel])

    async def press(self, panel: Any, label: str, who: Any = None) -> Any:
        """Press a button of the page *More*."""
        panel, who = _card(panel), who or self.mod
        if label not in labels_of(panel):
            while "More" not in labels_of(panel):
                await self.overview(panel, who)
            await who.click(panel, label="More")
        return await who.click(panel, label=label)

    async def _turn_to(self, panel: Any, custom_id: str) -> str:
        panel = _card(panel)
        if not ids_of(panel, custom_id):
            page = BY_NAME[custom_id.split(":")[2]].page
            assert page is not None
            await self.turn(panel, TITLES[page][0])
        return ids_of(panel, custom_id)[0]

    def replies(self) -> list[discord.Message]:
        return [m for m in self.channel.history() if m.author.id == self.env.bot.user.id]

    def people(self) -> int:
        """People in the last 15 minutes, everywhere."""
        return self.app.base.board.tally("character-ai", self.env.now().timestamp(), None).everywhere.quarter

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that happens in the background, such as storing a reaction."""
        async with asyncio.timeout(PATIENCE):
            while not condition():  # noqa: ASYNC110 - simcord has no event for it
                await asyncio.sleep(0.02)

    def deferrals(self) -> int:
        """How often the bot answered "thinking…"."""
        return sum(1 for r in self.env.http_requests if "/callback" in r.path and (r.json or {}).get("type") == 5)


async def at_once(_seconds: float) -> None:
    """Replaces the wait before an auto-reply."""


async def nothing_due() -> list[Any]:
    """Replaces the announcer's search for due posts: nothing can be sent for a while."""
    return []


def make_settings(folder: Path, **more: Any) -> Settings:
    return Settings(
        database_url=f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        reporter_key="ab" * 32,
        **{"second_stage": "off", **more},
    )


@pytest.fixture
def clock() -> WorldClock:
    return WorldClock()


@pytest.fixture
def source(clock: WorldClock) -> FakeSource:
    return FakeSource(clock)


class PatientEnv(simcord.Env):
    """Gives the bot more than the five seconds that simcord allows for its work."""

    async def _settle_internal(self, *, timeout: float | None = None, **more: Any) -> None:  # noqa: ASYNC109 - simcord's
        await super()._settle_internal(timeout=PATIENCE if timeout is None else max(timeout, PATIENCE), **more)


@pytest.fixture
def message_content() -> bool:
    """Whether Discord granted the message content intent. A test module may override it."""
    return True


@pytest.fixture
def waits() -> Sleep:
    """How auto-replies wait for a person's answer. A test module may override it."""
    return at_once


@pytest.fixture
async def app(tmp_path: Path, source: FakeSource, clock: WorldClock, waits: Sleep) -> AsyncIterator[App]:
    async with open_app(
        make_settings(tmp_path), clock=clock, source=source, resources=resources(), jobs=False, wait=waits
    ) as opened:
        yield opened
        assert not opened.base.failures.unexpected, opened.base.failures.unexpected


@pytest.fixture
def simcord_bot(app: App, message_content: bool) -> discord.Client:
    return app.client(message_content=message_content, shards=Shards((0,), 1))


@pytest.fixture
async def simcord_env(simcord_bot: discord.Client) -> AsyncIterator[simcord.Env]:
    """Like simcord's own fixture, with more time."""
    env = PatientEnv(simcord_bot, settle_timeout=PATIENCE)
    await env.start()
    try:
        yield env
    finally:
        await env.shutdown()
    env._raise_errors_since(env._errors_acknowledged)


@pytest.fixture
async def stage(simcord_env: simcord.Env, app: App, source: FakeSource, clock: WorldClock) -> Stage:
    clock.world = simcord_env
    guild = simcord_env.create_guild("Cats")
    channel = guild.create_text_channel("general")
    role = guild.create_role("Mods", permissions=discord.Permissions(manage_guild=True))
    people = {n: simcord_env.create_user(n) for n in ("mod", "ann", "bob")}
    return Stage(
        simcord_env,
        app,
        source,
        guild,
        channel,
        mod=guild.add_member(people["mod"], roles=[role]),
        ann=guild.add_member(people["ann"]),
        bob=guild.add_member(people["bob"]),
    )


class Crowd:
    """People who report, and the minutes that pass."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.people = 1000
        self.servers = [stage.env.create_guild(f"Elsewhere {number}") for number in range(7)]

    async def minute(self, reports: int = 0) -> None:
        """Play a minute in which this many people in other servers report; then the watch and the announcer run."""
        service = self.stage.app.base.services.get(SERVICE)
        for _ in range(reports):
            self.people += 1
            await self.stage.app.reports.record.report(service, self.people, self.servers[self.people % 7].id, "chats")
        await self.stage.env.advance_time(60)
        await self.stage.app.outages.watch.tick()
        await self.stage.app.outages.simulate.tick()
        await self.stage.app.outages.announce.round()
        await self.stage.app.outages.announce.round()
        await self.stage.env.settle()

    async def learn(self, minutes: int = 2 * DAY_OF_MINUTES) -> None:
        """Play ordinary days before the story: one report every hour."""
        detector, now = self.stage.app.outages.states.detector(SERVICE), int(self.stage.env.now().timestamp()) // 60
        for minute in range(now - minutes, now):
            detector.update(minute, int(minute % 60 == 0), int(minute % 60 < 15))
        await self.minute()

    async def until(self, phase: Phase | None, reports: int, most: int = 120) -> int:
        """Play minutes until the outage is in this phase."""
        for minutes in range(1, most + 1):
            await self.minute(reports)
            current = self.stage.app.base.outages.current(SERVICE)
            if (current and current.phase) == phase:
                return minutes
        raise AssertionError(f"not {phase} within {most} minutes")


@pytest.fixture
async def crowd(stage: Stage) -> Crowd:
    made = Crowd(stage)
    await made.learn()
    return made


@pytest.fixture
def news(stage: Stage) -> Any:
    """The outage channel."""
    return stage.guild.create_text_channel("news")


def text_of(message: Any) -> str:
    """All text of a card, from the components that were sent."""
    found: list[str] = []

    def walk(components: list[dict[str, Any]]) -> None:
        for component in components:
            if component.get("content"):
                found.append(component["content"])
            walk(component.get("components") or [])

    if isinstance(message, discord.Message):
        walk([c.to_dict() for c in message.components])
    else:
        walk(message.components)
    return "\n".join(found)


def parts_of(message: Any) -> list[dict[str, Any]]:
    """All components of a card, in order, including accessories."""
    found: list[dict[str, Any]] = []

    def walk(components: list[dict[str, Any]]) -> None:
        for component in components:
            found.append(component)
            walk(component.get("components") or [])
            walk([component["accessory"]] if component.get("accessory") else [])

    walk([c.to_dict() for c in message.components] if isinstance(message, discord.Message) else message.components)
    return found


def labels_of(message: Any) -> list[str]:
    """The labels of all buttons of a card."""
    return [part.get("label", "") for part in parts_of(message) if part.get("type") == 2]


def _card(shown: Any) -> Any:
    """The card of an answer, or the card itself."""
    return getattr(shown, "response", shown)


def ids_of(message: Any, custom_id: str = "n1") -> list[str]:
    """The ids of a card's menus and buttons that begin with this."""
    ids = [str(part.get("custom_id")) for part in parts_of(message)]
    return [one for one in ids if f"{one}:".startswith(f"{custom_id}:")]


def preset(message: Any, name: str) -> list[str]:
    """The chosen values that a menu of `/setup` shows."""
    [menu] = [part for part in parts_of(message) if str(part.get("custom_id")).startswith(f"n1:set:{name}:")]
    options = [one["value"] for one in menu.get("options", ()) if one.get("default")]
    return options or [str(one["id"]) for one in menu.get("default_values", ())]


def menus_of(message: Any) -> list[dict[str, Any]]:
    """The menus of a card."""
    parts = [part if isinstance(part, dict) else part.to_dict() for part in message.components]
    found = list[dict[str, Any]]()
    while parts:
        part = parts.pop()
        found += [part] if part.get("type") == 3 else []
        parts += part.get("components") or []
    return found


def shown_kind(message: Any) -> str | None:
    """The choice that the menu *What do you see?* shows."""
    [menu] = [menu for menu in menus_of(message) if menu["placeholder"] == "What do you see?"]
    return next((option["value"] for option in menu["options"] if option.get("default")), None)


async def press_more(actor: Any, reply: discord.Message, label: str) -> Any:
    """Press a button that an auto-reply shows after *More*."""
    more = await actor.click(reply, label="More")
    assert more.ephemeral
    return await actor.click(more.response, label=label)
