"""DistressGuard for people in distress: the bot sends them no replies and notifies moderators once, if they want it.

No text is kept.
"""

from bot.core.cooldowns import Cooldowns
from bot.core.distress import Distress
from bot.core.privacy import ReporterKey
from bot.core.reports import HOUR
from bot.usecases.ports import Clock
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.servers.ports import Moderators

LEFT_ALONE_FOR = 6 * HOUR
"""Seconds for which a person in distress gets no auto-reply in a server. Moderators are notified once in this time."""


class DistressGuard:
    """Remembers people in distress, and the notifications about them, for some hours, in memory and as keyed hashes."""

    def __init__(
        self, distress: Distress, guilds: GuildCache, moderators: Moderators, key: ReporterKey, clock: Clock
    ) -> None:
        self._distress = distress
        self._guilds = guilds
        self._moderators = moderators
        self._key = key
        self._clock = clock
        self._alone = Cooldowns()
        self._notified = Cooldowns()

    def is_distress(self, *texts: str) -> bool:
        """Whether a person in distress may have written this."""
        return any(map(self._distress.matches, filter(None, texts)))

    def leave_alone(self, guild_id: int, user_id: int) -> None:
        """Remember that a person in distress wrote in this server."""
        self._alone.start((guild_id, self._key.reporter(user_id)), self._clock(), LEFT_ALONE_FOR)

    def is_left_alone(self, guild_id: int, user_id: int) -> bool:
        """Whether this person wrote in distress in this server in the last hours."""
        return not self._alone.ready((guild_id, self._key.reporter(user_id)), self._clock())

    async def notify_moderators(self, guild_id: int, channel_id: int, message_id: int | None, user_id: int) -> None:
        """Notify moderators, if they chose a channel for it, at most once per person in some hours. Never raises."""
        if self._guilds.get(guild_id).distress_channel is None:
            return
        person = guild_id, self._key.reporter(user_id)
        if self._notified.take(person, self._clock(), LEFT_ALONE_FOR) and not await self._moderators.notify_distress(
            guild_id, channel_id, message_id
        ):
            self._notified.release(person)
