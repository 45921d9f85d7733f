"""The gate for messages: most get no answer, and are let go of before discord.py makes objects of them.

To build a message with its author, and a task for each who listens, costs several times what deciding over it does. So
the decision is made over the event as it came; an event in a form that is not known here goes discord.py's own way.
"""

from collections.abc import Callable, MutableMapping
from typing import Any

import discord

from bot.discord_ui.answering.failures import Failures
from bot.discord_ui.listeners.messages import MessageListener, Said
from bot.discord_ui.places import calls, covering, places_of
from bot.usecases.replies.judge_replies import ASKED
from bot.usecases.replies.notice_message import Heard, NoticeMessage

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
        """What was said, if it may get an answer where it was said."""
        author, text, guild_id = event["author"], event["content"], event.get("guild_id")
        if author.get("bot") or event.get("webhook_id") is not None or guild_id is None or not text:
            return None
        guild, me = client.get_guild(int(guild_id)), client.user
        if guild is None or me is None:
            return None
        channel_id = int(event["channel_id"])
        channel: Any = guild.get_channel_or_thread(channel_id)
        if channel is None:
            channel = client.get_partial_messageable(channel_id, guild_id=guild.id)
        places, asked = places_of(channel), calls(text, me.id)
        if not asked and not self._notice.listens(guild.id, places):
            return None
        roles = frozenset[int]()
        if "member" in event and self._notice.looks_at_roles(guild.id):
            roles = frozenset((guild.id, *map(int, event["member"]["roles"])))  # @everyone has the server id
        heard = Heard(guild.id, covering(channel), int(author["id"]), text, places, roles, ASKED if asked else None)
        return Said(heard, guild, channel, int(event["id"]))
