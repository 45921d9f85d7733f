"""The notifier's pace."""

import asyncio

from bot.discord_ui.posting.current import CurrentClient
from bot.discord_ui.posting.notifier import PER_SECOND, DiscordNotifier
from tests.virtual_time import run_virtually


def test_no_second_sees_more_of_our_requests_than_we_allow_ourselves() -> None:
    async def main() -> list[float]:
        notifier = DiscordNotifier(CurrentClient(), None, None, None, None, None)  # type: ignore[arg-type]
        loop, times = asyncio.get_running_loop(), list[float]()

        async def request() -> None:
            async with notifier._carefully():
                times.append(loop.time())

        await asyncio.gather(*(request() for _ in range(4 * PER_SECOND)))
        return times

    times = run_virtually(main())
    assert max(sum(at <= one < at + 0.999 for one in times) for at in times) <= PER_SECOND
    assert times[-1] - times[0] < 4.1, "and no more slowly"
