"""Upkeep: `/privacy`, servers that removed the bot, and deleting old data."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.commands.privacy import PrivacyCommands
from bot.discord_ui.listeners.servers import ServerListener
from bot.features.base import Base, Feature
from bot.features.channels import Channels
from bot.features.outages import Outages
from bot.features.replies import Replies
from bot.jobs import Job
from bot.usecases.upkeep.forget import Privacy
from bot.usecases.upkeep.forget_servers import Caches, ForgetServers
from bot.usecases.upkeep.retention import Retention

TIDY_EVERY = 3600.0


@dataclass(frozen=True, slots=True)
class Upkeep(Feature):
    """Deletes old data, the data of people who ask for it, and the data of servers that removed us."""

    base: Base
    replies: Replies
    caches: Caches
    privacy: Privacy
    servers: ForgetServers
    retention: Retention

    def cogs(self) -> Sequence[FeatureCog]:
        """The command, and the listener for servers that add or remove us."""
        privacy = PrivacyCommands(self.base.speech, self.privacy, self.replies.opt_outs)
        return privacy, ServerListener(self.base.discord, self.servers)

    def jobs(self) -> Sequence[Job]:
        """Delete old data once an hour."""
        return [Job("tidy", self.retention.tidy, lambda: TIDY_EVERY)]


async def build_upkeep(
    base: Base,
    channels: Channels,
    replies: Replies,
    outages: Outages,
    forgotten: Callable[[int], Awaitable[None]],
) -> Upkeep:
    """Build the feature. `forgotten` is called with the reporter whose data was deleted. Raises StoreError."""
    stores, clock = base.stores, base.clock
    caches = Caches(base.guilds, replies.rules, replies.cache, base.outages, base.posts, channels.closed)
    servers = ForgetServers(stores.servers, caches, clock)
    await servers.load()
    privacy = Privacy(
        stores.reports,
        stores.settings,
        replies.opt_outs,
        base.guilds,
        outages.waiting,
        base.board,
        base.talk,
        base.key,
        recent=base.recent,
        votes=stores.votes,
        forgotten=forgotten,
    )
    retention = Retention(
        log=stores.reports,
        hours=stores.hours,
        replies=stores.replies,
        votes=stores.votes,
        outages=stores.outages,
        webhooks=stores.webhooks,
        cache=base.outages,
        posts=base.posts,
        states=outages.states,
        waiting=outages.waiting,
        servers=servers,
        closed=channels.closed,
        checkpoint=stores.checkpoint,
        services=base.services,
        clock=clock,
        lead=base.process.lead,
    )
    return Upkeep(base, replies, caches, privacy, servers, retention)
