"""The message filter: messages are handled before discord.py makes objects of them.

Building a message with its author, and a task for each listener, costs several times as much as the decision. So the
decision is made on the raw event. An event in an unknown form is left to discord.py.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.failures import Failures
from bot.discord_ui.answering.interceptor import Interceptor, Parse
from bot.discord_ui.listeners.heard import LocatedMessage, from_event, read
from bot.discord_ui.listeners.messages import MessageListener
from bot.discord_ui.listeners.reposts import Reposts
from bot.discord_ui.posting.current import CurrentClient
from bot.usecases.replies.humans_first import HumansFirst
from bot.usecases.replies.notice_message import NoticeMessage

EVENT, _EDIT = "MESSAGE_CREATE", "MESSAGE_UPDATE"
_UNKNOWN_FORM = (KeyError, TypeError, ValueError, AttributeError)
"""The errors when an event has an unknown form."""


class MessageFilter(FeatureCog):
    """Handles messages in place of discord.py, except those in an unknown form."""

    def __init__(
        self,
        current: CurrentClient,
        notice: NoticeMessage,
        listener: MessageListener,
        failures: Failures,
        reposts: Reposts,
        humans: HumansFirst,
    ) -> None:
        self._current = current
        self._notice = notice
        self._listener = listener
        self._failures = failures
        self._reposts = reposts
        self._humans = humans

    def interceptors(self) -> Sequence[Interceptor]:
        """Return this filter as the only interceptor."""
        return (self,)

    def intercept(self, event: str, parse: Parse) -> Parse:
        """Decide on messages before they reach discord.py; other events are not touched."""
        if event == _EDIT:
            return self._before(parse)
        if event != EVENT:
            return parse

        def filtered(data: Any) -> None:
            try:
                said = self._read(data)
            except _UNKNOWN_FORM:
                parse(data)
            except Exception as error:
                self._failures.note(error, f"event {EVENT}")
            else:
                if said is not None:
                    self._listener.hear(said)

        return filtered

    def _before(self, parse: Parse) -> Parse:
        """Look at an edit, then pass it on to discord.py."""

        def noticed(data: Any) -> object:
            with suppress(*_UNKNOWN_FORM):
                self._listener.edited(int(data["id"]), data["content"])
            return parse(data)

        return noticed

    def _read(self, event: Any) -> LocatedMessage | None:
        client, guild_id = self._current.client, event.get("guild_id")
        if guild_id is None or client is None or client.user is None:
            return None
        guild = client.get_guild(int(guild_id))
        if guild is None:
            return None
        channel_id = int(event["channel_id"])
        if event.get("webhook_id") is not None:
            self._reposts.posted(channel_id, int(event["id"]), event["content"])
            return None
        channel: Any = guild.get_channel_or_thread(channel_id)
        if channel is None:
            channel = client.get_partial_messageable(channel_id, guild_id=guild.id)
        return read(from_event(event), guild, channel, client.user.id, self._notice, self._humans)
