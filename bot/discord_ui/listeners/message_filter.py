"""The message filter: messages are handled before discord.py makes objects of them.

Building a message with its author, and a task for each listener, costs several times as much as the decision. So the
decision is made on the raw event. An event in an unknown form is left to discord.py.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.answering.failures import Failures
from bot.discord_ui.answering.interceptor import Interceptor, Parse
from bot.discord_ui.listeners.incoming import LocatedMessage, from_event, read
from bot.discord_ui.listeners.messages import MessageListener
from bot.discord_ui.listeners.reposts import Reposts
from bot.discord_ui.posting.current import CurrentClient
from bot.usecases.replies.humans_first import HumansFirst
from bot.usecases.replies.notice_message import NoticeMessage

EVENT, _EDIT, _POST = "MESSAGE_CREATE", "MESSAGE_UPDATE", "THREAD_CREATE"
_HELD_FOR, _MOST_HELD = 5.0, 100
"""For how many seconds the first message of an unknown post is held, and of how many posts."""
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
        self._early: dict[int, Any] = {}

    def interceptors(self) -> Sequence[Interceptor]:
        """Return this filter as the only interceptor."""
        return (self,)

    def intercept(self, event: str, parse: Parse) -> Parse:
        """Decide on messages before they reach discord.py; other events are not touched."""
        wrap = {EVENT: self._instead_of, _EDIT: self._before, _POST: self._after}.get(event)
        return parse if wrap is None else wrap(parse)

    def _instead_of(self, parse: Parse) -> Parse:
        """Handle a message; leave it to discord.py only if its form is unknown."""

        def filtered(data: Any) -> None:
            if not self._handle(data):
                parse(data)

        return filtered

    def _after(self, parse: Parse) -> Parse:
        """Let discord.py learn of a thread, then handle its first message if that arrived before it."""

        def learned(data: Any) -> object:
            result = parse(data)
            with suppress(*_UNKNOWN_FORM):
                if (first := self._early.pop(int(data["id"]), None)) is not None:
                    self._handle(first)
            return result

        return learned

    def _handle(self, event: Any) -> bool:
        """Handle a message; False if its form is unknown."""
        try:
            said = self._read(event)
        except _UNKNOWN_FORM:
            return False
        except Exception as error:
            self._failures.note(error, f"event {EVENT}")
            return True
        if said is not None:
            self._listener.hear(said)
        return True

    def _hold(self, post_id: int, event: Any) -> None:
        """Hold the first message of a post that is not announced yet, because its title and forum are still unknown."""
        if len(self._early) < _MOST_HELD:
            self._early[post_id] = event
            asyncio.get_running_loop().call_later(_HELD_FOR, self._early.pop, post_id, None)

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
            if int(event["id"]) == channel_id:
                self._hold(channel_id, event)
            channel = client.get_partial_messageable(channel_id, guild_id=guild.id)
        return read(from_event(event), guild, channel, client.user.id, self._notice, self._humans)
