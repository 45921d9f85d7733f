"""Jobs: a failed job is restarted, with growing pauses; leaving the context ends all jobs."""

import asyncio
import random

import pytest

from bot.core.errors import StoreError
from bot.jobs import Job, Supervisor
from tests.patience import PATIENCE


async def test_a_failing_job_goes_on_and_others_are_not_disturbed() -> None:
    failing, fine = 0, 0

    async def fail() -> None:
        nonlocal failing
        failing += 1
        if failing < 3:
            raise RuntimeError("not yet")

    async def work() -> None:
        nonlocal fine
        fine += 1

    jobs = [Job("fails", fail, lambda: 0.01), Job("works", work, lambda: 0.01)]
    async with Supervisor(jobs, random.Random(1)):
        async with asyncio.timeout(PATIENCE):
            while failing < 5 or fine < 5:  # noqa: ASYNC110 - jobs have no event to wait for
                await asyncio.sleep(0.01)
    ended = (failing, fine)
    await asyncio.sleep(0.05)
    assert (failing, fine) == ended


async def test_a_failure_that_was_foreseen_is_one_line_and_any_other_the_whole_story(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def away() -> None:
        raise StoreError("the database is away")

    async def broken() -> None:
        raise RuntimeError("nobody foresaw this")

    async with Supervisor([Job("keep", away, lambda: 60), Job("look", broken, lambda: 60)], random.Random(1)):
        async with asyncio.timeout(PATIENCE):
            while len(caplog.records) < 2:  # noqa: ASYNC110 - jobs have no event to wait for
                await asyncio.sleep(0.01)
    foreseen, other = sorted(map(vars, caplog.records), key=lambda line: line["job"])
    assert foreseen["error"] == "the database is away" and foreseen["exc_info"] is None
    assert "nobody foresaw this" in str(other["exc_info"]) and "error" not in other
