"""Public data: the facts of the cards, without small numbers, and unknown while people cannot reach the bot."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.core.errors import StoreError
from bot.core.outage_life import Outage, Phase
from bot.core.reports import DAY, HOUR, MINUTE, Report
from bot.core.service import Source
from bot.core.signals import Signal
from bot.core.verdict import Word
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.scopes import OutageScopes
from bot.usecases.outages.shared import SharedFailures
from bot.usecases.reports.answer_help import AnswerHelp
from bot.usecases.reports.public_state import PublicService, PublicState
from bot.usecases.services import Services
from tests.usecases.outages.outage_world import SERVICE, START
from tests.usecases.outages.test_history import PAST, Hours, Past
from tests.usecases.reports.test_answer_help import KEY


class Public:
    """The state of a service as everybody may know it."""

    def __init__(self, *outages: Outage) -> None:
        self.past = Past(*outages)
        page = Source(Signal.OFFICIAL, "statuspage", "https://status.example")
        self.service = replace(self.past.service, sources=(page,))
        self.scopes, self.reachable = OutageScopes(), True
        past = self.past
        services = Services([self.service])
        answers = AnswerHelp(
            past.board,
            past.signals,
            past.outages,
            PostCache(past.outages),
            self.scopes,
            KEY,
            lambda: past.now,
            shared=SharedFailures(services, past.outages, self.scopes),
        )
        self.state = PublicState(
            followed=services,
            answers=answers,
            history=past.history,
            outages=past.outages,
            scopes=self.scopes,
            states=past.states,
            reachable=lambda: self.reachable,
            clock=lambda: past.now,
        )

    def report(self, people: int, symptom: str | None = None) -> None:
        for number in range(people):
            self.past.board.mirror(SERVICE).add(Report(number, SERVICE, 5, number, symptom, START - MINUTE))

    async def look(self) -> PublicService:
        await self.past.states.load()
        (one,) = await self.state.look()
        return one


async def test_it_says_what_the_cards_say() -> None:
    public = Public(PAST, replace(PAST, id=2, phase=Phase.DISMISSED))
    public.report(30)
    one = await public.look()
    assert one.answer.verdict.word is Word.NOT_JUST_YOU and one.answer.tally.everywhere.quarter == 30
    assert sum(one.hours.people) == sum(one.day.people) == 30 and one.month is not None
    assert [outage.id for outage in one.outages] == [1] and [alarm.id for alarm in one.alarms] == [2]
    assert one.delay is not None and one.heard and one.heard_at == START


async def test_what_only_a_few_people_say_is_in_no_number() -> None:
    public = Public()
    public.report(3, "login")
    one = await public.look()
    assert one.answer.tally.symptoms == {} and max(one.hours.people) == 2
    public.report(30, "login")
    assert (await public.look()).answer.tally.symptoms == {"login": 30}


async def test_an_outage_of_some_servers_is_not_told_while_it_is_on() -> None:
    on = Outage(SERVICE, Phase.ON, START - HOUR, id=2, seen=START)
    public = Public(on, PAST)
    public.scopes.limit(SERVICE, frozenset({5}))
    one = await public.look()
    assert one.answer.outage is None and [outage.id for outage in one.outages] == [1]
    assert all(span.end is not None for chart in (one.hours, one.day) for span in chart.outages), "not drawn either"
    recovering = Public(replace(on, phase=Phase.RECOVERING, ended=START - MINUTE), PAST)
    recovering.scopes.limit(SERVICE, frozenset({5}))
    assert all(span.start != on.began for span in (await recovering.look()).hours.outages), "nor while it recovers"
    public.scopes.limit(SERVICE, None)
    one = await public.look()
    assert [outage.id for outage in one.outages] == [2, 1] and one.hours.outages[-1].end is None


async def test_people_are_unknown_while_discord_is_away_with_the_time_when_they_were_last_heard() -> None:
    public = Public()
    await public.look()
    public.reachable = False
    public.past.now += 7 * MINUTE
    one = await public.look()
    assert not one.heard and one.heard_at == START


async def test_after_a_start_without_discord_the_time_before_it_counts() -> None:
    public = Public()
    public.reachable = False
    await public.past.states.load()
    held = public.past.states.held(SERVICE)
    now = START // MINUTE
    held.state = replace(held.state, unobserved=((now - 30, now + 1),))
    (one,) = await public.state.look()
    assert one.heard_at == START - 30 * MINUTE
    held.state = replace(held.state, unobserved=((now - 2 * DAY // MINUTE, now + 1),))
    (one,) = await public.state.look()
    assert one.heard_at is None, "it never heard anybody, as far as is known"


class Failing(Hours):
    """Counts that cannot be read at first."""

    reads = 0

    async def since(self, hour: int) -> Mapping[str, Mapping[int, int]]:
        self.reads += 1
        if self.reads == 1:
            raise StoreError("away")
        return await super().since(hour)


async def test_the_thirty_days_are_read_now_and_then_and_left_out_if_that_fails() -> None:
    public, hours = Public(), Failing({START // HOUR - 30: 7})
    public.past.history._hours = hours  # type: ignore[assignment]
    assert (await public.look()).month is None
    public.past.now += MINUTE
    assert (await public.look()).month is None and hours.reads == 1
    public.past.now += 5 * MINUTE
    month = (await public.look()).month
    assert month is not None and 7 in month.people and hours.reads == 2


def known(found: Iterable[PublicService]) -> list[str]:
    return [one.service.id for one in found]


async def test_only_services_that_are_followed_are_told() -> None:
    public = Public()
    assert known(await public.state.look()) == [SERVICE]
