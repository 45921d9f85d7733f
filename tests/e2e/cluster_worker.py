"""One of several processes, without Discord: records reports at a steady rate, and prints counts (`test_cluster`).

`python -m tests.e2e.cluster_worker FIRST RATE SECONDS`: members FIRST, FIRST + 1, ... report once each, RATE a second.
After that, for each line on its standard input it prints the count of all people.
"""

import asyncio
import json
import sys
import time

from bot.app import open_app
from bot.logs import configure_logging
from bot.settings import load_settings
from bot.usecases.reports.record_report import Outcome

BITE = 0.005


async def main(first: int, rate: int, seconds: float) -> None:
    settings = load_settings()
    configure_logging("WARNING", "console", ())
    async with open_app(settings) as app:
        service, took, outcomes = app.base.services.default, list[float](), list[Outcome]()

        async def press(member: int) -> None:
            began = time.perf_counter()
            outcomes.append(await app.reports.record.report(service, member, 1 + member % 500))
            took.append(time.perf_counter() - began)

        say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        began, sent = time.perf_counter(), 0
        async with asyncio.TaskGroup() as tasks:
            while sent < rate * seconds:
                due = min(rate * seconds, (time.perf_counter() - began) * rate)
                while sent < due:
                    tasks.create_task(press(first + sent))
                    sent += 1
                await asyncio.sleep(BITE)
        took.sort()
        say(
            {
                "counted": outcomes.count(Outcome.COUNTED),
                "seconds": time.perf_counter() - began,
                "p50": took[len(took) // 2],
                "p99": took[len(took) * 99 // 100],
            }
        )
        while await asyncio.to_thread(sys.stdin.readline):
            tally = app.base.board.tally(service.id, time.time(), 1)
            say({"everywhere": tally.everywhere.quarter, "here": tally.here.quarter if tally.here else 0})


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
