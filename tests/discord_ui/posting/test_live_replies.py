"""Edits of auto-replies: at the rate that Discord allows, the most urgent first, and retried after failures."""

import asyncio
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.core.reports import HOUR
from bot.discord_ui.posting.live_replies import LiveReplies
from bot.discord_ui.posting.standing_replies import Due, Form, Shown
from bot.usecases.replies.ports import PostedReply
from tests.cards.states import World
from tests.resources import resources
from tests.virtual_time import run_virtually

NOW = 1_796_040_000
ENGLISH = resources().languages.texts("en")
ANSWER = World(NOW).answers()["calm"]


class Edits:
    """Replies that always should show something else, and a Discord that notes when each was edited."""

    def __init__(self, *replies: PostedReply, takes: float = 0.1) -> None:
        self.replies = {reply.message_id: reply for reply in replies}
        self.takes = takes
        self.error: Exception | None = None
        self.made: list[tuple[float, int]] = []
        self.at_once = self.most_at_once = 0
        self.given_up: list[int] = []
        self.forms: dict[int, Form] = {}
        cache: Any = SimpleNamespace(get=self.replies.get)
        localizer: Any = SimpleNamespace(public=lambda *_: ENGLISH)
        closed: Any = SimpleNamespace(is_closed=lambda _: False)
        current: Any = SimpleNamespace(client=self, ready=True)
        failures: Any = SimpleNamespace(note=self.unforeseen)
        standing: Any = self
        self.live = LiveReplies(current, cache, standing, localizer, closed, failures, lambda: float(NOW))

    def due(self, message_id: int) -> Due:
        return Due(self.replies[message_id], ANSWER, Shown(Form.LIVE, trouble=False))

    def edited(self, message_id: int, shown: Shown) -> None:
        pass

    def refused(self, message_id: int) -> None:
        self.given_up.append(message_id)

    async def find(self) -> dict[int, Form]:
        return self.forms

    def unforeseen(self, error: Exception, where: str) -> str:
        raise AssertionError(where) from error

    def get_guild(self, _: int) -> None:
        return None

    def get_partial_messageable(self, _: int, *, guild_id: int) -> Any:
        return SimpleNamespace(get_partial_message=lambda number: SimpleNamespace(edit=self.editing(number)))

    def editing(self, number: int) -> Any:
        async def edit(*, view: Any) -> None:
            assert view is not None
            self.made.append((asyncio.get_running_loop().time(), number))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                await asyncio.sleep(self.takes)
            finally:
                self.at_once -= 1
            if self.error is not None:
                raise self.error

        return edit

    def live_for(self, seconds: float, *, touched_every: float = 0.25) -> list[float]:
        """Let people report all the time; gives the pauses between two edits."""

        async def live() -> None:
            end = asyncio.get_running_loop().time() + seconds
            async with self.live:
                while asyncio.get_running_loop().time() < end:
                    for message_id in self.replies:
                        self.live.touch(message_id)
                    await asyncio.sleep(touched_every)

        run_virtually(live())
        return [later - sooner for (sooner, _), (later, _) in pairwise(self.made)]


def reply(number: int, channel: int = 7, *, age: float = 60) -> PostedReply:
    return PostedReply(number, channel, 5, "character-ai", int(NOW - age))


def refusal(status: int, code: int = 0) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="")
    return discord.HTTPException(response, {"code": code, "message": "no"})


def test_a_reply_is_edited_at_most_every_ten_seconds_however_many_report() -> None:
    pauses = Edits(reply(1)).live_for(60)
    assert 5 <= len(pauses) <= 6 and min(pauses) >= 10


def test_one_that_is_older_than_an_hour_is_edited_every_ten_minutes() -> None:
    old, young = (Edits(reply(1, age=HOUR + more)).live_for(3000, touched_every=5) for more in (1, -1))
    assert 4 <= len(old) <= 5 and min(old) >= 600
    assert len(young) > 100


def test_in_a_channel_there_are_two_seconds_between_two_edits() -> None:
    pauses = Edits(*(reply(number) for number in range(1, 6))).live_for(60)
    assert 20 < len(pauses) <= 30 and min(pauses) >= 2


def test_everywhere_there_are_no_more_than_ten_in_a_second() -> None:
    edits = Edits(*(reply(number, channel=number) for number in range(1, 201)))
    pauses = edits.live_for(15)
    assert 120 < len(pauses) <= 151 and min(pauses) >= 0.09
    assert len({number for _, number in edits.made}) > 100, "each has its turn"


def test_a_discord_that_is_slow_is_not_asked_for_more_and_more() -> None:
    edits = Edits(*(reply(number, channel=number) for number in range(1, 101)), takes=5)
    edits.live_for(60)
    assert edits.most_at_once == 4 and len(edits.made) > 40


def test_the_newest_of_equally_urgent_ones_is_first_and_an_end_before_all() -> None:
    edits = Edits(*(reply(number, channel=number) for number in range(1, 6)))
    edits.forms = {1: Form.ENDED, 2: Form.LIVE, 3: Form.FROZEN, 4: Form.LIVE, 5: Form.FROZEN}

    async def look() -> None:
        async with edits.live:
            await edits.live.refresh()
            await asyncio.sleep(5)

    run_virtually(look())
    assert [number for _, number in edits.made] == [1, 5, 3, 4, 2]


def test_an_edit_that_failed_is_tried_again_after_longer_and_longer_pauses() -> None:
    edits = Edits(reply(1))
    edits.error = refusal(503)

    async def fail() -> None:
        async with edits.live:
            edits.live.touch(1)
            await asyncio.sleep(4000)
            edits.error = None
            await asyncio.sleep(4000)

    run_virtually(fail())
    pauses = [later - sooner for (sooner, _), (later, _) in pairwise(edits.made)]
    assert [round(pause, -1) for pause in pauses[:8]] == [10, 20, 40, 80, 160, 320, 600, 600]
    assert edits.given_up == [] and sum(pauses) < 5000, "then it was made, and not again"


@pytest.mark.parametrize(
    ("error", "tries", "given_up"),
    [
        (refusal(404, 10008), 1, True),
        (refusal(400, 50035), 1, True),
        (refusal(429, 30046), 2, False),
        (refusal(500), 7, False),
    ],
)
def test_what_discord_refuses_for_good_is_given_up_and_nothing_else(
    error: discord.HTTPException, tries: int, given_up: bool
) -> None:
    edits = Edits(reply(1))
    edits.error = error

    async def fail() -> None:
        async with edits.live:
            edits.live.touch(1)
            await asyncio.sleep(1000)

    run_virtually(fail())
    assert len(edits.made) == tries and bool(edits.given_up) is given_up
