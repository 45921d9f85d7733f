"""Separates independent reports from echoes: people who report by themselves, and people who follow others.

Three things are learned from ordinary times, from counts alone:

- the echo: how many more people of the same server a report brings within minutes. Reports are a self-exciting process
  (Hawkes 1971). The share of followers is the slope of the surplus on the recent surplus, without the lasting part (a
  wrong baseline); this is an instrumental-variable regression.
- the room: how likely an independent reporter is in a server without reports in the last 15 minutes.
  Such a report cannot be an echo, so it counts in full.
- the credit: how many people may count in 15 minutes, given the number of servers, and in 5 minutes, given the number
  of new servers, so that a raid in one server weighs little. People above it are `held` back until there are more of
  them than a raid brings.
"""

from math import exp, log, sqrt

WINDOW = 15
"""Window in minutes: a person counts once in it, and `servers` is counted over it."""
_ECHO = 1 - exp(-1 / 4)
"""People follow within about four minutes."""
_LASTING = 1 / 25
"""A surplus that lasts longer than this many minutes (as a rate) is the baseline's error, not an echo."""
_ECHO_PRIOR = (15.0, 75.0)
"""Prior: one report in five is an echo, with the weight of half a day of reports."""
_ECHO_SURE, _MOST_ECHO = 0.8, 0.6
"""Short ups and downs also look like echoes, so only 80 % of the measured share is used, and at most `_MOST_ECHO`."""
_MEMORY = 1 - 1 / (30 * 24 * 60)
"""The echo is learned over 30 days."""
_SLOW = 1 / 20_000
"""Two weeks: learning rate for the usual look of a service."""
_ROOM_STEP, _ROOM_MARGIN = 0.003, 1.5
"""Learning rate of the room, and the factor that enlarges it, so that a report without a new server counts less."""
_REFRESH_STEP = 0.003
"""Learning rate of how many servers become silent with each report that leaves the window."""
_SEVERAL = 1.2
"""`most` (servers that reported together) above this means several..."""
_FADE = 1 - 1.6e-5
"""... and `most` fades so slowly that this is true for a month after two of them last reported together."""
_CREDIT_MARGIN, _CREDIT_FIRST, _CREDIT_CHANCE = 1.15, 0.7, 1.15
"""How many people count in 15 minutes: the number that usually comes with so many servers minus one (that one may be
raided), plus a margin; a part of one person; and about one standard deviation of the usual number."""
_BURST = 5
"""Servers that reported earlier say nothing about a sudden rise. So in this many minutes only this many people count:
the usual number, those who usually come with the new servers minus one, and those who come with one more."""
_BURST_CHANCE, _BURST_SIZE = 6.0, 20.0
"""In a large community, a raid is small beside the usual number of people. So up to this many standard deviations of
the usual number count as well: half of them in a community of this size (`size`), hardly any in a quarter of it."""
_CROWDED, _CROWDED_CHANCE = 1.8, 2.5
"""If a reporting server usually has more reports than this, the number of servers hardly shows a raid. Then only the
usual number of people counts, plus one, plus this many standard deviations..."""
_RAID, _RAID_CHANCE = 30.0, 1.5
"""... until there are more people than a raid brings, and this many standard deviations..."""
_SURPLUS_FADE = 1 - 1 / 30
"""... above what is usual, over about half an hour."""
_SUPPORT_SIZE = 8.0
_SUPPORT_ENOUGH = 5.0
"""Nats of evidence for an outage of `_SUPPORT_SIZE` that new servers must give to rule out a raid: two soon do."""
_SUPPORT_GAIN, _MOST_SUPPORT = log(_SUPPORT_SIZE), 20.0
_LATE, _LATE_SIZE = 10, 1.5
"""People held back count after all if a raid is ruled out within this many minutes. But the more people usually report,
the more likely do other servers report by chance during a raid. So only a share of them counts: about a third in a
community of this size (`size`), and hardly anybody in one of twice this size."""


