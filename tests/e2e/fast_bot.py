"""The bot with a faster clock, so that an outage of minutes takes seconds.

`FAST_CLOCK` is the folder of that clock (`tests.e2e.clock`); without it the bot uses the real time. Waits for real
seconds (the network, Discord's pauses) are not faster. `FAST_TIDY` is the number of real seconds between two rounds of
housekeeping.
"""

import asyncio
import os
import time
from pathlib import Path

from bot.cli.configured import configured
from bot.features import outages, upkeep
from bot.run import run
from bot.usecases.outages import announce as announce_outages
from tests.e2e.clock import SharedClock

TICK_EVERY = 0.1


async def live() -> None:
    settings = configured(need_token=True)
    if not (folder := os.environ.get("FAST_CLOCK")):
        await run(settings, clock=time.time)
        return
    clock = SharedClock(Path(folder))
    noting = asyncio.create_task(clock.note())
    await run(settings, clock=clock)
    noting.cancel()


def main() -> None:
    outages.TICK_EVERY = TICK_EVERY
    upkeep.TIDY_EVERY = float(os.environ.get("FAST_TIDY", upkeep.TIDY_EVERY))
    announce_outages._ROUND_EVERY = TICK_EVERY
    asyncio.run(live())


if __name__ == "__main__":
    main()
