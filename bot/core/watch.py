"""The watch of one service: how each minute changes the detector, the outage and the official page's history.

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
"""How many minutes late a minute may be processed (on a busy machine); older minutes count as unobserved."""

Minutes = tuple[int, int]
"""A span of minutes since the epoch, from the first to the second (exclusive)."""


@dataclass(frozen=True, slots=True)
class WatchState:
    """The state of one service after the minute before `next_minute`.

    `outage` is the open one, `unobserved` are the spans of the last day in which reports could not reach us, `signals`
    are the histories of the other signals, `role_called` is when a role was last mentioned. If `call` is set,
    subscribers are notified when this state is persisted. The detector is never changed in place.
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
        """The evidence that the other signals add to the reports now, in nats."""
        return weigh(self.signals, talking, usual_talking, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The observations of a minute.

    `reporters` is the number of people who reported in it, each at most once per hour. `people`, `servers` and
    `symptoms` (people by symptom id) are those of the last 15 minutes whose reports still stand; `people` None means
    that all do. `talking` is how many people mentioned trouble in the last 15 minutes, `usual_talking` how many usually
    do.
    """

    reporters: int = 0
    servers: int = 0
    symptoms: Mapping[str, int] = field(default_factory=dict[str, int])
    talking: int = 0
    usual_talking: float = 0.0
    people: int | None = None
    credited: Credits | None = None
    """How many of `reporters` may count for the baseline, by server; None for all of them."""


def next_state(state: WatchState, observed: Observation, last: Outage | None = None) -> WatchState:
    """The state after the next minute. `last` is the previous outage, which a relapse reopens."""
    detector, minute = deepcopy(state.detector), state.next_minute
    evidence = state.evidence((minute + 1) * MINUTE, observed.talking, observed.usual_talking)
    detector.update(minute, observed.reporters, observed.servers, sum(evidence.values()), observed.credited)
    assessment = replace(
        Assessment.by(detector, minute, observed.reporters, observed.servers, observed.people),
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
    # This soon after an outage a suspicion would only be a second message about it, so only a relapse counts.
    return advance(last, assessment, state.service) if assessment.level is Level.LIKELY else None


def _call_role(outage: Outage, called: int | None) -> tuple[Outage, int | None]:
    """A new outage with the decision whether to mention the role, and when a role was last mentioned."""
    if outage.unstable or outage.quiet:
        return outage, called
    if called is not None and 0 <= outage.seen - called < ROLE_RESTS:
        return replace(outage, quiet=True), called
    return outage, outage.seen


def written(state: WatchState, outage: Outage | None) -> WatchState:
    """The state after it was persisted, with its outage as stored. A closed outage is dropped."""
    return replace(state, call=False, outage=outage if outage is not None and outage.phase in OPEN else None)


def skip_unobserved(state: WatchState, this_minute: int, *, reachable: bool) -> WatchState:
    """Skip to the end of this minute if reports cannot reach us in it, or if the bot was offline for too long."""
    if reachable and -1 <= this_minute - state.next_minute <= LONGEST_DELAY:
        return state
    return skip_to(state, this_minute + 1)


def skip_to(state: WatchState, minute: int) -> WatchState:
    """Continue at `minute`. Minutes before it that were not processed are unobserved, never minutes without reports."""
    first = state.next_minute
    day_before = minute - DAY // MINUTE
    spans = [(begin, min(end, minute)) for begin, end in state.unobserved if begin < minute and end > day_before]
    if first < minute:
        if spans and spans[-1][1] >= first:
            first = spans.pop()[0]
        spans.append((first, minute))
    return replace(state, next_minute=minute, unobserved=tuple(spans))


def take_in(state: WatchState, seen: Mapping[Signal, Seen | None]) -> WatchState:
    """The state after new readings of the other signals.

    Incidents of the official page are attached to the open outage.
    """
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
    """The outage, open or past, with the first open incident of the official page whose time fits."""
    history = state.signals.get(Signal.OFFICIAL)
    if history is None or history.state not in TROUBLE:
        return outage
    incidents = history.incidents
    if not incidents:  # a page that shows trouble without an incident
        if history.noticed is None:  # our first look found it so
            return replace(outage, official_older=outage.official_older or outage.ended is None)
        assert history.state is not None
        incidents = (IncidentSeen("", "", history.state, history.noticed, history.worse, None),)
    for incident in incidents:
        outage = attach(outage, incident)
    return outage


def ends_waiting(before: Outage | None, after: Outage | None) -> bool:
    """Whether to notify the subscribers now.

    They are notified at the recovery and again when the outage is over, because another process learns of the recovery
    a moment later and accepts subscribers until then. After repeated failures, only the end of the outage notifies
    them.
    """
    if after is None or (before is not None and before.phase is after.phase):
        return False
    if after.unstable and after.phase is Phase.RECOVERING:
        return False
    return after.phase in {Phase.RECOVERING, Phase.OVER, Phase.DISMISSED}


def confirmed(outage: Outage | None, evidence: Mapping[str, float], *, before: bool) -> bool:
    """Whether other signals confirm an outage, so that it is not just a raid on a few servers.

    New trouble of the probe or the official page confirms it; an open outage that was confirmed `before` stays so.
    """
    return bool(evidence) or (outage is not None and before)


def audience(
    watching: Iterable[tuple[int, GuildSettings]], announced: Container[int], among: Container[int] | None
) -> dict[int, GuildSettings]:
    """The servers to announce an outage to, among those that follow the service.

    All of them, or only those that it is known to concern, plus those in which it was announced before.
    """
    return {
        guild_id: settings
        for guild_id, settings in watching
        if among is None or guild_id in among or guild_id in announced
    }
