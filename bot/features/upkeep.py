"""Upkeep: `/privacy`, servers that removed the bot, and how long things are kept."""

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
    """Deletes what is old, what people want gone, and what belongs to servers that are gone."""

    base: Base
    replies: Replies
    caches: Caches
    privacy: Privacy
    servers: ForgetServers
    retention: Retention

    def cogs(self) -> Sequence[FeatureCog]:
        """The command, and what hears of servers."""
        privacy = PrivacyCommands(self.base.speech, self.privacy, self.replies.opt_outs)
        return privacy, ServerListener(self.base.discord, self.servers)

    def jobs(self) -> Sequence[Job]:
        """Delete what is old, once an hour."""
        return [Job("tidy", self.retention.tidy, lambda: TIDY_EVERY)]


async def build_upkeep(
    base: Base,
    channels: Channels,
    replies: Replies,
    outages: Outages,
    forgotten: Callable[[int], Awaitable[None]],
) -> Upkeep:
    """Read which servers removed us. Raises StoreError. `forgotten` hears whose data was deleted."""
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
        forgotten=forgotten,
    )
    retention = Retention(
        log=stores.reports,
        hours=stores.hours,
        replies=stores.replies,
        outages=stores.outages,
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
