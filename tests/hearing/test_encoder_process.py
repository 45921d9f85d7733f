"""The second stage's process: used within a time limit, and skipped when it is slow, busy, broken or gone."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.hearing.encoder_process import ANSWER_WITHIN, MOST_WAITING, PAUSES, STUCK_AFTER, EncoderProcess
from tests.patience import PATIENCE

ECHO = """
import sys, json
head = json.loads(sys.stdin.readline())
print("ready", flush=True)
for line in sys.stdin:
    number, text, first = json.loads(line)
    print(json.dumps([number, first + len(text)]), flush=True)
"""
DEAF = """
import sys
print("ready", flush=True)
for line in sys.stdin: pass
"""
NEVER_READY = "import sys; sys.stdin.read()"
DIES = "import sys; sys.stdin.readline(); print('ready', flush=True); sys.stdin.readline(); sys.exit(3)"
TALKS_NONSENSE = "print('ready', flush=True); input(); input(); print('[1', flush=True); input()"
ANSWERS_OTHERS = "print('ready', flush=True); input(); input(); print('[77, 1.0]', flush=True); input()"
DEAF_TO_THE_END = "import sys, time; print('ready', flush=True)\nwhile True: time.sleep(1)"


class Watch:
    """A clock that goes on when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def process(script: str, clock: Watch | None = None) -> AsyncIterator[EncoderProcess]:
    async with EncoderProcess(lambda: b"{}", clock or Watch(), (sys.executable, "-c", script)) as opened:
        yield opened


async def first_answer(second: EncoderProcess, text: str = "down?", first: float = 1.0) -> float:
    """Ask until it has started."""
    async with asyncio.timeout(PATIENCE):
        while (answer := await second.weigh(text, first)) is None:
            assert second.available
        return answer


async def until_it_rests(second: EncoderProcess) -> None:
    """Query it until it has failed; there are no answers."""
    async with asyncio.timeout(PATIENCE):
        while second.available:
            assert await second.weigh("down?", 0.0) is None


async def test_it_answers_each_message_with_its_own_number() -> None:
    async with process(ECHO) as second:
        assert await first_answer(second) == 6.0
        asked = [second.weigh("x" * length, 0.0) for length in range(MOST_WAITING)]
        assert await asyncio.gather(*asked) == [float(length) for length in range(MOST_WAITING)]


async def test_odd_texts_are_weighed_like_others() -> None:
    async with process(ECHO) as second:
        await first_answer(second)
        for text in ("", "\ud83d", "a\nb", "\0", "ﷺ" * 4000, "💥" * 2000, '"[1'):
            assert await second.weigh(text, 0.0) is not None


async def test_who_comes_when_many_wait_is_told_at_once_to_do_without() -> None:
    async with process(DEAF) as second:
        waiting = [asyncio.create_task(second.weigh("down?", 0.0)) for _ in range(MOST_WAITING)]
        await asyncio.sleep(0)
        assert await asyncio.wait_for(second.weigh("down?", 0.0), ANSWER_WITHIN / 2) is None
        assert await asyncio.gather(*waiting) == [None] * MOST_WAITING


@pytest.mark.parametrize("script", [DEAF, NEVER_READY])
async def test_nobody_waits_longer_than_half_a_second(script: str) -> None:
    async with process(script) as second:
        assert await second.weigh("down?", 0.0) is None, "the limit is the adapter's own"


@pytest.mark.parametrize("script", [DIES, TALKS_NONSENSE, ANSWERS_OTHERS, "import sys; sys.exit(1)", "print('hi')"])
async def test_a_broken_one_is_done_without_and_tried_again_later(script: str) -> None:
    clock = Watch()
    async with process(script, clock) as second:
        await until_it_rests(second)
        clock.now += PAUSES[0] + 1
        async with asyncio.timeout(PATIENCE):
            while not second.available:  # noqa: ASYNC110 - its pause is over, once the process has ended
                await asyncio.sleep(0.01)
        await until_it_rests(second)
        clock.now += PAUSES[0] + 1
        await asyncio.sleep(0.1)
        assert not second.available, "the second pause is longer"


async def test_a_program_that_is_not_there_is_a_failure_like_any_other() -> None:
    async with EncoderProcess(lambda: b"{}", Watch(), ("/nowhere/python",)) as second:
        assert await second.weigh("down?", 0.0) is None
        assert not second.available


async def test_one_that_is_stuck_is_replaced() -> None:
    clock = Watch()
    async with process(DEAF, clock) as second:
        await asyncio.gather(*[second.weigh("down?", 0.0) for _ in range(MOST_WAITING)])
        clock.now += STUCK_AFTER + 1
        assert await second.weigh("down?", 0.0) is None
        async with asyncio.timeout(PATIENCE):
            while second.available:  # noqa: ASYNC110 - it has no event for this
                await asyncio.sleep(0.01)
        assert not second.available


@pytest.mark.parametrize("script", [ECHO, DEAF, NEVER_READY, DEAF_TO_THE_END])
async def test_its_process_ends_with_it_and_whoever_waits_is_let_go(script: str, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    prelude = f"import os; open({str(pid_file)!r}, 'w').write(str(os.getpid()))\n"
    async with process(prelude + script) as second:
        async with asyncio.timeout(PATIENCE):
            while not pid_file.exists() or not pid_file.read_text():
                await second.weigh("down?", 0.0)
        waiting = asyncio.create_task(second.weigh("down?", 0.0))
        await asyncio.sleep(0)
    assert await waiting in {None, 5.0}
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)
    assert await second.weigh("down?", 0.0) is None, "it is closed"


async def test_nothing_is_started_before_a_message_needs_it(tmp_path: Path) -> None:
    started = tmp_path / "started"
    async with process(f"open({str(started)!r}, 'w')"):
        await asyncio.sleep(0)
    assert not started.exists()


async def test_the_real_one_loads_the_encoder_and_answers() -> None:
    head = b'{"hidden": [], "hidden_bias": [], "out": [], "bias": -1.5, "first": 2.0}'
    async with EncoderProcess(lambda: head, time.monotonic, answer_within=PATIENCE) as second:
        assert await first_answer(second) == 0.5
        assert await second.weigh("ﷺ" * 4000, 1.0) is not None, "a text for which the encoder has too little room"
