"""discord.py's private parts: we notice changes in another version, and do not use changed parts."""

import asyncio
import time
from contextvars import copy_context
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord.webhook.async_ import async_context

from bot.discord_ui.answering.interceptor import Parse
from bot.discord_ui.connection import internals
from bot.discord_ui.connection.internals import Capability, Internals, verify, wrap

ALL = {
    Capability.EVENTS: ("discord.gateway.DiscordWebSocket.from_client", "parsers"),
    Capability.SHARDS: ("discord.shard.AutoShardedClient.launch_shards", "shard_ids"),
    Capability.LINE: ("discord.gateway.DiscordWebSocket.poll_event", "_max_heartbeat_timeout"),
    Capability.PAUSES: ("discord.shard.Shard._handle_disconnect", "_backoff"),
    Capability.ANSWERS: ("discord.interactions.InteractionResponse.send_message", "async_context"),
}


def test_the_installed_discord_py_is_the_one_we_know(caplog: pytest.LogCaptureFixture) -> None:
    assert verify() == {}, "discord.py changed: see bot/discord_ui/connection/internals.py"
    Internals.verified()
    assert caplog.records == []


@pytest.mark.parametrize("part", Capability)
def test_another_version_is_named_and_its_part_left_alone(
    part: Capability, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    function, name = ALL[part]

    def rewritten(self: Any) -> None:
        """What another version of discord.py may have in its place."""

    monkeypatch.setattr(function, rewritten)
    Internals.verified()
    [line] = map(vars, caplog.records)
    assert line["levelname"] == "WARNING" and line["version"] == discord.__version__
    assert f"{function} does not use {name}" in line["found"] and str(part) in line["therefore"]


def test_a_function_that_is_gone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("discord.gateway.KeepAliveHandler.run")
    assert (
        "discord.gateway.KeepAliveHandler.run does not use _last_recv" in verify()[Capability.LINE]
    )  # Thread has one, too
    monkeypatch.delattr("discord.shard.Shard._handle_disconnect")
    assert "discord.shard.Shard._handle_disconnect is gone" in verify()[Capability.PAUSES]


def test_what_another_version_changed_is_not_touched() -> None:
    """Each stand-in has no attributes at all: touching one would raise."""
    untouched, shard, client = Internals(Capability), discord.ShardInfo.__new__(discord.ShardInfo), SimpleNamespace()
    untouched.intercept(client, [])  # type: ignore[arg-type]
    assert not untouched.choose_shards(client, [0], 1)  # type: ignore[arg-type]
    untouched.choose_pauses(shard, SimpleNamespace(delay=lambda: 0.0))
    untouched.watch_line(shard)
    assert untouched.seconds_since_event([shard]) is None
    before = async_context.get()
    untouched.answer_without_reading()
    assert async_context.get() is before


def test_an_adapter_of_a_stage_is_left_alone() -> None:
    stage = SimpleNamespace()

    def stays() -> bool:
        async_context.set(stage)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] - any other adapter
        Internals().answer_without_reading()
        return async_context.get() is stage

    assert copy_context().run(stays)


def test_the_first_interceptor_sees_an_event_first() -> None:
    seen = list[str]()

    class Note:
        def __init__(self, name: str, only: str = "") -> None:
            self.name, self.only = name, only

        def intercept(self, event: str, parse: Parse) -> Parse:
            if self.only not in event:
                return parse

            def noted(data: Any) -> object:
                seen.append(self.name)
                return parse(data)

            return noted

    parsers: dict[str, Any] = {"A": seen.append, "B": seen.append}
    wrap(parsers, [Note("outer"), Note("inner", only="A")])
    for event, parse in parsers.items():
        parse(event)
    assert seen == ["outer", "inner", "A", "outer", "B"]


class Heard:
    """A keep-alive that hears all the time."""

    @property
    def _last_recv(self) -> float:
        return time.perf_counter()


class Line:
    """A connection as discord.py has it; only the check notices that it is dead."""

    open = True

    def __init__(self) -> None:
        self._max_heartbeat_timeout: float | None = 0.2
        self._keep_alive: Any = SimpleNamespace(_last_recv=time.perf_counter())
        self.closed = asyncio.Event()

    async def close(self, code: int) -> None:
        assert code == 4000, "so that the session can be resumed"
        self.open = False
        self.closed.set()


async def test_a_dead_line_is_noticed_by_the_look_alone_and_a_living_one_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(internals, "CHECK_EVERY", 0.02)
    dead, living, over = Line(), Line(), Line()
    living._keep_alive = Heard()
    for line in (dead, living, over):
        internals.watch(line)
    over.open = False
    await dead.closed.wait()
    assert not living.closed.is_set() and not over.closed.is_set()
