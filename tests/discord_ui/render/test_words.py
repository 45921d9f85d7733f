"""Verdicts, numbers and times in words."""

import pytest

from bot.core.tally import Counts, Tally
from bot.core.verdict import Confidence, Verdict, Word
from bot.discord_ui.render import words
from tests.resources import resources

TEXTS = resources().languages.texts("en")


def test_where_few_servers_report_a_verdict_says_that_outages_are_called_late() -> None:
    tally = Tally(Counts(3, 3, 3), servers=2, usual=1.0, few_servers=True)
    for word, said in ((Word.SOME_OTHERS, True), (Word.NOBODY_ELSE, True), (Word.NOT_JUST_YOU, False)):
        assert ("notice an outage late" in words.why(TEXTS, Verdict(word, Confidence.LOW), tally)) is said
    assert "late" not in words.why(TEXTS, Verdict(Word.SOME_OTHERS, Confidence.LOW), tally._replace(few_servers=False))


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "1 minute"),
        (89, "1 minute"),
        (91, "2 minutes"),
        (59 * 60, "59 minutes"),
        (60 * 60, "1 hour"),
        (125 * 60, "2 hours 5 minutes"),
        (24 * 3600, "1 day"),
        (73 * 3600 + 600, "3 days 1 hour"),
    ],
)
def test_a_length_is_told_in_at_most_two_units(seconds: float, expected: str) -> None:
    assert words.duration(TEXTS, seconds) == expected


@pytest.mark.parametrize(
    ("people", "servers", "usual", "expected"),
    [
        (0, 0, None, "no reports in the last 15 minutes"),
        (1, 1, None, "1 person in the last 15 minutes"),
        (2, 2, None, "2 people in 2 servers in the last 15 minutes"),
        (41, 12, 2.2, "41 people in 12 servers in the last 15 minutes (usually about 2)"),
        (0, 0, 0.4, "no reports in the last 15 minutes (usually 0 or 1)"),
    ],
)
def test_a_crowd_is_told_with_its_servers_if_there_are_several(
    people: int, servers: int, usual: float | None, expected: str
) -> None:
    assert words.crowd(TEXTS, Tally(Counts(people, people, people), servers=servers, usual=usual)) == expected


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (None, "over since about <t:60:t>"),
        (0, "no new reports since about <t:60:t> (as of <t:900:t>)"),
        (1, "1 new report since about <t:60:t> (as of <t:900:t>)"),
        (1200, "1,200 new reports since about <t:60:t> (as of <t:900:t>)"),
    ],
)
def test_calm_is_told_with_what_came_since_then(since: int | None, expected: str) -> None:
    assert words.calm(TEXTS, 60, since, 900) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], []),
        (["A"], ["Also having trouble: A. It may be the same cause."]),
        (["A", "B"], ["Also having trouble: A and B. It may be the same cause."]),
        (["A", "B", "C"], ["Also having trouble: A, B and C. It may be the same cause."]),
        (["A", "B", "C", "D"], ["Also having trouble: A, B, C and …. It may be the same cause."]),
    ],
)
def test_three_other_services_that_fail_are_named(names: list[str], expected: list[str]) -> None:
    assert words.failing_too(TEXTS, names) == expected


def test_numbers_are_grouped_as_the_language_does() -> None:
    german = resources().languages.texts("de")
    assert [words.number(TEXTS, value) for value in (999, 1000, 1_234_567)] == ["999", "1,000", "1,234,567"]
    assert [words.number(german, value) for value in (999, 1000, 2.5)] == ["999", "1.000", "2,5"]
