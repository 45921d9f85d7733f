"""The grade of an official page's delay."""

import pytest

from bot.core.official_delay import Grade, grade
from bot.core.outage_life import Outage, Phase
from bot.core.reports import MINUTE


def outage(minutes: float | None, *, read: bool = True) -> Outage:
    """An outage that was on the page so many minutes after the first reports; None for never."""
    at = None if minutes is None else 1000 + int(minutes * MINUTE)
    return Outage("one", Phase.OVER, 1000, official_at=at, official_read=read)


@pytest.mark.parametrize(
    ("delays", "expected"),
    [
        ((), Grade.TOO_FEW),
        ((1, 2), Grade.TOO_FEW),
        ((1, 10, 300), Grade.PROMPT),
        ((-20, -5, 0), Grade.PROMPT),
        ((5, 11, 12), Grade.SLOW),
        ((5, 31, 31), Grade.LATE),
        ((5, None, None), Grade.SILENT),
        ((5, 6, None, None), Grade.PROMPT),
        ((None, None, None), Grade.SILENT),
    ],
)
def test_half_of_the_outages_decide(delays: tuple[float | None, ...], expected: Grade) -> None:
    assert grade([outage(minutes) for minutes in delays]).grade is expected


def test_outages_in_which_the_page_could_not_be_read_do_not_count() -> None:
    found = grade([outage(None, read=False)] * 9 + [outage(5), outage(6), outage(None)])
    assert (found.grade, found.outages, found.posted) == (Grade.PROMPT, 3, 2)
