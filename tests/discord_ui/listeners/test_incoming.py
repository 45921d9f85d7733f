"""A message is read the same way from the gateway's event and from discord.py's object."""

from typing import Any

import discord
import pytest

from bot.discord_ui.listeners.incoming import LocatedMessage, from_event, from_message, read
from bot.usecases.replies.humans_first import Written
from bot.usecases.replies.notice_message import NoticeMessage
from tests.discord_ui.conftest import Stage
from tests.discord_ui.listeners.events import message_event

GUILD, ROLE, CATEGORY, CHANNEL, THREAD, ANN, BOT = range(900, 907)

EVENT = message_event(GUILD, CHANNEL, ANN, "is it down?", [ROLE])
AUTHOR = EVENT["author"]


def answer_to(author: int) -> dict[str, Any]:
    """What makes a message an answer to one by this author."""
    answered = {**EVENT, "id": "1399999999999999999", "author": {**AUTHOR, "id": str(author), "bot": author == BOT}}
    reference = {"type": 0, "message_id": answered["id"], "channel_id": str(CHANNEL), "guild_id": str(GUILD)}
    return {"type": 19, "message_reference": reference, "referenced_message": answered}


class Listens:
    """Auto-replies are on in the category; roles matter or not."""

    def __init__(self, *, roles: bool) -> None:
        self.roles = roles

    def listens(self, guild_id: int, places: frozenset[int]) -> bool:
        return guild_id == GUILD and CATEGORY in places

    def looks_at_roles(self, guild_id: int) -> bool:
        return guild_id == GUILD and self.roles


@pytest.fixture
def guild() -> discord.Guild:
    client = discord.Client(intents=discord.Intents.none())
    state = client._connection
    state.user = discord.ClientUser(state=state, data={**AUTHOR, "id": str(BOT)})  # type: ignore[typeddict-item]
    channel = {"id": str(CHANNEL), "type": 0, "name": "general", "position": 0, "parent_id": str(CATEGORY)}
    thread = {"id": str(THREAD), "type": 11, "name": "trouble", "parent_id": str(CHANNEL), "owner_id": str(ANN)}
    thread |= {"message_count": 0, "member_count": 0}
    thread |= {"thread_metadata": {"archived": False, "auto_archive_duration": 60, "locked": False}}
    thread["thread_metadata"] |= {"archive_timestamp": "2026-01-01T00:00:00+00:00"}
    roles = [{"id": str(one), "name": "x", "permissions": "0", "position": 0, "color": 0} for one in (GUILD, ROLE)]
    roles = [one | {"colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}} for one in roles]
    data: Any = {"id": str(GUILD), "name": "Cats", "channels": [channel], "threads": [thread], "roles": roles}
    state._add_guild_from_data(data)
    return client.get_guild(GUILD)  # type: ignore[return-value]


class Noted:
    """Notes who wrote."""

    def __init__(self) -> None:
        self.written = list[tuple[Written, set[int]]]()

    def matters(self, _guild_id: int, _channel_id: int) -> bool:
        return True

    def wrote(self, written: Written, roles: Any) -> None:
        self.written.append((written, set(roles())))


@pytest.mark.parametrize("roles_matter", [True, False])
@pytest.mark.parametrize(
    ("more", "is_read"),
    [
        ({}, True),
        ({"channel_id": str(THREAD)}, True),
        ({"content": f"<@{BOT}> is it down?"}, True),
        ({"content": f"<@!{BOT}>"}, True),
        ({"content": f"<@{ANN}>"}, True),
        ({"member": {**EVENT["member"], "roles": []}}, True),
        ({"content": ""}, False),
        ({"author": {**AUTHOR, "bot": True}}, False),
        ({"webhook_id": "77", "member": None}, False),
        ({"member": None}, True),
        (answer_to(BOT), True),
        (answer_to(ANN), True),
        ({**answer_to(ANN), "referenced_message": None}, True),
        ({"type": 19, "message_reference": {"type": 0, "channel_id": str(CHANNEL), "message_id": "77"}}, True),
    ],
)
def test_both_ways_read_the_same(guild: discord.Guild, more: Any, is_read: bool, roles_matter: bool) -> None:
    event = {name: value for name, value in (EVENT | more).items() if value is not None}
    notice: Any = Listens(roles=roles_matter)
    channel = guild.get_channel_or_thread(int(event["channel_id"]))
    message = discord.Message(state=guild._state, channel=channel, data=event)  # type: ignore[arg-type]
    seen: list[Any] = [Noted(), Noted()]
    by_event = read(from_event(event), guild, channel, BOT, notice, seen[0])
    by_object = read(from_message(message), guild, message.channel, BOT, notice, seen[1])
    assert seen[0].written == seen[1].written
    assert bool(seen[0].written) == (not more.keys() & {"author", "webhook_id"})
    assert by_event == by_object and (by_event is not None) == is_read
    if by_event is not None and roles_matter and "member" in event:
        assert GUILD in by_event.incoming.roles and (ROLE in by_event.incoming.roles) == bool(event["member"]["roles"])


@pytest.mark.parametrize(("author", "to_us"), [(BOT, True), (ANN, False)])
def test_an_answer_to_the_bot_is_told_from_one_to_somebody_else(guild: discord.Guild, author: int, to_us: bool) -> None:
    notice: Any = Listens(roles=False)
    humans: Any = Noted()
    said = read(from_event(EVENT | answer_to(author)), guild, guild.get_channel(CHANNEL), BOT, notice, humans)
    assert said is not None and said.incoming.to_us is to_us


async def test_people_are_answered_alike_whichever_way_it_came(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same messages through the whole bot, once by the filter and once left to discord.py."""
    said = list[LocatedMessage]()
    notice = NoticeMessage.notice
    monkeypatch.setattr(NoticeMessage, "notice", lambda self, message: (said.append(message), notice(self, message))[1])
    await stage.turn_replies_on(roles=[str(stage.guild.id)])
    texts = ["is cai down for anyone else?", f"<@{stage.env.bot.user.id}> hello", "good morning"]
    for text in texts:
        await stage.ann.send(stage.channel, text)
    monkeypatch.delattr("discord.Client.get_guild")
    for text in texts:
        await stage.ann.send(stage.channel, text)
    assert len(said) == 2 * len(texts) and said[: len(texts)] == said[len(texts) :]
