"""Reports: young accounts, and ids that always increase, even if the clock jumps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.reports import COUNTED_ONCE_FOR, DAY, ReportIds, is_young

NOW = 1_700_000_000.0


def account(age: float) -> int:
    """The id of an account that was made so many seconds before NOW (docs.discord.com, "Snowflakes")."""
    return int((NOW - age - 1_420_070_400) * 1000) << 22


@pytest.mark.parametrize(("age", "young"), [(0, True), (7 * DAY - 1, True), (7 * DAY, False), (700 * DAY, False)])
def test_an_account_is_young_for_a_week(age: float, young: bool) -> None:
    assert is_young(account(age), NOW) is young


def test_a_person_counts_once_in_fifteen_minutes() -> None:
    assert COUNTED_ONCE_FOR == 15 * 60


def test_ids_grow_with_time_and_when_the_clock_is_set_back() -> None:
    ids = ReportIds()
    given = [ids.next(now) for now in (NOW, NOW, NOW + 1, NOW - DAY, NOW - DAY, NOW + 2)]
    assert given == sorted(set(given))
    assert given[0] >> 20 == int(NOW * 1000), "the upper bits are its milliseconds"


def test_ids_go_on_after_the_last_one_that_was_kept() -> None:
    last = ReportIds(worker_id=3).next(NOW + DAY)
    assert ReportIds(last, worker_id=5).next(NOW) > last


def test_two_processes_never_give_the_same() -> None:
    one, other = ReportIds(worker_id=1), ReportIds(worker_id=2 + ReportIds.MAX_WORKERS)
    given = [maker.next(NOW) for _ in range(100) for maker in (one, other)]
    assert len(set(given)) == 200
    assert {number % ReportIds.MAX_WORKERS for number in given} == {1, 2}


@given(st.lists(st.floats(0, 4e9), min_size=1, max_size=50))
def test_report_ids_grow_whatever_the_clock_does(times: list[float]) -> None:
    ids = ReportIds(last=5)
    given_out = [ids.next(now) for now in times]
    assert given_out == sorted(set(given_out))
    assert all(0 < i < 2**63 for i in given_out)
