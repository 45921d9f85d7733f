"""Converts a message into the input of the decision, in the same way for all sources of messages."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import discord

from bot.discord_ui.places import calls, covering, is_solved, places_of, title_of
from bot.usecases.replies.humans_first import HumansFirst, Written
from bot.usecases.replies.judge_replies import ASKED, AUTOMOD
from bot.usecases.replies.notice_message import NoticeMessage
from bot.usecases.replies.read_message import IncomingMessage

WORDS = frozenset({discord.MessageType.default.value, discord.MessageType.reply.value})
"""Types of messages with a person's text. Others are Discord's notices, such as the name of a new thread."""


class LocatedMessage(NamedTuple):
    """A message that may get an answer. `message_id` is None if Discord's AutoMod blocked the message."""

    incoming: IncomingMessage
    guild: discord.Guild
    channel: Any
    message_id: int | None


class RawMessage(NamedTuple):
    """A message in a server, from an event of the gateway or from an object of discord.py."""

    message_id: int
    author_id: int
    by_person: bool
    """Whether a person wrote it: not a bot, a webhook or Discord itself."""

    text: str
    roles: Callable[[], Iterable[int]]
    """Only called if roles matter. @everyone is one of them, with the server's id."""

    replies_to: int | None = None
    """The id of the message that it replies to."""
    answers: int | None = None
    """The author of the message that it replies to, if any."""


def from_event(event: Any) -> RawMessage:
    """Read a message as sent by the gateway. An unknown form raises KeyError, TypeError and so on."""

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
    """Read a message from discord.py's object."""

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
    """The located message; None if messages in this channel get no answer. The cheap checks come first.

    If people come first here, the author is recorded; that does not need the text, which may not reach us.
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
    forced_rule = ASKED if asked else None
    incoming = IncomingMessage(
        guild_id=guild.id,
        channel_id=covering(channel),
        author_id=written.author_id,
        text=written.text,
        places=places,
        roles=roles,
        forced_rule=forced_rule,
        title=title,
        written_in=channel.id,
        solved=is_solved(channel),
        to_us=written.answers is not None and written.answers == bot_id,
    )
    return LocatedMessage(incoming, guild, channel, written.message_id)


def read_automod(execution: discord.AutoModAction, channel: Any, roles: frozenset[int]) -> LocatedMessage:
    """A message that Discord's AutoMod found for us. Its text only matters for distress, and is usually not visible."""
    guild = execution.guild
    incoming = IncomingMessage(
        guild_id=guild.id,
        channel_id=covering(channel),
        author_id=execution.user_id,
        text=execution.content,
        places=places_of(channel),
        roles=roles,
        forced_rule=AUTOMOD,
        written_in=channel.id,
        solved=is_solved(channel),
    )
    return LocatedMessage(incoming, guild, channel, execution.message_id)
