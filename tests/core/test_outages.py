"""The outage detector as users and operators notice it, on invented communities of several servers."""

import copy
import json
import random
from collections import Counter, deque
from collections.abc import Iterator
from math import cos, exp, isfinite, pi
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.credit import Credit
from bot.core.outages import Level, OutageDetector
from tests.conftest import Figure

DAY = 1440
EPOCH = 29_000_000  # a minute of this decade


class Town:
    """People of several servers who report now and then, more by day; `share` of the reports are echoed."""

    def __init__(self, seed: int, per_quarter: float = 3.0, servers: int = 12, share: float = 0.2) -> None:
        self.rng, self.rate, self.share = random.Random(seed), per_quarter / 15 * (1 - share), share
        self.weights = [1 / k**0.8 for k in range(1, servers + 1)]
        self.echoes: dict[int, list[int]] = {}
        self.window: deque[list[int]] = deque([[]] * 15, 15)

    def minute(self, minute: int, times: float = 1.0, raid: int = 0) -> tuple[int, int]:
        """People and servers of a minute in which reports are `times` the usual, and `raid` people of server 0 come."""
        by_day = exp(0.8 * cos(2 * pi * minute / DAY)) / 1.17
        gap, came = self.rng.expovariate(1.0), self.echoes.pop(minute, [])
        while gap < self.rate * by_day * times:
            came += self.rng.choices(range(len(self.weights)), self.weights)
            gap += self.rng.expovariate(1.0)
        for server in came:
            if self.rng.random() < self.share:
                self.echoes.setdefault(minute + 1 + int(self.rng.expovariate(0.25)), []).append(server)
        came = came + [0] * raid
        self.window.append(came)
        return len(came), len({server for minute in self.window for server in minute})


def live(
    detector: OutageDetector, town: Town, start: int, minutes: int, times: float = 1.0
) -> Iterator[tuple[int, Level]]:
    for minute in range(start, start + minutes):
        yield minute, detector.update(minute, *town.minute(minute, times))


def settled(seed: int, days: int = 10, **kind: float) -> tuple[OutageDetector, Town]:
    detector, town = OutageDetector(), Town(seed, **kind)  # pyright: ignore[reportArgumentType]
    for _ in live(detector, town, EPOCH, days * DAY):
        pass
    return detector, town


@pytest.fixture(scope="module")
def grown() -> tuple[OutageDetector, Town]:
    return settled(2)


def fresh(grown: tuple[OutageDetector, Town]) -> tuple[OutageDetector, Town, int]:
    return *copy.deepcopy(grown), EPOCH + 10 * DAY


def test_ordinary_weeks_are_quiet_from_the_first_day() -> None:
    detector, town = OutageDetector(), Town(5)
    said = [level for _, level in live(detector, town, EPOCH, 14 * DAY)]
    assert Level.LIKELY not in said


def test_an_outage_is_called_dated_and_called_off(grown: tuple[OutageDetector, Town]) -> None:
    detector, town, now = fresh(grown)
    called = next(minute for minute, level in live(detector, town, now, 120, times=10) if level is Level.LIKELY)
    assert called - now < 20
    assert detector.since is not None
    assert -30 < detector.since - now < 20
    assert detector.recent > detector.usual
    for _, level in live(detector, town, called + 1, 60, times=10):
        assert level is Level.LIKELY
    after = [level for _, level in live(detector, town, called + 61, 120)]
    assert after[60:] == [Level.NORMAL] * 60
    assert after.count(Level.RECOVERED) == 15
    assert detector.since is None


def test_usual_is_what_people_bring_at_this_hour(grown: tuple[OutageDetector, Town]) -> None:
    detector, town, now = fresh(grown)
    expected = []
    for minute, _ in live(detector, town, now, DAY):
        truth = 3.0 * exp(0.8 * cos(2 * pi * minute / DAY)) / 1.17
        expected.append(detector.usual / truth)
    assert 0.75 < sum(expected) / len(expected) < 1.3
    assert min(expected) > 0.4 and max(expected) < 2.2


def test_a_raid_in_one_server_is_no_outage(grown: tuple[OutageDetector, Town]) -> None:
    called = 0
    for start in range(0, DAY, 120):
        detector, town, now = fresh(grown)
        for _ in live(detector, town, now, start):
            pass
        raid = [4] * 5 + [0] * 25
        said = [detector.update(now + start + i, *town.minute(now + start + i, raid=n)) for i, n in enumerate(raid)]
        called += Level.LIKELY in said
    assert called <= 2


