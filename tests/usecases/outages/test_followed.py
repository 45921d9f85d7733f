"""The followed services: the default, chosen by servers, reported by people, or failing."""

from bot.core.board import Board
from bot.core.guild_settings import GuildSettings
from bot.core.outage_life import Outage, Phase
from bot.core.reports import DAY, Report
from bot.usecases.outages.cache import OutageCache
from bot.usecases.outages.followed import Followed
from bot.usecases.servers.configure_guild import GuildCache
from bot.usecases.services import Services
from tests.usecases.fakes import a_service

SERVICES = Services([a_service(one) for one in ("one", "two", "three", "four", "five")])


class World:
    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.guilds = GuildCache(None)  # type: ignore[arg-type]
        self.board, self.outages = Board(), OutageCache()
        self.followed = Followed(SERVICES, self.guilds, self.board, self.outages, lambda: self.now)

    def ids(self) -> list[str]:
        return [service.id for service in self.followed]


def test_without_servers_only_the_default_is_followed() -> None:
    assert World().ids() == ["one"]


def test_what_servers_chose_is_followed_while_we_are_there() -> None:
    world = World()
    world.guilds.put(1, GuildSettings(service="two", more_services=frozenset({"three", "gone"})))
    world.guilds.put(2, GuildSettings(service="two"))
    assert world.ids() == ["one", "two", "three"]
    world.guilds.left([1])
    assert world.ids() == ["one", "two"]
    world.guilds.returned([1])
    world.guilds.forget(2)
    assert world.ids() == ["one", "two", "three"]
    world.guilds.put(1, GuildSettings())
    assert world.ids() == ["one"]


def test_what_somebody_reported_is_followed_for_a_day_and_an_outage_to_its_end() -> None:
    world = World()
    world.board.mirror("four").add(Report(1, "four", 0, 7, None, int(world.now)))
    on = Outage("five", Phase.ON, int(world.now), id=1)
    world.outages.put(on)
    assert world.ids() == ["one", "four", "five"]
    world.now += DAY + 1
    assert world.ids() == ["one", "five"]
    world.outages.forget(1)
    assert world.ids() == ["one"]
