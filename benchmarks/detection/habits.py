"""Official pages and probes with the good and bad habits of real ones, together with the simulated community.

    python -m benchmarks.detection.habits --seed 4              # false alarms and blind time with each of them
    python -m benchmarks.detection.habits --seed 4 --only stale,flapping --communities typical

A month with an outage about every 36 hours (x3, x5 or x10) is played once without other signals and once with each
habit. The bot's own rules turn the readings into evidence (`core/signal_history`, `core/evidence`; only new trouble
counts), and the detector gets the sum in nats.
"""
import argparse
from dataclasses import dataclass
from multiprocessing import Pool

import numpy as np

from benchmarks.detection import score, sim, tables
from bot.core import signal_history
from bot.core.evidence import weigh
from bot.core.outages import Level, OutageDetector
from bot.core.signals import Cause, Incident, Maintenance, Reading, Signal, State

EPOCH = 29_000_000                       # the first minute of a timeline, so that times are those of this decade
DAY, HOUR = sim.DAY, 60


@dataclass(frozen=True)
class SourceSpan:
    """Something that a source shows for some minutes: trouble, a notice or maintenance."""

    begin: int
    end: int
    state: State = State.DOWN
    since: int | None = None             # the start that the page states
    impact: State | None = None          # the same as the state if None


@dataclass(frozen=True)
class Habit:
    """How a source behaves: `spans(rng, outages, end)` returns what it shows."""

    name: str
    signal: Signal
    spans: object

    def readings(self, rng, outages, end):
        """Yield the reading of each minute."""
        spans = sorted(self.spans(rng, outages, end), key=lambda one: one.begin)
        for minute in range(end):
            open_ = [one for one in spans if one.begin <= minute < one.end]
            yield reading(self.signal, minute, open_)


def reading(signal, minute, spans):
    """The reading of a source in this minute, while it shows these spans."""
    at = float((EPOCH + minute + 1) * 60 - 5)
    states = [one.state for one in spans]
    order = (State.UNKNOWN, State.DOWN, State.DEGRADED, State.MAINTENANCE)
    state = next((one for one in order if one in states), State.UP)
    cause = Cause.TIMEOUT if state is State.UNKNOWN else Cause.ANSWERED
    if signal is Signal.PROBE or state is State.UNKNOWN:
        return Reading(signal, state, cause, at)
    incidents = tuple(
        Incident(f"incident {one.begin}", "investigating", since=None if one.since is None else (EPOCH + one.since) * 60.0,
                 id=str(one.begin), impact=one.impact or one.state)
        for one in spans if one.state is not State.MAINTENANCE)
    work = tuple(Maintenance(f"work {one.begin}", active=True) for one in spans if one.state is State.MAINTENANCE)
    return Reading(signal, state, cause, at, incidents=incidents, maintenances=work)


def shown(after, late_end, state=State.DOWN, backdated=0, share=0.9):
    """Shows a `share` of the outages, from `after` minutes after the onset until `late_end` minutes after the end."""
    def spans(rng, outages, end):
        for onset, dur in outages:
            begin, stop = onset + int(rng.integers(*after)), onset + dur + int(rng.integers(*late_end))
            if rng.random() < share and begin < stop:
                yield SourceSpan(begin, stop, state, onset - backdated if backdated else begin)
    return spans


def now_and_then(every, length, state, impact=None):
    """Shows something unrelated to outages for `length` minutes, about every `every` minutes."""
    def spans(rng, outages, end):
        at = int(rng.integers(every))
        while at < end:
            stop = at + int(rng.integers(*length))
            yield SourceSpan(at, stop, state, at, impact)
            at = stop + 1 + int(rng.exponential(every))
    return spans


def both(*parts):
    return lambda rng, outages, end: [span for part in parts for span in part(rng, outages, end)]


HONEST = shown((5, 20), (0, 20))
LATE = shown((30, 70), (20, 120))


def forgotten(rng, outages, end):
    """A notice from three months ago that nobody closed."""
    return [SourceSpan(-100 * DAY, end, State.DEGRADED, -100 * DAY)]


