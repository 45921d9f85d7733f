"""Settings of servers: checked, stored with the change log, and then applied."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from bot.core.errors import InvalidValueError, StoreError
from bot.core.guild_settings import Change, ChangeEntry, GuildSettings
from bot.usecases.servers.check_phrases import CheckPhrases
from bot.usecases.servers.configure_guild import LOG_LENGTH, ConfigureGuild, GuildCache
from bot.usecases.services import Services
from tests.resources import resources
from tests.usecases.fakes import a_service

GUILD, MODERATOR, NOW = 1, 77, 1000


class Store:
    """Keeps settings after a moment, as a database does."""

    def __init__(self) -> None:
        self.kept: dict[int, GuildSettings] = {}
        self.made: list[ChangeEntry] = []
        self.full = False

    async def all(self) -> Mapping[int, GuildSettings]:
        return self.kept

    async def save(self, guild_id: int, settings: GuildSettings, who: int, at: int, made: Sequence[Change]) -> None:
        await asyncio.sleep(0)
        if self.full:
            raise StoreError("no")
        self.kept[guild_id] = settings
        self.made += [ChangeEntry(at, who, change) for change in made]

    async def log(self, guild_id: int, limit: int) -> Sequence[ChangeEntry]:
        return self.made[::-1][:limit]


class Place:
    def __init__(self) -> None:
        self.store = Store()
        self.cache = GuildCache(self.store)
        languages, services = resources().languages, Services([a_service()])
        self.configure = ConfigureGuild(
            self.store, self.cache, services, languages, CheckPhrases(lambda: 0.0), lambda: NOW + 0.5
        )


@pytest.fixture
def place() -> Place:
    return Place()


async def test_a_change_is_in_force_stored_and_logged(place: Place) -> None:
    after = await place.configure.change(GUILD, MODERATOR, {"channels": ["5"], "cooldown": 60})
    assert place.cache.get(GUILD) == after == place.store.kept[GUILD]
    assert (after.channels, after.cooldown) == (frozenset({5}), 60)
    assert {(entry.at, entry.moderator_id, entry.change.field) for entry in await place.configure.log(GUILD)} == {
        (NOW, MODERATOR, "channels"),
        (NOW, MODERATOR, "cooldown"),
    }
    assert place.cache.get(2) == place.cache.get(None) == GuildSettings()


async def test_what_changes_nothing_is_not_logged(place: Place) -> None:
    await place.configure.change(GUILD, MODERATOR, {"cooldown": GuildSettings().cooldown})
    assert place.store.made == [] and place.store.kept == {}


@pytest.mark.parametrize(
    ("field", "value"), [("service", "nope"), ("language", "tlh"), ("cooldown", 1), ("colour", 1), ("channels", "all")]
)
async def test_a_wrong_value_is_refused_by_name_and_changes_nothing(place: Place, field: str, value: object) -> None:
    with pytest.raises(InvalidValueError) as error:
        await place.configure.change(GUILD, MODERATOR, {"outage_thread": False, field: value})
    assert error.value.field == field
    assert place.cache.get(GUILD) == GuildSettings() and place.store.kept == {}


async def test_a_service_and_a_language_that_there_are_can_be_chosen(place: Place) -> None:
    after = await place.configure.change(GUILD, MODERATOR, {"service": "examplia", "language": "de"})
    assert (after.service, after.language) == ("examplia", "de")


async def test_a_full_disk_leaves_all_as_it_was(place: Place) -> None:
    place.store.full = True
    with pytest.raises(StoreError):
        await place.configure.change(GUILD, MODERATOR, {"cooldown": 60})
    assert place.cache.get(GUILD) == GuildSettings()


async def test_two_moderators_at_once_lose_nothing(place: Place) -> None:
    await asyncio.gather(
        place.configure.change(GUILD, MODERATOR, {"cooldown": 60}),
        place.configure.change(GUILD, 78, {"person_cooldown": 60}),
    )
    assert (place.store.kept[GUILD].cooldown, place.store.kept[GUILD].person_cooldown) == (60, 60)


async def test_an_exported_document_can_be_taken_over(place: Place) -> None:
    await place.configure.change(GUILD, MODERATOR, {"channels": ["5"], "outage_channel": "6"})
    document = place.configure.export(GUILD)
    await place.configure.take_over(2, MODERATOR, document)
    assert place.cache.get(2) == place.cache.get(GUILD)
    with pytest.raises(InvalidValueError):
        await place.configure.take_over(2, MODERATOR, [document])


class Parts:
    """A server that has channel 5 alone."""

    def has_channel(self, channel_id: int) -> bool:
        return channel_id == 5

    has_place = has_writable_place = has_channel

    def has_role(self, role_id: int) -> bool:
        return False

    is_everybody = has_role


async def test_what_an_export_would_change_is_said_before_and_what_it_would_leave_out(place: Place) -> None:
    document = place.configure.export(2) | {"channels": ["5", "6"], "cooldown": 60}
    changes, left_out = await place.configure.compare(GUILD, document, Parts())
    assert {(change.field, str(change.after)) for change in changes} == {("channels", "['5']"), ("cooldown", "60")}
    assert left_out == ["channels"]
    assert place.store.kept == {}
    with pytest.raises(InvalidValueError):
        await place.configure.compare(GUILD, {"language": "tlh"}, Parts())


async def test_a_change_is_undone_while_nobody_has_changed_it_since(place: Place) -> None:
    await place.configure.change(GUILD, MODERATOR, {"cooldown": 60})
    await place.configure.undo(GUILD, 78, "cooldown", NOW)
    assert place.cache.get(GUILD).cooldown == GuildSettings().cooldown
    newest = (await place.configure.log(GUILD))[0]
    assert (newest.moderator_id, newest.change.before, newest.change.after) == (78, 60, 120)
    await place.configure.change(GUILD, MODERATOR, {"cooldown": 900})
    for name, at in (("cooldown", NOW + 1), ("wait", NOW), ("colour", NOW)):
        with pytest.raises(InvalidValueError, match="changed since"):
            await place.configure.undo(GUILD, 78, name, at)


async def test_who_was_ignored_is_not_in_the_log_so_it_cannot_be_undone(place: Place) -> None:
    await place.configure.change(GUILD, MODERATOR, {"ignored": ["1"]})
    with pytest.raises(InvalidValueError):
        await place.configure.undo(GUILD, MODERATOR, "ignored", NOW)


async def test_the_log_shows_the_newest_ten(place: Place) -> None:
    for pause in (60, 120, 300, 900) * 3:
        await place.configure.change(GUILD, MODERATOR, {"cooldown": pause})
    log = await place.configure.log(GUILD)
    assert len(log) == LOG_LENGTH == 10 and log[0].change.after == 900


async def test_only_servers_that_we_are_in_and_that_name_a_channel_are_told_of_outages(place: Place) -> None:
    place.store.kept = {1: GuildSettings(outage_channel=5), 2: GuildSettings(), 3: GuildSettings(outage_channel=6)}
    await place.cache.load()
    place.cache.left([3])
    assert set(place.cache.announced_to()) == {1}
    assert place.cache.get(3).outage_channel == 6, "its settings rest, they are not gone"
    place.cache.returned([3])
    assert set(place.cache.announced_to()) == {1, 3}
    place.cache.left([3])
    place.cache.forget(3)
    place.cache.put(3, GuildSettings(outage_channel=7))
    assert set(place.cache.announced_to()) == {1, 3}


def test_a_person_is_found_in_the_lists_of_whom_to_leave_alone(place: Place) -> None:
    for guild, ignored in ((9, {1}), (4, {1, 2}), (5, set[int]())):
        place.cache.put(guild, GuildSettings(ignored=frozenset(ignored)))
    found = [place.cache.ignoring(lambda guild, one=one: frozenset({one, 100 + guild})) for one in (1, 2, 3)]
    assert found == [[4, 9], [4], []]
    place.cache.put(6, GuildSettings(ignored=frozenset({106})))
    assert place.cache.ignoring(lambda guild: frozenset({100 + guild})) == [6]
