"""One bot as two processes of two shards each, on one PostgreSQL: what one hears all know."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.conftest import Figure
from tests.e2e.cluster import HALVES, Cluster, found_cluster
from tests.loopback import Guild
from tests.postgres import Server

pytestmark = pytest.mark.asyncio(loop_scope="package")
KNOWN_WITHIN = 2.0


@pytest_asyncio.fixture(loop_scope="package")
async def cluster(tmp_path: Path, postgres: Server) -> AsyncIterator[Cluster]:
    async with found_cluster(tmp_path, postgres) as one:
        yield one
        one.assert_clean()


async def people(cluster: Cluster, guild: Guild) -> int:
    """How many people somebody new is told of there, privately."""
    card = await cluster.user().slash(guild.channel("general"), "500")
    found = re.search(r"(\d+) (?:people|person)", card.text)
    return int(found[1]) if found else 0


async def test_a_report_in_one_process_is_counted_in_the_other_within_two_seconds(
    cluster: Cluster, figure: Figure
) -> None:
    for half in HALVES:
        await cluster.launch(half)
    here, there = (cluster.on(half, "general") for half in HALVES)
    took = list[float]()
    for count in range(1, 6):
        member = cluster.user()
        pressed = await member.slash(here.channel("general"), "report")
        assert pressed.acked

        async def known(count: int = count) -> bool:
            return await people(cluster, there) >= count

        took.append(await cluster.soon(known, 10, f"{count} people to be known in the other process"))
    assert max(took) <= KNOWN_WITHIN, took
    figure(f"counted in the other process after {max(took):.2f} s at most")
    for half in HALVES:
        await cluster.end(half)
