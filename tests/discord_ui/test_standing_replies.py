"""Older auto-replies in a channel: the newest is live, the others show their time, and all show the end."""

import re
from typing import Any

import discord
import pytest

from bot.core.outage_life import Phase
from bot.discord_ui.posting.live_replies import LiveReplies
from bot.discord_ui.posting.standing_replies import StandingReplies
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.ports import PostedReply
from tests.discord_ui.conftest import SERVICE, Crowd, Stage, labels_of, text_of

MENTION = "is cai down for anyone else?"
LIVE = "trouble with Character.AI."
FROZEN = re.compile(r"\d+ pe\w+ reported trouble with Character.AI at <t:\d+:t>")


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    """Discord allows more here."""
    for name in ("EDIT_EVERY", "EDIT_OLD_EVERY", "CHANNEL_EVERY", "FIRST_PAUSE", "LONGEST_PAUSE"):
        monkeypatch.setattr(f"bot.discord_ui.posting.live_replies.{name}", 0.05)


def reply_texts(stage: Stage) -> list[str]:
    return [text_of(reply) for reply in stage.replies()]


def edits(stage: Stage) -> list[Any]:
    return [r for r in stage.env.http_requests if r.method == "PATCH" and f"/{stage.channel.id}/messages/" in r.path]


async def ask(stage: Stage, crowd: Crowd, times: int, reports: int = 6) -> None:
    """So many mentions, each a minute after the other, while people report."""
    for number in range(times):
        await (stage.ann, stage.bob, stage.mod)[number % 3].send(stage.channel, MENTION)
        await crowd.minute(reports)


async def settled(stage: Stage) -> None:
    """Nothing is left to be edited."""
    live = stage.app.replies.live
    await live.refresh()
    await stage.until(lambda: not live._waiting and not live._under_way)


@pytest.fixture
async def asked(stage: Stage, crowd: Crowd) -> Crowd:
    """An outage with four replies in one channel."""
    await stage.turn_replies_on(cooldown=30, person_cooldown=30)
    await crowd.until(Phase.ON, 6)
    await ask(stage, crowd, 4)
    await settled(stage)
    return crowd


async def test_of_several_replies_one_is_live_and_each_other_says_when_it_was_true(stage: Stage, asked: Crowd) -> None:
    """They told seven different counts "in the last 15 minutes" at once."""
    assert len(reply_texts(stage)) == 4
    assert [LIVE in text for text in reply_texts(stage)] == [False] * 3 + [True]
    assert all(FROZEN.search(text) and "It's not just you" in text for text in reply_texts(stage)[:-1])
    assert not any(":R>" in text for text in reply_texts(stage)), "no age goes on beside them"
    before = reply_texts(stage)
    for _ in range(3):
        await asked.minute(20)
    await settled(stage)
    assert reply_texts(stage)[:-1] == before[:-1] and reply_texts(stage)[-1] != before[-1]
    people = stage.people()
    assert f"{people} people report trouble with Character.AI" in reply_texts(stage)[-1]


async def test_when_it_is_over_all_of_them_say_since_when(stage: Stage, asked: Crowd) -> None:
    await asked.until(Phase.RECOVERING, 0)
    await settled(stage)
    outage = stage.app.base.outages.current(SERVICE)
    assert outage is not None
    for text in reply_texts(stage):
        assert "Looks back to normal" in text and f"no new reports since about <t:{outage.ended}:t>" in text
        assert "lasted about" in text and "It's not just you" not in text and LIVE not in text
    assert labels_of(stage.replies()[0])[0] == "Still broken for me"
    await asked.until(None, 0)
    made = len(edits(stage))
    await settled(stage)
    assert len(edits(stage)) == made, "and nothing more is to be said"


async def test_when_it_fails_again_they_no_longer_say_that_it_is_back(stage: Stage, asked: Crowd) -> None:
    await asked.until(Phase.RECOVERING, 0)
    await settled(stage)
    await asked.until(Phase.ON, 8)
    await settled(stage)
    assert not any("back to normal" in text for text in reply_texts(stage))
    assert [LIVE in text for text in reply_texts(stage)] == [False] * 3 + [True]


async def test_a_live_reply_is_frozen_after_an_hour(stage: Stage) -> None:
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, MENTION)
    await stage.env.advance_time(3601)
    await settled(stage)
    now = int(stage.env.now().timestamp())
    assert f"(as of <t:{now}:t>)" in reply_texts(stage)[0]
    await stage.env.advance_time(3600)
    await settled(stage)
    assert len(edits(stage)) == 1


