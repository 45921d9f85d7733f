"""Writing a step: the outage, its posts and the memory agree, or nothing has changed."""

from dataclasses import replace

import pytest

from bot.core.errors import StoreError
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Outage, Phase
from bot.core.posts import PostKind
from bot.usecases.leadership import WrittenAlreadyError
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.ports import WatchStep, WrittenStep
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.write_watch_steps import WriteWatchSteps
from tests.usecases.outages.outage_world import SERVICE, START, Disk

ON = Outage(SERVICE, Phase.ON, START, detected=START, seen=START)
SERVERS = {5: GuildSettings(outage_channel=50)}


class Setting:
    def __init__(self, disk: Disk | None = None) -> None:
        self.disk, self.outages, self.errors = disk or Disk(), OutageCache(), list[StoreError]()
        self.posts = PostCache(self.outages)
        self.steps = WriteWatchSteps(self.outages, self.posts, self.disk, out_of_step=self.errors.append)

    async def write(self, outage: Outage) -> Outage:
        written = await self.steps.write(WatchStep(SERVICE, outage=outage), SERVERS)
        assert written is not None
        return written


async def test_an_outage_is_announced_once_and_has_a_summary_in_its_thread_at_the_end() -> None:
    here = Setting()
    outage = await here.write(ON)
    await here.write(outage)
    [post] = here.posts.all()
    assert (post.kind, post.channel_id, post.outage_id) == (PostKind.ANNOUNCEMENT, 50, outage.id)
    here.posts.change(post.id, message_id=1, thread_id=77)
    over = replace(outage, phase=Phase.OVER, ended=START + 60)
    for _ in range(2):
        await here.write(over)
    assert [(post.kind, post.channel_id) for post in here.posts.all()][1:] == [(PostKind.SUMMARY, 77)]
    assert here.outages.get(outage.id) == over and {post.id for post in here.posts.all()} == set(here.disk.posts)


async def test_that_a_role_was_pinged_is_kept_with_the_announcement() -> None:
    here = Setting()
    outage = await here.write(ON)
    [post] = here.posts.all()
    here.posts.change(post.id, message_id=1)
    here.disk.posts[post.id] = replace(post, message_id=1)
    role = {5: replace(SERVERS[5], outage_role=9)}
    for _ in range(2):
        await here.steps.write(WatchStep(SERVICE, outage=outage), role)
    announced = here.posts.get(post.id)
    assert announced is not None and announced.pinged and announced == here.disk.posts[post.id]
    assert [post.kind for post in here.posts.all()] == [PostKind.ANNOUNCEMENT, PostKind.PING]


async def test_what_was_not_written_is_not_in_memory_either() -> None:
    here = Setting(Disk(fails=1))
    with pytest.raises(StoreError):
        await here.write(ON)
    assert here.outages.open() == [] and here.posts.all() == [] and here.errors == []


async def test_a_step_that_was_written_before_is_reported() -> None:
    class Ahead(Disk):
        async def write(self, step: WatchStep) -> WrittenStep:
            raise StoreError("not written") from WrittenAlreadyError("by somebody else")

    here = Setting(Ahead())
    with pytest.raises(StoreError) as error:
        await here.write(ON)
    assert here.errors == [error.value]
