"""Reads a message into what the decision about it needs, the same way however the message reached us."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import discord

from bot.discord_ui.places import calls, covering, is_solved, places_of, title_of
from bot.usecases.replies.humans_first import HumansFirst, Written
from bot.usecases.replies.judge_replies import ASKED, AUTOMOD
from bot.usecases.replies.notice_message import NoticeMessage
from bot.usecases.replies.read_message import Heard

WORDS = frozenset({discord.MessageType.default.value, discord.MessageType.reply.value})
"""Kinds of messages that hold what somebody wrote. Others are Discord's notices, such as the name of a new thread."""


class LocatedMessage(NamedTuple):
    """A message that may get an answer. `message_id` is None if Discord's AutoMod blocked the message."""

    heard: Heard
    guild: discord.Guild
    channel: Any
    message_id: int | None


class RawMessage(NamedTuple):
    """A message in a server, from an event of the gateway or from an object of discord.py."""

    message_id: int
    author_id: int
    by_person: bool
    """Words of a person: neither by a bot nor by a webhook, nor one of Discord's own notices."""

    text: str
    roles: Callable[[], Iterable[int]]
    """Asked for only where roles matter. @everyone is one of them, with the server's id."""

    replies_to: int | None = None
    """The message that it is a reply to."""
    answers: int | None = None
    """The author of the message that this one answers, if it answers one."""


def from_event(event: Any) -> RawMessage:
    """A message as the gateway sends it. Raises what reading an unknown form raises: KeyError, TypeError and so on."""

    def roles() -> Iterable[int]:
        return (int(event["guild_id"]), *map(int, event["member"]["roles"])) if "member" in event else ()

    author = event["author"]
    by_person = event["type"] in WORDS and not author.get("bot") and event.get("webhook_id") is None
    reference = event.get("message_reference") if event["type"] == discord.MessageType.reply.value else None
    replies_to = int(reference["message_id"]) if reference and "message_id" in reference else None
    answered = event.get("referenced_message")
    answers = int(answered["author"]["id"]) if answered else None
    return RawMessage(int(event["id"]), int(author["id"]), by_person, event["content"], roles, replies_to, answers)


def from_message(message: discord.Message) -> RawMessage:
    """A message as discord.py gives it."""

    def roles() -> Iterable[int]:
        return [role.id for role in getattr(message.author, "roles", ())]

    by_person = message.type.value in WORDS and not message.author.bot and message.webhook_id is None
    reference = message.reference if message.type is discord.MessageType.reply else None
    replies_to = reference.message_id if reference is not None else None
    answered = message.reference.resolved if message.reference is not None else None
    answers = answered.author.id if isinstance(answered, discord.Message) else None
    return RawMessage(message.id, message.author.id, by_person, message.content, roles, replies_to, answers)


def read(
    written: RawMessage,
    guild: discord.Guild,
    channel: Any,
    bot_id: int | None,
    notice: NoticeMessage,
    humans: HumansFirst,
) -> LocatedMessage | None:
    """What was said; None if nothing in this channel gets an answer. The cheap checks come first.

    Where people come first, it is noted who wrote; their words do not matter for that, and may not reach us.
    """
    if not written.by_person:
        return None
    if humans.matters(guild.id, channel.id):
        humans.wrote(Written(guild.id, channel.id, written.author_id, written.replies_to), written.roles)
    title = title_of(channel, written.message_id)
    if not written.text and not title:
        return None
    places = places_of(channel)
    asked = bot_id is not None and calls(written.text, bot_id, guild)
    if not asked and not notice.listens(guild.id, places):
        return None
    roles = frozenset(written.roles()) if notice.looks_at_roles(guild.id) else frozenset[int]()
    ear = ASKED if asked else None
    heard = Heard(
        guild_id=guild.id,
        channel_id=covering(channel),
        author_id=written.author_id,
        text=written.text,
        places=places,
        roles=roles,
        ear=ear,
        title=title,
        written_in=channel.id,
        solved=is_solved(channel),
        to_us=written.answers is not None and written.answers == bot_id,
    )
    return LocatedMessage(heard, guild, channel, written.message_id)


def read_automod(execution: discord.AutoModAction, channel: Any, roles: frozenset[int]) -> LocatedMessage:
    """What Discord's AutoMod found for us. The words only matter if they show distress; mostly we do not see them."""
    guild = execution.guild
    heard = Heard(
        guild_id=guild.id,
        channel_id=covering(channel),
        author_id=execution.user_id,
        text=execution.content,
        places=places_of(channel),
        roles=roles,
        ear=AUTOMOD,
        written_in=channel.id,
        solved=is_solved(channel),
    )
    return LocatedMessage(heard, guild, channel, execution.message_id)
