"""The exact numbers of the outage detector and the life of outages, in four fixed communities.

The other tests allow a range; this one does not. It compares the detector's results with `outages_trace.json`, so that
no rule changes unnoticed. After an intended change, measure it (`make detection`) and record the trace again:

    python -m tests.core.test_outages_trace --write
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot.core.credit import Credit
from bot.core.outage_life import OPEN, Assessment, Outage, advance
from bot.core.outages import Level, OutageDetector
from tests.core.test_outages import DAY, EPOCH, Town

RECORDED = Path(__file__).with_name("outages_trace.json")
HOUR = 60


class Time(NamedTuple):
    """From one minute to another: `times` the usual reports, `raid` people a minute of one server, other signals."""

    begin: int
    end: int
    times: float = 1.0
    raid: int = 0
    log_odds: float = 0.0


class Plan(NamedTuple):
    """A town and its events; the minutes of `off` are unobserved, `back` sets the clock back by that many minutes."""

    town: dict[str, Any]
    days: int
    times: tuple[Time, ...]
    off: tuple[tuple[int, int], ...] = ()
    back: tuple[tuple[int, int], ...] = ()


def at(day: int, hour: int, minute: int = 0) -> int:
    return day * DAY + hour * HOUR + minute


PLANS = {
    "several servers": Plan(
        {"seed": 11},
        20,
        (
            Time(at(6, 20), at(6, 21, 30), times=10),
            Time(at(6, 21, 45), at(6, 22), times=10),
            Time(at(9, 3), at(9, 5), times=4),
            Time(at(11, 12), at(11, 12, 5), raid=5),
            Time(at(13, 15), at(13, 18), times=3, log_odds=2.5),
            Time(at(15, 15), at(15, 18), times=3, log_odds=-2.5),
            Time(at(17, 10), at(17, 10, 40), times=60),
            Time(at(18, 9), at(19, 3), times=5),
        ),
        off=((at(8, 4), at(8, 4, 20)), (at(17, 10, 20), at(17, 10, 30)), (at(9, 12), at(11, 0))),
    ),
    "one server": Plan(
        {"seed": 12, "per_quarter": 1.0, "servers": 1},
        16,
        (Time(at(7, 18), at(7, 20), times=15), Time(at(12, 2), at(12, 5), times=8, log_odds=3.0)),
        back=((at(9, 6), 30), (at(10, 6), 2 * DAY)),
    ),
    "many people": Plan(
        {"seed": 13, "per_quarter": 40.0, "servers": 60, "share": 0.4},
        8,
        (Time(at(4, 8), at(4, 9), times=2.5), Time(at(6, 19), at(6, 23), times=30)),
    ),
    "few people": Plan(
        {"seed": 14, "per_quarter": 0.25, "servers": 3},
        18,
        (
            Time(at(8, 22), at(9, 1), times=12),
            Time(at(12, 12), at(12, 14), times=60),
            Time(at(15, 1), at(15, 2), raid=1),
        ),
    ),
}


def lived(plan: Plan) -> Iterator[tuple[int, OutageDetector, Outage | None]]:
    """Each observed minute: its number from the beginning, the detector and the outage after it."""
    detector, town, outage = OutageDetector(), Town(**plan.town), None
    clock = 0
    for passed in range(plan.days * DAY):
        clock -= sum(by for when, by in plan.back if when == passed)
        now = next((one for one in plan.times if one.begin <= passed < one.end), Time(0, 0))
        reporters, servers = town.minute(EPOCH + passed, now.times, now.raid)
        if any(begin <= passed < end for begin, end in plan.off):
            continue
        credited = {server: Credit(people, 0) for server, people in Counter(town.window[-1]).items()}
        detector.update(EPOCH + passed + clock, reporters, servers, now.log_odds, credited)
        before = outage if outage is None or outage.phase in OPEN else None
        minute = Assessment.by(detector, EPOCH + passed + clock, reporters, servers)
        outage = advance(before, minute, "s")
        yield passed, detector, outage


def rounded(value: Any) -> Any:
    """So that another machine's last digit makes no difference."""
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list | tuple) else value


def trace(plan: Plan) -> dict[str, Any]:
    """The record of a town: occasional rows and one at each change of level, each outage, and the last state."""
    rows, outages, level, going_on, detector = [], list[Any](), Level.NORMAL, False, OutageDetector()
    for passed, detector, outage in lived(plan):
        often = 10 if detector.level in {Level.POSSIBLE, Level.LIKELY} else 8 * HOUR
        if detector.level is not level or passed % often == 0:
            level = detector.level
            since, calm = (None if one is None else one - EPOCH for one in (detector.since, detector.calm_since))
            bar = detector._bar
            row = [passed, level.value, detector._odds.nats, bar.alarm, bar.warning, detector.usual]
            rows.append([*rounded(row), detector.recent, since, calm])
        if outage is not None:
            row = [outage.phase.value, *times(outage), outage.peak, outage.servers, outage.reports]
            outages[len(outages) - going_on :] = [row]
        going_on = outage is not None and outage.phase in OPEN
    state = rounded(detector.state())
    state["usual"]["cov"] = rounded(sum(detector.state()["usual"]["cov"]))
    return {"rows": rows, "outages": outages, "state": state}


def times(outage: Outage) -> list[int | None]:
    known = outage.began, outage.detected, outage.ended, outage.peak_at
    return [None if one is None else one - EPOCH * 60 for one in known] + [outage.unwatched]


@pytest.mark.parametrize("name", PLANS)
def test_nothing_it_says_has_changed(name: str) -> None:
    kept, now = json.loads(RECORDED.read_text())[name], json.loads(json.dumps(trace(PLANS[name])))
    assert now["rows"] == kept["rows"]
    assert now["outages"] == kept["outages"]
    assert now["state"] == kept["state"]


def test_the_towns_have_seen_all_there_is() -> None:
    kept = json.loads(RECORDED.read_text())
    said = {row[1] for town in kept.values() for row in town["rows"]}
    ended = {outage[0] for town in kept.values() for outage in town["outages"]}
    assert said == {level.value for level in Level}
    assert ended == {"over", "dismissed"}


def write() -> None:
    """Record all towns again, one row a line."""
    towns = {name: trace(plan) for name, plan in PLANS.items()}
    parts: list[str] = []
    for name, town in towns.items():
        rows = ",\n  ".join(map(json.dumps, town["rows"]))
        outages = ",\n  ".join(map(json.dumps, town["outages"]))
        state = json.dumps(town["state"])
        part = f'{{"rows": [\n  {rows}],\n "outages": [\n  {outages}],\n "state": {state}}}'
        parts.append(f"{json.dumps(name)}:\n {part}")
    RECORDED.write_text("{" + ",\n".join(parts) + "}\n")


if __name__ == "__main__" and "--write" in sys.argv:
    write()
