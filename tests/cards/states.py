"""Invented answers for each state: ordinary cases, and the fullest possible ones."""

import random
from dataclasses import dataclass, replace
from functools import cache

from bot.content.services import read_services
from bot.core.chart import Chart, Span
from bot.core.outage_life import REAL, Outage, Phase
from bot.core.reports import DAY, HOUR, MINUTE
from bot.core.service import Service
from bot.core.signals import Cause, Incident, Maintenance, Reading, Seen, Signal, State
from bot.core.tally import Counts, Tally
from bot.core.verdict import decide
from bot.usecases.reports.answer_help import HelpAnswer

WORK = "Database upgrade of the European chat servers and their replicas"


@dataclass(frozen=True, slots=True)
class Places:
    """The ids that cards name: a server's channels, a role, and a moderator."""

    thread: int = 1_200_000_000_000_000_001
    general: int = 1_200_000_000_000_000_002
    help: int = 1_200_000_000_000_000_003
    outages: int = 1_200_000_000_000_000_004
    moderators: int = 1_200_000_000_000_000_005
    role: int = 1_200_000_000_000_000_006
    moderator: int = 1_200_000_000_000_000_007
    deleted: int = 1_200_000_000_000_000_008


@cache
def service(service_id: str = "character-ai") -> Service:
    """A built-in service, by default Character.AI."""
    return next(one for one in read_services() if one.id == service_id)


def reading(now: int, signal: Signal, state: State, cause: Cause = Cause.ANSWERED, detail: str = "") -> Seen:
    """A reading of a source, from a minute ago."""
    link = service().links.status_page if signal is Signal.OFFICIAL else None
    one = Reading(signal, state, cause, now - MINUTE, link, detail)
    return Seen(one, one if one.known else None)


