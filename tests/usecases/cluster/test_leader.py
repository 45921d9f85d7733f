"""The leader: a lease that expires, is renewed, and is never held by two processes at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import StoreError
from bot.usecases.cluster.leader import ASK_EVERY, RENEW_EVERY, VALID_FOR, LeaseLeadership
from tests.usecases.cluster.leases import Database, FakeLeases


def lead(database: Database, holder: str) -> LeaseLeadership:
    return LeaseLeadership(FakeLeases(database, holder), lambda: database.now)


async def test_one_decides_and_the_other_takes_over_once_it_is_silent() -> None:
    database, taken = Database(), []
    first, second = lead(database, "a"), lead(database, "b")

    async def took_over() -> None:
        assert not second.is_leader, "not before it knows what was decided"
        taken.append(database.now)

    await first.renew()
    await second.renew(took_over)
    assert first.is_leader
    assert not second.is_leader
    assert (first.pause, second.pause) == (RENEW_EVERY, ASK_EVERY)
    killed, first_fence = database.now, first.fence
    while not second.is_leader:
        database.now += second.pause
        await second.renew(took_over)
    assert taken
    assert database.now - killed <= VALID_FOR + ASK_EVERY
    assert second.pause == RENEW_EVERY
    assert not first.is_leader, "it knows by its own clock, without the database"
    assert second.fence is not None
    assert first_fence is not None
    assert second.fence > first_fence
    await first.renew()
    assert not first.is_leader


async def test_a_take_over_that_fails_is_no_take_over() -> None:
    database, one = Database(), None
    one = lead(database, "a")

    async def fails() -> None:
        raise StoreError("not read")

    with pytest.raises(StoreError):
        await one.renew(fails)
    assert not one.is_leader
    other = lead(database, "b")
    await other.renew()
    assert other.is_leader, "who cannot decide does not keep others from it"
    await other.release()
    database.now += 0.1

    async def works() -> None:
        pass

    await one.renew(works)
    assert one.is_leader


async def test_the_lead_is_left_at_once_at_a_stop() -> None:
    database = Database()
    first, second = lead(database, "a"), lead(database, "b")
    await first.renew()
    await first.release()
    assert not first.is_leader
    database.now += 0.1
    await second.renew()
    assert second.is_leader


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 8), st.booleans()), max_size=60))
async def test_two_never_decide_at_once(acts: list[tuple[str, float, bool]]) -> None:
    """Processes renew when they please, or cannot reach the database: whatever they do, one decides at most."""
    database = Database()
    leads = {name: lead(database, name) for name in "abc"}
    for name, later, away in acts:
        database.now += later
        database.away = away
        try:
            await leads[name].renew()
        except StoreError:
            assert away
        assert sum(one.is_leader for one in leads.values()) <= 1
