"""The servers that an outage concerns."""

from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.scopes import OutageScopes


def test_an_outage_of_one_server_concerns_that_one_and_nobody_else() -> None:
    scopes = OutageScopes()
    assert scopes.concerns("one", 5) and not scopes.concerns_all("one"), "nothing is known yet"
    scopes.limit("one", frozenset({5}))
    assert scopes.concerns("one", 5) and not scopes.concerns("one", 6) and not scopes.concerns("one", None)
    assert scopes.among("one") == {5}
    scopes.limit("one", frozenset({0}))
    assert scopes.concerns("one", None), "only direct messages speak of it"
    scopes.limit("one", None)
    assert scopes.concerns("one", 6) and scopes.concerns_all("one")


def test_after_a_start_it_concerns_whom_it_did_before() -> None:
    outages, scopes = OutageCache(), OutageScopes()
    posts = PostCache(outages)
    for number, service in ((1, "one"), (2, "two")):
        outages.put(Outage(service, Phase.ON, 100, id=number, widespread=number == 1))
    announced = [(1, 5), (1, 6), (2, 5)]
    posts.add(Post(outage, PostKind.ANNOUNCEMENT, guild, 9, id=i) for i, (outage, guild) in enumerate(announced, 1))
    scopes.load(outages, posts)
    assert scopes.concerns_all("one") and scopes.among("two") == {5}