def test_in_three_servers_a_raid_is_no_outage_and_an_outage_is_soon_one() -> None:
    detector, town = settled(6, per_quarter=6.0, servers=3)
    raided, later = copy.deepcopy((detector, town))
    raid = [5] * 4 + [0] * 26
    said = [
        raided.update(EPOCH + 10 * DAY + i, *later.minute(EPOCH + 10 * DAY + i, raid=n)) for i, n in enumerate(raid)
    ]
    assert Level.LIKELY not in said
    outage = live(detector, town, EPOCH + 10 * DAY, 30, times=30)
    called = next(minute for minute, level in outage if level is Level.LIKELY)
    assert called - EPOCH - 10 * DAY < 10
    assert detector.since is not None and abs(detector.since - EPOCH - 10 * DAY) < 10


def test_a_service_in_one_server_gets_alarms_too() -> None:
    detector, town = settled(3, servers=1)
    assert Level.LIKELY in {level for _, level in live(detector, town, EPOCH + 10 * DAY, 60, times=15)}


def test_other_signals_move_the_bar_but_not_the_counts(grown: tuple[OutageDetector, Town]) -> None:
    called = {}
    for log_odds in (-2.0, 0.0, 3.0, float("nan"), float("inf")):
        detector, town, now = fresh(grown)
        levels = [detector.update(m, *town.minute(m, 5), log_odds) for m in range(now, now + 180)]
        called[log_odds] = levels.index(Level.LIKELY)
        assert isfinite(detector.usual)
    assert called[3.0] == called[float("inf")] < called[0.0] < called[-2.0]
    alone, town, now = fresh(grown)
    assert all(alone.update(m, 0, 0, 99.0) is not Level.LIKELY for m in range(now, now + DAY))


def test_a_restart_goes_on_exactly(grown: tuple[OutageDetector, Town]) -> None:
    detector, town, now = fresh(grown)
    for _ in live(detector, town, now, 40, times=6):
        pass
    text = json.dumps(detector.state())
    assert len(text) < 10_000
    again, other = OutageDetector.restore(json.loads(text)), copy.deepcopy(town)
    ahead = list(live(detector, town, now + 40, 2 * DAY))
    assert list(live(again, other, now + 40, 2 * DAY)) == ahead
    assert again.state() == detector.state()


def test_what_an_earlier_version_learned_is_kept(grown: tuple[OutageDetector, Town]) -> None:
    now = json.loads(json.dumps(grown[0].state()))
    moved = {"_odds": "odds", "_own": "own", "_weight": "weight", "_evidence": "nats"}
    state = now | {"own": now["own"] | {old: now["odds"][new] for old, new in moved.items()}}
    del state["odds"]
    for part, name in (
        ("usual", "mood"),
        ("usual", "surprises"),
        ("crowd", "held"),
        ("crowd", "above"),
    ):
        del state[part][name]
    detector = OutageDetector.restore(state | {"version": 1})
    assert detector.usual == grown[0].usual
    assert detector.state()["version"] == 4
    assert detector.state()["odds"]["odds"] == now["odds"]["odds"]
    assert 0 < detector.state()["bar"]["peaks"] < state["bar"]["peaks"], "they were counted from a lower floor"


def test_garbage_and_other_versions_are_refused(grown: tuple[OutageDetector, Town]) -> None:
    good = grown[0].state()
    broken = [None, 7, [], "x", {}, good | {"version": 0}, good | {"level": "sunny"}, good | {"pending": [[1]]}]
    broken += [good | {"usual": {"mean": [0.0], "cov": []}}, good | {"odds": good["odds"] | {"odds": ["a"] * 6}}]
    broken += [good | {"bar": good["bar"] | {"peaks": float("nan")}}, good | {"minute": "soon"}, good | {"crowd": 1}]
    for state in broken:
        with pytest.raises(ValueError, match=r"."):
            OutageDetector.restore(state)


def test_time_the_process_was_off_is_not_taken_for_silence(grown: tuple[OutageDetector, Town]) -> None:
    detector, town, now = fresh(grown)
    usual = detector.usual
    now += 3 * DAY
    said = {level for _, level in live(detector, town, now, DAY)}
    assert Level.LIKELY not in said
    assert 0.5 < detector.usual / usual < 2
    assert Level.LIKELY in {level for _, level in live(detector, town, now + DAY, 60, times=20)}