HABITS = (
    Habit("honest", Signal.OFFICIAL, HONEST),
    Habit("late", Signal.OFFICIAL, LATE),
    Habit("backdated", Signal.OFFICIAL, shown((30, 70), (20, 120), backdated=60)),
    Habit("stale", Signal.OFFICIAL, both(forgotten, HONEST)),
    Habit("never closed", Signal.OFFICIAL, shown((5, 40), (3 * DAY, 9 * DAY), State.DEGRADED)),
    Habit("notices", Signal.OFFICIAL, both(now_and_then(2 * DAY, (HOUR, DAY), State.UP, State.UP), HONEST)),
    Habit("flapping", Signal.OFFICIAL, now_and_then(3 * HOUR, (3, 20), State.DEGRADED)),
    Habit("maintenance", Signal.OFFICIAL, both(now_and_then(5 * DAY, (HOUR, 4 * HOUR), State.MAINTENANCE), LATE)),
    Habit("another product", Signal.OFFICIAL, now_and_then(DAY, (HOUR, 5 * HOUR), State.DOWN)),
    Habit("silent", Signal.OFFICIAL, lambda rng, outages, end: []),
    Habit("probe honest", Signal.PROBE, shown((1, 4), (0, 3), share=0.6)),
    Habit("probe flapping", Signal.PROBE, now_and_then(4 * HOUR, (2, 6), State.DOWN)),
    Habit("probe stuck", Signal.PROBE, now_and_then(4 * DAY, (6 * HOUR, 2 * DAY), State.DOWN)),
    Habit("probe unknown", Signal.PROBE, both(now_and_then(2 * HOUR, (5, 4 * HOUR), State.UNKNOWN), shown((1, 4), (0, 3)))),
)


def month(c, seed):
    """Counts, servers and (onset, length) of a month with an outage about every 36 hours."""
    tl, rng = score.timeline(c, seed), np.random.default_rng([seed, 6])
    counts, servers, outages = list(tl.counts), list(tl.servers15), []
    at, end = score.WARM * DAY, (score.WARM + 30) * DAY
    while (at := at + int(rng.integers(900, 2300))) <= end - 700:
        fam = (sim.Outage("jump_x3", 3), sim.Outage("jump_x5", 5), sim.Outage("jump_x10", 10))[int(rng.integers(3))]
        x, y, dur = sim.inject(tl, fam, at, seed)
        counts[at:at + len(x)], servers[at:at + len(y)] = x, y
        outages.append((at, dur))
    return counts[:end], servers[:end], outages


def play(habit, c, seed):
    """(false alarms, blind minutes, outages, minutes of 'likely' outside outages) in the month of this seed."""
    counts, servers, outages = month(c, seed)
    looks = habit.readings(np.random.default_rng([seed, 8]), outages, len(counts)) if habit else None
    detector, history, on = OutageDetector(), signal_history.SignalHistory(), np.zeros(len(counts), bool)
    for minute, (n, k) in enumerate(zip(counts, servers)):
        now, nats = (EPOCH + minute + 1) * 60.0, 0.0
        if looks is not None:
            history = signal_history.look(history, next(looks))
            nats = sum(weigh({habit.signal: history}, 0, 0.0, now).values())
        on[minute] = detector.update(EPOCH + minute, n, k, nats) is Level.LIKELY
        history = signal_history.judge(history, now, outage=bool(on[minute]) and detector.unaided)
    up, blind, used, quiet = score.rises(on), 0, set(), on.copy()
    for onset, dur in outages:
        mine = [u for u in up if onset <= u < onset + dur]
        used.update(u for u in up if onset <= u < onset + dur + 30)
        blind += min(mine[0] - onset + 1, dur) if mine else dur
        quiet[onset:onset + dur + 60] = False
    false = sum(1 for u in up if u >= score.WARM * DAY and u not in used)
    return false, blind, len(outages), int(quiet[score.WARM * DAY:].sum())


def _job(a):
    habit, name, seeds = a
    habit = next((one for one in HABITS if one.name == habit), None)
    return np.array([play(habit, sim.COMMUNITIES[name], s) for s in seeds]).sum(0) / len(seeds)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--communities", default="quiet,typical,busy")
    p.add_argument("--months", type=int, default=10)
    p.add_argument("--only", default="", help="names of habits, separated by commas")
    p.add_argument("--jobs", type=int, default=2)
    a = p.parse_args()
    names = [None] + [one.name for one in HABITS if not a.only or one.name in a.only.split(",")]
    seeds = score.seeds_for("outage", a.seed, a.months)
    with Pool(a.jobs) as pool:
        for c in a.communities.split(","):
            none, found = None, {"seed": a.seed, "months": a.months}
            for name, row in zip(names, pool.imap(_job, [(n, c, seeds) for n in names])):
                false, blind, n, held = row
                none = none or row.tolist()
                found[name or "none"] = dict(false=false, blind=blind / n, ratio=blind / none[1])
                print(f"{c:8} {name or 'none':16} false alarms in 30 days {false:5.2f}; blind time {blind / n:6.1f} min per outage "
                      f"({blind / none[1]:.2f} of that without other signals); minutes of false alarms {held:5.0f}", flush=True)
            if not a.only:
                tables.keep("habits", c, found)


if __name__ == "__main__":
    main()
