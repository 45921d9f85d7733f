"""Small numbers in public."""

from bot.core.chart import Chart
from bot.core.few import common, is_few, rough
from bot.core.tally import Counts, Tally


def test_one_to_four_people_are_a_few() -> None:
    assert [count for count in range(8) if is_few(count)] == [1, 2, 3, 4]


def test_bars_of_a_few_people_look_alike() -> None:
    chart = Chart(0, 60, (0, 1, 2, 3, 4, 5, 41), (None,) * 7)
    bars = rough(chart).people
    assert (bars[0], bars[5:]) == (0, (5, 41)) and len(set(bars[1:5])) == 1 and 0 < bars[1] < 5


def test_what_only_a_few_people_say_is_left_out() -> None:
    tally = common(Tally(Counts(30), symptoms={"login": 4, "chats": 5}))
    assert tally.symptoms == {"chats": 5} and tally.everywhere.quarter == 30
