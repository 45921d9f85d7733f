"""Reports in columns: they come out as they went in, at both ends, and dropped ones are gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.report_columns import ReportColumns
from bot.core.reports import Report


def report(number: int, symptom: str | None = None, *, young: bool = False) -> Report:
    return Report(number, f"s{number % 3}", number * 7, -number, symptom, 1_000_000 + number, young)


def test_numbers_follow_one_another_and_grow_at_both_ends() -> None:
    log = ReportColumns()
    assert (log.first, log.end) == (0, 0)
    assert [log.append(report(number)) for number in (10, 11)] == [0, 1]
    assert list(log.prepend([report(9, "login"), report(8, young=True)])) == [-1, -2]
    assert list(log.prepend([])) == []
    assert (log.first, log.end) == (-2, 2)
    assert [log[number] for number in range(-2, 2)] == [
        report(8, young=True),
        report(9, "login"),
        report(10),
        report(11),
    ]
    assert (log.id(-1), log.at(-1), log.reporter(-1)) == (9, 1_000_009, -9)
    assert (log.id(1), log.at(1), log.reporter(1)) == (11, 1_000_011, -11)


def test_a_report_can_say_later_what_is_wrong() -> None:
    log = ReportColumns()
    log.append(report(1))
    log.prepend([report(0, "login", young=True)])
    log.change(0, "chat")
    log.change(-1, None)
    assert log[0] == report(1, "chat") and log[-1] == report(0, None, young=True)


@pytest.mark.parametrize("before", [-3, -1, 0, 1, 2, 3])
def test_what_is_dropped_is_gone_and_the_others_keep_their_numbers(before: int) -> None:
    log = ReportColumns()
    for number in (3, 4, 5):
        log.append(report(number))
    log.prepend([report(number) for number in (2, 1, 0)])
    log.drop_before(before)
    assert (log.first, log.end) == (before, 3)
    assert [log[number] for number in range(before, 3)] == [report(number + 3) for number in range(before, 3)]
    assert log.append(report(6)) == 3 and log[3] == report(6)


_REPORTS = st.builds(
    Report,
    st.integers(0, 2**63 - 1),
    st.sampled_from(["a", "b"]),
    st.integers(0, 2**63 - 1),
    st.integers(-(2**63), 2**63 - 1),
    st.none() | st.sampled_from(["x", "y"]),
    st.integers(0, 2**32 - 1),
    st.booleans(),
)


@given(st.lists(_REPORTS, max_size=20), st.lists(_REPORTS, max_size=20))
def test_any_report_comes_out_as_it_went_in(older: list[Report], newer: list[Report]) -> None:
    log = ReportColumns()
    for one in newer:
        log.append(one)
    log.prepend(older)
    assert [log[number] for number in range(log.first, log.end)] == [*older[::-1], *newer]
