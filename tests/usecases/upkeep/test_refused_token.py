"""A token that Discord refused is not tried again, but another one is."""

import pytest

from bot.core.errors import DiscordRefusedError
from bot.core.reports import DAY, MINUTE
from bot.usecases.upkeep.refused_token import RefusedToken
from tests.usecases.upkeep.shelf import Shelf

TOKEN = "MTE.a.token"


class Place:
    """A bot that is restarted before each try."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.shelf = Shelf()

    def _started(self, token: str) -> RefusedToken:
        return RefusedToken(token, self.shelf, lambda: self.now)

    async def tries(self, token: str = TOKEN, *, after: float = MINUTE) -> bool:
        """Whether the bot tries the token."""
        self.now += after
        try:
            await self._started(token).check()
        except DiscordRefusedError as error:
            assert "refused this token before" in str(error) and token not in str(error)
            return False
        return True

    async def is_refused(self, token: str = TOKEN) -> None:
        await self._started(token).remember()


@pytest.fixture
async def place() -> Place:
    place = Place()
    assert await place.tries()
    await place.is_refused()
    return place


async def test_a_refused_token_is_not_tried_again_however_often_the_bot_starts(place: Place) -> None:
    assert not any([await place.tries() for _ in range(1000)])


async def test_another_token_is_tried(place: Place) -> None:
    assert await place.tries("MTE.another.token")
    await place.is_refused("MTE.another.token")
    assert not await place.tries("MTE.another.token")


async def test_after_a_day_it_is_tried_once_more_because_the_fault_may_have_been_discords(place: Place) -> None:
    assert not await place.tries(after=DAY - MINUTE)
    assert await place.tries(after=MINUTE)
    await place.is_refused()
    assert not await place.tries()


async def test_a_clock_that_was_set_back_does_not_keep_it_for_ever(place: Place) -> None:
    assert await place.tries(after=-2 * DAY)


async def test_the_token_itself_is_not_kept(place: Place) -> None:
    assert TOKEN not in str(place.shelf.kept)
