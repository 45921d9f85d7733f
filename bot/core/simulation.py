"""*Simulate an outage*: 15 minutes of invented reports, processed by a real detector.

Everything after the reports is as in a real outage. The invented minutes lie in the last three quarters of an hour and
pass much faster than real ones; people read the real times at which they passed, so the outage begins now.
"""

import random
from dataclasses import dataclass, replace

from bot.core.outage_life import OPEN, Outage, Phase
from bot.core.outages import OutageDetector
from bot.core.reports import DAY, MINUTE
from bot.core.watch import Observation, WatchState, next_state, written

QUIET_DAYS = 3
_BEFORE, _OUTAGE = 2, 12
_BEGINS_AGO = 45 * MINUTE
_USUAL = 1 / 30
"""People per minute before the invented outage."""
_WINDOW = 15
_MOST_SERVERS = 6
_TIMES = (
    *("began", "detected", "ended", "seen", "doubted", "blind_from", "blind_to", "peak_at", "official_at"),
    *("episode_began", "faded"),
)
"""The fields of an outage that are times."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """A simulated outage, posted to one channel of one server.

    `people` are the invented people by minute, from `first_minute` on; there are no reports after the last one.
    `passed` has the end of each played minute and the real time at which it was played (epoch seconds).
    """

    guild_id: int
    channel_id: int
    people: tuple[int, ...]
    first_minute: int
    state: WatchState
    passed: tuple[tuple[int, int], ...] = ()

    @classmethod
    def prepare(cls, service_id: str, guild_id: int, channel_id: int, now: float, rng: random.Random) -> "Simulation":
        """Let a detector learn invented quiet days; takes a few tenths of a second, so call it in a thread."""
        begin = int(now - _BEGINS_AGO) // MINUTE
        quiet = [int(rng.random() < _USUAL) for _ in range(QUIET_DAYS * DAY // MINUTE)]
        people = (*quiet, *[0] * _BEFORE, *(rng.randint(3, 7) for _ in range(_OUTAGE)))
        first, detector = begin - len(quiet), OutageDetector()
        for index, reporters in enumerate(quiet):
            detector.update(first + index, reporters, _servers(people, index))
        return cls(guild_id, channel_id, people, first, WatchState(service_id, detector, begin))

    def next(self) -> WatchState:
        """The state after another invented minute. The half hour in which it might fail again is skipped."""
        state = self._next_state(self.state)
        while _recovering(self.state.outage) and _recovering(state.outage):
            state = self._next_state(state)
        return state

    def played(self, state: WatchState, now: float) -> "Simulation":
        """The simulation after its next state, reached at `now`."""
        at = max(int(now), self.passed[-1][1] + 1) if self.passed else int(now)  # each minute is later than the last
        return replace(self, state=state, passed=(*self.passed, (state.next_minute * MINUTE, at)))

    def shown(self) -> Outage | None:
        """Its outage in real times, as people see it."""
        outage = self.state.outage
        if outage is None:
            return None
        times = {name: getattr(outage, name) for name in _TIMES}
        return replace(outage, **{name: self._real(at) for name, at in times.items() if at})

    def _real(self, at: int) -> int:
        """The real time of an invented time."""
        return next((real for end, real in self.passed if at <= end), self.passed[-1][1])

    def _next_state(self, state: WatchState) -> WatchState:
        index = state.next_minute - self.first_minute
        reporters = self.people[index] if index < len(self.people) else 0
        state = next_state(state, Observation(reporters=reporters, servers=_servers(self.people, index)))
        outage = state.outage
        return state if outage is None else replace(state, outage=replace(outage, guild_id=self.guild_id))


def moments(simulation: Simulation) -> list[Outage]:
    """Its outage when it is certain, at its peak, and when it is over, in invented times."""
    seen: list[Outage] = []
    while not seen or seen[-1].phase in OPEN:
        state = simulation.next()
        simulation = simulation.played(state, state.next_minute * MINUTE)
        outage = simulation.shown()
        if outage is not None and outage.phase is not Phase.SUSPECTED:
            seen.append(outage)
        simulation = replace(simulation, state=written(state, state.outage))
    on = [outage for outage in seen if outage.phase is Phase.ON]
    return [on[0], max(on, key=lambda outage: outage.recent), seen[-1]]


def _servers(people: tuple[int, ...], index: int) -> int:
    """Each invented person is in a server of their own, up to six."""
    return min(_MOST_SERVERS, sum(people[max(0, index + 1 - _WINDOW) : index + 1]))


def _recovering(outage: Outage | None) -> bool:
    return outage is not None and outage.phase is Phase.RECOVERING