class Crowd:
    """Splits a minute's reports into `fresh` (first in their server), `old` and `held` (above the credit), in people.

    `late` are people who were held back earlier and count from this minute on, as a raid has been ruled out.
    `echo` is the expected number of followers in the next minute, `share` the number of followers a report brings.
    """

    def __init__(self) -> None:
        self.counts, self.credits, self.opened = [0] * WINDOW, [0.0] * WINDOW, [0.0] * _BURST
        self.recent, self.used = 0, 0.0
        self.servers = 0
        self.fresh = self.old = self.held = self.late = 0.0
        self.waiting = [0.0] * _LATE
        self.share, self.echo, self.excited = _ECHO_PRIOR[0] / _ECHO_PRIOR[1], 0.0, 0.0
        self.lasting, self.follow, self.spread = 0.0, *_ECHO_PRIOR
        self.room, self.surplus, self.gone = 2.0, 0.0, 0.5
        self.most, self.mean_servers, self.mean_reports = 0.0, 0.3, 0.45
        self.support = self.above = 0.0

    @property
    def several(self) -> bool:
        """Whether this service is used in several servers."""
        return self.most >= _SEVERAL

    @property
    def crowded(self) -> bool:
        """Whether the same servers report nearly all the time, so that their number tells little."""
        return self.mean_reports > _CROWDED * self.mean_servers

    def beyond_raid(self, rate: float) -> bool:
        """Whether more people report than a raid brings, for services where the number of servers shows no raid."""
        return self.crowded and self._more_than_raid(rate)

    def size(self, rate: float) -> float:
        """The size of the community: how many people usually report in 15 minutes, now or on average in the last weeks.

        The larger of the two counts, so that a large community stays large at night.
        """
        return max(WINDOW * rate, self.mean_reports)

    def covered(self) -> float:
        """The share of independent reporters who are in a server that is already reporting."""
        active = max(self.servers, 1)
        return active / (active + _ROOM_MARGIN * self.room)

    def take(
        self, count: int, servers: int, rate: float, *, ordinary: bool, trusted: bool, credited: float | None = None
    ) -> None:
        """Add a minute: people, servers and the usual number of people per minute.

        The values are learned only in an `ordinary` minute; `credited` of its people count for the baseline, all by
        default. In a `trusted` outage the credit does not apply.
        """
        self._watch_echo(count - rate, rate, ordinary=ordinary)
        self.echo = self.share * self.excited
        self.excited += _ECHO * (count - self.excited)
        left = self._slide(count, servers)
        newcomers = (1 - self.share) * rate * self.room / (self.servers + self.room)
        counted = self.fresh = self.old = 0.0
        if count:
            free = trusted or not self.several or self.support >= _SUPPORT_ENOUGH
            fresh = self._new_servers(count, servers, left)
            counted = float(count) if free else min(count, self._credit(fresh, servers, rate))
            self.fresh = min(fresh, counted)
            self.old = counted - self.fresh
        elif left:
            gone = min(max((self.servers - servers) / left, 0.0), 1.0)
            self.gone += _REFRESH_STEP * (gone - self.gone)
        self.held = count - counted
        self.above = max(0.0, self.above * _SURPLUS_FADE + count - rate)
        self.used += counted
        self.credits.append(counted)
        self.opened.append(self.fresh)
        self.servers = servers
        if ordinary:
            self.surplus += self.fresh - newcomers
            usual = count if credited is None else credited
            self.mean_servers += _SLOW * (servers - self.mean_servers)
            self.mean_reports += _SLOW * (WINDOW * usual - self.mean_reports)
        support = self.support + self.fresh * _SUPPORT_GAIN - (_SUPPORT_SIZE - 1) * newcomers
        self.support = min(max(support, 0.0), _MOST_SUPPORT)
        self.waiting, self.late = [*self.waiting[1:], self.held], 0.0
        if self.support >= _SUPPORT_ENOUGH:
            share = exp(-((self.size(rate) / _LATE_SIZE) ** 2))
            self.waiting, self.late = [0.0] * _LATE, share * sum(self.waiting)

    def skip(self, minutes: int) -> None:
        """Skip minutes that were not observed: the windows move on, but nothing is learned."""
        for _ in range(min(minutes, WINDOW)):
            self.recent -= self.counts.pop(0)
            self.used -= self.credits.pop(0)
            self.counts.append(0)
            self.credits.append(0.0)
            self.opened = [*self.opened[1:], 0.0]
        self.excited *= (1 - _ECHO) ** minutes
        self.above *= _SURPLUS_FADE**minutes
        self.waiting = [0.0] * _LATE
        self.support *= 0.5 ** (minutes / WINDOW)

    def settle(self) -> None:
        """Once per block: update the learned values from the observed ones."""
        self.room = min(max(self.room * exp(_ROOM_STEP * self.surplus), 0.05), 200.0)
        self.surplus = 0.0
        self.share = _ECHO_SURE * min(max(self.follow / max(self.spread, 1.0), 0.0), _MOST_ECHO)

    def _watch_echo(self, surplus: float, rate: float, *, ordinary: bool) -> None:
        excess = self.excited - rate
        passing = excess - self.lasting
        if ordinary:
            self.lasting += _LASTING * (surplus - self.lasting)
            self.follow = self.follow * _MEMORY + surplus * passing
            self.spread = self.spread * _MEMORY + excess * passing

    def _slide(self, count: int, servers: int) -> int:
        """Move the window on by a minute. Return the number of people who left it."""
        left = self.counts.pop(0)
        self.counts.append(count)
        self.recent += count - left
        self.used -= self.credits.pop(0)
        self.opened.pop(0)
        self.most = max(servers, self.most * _FADE)
        return left

    def _credit(self, fresh: float, servers: int, rate: float) -> float:
        """How many more people may count now, if a raid may be among them."""
        credit = self._window_credit(servers, WINDOW * rate)
        return credit if self._more_than_raid(rate) else min(credit, self._burst_credit(fresh, servers, rate))

    def _window_credit(self, servers: int, usual: float) -> float:
        """How many more people may count in this window, with `usual` people in it as the usual number.

        The number of servers grows by `room / (servers + room)` with each independent person.
        """
        if servers <= 1:
            return max(0.0, 1 - self.used)
        others = servers - 1
        independent = others * (1 + others / (2 * self.room))
        allowed = _CREDIT_MARGIN * independent / (1 - self.share) + _CREDIT_FIRST + _CREDIT_CHANCE * sqrt(usual)
        if self.crowded:
            allowed = min(allowed, usual + 1 + _CROWDED_CHANCE * sqrt(usual))
        return max(0.0, allowed - self.used)

    def _burst_credit(self, fresh: float, servers: int, rate: float) -> float:
        """How many more people may count in these `_BURST` minutes, by the servers that are new in them."""
        opened = sum(self.opened) + fresh
        before, others = max(0.0, servers - opened), max(0.0, opened - 1)
        independent = others * (1 + (before + (others - 1) / 2) / self.room) + (servers + self.room) / self.room
        allowed = independent / (1 - self.share) + _BURST * rate
        if not self.crowded:
            allowed += _BURST_CHANCE * sqrt(_BURST * rate) / (1 + (_BURST_SIZE / self.size(rate)) ** 2)
        return max(0.0, allowed - sum(self.credits[1 - _BURST :]))

    def _more_than_raid(self, rate: float) -> bool:
        return self.above > _RAID + _RAID_CHANCE * sqrt(WINDOW * rate)

    def _new_servers(self, count: int, servers: int, left: int) -> float:
        """How many of a minute's people are the first in their server; `left` people leave the window."""
        more = servers - self.servers
        # Servers may leave the window in the same minute: the usual number for the people who left it.
        return max(min(max(more + left * self.gone, more, 0.0), count, more + left), 0.0)
