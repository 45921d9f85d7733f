"""Answering in time: one answer to an interaction, however close the work ends to the end of patience."""

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
