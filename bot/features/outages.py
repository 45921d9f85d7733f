"""Outages: detected from reports, announced in servers, listed, simulated; `/outages` and `/back`."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.commands.outages import OutageCommands
from bot.discord_ui.posting.notifier import DiscordNotifier
from bot.discord_ui.posting.owners import ServerOwners
from bot.features.base import Base, Feature
from bot.features.channels import ChannelAccess
from bot.jobs import Job
from bot.pictures.gallery import Gallery
from bot.usecases.outages.announce import AnnounceOutages
from bot.usecases.outages.deliveries import Deliveries
from bot.usecases.outages.due_posts import DuePosts
from bot.usecases.outages.history import ShowHistory
from bot.usecases.outages.ports import WebhookPoster
from bot.usecases.outages.send_webhooks import Receivers, SendWebhooks, WebhookEvents
from bot.usecases.outages.simulate import SimulateOutage
from bot.usecases.outages.wait_for_recovery import WaitForRecovery
from bot.usecases.outages.watch import Sources, WatchServices
from bot.usecases.outages.watch_states import WatchStates
from bot.usecases.outages.write_watch_steps import WriteWatchSteps

TICK_EVERY = 5.0


@dataclass(frozen=True, slots=True)
class Outages(Feature):
    """`watch` detects outages, `announce` sends the posts; `states` holds what the watch has learned.

    `due` and `deliveries` belong to the announcer. `reachable` says whether people's reports can reach us.
    """

    base: Base
    states: WatchStates
    watch: WatchServices
    announce: AnnounceOutages
    due: DuePosts
    deliveries: Deliveries
    webhooks: SendWebhooks
    history: ShowHistory
    waiting: WaitForRecovery
    simulate: SimulateOutage
    owners: ServerOwners
    reachable: Callable[[], bool]

    def cogs(self) -> Sequence[FeatureCog]:
        """The commands."""
        base = self.base
        return (OutageCommands(base.context, base.localizer, self.history, base.outages, self.waiting),)

    def jobs(self) -> Sequence[Job]:
        """Process each finished minute, and run the simulations."""
        longest = 6 * TICK_EVERY
        return [
            Job("watch the reports", self.watch.tick, TICK_EVERY, longest_pause=longest),
            Job("ask who owns servers", self.owners.fetch, TICK_EVERY),
            Job("play simulations", self.simulate.tick, TICK_EVERY, longest_pause=longest),
        ]


async def build_outages(
    base: Base, channels: ChannelAccess, reachable: Callable[[], bool], receivers: Receivers, poster: WebhookPoster
) -> Outages:
    """Build the feature. `reachable` says whether people's reports can reach us. Raises StoreError."""
    stores, process, clock, closed = base.stores, base.process, base.clock, channels.closed
    states = WatchStates(base.followed, stores.outages, base.outages, process.leadership, clock)
    webhooks = SendWebhooks(
        receivers, stores.webhooks, poster, process.leadership, clock=clock, elapsed=time.monotonic, rng=base.rng
    )
    steps = WriteWatchSteps(
        base.outages,
        base.posts,
        stores.outages,
        out_of_step=process.fatal.because,
        events=WebhookEvents(base.services, receivers, clock).about,
        on_webhooks=webhooks.wake,
    )
    history = ShowHistory(base.board, base.signals, base.outages, states, stores.hours, base.guilds, Gallery(), clock)
    notifier = DiscordNotifier(base.discord, base.services, base.guilds, base.localizer, history, base.shared, clock)
    deliveries = Deliveries(clock, base.rng)
    due = DuePosts(base.outages, base.posts, deliveries, base.guilds, base.board, closed, clock, owns=process.owns)
    announce = AnnounceOutages(due, deliveries, base.outages, base.posts, stores.posts, notifier, closed, clock)
    closed.on_opened(announce.opened)
    simulate = SimulateOutage(
        base.services, base.guilds, base.outages, steps, clock, base.rng, owns=process.owns, wake=announce.wake
    )
    await simulate.end_unplayed()
    owners = ServerOwners(base.discord, clock)
    watch = _watch(base, states, steps, reachable, announce.wake, owners)
    await watch.load()
    waiting = WaitForRecovery(stores.subscribers, base.posts, clock)
    return Outages(
        base, states, watch, announce, due, deliveries, webhooks, history, waiting, simulate, owners, reachable
    )


def _watch(
    base: Base,
    states: WatchStates,
    steps: WriteWatchSteps,
    reachable: Callable[[], bool],
    wake: Callable[[], None],
    owners: ServerOwners,
) -> WatchServices:
    return WatchServices(
        services=base.services,
        followed=base.followed,
        sources=Sources(base.board, base.signals, base.talk, base.guilds),
        states=states,
        outages=base.outages,
        posts=base.posts,
        scopes=base.scopes,
        steps=steps,
        store=base.stores.outages,
        leadership=base.process.leadership,
        clock=base.clock,
        reachable=reachable,
        wake=wake,
        owner=owners.owner,
    )
