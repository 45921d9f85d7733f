"""The second stage as in production: a separate process that ends with the bot."""

import os
import signal
from pathlib import Path

import pytest

from tests.e2e.conftest import MENTION, Town
from tests.patience import PATIENCE

pytestmark = pytest.mark.asyncio(loop_scope="package")


def _workers(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found if b"bot.hearing.worker" in Path(f"/proc/{child}/cmdline").read_bytes()]


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def _heard_by_both(town: Town) -> int:
    """A mention was answered while the second stage was there; gives its process."""
    bot = await town.start(SECOND_STAGE="on")
    channel, said, _ = await town.asked()
    await town.world.until(lambda: "second stage ready" in bot.output(), PATIENCE, "the second stage", poll=0.05)
    [worker] = _workers(bot.process.pid)
    again = town.channel()
    await town.turn_on(again.guild, again)
    said = await town.user().say(again, MENTION)
    assert await town.world.next_message(again, after=said)
    assert "mention detection ready" in bot.output() and channel is not again
    return worker


@pytest.mark.parametrize("ends", [signal.SIGTERM, signal.SIGINT])
async def test_it_hears_with_the_bot_and_ends_with_it(bare_town: Town, ends: int) -> None:
    worker = await _heard_by_both(bare_town)
    await bare_town.stop(ends)
    assert not _lives(worker)


async def test_it_does_not_outlive_a_killed_bot(bare_town: Town) -> None:
    worker = await _heard_by_both(bare_town)
    bare_town.bot.process.kill()
    await bare_town.world.until(lambda: not _lives(worker), PATIENCE, "the worker to end", poll=0.05)


async def test_when_it_is_killed_the_bot_hears_on_alone(bare_town: Town) -> None:
    worker = await _heard_by_both(bare_town)
    bare_town.trouble_expected = True
    os.kill(worker, signal.SIGKILL)
    await bare_town.world.until(
        lambda: "using the mention detector alone" in bare_town.bot.output(), PATIENCE, "that it noticed", poll=0.05
    )
    channel = bare_town.channel()
    await bare_town.turn_on(channel.guild, channel)
    said = await bare_town.user().say(channel, MENTION)
    assert await bare_town.world.next_message(channel, after=said)
    await bare_town.stop()
