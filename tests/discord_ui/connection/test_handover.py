"""Two processes on one shard for a moment: one of them answers each command, whoever gets the event."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.shards import Shards
from bot.discord_ui.connection.handover import ANSWERED_WITHIN, INTERACTION, Handover
from bot.discord_ui.connection.internals import wrap

SHARDS = Shards((0, 1), 2)
HERE, THERE = 0 << 22 | 1, 1 << 22 | 1
"""Servers of shard 0 and shard 1."""


@dataclass
class Process:
    """What one process answers and receives."""

    held: frozenset[int] = frozenset()
    now: float = 0.0
    answered: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.handover = Handover(SHARDS.of, self.held, lambda: self.now)
        self.parsers: dict[str, Any] = {
            INTERACTION: lambda event: self.answered.append(event["id"]),
            "MESSAGE_CREATE": lambda event: self.received.append(event["id"]),
            "GUILD_CREATE": lambda event: self.received.append(event["id"]),
        }
        wrap(self.parsers, [self.handover])

    def receive(self, event: str, number: int, guild: int | None = HERE) -> None:
        self.parsers[event]({"id": number} | ({} if guild is None else {"guild_id": str(guild)}))


def test_the_next_one_answers_what_came_after_the_last_of_the_first() -> None:
    first, after = Process(), Process(held=frozenset({0, 1}))
    for number in range(1, 6):  # both are told
        for one in (first, after):
            one.receive(INTERACTION, number)
        if number == 3:
            last = first.handover.leave(0)
    after.handover.begin(0, last)
    after.receive(INTERACTION, 6)
    assert (first.answered, after.answered) == ([1, 2, 3], [4, 5, 6])


def test_each_shard_is_handed_over_by_itself_and_direct_messages_with_shard_0() -> None:
    after = Process(held=frozenset({0, 1}))
    after.receive(INTERACTION, 1, THERE)
    after.receive(INTERACTION, 2, None)
    after.handover.begin(0, 0)
    assert after.answered == [2]
    after.handover.begin(1, 0)
    assert after.answered == [2, 1]


def test_what_nobody_waits_for_any_more_is_not_answered() -> None:
    after = Process(held=frozenset({0}))
    after.receive(INTERACTION, 1)
    after.now += ANSWERED_WITHIN
    after.receive(INTERACTION, 2)
    after.handover.begin(0, 0)
    assert after.answered == [2]


def test_messages_of_that_moment_are_the_first_ones_and_servers_are_known_to_both() -> None:
    first, after = Process(), Process(held=frozenset({0}))
    for one in (first, after):
        one.receive("MESSAGE_CREATE", 1)
        one.receive("GUILD_CREATE", 2)
    assert (first.received, after.received) == ([1, 2], [2])
    first.handover.leave(0)
    first.receive("MESSAGE_CREATE", 3)
    assert first.received == [1, 2]


@pytest.mark.parametrize("odd", [{}, {"id": "x"}, {"id": None, "guild_id": []}, [], None, 7])
def test_an_odd_event_is_for_the_parser_behind(odd: Any) -> None:
    came = list[Any]()
    handover = Handover(SHARDS.of)
    parsers: dict[str, Any] = {INTERACTION: came.append, "MESSAGE_CREATE": came.append}
    wrap(parsers, [handover])
    for parse in parsers.values():
        parse(odd)
    assert came == [odd, odd]


@given(st.lists(st.booleans(), max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_whichever_of_the_two_discord_tells_all_is_answered_once(both: list[bool], leaves: int, begins: int) -> None:
    """Discord may tell both, or from the next one's connection on only that one."""
    first, after = Process(), Process(held=frozenset({0}))
    last, leaves = 0, min(leaves, len(both))
    for number, to_both in enumerate(both):
        if number == leaves:
            last = first.handover.leave(0)
        if number == max(begins, leaves):
            after.handover.begin(0, last)
        if to_both:
            first.receive(INTERACTION, number + 1)
        after.receive(INTERACTION, number + 1)
    if len(both) <= leaves:
        last = first.handover.leave(0)
    if after.handover.held:
        after.handover.begin(0, last)
    answered = first.answered + after.answered
    assert len(answered) == len(set(answered))
    missed = set(range(1, len(both) + 1)) - set(answered)
    assert all(not both[number - 1] and number < last for number in missed), "only what the first one was not told"
