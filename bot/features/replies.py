"""Auto-replies: answering messages, keeping the replies up to date, and *Wrong reply?*."""

import time
from collections.abc import Container, Sequence
from dataclasses import dataclass

from bot.core.mentions import Detector
from bot.core.service_names import ServiceNames
from bot.discord_ui.answering.cog import FeatureCog
from bot.discord_ui.commands.distress import DistressCommands
from bot.discord_ui.commands.wrong_reply import WrongReply
from bot.discord_ui.listeners.message_filter import MessageFilter
from bot.discord_ui.listeners.messages import MessageListener
from bot.discord_ui.listeners.reposts import Reposts
from bot.discord_ui.posting.live_replies import LiveReplies
from bot.discord_ui.posting.standing_replies import StandingReplies
from bot.features.base import Base, Feature
from bot.features.channels import ChannelAccess
from bot.jobs import Job
from bot.usecases.ports import Sleep
from bot.usecases.replies.distress_guard import DistressGuard
from bot.usecases.replies.follow_replies import ReplyCache
from bot.usecases.replies.humans_first import HumansFirst
from bot.usecases.replies.judge_replies import JudgeReplies, RuleCache
from bot.usecases.replies.notice_message import NoticeMessage, OptOutCache
from bot.usecases.replies.others_report import OthersReport
from bot.usecases.replies.phrase_sets import PhraseSets
from bot.usecases.replies.ports import SecondStage
from bot.usecases.replies.read_message import ReadMessage
from bot.usecases.services import ByService

LEARN_EVERY = 2.0
REFRESH_EVERY, SOON = 30.0, 1.0
"""Seconds between two checks of the existing replies, and until the next one while Discord cannot be reached."""


@dataclass(frozen=True, slots=True)
class Replies(Feature):
    """Decides which messages are answered, and follows the answers."""

    base: Base
    channels: ChannelAccess
    cache: ReplyCache
    rules: RuleCache
    phrases: PhraseSets
    opt_outs: OptOutCache
    humans: HumansFirst
    distress_guard: DistressGuard
    notice: NoticeMessage
    second: SecondStage | None
    judge: JudgeReplies
    live: LiveReplies
    names: ServiceNames
    detectors: ByService[Detector]

    def cogs(self) -> Sequence[FeatureCog]:
        """The message listeners, and the button under each reply."""
        base, reposts = self.base, Reposts()
        messages = MessageListener(
            notice=self.notice,
            answers=base.answers,
            judge=self.judge,
            localizer=base.localizer,
            live=self.live,
            closed=self.channels.closed,
            failures=base.failures,
            current=base.discord,
            reposts=reposts,
            steps=base.guide_steps,
            humans=self.humans,
            distress_guard=self.distress_guard,
        )
        message_filter = MessageFilter(base.discord, self.notice, messages, base.failures, reposts, self.humans)
        wrong = WrongReply(base.context, base.localizer, self.judge)
        return messages, message_filter, wrong, DistressCommands(base.localizer, base.guilds)

    async def learn_to_hear(self) -> None:
        """Build the detectors of newly followed services before the first message needs them."""
        await self.base.services.hold(self.base.guilds.chosen_services())
        await self.detectors.make(self.base.followed)
        await self.base.finders.make(self.base.followed)

    async def relearn(self) -> None:
        """Rebuild the detectors, because the names of services may have changed."""
        await self.base.readers.make_again()
        await self.base.finders.make_again()
        await self.detectors.make_again()
        self.names.learn(_words(self.base), self.base.readers)

    def unload(self, needed: Container[str]) -> None:
        """Evict the detectors of services that are not in `needed`."""
        for held in (self.detectors, self.base.finders, self.base.readers):
            held.unload(needed)

    def jobs(self) -> Sequence[Job]:
        """Keep the newest replies up to date, and build the detectors of newly followed services."""
        discord = self.base.discord
        return [
            Job("keep replies true", self.live.refresh, lambda: REFRESH_EVERY if discord.ready else SOON),
            Job("learn to hear", self.learn_to_hear, LEARN_EVERY),
        ]


async def build_replies(
    base: Base, channels: ChannelAccess, ignored: frozenset[int], wait: Sleep, second: SecondStage | None
) -> Replies:
    """Build the feature. Raises StoreError.

    `ignored`: ids of servers, channels and people that never get a reply. `wait` implements the wait for a person's
    answer. `second`: the second stage, if there is one.
    """
    stores, services = base.stores, base.services
    cache, rules = ReplyCache(stores.replies, base.clock), RuleCache(stores.rules)
    opt_outs = OptOutCache(stores.opt_outs, base.key, base.clock)
    for each in (cache, rules, opt_outs):
        await each.load()
    phrases = PhraseSets(time.thread_time, base.clock)
    humans = HumansFirst(base.guilds, base.clock, wait)
    distress_guard = DistressGuard(base.distress, base.guilds, channels.moderators, base.key, base.clock)
    names, detectors = ServiceNames(_words(base), base.readers), _detectors(base)
    notice = NoticeMessage(
        reader=ReadMessage(services, detectors, base.finders, phrases, names, second),
        talk=base.talk,
        guilds=base.guilds,
        opt_outs=opt_outs,
        rules=rules,
        humans=humans,
        distress_guard=distress_guard,
        key=base.key,
        clock=base.clock,
        recent=base.recent,
        others=OthersReport(base.board, base.outages),
        ignored=ignored,
    )
    judge = JudgeReplies(rules, cache, stores.votes, stores.days, channels.moderators, base.key, base.clock)
    standing = StandingReplies(cache, services, base.answers, base.outages, base.clock, owns=base.process.owns)
    live = LiveReplies(base.discord, cache, standing, base.localizer, channels.closed, base.failures, base.clock)
    return Replies(
        base,
        channels,
        cache,
        rules,
        phrases,
        opt_outs,
        humans,
        distress_guard,
        notice,
        second,
        judge,
        live,
        names,
        detectors,
    )


def _words(base: Base) -> dict[str, Sequence[str]]:
    return {service.id: service.words for service in base.services.known}


def _detectors(base: Base) -> ByService[Detector]:
    """One detector per service, built on first use; those of followed services are built now."""
    made = ByService(base.services, lambda service: base.vocabulary.detector(service, reader=base.readers[service.id]))
    for service in base.followed:
        _ = made[service.id], base.finders[service.id]
    return made
