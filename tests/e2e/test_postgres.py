"""A real bot on a real PostgreSQL: it works, remembers, and survives a restart of the server."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.canaries import POSTGRES_PASSWORD
from tests.e2e.conftest import Town, found_town, others, reporter
from tests.e2e.test_store_faults import REFUSED
from tests.postgres import Server, server

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    """One of its own, since others would miss it while it is away."""
    with server() as one:
        yield one


@pytest_asyncio.fixture(loop_scope="package")
async def town(tmp_path: Path, postgres_url: str) -> AsyncIterator[Town]:
    async with found_town(tmp_path) as one:
        one.env["DATABASE_URL"] = postgres_url
        yield one
        one.world.assert_clean()
        for bot in one.world.bots:
            said = bot.output()
            assert "unexpected failure" not in said and "never retrieved" not in said, said
            assert POSTGRES_PASSWORD not in said
        assert not list(one.folder.glob("*.db*")) and not list(one.folder.glob("*.key"))


async def test_a_report_is_kept_and_counted_after_a_restart(town: Town, postgres: Server) -> None:
    name = town.env["DATABASE_URL"].rpartition("/")[2]
    ann, bob = town.user(), town.user()
    await town.start()
    answer = await ann.slash(town.channel(), "report", symptom="login")
    assert others(answer) == 0
    kept = postgres.sql("SELECT reporter, symptom FROM report", name)
    assert kept == f"{reporter(ann)}|login"
    await town.stop()
    await town.start()
    assert others(await bob.slash(town.channel(), "report", symptom="login")) == 1
    await town.stop()


async def test_while_the_server_is_away_the_bot_answers_and_refuses_honestly(town: Town, postgres: Server) -> None:
    await town.start()
    postgres.stop()
    try:
        await town.answers()
        answer = await town.user().slash(town.channel(), "report", symptom="login")
        assert REFUSED in answer.text
    finally:
        postgres.start()
    assert others(await town.user().slash(town.channel(), "report", symptom="login")) == 0
    await town.stop()
