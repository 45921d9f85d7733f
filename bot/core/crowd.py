"""Which reports are news: people who come by themselves, and people who follow others.

Three things are learned from ordinary life, all of them from counts alone:

- the echo: how many more people of the same server a report brings within minutes. Reports are a self-exciting
  process (Hawkes 1971); the share of followers is the slope of the surplus on the recent surplus, with the part of
  it that lasts (a wrong baseline) taken out, which is an instrumental-variable regression.
- the room: how likely somebody who comes by himself opens a server nobody reported from in the last 15 minutes.
  Such a report cannot be an echo, so it counts in full.
- the credit: how many reports one server may bring in 15 minutes, so that a raid in one server stays one voice.
"""

from math import exp, log

WINDOW = 15
"""A person counts once in so many minutes, and `servers` is over the same."""
_ECHO = 1 - exp(-1 / 4)
"""People follow within about four minutes."""
_LASTING = 1 / 25
"""A surplus that lasts longer than this many minutes (as a rate) is the baseline's error, not an echo."""
_ECHO_PRIOR = (15.0, 75.0)
"""One in five, worth half a day of reports."""
_ECHO_SURE, _MOST_ECHO = 0.8, 0.6
"""Passing moods look like echoes too, so a fifth of what is measured is not believed; and no more than so many."""
_MEMORY = 1 - 1 / (30 * 24 * 60)
"""The echo is learned over 30 days."""
_SLOW = 1 / 20_000
"""Two weeks: what a service usually looks like."""
_ROOM_STEP, _ROOM_MARGIN = 0.003, 1.5
"""Speed of learning the room; and it is taken half as large again: a report without a new server counts rather less."""
_REFRESH_STEP = 0.003
"""Speed of learning how many servers fall silent with each report that leaves the window."""
_SEVERAL = 1.2
"""`most` (servers that reported together) above this means several..."""
_FADE = 1 - 1.6e-5
"""... and it fades so slowly that this holds for a month after the last time two of them did."""
_CREDIT, _CROWDED = 2.0, 1.1
"""Reports one server may bring in 15 minutes, one less in all; more (the square of what is usual in a server that
reports, by this) where servers always report, as their number says nothing there."""
_SUPPORT_SIZE = 8.0
_SUPPORT_ENOUGH = 5.0
"""Nats of evidence from new servers alone, for an outage of this size, that show it is no raid: two of them quickly."""
_SUPPORT_GAIN, _MOST_SUPPORT = log(_SUPPORT_SIZE), 20.0


class Crowd:
    """Splits a minute's reports into `fresh` (opened a server) and `old`, after the credit; both in people.

    `echo` is the expected followers in the coming minute, `share` the followers a report brings, `covered(...)`
    the share of newcomers that would be found in servers which are reporting already.
    """

    def __init__(self) -> None:
        self.counts, self.credits = [0] * WINDOW, [0.0] * WINDOW
        self.recent, self.used = 0, 0.0
        self.servers = 0
        self.fresh = self.old = 0.0
        self.share, self.echo, self.excited = _ECHO_PRIOR[0] / _ECHO_PRIOR[1], 0.0, 0.0
        self.lasting, self.follow, self.spread = 0.0, *_ECHO_PRIOR
        self.room, self.surplus, self.gone = 2.0, 0.0, 0.5
        self.most, self.mean_servers, self.mean_reports = 0.0, 0.3, 0.45
        self.support = 0.0

    @property
    def several(self) -> bool:
        """Whether this service lives in several servers."""
        return self.most >= _SEVERAL

    def covered(self) -> float:
        """The share of newcomers who land in a server that is reporting already."""
        active = max(self.servers, 1)
        return active / (active + _ROOM_MARGIN * self.room)

    def take(self, count: int, servers: int, rate: float, *, ordinary: bool, trusted: bool) -> None:
        """Take in a minute: people, servers and the usual people a minute.

        `ordinary` life is learned from; in a `trusted` outage servers bring in as much as they like.
        """
        self._watch_echo(count - rate, rate, ordinary=ordinary)
        self.echo = self.share * self.excited
        self.excited += _ECHO * (count - self.excited)
        left = self._slide(count, servers)
        newcomers = (1 - self.share) * rate * self.room / (self.servers + self.room)
        counted = self.fresh = self.old = 0.0
        if count:
            counted = self._split(count, servers, left, trusted=trusted)
        elif left:
            gone = min(max((self.servers - servers) / left, 0.0), 1.0)
            self.gone += _REFRESH_STEP * (gone - self.gone)
        self.used += counted
        self.credits.append(counted)
        self.servers = servers
        if ordinary:
            self.surplus += self.fresh - newcomers
            self.mean_servers += _SLOW * (servers - self.mean_servers)
            self.mean_reports += _SLOW * (WINDOW * count - self.mean_reports)
        support = self.support + self.fresh * _SUPPORT_GAIN - (_SUPPORT_SIZE - 1) * newcomers
        self.support = min(max(support, 0.0), _MOST_SUPPORT)

    def skip(self, minutes: int) -> None:
        """Minutes nobody observed: the windows move on, nothing is learned."""
        for _ in range(min(minutes, WINDOW)):
            self.recent -= self.counts.pop(0)
            self.used -= self.credits.pop(0)
            self.counts.append(0)
            self.credits.append(0.0)
        self.excited *= (1 - _ECHO) ** minutes
        self.support *= 0.5 ** (minutes / WINDOW)

    def settle(self) -> None:
        """Once a block: let what was seen change what is believed."""
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
        """Move the window on by a minute; returns the people who left it."""
        left = self.counts.pop(0)
        self.counts.append(count)
        self.recent += count - left
        self.used -= self.credits.pop(0)
        self.most = max(servers, self.most * _FADE)
        return left

    def _split(self, count: int, servers: int, left: int, *, trusted: bool) -> float:
        """Divide a minute's people; returns how many of them count."""
        counted = float(count)
        if self.several and not trusted and self.support < _SUPPORT_ENOUGH:
            usual = self.mean_reports / max(self.mean_servers, 0.05)
            allowed = max(_CREDIT, usual * usual / _CROWDED) * servers - 1
            counted = min(counted, max(0.0, allowed - self.used))
        more = servers - self.servers
        # Servers fell out of the window in the same minute: as many as usual go with those who left it.
        fresh = min(max(more + left * self.gone, more, 0.0), count, more + left)
        self.fresh = min(max(fresh, 0.0), counted)
        self.old = counted - self.fresh
        return counted
