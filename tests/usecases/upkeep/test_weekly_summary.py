"""The weekly card: once on a Monday, by one process, with the numbers of its server only."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Outage, Phase
from bot.core.reports import DAY, HOUR
from bot.usecases.outages.cache import OutageCache
from bot.usecases.reports.count_helpful_steps import Unknown
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services
from bot.usecases.upkeep.weekly_summary import (
    FIRST_HOUR,
    LAST_HOUR,
    Week,
    WeeklySummary,
    hour_of,
    where_many_reported,
)
from tests.usecases.fakes import Days, a_service

MONDAY = int(datetime(2026, 11, 30, tzinfo=UTC).timestamp())
EARLY, LATE = 12 << 22, 11 << 22
"""Servers whose cards are due from the first hour on, and from the last."""
OWN, OTHER = a_service("own"), a_service("other")
WANTED = GuildSettings(weekly_channel=1)


class Log:
    """Who reported, as numbers by server: in the week, and of a service while an outage lasted."""

    def __init__(self) -> None:
        self.week: Mapping[int, int] = {}
        self.of_outage: Mapping[int, int] = {}
        self.asked: list[tuple[int, int, str | None]] = []

    async def people_by_server(self, since: int, until: int, service: str | None = None) -> Mapping[int, int]:
        self.asked.append((since, until, service))
        return self.week if service is None else self.of_outage


class Process:
    """A process of the bot; what is on the disk, it shares with the others."""

    def __init__(self, days: Days, log: Log) -> None:
        self.guilds, self.outages, self.days, self.log = GuildCache(None), OutageCache(), days, log  # type: ignore[arg-type]
        self.mine: set[int] | None = None
        self.away = False
        self.now = MONDAY
        self.sent: list[tuple[int, Week]] = []
        self.weekly = WeeklySummary(
            guilds=self.guilds,
            services=Services([OWN, OTHER]),
            outages=self.outages,
            log=log,  # type: ignore[arg-type]
            days=days,
            place=self,
            owns=lambda guild: self.mine is None or guild in self.mine,
            clock=lambda: float(self.now),
        )

    def can_sum_up(self, guild_id: int) -> bool:
        return not self.away

    async def sum_up(self, guild_id: int, week: Week) -> bool:
        self.sent.append((guild_id, week))
        return True

    async def live(self, hours: int) -> list[int]:
        """The servers that got their card in these hours."""
        before = len(self.sent)
        for _ in range(hours):
            await self.weekly.send_due()
            self.now += HOUR
        return [guild for guild, _ in self.sent[before:]]


@pytest.fixture
def process() -> Process:
    made = Process(Days(), Log())
    for guild in (EARLY, LATE):
        made.guilds.put(guild, WANTED)
    return made


async def test_each_server_gets_its_card_on_mondays_from_its_own_hour_on(process: Process) -> None:
    assert (hour_of(EARLY), hour_of(LATE)) == (FIRST_HOUR, LAST_HOUR)
    assert await process.live(FIRST_HOUR) == []
    assert await process.live(1) == [EARLY]
    assert await process.live(LAST_HOUR - FIRST_HOUR) == [LATE]
    assert await process.live(6 * 24) == [], "not on another day"
    assert await process.live(24) == [EARLY, LATE]


async def test_servers_are_spread_over_the_hours() -> None:
    made = range(10_000)
    counts = {hour: sum(hour_of((milliseconds << 22) + 5) == hour for milliseconds in made) for hour in range(24)}
    assert {hour for hour, count in counts.items() if count} == set(range(FIRST_HOUR, LAST_HOUR + 1))
    assert max(counts.values()) < 900


async def test_a_restart_sends_no_card_again(process: Process) -> None:
    assert await process.live(24) == [EARLY, LATE]
    again = Process(process.days, process.log)
    again.guilds.put(EARLY, WANTED)
    assert await again.live(24) == []


async def test_a_process_sends_only_to_its_own_servers(process: Process) -> None:
    other = Process(process.days, process.log)
    for guild in (EARLY, LATE):
        other.guilds.put(guild, WANTED)
    process.mine, other.mine = {EARLY}, {LATE}
    assert (await process.live(24), await other.live(24)) == ([EARLY], [LATE])


class Late(Days):
    """What was written a moment ago is not read yet."""

    async def between(self, guild_id: int, first_day: int, last_day: int) -> Mapping[str, int]:
        return {}


async def test_two_processes_that_both_think_they_have_a_server_send_one_card() -> None:
    days = Late()
    both = [Process(days, Log()) for _ in range(2)]
    for one in both:
        one.guilds.put(EARLY, WANTED)
    assert [await one.live(24) for one in both] == [[EARLY], []]


async def test_a_server_that_did_not_ask_or_that_we_left_gets_none(process: Process) -> None:
    process.guilds.put(EARLY, GuildSettings())
    process.guilds.left([LATE])
    assert await process.live(24) == []


async def test_a_card_waits_until_the_channel_can_be_written_in(process: Process) -> None:
    process.away = True
    assert await process.live(15) == []
    process.away = False
    assert await process.live(9) == [EARLY, LATE]


async def test_the_numbers_are_those_of_the_seven_days_before_and_of_this_server(process: Process) -> None:
    today = MONDAY // DAY
    for guild, what, day in (
        *((EARLY, "reply", today - 7), (EARLY, "reply", today - 1), (EARLY, "wrong", today - 3)),
        *(
            (EARLY, "typed", today - 2),
            (EARLY, "reply", today - 8),
            (EARLY, "reply", today),
            (LATE, "wrong", today - 1),
        ),
    ):
        await process.days.add(guild, what, day)
    process.log.week = {EARLY: 4, 99: 7}
    await process.live(24)
    assert process.sent == [
        (EARLY, Week(replies=2, wrong=1, people=4, unknown={Unknown.TYPED: 1})),
        (LATE, Week(wrong=1)),
    ]
    at = MONDAY + FIRST_HOUR * HOUR
    assert process.log.asked[0] == (at - 7 * DAY, at, None)


async def test_outages_count_where_they_were_felt_and_followed(process: Process) -> None:
    began = MONDAY - 2 * DAY
    process.outages.put(Outage(OWN.id, Phase.OVER, began, id=1, ended=began + HOUR, widespread=True))
    process.outages.put(Outage(OTHER.id, Phase.OVER, began, id=2, ended=began + HOUR, widespread=True))
    process.outages.put(Outage(OWN.id, Phase.OVER, began + DAY, id=3, ended=began + DAY + HOUR))
    process.outages.put(Outage(OWN.id, Phase.OVER, MONDAY - 8 * DAY, id=4, ended=MONDAY - 8 * DAY, widespread=True))
    process.outages.put(Outage(OWN.id, Phase.OVER, began, id=5, guild_id=EARLY, ended=began + HOUR, widespread=True))
    process.outages.put(Outage(OWN.id, Phase.DISMISSED, began, id=6, widespread=True))
    process.guilds.put(EARLY, GuildSettings(weekly_channel=1, more_services=frozenset({OTHER.id})))
    process.log.of_outage = {EARLY: 5, LATE: 1}
    await process.live(24)
    assert [(guild, week.outages) for guild, week in process.sent] == [(EARLY, 3), (LATE, 1)]
    assert (began + DAY, began + DAY + HOUR, OWN.id) in process.log.asked


def test_an_outage_concerned_the_server_with_the_most_reports_and_each_with_a_crowd() -> None:
    assert where_many_reported({1: 2, 2: 1}) == {1}
    assert where_many_reported({1: 9, 2: 3, 3: 2}) == {1, 2}
    assert where_many_reported({}) == frozenset()


async def test_a_week_in_which_nothing_happened_is_told_too(process: Process) -> None:
    await process.live(24)
    assert all(week.quiet for _, week in process.sent) and len(process.sent) == 2
    assert not Week(unknown={Unknown.TYPED: 1}).quiet
