"""Background tasks that are ended."""

import asyncio

from bot.usecases.tasks import cancel


async def test_it_returns_when_all_have_ended_whatever_they_raise() -> None:
    ended: list[str] = []

    async def work(name: str, error: type[Exception] | None) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(name)
            if error is not None:
                raise error

    tasks = [asyncio.create_task(work("one", None)), asyncio.create_task(work("two", ValueError))]
    await asyncio.sleep(0)
    await cancel(tasks[0], None, tasks[1])
    assert sorted(ended) == ["one", "two"] and all(task.done() for task in tasks)
    await cancel(*tasks)  # they have ended before
    await cancel()
