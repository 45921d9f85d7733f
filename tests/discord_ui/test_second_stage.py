"""A second stage in a server: its result decides, people do not wait for it, and moderators see that it is in use."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App, open_app
from bot.demo.stage import WorldClock
from tests.discord_ui.conftest import FakeSource, Stage, make_settings, text_of
from tests.resources import resources
from tests.usecases.replies.test_read_message import NONE, FakeSecond

MENTION = "is cai down for anyone else?"


@pytest.fixture
def second() -> FakeSecond:
    made = FakeSecond()
    made.let.set()
    return made


@pytest.fixture
async def app(tmp_path: Path, source: FakeSource, clock: WorldClock, second: FakeSecond) -> AsyncIterator[App]:
    async with open_app(
        make_settings(tmp_path), clock=clock, source=source, second=second, resources=resources(), jobs=False
    ) as opened:
        yield opened
        assert not opened.base.failures.unexpected, opened.base.failures.unexpected


async def test_its_word_decides_about_a_reply(stage: Stage, second: FakeSecond) -> None:
    await stage.turn_replies_on()
    second.says = NONE
    await stage.ann.send(stage.channel, MENTION)
    assert stage.replies() == []
    second.says = 20.0
    said = await stage.bob.send(stage.channel, MENTION)
    [reply] = stage.replies()
    assert reply.reference is not None and reply.reference.message_id == said.id


async def test_when_it_gives_no_answer_the_first_stage_decides(stage: Stage, second: FakeSecond) -> None:
    await stage.turn_replies_on()
    second.says = None
    await stage.ann.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1
    await stage.bob.send(stage.channel, "good morning everyone")
    assert len(stage.replies()) == 1 and second.asked == [MENTION]


async def test_a_trial_asks_it_too(stage: Stage, second: FakeSecond) -> None:
    await stage.turn_replies_on()
    second.says = NONE
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    form = await stage.mod.click(panel, label="Try a message")
    await stage.mod.submit_modal(form, {"text": MENTION})
    assert second.asked == [MENTION]


async def test_setup_says_that_it_hears_and_when_it_does_not(stage: Stage, second: FakeSecond) -> None:
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    await stage.turn(panel, "What I can read")
    assert "A fast model decides; if it isn't sure, a more accurate one does." in text_of(panel)
    second.available = False
    panel = (await stage.mod.slash(stage.channel, "setup")).response
    await stage.turn(panel, "What I can read")
    assert "A fast model decides; my operator" in text_of(panel)
