"""A small Discord server with our bot in it, on simcord; the sources are a fake port."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import discord
import pytest
import simcord

from bot.app import App, open_app
from bot.core.service import Source
from bot.core.signals import Cause, Reading, Signal, State
from bot.settings import Settings


def now() -> float:
    """simcord's clock."""
    return discord.utils.utcnow().timestamp()


@dataclass
class FakeSource:
    """Looks that see what a test says. `seen` maps a signal to state and cause."""

    seen: dict[Signal, tuple[State, Cause]] = field(default_factory=dict)
    looks: int = 0

    async def look(self, source: Source) -> Reading:
        self.looks += 1
        state, cause = self.seen.get(source.signal, (State.UP, Cause.ANSWERED))
        return Reading(source.signal, state, cause, now(), source.link)


@dataclass
class Stage:
    """The world, the bot in it, and the people of one server."""

    env: simcord.Env
    app: App
    source: FakeSource
    guild: Any
    channel: Any
    mod: Any
    ann: Any
    bob: Any

    async def turn_replies_on(self, **more: Any) -> None:
        await self.app.configure.change(self.guild.id, self.mod.id, {"channels": [str(self.channel.id)], **more})

    def replies(self) -> list[discord.Message]:
        return [m for m in self.channel.history() if m.author.bot]


def make_settings(folder: Path, **more: Any) -> Settings:
    return Settings(
        _env_file=None,
        discord_token=None,
        database_url=f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        reporter_key="ab" * 32,
        **more,
    )


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def message_content() -> bool:
    """Whether Discord granted the message content intent; a test module may say no."""
    return True


@pytest.fixture
async def app(tmp_path: Path, source: FakeSource) -> AsyncIterator[App]:
    async with open_app(make_settings(tmp_path), clock=now, source=source, jobs=False) as opened:
        yield opened
        assert not opened.failures.unexpected, opened.failures.unexpected


@pytest.fixture
def simcord_bot(app: App, message_content: bool) -> discord.Client:
    return app.client(message_content=message_content, shard_count=1)


@pytest.fixture
async def stage(simcord_env: simcord.Env, app: App, source: FakeSource) -> Stage:
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


def text_of(message: Any) -> str:
    """All text of a card, from the components as they were sent."""
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


def labels_of(message: Any) -> list[str]:
    """The labels of all buttons of a card."""
    found: list[str] = []

    def walk(components: list[dict[str, Any]]) -> None:
        for component in components:
            if component.get("type") == 2:
                found.append(component.get("label", ""))
            walk(component.get("components") or [])

    walk([c.to_dict() for c in message.components] if isinstance(message, discord.Message) else message.components)
    return found
