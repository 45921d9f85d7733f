"""*Don't ping me*: stops what was chosen, even a notification that is being sent, and nothing else."""

from pathlib import Path

from bot.core.outage_life import Outage, Phase
from bot.settings import Settings
from bot.stores import open_stores
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import Subscriber, WatchStep
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.wait_for_recovery import WaitForRecovery
from tests.usecases.fakes import a_service

ANN, BOB = 111, 1112  # the one's number begins with the other's: text is what a call keeps


async def test_a_call_of_another_service_is_still_made(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    async with open_stores(settings, ["one", "two"]) as stores:
        cache = OutageCache()
        posts = PostCache(cache)
        waiting = WaitForRecovery(stores.subscribers, posts, lambda: 1000.0)
        for service in ("one", "two"):
            for user in (ANN, BOB):
                await stores.subscribers.add(Subscriber(service, user, 5, 6, 1))
            step = WatchStep(service, outage=Outage(service, Phase.RECOVERING, 1), call=True)
            written = await stores.outages.write(step)
            assert written.outage is not None
            cache.put(written.outage)
            posts.add(written.posts)

        async def called() -> dict[str, tuple[int, ...]]:
            stored = await stores.posts.all()
            assert {post.id: post.people for post in posts.all()} == {post.id: post.people for post in stored}
            services = {outage.id: outage.service for outage in await stores.outages.outages(0)}
            return {services[post.outage_id]: post.people for post in stored}

        assert await called() == {"one": (ANN, BOB), "two": (ANN, BOB)}
        await waiting.stop(ANN, a_service("one"))
        assert await called() == {"one": (BOB,), "two": (ANN, BOB)}
        assert [post.people for post in waiting.calls(ANN)] == [(ANN, BOB)]
        await waiting.stop(BOB)
        assert await called() == {"two": (ANN,)}
