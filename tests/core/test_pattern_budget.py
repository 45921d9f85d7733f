"""The time limit for a server's own patterns: slow ones are suspended for an hour, fast ones never."""

from bot.core.pattern_budget import RESTS_FOR, SAVED_UP, SHARE, PatternBudget


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_slowest_pattern_rests_for_an_hour_and_the_others_go_on() -> None:
    clock = Clock()
    budget = PatternBudget(lambda: 0.0, clock)
    budget.spend("/quick/", SAVED_UP / 10)
    budget.spend("/slow/", SAVED_UP)
    assert budget.rests("/slow/") and not budget.rests("/quick/")
    assert budget.resting() == {"/slow/": clock.now + RESTS_FOR}
    clock.now += RESTS_FOR - 1
    assert budget.rests("/slow/")
    clock.now += 1
    assert not budget.rests("/slow/") and budget.resting() == {}


def test_what_stays_within_the_share_never_rests() -> None:
    clock = Clock()
    budget = PatternBudget(lambda: 0.0, clock)
    for _ in range(10_000):
        clock.now += 1
        budget.spend("/honest/", SHARE * 0.9)
    assert not budget.rests("/honest/")


def test_more_than_the_share_rests_soon_however_it_is_split_among_patterns() -> None:
    clock = Clock()
    budget = PatternBudget(lambda: 0.0, clock)
    patterns = [f"/{n}/" for n in range(20)]
    spent = 0.0
    for _ in range(1000):
        clock.now += 1
        for pattern in patterns:
            if not budget.rests(pattern):
                budget.spend(pattern, SHARE / 5)
                spent += SHARE / 5
    assert budget.resting()
    assert spent <= 1000 * SHARE + (len(patterns) + 1) * SAVED_UP


def test_a_clock_that_is_set_back_gives_no_time_and_no_longer_rest() -> None:
    clock = Clock()
    budget = PatternBudget(lambda: 0.0, clock)
    budget.spend("/slow/", 2 * SAVED_UP)
    clock.now -= 10 * RESTS_FOR
    budget.spend("/quick/", SAVED_UP / 2)
    assert budget.resting() == {}
