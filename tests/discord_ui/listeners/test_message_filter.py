"""The message filter: messages that discord.py never sees, messages that are answered anyway, and odd events."""

from typing import Any

import discord
import pytest

from bot.usecases.replies.notice_message import NoticeMessage
from tests.discord_ui.conftest import SERVICE, Stage
from tests.discord_ui.listeners.events import message_event

MENTION = "is cai down for anyone else?"
EVENT = "MESSAGE_CREATE"


@pytest.fixture
async def left(stage: Stage) -> list[str]:
    """The texts of messages that were left to discord.py."""
    texts = list[str]()

    async def on_message(message: discord.Message) -> None:
        texts.append(message.content)

    stage.env.bot.add_listener(on_message)
    return texts


def _replies(channel: Any) -> int:
    return sum(message.author.bot and bool(message.components) for message in channel.history())


def _event(stage: Stage, **more: Any) -> dict[str, Any]:
    """A mention as Discord tells of it; None leaves a member out."""
    event = message_event(stage.guild.id, stage.channel.id, stage.ann.id, MENTION)
    return {name: value for name, value in (event | more).items() if value is not None}


async def _dispatch(stage: Stage, event: Any) -> None:
    stage.env.bot._connection.parsers[EVENT](event)
    await stage.env.settle()


async def _is_heard(stage: Stage) -> bool:
    """Whether the next mention is answered, an hour later."""
    await stage.env.advance_time(3600)
    before = _replies(stage.channel)
    await stage.bob.send(stage.channel, MENTION)
    return _replies(stage.channel) == before + 1


async def test_messages_never_become_one_for_discord_py_whether_answered_or_not(stage: Stage, left: list[str]) -> None:
    await stage.turn_replies_on()
    elsewhere = stage.guild.create_text_channel("elsewhere")
    robot = stage.guild.add_member(stage.env.create_user("robot", bot=True))
    await robot.send(stage.channel, MENTION)
    await stage.guild.create_webhook(stage.channel).send(MENTION)
    await stage.ann.send(elsewhere, MENTION)
    await _dispatch(stage, _event(stage, guild_id=None, member=None))
    await stage.bob.send(stage.channel, "good morning everyone")
    assert _replies(elsewhere) == 0 and stage.replies() == []
    await stage.ann.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1
    assert left == []


async def test_a_category_covers_its_channels_and_their_threads(stage: Stage) -> None:
    category = stage.guild.create_category("Help")
    inside = stage.guild.create_text_channel("inside", category=category)
    outside = stage.guild.create_text_channel("outside")
    await stage.app.setup.configure.change(
        stage.guild.id, stage.mod.id, {"channels": [str(category.id)], "cooldown": 30}
    )
    thread = await stage.env.bot.get_channel(inside.id).create_thread(
        name="trouble", type=discord.ChannelType.public_thread
    )
    [handle] = [t for t in inside.threads if t.id == thread.id]
    await stage.ann.send(handle, MENTION)
    assert _replies(handle) == 1
    await stage.bob.send(inside, MENTION)
    assert _replies(inside) == 0, "a thread's reply pauses its channel"
    await stage.mod.send(outside, MENTION)
    assert _replies(outside) == 0
    await stage.env.advance_time(31)
    await stage.bob.send(inside, MENTION)
    assert _replies(inside) == 1


async def test_a_channel_left_out_is_so_in_its_threads_though_the_category_is_on(stage: Stage) -> None:
    category = stage.guild.create_category("Help")
    inside = stage.guild.create_text_channel("inside", category=category)
    await stage.app.setup.configure.change(
        stage.guild.id, stage.mod.id, {"channels": [str(category.id)], "denied_channels": [str(inside.id)]}
    )
    thread = await stage.env.bot.get_channel(inside.id).create_thread(
        name="trouble", type=discord.ChannelType.public_thread
    )
    [handle] = [t for t in inside.threads if t.id == thread.id]
    await stage.ann.send(handle, MENTION)
    await stage.ann.send(inside, MENTION)
    assert _replies(handle) == _replies(inside) == 0


async def test_roles_decide_who_is_answered(stage: Stage) -> None:
    helped, muted = stage.guild.create_role("Helped"), stage.guild.create_role("Muted")
    cat = stage.guild.add_member(stage.env.create_user("cat"), roles=[helped])
    dog = stage.guild.add_member(stage.env.create_user("dog"), roles=[helped, muted])
    await stage.turn_replies_on(roles=[str(helped.id)], denied_roles=[str(muted.id)])
    await stage.ann.send(stage.channel, MENTION)
    await dog.send(stage.channel, MENTION)
    assert stage.replies() == []
    await cat.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1


async def test_everyone_is_a_role_that_everybody_has(stage: Stage) -> None:
    await stage.turn_replies_on(roles=[str(stage.guild.id)])
    await stage.ann.send(stage.channel, MENTION)
    assert len(stage.replies()) == 1


async def test_talk_that_is_not_sure_is_heard_and_not_answered(stage: Stage) -> None:
    await stage.turn_replies_on(sensitivity="careful")
    talk = stage.app.outages.watch._sources.talk[SERVICE]
    await stage.ann.send(stage.channel, "Is the website down now?")
    await stage.bob.send(stage.channel, "good morning everyone")
    assert stage.replies() == []
    assert talk.people(stage.env.now().timestamp()) == 1


async def test_an_event_without_a_member_or_in_a_channel_not_known_yet_is_heard(stage: Stage, left: list[str]) -> None:
    await stage.turn_replies_on()
    await _dispatch(stage, _event(stage, member=None))
    assert len(stage.replies()) == 1
    asked = f"<@{stage.env.bot.user.id}> is it just me?"
    await _dispatch(stage, _event(stage, channel_id="1234567890123456", content=asked))
    assert left == [] and not stage.app.base.failures.unexpected


@pytest.mark.parametrize(
    "odd",
    [
        None,
        [],
        {},
        {"author": {}},
        {"author": "ann"},
        {"content": ["is cai down?"]},
        {"guild_id": "here"},
        {"guild_id": "-1"},
        {"channel_id": None},
        {"channel_id": []},
        {"id": "first"},
        {"member": {"roles": "Mods"}},
        {"member": 3},
        {"author": {"id": str(2**70), "username": "ann", "discriminator": "0", "avatar": None}},
    ],
)
async def test_an_odd_event_ends_nothing(stage: Stage, odd: Any) -> None:
    await stage.turn_replies_on(roles=[str(stage.guild.id)])
    await _dispatch(stage, {**_event(stage), **odd} if odd else odd)
    stage.app.base.failures.unexpected.clear()
    assert await _is_heard(stage)


async def test_with_another_discord_py_inside_messages_go_its_own_way_and_are_answered(
    stage: Stage, left: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.turn_replies_on()
    monkeypatch.delattr("discord.Client.get_guild")
    said = await stage.ann.send(stage.channel, MENTION)
    assert MENTION in left
    replies = [m for m in stage.channel.history() if m.author.bot]
    assert [reply.reference.message_id for reply in replies] == [said.id]


async def test_a_failure_in_the_filter_is_logged_and_the_next_message_is_heard(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    await stage.turn_replies_on()
    for method in ("listens", "notice"):
        with monkeypatch.context() as patched:
            patched.setattr(NoticeMessage, method, broken)
            await stage.ann.send(stage.channel, MENTION)
        assert [failure.kind for failure in stage.app.base.failures.unexpected] == ["ZeroDivisionError"]
        stage.app.base.failures.unexpected.clear()
    assert stage.replies() == [] and await _is_heard(stage)
