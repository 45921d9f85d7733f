"""`/privacy`: all data stored about a person, and nothing of it after deletion."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.board import Board
from bot.core.guild_settings import GuildSettings, changes
from bot.core.privacy import ReporterKey
from bot.core.recent_mentions import RecentMentions
from bot.core.reports import Report
from bot.core.talk import Talk
from bot.settings import Settings
from bot.stores import Stores, open_stores
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.post_cache import PostCache
from bot.usecases.outages.wait_for_recovery import WaitForRecovery
from bot.usecases.replies.notice_message import OptOutCache
from bot.usecases.replies.ports import RuleVote
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.upkeep.forget import Privacy
from tests.usecases.fakes import a_service

NOW = 1_700_000_000
ANN, BOB = 501, 502
KEY = ReporterKey(bytes(32))
SERVICE = a_service()


@pytest.fixture
async def stores(tmp_path: Path) -> AsyncIterator[Stores]:
    settings = Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}")
    async with open_stores(settings, [SERVICE.id]) as opened:
        yield opened


class Place:
    """A database and a memory in which two people are known."""

    def __init__(self, stores: Stores) -> None:
        self.stores, self.board, self.talk, self.recent = stores, Board(), Talk(), RecentMentions()
        self.guilds, self.opt_outs = GuildCache(stores.settings), OptOutCache(stores.opt_outs, KEY, lambda: NOW)
        posts = PostCache(OutageCache())
        self.waiting = WaitForRecovery(stores.subscribers, posts, lambda: NOW)
        self.published: list[int] = []
        talk = {SERVICE.id: self.talk}
        self.privacy = Privacy(
            stores.reports,
            stores.settings,
            self.opt_outs,
            self.guilds,
            self.waiting,
            self.board,
            talk,
            KEY,
            recent=self.recent,
            votes=stores.votes,
            forgotten=self.publish,
        )

    async def publish(self, reporter: int) -> None:
        """What the other processes hear."""
        self.published.append(reporter)

    async def meet(self, user_id: int, number: int) -> None:
        """Somebody who reports, moderates, waits, talks, and is on a list of whom to leave alone."""
        report = Report(number, SERVICE.id, 7, KEY.reporter(user_id), "login", NOW - 60, young=True)
        await self.stores.reports.append(report)
        self.board.mirror(SERVICE.id).add(report)
        self.talk.hear(report.reporter, NOW)
        after = GuildSettings(cooldown=60, ignored=frozenset({KEY.listed(user_id)}))
        await self.stores.settings.save(number, after, user_id, NOW, changes(GuildSettings(), after))
        self.guilds.put(number, after)
        await self.waiting.wait(SERVICE, user_id, 7, 70)


@pytest.fixture
async def place(stores: Stores) -> Place:
    made = Place(stores)
    await made.meet(ANN, 1)
    await made.meet(BOB, 2)
    return made


async def test_all_that_is_kept_is_shown_and_nothing_of_others(place: Place) -> None:
    kept = await place.privacy.show(ANN)
    assert (kept.reports, kept.changes, kept.opted_out, kept.waits, kept.ignored) == (1, 2, False, 1, 1)
    [report], [wait] = kept.document["reports"], kept.document["waits_for"]
    assert report == {"service": SERVICE.id, "at": NOW - 60, "symptom": "login", "server": "7", "young_account": True}
    assert wait == {"service": SERVICE.id, "at": NOW, "server": "7", "channel": "70"}
    made = {change["setting"]: change for change in kept.document["changes_as_moderator"]}
    assert made["cooldown"]["after"] == 60 and made["cooldown"]["at"] == NOW and set(made) == {"cooldown", "ignored"}
    assert kept.document["left_alone_in_servers"] == ["1"] and kept.document["no_auto_replies"] is False


async def test_a_stranger_is_told_that_nothing_is_kept(place: Place) -> None:
    kept = await place.privacy.show(999)
    assert (kept.reports, kept.changes, kept.opted_out, kept.waits, kept.ignored) == (0, 0, False, 0, 0)


async def test_deleted_is_deleted_on_the_disk_and_in_memory(place: Place) -> None:
    assert await place.privacy.delete(ANN) == 1
    assert await place.privacy.delete(ANN) == 0
    kept = await place.privacy.show(ANN)
    assert (kept.reports, kept.changes, kept.waits) == (0, 0, 0)
    assert place.board.tally(SERVICE.id, NOW, None).everywhere.day == 1
    assert place.talk.people(NOW) == 1
    assert set(place.published) == {KEY.reporter(ANN)}
    other = await place.privacy.show(BOB)
    assert (other.reports, other.changes, other.waits) == (1, 2, 1)


async def test_that_somebody_called_a_reply_wrong_is_shown_and_stays_for_its_time(place: Place) -> None:
    await place.stores.votes.add(RuleVote(7, "question", KEY.voter(ANN), NOW))
    await place.privacy.delete(ANN)
    kept = await place.privacy.show(ANN)
    assert kept.votes == 1 and kept.document["called_replies_wrong"] == [{"server": "7", "at": NOW}]
    assert (await place.privacy.show(BOB)).votes == 0


async def test_the_wish_to_be_left_alone_and_the_moderators_list_stay(place: Place) -> None:
    await place.opt_outs.set(ANN, out=True)
    await place.privacy.delete(ANN)
    kept = await place.privacy.show(ANN)
    assert kept.opted_out and kept.document["no_auto_replies"] is True and kept.ignored == 1
