"""Own phrases are timed and tried in a thread, so that nobody else has to wait."""

import threading
import time
from typing import Any

import pytest

from bot.core.errors import InvalidValueError
from bot.usecases.servers.check_phrases import CheckPhrases


async def test_patterns_are_timed_in_another_thread() -> None:
    threads = set[str]()

    def stopwatch() -> float:
        threads.add(threading.current_thread().name)
        return 0.0

    await CheckPhrases(stopwatch).speed(["/wheel/", 5])
    assert threads and threading.main_thread().name not in threads


@pytest.mark.parametrize("given", [None, 5, {}, ["my hamster"], [5], "/wheel/"])
async def test_what_is_no_list_of_patterns_is_left_for_the_reader(given: Any) -> None:
    await CheckPhrases(time.thread_time).speed(given)


async def test_a_slow_pattern_is_refused() -> None:
    times = iter(range(1000))
    with pytest.raises(InvalidValueError, match="too slow"):
        await CheckPhrases(lambda: next(times)).speed(["/wheel/"])


async def test_examples_are_tried_on_phrases_that_can_be_saved() -> None:
    check = CheckPhrases(lambda: 0.0)
    found = await check.matches(["my hamster", "/wheel (is )?stuck/"], ["the wheel stuck", "nothing"])
    assert found == {"the wheel stuck": "/wheel (is )?stuck/", "nothing": None}
    with pytest.raises(InvalidValueError):
        await check.matches(["!!!"], ["nothing"])
