"""The shards of a process, and the shard of a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import InvalidValueError
from bot.core.shards import Shards, read_shard_settings

GUILD = (146_253_010_000 * 4 + 1) << 22 | 4321
"""A server whose snowflake begins with a number that leaves 1 if divided by 4."""


def test_discords_formula() -> None:
    assert read_shard_settings(4, "0-1").shards.owns(GUILD)
    assert not read_shard_settings(4, "2-3").shards.owns(GUILD)


def test_direct_messages_are_shard_0s() -> None:
    assert read_shard_settings(4, "0-1").shards.owns(0)
    assert not read_shard_settings(4, "2-3").shards.owns(0)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [("0-3", (0, 1, 2, 3)), ("0, 1,5", (0, 1, 5)), ("7", (7,)), ("2-3,0-1", (0, 1, 2, 3)), ("0-7", tuple(range(8)))],
)
def test_reads_ids(ids: str, expected: tuple[int, ...]) -> None:
    assert read_shard_settings(8, ids).shards == Shards(expected, 8)


def test_without_settings_everything_is_ours() -> None:
    assert read_shard_settings(None, None).shards.everything
    assert read_shard_settings(None, None).shards.owns(GUILD)
    assert read_shard_settings(3, None).shards == Shards((0, 1, 2), 3)
    assert read_shard_settings(3, None).shards.everything


def test_a_claim_takes_any_whole_range() -> None:
    assert [shards.ids for shards in read_shard_settings(5, "claim:2").choices()] == [(0, 1), (2, 3), (4,)]


@pytest.mark.parametrize("ids", ["", "4-8", "8", "3-1", "-1", "a", "0-", "0,,1", "claim:0", "claim:9", "claim:", "0x1"])
def test_refuses_by_name(ids: str) -> None:
    with pytest.raises(InvalidValueError, match="SHARD_IDS: should be"):
        read_shard_settings(8, ids)


def test_a_range_the_wrong_way_round_is_told_how_it_goes() -> None:
    with pytest.raises(InvalidValueError, match="from the lower to the higher, such as 1-3"):
        read_shard_settings(8, "3-1")


def test_ids_need_a_count() -> None:
    with pytest.raises(InvalidValueError, match="SHARD_COUNT"):
        read_shard_settings(None, "0-1")


@given(st.integers(1, 64), st.integers(1, 64), st.integers(1, 2**63 - 1))
def test_every_server_is_somebodys_alone(count: int, size: int, guild_id: int) -> None:
    choices = read_shard_settings(count, f"claim:{min(size, count)}").choices()
    assert sum(shards.owns(guild_id) for shards in choices) == 1
    assert sorted(number for shards in choices for number in shards.ids) == list(range(count))
