"""The watch of one service, minute by minute: what the detector, the outage and the official page make of it.

Plain values in and out: nothing here reads a clock, writes to a store or changes a value that it was given.
"""

from collections.abc import Container, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace

from bot.core import signal_history
from bot.core.credit import Credits
from bot.core.evidence import weigh
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import OPEN, REAL, ROLE_RESTS, Assessment, Outage, Phase, advance, attach, reopens
from bot.core.outages import Level, OutageDetector
from bot.core.reports import DAY, MINUTE
from bot.core.signal_history import IncidentSeen, SignalHistory
from bot.core.signals import TROUBLE, Seen, Signal

LONGEST_DELAY = 10
"""Minutes by which a minute may be taken in late (a busy machine); after a longer time they count as unobserved."""

Minutes = tuple[int, int]
"""A span of minutes since the epoch, from the first up to before the second."""


@dataclass(frozen=True, slots=True)
class WatchState:
    """What is known of one service after the minute before `next_minute`.

    `outage` is the open one, `unobserved` are the spans of the last day in which reports could not reach us, `signals`
    the histories of the other signals, `role_called` is when a role was last called. With `call`, those who wait for
    the recovery are to be called when this is written. The detector is never changed in place.
    """

    service: str
    detector: OutageDetector
    next_minute: int
    unobserved: tuple[Minutes, ...] = ()
    outage: Outage | None = None
    signals: Mapping[Signal, SignalHistory] = field(default_factory=dict[Signal, SignalHistory])
    role_called: int | None = None
    call: bool = False

    def evidence(self, now: float, talking: int = 0, usual_talking: float = 0.0) -> dict[str, float]:
        """What the other signals add to the reports now, in nats."""
        return weigh(self.signals, talking, usual_talking, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was observed in a minute.

    `newly` are the people who reported in it, each once in an hour. `people`, `servers` and `symptoms` (people by
    symptom id) are those of the last 15 minutes whose reports still stand; `people` None means that all do. `talking`
    is how many people talked of trouble in them, and `usual_talking` how many usually do.
    """

    newly: int = 0
    servers: int = 0
    symptoms: Mapping[str, int] = field(default_factory=dict[str, int])
    talking: int = 0
    usual_talking: float = 0.0
    people: int | None = None
    credited: Credits | None = None
    """How many of `newly` may count for what is usual, by server; None for all of them."""


def step(state: WatchState, observed: Observation, last: Outage | None = None) -> WatchState:
    """The state after the next minute. `last` is the outage before, which a relapse reopens."""
    detector, minute = deepcopy(state.detector), state.next_minute
    evidence = state.evidence((minute + 1) * MINUTE, observed.talking, observed.usual_talking)
    detector.update(minute, observed.newly, observed.servers, sum(evidence.values()), observed.credited)
    assessment = replace(
        Assessment.by(detector, minute, observed.newly, observed.servers, observed.people),
        symptoms=observed.symptoms,
        evidence=evidence,
        signals=state.signals,
    )
    outage = _advanced(state, assessment, last)
    called = state.role_called
    if outage is not None and outage.phase in REAL and (state.outage is None or state.outage.detected is None):
        outage, called = _call_role(outage, called)
    proved = outage is not None and outage.phase is Phase.ON and detector.unaided
    return replace(
        state,
        detector=detector,
        next_minute=minute + 1,
        outage=outage,
        signals={
            signal: signal_history.judge(history, assessment.at, outage=proved)
            for signal, history in state.signals.items()
        },
        role_called=called,
        call=state.call or ends_waiting(state.outage, outage),
    )


def _advanced(state: WatchState, assessment: Assessment, last: Outage | None) -> Outage | None:
    if state.outage is not None or last is None or not reopens(last, assessment.at):
        return advance(state.outage, assessment, state.service)
    # So soon after an outage a suspicion would be a second message about it: only a relapse counts.
    return advance(last, assessment, state.service) if assessment.level is Level.LIKELY else None


def _call_role(outage: Outage, called: int | None) -> tuple[Outage, int | None]:
    """A new outage with whether a role is called for it, and when one was last called."""
    if outage.unstable or outage.quiet:
        return outage, called
    if called is not None and 0 <= outage.seen - called < ROLE_RESTS:
        return replace(outage, quiet=True), called
    return outage, outage.seen


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


def take_in(state: WatchState, seen: Mapping[Signal, Seen | None]) -> WatchState:
    """The state after a look at the other signals. Incidents of the official page are attached to the open outage."""
    signals = dict(state.signals)
    for signal, one in seen.items():
        if one is not None and (signal in signals or one.now.known):
            signals[signal] = signal_history.look(signals.get(signal, SignalHistory()), one.now)
    outage, official = state.outage, seen.get(Signal.OFFICIAL)
    if outage is not None and official is not None and official.now.known:
        name, ends = official.now.work(official.now.at) or ("", None)
        outage = replace(outage, official_read=True, maintenance=name, maintenance_ends=ends)
    state = replace(state, signals=signals, outage=outage)
    return state if outage is None else replace(state, outage=with_incidents(outage, state))


def with_incidents(outage: Outage, state: WatchState) -> Outage:
    """The outage, open or past, with the first of the official page's open incidents that belongs to it by time."""
    history = state.signals.get(Signal.OFFICIAL)
    if history is None or history.state not in TROUBLE:
        return outage
    incidents = history.incidents
    if not incidents and history.noticed is not None:
        # A page that shows trouble without an incident.
        assert history.state is not None
        incidents = (IncidentSeen("", "", history.state, history.noticed, history.worse, None),)
    for incident in incidents:
        outage = attach(outage, incident)
    return outage


def ends_waiting(before: Outage | None, after: Outage | None) -> bool:
    """Whether those who wait for the recovery are to be called.

    Once more when it is over: another process learns of the recovery a moment later, and lets people wait until then.
    What failed several times must hold first: there they are called when it is over.
    """
    if after is None or (before is not None and before.phase is after.phase):
        return False
    if after.unstable and after.phase is Phase.RECOVERING:
        return False
    return after.phase in {Phase.RECOVERING, Phase.OVER, Phase.DISMISSED}


def confirmed(outage: Outage | None, evidence: Mapping[str, float], *, before: bool) -> bool:
    """Whether an outage is more than what a few servers report, which may be a raid.

    New trouble of the probe or the official page confirms it; an open outage that was confirmed `before` stays so.
    """
    return bool(evidence) or (outage is not None and before)


def audience(
    watching: Iterable[tuple[int, GuildSettings]], announced: Container[int], among: Container[int] | None
) -> dict[int, GuildSettings]:
    """Of the servers that watch a service, those that its outage is announced to.

    All, or only those that it is known to concern; and those in which it was announced before.
    """
    return {
        guild_id: settings
        for guild_id, settings in watching
        if among is None or guild_id in among or guild_id in announced
    }
