"""The waiting time of an interaction is counted from its arrival until Discord has accepted the answer."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bot.discord_ui.connection.acknowledgements import GIVEN_UP_AFTER, Acknowledgements
from bot.discord_ui.connection.handover import INTERACTION
from bot.web.serving import serving


@dataclass
class Stage:
    now: float = 100.0
    parsed: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seen = Acknowledgements(lambda: self.now)
        self.parse = self.seen.intercept(INTERACTION, self.parsed.append)

    def ask(self, number: str, kind: Any = 3) -> None:
        self.parse({"id": number, "type": kind})

    async def answer(self, number: str, status: int = 204, path: str = "callback") -> None:
        answer: Any = SimpleNamespace(
            url=URL(f"https://discord.com/api/v10/interactions/{number}/token/{path}"),
            response=SimpleNamespace(status=status),
        )
        await self.seen._after(None, None, answer)

    def taken(self, kind: str) -> tuple[int, float]:
        durations = self.seen.taken[kind]
        return durations.within[-1][1], durations.total


async def test_the_time_until_the_answer_is_counted_by_kind() -> None:
    stage = Stage()
    for number, kind in (("1", 2), ("2", 3), ("3", 4), ("4", 5)):
        stage.ask(number, kind)
    stage.now += 0.25
    for number in ("1", "2", "3", "4"):
        await stage.answer(number)
    assert [stage.taken(kind) for kind in ("command", "press", "autocomplete", "form")] == [(1, 0.25)] * 4
    assert len(stage.parsed) == 4 and not any(stage.seen.unanswered.values())


async def test_what_discord_did_not_take_and_follow_ups_are_no_answers() -> None:
    stage = Stage()
    stage.ask("1")
    await stage.answer("1", status=404)
    await stage.answer("1", path="messages/@original")
    await stage.answer("9")
    assert stage.taken("press") == (0, 0)
    await stage.answer("1")
    await stage.answer("1")
    assert stage.taken("press") == (1, 0)


async def test_what_nobody_answered_is_counted_and_let_go() -> None:
    stage = Stage()
    stage.ask("1")
    stage.now += GIVEN_UP_AFTER + 1
    stage.ask("2", 2)
    assert stage.seen.unanswered == {"command": 0, "press": 1, "autocomplete": 0, "form": 0}
    await stage.answer("1")
    assert stage.taken("press") == (0, 0) and stage.seen._asked.keys() == {"2"}


@pytest.mark.parametrize("odd", [None, 5, [], {}, {"id": "1"}, {"id": "1", "type": []}, {"id": "1", "type": 99}])
def test_an_event_of_another_shape_is_passed_on(odd: Any) -> None:
    stage = Stage()
    stage.parse(odd)
    assert stage.parsed == [odd] and not stage.seen._asked


def test_other_events_are_not_looked_at() -> None:
    stage = Stage()
    assert stage.seen.intercept("MESSAGE_CREATE", stage.parse) is stage.parse


async def test_an_answer_is_seen_on_its_way_through_aiohttp() -> None:
    async def discord(_request: web.Request) -> web.Response:
        return web.Response(status=204)

    app, stage = web.Application(), Stage()
    app.router.add_post("/api/v10/interactions/7/some-token/callback", discord)
    stage.ask("7")
    stage.now += 1.5
    async with serving(app) as port:
        url = f"http://127.0.0.1:{port}/api/v10/interactions/7/some-token/callback"
        trace = stage.seen.trace(aiohttp.TraceConfig())
        async with aiohttp.ClientSession(trace_configs=[trace]) as session, session.post(url) as answer:
            assert answer.status == 204
    assert stage.taken("press") == (1, 1.5)
