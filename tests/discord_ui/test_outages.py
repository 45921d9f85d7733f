"""Outages in a server: one announcement, edits, thread, role, subscribers, recovery; and looking them up."""

import re
from typing import Any

import discord
import pytest

from bot.core.outage_life import REOPENED_WITHIN, Phase
from bot.core.support import SupportDraft
from bot.discord_ui.render.support import report_text
from tests.discord_ui.conftest import SERVICE, Crowd, Stage, labels_of, nothing_due, text_of
from tests.resources import resources
from tests.usecases.outages.outage_world import CrashError


async def announce_in(stage: Stage, channel: Any, **more: Any) -> None:
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, {"outage_channel": str(channel.id), **more})


def ours(stage: Stage, channel: Any) -> list[discord.Message]:
    """What the bot wrote there itself; that a thread was made is told by Discord."""
    return [m for m in channel.history() if m.author.id == stage.env.bot.user.id and m.components]


async def test_one_message_an_outage_edited_from_onset_to_recovery(stage: Stage, crowd: Crowd, news: Any) -> None:
    await announce_in(stage, news)
    assert await crowd.until(Phase.ON, 6) <= 4
    [message] = ours(stage, news)
    assert "Character.AI: it's not just you" in text_of(message)
    assert "people** reported trouble in the last 15 minutes" in text_of(message)
    assert labels_of(message) == ["I have this too", "What helps?", "Tell me when it's back"]
    first = text_of(message)
    for _ in range(5):
        await crowd.minute(6)
    [message] = ours(stage, news)
    assert text_of(message) != first
    await crowd.until(Phase.RECOVERING, 0)
    await crowd.minute()
    [message] = ours(stage, news)
    assert "looks back to normal" in text_of(message) and "It lasted about" in text_of(message)
    await crowd.until(None, 0)
    await crowd.minute()
    await crowd.minute()
    [message] = ours(stage, news)
    assert "the outage is over" in text_of(message)
    for _ in range(REOPENED_WITHIN // 60):
        await crowd.minute()
    assert stage.app.base.posts.all() == [], "it cannot be reopened any longer"


async def test_thread_for_the_talk_closed_with_a_summary(stage: Stage, crowd: Crowd, news: Any) -> None:
    await stage.turn_replies_on()
    await announce_in(stage, news)
    await crowd.until(Phase.ON, 6)
    [message] = ours(stage, news)
    [thread] = news.threads
    assert thread.id == message.id
    await stage.ann.send(stage.channel, "is cai down for anyone else?")
    [reply] = stage.replies()
    assert f"Talk about it in <#{thread.id}>" in text_of(reply)
    await crowd.until(None, 0)
    await crowd.minute()
    [summary] = ours(stage, thread)
    assert "I'm closing this thread" in text_of(summary) and "It lasted about" in text_of(summary)
    closed = [r.json for r in stage.env.http_requests if r.method == "PATCH" and r.path == f"/channels/{thread.id}"]
    assert closed == [{"archived": True}]


@pytest.mark.parametrize("silent", [True, False])
async def test_summaries_and_reminders_notify_nobody_where_that_is_wanted(
    stage: Stage, crowd: Crowd, news: Any, *, silent: bool
) -> None:
    role = stage.guild.create_role("Outages", mentionable=True)
    await announce_in(stage, news, outage_silent=silent, outage_end=True, outage_reminder=1, outage_role=str(role.id))
    await crowd.until(Phase.ON, 6)
    for _ in range(70):
        await crowd.minute(6)
    await crowd.until(None, 0)
    await crowd.minute()
    sent = [r.json for r in stage.env.http_requests if r.method == "POST" and r.path.endswith("/messages") and r.json]
    suppressed = {_what(str(r["components"])): bool(r["flags"] & 1 << 12) for r in sent}
    assert suppressed == {"announcement": False, "reminder": silent, "summary": silent, "end": True}


def _what(text: str) -> str:
    """What a message is for, by its words."""
    marks = {"still has trouble": "reminder", "I'm closing": "summary", "looks back to normal. It lasted": "end"}
    return next((what for mark, what in marks.items() if mark in text), "announcement")


async def test_no_thread_where_it_is_not_wanted(stage: Stage, crowd: Crowd, news: Any) -> None:
    await announce_in(stage, news, outage_thread=False)
    await crowd.until(Phase.ON, 6)
    assert news.threads == []


async def test_a_role_is_called_once_and_nobody_else(stage: Stage, crowd: Crowd, news: Any) -> None:
    role = stage.guild.create_role("Outages", mentionable=True)
    await announce_in(stage, news, outage_role=str(role.id), outage_possible=True)
    await crowd.until(Phase.ON, 6)
    for _ in range(3):
        await crowd.minute(6)
    sent = [r.json for r in stage.env.http_requests if r.method == "POST" and r.path.endswith("/messages") and r.json]
    calls = [r for r in sent if r["allowed_mentions"].get("roles")]
    assert [r["allowed_mentions"]["roles"] for r in calls] == [[role.id]]
    assert f"<@&{role.id}>" in str(calls[0]["components"]), "allowed, and named: else nobody is called"
    assert all(r["allowed_mentions"].get("parse") == [] for r in sent)


async def test_a_role_that_was_deleted_is_not_called(stage: Stage, crowd: Crowd, news: Any) -> None:
    await announce_in(stage, news, outage_role="123456789", outage_possible=True)
    await crowd.until(Phase.ON, 6)
    for _ in range(3):
        await crowd.minute(6)
    assert ours(stage, news) and "123456789" not in str([r.json for r in stage.env.http_requests if r.json])


async def test_nothing_is_announced_where_no_channel_is_named(stage: Stage, crowd: Crowd, news: Any) -> None:
    await crowd.until(Phase.ON, 6)
    assert ours(stage, news) == [] and stage.replies() == []
    await announce_in(stage, news)  # a moderator asks for it while it is on
    await crowd.minute(6)
    assert len(ours(stage, news)) == 1


async def test_suspicions_only_where_they_are_wanted(stage: Stage, crowd: Crowd, news: Any) -> None:
    await announce_in(stage, news, outage_possible=True)
    eager = stage.guild.create_text_channel("eager")
    for minute in range(40):
        await crowd.minute(int(minute % 3 == 0))
        if ours(stage, news):
            break
    current = stage.app.base.outages.current(SERVICE)
    assert current is not None and current.phase is Phase.SUSPECTED
    [message] = ours(stage, news)
    assert "some people report trouble" in text_of(message)
    assert ours(stage, eager) == []
    await crowd.until(None, 0)
    await crowd.minute()
    await crowd.minute()
    [message] = ours(stage, news)
    assert "no outage after all" in text_of(message)


async def test_tell_me_when_its_back_calls_everybody_once(stage: Stage, crowd: Crowd, news: Any) -> None:
    await announce_in(stage, news)
    await crowd.until(Phase.ON, 6)
    [message] = ours(stage, news)
    answer = await stage.ann.click(message, label="Tell me when it's back")
    assert "I'll ping you here once" in text_of(answer.response)
    asked = await stage.bob.slash(stage.channel, "500")
    await stage.bob.click(asked.response, label="Tell me when it's back")
    by_message = await stage.mod.click(message, label="Tell me when it's back")
    await stage.mod.click(by_message.response, label="Send me a message instead")
    await crowd.until(Phase.RECOVERING, 0)
    for _ in range(3):
        await crowd.minute()
    [thread] = news.threads
    [called] = ours(stage, thread)
    assert f"<@{stage.ann.id}>" in text_of(called) and "looks back to normal" in text_of(called)
    here = [m for m in stage.replies() if f"<@{stage.bob.id}>" in text_of(m)]
    assert len(here) == 1
    assert await stage.app.base.stores.subscribers.of(stage.ann.id) == []
    assert await stage.app.base.stores.subscribers.of(stage.mod.id) == []
    sent = [r.json for r in stage.env.http_requests if r.method == "POST" and r.path.endswith("/messages") and r.json]
    users = sorted(tuple(r["allowed_mentions"].get("users", [])) for r in sent if r["allowed_mentions"].get("users"))
    assert users == sorted([(stage.ann.id,), (stage.bob.id,), (stage.mod.id,)])


@pytest.mark.parametrize(("status", "code"), [(403, 50007), (400, 50278)])
async def test_a_direct_message_that_discord_refuses_is_given_up_at_once(
    stage: Stage, crowd: Crowd, status: int, code: int
) -> None:
    await crowd.until(Phase.ON, 6)
    asked = await stage.ann.slash(stage.channel, "500")
    answer = await stage.ann.click(asked.response, label="Tell me when it's back")
    await stage.ann.click(answer.response, label="Send me a message instead")
    stage.env.inject_error("POST", "/channels/*/messages", status=status, code=code, times=None)
    await crowd.until(Phase.RECOVERING, 0)
    for _ in range(3):
        await crowd.minute()
    tries = [r for r in stage.env.http_requests if r.method == "POST" and r.path.endswith("/messages")]
    assert len(tries) == 1 and stage.app.base.posts.calls(stage.ann.id) == []
    assert await stage.app.base.stores.posts.all() == [], "the person's id is not kept either"
    assert stage.app.base.posts.all() == []


@pytest.mark.parametrize("where", ["/users/@me/channels", "/channels/*/messages"])
@pytest.mark.parametrize(
    ("status", "code"), [(403, 40003), (403, 20026), (403, 40333), (403, 0), (404, 0), (429, 20028)]
)
async def test_a_direct_message_that_discord_may_take_later_is_sent_then(
    stage: Stage, crowd: Crowd, status: int, code: int, where: str
) -> None:
    await crowd.until(Phase.ON, 6)
    asked = await stage.ann.slash(stage.channel, "500")
    answer = await stage.ann.click(asked.response, label="Tell me when it's back")
    await stage.ann.click(answer.response, label="Send me a message instead")
    stage.env.inject_error("POST", where, status=status, code=code, times=2)
    await crowd.until(Phase.RECOVERING, 0)
    for _ in range(15):
        await crowd.minute()
    assert stage.app.base.posts.all() == [], "it was sent, and nothing waits"
    sent = [r for r in stage.env.http_requests if r.method == "POST" and r.path.endswith("/messages")]
    assert len(sent) == (3 if "messages" in where else 1)


@pytest.mark.parametrize(("status", "code"), [(400, 160004), (400, 160006), (403, 50013)])
async def test_a_thread_that_is_there_or_refused_is_asked_for_once_and_the_announcement_goes_on(
    stage: Stage, crowd: Crowd, news: Any, status: int, code: int
) -> None:
    await announce_in(stage, news)
    stage.env.inject_error("POST", "/channels/*/messages/*/threads", status=status, code=code, times=None)
    await crowd.until(Phase.ON, 6)
    for _ in range(3):
        await crowd.minute(6)
    assert len([r for r in stage.env.http_requests if r.path.endswith("/threads")]) == 1
    [post] = stage.app.base.posts.all()
    assert post.thread_id == (post.message_id if code == 160004 else None)
    await crowd.until(Phase.RECOVERING, 0)
    await crowd.minute()
    [message] = ours(stage, news)
    assert "looks back to normal" in text_of(message)


async def test_nobody_is_promised_a_call_that_cannot_come(stage: Stage, crowd: Crowd, news: Any) -> None:
    await announce_in(stage, news)
    await crowd.until(Phase.ON, 6)
    asked = await stage.ann.slash(stage.channel, "500")  # a card from before the recovery
    await crowd.until(Phase.RECOVERING, 0)
    again = await stage.ann.slash(stage.channel, "500")
    assert labels_of(again.response)[0] == "Still broken for me" and "Tell me when it's back" not in labels_of(
        again.response
    )
    answer = await stage.ann.click(asked.response, label="Tell me when it's back")
    assert "has looked back to normal since about" in text_of(answer.response)
    assert await stage.app.base.stores.subscribers.of(stage.ann.id) == []


async def test_whoever_takes_it_back_is_not_called_though_the_call_was_on_its_way(
    stage: Stage, crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd.until(Phase.ON, 6)
    for person in (stage.ann, stage.bob):
        asked = await person.slash(stage.channel, "500")
        await person.click(asked.response, label="Tell me when it's back")
    monkeypatch.setattr(stage.app.outages.announce, "_find_due", nothing_due)  # Discord takes nothing for a while
    await crowd.until(Phase.RECOVERING, 0)
    await stage.app.upkeep.privacy.delete(stage.ann.id)
    monkeypatch.undo()
    await crowd.minute()
    [called] = [m for m in stage.replies() if "looks back to normal. It lasted" in text_of(m)]
    assert f"<@{stage.bob.id}>" in text_of(called) and f"<@{stage.ann.id}>" not in text_of(called)


async def test_back_lists_what_one_waits_for_and_stops_it(stage: Stage) -> None:
    nothing = await stage.ann.slash(stage.channel, "back")
    assert "not waiting" in text_of(nothing.response)
    asked = await stage.ann.slash(stage.channel, "500")
    more = await stage.ann.click(asked.response, label="More help")
    answer = await stage.ann.click(more.response, label="Tell me when it's back")
    assert "I see no outage of Character.AI yet" in text_of(answer.response)
    waits = await stage.ann.slash(stage.channel, "back")
    assert "Character.AI" in text_of(waits.response)
    stopped = await stage.ann.click(waits.response, label="Don't ping me")
    assert "I won't ping you" in text_of(stopped.response)
    assert await stage.app.base.stores.subscribers.of(stage.ann.id) == []


async def test_the_verdict_follows_the_outage(stage: Stage, crowd: Crowd) -> None:
    await crowd.until(Phase.ON, 6)
    answer = await stage.ann.slash(stage.channel, "500")
    assert "It's not just you" in text_of(answer.response) and "It began about" in text_of(answer.response)
    await crowd.until(Phase.RECOVERING, 0)
    answer = await stage.ann.slash(stage.channel, "status")
    text = text_of(answer.response)
    assert "Looks back to normal" in text and "lasted about" in text
    assert "no new reports since about" in text and "in the last 15 minutes" not in text


async def test_outages_are_looked_up_later(stage: Stage, crowd: Crowd) -> None:
    await stage.app.status.check.look(stage.app.base.services.get(SERVICE))
    none = await stage.ann.slash(stage.channel, "outages")
    assert "None that we noticed" in text_of(none.response)
    await crowd.until(Phase.ON, 6)
    for _ in range(5):
        await crowd.minute(6)
    await crowd.until(None, 0)
    listed = await stage.ann.slash(stage.channel, "outages")
    assert "minutes; peak: " in text_of(listed.response)
    [outage] = stage.app.base.outages.recent(SERVICE)
    page = await stage.ann.select(listed.response, [str(outage.id)])
    text = text_of(page.response)
    assert f"outage #{outage.id}" in text and "Timeline" in text and "Confirmed" in text and "Back to normal" in text
    assert "36 × Messages will not send or arrive" in text and "The official page says nothing about it" in text


async def test_a_simulation_goes_the_same_way_is_marked_and_counts_for_nothing(stage: Stage, news: Any) -> None:
    role = stage.guild.create_role("Outages")
    await announce_in(stage, news, outage_role=str(role.id))
    panel = await stage.mod.slash(stage.channel, "setup")
    page = await stage.turn(panel.response, "Outages")
    begun = await stage.simulate(page.response, news)
    assert "about three minutes" in text_of(begun.response)
    again = await stage.simulate(page.response, news)
    assert "running here already" in text_of(again.response)
    seen = list[str]()
    for _ in range(80):
        await stage.env.advance_time(5)
        await stage.app.outages.simulate.tick()
        await stage.app.outages.announce.round()
        await stage.env.settle()
        texts = [text_of(m) for m in ours(stage, news)]
        assert len(texts) <= 1
        seen += [one for one in texts if one not in seen]
    assert all("Simulation by a moderator: nothing is wrong" in one for one in seen)
    assert "it's not just you" in seen[0] and "the outage is over" in seen[-1]
    assert stage.app.base.outages.recent(SERVICE) == [] and stage.people() == 0
    verdict = await stage.ann.slash(stage.channel, "500")
    assert "We can't tell yet" in text_of(verdict.response)
    mentions = [r.json["allowed_mentions"] for r in stage.env.http_requests if r.json and "allowed_mentions" in r.json]
    assert not any(m.get("roles") for m in mentions)


async def test_a_simulation_that_begins_now_says_so(stage: Stage, news: Any) -> None:
    await announce_in(stage, news)
    panel = await stage.mod.slash(stage.channel, "setup")
    page = await stage.turn(panel.response, "Outages")
    begun = stage.env.now().timestamp()
    await stage.simulate(page.response, news)
    for _ in range(80):
        await stage.env.advance_time(5)
        await stage.app.outages.simulate.tick()
        await stage.app.outages.announce.round()
        await stage.env.settle()
        now = stage.env.now().timestamp()
        for message in ours(stage, news):
            times = [int(at) for at in re.findall(r"<t:(\d+):", text_of(message))]
            assert all(begun - 5 <= at <= now for at in times), text_of(message)
    assert "the outage is over" in text_of(ours(stage, news)[0])


async def test_moderators_set_it_up_in_setup(stage: Stage) -> None:
    panel = await stage.mod.slash(stage.channel, "setup")
    page = await stage.turn(panel.response, "Outages")
    assert "none, so outages are not announced" in text_of(page.response)
    await stage.switch(page, "outage_possible")
    await stage.switch(page, "outage_thread")
    settings = stage.app.setup.configure.export(stage.guild.id)
    assert (settings["outage_possible"], settings["outage_thread"]) == (True, False)


async def test_a_channel_that_is_gone_is_given_up_and_another_one_is_told(
    stage: Stage, crowd: Crowd, news: Any
) -> None:
    await stage.app.setup.configure.change(stage.guild.id, stage.mod.id, {"outage_channel": "12345"})
    await crowd.until(Phase.ON, 6)
    await crowd.minute(6)
    tries = [r for r in stage.env.http_requests if "/channels/12345/messages" in r.path]
    assert len(tries) == 1
    await announce_in(stage, news)
    await crowd.minute(6)
    assert len(ours(stage, news)) == 1


async def test_a_message_that_arrived_before_a_crash_is_found_and_not_sent_again(
    stage: Stage, crowd: Crowd, news: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord forgets nonces after minutes (and this one never knows them): the mark in the buttons is left."""
    await announce_in(stage, news)
    store, update = stage.app.base.stores.posts, stage.app.base.stores.posts.update

    async def dies_before_writing_it_down(post_id: int, changed: dict[str, Any]) -> None:
        if "message_id" in changed:
            raise CrashError
        await update(post_id, changed)

    monkeypatch.setattr(type(store), "update", lambda _, *args: dies_before_writing_it_down(*args))
    with pytest.raises(CrashError):
        await crowd.until(Phase.ON, 6)
    monkeypatch.undo()
    assert len(ours(stage, news)) == 1
    stage.app.base.posts.add(await store.all())  # as a new process reads it
    await crowd.minute(6)
    assert len(ours(stage, news)) == 1
    assert [post.message_id for post in stage.app.base.posts.all()] == [ours(stage, news)[0].id]


async def test_status_shows_the_picture_of_the_day_with_its_words(stage: Stage, crowd: Crowd) -> None:
    await crowd.until(Phase.ON, 6)
    answer = await stage.ann.slash(stage.channel, "status")
    [gallery] = [c for c in _walk(answer.response.components) if c["type"] == 12]
    words = gallery["items"][0]["description"]
    assert words.startswith("Reports in the last 3 hours.") and "Most in 15 minutes:" in words
    assert "1 outage." in words and "Not watched for" in words


def _walk(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for c in components for one in (c, *_walk(c.get("components") or []))]


async def test_talk_of_trouble_counts_as_talk_and_never_as_people(stage: Stage) -> None:
    await stage.turn_replies_on()
    await stage.ann.send(stage.channel, "is cai down for anyone else?")
    await stage.bob.send(stage.channel, "good morning everyone")
    now = stage.env.now().timestamp()
    talk = stage.app.outages.watch._sources.talk[SERVICE]
    assert talk.people(now) == 1 and stage.people() == 0


async def test_privacy_tells_of_the_wish_to_be_called_and_deletes_it(stage: Stage) -> None:
    asked = await stage.ann.slash(stage.channel, "500")
    more = await stage.ann.click(asked.response, label="More help")
    await stage.ann.click(more.response, label="Tell me when it's back")
    shown = await stage.ann.slash(stage.channel, "privacy")
    assert "You're waiting for 1 service." in text_of(shown.response)
    await stage.ann.click(shown.response, label="Delete mine")
    await stage.ann.click(shown.response, label="Delete it")
    assert await stage.app.base.stores.subscribers.of(stage.ann.id) == []


async def test_the_text_for_support_names_the_outage(stage: Stage, crowd: Crowd) -> None:
    await crowd.until(Phase.ON, 6)
    outage = stage.app.base.outages.current(SERVICE)
    assert outage is not None
    answer = stage.app.base.answers.answer(stage.app.base.services.get(SERVICE))
    texts = resources().languages.texts("en")
    assert f"Outage #{outage.id}, seen since" in report_text(texts, answer, SupportDraft("It fails.", "", "", ()))
    await crowd.until(Phase.RECOVERING, 0)
    answer = stage.app.base.answers.answer(stage.app.base.services.get(SERVICE))
    text = report_text(texts, answer, SupportDraft("It failed."))
    assert f"Outage #{outage.id}, seen from" in text and "People" not in text
