"""The bot with a clock that runs faster, so that an outage of minutes is lived through in seconds.

`FAST_SINCE` (epoch seconds) is when both clocks agreed, `FAST` how many seconds pass in one: a restart goes on in
the same time. What waits for real seconds (the network, the pauses of Discord) is not faster. `FAST_TIDY` are the
real seconds between two rounds of house-keeping.
"""

import asyncio
import os
import time

from bot.cli.configured import configured
from bot.features import outages, upkeep
from bot.run import run
from bot.usecases.outages import announce as announce_outages

TICK_EVERY = 0.1


def main() -> None:
    since, speed = float(os.environ["FAST_SINCE"]), float(os.environ["FAST"])

    def clock() -> float:
        return since + (time.time() - since) * speed

    outages.TICK_EVERY = TICK_EVERY
    upkeep.TIDY_EVERY = float(os.environ.get("FAST_TIDY", upkeep.TIDY_EVERY))
    announce_outages._ROUND_EVERY = TICK_EVERY
    asyncio.run(run(configured(need_token=True), clock=clock))


if __name__ == "__main__":
    main()