async def test_a_failed_edit_is_tried_again_until_it_is_made(stage: Stage, asked: Crowd) -> None:
    for status, code in ((503, 0), (429, 0), (429, 30046)):
        stage.env.inject_error("PATCH", "/channels/*/messages/*", status=status, code=code, times=2)
    await asked.until(Phase.RECOVERING, 0)
    await settled(stage)
    assert all("Looks back to normal" in text for text in reply_texts(stage))


async def test_an_edit_that_is_refused_for_good_is_given_up(stage: Stage, asked: Crowd) -> None:
    stage.env.inject_error("PATCH", "/channels/*/messages/*", status=404, code=10008, times=None)
    made = len(edits(stage))
    await asked.until(Phase.RECOVERING, 0)
    for _ in range(3):
        await settled(stage)
    assert len(edits(stage)) == made + 4


async def test_in_a_channel_that_is_closed_nothing_is_tried_and_all_is_made_up_for_when_it_opens(
    stage: Stage, asked: Crowd
) -> None:
    stage.env.inject_error("PATCH", "/channels/*/messages/*", status=403, code=50001)
    made = len(edits(stage))
    await asked.until(Phase.RECOVERING, 0)
    for _ in range(3):
        await settled(stage)
    assert len(edits(stage)) == made + 1
    stage.app.replies.channels.closed.try_again([stage.channel.id])
    await settled(stage)
    assert all("Looks back to normal" in text for text in reply_texts(stage))


async def test_a_reply_about_a_service_that_is_gone_keeps_no_other_from_being_edited(
    stage: Stage, asked: Crowd
) -> None:
    cache, newest = stage.app.replies.cache, stage.replies()[-1].id
    cache._keep(PostedReply(newest + 1, stage.channel.id, stage.guild.id, "gone", int(stage.env.now().timestamp())))
    await asked.until(Phase.RECOVERING, 0)
    stage.app.replies.live.touch(newest + 1)
    await settled(stage)
    assert all("Looks back to normal" in text for text in reply_texts(stage))


def restarted(stage: Stage) -> LiveReplies:
    """The replies as a new process reads them: it knows what was sent, and not what is shown."""
    app, base = stage.app, stage.app.base
    cache = ReplyCache(base.stores.replies, base.clock)
    standing = StandingReplies(cache, base.services, base.answers, base.outages, base.clock)
    made = LiveReplies(
        base.discord, cache, standing, base.localizer, app.replies.channels.closed, base.failures, base.clock
    )
    object.__setattr__(app.replies, "live", made)
    object.__setattr__(app.replies, "cache", cache)
    return made


@pytest.mark.parametrize("phase", [Phase.RECOVERING, None])
async def test_after_a_restart_they_are_still_brought_to_the_end(
    stage: Stage, asked: Crowd, phase: Phase | None
) -> None:
    """They went on claiming an outage that was over: 14 people, 25 minutes after the last report."""
    await asked.until(phase, 0)  # nobody edits them meanwhile
    assert any("It's not just you" in text for text in reply_texts(stage))
    live = restarted(stage)
    await stage.app.replies.cache.load()
    async with live:
        await settled(stage)
    assert all("Looks back to normal" in text for text in reply_texts(stage))
    assert not any("It's not just you" in text or LIVE in text for text in reply_texts(stage))


async def test_after_a_restart_during_the_outage_only_the_newest_is_live(stage: Stage, asked: Crowd) -> None:
    live = restarted(stage)
    await stage.app.replies.cache.load()
    await asked.minute(20)
    async with live:
        await settled(stage)
    assert [LIVE in text for text in reply_texts(stage)] == [False] * 3 + [True]
    assert all(FROZEN.search(text) for text in reply_texts(stage)[:-1])


async def test_a_reply_that_cannot_be_kept_true_says_at_once_when_it_was(
    stage: Stage, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.discord_ui.posting.standing_replies.MOST_LIVE", 2)
    await stage.turn_replies_on(cooldown=30, person_cooldown=30)
    channels = [stage.channel, *(stage.guild.create_text_channel(f"more-{number}") for number in range(3))]
    await stage.app.setup.configure.change(
        stage.guild.id, stage.mod.id, {"channels": [str(channel.id) for channel in channels]}
    )
    await crowd.until(Phase.ON, 6)
    said = list[discord.Message]()
    for channel in channels:
        await stage.env.advance_time(31)
        await stage.ann.send(channel, MENTION)
        said.append(channel.history()[-1])
    await settled(stage)
    assert [LIVE in text_of(channel.history()[-1]) for channel in channels] == [True, True, False, False]
    assert [bool(FROZEN.search(text_of(one))) for one in said] == [False, False, True, True]
