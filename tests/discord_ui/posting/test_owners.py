"""Owners of servers: of this process's servers, and of those of another process."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.discord_ui.posting.current import CurrentClient
from bot.discord_ui.posting.owners import ServerOwners

OURS, THEIRS, LEFT, NEW = 1, 2, 3, 4


class Client:
    """In OURS by its own shards, in THEIRS and NEW by another process, in LEFT no longer."""

    def __init__(self) -> None:
        self.owned = {THEIRS: 20, NEW: 40}
        self.asked: list[int] = []
        self.reachable = True
        self.broken: set[int] = set()

    def get_guild(self, guild_id: int) -> Any:
        return SimpleNamespace(owner_id=10) if guild_id == OURS else None

    async def fetch_guild(self, guild_id: int, *, with_counts: bool) -> Any:
        assert not with_counts
        self.asked.append(guild_id)
        if guild_id in self.broken:
            raise discord.DiscordServerError(SimpleNamespace(status=503, reason="down"), "down")  # type: ignore[arg-type]
        if guild_id not in self.owned:
            raise discord.Forbidden(SimpleNamespace(status=403, reason="Forbidden"), "Missing Access")  # type: ignore[arg-type]
        return SimpleNamespace(owner_id=self.owned[guild_id])


@pytest.fixture
def client() -> Client:
    return Client()


@pytest.fixture
def now() -> list[float]:
    return [0.0]


@pytest.fixture
def owners(client: Client, now: list[float]) -> ServerOwners:
    current = CurrentClient()
    current.use(client)  # type: ignore[arg-type]
    return ServerOwners(current, lambda: now[0])


async def test_the_owner_of_another_process_server_is_asked_of_discord_once_an_hour(
    owners: ServerOwners, client: Client, now: list[float]
) -> None:
    assert owners.owner(OURS) == 10
    assert owners.owner(THEIRS) is None, "not known yet"
    await owners.fetch()
    assert owners.owner(THEIRS) == 20
    client.owned[THEIRS] = 21
    now[0] = 3599.0
    assert owners.owner(THEIRS) == 20
    await owners.fetch()
    assert client.asked == [THEIRS]
    now[0] = 3600.0
    assert owners.owner(THEIRS) == 20, "known until the next answer is there"
    await owners.fetch()
    assert owners.owner(THEIRS) == 21


async def test_a_server_that_we_have_left_has_no_known_owner_and_is_not_asked_for_again(
    owners: ServerOwners, client: Client
) -> None:
    for _ in range(3):
        assert owners.owner(LEFT) is None
        await owners.fetch()
    assert client.asked == [LEFT]


async def test_many_unknown_servers_are_few_questions_at_a_time(owners: ServerOwners, client: Client) -> None:
    for guild_id in range(100, 1100):
        owners.owner(guild_id)
    await owners.fetch()
    assert len(client.asked) == 5


async def test_before_we_are_connected_nothing_is_asked_and_nothing_forgotten(
    owners: ServerOwners, client: Client
) -> None:
    unconnected = ServerOwners(CurrentClient(), lambda: 0.0)
    assert unconnected.owner(THEIRS) is None
    await unconnected.fetch()
    client.reachable = False
    assert owners.owner(THEIRS) is None
    await owners.fetch()
    client.reachable = True
    await owners.fetch()
    assert owners.owner(THEIRS) == 20


async def test_servers_that_cannot_be_asked_for_do_not_keep_others_waiting(
    owners: ServerOwners, client: Client, now: list[float]
) -> None:
    client.broken = {11, 12, 13, 14, 15}
    for _ in range(3):
        for guild_id in (*client.broken, THEIRS, NEW):
            owners.owner(guild_id)
        await owners.fetch()
        now[0] += 5
    assert (owners.owner(THEIRS), owners.owner(NEW)) == (20, 40)
