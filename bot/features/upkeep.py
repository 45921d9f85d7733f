"""Upkeep: `/privacy`, servers that removed the bot, and deleting old data."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot import __version__
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.commands.privacy import PrivacyCommands
from bot.discord_ui.listeners.servers import ServerListener
from bot.features.base import Base, Feature
from bot.features.channels import ChannelAccess
from bot.features.outages import Outages
from bot.features.replies import Replies
from bot.jobs import Job
from bot.usecases.upkeep.check_release import CheckRelease
from bot.usecases.upkeep.forget import Privacy
from bot.usecases.upkeep.forget_servers import Caches, ForgetServers
from bot.usecases.upkeep.retention import Retention
from bot.usecases.upkeep.weekly_summary import WeeklySummary

TIDY_EVERY = SUM_UP_EVERY = ASK_EVERY = 3600.0
"""Seconds. Whether to check for a release is decided this often; the check itself is made once per day."""


@dataclass(frozen=True, slots=True)
class Upkeep(Feature):
    """Deletes old data, and the data of people who request it and of servers that removed the bot.

    Sends the weekly cards.
    """

    base: Base
    replies: Replies
    caches: Caches
    privacy: Privacy
    servers: ForgetServers
    retention: Retention
    weekly: WeeklySummary
    release: CheckRelease | None
    """None if the operator turned off notifications about releases."""

    def cogs(self) -> Sequence[FeatureCog]:
        """The command, and the listener for servers that add or remove the bot."""
        privacy = PrivacyCommands(self.base.localizer, self.privacy, self.replies.opt_outs)
        return privacy, ServerListener(self.base.discord, self.servers)

    def jobs(self) -> Sequence[Job]:
        """Once per hour: delete old data, send the weekly cards that are due, and check for a release if due."""
        jobs = [
            Job("tidy", self.retention.tidy, TIDY_EVERY),
            Job("weekly cards", self.weekly.send_due, SUM_UP_EVERY),
        ]
        if self.release is not None:
            jobs.append(Job("look for a release", self.release.look, ASK_EVERY))
        return jobs


async def build_upkeep(
    base: Base,
    channels: ChannelAccess,
    replies: Replies,
    outages: Outages,
    forgotten: Callable[[int], Awaitable[None]],
    newest: Callable[[], Awaitable[str | None]] | None,
) -> Upkeep:
    """Build the feature. Raises StoreError.

    `forgotten` is called with the reporter whose data was deleted, `newest` for the newest release.
    """
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
    weekly = WeeklySummary(
        guilds=base.guilds,
        services=base.services,
        outages=base.outages,
        log=stores.reports,
        days=stores.days,
        place=channels.moderators,
        owns=base.process.owns,
        clock=clock,
    )
    retention = _retention(base, channels, outages, servers)
    release = newest and CheckRelease(__version__, newest, stores.meta, base.process.leadership, clock)
    return Upkeep(base, replies, caches, privacy, servers, retention, weekly, release)


def _retention(base: Base, channels: ChannelAccess, outages: Outages, servers: ForgetServers) -> Retention:
    stores = base.stores
    return Retention(
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
        clock=base.clock,
        leadership=base.process.leadership,
    )
