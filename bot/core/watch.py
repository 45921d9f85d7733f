"""The watch of one service, minute by minute: what the detector, the outage and the official page make of it.

Plain values in and out: nothing here reads a clock, writes to a store or changes a value that it was given.
"""

from collections.abc import Container, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace

from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import OPEN, Assessment, Outage, Phase, advance, attach
from bot.core.outages import OutageDetector
from bot.core.reports import DAY, MINUTE
from bot.core.signals import TROUBLE, Incident, Seen

LONGEST_DELAY = 10
"""Minutes by which a minute may be taken in late (a busy machine); after a longer time they count as unobserved."""

Minutes = tuple[int, int]
"""A span of minutes since the epoch, from the first up to before the second."""


@dataclass(frozen=True, slots=True)
class WatchState:
    """What is known of one service after the minute before `next_minute`.

    `outage` is the open one, `unobserved` are the spans of the last day in which reports could not reach us,
    `official_since` is when the official page began to report trouble that gives no time of its own. With `call`, those
    who wait for the recovery are to be called when this is written. The detector is never changed in place.
    """

    service: str
    detector: OutageDetector
    next_minute: int
    unobserved: tuple[Minutes, ...] = ()
    outage: Outage | None = None
    official_since: int | None = None
    call: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """What was observed in a minute.

    `newly` are the people first counted in it; `servers` and `symptoms` (people by symptom id) are those of the last 15
    minutes; `evidence` is what the other signals add, in nats.
    """

    newly: int = 0
    servers: int = 0
    symptoms: Mapping[str, int] = field(default_factory=dict[str, int])
    evidence: Mapping[str, float] = field(default_factory=dict[str, float])


def step(state: WatchState, observed: Observation) -> WatchState:
    """The state after the next minute."""
    detector, minute = deepcopy(state.detector), state.next_minute
    detector.update(minute, observed.newly, observed.servers, sum(observed.evidence.values()))
    assessment = replace(
        Assessment.by(detector, minute, observed.newly, observed.servers),
        symptoms=observed.symptoms,
        evidence=observed.evidence,
    )
    outage = advance(state.outage, assessment, state.service)
    call = state.call or ends_waiting(state.outage, outage)
    return replace(state, detector=detector, next_minute=minute + 1, outage=outage, call=call)


def written(state: WatchState, outage: Outage | None) -> WatchState:
    """The state after it was written, with its outage as it was stored. A closed one is not watched any longer."""
    return replace(state, call=False, outage=outage if outage is not None and outage.phase in OPEN else None)


def skip_unobserved(state: WatchState, this_minute: int, *, reachable: bool) -> WatchState:
    """Skip up to the end of this minute if reports cannot reach us in it, or if we were away for too long."""
    if reachable and -1 <= this_minute - state.next_minute <= LONGEST_DELAY:
        return state
    return skip_to(state, this_minute + 1)


def skip_to(state: WatchState, minute: int) -> WatchState:
    """Go on at `minute`; the minutes before it that were not taken in are unobserved, never without reports."""
    first = state.next_minute
    day_before = minute - DAY // MINUTE
    spans = [(begin, min(end, minute)) for begin, end in state.unobserved if begin < minute and end > day_before]
    if first < minute:
        if spans and spans[-1][1] >= first:
            first = spans.pop()[0]
        spans.append((first, minute))
    return replace(state, next_minute=minute, unobserved=tuple(spans))


def take_in_official_page(state: WatchState, seen: Seen | None) -> WatchState:
    """The state after a look at the official page: its incidents are attached to the open outage."""
    if seen is None:
        return state
    since = state.official_since
    if seen.now.state in TROUBLE:
        since = int(seen.now.at) if since is None else since
    elif seen.now.known:
        since = None
    outage = state.outage
    if outage is not None and seen.now.known:
        outage = replace(outage, official_read=True)
    state = replace(state, official_since=since, outage=outage)
    return state if outage is None else replace(state, outage=with_incidents(outage, state, seen))


def with_incidents(outage: Outage, state: WatchState, seen: Seen | None) -> Outage:
    """The outage, open or past, with those incidents of the official page that belong to it by time."""
    if seen is None or state.official_since is None or seen.now.state not in TROUBLE:
        return outage
    for incident in seen.now.incidents or (Incident(seen.now.detail, ""),):
        outage = attach(outage, incident, state.official_since)
    return outage


def ends_waiting(before: Outage | None, after: Outage | None) -> bool:
    """Whether those who wait for the recovery are to be called.

    Once more when it is over: another process learns of the recovery a moment later, and lets people wait until then.
    """
    if after is None or (before is not None and before.phase is after.phase):
        return False
    return after.phase in {Phase.RECOVERING, Phase.OVER, Phase.DISMISSED}


def confirmed(outage: Outage | None, evidence: Mapping[str, float], *, before: bool) -> bool:
    """Whether an outage is more than what one server reports, which may be a raid.

    The probe or the official page confirms it; and an open outage that was confirmed `before` stays so.
    """
    return bool(evidence) or (outage is not None and before)


def audience(
    watching: Iterable[tuple[int, GuildSettings]], announced: Container[int], only_in: int | None
) -> dict[int, GuildSettings]:
    """Of the servers that watch a service, those that its outage is announced to.

    All, or, where only one server reports it, that one; and those in which it was announced before.
    """
    return {
        guild_id: settings
        for guild_id, settings in watching
        if only_in is None or guild_id == only_in or guild_id in announced
    }
