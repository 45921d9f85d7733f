"""A thread for one connection: work is done in order, everybody gets their result, and nothing is kept."""

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from bot.storage.work_thread import WorkThread


@pytest.fixture
def thread() -> Iterator[WorkThread]:
    made = WorkThread("test")
    yield made
    made.stop()


class Thing:
    """Something that can be watched."""


async def test_everybody_gets_their_own_result_or_error_in_the_order_of_the_work(thread: WorkThread) -> None:
    order = list[int]()

    def work(number: int) -> int:
        order.append(number)
        return 10 // number

    asked = [thread.result(lambda n=number: work(n)) for number in (1, 0, 2)]
    first, failed, third = await asyncio.gather(*asked, return_exceptions=True)
    assert (first, third) == (10, 5) and isinstance(failed, ZeroDivisionError)
    assert order == [1, 0, 2]


async def test_it_is_one_thread_and_not_that_of_the_loop(thread: WorkThread) -> None:
    seen = {await thread.result(threading.get_ident) for _ in range(5)}
    assert len(seen) == 1 and threading.get_ident() not in seen


async def test_who_gives_up_waiting_holds_up_nobody(thread: WorkThread) -> None:
    go = threading.Event()
    waiting = asyncio.create_task(thread.result(go.wait))
    await asyncio.sleep(0)
    waiting.cancel()
    go.set()
    assert await thread.result(lambda: 7) == 7
    assert waiting.cancelled()


async def test_it_ends_after_what_was_asked_and_starts_again_for_more(thread: WorkThread) -> None:
    ended = await thread.result(threading.current_thread)
    last = thread.result(lambda: "last")
    task = asyncio.create_task(last)
    await asyncio.sleep(0)
    thread.stop()
    assert await task == "last"
    await asyncio.to_thread(ended.join)
    assert not ended.is_alive()
    assert await thread.result(threading.current_thread) is not ended


async def test_neither_work_nor_result_is_kept(thread: WorkThread) -> None:
    thing = Thing()
    gone = weakref.ref(thing)
    assert await thread.result(lambda kept=thing: kept) is thing
    del thing
    # The thread has let go once it has taken the next work.
    await thread.result(lambda: None)
    gc.collect()
    assert gone() is None


def test_a_loop_that_was_closed_meanwhile_does_not_end_the_thread(thread: WorkThread) -> None:
    go = threading.Event()

    async def ask() -> None:
        thread.do(go.wait, lambda _result, _error: None)

    asyncio.run(ask())
    go.set()
    assert asyncio.run(thread.result(lambda: 7)) == 7
