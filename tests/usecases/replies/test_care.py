"""Somebody in distress: left alone for hours, and moderators are told once."""

from types import SimpleNamespace
from typing import Any

from bot.core.distress import Distress, DistressWords
from bot.core.guild_settings import GuildSettings
from bot.core.privacy import ReporterKey
from bot.usecases.replies.care import LEFT_ALONE_FOR, Care
from bot.usecases.servers.configure_guild import GuildCache

GUILD, OTHER, CHANNEL, MESSAGE, ANN, BOB = range(1, 7)


class Told:
    """Takes what moderators are told, or refuses it."""

    def __init__(self) -> None:
        self.places = list[tuple[int, int, int | None]]()
        self.refuses = False

    async def tell_rule_off(self, guild_id: int, rule: str) -> bool:
        raise AssertionError("distress has nothing to do with it")

    async def tell_distress(self, guild_id: int, channel_id: int, message_id: int | None) -> bool:
        if not self.refuses:
            self.places.append((guild_id, channel_id, message_id))
        return not self.refuses


class Place:
    """Two servers, one of which named a channel."""

    def __init__(self) -> None:
        self.now, self.told = 1000.0, Told()
        nothing: Any = SimpleNamespace()
        guilds = GuildCache(nothing)
        guilds.put(GUILD, GuildSettings(distress_channel=9))
        words = Distress([DistressWords("en", ("want to die",))])
        self.care = Care(words, guilds, self.told, ReporterKey(bytes(32)), lambda: self.now)


def test_any_of_the_texts_may_say_it() -> None:
    care = Place().care
    assert care.hears("", "i want to die") and care.hears("want to die", "c.ai is down")
    assert not care.hears("", "c.ai is down") and not care.hears()


def test_somebody_is_left_alone_for_hours_in_that_server() -> None:
    place = Place()
    place.care.leave_alone(GUILD, ANN)
    assert place.care.is_left_alone(GUILD, ANN)
    assert not place.care.is_left_alone(GUILD, BOB) and not place.care.is_left_alone(OTHER, ANN)
    place.now += LEFT_ALONE_FOR
    assert not place.care.is_left_alone(GUILD, ANN)


async def test_moderators_are_told_of_each_person_once_in_some_hours_where_they_want_it() -> None:
    place = Place()
    for person in (ANN, ANN, BOB):
        await place.care.tell(GUILD, CHANNEL, MESSAGE, person)
        await place.care.tell(OTHER, CHANNEL, MESSAGE, person)
    assert place.told.places == [(GUILD, CHANNEL, MESSAGE)] * 2
    place.now += LEFT_ALONE_FOR
    await place.care.tell(GUILD, CHANNEL, None, ANN)
    assert place.told.places[2:] == [(GUILD, CHANNEL, None)]


async def test_what_could_not_be_told_is_told_the_next_time() -> None:
    place = Place()
    place.told.refuses = True
    await place.care.tell(GUILD, CHANNEL, MESSAGE, ANN)
    place.told.refuses = False
    await place.care.tell(GUILD, CHANNEL, MESSAGE, ANN)
    assert len(place.told.places) == 1
