"""The state of a post's delivery: pauses after failures, and what its message shows."""

import random

from bot.core.outage_life import Outage, Phase
from bot.usecases.outages.deliveries import LONGEST_PAUSE, Deliveries, visible

POST, NOW = 7, 1_800_000_000.0
ON = Outage("one", Phase.ON, 100, id=1, seen=200, recent=9, usual=1.26, doubted=150)


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


def deliveries() -> tuple[Deliveries, Clock]:
    clock = Clock()
    return Deliveries(clock, random.Random(1)), clock


def test_pauses_grow_up_to_the_longest_and_end_with_success() -> None:
    known, _ = deliveries()
    lengths = list[float]()
    for times in range(1, 12):
        assert known.failed(POST) == times
        delivery = known.get(POST)
        assert delivery is not None and delivery.paused_until is not None
        lengths.append(delivery.paused_until - NOW)
    assert 1.4 <= lengths[0] <= 2 and lengths[3] > lengths[0] and 0.7 * LONGEST_PAUSE <= max(lengths) <= LONGEST_PAUSE
    assert known.pauses(POST, NOW) and not known.pauses(POST, NOW + LONGEST_PAUSE)
    known.succeeded(POST)
    assert not known.pauses(POST, NOW) and known.failed(POST) == 1


def test_a_clock_set_back_ends_a_pause() -> None:
    known, _ = deliveries()
    known.broke(POST)
    assert known.pauses(POST, NOW) and not known.pauses(POST, NOW - 86_400)
    assert not known.pauses(404, NOW)


def test_a_message_that_is_new_to_us_counts_as_edited_just_now() -> None:
    known, clock = deliveries()
    assert (known.of_sent(POST, NOW).shown_at, known.of_sent(POST, NOW + 50).shown_at) == (NOW, NOW)
    clock.now += 60
    known.edit_answered(POST)
    delivery = known.of_sent(POST, NOW)
    assert (delivery.shown_at, delivery.shown) == (NOW + 60, None), "refused, so what it shows is still not known"
    known.shown(POST, ON)
    assert known.of_sent(POST, NOW).shown == visible(ON)


def test_what_no_announcement_shows_needs_no_edit() -> None:
    same = Outage("one", Phase.ON, 100, id=1, seen=260, recent=9, usual=1.3)
    assert visible(ON) == visible(same)
    over = Outage("one", Phase.RECOVERING, 100, id=1, ended=300, recent=9, usual=1.3)
    assert visible(over).recent == 0, "how many report is shown only while it is on"


def test_lost_posts_and_refused_threads_are_remembered_until_the_post_is_finished() -> None:
    known, _ = deliveries()
    known.reopened([POST])
    known.thread_refused(POST)
    delivery = known.get(POST)
    assert known.is_reopened(POST) and not known.is_reopened(404)
    assert delivery is not None and delivery.thread_refused
    known.retried(POST)
    assert not known.is_reopened(POST)
    known.failed(8)
    assert not known.is_reopened(8), "of a post that only failed nothing is known"
    known.forget(POST)
    known.succeeded(POST)
    assert known.get(POST) is None
