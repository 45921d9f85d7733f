"""The posts in memory: found by server, and without the people who unsubscribed."""

from dataclasses import replace

from bot.core.outage_life import Outage, Phase
from bot.core.posts import Post, PostKind
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.post_cache import PostCache

ON = Outage("one", Phase.ON, 100, id=1)
ANN, BOB = 111, 1112


def calls(*people: int, outage: Outage = ON, number: int = 1) -> Post:
    return Post(outage.id, PostKind.CALL, 5, 6, id=number, people=people)


def test_a_server_whose_announcement_was_lost_is_known_by_the_one_elsewhere() -> None:
    cache = PostCache(OutageCache())
    lost = Post(ON.id, PostKind.ANNOUNCEMENT, 5, 10, id=1, lost=True)
    cache.add([lost, replace(lost, id=2, channel_id=11, lost=False)])
    cache.change(2, thread_id=77)
    assert [post.id for post in cache.announcements(ON.id).values()] == [2]
    newest = cache.announcement(ON.id, 5)
    assert newest is not None and newest.thread_id == 77
    cache.forget(2)
    assert cache.announcements(ON.id) == {5: lost}
    cache.forget(1)
    cache.forget(1)
    assert cache.announcements(ON.id) == {} and cache.announcement(ON.id, 5) is None


def test_who_is_taken_out_of_calls_while_they_are_read_is_not_brought_back() -> None:
    cache = PostCache(OutageCache())
    with cache.reading():
        cache.forget_person(ANN)
        cache.add([calls(ANN, BOB, number=1), calls(ANN, number=2)])
    assert [post.people for post in cache.all()] == [(BOB,)]
    cache.add([calls(ANN, number=3)])
    assert [post.id for post in cache.calls(ANN)] == [3], "who asks again afterwards is called"


def test_only_the_calls_of_one_service_are_given_up() -> None:
    outages, two = OutageCache(), replace(ON, id=2, service="two")
    outages.put(ON)
    outages.put(two)
    cache = PostCache(outages)
    cache.add([calls(ANN, number=1), calls(ANN, BOB, outage=two, number=2)])
    cache.forget_person(ANN, "two")
    assert {post.id: post.people for post in cache.all()} == {1: (ANN,), 2: (BOB,)}


def test_what_is_here_already_is_not_overwritten_by_what_was_read_before() -> None:
    cache = PostCache(OutageCache())
    post = Post(ON.id, PostKind.ANNOUNCEMENT, 5, 10, id=1)
    cache.add([post])
    cache.change(1, message_id=77)
    cache.add([post])
    cache.change(404, message_id=1)
    assert cache.all() == [replace(post, message_id=77)]


def test_a_server_goes_with_its_posts_and_simulations() -> None:
    outages, played = OutageCache(), replace(ON, id=2, guild_id=5)
    outages.put(ON)
    outages.put(played)
    cache = PostCache(outages)
    stays = Post(ON.id, PostKind.ANNOUNCEMENT, 6, 10, id=1)
    by_message = Post(played.id, PostKind.CALL, 0, 0, id=3, people=(ANN,))
    cache.add([stays, Post(ON.id, PostKind.ANNOUNCEMENT, 5, 10, id=2), by_message])
    cache.forget_server(5)
    assert cache.all() == [stays] and outages.open() == [ON] and cache.outages() == {ON.id}
