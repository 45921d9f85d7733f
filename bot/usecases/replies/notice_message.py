"""Auto-replies: decides whether a message is a mention that the bot may answer here, now, to this person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.core.cooldowns import Cooldowns
from bot.core.guild_settings import GuildSettings
from bot.core.mentions import Mention
from bot.core.privacy import ReporterKey
from bot.core.recent_mentions import RecentMentions
from bot.core.service import Counted, Service, Symptom
from bot.core.talk import Talk
from bot.usecases.ports import Clock
from bot.usecases.replies.distress_guard import DistressGuard
from bot.usecases.replies.humans_first import HumansFirst
from bot.usecases.replies.judge_replies import ASKED, RuleCache
from bot.usecases.replies.ports import OptOuts, OthersReports
from bot.usecases.replies.read_message import IncomingMessage, Match, ReadMessage, SecondLook
from bot.usecases.servers.configure_guild import GuildCache


class Silence(StrEnum):
    """The reason why a message gets no answer, in the order of the checks."""

    OFF_HERE = "off_here"
    DENIED_HERE = "denied_here"
    IGNORED = "ignored"
    ROLE = "role"
    DISTRESS = "distress"
    NO_MENTION = "no_mention"
    UNSURE = "unsure"
    RULE_OFF = "rule_off"
    SOLVED = "solved"
    HELPER = "helper"
    OPTED_OUT = "opted_out"
    QUIET_HOURS = "quiet_hours"
    CHANNEL_COOLDOWN = "channel_cooldown"
    PERSON_COOLDOWN = "person_cooldown"


@dataclass(frozen=True, slots=True)
class Reply:
    """The decision to answer, with the service, the rule, and the symptom if the message named one."""

    service: Service
    rule: str
    mention: Mention | None
    settings: GuildSettings
    symptom: Symptom | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """The result of a trial: what the bot would do with a message, with all reasons not to answer it."""

    match: Match
    stops: tuple[Silence, ...]

    @property
    def answered(self) -> bool:
        """Whether it would be answered."""
        return not self.stops


class NoticeMessage:
    """Decides whether to answer a message. The cheapest checks come first.

    `ignored` are the ids of servers, channels and people that the operator's settings exclude.
    """

    def __init__(
        self,
        *,
        reader: ReadMessage,
        talk: Mapping[str, Talk],
        guilds: GuildCache,
        opt_outs: "OptOutCache",
        rules: RuleCache,
        humans: HumansFirst,
        distress_guard: DistressGuard,
        key: ReporterKey,
        clock: Clock,
        recent: RecentMentions,
        others: OthersReports,
        ignored: frozenset[int] = frozenset(),
    ) -> None:
        self._reader = reader
        self._talk = talk
        self._guilds = guilds
        self._opt_outs = opt_outs
        self._rules = rules
        self._humans = humans
        self._distress_guard = distress_guard
        self._key = key
        self._clock = clock
        self._recent = recent
        self._others = others
        self._ignored = ignored
        self._cooldowns = Cooldowns()

    def listens(self, guild_id: int, places: frozenset[int]) -> bool:
        """Whether auto-reply is on in this channel, thread or category."""
        return not self._guilds.get(guild_id).channels.isdisjoint(places)

    def looks_at_roles(self, guild_id: int) -> bool:
        """Whether a person's roles matter in this server."""
        settings = self._guilds.get(guild_id)
        of_server = settings.roles or settings.denied_roles or settings.ignored_roles or settings.ignored
        return bool(of_server or self._ignored)

    def is_ours(self, guild_id: int, automod_rule: int) -> bool:
        """Whether this AutoMod rule is ours in that server."""
        return self._guilds.get(guild_id).automod == automod_rule

    def notice(self, incoming: IncomingMessage) -> Reply | Silence | SecondLook:
        """Return a Reply, the first reason for silence, or a SecondLook, which the caller passes to `look_again`.

        A reply starts the cooldowns at once, so that a burst of messages gets one; if it cannot be sent, call
        `not_sent`.
        """
        settings = self._guilds.get(incoming.guild_id)
        for stop in self._before_reading(incoming, settings):
            return stop
        found = self._reader.read(incoming, settings)
        if isinstance(found, SecondLook):
            return found
        return self._decide(incoming, settings, found, stirred=self._is_stirred(incoming, found.service, self._clock()))

    async def look_again(self, look: SecondLook) -> Reply | Silence:
        """Decide with the second stage, or like the detector if it does not answer.

        The cooldowns and settings after the wait count, because another message may have been answered meanwhile. The
        check for a recent reply of ours is made before the wait: only a reply that was already there when the message
        was written can have prompted it.
        """
        stirred = self._is_stirred(look.incoming, look.service, self._clock())
        match = await self._reader.look_again(look, self._guilds.get(look.incoming.guild_id))
        settings = self._guilds.get(look.incoming.guild_id)
        for stop in self._before_reading(look.incoming, settings):
            return stop
        return self._decide(look.incoming, settings, match, stirred=stirred)

    def _decide(
        self, incoming: IncomingMessage, settings: GuildSettings, match: Match, *, stirred: bool
    ) -> Reply | Silence:
        now = self._clock()
        match = self._in_context(match, incoming, settings, now, stirred=stirred)
        if self._is_distress(incoming, match):
            self._distress_guard.leave_alone(incoming.guild_id, incoming.author_id)
            for one in (match, *match.besides):
                self._talk[one.service.id].forget(self._key.reporter(incoming.author_id))
            self._recent.forget(self._key.reporter(incoming.author_id))
            return Silence.DISTRESS
        for one in () if stirred else (match, *match.besides):
            self._hear_talk(incoming, one, now)
        for stop in self._after_reading(incoming, settings, match, now):
            return stop
        assert match.rule is not None, "without a rule the loop above returns"
        self._cooldowns.start(_channel(incoming, match.service), now, settings.cooldown)
        self._cooldowns.start(_person(incoming, match.service), now, settings.person_cooldown)
        if settings.dry_run is None or incoming.forced_rule == ASKED:
            self._recent.replied(_channel(incoming, match.service), now)
        return Reply(match.service, match.rule, match.mention, settings, match.symptom)

    def not_sent(self, incoming: IncomingMessage, reply: Reply) -> None:
        """Release the cooldowns, so that the next mention may be answered: this reply was not delivered."""
        self._cooldowns.release(_channel(incoming, reply.service))
        self._cooldowns.release(_person(incoming, reply.service))
        self._recent.not_replied(_channel(incoming, reply.service))

    def still_asks(self, incoming: IncomingMessage) -> bool:
        """Whether the new text of an edited message still asks for an answer. Ignores cooldowns."""
        found = self._reader.read(incoming, self._guilds.get(incoming.guild_id))
        if isinstance(found, SecondLook):
            return True
        return found.rule is not None and not self._is_distress(incoming, found)

    async def try_out(self, incoming: IncomingMessage) -> Trial:
        """The decision on this message, with all reasons against an answer. Changes nothing."""
        settings = self._guilds.get(incoming.guild_id)
        found = self._reader.read(incoming, settings)
        match = await self._reader.look_again(found, settings) if isinstance(found, SecondLook) else found
        now = self._clock()
        match = self._in_context(match, incoming, settings, now, stirred=True)
        distress = (Silence.DISTRESS,) if self._is_distress(incoming, match) else ()
        before = self._before_reading(incoming, settings)
        after = self._after_reading(incoming, settings, match, now)
        return Trial(match, tuple(dict.fromkeys((*before, *distress, *after))))

    def _before_reading(self, incoming: IncomingMessage, settings: GuildSettings) -> Iterator[Silence]:
        if incoming.forced_rule != ASKED and settings.channels.isdisjoint(incoming.places):
            yield Silence.OFF_HERE
        if not settings.denied_channels.isdisjoint(incoming.places):
            yield Silence.DENIED_HERE
        if self._is_ignored(incoming, settings):
            yield Silence.IGNORED
        if not settings.denied_roles.isdisjoint(incoming.roles) or (
            settings.roles and settings.roles.isdisjoint(incoming.roles)
        ):
            yield Silence.ROLE

    def _is_ignored(self, incoming: IncomingMessage, settings: GuildSettings) -> bool:
        """Whether the person or one of their roles is ignored by the server, or they or the place by the operator."""
        if not settings.ignored_roles.isdisjoint(incoming.roles):
            return True
        if settings.ignored:
            in_lists = self._key.in_lists(incoming.author_id, incoming.guild_id)
            if not settings.ignored.isdisjoint(incoming.roles | in_lists):
                return True
        by_operator = self._ignored
        return bool(by_operator) and not by_operator.isdisjoint(
            incoming.roles | incoming.places | {incoming.author_id, incoming.guild_id}
        )

    def _in_context(
        self, match: Match, incoming: IncomingMessage, settings: GuildSettings, now: float, *, stirred: bool
    ) -> Match:
        """A mention with the confidence it has here and now.

        Replies marked as wrong here speak against it. The channel and others' reports speak for it, unless a reply of
        ours prompted them.
        """
        mention = match.mention
        if mention is None or match.rule != mention.kind:  # the match has another reason than the mention
            return match
        lowered = self._rules.lowered(incoming.guild_id, mention, now)
        support = -lowered
        if not stirred:
            person, others = self._key.reporter(incoming.author_id), self._others.now(match.service.id, now)
            support += self._recent.support(_channel(incoming, match.service), person, others, now)
        if not support:
            return match
        sure = self._reader.sure_with(mention, match.service.id, settings, support)
        return match._replace(sure=sure, lowered=lowered)

    def _is_stirred(self, incoming: IncomingMessage, service: Service, now: float) -> bool:
        """Whether the message may be about a reply of ours."""
        return incoming.to_us or self._recent.stirred(_channel(incoming, service), now)

    def _hear_talk(self, incoming: IncomingMessage, match: Match, now: float) -> None:
        """Count talk, which is extra evidence and never a report. Even an unsure mention is talk."""
        counted = Counted.ALWAYS if match.symptom is None else match.symptom.counted
        if match.mention is None or counted is Counted.NEVER:
            return
        only_if_many = match.symptom.id if match.symptom is not None and counted is Counted.MANY else None
        person = self._key.reporter(incoming.author_id)
        self._talk[match.service.id].hear(person, now, only_if_many)
        self._recent.spoke(_channel(incoming, match.service), person, match.mention.confidence, now)

    def _is_distress(self, incoming: IncomingMessage, match: Match) -> bool:
        """Check for distress, only if the message would be answered or counted, or if a reply to the person waits."""
        concerns = match.rule is not None or self._humans.waits_for(incoming.written_in, incoming.author_id)
        return concerns and self._distress_guard.is_distress(incoming.title, incoming.text)

    def _after_reading(
        self, incoming: IncomingMessage, settings: GuildSettings, match: Match, now: float
    ) -> Iterator[Silence]:
        if match.rule is None:
            yield Silence.NO_MENTION
        elif not match.sure:
            yield Silence.UNSURE
        elif self._rules.is_off(incoming.guild_id, match.rule):
            yield Silence.RULE_OFF
        if incoming.forced_rule != ASKED:
            yield from self._left_to_people(incoming)
        if settings.quiet_hours is not None and settings.quiet_hours.covers(now):
            yield Silence.QUIET_HOURS
        if not self._cooldowns.ready(_channel(incoming, match.service), now):
            yield Silence.CHANNEL_COOLDOWN
        if not self._cooldowns.ready(_person(incoming, match.service), now):
            yield Silence.PERSON_COOLDOWN

    def _left_to_people(self, incoming: IncomingMessage) -> Iterator[Silence]:
        if self._distress_guard.is_left_alone(incoming.guild_id, incoming.author_id):
            yield Silence.DISTRESS
        if incoming.solved:
            yield Silence.SOLVED
        if self._humans.helped(incoming.written_in):
            yield Silence.HELPER
        if self._opt_outs.has_user(incoming.author_id):
            yield Silence.OPTED_OUT


