"""The notifier's rate, and its pause after Discord said that direct messages are opened too fast."""

import asyncio
from typing import Any

import discord
import pytest

from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.discord_ui.posting.current import CurrentClient
from bot.discord_ui.posting.notifier import PER_SECOND, DiscordNotifier
from bot.usecases.outages.ports import PostUndeliveredError
from tests.virtual_time import run_virtually


def test_no_second_sees_more_of_our_requests_than_we_allow_ourselves() -> None:
    async def main() -> list[float]:
        notifier = DiscordNotifier(CurrentClient(), None, None, None, None, None, None)  # type: ignore[arg-type]
        loop, times = asyncio.get_running_loop(), list[float]()

        async def request() -> None:
            async with notifier._carefully():
                times.append(loop.time())

        await asyncio.gather(*(request() for _ in range(4 * PER_SECOND)))
        return times

    times = run_virtually(main())
    assert max(sum(at <= one < at + 0.999 for one in times) for at in times) <= PER_SECOND
    assert times[-1] - times[0] < 4.1, "and no more slowly"


class Refusing:
    """A Discord that refuses every direct message."""

    def __init__(self, code: int) -> None:
        self.code, self.asked = code, list[float]()

    async def create_dm(self, user: Any) -> Any:
        self.asked.append(asyncio.get_running_loop().time())
        response: Any = type("Response", (), {"status": 403, "reason": "Forbidden"})()
        raise discord.Forbidden(response, {"code": self.code, "message": ""})


@pytest.mark.parametrize(("code", "least"), [(40003, 60.0), (20026, 60.0), (0, 1.0), (40333, 1.0)])
def test_direct_messages_rest_after_discord_has_said_that_we_open_them_too_fast(code: int, least: float) -> None:
    async def main() -> list[float]:
        current, refusing = CurrentClient(), Refusing(code)
        client: Any = refusing
        current.use(client)
        time = asyncio.get_running_loop().time
        notifier = DiscordNotifier(current, None, None, None, None, None, time)  # type: ignore[arg-type]
        outage = Outage("service", Phase.RECOVERING, 0)
        for person in range(1, 7):  # a person every ten seconds for two minutes
            for again in range(2):
                post = Post(1, PostKind.CALL, 0, 0, id=2 * person + again, people=(person,))
                with pytest.raises(PostUndeliveredError):
                    await notifier.send(post, outage)
                with pytest.raises(PostUndeliveredError):
                    await notifier.find(post)
                await asyncio.sleep(10)
        return refusing.asked

    asked = run_virtually(main())
    assert len(asked) == (2 if least == 60.0 else 24), "what is not about us makes nobody else wait"