@pytest.mark.parametrize("away", [DAY, -DAY, 400 * DAY, -400 * DAY])
def test_a_wrong_clock_does_no_harm(grown: tuple[OutageDetector, Town], away: int) -> None:
    detector, town, now = fresh(grown)
    said = {level for _, level in live(detector, town, now + away, 30)}
    said |= {level for _, level in live(detector, town, now, DAY)}
    assert Level.LIKELY not in said
    assert Level.LIKELY in {level for _, level in live(detector, town, now + DAY, 60, times=20)}


def test_a_minute_said_twice_counts_once(grown: tuple[OutageDetector, Town]) -> None:
    detector, town, now = fresh(grown)
    detector.update(now, *town.minute(now))
    before = detector.state()
    for minute in (now, now - 1, now - 59):
        assert detector.update(minute, 500, 12) is detector.level
    assert detector.state() == before


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 200), *[st.integers(-(10**12), 10**12)] * 2, st.floats()), max_size=60))
def test_no_input_breaks_it(minutes: list[tuple[int, int, int, float]]) -> None:
    detector, now = OutageDetector(), EPOCH
    for step, reporters, servers, log_odds in minutes:
        now += step
        assert detector.update(now, reporters, servers, log_odds) in Level
        assert isfinite(detector.usual) and detector.recent >= 0
    OutageDetector.restore(json.loads(json.dumps(detector.state())))


class Poisoned(NamedTuple):
    """What is usual before and after the attack, and after how many minutes a real outage was found."""

    before: float
    after: float
    found: int | None


def poisoned(accounts: int, *, capped: bool = True) -> Poisoned:
    """For three days accounts of one server report once an hour; then an outage brings one person a minute in eight."""
    rng, detector = random.Random(accounts + 4), OutageDetector()
    window, seen, before, after = deque([[0][:0]] * 15, 15), deque([[0][:0]] * DAY, DAY), 0.0, 0.0
    for minute in range(13 * DAY + 60):
        ordinary = [rng.randrange(8) for _ in range(int(rng.random() < 0.8 / 15))]
        outage = [rng.randrange(8)] if minute >= 13 * DAY else []
        attack = [0] * sum(account * 60 // accounts == minute % 60 for account in range(accounts))
        came = ordinary + outage + (attack if 10 * DAY <= minute < 13 * DAY - 180 else [])
        window.append(came)
        seen.append(ordinary + outage)
        today = Counter(server for minute in seen for server in minute) if came else Counter[int]()
        today[0] += accounts if minute >= 10 * DAY else 0
        credit = {server: Credit(people, today[server]) for server, people in Counter(came).items()}
        servers = len({server for minute in window for server in minute})
        level = detector.update(minute, len(came), servers, credited=credit if capped else None)
        if minute == 10 * DAY - 1:
            before = detector.usual
        if minute == 13 * DAY - 1:
            after = detector.usual
        if minute >= 13 * DAY and level is Level.LIKELY:
            return Poisoned(before, after, minute + 1 - 13 * DAY)
    return Poisoned(before, after, None)


@pytest.mark.parametrize("accounts", [1, 5, 15, 50])
def test_accounts_that_report_for_days_do_not_hide_a_real_outage(accounts: int, figure: Figure) -> None:
    now, uncapped = poisoned(accounts), poisoned(accounts, capped=False)
    figure(
        f"{accounts} accounts of one server report every hour for three days: "
        f"usual {now.before:.1f} to {now.after:.1f} (to {uncapped.after:.1f} without a cap); "
        f"an outage is found after {now.found or 'more than 60'} minutes ({uncapped.found or 'more than 60'})",
    )
    assert now.after < 3
    assert now.found is not None and now.found <= 30


@pytest.mark.parametrize(("servers", "few"), [(2, True), (200, False)])
def test_it_knows_whether_the_same_few_servers_bring_the_reports(servers: int, few: bool) -> None:
    rng, detector = random.Random(servers), OutageDetector()
    places = deque([set[int]() for _ in range(15)], maxlen=15)
    for minute in range(20 * 1440):
        people = sum(rng.random() < 0.5 for _ in range(3))
        places.append({rng.randrange(servers) for _ in range(people)})
        detector.update(minute, people, len(set[int]().union(*places)))
        if minute == 60:
            assert not detector.few_servers, "nobody knows yet"
    assert detector.few_servers is few