def _channel(incoming: IncomingMessage, service: Service) -> tuple[str, int, str]:
    """The key of the channel cooldown. Each service has its own, so that services failing together are all answered."""
    return "channel", incoming.channel_id, service.id


def _person(incoming: IncomingMessage, service: Service) -> tuple[str, int, int, str]:
    return "person", incoming.guild_id, incoming.author_id, service.id


class OptOutCache:
    """People who want no auto-replies: in memory, and written to the store."""

    def __init__(self, store: OptOuts, key: ReporterKey, clock: Clock) -> None:
        self._store = store
        self._key = key
        self._clock = clock
        self._reporters: set[int] = set()

    async def load(self) -> None:
        """Read all opt-outs at start."""
        self._reporters = set(await self._store.all())

    def has(self, reporter: int) -> bool:
        """Whether this reporter opted out."""
        return reporter in self._reporters

    def has_user(self, user_id: int) -> bool:
        """Whether this person opted out."""
        return self.has(self._key.reporter(user_id))

    async def set(self, user_id: int, out: bool) -> None:  # noqa: FBT001 - reads well at every call
        """Opt a person out or in. Raises StoreError."""
        reporter = self._key.reporter(user_id)
        if out:
            await self._store.add(reporter, int(self._clock()))
        else:
            await self._store.delete(reporter)
        self.apply(reporter, out)

    def apply(self, reporter: int, out: bool) -> None:  # noqa: FBT001 - as above
        """Apply a stored choice to memory."""
        if out:
            self._reporters.add(reporter)
        else:
            self._reporters.discard(reporter)
