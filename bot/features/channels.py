"""Channels where the bot may not write: it notices them, notifies moderators, and retries later."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.listeners.permissions import PermissionListener
from bot.discord_ui.posting.moderators import DiscordModerators
from bot.features.base import Base, Feature
from bot.jobs import Job
from bot.usecases.servers.closed_channels import ClosedChannels

TRY_AGAIN_EVERY = 3600.0


@dataclass(frozen=True, slots=True)
class ChannelAccess(Feature):
    """The channels where we may not write."""

    base: Base
    closed: ClosedChannels
    moderators: DiscordModerators

    def cogs(self) -> Sequence[FeatureCog]:
        """The listener for changed permissions."""
        return (PermissionListener(self.closed, self.base.guilds, self.moderators),)

    def jobs(self) -> Sequence[Job]:
        """Try closed channels again, because a permission can come back without an event."""
        return [Job("closed channels", self.closed.look_again, TRY_AGAIN_EVERY)]


async def build_channels(base: Base) -> ChannelAccess:
    """Load the closed channels. Raises StoreError."""
    moderators = DiscordModerators(base.discord, base.guilds, base.localizer)
    closed = ClosedChannels(base.stores.closed, base.clock, moderators)
    await closed.load()
    return ChannelAccess(base, closed, moderators)
