"""Answering in time: one answer to each interaction, even if the work ends close to the time limit."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bot.discord_ui.answering import responding
from bot.discord_ui.answering.responding import defer_if_slow
from tests.virtual_time import run_virtually


@pytest.mark.parametrize("ends_after", [0.0, 0.049, 0.06, 0.2])
def test_a_deferral_on_its_way_is_waited_for(monkeypatch: pytest.MonkeyPatch, ends_after: float) -> None:
    """Else both it and the answer go out, Discord takes one of them, and the person may see neither."""
    monkeypatch.setattr(responding, "PATIENCE", 0.05)
    sent: list[str] = []

    async def defer(**_: Any) -> None:
        sent.append("deferring")
        await asyncio.sleep(0.1)
        sent.append("deferred")

    response = SimpleNamespace(is_done=lambda: "deferred" in sent, defer=defer)
    interaction: Any = SimpleNamespace(response=response)

    async def work() -> None:
        async with defer_if_slow(interaction):
            await asyncio.sleep(ends_after)

    run_virtually(work())
    assert sent in ([], ["deferring", "deferred"])
    assert bool(sent) == (ends_after > 0.05)


def test_whoever_waits_long_sees_that_it_is_worked_on_while_discord_still_takes_an_answer() -> None:
    """Discord takes the first answer for three seconds, and the answer needs some of them for its way."""
    deferred: list[float] = []

    async def work() -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()

        async def defer(**_: Any) -> None:
            deferred.append(loop.time() - began)

        response = SimpleNamespace(is_done=lambda: bool(deferred), defer=defer)
        interaction: Any = SimpleNamespace(response=response)
        async with defer_if_slow(interaction):
            await asyncio.sleep(10)

    run_virtually(work())
    [at] = deferred
    assert 1 <= at <= 2
