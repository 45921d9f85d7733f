"""The leader without a cluster: the only process, and never a command that runs beside it."""

from bot.core.errors import StoreError
from bot.usecases.leadership import NEVER, Observer, OnlyProcess, WrittenAlreadyError


def test_one_process_decides_without_a_fence() -> None:
    assert OnlyProcess().is_leader and OnlyProcess().fence is None


def test_a_command_beside_the_bot_decides_nothing_and_could_write_nothing() -> None:
    assert not Observer().is_leader and Observer().fence == NEVER == -1


def test_an_answer_that_was_lost_is_a_failure_of_the_database() -> None:
    assert issubclass(WrittenAlreadyError, StoreError)
