"""Tallies: the mirror against brute force, minute by minute, and with a clock that jumps."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.reports import COUNTED_ONCE_FOR, DAY, Report, ReportIds
from bot.core.tally import WINDOWS, Board, Mirror

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["report", "report", "report", "withdraw", "symptom"]),
        st.integers(0, 5),  # who
        st.integers(0, 3),  # in which server; 0 is none
        st.integers(0, 5000),  # seconds later
    ),
    max_size=60,
)


@given(EVENTS)
@settings(max_examples=300)
def test_mirror_counts_as_brute_force_does(events: list[tuple[str, int, int, int]]) -> None:
    mirror, standing, now, number = Mirror(), list[Report](), 1_000_000, 0
    for act, who, guild, later in events:
        now += later
        newest = mirror.newest(who, now)
        if act == "report" and (newest is None or newest.at <= now - COUNTED_ONCE_FOR):
            number += 1
            report = Report(number, "s", guild, who, None, now)
            standing.append(report)
            mirror.add(report)
        elif act == "withdraw" and newest is not None:
            assert mirror.withdraw(who) == newest
            standing.remove(newest)
        elif act == "symptom" and newest is not None:
            changed = Report(newest.id, "s", newest.guild_id, who, "login", newest.at)
            standing[standing.index(newest)] = changed
            mirror.replace_newest(changed)
        for here in range(4):
            tally = mirror.tally(now, here or None)
            everywhere = tuple(len(_newest(standing, now, w)) for w in WINDOWS)
            assert (tally.everywhere.quarter, tally.everywhere.hour, tally.everywhere.day) == everywhere
            if tally.here is not None:
                counted = tuple(sum(r.guild_id == here for r in _newest(standing, now, w).values()) for w in WINDOWS)
                assert (tally.here.quarter, tally.here.hour, tally.here.day) == counted
        quarter = _newest(standing, now, WINDOWS[0]).values()
        assert tally.servers == len({r.guild_id for r in quarter} - {0})
        assert sum(tally.symptoms.values()) == sum(r.symptom is not None for r in quarter)


def _newest(standing: list[Report], now: int, window: int) -> dict[int, Report]:
    """Each person's newest report within the window."""
    return {r.reporter: r for r in standing if r.at > now - window}


def test_memory_is_given_back_after_a_day() -> None:
    mirror = Mirror()
    for number in range(10_000):
        mirror.add(Report(number, "s", 1, number, None, number))
    assert mirror.tally(2 * DAY, None).everywhere.day == 0
    assert len(mirror._reports) < 5000
    assert not mirror._newest or len(mirror._newest) < 5000


def test_the_asker_is_left_out_of_the_others() -> None:
    board = Board(["s"])
    for who in range(3):
        board.mirror("s").add(Report(who, "s", 1, who, None, 1000))
    assert board.tally("s", 1001, None, reporter=1).others == 2
    assert board.tally("s", 1001, None, reporter=99).others == 3


def test_minutes_count_people_newly_counted_and_leave_out_those_who_took_it_back() -> None:
    mirror = Mirror()
    for who, at in ((1, 600), (2, 659), (3, 660)):
        mirror.add(Report(who, "s", 1, who, None, at))
    assert (mirror.newly(10), mirror.newly(11), mirror.newly(12)) == (2, 1, 0)
    mirror.withdraw(2)
    assert mirror.newly(10) == 1


def test_a_clock_that_jumps_a_day_ahead_and_back_loses_and_adds_nobody() -> None:
    mirror = Mirror()
    for who in range(5):
        mirror.add(Report(who, "s", 1 + who % 2, who, None, 10 * DAY + who))
    mirror.withdraw(4)
    before = mirror.tally(10 * DAY + 10, 1)
    assert mirror.tally(11 * DAY + 11, 1).everywhere.day == 0
    mirror.add(Report(9, "s", 1, 9, None, 11 * DAY + 20))  # reported while the clock was wrong
    assert mirror.tally(10 * DAY + 30, 1) == before
    assert mirror.newly(11 * DAY // 60) == 0


@given(st.lists(st.floats(0, 4e9), min_size=1, max_size=50))
def test_report_ids_grow_whatever_the_clock_does(times: list[float]) -> None:
    ids = ReportIds(last=5)
    given_out = [ids.next(now) for now in times]
    assert given_out == sorted(set(given_out))
    assert all(0 < i < 2**63 for i in given_out)
