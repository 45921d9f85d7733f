"""A weekly card for moderators who want it: what happened in their server. Counts only."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.core.guild_settings import GuildSettings
from bot.core.reports import DAY, HOUR
from bot.core.spread import OWN_CROWD
from bot.usecases.outages.cache import OutageCache
from bot.usecases.ports import Clock, DayCounts
from bot.usecases.replies.judge_replies import REPLY, WRONG
from bot.usecases.reports.count_helpful_steps import Unknown
from bot.usecases.reports.ports import ReportLog
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services

SUMMARY = "summary"
"""Key that records that a server's card was sent on a day."""
WEEK = 7 * DAY
FIRST_HOUR, LAST_HOUR = 8, 19
"""The first and last hour of Monday (UTC) at which sending a card starts."""
_MONDAY = 4
"""The epoch began on a Thursday."""
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Week:
    """The events in a server in the last seven days.

    `wrong` are replies marked as wrong, `people` are reporters, `outages` are those that concerned the server, of
    services it follows. `unknown`: how often people asked, in each way, about trouble that no symptom covers.
    """

    replies: int = 0
    wrong: int = 0
    people: int = 0
    outages: int = 0
    unknown: Mapping[Unknown, int] = field(default_factory=dict[Unknown, int])

    @property
    def quiet(self) -> bool:
        """Whether nothing happened."""
        return self == Week()


class WeeklyPlace(Protocol):
    """The place where moderators get their card."""

    def can_sum_up(self, guild_id: int) -> bool:
        """Whether the bot sees the chosen channel and only moderators can read it."""
        ...

    async def sum_up(self, guild_id: int, week: Week) -> bool:
        """Send the card; False if it was not sent. Never raises."""
        ...


class WeeklySummary:
    """Sends each server its card on Mondays. `owns` says which servers belong to this process."""

    def __init__(
        self,
        *,
        guilds: GuildCache,
        services: Services,
        outages: OutageCache,
        log: ReportLog,
        days: DayCounts,
        place: WeeklyPlace,
        owns: Callable[[int], bool],
        clock: Clock,
    ) -> None:
        self._guilds = guilds
        self._services = services
        self._outages = outages
        self._log = log
        self._days = days
        self._place = place
        self._owns = owns
        self._clock = clock

    async def send_due(self) -> None:
        """Every hour: send the cards that are due, each at most once per week, even after a crash.

        Raises StoreError.
        """
        now = int(self._clock())
        due = await self._due(now)
        if not due:
            return
        people = await self._log.people_by_server(now - WEEK, now)
        outages = await self._concerned(now)
        for guild_id, settings in due.items():
            counts = await self._days.between(guild_id, now // DAY - 7, now // DAY - 1)
            week = Week(
                replies=counts.get(REPLY, 0),
                wrong=counts.get(WRONG, 0),
                people=people.get(guild_id, 0),
                outages=self._outages_of(guild_id, settings, outages),
                unknown={how: counts[how] for how in Unknown if how in counts},
            )
            # Marked first: a lost card is better than one that is sent again and again.
            if await self._days.add_first(guild_id, SUMMARY, now // DAY):
                sent = await self._place.sum_up(guild_id, week)
                _logger.info("weekly card", extra={"guild": guild_id, "sent": sent})

    async def _due(self, now: int) -> Mapping[int, GuildSettings]:
        """The servers of this process whose hour has come and that have not received their card today."""
        if now // DAY % 7 != _MONDAY:
            return {}
        due = dict[int, GuildSettings]()
        for guild_id, settings in self._guilds.summed_up().items():
            if now % DAY // HOUR < hour_of(guild_id) or not self._owns(guild_id):
                continue
            if not self._place.can_sum_up(guild_id):  # it may be possible later today
                continue
            if SUMMARY not in await self._days.between(guild_id, now // DAY, now // DAY):
                due[guild_id] = settings
        return due

    async def _concerned(self, now: int) -> Sequence[tuple[str, Collection[int] | None]]:
        """Return (service, affected servers) for each outage of the week; None means all servers.

        If it did not concern all, the reports during the outage show which servers it concerned.
        """
        found = list[tuple[str, Collection[int] | None]]()
        for service in self._services:
            for outage in self._outages.recent(service.id):
                if outage.began <= now - WEEK:
                    break  # the newest come first
                servers = None
                if not outage.widespread:
                    end = now if outage.ended is None else outage.ended
                    servers = where_many_reported(await self._log.people_by_server(outage.began, end, service.id))
                found.append((service.id, servers))
        return found

    def _outages_of(
        self, guild_id: int, settings: GuildSettings, outages: Sequence[tuple[str, Collection[int] | None]]
    ) -> int:
        followed = {service.id for service in self._services.followed_by(settings)}
        return sum(service in followed and (servers is None or guild_id in servers) for service, servers in outages)


def hour_of(guild_id: int) -> int:
    """The hour of Monday (UTC) from which a server's card is due. Servers are spread over the hours."""
    made = guild_id >> 22  # milliseconds; the lower bits of Discord's ids hardly differ
    return FIRST_HOUR + made % (LAST_HOUR - FIRST_HOUR + 1)


def where_many_reported(people: Mapping[int, int]) -> frozenset[int]:
    """The servers that an outage concerned, by their number of reporters: the largest, and all with many."""
    largest = max(people, key=lambda server: people[server], default=None)
    return frozenset(server for server, count in people.items() if count >= OWN_CROWD or server == largest)