@dataclass(frozen=True, slots=True)
class World:
    """The data of each state, at one moment."""

    now: int
    places: Places = Places()

    @property
    def sources(self) -> dict[Signal, Seen | None]:
        """The sources of Character.AI on most days: the official page is closed."""
        return {
            Signal.PROBE: reading(self.now, Signal.PROBE, State.UP, detail="HTTP 200"),
            Signal.OFFICIAL: reading(self.now, Signal.OFFICIAL, State.GONE, Cause.PAGE_GONE, "HTTP 404"),
        }

    @property
    def failing(self) -> dict[Signal, Seen | None]:
        """The same while the service fails."""
        down = reading(self.now, Signal.PROBE, State.DOWN, Cause.SERVER_ERROR, "HTTP 500")
        return {**self.sources, Signal.PROBE: down}

    def on(self, **more: object) -> Outage:
        """An outage that began twelve minutes ago and is not over."""
        began = self.now // MINUTE * MINUTE - 12 * MINUTE
        outage = Outage(
            service().id,
            Phase.ON,
            began,
            id=7,
            detected=began + 4 * MINUTE,
            seen=self.now // MINUTE * MINUTE,
            recent=41,
            usual=0.7,
            peak=41,
            peak_at=self.now // MINUTE * MINUTE,
            reports=44,
            servers=12,
            symptoms={"error": 20, "chats": 12, "login": 5},
            recent_symptoms={"error": 20, "chats": 12, "login": 5},
            evidence={"probe": 3.0},
        )
        return replace(outage, **more)  # type: ignore[arg-type]

    def back(self, **more: object) -> Outage:
        """The same outage, nine minutes after its end."""
        ended = self.now // MINUTE * MINUTE - 9 * MINUTE
        began = ended - 14 * MINUTE
        times = {"began": began, "detected": began + 4 * MINUTE, "peak_at": ended - MINUTE, "ended": ended}
        return self.on(**{"phase": Phase.RECOVERING, "recent": 3, **times, **more})

    def past(self) -> list[Outage]:
        """Six outages of the last weeks, newest first."""
        end = self.now // DAY * DAY + DAY
        ago = ((2, 9, 14, 41), (4, 20, 33, 58), (9, 15, 22, 37), (10, 2, 71, 96), (13, 18, 12, 29), (18, 11, 26, 64))
        found: list[Outage] = []
        for number, (days, hour, minutes, peak) in enumerate(ago):
            began = end - days * DAY + hour * HOUR + 7 * number * MINUTE
            times = {"began": began, "detected": began + 4 * MINUTE, "peak_at": began + 9 * MINUTE}
            ended = began + minutes * MINUTE
            found.append(self.back(id=6 - number, phase=Phase.OVER, ended=ended, peak=peak, **times))
        return found

    def unstable(self) -> Outage:
        """An outage in three episodes, which ended nine minutes ago."""
        once = self.back()
        began = once.began - 2 * HOUR
        return self.back(
            began=began,
            detected=began + 4 * MINUTE,
            episodes=3,
            episode_began=once.began,
            failed=40 * MINUTE,
            longest_calm=50 * MINUTE,
        )

    def suspected(self, **more: object) -> Outage:
        """A suspicion that began six minutes ago."""
        began = self.now // MINUTE * MINUTE - 6 * MINUTE
        symptoms = {"error": 4, "chats": 1}
        numbers = {
            "recent": 6,
            "peak": 6,
            "reports": 6,
            "servers": 3,
            "symptoms": symptoms,
            "recent_symptoms": symptoms,
        }
        times = {"began": began, "detected": None, "peak_at": self.now}
        return self.on(**{"phase": Phase.SUSPECTED, "evidence": {}, **times, **numbers, **more})

    def faded(self) -> Outage:
        """An outage that began two hours ago and that fewer people report now."""
        began = self.now // MINUTE * MINUTE - 2 * HOUR
        return self.on(
            began=began,
            detected=began + 4 * MINUTE,
            peak_at=began + 30 * MINUTE,
            recent=2,
            faded=self.now - 25 * MINUTE,
            still={"probe": 1},
        )

    def answer(
        self,
        people: int = 0,
        *,
        servers: int = 0,
        usual: float | None = 0.7,
        seen: dict[Signal, Seen | None] | None = None,
        outage: Outage | None = None,
        thread: int | None = None,
        symptoms: dict[str, int] | None = None,
        typical: int | None = None,
    ) -> HelpAnswer:
        """The data of a state, with the resulting verdict."""
        tally = Tally(Counts(people, 2 * people, 5 * people), Counts(people // 9, 0, 0), servers, usual, symptoms or {})
        sources = self.sources if seen is None else seen
        phase = None if outage is None or outage.faded is not None else outage.phase
        verdict = decide(tally, sources, self.now, phase)
        return HelpAnswer(
            service(),
            verdict,
            tally,
            sources,
            self.now,
            outage,
            thread,
            since_end=0 if outage is not None and outage.ended is not None else None,
            typical=typical,
        )

    def answers(self) -> dict[str, HelpAnswer]:
        """An answer for each state."""
        unread = reading(self.now, Signal.PROBE, State.UNKNOWN, Cause.TIMEOUT)
        symptoms = {"error": 20, "chats": 12, "login": 5}
        full = {"error": 20_123, "wall": 12_345, "account": 5_432}
        return {
            "outage": self.answer(
                41, servers=12, seen=self.failing, outage=self.on(), symptoms=symptoms, typical=25 * MINUTE
            ),
            "outage-fullest": self.answer(
                123_456,
                servers=4_321,
                usual=2_345.6,
                seen=self._fullest(),
                outage=self.on(began=self.now - 13 * HOUR, recent=123_456, peak=123_456),
                thread=self.places.thread,
                symptoms=full,
                typical=125 * MINUTE,
            ),
            "some": self.answer(2, servers=2, symptoms={"login": 1}),
            "service-says-so": self.answer(0, seen=self.failing),
            "calm": self.answer(0),
            "maintenance": self.answer(0, seen=self._under_maintenance()),
            "unknown": self.answer(0, seen={**self.sources, Signal.PROBE: unread}),
            "faded": self.answer(2, servers=1, seen=self.failing, outage=self.faded()),
            "faded-unsure": self.answer(2, servers=1, outage=replace(self.faded(), still={})),
            "back": self.answer(3, servers=2, outage=self.back()),
            "back-unstable": self.answer(
                3,
                servers=2,
                outage=self.unstable(),
                thread=self.places.thread,
            ),
        }

    def _under_maintenance(self) -> dict[Signal, Seen | None]:
        """An official page and a probe that both show trouble."""
        work = Maintenance(WORK, True, None, self.now - HOUR, self.now + HOUR)
        page = self._page(State.MAINTENANCE, "Under Maintenance", (), work)
        probe = reading(self.now, Signal.PROBE, State.UP, detail="HTTP 200")
        return {Signal.PROBE: probe, Signal.OFFICIAL: Seen(page, page)}

    def _fullest(self) -> dict[Signal, Seen | None]:
        """Both sources with everything that they can show."""
        work = Maintenance(WORK, True, None, self.now - HOUR, self.now + HOUR)
        title = "Elevated error rates for messages, voices and logins in all regions since this morning"
        incident = Incident(title, "investigating", None, float(self.now - 10 * MINUTE), "1")
        page = self._page(State.DEGRADED, "Partial System Outage", (incident,) * 4, work)
        probe = reading(self.now, Signal.PROBE, State.DOWN, Cause.CONNECT_TIMEOUT, "neo.character.ai")
        return {Signal.PROBE: probe, Signal.OFFICIAL: Seen(page, page)}

    def _page(self, state: State, said: str, incidents: tuple[Incident, ...], work: Maintenance) -> Reading:
        at, link = self.now - MINUTE, service().links.status_page
        return Reading(Signal.OFFICIAL, state, Cause.ANSWERED, at, link, said, incidents, (work,))

    def hours(self, outage: Outage | None = None, *, tally: Tally | None = None) -> Chart:
        """The last three hours in steps of five minutes; without an outage those of the `tally` or occasional ones."""
        end = self.now // MINUTE * MINUTE + MINUTE
        start = end - 3 * HOUR
        rng = random.Random(3)
        people = [int(rng.random() < 0.25) for _ in range(36)]
        if outage is None and tally is not None:
            people = [0] * 34 + [tally.everywhere.quarter, 0]
            people[26] += tally.everywhere.hour - tally.everywhere.quarter
        bars = {Phase.SUSPECTED: (34, 35), Phase.DISMISSED: (25, 26)}.get(outage.phase) if outage is not None else None
        if outage is not None and bars is not None:
            people = [0 if bar > 24 else one for bar, one in enumerate(people)]
            people[bars[0]], people[bars[1]] = outage.peak - outage.peak // 2, outage.peak // 2
        elif outage is not None and outage.phase is Phase.ON and outage.faded is None:
            third = outage.recent // 3
            people[33:] = [third - 1, outage.recent - 2 * third, third + 1]
        elif outage is not None:
            until = outage.faded or outage.ended or end
            for bar in range(36):
                at = start + bar * 300
                if outage.began <= at + 150 and at < until:
                    people[bar] = round(outage.peak * (0.23 + 0.2 * rng.random()))
        spans = () if outage is None or outage.phase not in REAL else (Span(outage.began, outage.ended),)
        latest = outage.recent if outage is not None else 0
        return Chart(start, 300, tuple(people), (0.3,) * 36, spans, latest=latest, drawn=end - MINUTE)

    def day(self, outage: Outage | None = None) -> Chart:
        """The last 24 hours in quarters of an hour, with an unobserved time and an official incident."""
        end = self.now // MINUTE * MINUTE + MINUTE
        start = end - DAY
        rng = random.Random(5)
        people = [max(0, round(rng.gauss(2, 1.5))) for _ in range(96)]
        people[-1] = 41 if outage is not None else people[-1]
        now = () if outage is None else (Span(outage.began, outage.ended),)
        spans = (Span(start + 6 * HOUR, start + 7 * HOUR), *now)
        for bar in range(24, 28):
            people[bar] = 20 + rng.randrange(30)
        return Chart(
            start,
            900,
            tuple(people),
            tuple(2 + (bar % 48) / 24 for bar in range(96)),
            spans,
            (Span(start + 6.5 * HOUR, start + 8 * HOUR),),
            (Span(start, start + 2 * HOUR),),
            latest=people[-1],
            drawn=end - MINUTE,
        )

    def month(self) -> Chart:
        """The last 30 days, of which the first ones were not watched."""
        end = self.now // DAY * DAY + DAY
        start = end - 30 * DAY
        rng = random.Random(7)
        people = [0] * 9 + [120 + rng.randrange(80) for _ in range(21)]
        outages = tuple(Span(one.began, one.ended) for one in reversed(self.past()))
        for one in self.past():
            people[(one.began - start) // DAY] += 3 * one.peak
        usual = tuple(150.0 + 20 * (day % 7 > 4) for day in range(30))
        gaps = (Span(start, start + 9 * DAY),)
        return Chart(start, DAY, tuple(people), usual, outages, outages[:1], gaps, drawn=self.now)
