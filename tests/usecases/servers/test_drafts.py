"""Drafts of forms: kept for some minutes, only for the same moderator in the same server."""

from bot.usecases.servers.drafts import KEPT_FOR, MOST, Drafts


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_draft_is_its_moderators_own_and_goes_after_a_while() -> None:
    clock = Clock()
    drafts = Drafts[str](clock)
    drafts.put(1, 2, "first")
    drafts.put(1, 2, "second")
    drafts.put(1, 3, "other")
    assert drafts.get(1, 2) == "second" and drafts.get(2, 2) is None and drafts.get(1, 3) == "other"
    drafts.drop(1, 3)
    assert drafts.get(1, 3) is None
    clock.now += KEPT_FOR
    assert drafts.get(1, 2) is None


def test_only_so_many_are_kept_and_the_oldest_go_first() -> None:
    clock = Clock()
    drafts = Drafts[int](clock)
    for user in range(MOST + 5):
        drafts.put(1, user, user)
    assert [user for user in range(MOST + 5) if drafts.get(1, user) is None] == [0, 1, 2, 3, 4]


def test_what_is_too_old_is_let_go_when_something_new_comes() -> None:
    clock = Clock()
    drafts = Drafts[str](clock)
    drafts.put(1, 2, "old")
    clock.now += KEPT_FOR
    drafts.put(1, 3, "new")
    assert len(drafts._drafts) == 1
