"""Writes reports as fast as it can and says which ones were acknowledged; made to be killed (`test_kill`).

`python -m tests.e2e.report_writer FIRST`: members FIRST, FIRST + 1, ... report once each, until the end comes.
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
                # One write a line, at once: a line that was begun is there in full, whenever the end comes.
                os.write(sys.stdout.fileno(), b"%d\n" % member)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(TASKS):
                tasks.create_task(write())


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
