"""The gate for messages: most get no answer, and are let go of before discord.py makes objects of them.

To build a message with its author, and a task for each who listens, costs several times what deciding over it does. So
the decision is made over the event as it came; an event in a form that is not known here goes discord.py's own way.
"""

from collections.abc import Callable, MutableMapping
from typing import Any

import discord

from bot.discord_ui.answering.failures import Failures
from bot.discord_ui.listeners.heard import Said, from_event, read
from bot.discord_ui.listeners.messages import MessageListener
from bot.usecases.replies.notice_message import NoticeMessage

Parse = Callable[[Any], Any]
_EVENT = "MESSAGE_CREATE"
_IN_ANOTHER_FORM = (KeyError, TypeError, ValueError, AttributeError)
"""What reading an event ends in that looks otherwise than we know it."""


class MessageFilter:
    """Stands before discord.py's parser of messages, which takes what is not known here."""

    def __init__(self, notice: NoticeMessage, listener: MessageListener, failures: Failures) -> None:
        self._notice = notice
        self._listener = listener
        self._failures = failures

    def stand_before(self, parsers: MutableMapping[str, Parse], client: discord.Client) -> None:
        """Take the messages of a client from now on, if this discord.py has such a parser at all."""
        if (usual := parsers.get(_EVENT)) is None:
            return

        def parse(event: Any) -> None:
            try:
                said = self._read(event, client)
            except _IN_ANOTHER_FORM:
                usual(event)
            except Exception as error:
                self._failures.note(error, f"event {_EVENT}")
            else:
                if said is not None:
                    self._listener.hear(said)

        parsers[_EVENT] = parse

    def _read(self, event: Any, client: discord.Client) -> Said | None:
        guild_id = event.get("guild_id")
        if guild_id is None or client.user is None:
            return None
        guild = client.get_guild(int(guild_id))
        if guild is None:
            return None
        channel_id = int(event["channel_id"])
        channel: Any = guild.get_channel_or_thread(channel_id)
        if channel is None:
            channel = client.get_partial_messageable(channel_id, guild_id=guild.id)
        return read(from_event(event), guild, channel, client.user.id, self._notice)
