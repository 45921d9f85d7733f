"""Writes reports as fast as it can, and prints those that were acknowledged; to be killed by `test_kill`.

`python -m tests.e2e.report_writer FIRST`: members FIRST, FIRST + 1, ... report once each, until it is killed.
"""

import asyncio
import itertools
import os
import sys

from bot.app import open_app
from bot.logs import configure_logging
from bot.settings import load_settings
from bot.usecases.reports.record_report import Outcome

TASKS = 32
GUILD = 7


async def main(first: int) -> None:
    settings = load_settings()
    configure_logging("WARNING", "console", ())
    async with open_app(settings, jobs=False) as app:
        members = itertools.count(first)

        async def write() -> None:
            for member in members:
                outcome = await app.reports.record.report(app.base.services.default, member, GUILD)
                assert outcome is Outcome.COUNTED, outcome
                # One write per line, so that each line is complete, whenever the process is killed.
                os.write(sys.stdout.fileno(), b"%d\n" % member)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(TASKS):
                tasks.create_task(write())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
