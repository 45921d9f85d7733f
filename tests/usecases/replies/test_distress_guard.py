"""People in distress: no replies for hours, and moderators are notified once."""

from types import SimpleNamespace
from typing import Any

from bot.core.distress import Distress, DistressWords
from bot.core.guild_settings import GuildSettings
from bot.core.privacy import ReporterKey
from bot.usecases.replies.distress_guard import LEFT_ALONE_FOR, DistressGuard
from bot.usecases.servers.configure_guild import GuildCache

GUILD, OTHER, CHANNEL, MESSAGE, ANN, BOB = range(1, 7)


class RecordingModerators:
    """Takes what moderators are told, or refuses it."""

    def __init__(self) -> None:
        self.places = list[tuple[int, int, int | None]]()
        self.refuses = False

    async def notify_rule_off(self, guild_id: int, rule: str) -> bool:
        raise AssertionError("distress has nothing to do with it")

    async def notify_distress(self, guild_id: int, channel_id: int, message_id: int | None) -> bool:
        if not self.refuses:
            self.places.append((guild_id, channel_id, message_id))
        return not self.refuses


class Place:
    """Two servers, one of which named a channel."""

    def __init__(self) -> None:
        self.now, self.moderators = 1000.0, RecordingModerators()
        nothing: Any = SimpleNamespace()
        guilds = GuildCache(nothing)
        guilds.put(GUILD, GuildSettings(distress_channel=9))
        words = Distress([DistressWords("en", ("want to die",))])
        self.distress_guard = DistressGuard(words, guilds, self.moderators, ReporterKey(bytes(32)), lambda: self.now)


def test_any_of_the_texts_may_say_it() -> None:
    distress_guard = Place().distress_guard
    assert distress_guard.is_distress("", "i want to die") and distress_guard.is_distress("want to die", "c.ai is down")
    assert not distress_guard.is_distress("", "c.ai is down") and not distress_guard.is_distress()


def test_somebody_is_left_alone_for_hours_in_that_server() -> None:
    place = Place()
    place.distress_guard.leave_alone(GUILD, ANN)
    assert place.distress_guard.is_left_alone(GUILD, ANN)
    assert not place.distress_guard.is_left_alone(GUILD, BOB) and not place.distress_guard.is_left_alone(OTHER, ANN)
    place.now += LEFT_ALONE_FOR
    assert not place.distress_guard.is_left_alone(GUILD, ANN)


async def test_moderators_are_told_of_each_person_once_in_some_hours_where_they_want_it() -> None:
    place = Place()
    for person in (ANN, ANN, BOB):
        await place.distress_guard.notify_moderators(GUILD, CHANNEL, MESSAGE, person)
        await place.distress_guard.notify_moderators(OTHER, CHANNEL, MESSAGE, person)
    assert place.moderators.places == [(GUILD, CHANNEL, MESSAGE)] * 2
    place.now += LEFT_ALONE_FOR
    await place.distress_guard.notify_moderators(GUILD, CHANNEL, None, ANN)
    assert place.moderators.places[2:] == [(GUILD, CHANNEL, None)]


async def test_what_could_not_be_told_is_told_the_next_time() -> None:
    place = Place()
    place.moderators.refuses = True
    await place.distress_guard.notify_moderators(GUILD, CHANNEL, MESSAGE, ANN)
    place.moderators.refuses = False
    await place.distress_guard.notify_moderators(GUILD, CHANNEL, MESSAGE, ANN)
    assert len(place.moderators.places) == 1
