"""The history of one other signal (the probe or the official page): when its trouble was new.

Trouble that has lasted for hours says nothing about current reports: pages keep forgotten notices for months. Only new
trouble counts. The page's operator may backdate an incident, but never postdate it. So it was published after the later
of two times: the time on the page, and our last look at the page without it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.core.reports import HOUR, MINUTE
from bot.core.signals import FRESH_FOR, TROUBLE, Incident, Reading, State

JUDGED_AFTER = 2 * HOUR
"""A change for the worse counts as right if people's reports alone show an outage within this time."""

STEADY_AFTER = 5 * MINUTE
"""Trouble that ended is believed to have ended after this long: a service that is half down often answers once."""

UNREAD_FOR = HOUR
"""For this long after the last look that found trouble, nobody knows whether it has ended."""

_SEVERITY = {State.UP: 0, State.MAINTENANCE: 0, State.DEGRADED: 1, State.DOWN: 2}
_REMEMBERS = 0.9
"""Each judged change multiplies the weight of earlier ones by this."""


@dataclass(frozen=True, slots=True)
class IncidentSeen:
    """An open incident as we saw it: the time of our first look with it and of our last look without it (None if none).

    `since` is the page's own time for it, or None. All times are epoch seconds.
    """

    key: str
    title: str
    impact: State
    seen: float
    unseen: float | None
    since: float | None

    @property
    def published(self) -> float | None:
        """The earliest possible time of its publication; None if unknown."""
        known = [at for at in (self.since, self.unseen) if at is not None and at <= self.seen]
        return max(known, default=None)


@dataclass(frozen=True, slots=True)
class SignalHistory:
    """The history of one signal of one service, up to its last successful reading.

    `worse` is the earliest time at which it may last have become worse, `noticed` is when we saw that; both are None if
    it never did. `fixing` is true if the page only monitors whether its fix holds.
    """

    state: State | None = None
    looked: float | None = None
    worse: float | None = None
    noticed: float | None = None
    troubled: float | None = None
    down: float | None = None
    """Since when we have seen trouble, and that it is down, without a break; None if our first look found it so."""
    better: float | None = None
    """When its trouble was last seen to end."""
    fixing: bool = False
    incidents: tuple[IncidentSeen, ...] = ()
    unjudged: float | None = None
    """A change for the worse that is not judged yet."""
    right: float = 0.0
    wrong: float = 0.0

    def trouble(self, now: float) -> bool:
        """Whether a fresh reading shows trouble."""
        return self.state in TROUBLE and self._is_fresh(now)

    def fine(self, now: float) -> bool:
        """Whether a fresh reading says that all is well."""
        return self.state is State.UP and self._is_fresh(now)

    def failing_since(self, began: float, now: float) -> float | None:
        """Since when it has shown trouble that is not older than `began`; None if it shows none, or only older one.

        A page with a forgotten incident that became worse, and is now as it was before, does not fail any longer.
        """
        if not self.trouble(now):
            return None
        times = [self.troubled, self.down]
        times += [one.seen for one in self.incidents if one.published is not None and one.published >= began]
        return min((at for at in times if at is not None and at >= began), default=None)

    def unsettled(self, began: float, now: float) -> bool:
        """Whether nobody knows yet if trouble that is not older than `began` has ended.

        It has just ended and may come back; or the signal showed it when it was last read, not long ago.
        """
        if self.noticed is None or self.noticed < began:
            return False
        if self.state in TROUBLE:
            return self.looked is not None and FRESH_FOR < now - self.looked <= UNREAD_FOR
        return self.better is not None and 0 <= now - self.better < STEADY_AFTER

    def _is_fresh(self, now: float) -> bool:
        return self.looked is not None and now - self.looked <= FRESH_FOR

    @property
    def trust(self) -> float:
        """The share of its changes for the worse that were right, from 0 to 1; a new signal is trusted."""
        return (self.right + 1) / (self.right + self.wrong + 1)

    def document(self) -> dict[str, Any]:
        """Everything as JSON values."""
        return asdict(self)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "SignalHistory":
        """A history from its document. Raises KeyError, TypeError or ValueError for anything else."""
        values = dict(document)
        if "troubled" not in values:  # an older version wrote it
            values |= {"troubled": values["noticed"], "down": None}
        values["state"] = None if values["state"] is None else State(values["state"])
        values["incidents"] = tuple(
            IncidentSeen(**(one | {"impact": State(one["impact"])})) for one in values["incidents"]
        )
        return cls(**values)


def look(before: SignalHistory, reading: Reading) -> SignalHistory:
    """The history after a reading. A reading that says nothing, or was already included, changes nothing."""
    if not reading.known or (before.looked is not None and reading.at <= before.looked):
        return before
    incidents = tuple(_seen(before, one, reading.at) for one in reading.incidents if one.impact in TROUBLE)
    after = replace(
        before,
        state=reading.state,
        looked=reading.at,
        better=reading.at if before.state in TROUBLE and reading.state not in TROUBLE else before.better,
        fixing=bool(incidents) and all(one.state == "monitoring" for one in reading.incidents if one.impact in TROUBLE),
        incidents=incidents,
    )
    worse = _worse(before, after)
    after = replace(
        after,
        troubled=_since(before, after, State.DEGRADED, before.troubled, new=worse is not None),
        down=_since(before, after, State.DOWN, before.down, new=worse is not None),
    )
    if worse is None:
        return after
    return replace(after, worse=worse, noticed=reading.at, unjudged=before.unjudged or reading.at)


def judge(history: SignalHistory, now: float, *, outage: bool) -> SignalHistory:
    """The history with its last change judged. `outage` is true if people's reports alone show an outage now."""
    if history.unjudged is None or not (outage or now - history.unjudged >= JUDGED_AFTER):
        return history
    return replace(
        history,
        unjudged=None,
        right=_REMEMBERS * history.right + outage,
        wrong=_REMEMBERS * history.wrong + (not outage),
    )


def _seen(before: SignalHistory, incident: Incident, at: float) -> IncidentSeen:
    known = next((one for one in before.incidents if one.key == incident.key), None)
    if known is not None:
        return replace(known, title=incident.title, impact=incident.impact)
    return IncidentSeen(incident.key, incident.title, incident.impact, at, before.looked, incident.since)


def _since(
    before: SignalHistory, after: SignalHistory, state: State, known: float | None, *, new: bool
) -> float | None:
    """Since when it has been at least as bad as `state`; `known` is what was known of that before the last look."""
    severity = _SEVERITY[state]
    if after.state is None or _SEVERITY[after.state] < severity:
        return None
    if before.state is None:
        return after.looked if new else None
    return known if _SEVERITY[before.state] >= severity else after.looked


def _worse(before: SignalHistory, after: SignalHistory) -> float | None:
    """The earliest time at which it became worse between two looks; None if it did not, or if the time is unknown."""
    impacts = {one.key: _SEVERITY[one.impact] for one in before.incidents}
    new = [one.published for one in after.incidents if one.key not in impacts]
    times = [at for at in new if at is not None]
    if before.looked is not None and before.state is not None and after.state is not None:
        worsened = any(_SEVERITY[one.impact] > impacts.get(one.key, 2) for one in after.incidents)
        if worsened or _SEVERITY[after.state] > _SEVERITY[before.state]:
            times.append(before.looked)
    return max(times, default=None)
